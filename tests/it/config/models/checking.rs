//! What is said of fields that are wrong, misspelled or of no use.

use serde_json::json;

use super::{Home, MODELS};

/// What is said of a file, without its name.
fn said(file: &str) -> Vec<String> {
    let home = Home::new();
    home.write(MODELS, file);
    let (_, said) = home.registry();
    said.into_iter()
        .map(|line| line.replace(".pi/agent/models.json:", ""))
        .collect()
}

#[test]
fn limits_tiers_and_sampling_of_the_wrong_kind_cost_their_model() {
    let file = r#"{"providers": {"c": {"baseUrl": "http://c", "apiKey": "k", "api": "x", "models": [
{"id": "a", "cost": {"tiers": [{"inputTokensAbove": 5}]}},
{"id": "b", "cost": {"tiers": {}}, "promptCache": {"short": 0}, "samplingParams": []},
{"id": "c", "inputLimits": {"maxRequestBytes": 0.5, "images": {"resize": {"jpegQuality": 101, "maxWidth": "x"}}}},
{"id": "d", "samplingParamsByThinkingLevel": {"high": 1, "huge": {}}},
{"id": "e"}]}}}"#;
    assert_eq!(
        said(file),
        [
            "2:32: providers.c.models.0.cost.tiers.0.input: is needed",
            "2:32: providers.c.models.0.cost.tiers.0.output: is needed",
            "2:32: providers.c.models.0.cost.tiers.0.cacheRead: is needed",
            "2:32: providers.c.models.0.cost.tiers.0.cacheWrite: is needed",
            "3:22: providers.c.models.1.cost.tiers: should be an array, is an object",
            "3:52: providers.c.models.1.promptCache.short: should be more than 0, is 0",
            "3:65: providers.c.models.1.samplingParams: should be an object, is an array",
            "4:29: providers.c.models.2.inputLimits.maxRequestBytes: should be a whole number of 1 or more, is 0.5",
            "4:75: providers.c.models.2.inputLimits.images.resize.jpegQuality: should be a whole number from 1 to 100, is 101",
            "4:95: providers.c.models.2.inputLimits.images.resize.maxWidth: should be a whole number of 1 or more, is a string",
            "5:47: providers.c.models.3.samplingParamsByThinkingLevel.high: should be an object, is a number",
            "5:58: providers.c.models.3.samplingParamsByThinkingLevel.huge: \"huge\" is no thinking level; there are off, minimal, low, medium, high, xhigh, max",
        ]
    );
}

#[test]
fn switches_of_the_wrong_kind_cost_what_they_are_in_and_say_what_is_expected() {
    let file = json!({"providers": {"c": {"baseUrl": "http://c", "apiKey": "k", "api": "openai-completions", "models": [
        {"id": "a", "compat": {"supportsStore": "yes", "maxTokensField": "tokens", "cacheControlFormat": "x"}},
        {"id": "b", "compat": {"openRouterRouting": {"only": ["a", 1], "sort": {"by": 2}, "new": 1}}},
        {"id": "c", "compat": {"chatTemplateKwargs": {"a": {"$var": "thinking"}, "b": 1}, "vllmPriority": true}},
        {"id": "d", "compat": {"openRouterRouting": {"max_price": {"prompt": []}, "preferred_max_latency": {"p50": 1}}}},
        {"id": "good", "compat": {"supportsStore": null, "thinkingFormat": "ant-ling", "allowedFallbackModels": null}},
    ]}, "groq": {"compat": 5}}});
    let said: Vec<String> = said(&file.to_string())
        .into_iter()
        .filter_map(|line| Some(line.split_once(": ")?.1.to_owned()))
        .collect();
    assert_eq!(
        said,
        [
            "providers.c.models.0.compat.supportsStore: should be a boolean, is a string",
            "providers.c.models.0.compat.maxTokensField: should be one of \"max_completion_tokens\", \"max_tokens\"",
            "providers.c.models.0.compat.cacheControlFormat: should be \"anthropic\"",
            "providers.c.models.1.compat.openRouterRouting.only.1: should be a string, is a number",
            "providers.c.models.2.compat.chatTemplateKwargs.a.$var: should be one of \"thinking.enabled\", \"thinking.effort\", \"thinking.budget\"",
            "providers.c.models.2.compat.vllmPriority: should be a number, is a boolean",
            "providers.c.models.3.compat.openRouterRouting.max_price.prompt: should be a number or a string, is an array",
            "providers.groq.compat: should be an object, is a number",
        ]
    );
}

#[test]
fn what_nobody_knows_or_reads_is_told_and_costs_nothing() {
    let home = Home::new();
    home.write(
        MODELS,
        r#"{"$schema": 1, "providers": {
"c": {"baseURL": "http://c", "baseUrl": "http://c", "apiKey": "k", "api": "anthropic-messages", "oauth": "radius",
  "compat": {"supportStore": true, "colour": 1},
  "models": [{"id": "a", "contextWindows": 5, "future": 1, "compat": {"supportsStore": true, "reasoningEffortMap": {}, "supportsTemperature": false}}]},
"groq": {"modelOverrides": {"x": {"baseUrl": "http://x", "name": "X"}}}
}}"#,
    );
    let (registry, said) = home.registry();
    let expected = [
        "1:2: $schema: should be a string, is a number",
        "2:7: providers.c.baseURL: is not known; did you mean baseUrl?",
        "2:97: providers.c.oauth: the login \"radius\" is not offered here; give it an apiKey",
        "3:14: providers.c.compat.supportStore: is not known and has no effect; did you mean supportsStore?",
        "3:36: providers.c.compat.colour: is not known and has no effect",
        "4:26: providers.c.models.0.contextWindows: is not known; did you mean contextWindow?",
        "4:71: providers.c.models.0.compat.supportsStore: has no effect on anthropic-messages: it is for openai-completions",
        "4:94: providers.c.models.0.compat.reasoningEffortMap: has given way to the model's thinkingLevelMap",
        "5:35: providers.groq.modelOverrides.x.baseUrl: has no effect in modelOverrides",
    ];
    assert_eq!(
        said,
        expected.map(|text| format!(".pi/agent/models.json:{text}"))
    );
    assert!(registry.find("c", "a").is_some());
}

