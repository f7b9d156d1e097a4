//! What a model of one's own says, and how changes go over what is known of a model.

use pi::ai::ThinkingLevel;
use pi::ai::catalog;
use serde_json::{Value, json};

use super::{Home, MODELS};

/// A model as it is shown to programs, some fields of it.
fn fields(home: &Home, provider: &str, id: &str, names: &[&str]) -> Value {
    let (registry, said) = home.registry();
    assert_eq!(said, Vec::<String>::new());
    let model = serde_json::to_value(&*registry.find(provider, id).unwrap()).unwrap();
    let listed = registry.models_of(provider);
    let listed = listed.iter().find(|model| model.id == id).unwrap();
    assert_eq!(serde_json::to_value(&**listed).unwrap(), model);
    names.iter().map(|name| model[*name].clone()).collect()
}

#[test]
fn a_model_says_prices_of_long_requests_cache_lifetimes_limits_and_sampling() {
    let home = Home::new();
    let tiers = json!([{"inputTokensAbove": 200_000, "input": 2.0, "output": 4.0, "cacheRead": 0.2, "cacheWrite": 0.0}]);
    let limits = json!({"maxRequestBytes": 9_000_000, "images": {
        "resize": {"maxWidth": 100, "maxHeight": 50, "maxBytes": 5000, "jpegQuality": 75},
        "maxPerMessage": 4, "maxPerRequest": 20}});
    let by_level = json!({"off": {"temperature": 0.7}, "max": {"top_k": 20}});
    let model = json!({
        "id": "m", "cost": {"input": 1.0, "output": 2.0, "cacheRead": 0.1, "cacheWrite": 0.0, "tiers": tiers},
        "promptCache": {"short": 300, "long": 3600}, "inputLimits": limits,
        "samplingParams": {"temperature": 1.0, "stop": null}, "samplingParamsByThinkingLevel": by_level,
    });
    let file = json!({"$schema": "https://pi.dev/schemas/models.schema.json", "providers": {"box": {
        "name": "Box", "baseUrl": "http://h", "api": "openai-completions", "models": [model]}}});
    home.write(MODELS, &file.to_string());
    let names = [
        "cost",
        "promptCache",
        "inputLimits",
        "samplingParams",
        "samplingParamsByThinkingLevel",
    ];
    let expected: Vec<&Value> = names.iter().map(|name| &model[*name]).collect();
    assert_eq!(fields(&home, "box", "m", &names), json!(expected));
}

#[test]
fn objects_are_changed_field_by_field_and_everything_else_as_a_whole() {
    let home = Home::new();
    let routing = json!({"openRouterRouting": {"only": ["a"], "zdr": true}});
    let changes = |more: Value| json!({"providers": {"openrouter": {"compat": routing, "modelOverrides": {"openai/gpt-5": more}}}});
    home.write(MODELS, &changes(json!({})).to_string());
    let (registry, _) = home.registry();
    let before = registry.find("openrouter", "openai/gpt-5").unwrap();
    let change = json!({
        "input": ["text"], "thinkingLevelMap": {"off": null},
        "cost": {"output": 9, "tiers": []}, "promptCache": {"long": 60},
        "inputLimits": {"images": {"resize": {"maxWidth": 10}}},
        "samplingParams": {"temperature": 0}, "samplingParamsByThinkingLevel": {"high": {"top_p": 1}},
        "compat": {"openRouterRouting": {"only": ["b"]}},
    });
    home.write(MODELS, &changes(change).to_string());
    let (registry, said) = home.registry();
    assert_eq!(said, Vec::<String>::new());
    let after = registry.find("openrouter", "openai/gpt-5").unwrap();
    let mut expected = pi::ai::Model::clone(&before);
    expected.input.truncate(1);
    expected.thinking_level_map.insert(ThinkingLevel::Off, None);
    expected.cost.output = 9.0;
    expected.cost.tiers = Vec::new();
    expected.prompt_cache.long = Some(60);
    expected.input_limits =
        serde_json::from_value(json!({"images": {"resize": {"maxWidth": 10}}})).unwrap();
    expected.sampling_params = serde_json::from_value(json!({"temperature": 0})).unwrap();
    expected.sampling_params_by_thinking_level =
        serde_json::from_value(json!({"high": {"top_p": 1}})).unwrap();
    expected.compat.insert(
        "openRouterRouting".into(),
        json!({"only": ["b"], "zdr": true}),
    );
    assert_eq!(*after, expected);
}

#[test]
fn tiers_are_kept_by_changes_that_do_not_name_them() {
    let home = Home::new();
    let mut all = catalog::providers().flat_map(catalog::models);
    let tiered = all.find(|model| !model.cost.tiers.is_empty()).unwrap();
    let change = json!({"providers": {&tiered.provider: {"modelOverrides": {&tiered.id: {"cost": {"input": 7}}}}}});
    home.write(MODELS, &change.to_string());
    let cost = fields(&home, &tiered.provider, &tiered.id, &["cost"]);
    assert_eq!(cost[0]["input"], 7.0);
    assert_eq!(cost[0]["tiers"], json!(tiered.cost.tiers));
}