#[test]
fn a_key_or_a_name_alone_is_enough_where_the_models_come_from_elsewhere() {
    let file = json!({"providers": {
        "groq": {"apiKey": "k"}, "vllm": {"apiKey": "k"}, "mistral": {"name": "Mine"}, "acme": {"apiKey": "k"}}});
    let home = Home::new();
    home.write(MODELS, &file.to_string());
    let (registry, said) = home.registry();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("providers.acme: says nothing"), "{said:?}");
    assert!(
        registry
            .available()
            .iter()
            .any(|model| model.provider == "groq")
    );
    let servers = registry.local_servers(pi::ai::local::Kind::Vllm);
    assert_eq!(servers[0].api_key.as_deref(), Some("k"));
}

#[test]
fn addresses_that_lead_nowhere_cost_what_is_there_and_prices_below_nothing_cost_nothing() {
    let file = r#"{"providers": {
"a": {"baseUrl": "localhost:8080", "api": "openai-completions", "models": [{"id": "1"}]},
"b": {"baseUrl": "https://{HOST}/v1", "api": "openai-completions", "models": [
{"id": "1", "baseUrl": "http://[::1]:1/"},
{"id": "2", "baseUrl": "http://"},
{"id": "3", "baseUrl": "ftp://h"},
{"id": "4", "baseUrl": "http://h:99999/v1"},
{"id": "5", "baseUrl": "http://h/v1?x=1#f"},
{"id": "6", "cost": {"input": -1}},
{"id": "7", "baseUrl": "HTTPS://h", "cost": {"output": 1, "tiers": [{"inputTokensAbove": 5, "input": 1, "output": -2, "cacheRead": 0, "cacheWrite": 0}]}}]}}}"#;
    assert_eq!(
        said(file),
        [
            "2:7: providers.a.baseUrl: should begin with http:// or https:// and name a host",
            "5:13: providers.b.models.1.baseUrl: should begin with http:// or https:// and name a host",
            "6:13: providers.b.models.2.baseUrl: should begin with http:// or https:// and name a host",
            "7:13: providers.b.models.3.baseUrl: is no address of a server: invalid port number",
            "8:13: providers.b.models.4.baseUrl: should end before the ? or #: the API's path is added at its end",
            "9:22: providers.b.models.5.cost.input: should be 0 or more, is -1",
            "10:105: providers.b.models.6.cost.tiers.0.output: should be 0 or more, is -2",
        ]
    );
    let home = Home::new();
    home.write(MODELS, file);
    let (registry, _) = home.registry();
    let there = |provider: &str, id: &str| registry.find(provider, id).is_some();
    assert!(!there("a", "1"));
    let ids = ["1", "2", "3", "4", "5", "6", "7"].map(|id| there("b", id));
    assert_eq!(ids, [true, false, false, false, true, true, true]);
}

#[test]
fn headers_that_http_does_not_allow_and_windows_without_end_cost_what_they_are_in() {
    let file = r#"{"providers": {
"a": {"baseUrl": "http://a", "api": "openai-completions", "headers": {"x y": "1", "x-ok": "a\tb", "x-cmd": "!printf 'a\nb'"}, "models": [{"id": "1"}]},
"b": {"baseUrl": "http://b", "api": "openai-completions", "models": [
{"id": "1", "headers": {"x-a": "b\r\nx-c: d"}},
{"id": "2", "contextWindow": 1e300},
{"id": "3", "maxTokens": 1000000000}]}}}"#;
    assert_eq!(
        said(file),
        [
            "2:71: providers.a.headers.x y: is no name of a header: letters, digits and - may be in it",
            "4:25: providers.b.models.0.headers.x-a: should have no line breaks or control characters",
            "5:13: providers.b.models.1.contextWindow: should be at most 1000000000, is 1e+300",
        ]
    );
}

#[test]
fn what_is_there_twice_and_a_name_that_is_taken_are_told() {
    let file = r#"{"providers": {
"x": {"baseUrl": "http://old", "api": "openai-completions", "models": [{"id": "1"}]},
"x": {"baseUrl": "http://x", "api": "openai-completions",
  "models": [{"id": "1"}],
  "models": [{"id": "2", "name": "A", "name": "B", "compat": {"chatTemplateKwargs": {"a": 1, "a": 2}}}]},
"demo": {"baseUrl": "http://d", "api": "openai-completions", "models": [{"id": "1"}]}}}"#;
    assert_eq!(
        said(file),
        [
            "3:1: providers.x: is there twice; the last one counts",
            "5:3: providers.x.models: is there twice; the last one counts",
            "5:39: providers.x.models.0.name: is there twice; the last one counts",
            "6:1: providers.demo: the name is taken by the demo; choose another one",
        ]
    );
    let home = Home::new();
    home.write(MODELS, file);
    let (registry, _) = home.registry();
    assert!(registry.find("x", "2").is_some());
    assert!(registry.find("demo", "1").is_none());
}
