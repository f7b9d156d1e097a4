//! `models.json`: the user's own providers, and changes to those of the catalogue.

mod changes;
mod checking;
mod newer;
mod reloading;

use pi::ai::http::HttpClient;
use pi::ai::{InputKind, ThinkingLevel};
use pi::config::AuthSource;
use serde_json::json;

use super::{Home, read};

const MODELS: &str = ".pi/agent/models.json";

#[tokio::test]
async fn a_local_server_needs_no_more_than_an_address_an_api_and_an_id() {
    let home = Home::new();
    home.write(
        MODELS,
        r#"{"providers": {"ollama": { // at home
            "baseUrl": "http://localhost:11434/v1", "api": "openai-completions", "apiKey": "ollama",
            "compat": {"supportsDeveloperRole": false, "openRouterRouting": {"zdr": true, "sort": "price"}},
            "models": [{"id": "qwen:7b"}, {"id": "big", "name": "Big", "reasoning": true, "input": ["text", "image"],
              "contextWindow": 9000, "maxTokens": 900, "cost": {"input": 1, "output": 2, "cacheRead": 3, "cacheWrite": 4},
              "thinkingLevelMap": {"off": null, "xhigh": "max"}, "compat": {"supportsStore": true, "openRouterRouting": {"zdr": false}},}]
        }}}"#,
    );
    let (registry, said) = home.registry();
    assert_eq!(said, Vec::<String>::new());
    let small = registry.find("ollama", "qwen:7b").unwrap();
    assert_eq!(
        serde_json::to_value(&*small).unwrap(),
        json!({
            "id": "qwen:7b", "name": "qwen:7b", "api": "openai-completions", "provider": "ollama",
            "baseUrl": "http://localhost:11434/v1", "reasoning": false, "input": ["text"],
            "cost": {"input": 0.0, "output": 0.0, "cacheRead": 0.0, "cacheWrite": 0.0},
            "contextWindow": 128000, "maxTokens": 16384,
            "compat": {"supportsDeveloperRole": false, "openRouterRouting": {"zdr": true, "sort": "price"}},
        })
    );
    let big = registry.find("ollama", "big").unwrap();
    assert_eq!(
        (big.context_window, big.max_tokens, big.cost.cache_write),
        (9000, 900, 4.0)
    );
    assert_eq!(big.input, [InputKind::Text, InputKind::Image]);
    assert!(!big.thinking_levels().contains(&ThinkingLevel::Off));
    assert_eq!(
        serde_json::to_value(&big.compat).unwrap(),
        json!({"supportsDeveloperRole": false, "openRouterRouting": {"zdr": false, "sort": "price"}, "supportsStore": true})
    );
    assert_eq!(registry.models_of("ollama"), [small.clone(), big]);
    assert_eq!(
        registry
            .auth_for(&small, &HttpClient::default())
            .await
            .unwrap()
            .api_key
            .as_deref(),
        Some("ollama")
    );
    let available: Vec<String> = registry
        .available()
        .iter()
        .map(|model| model.full_id())
        .collect();
    assert_eq!(available, ["ollama/qwen:7b", "ollama/big"]);
}

#[tokio::test]
async fn a_provider_of_the_catalogue_can_be_rerouted_and_its_models_changed() {
    let home = Home::with_env(&[("ANTHROPIC_API_KEY", "k")]);
    home.write(
        MODELS,
        r#"{"providers": {"anthropic": {"baseUrl": "https://proxy.example/v1", "headers": {"x-team": "blue"},
            "modelOverrides": {
              "claude-opus-5-5": {"name": "Ours", "cost": {"output": 1}, "headers": {"x-model": "TEAM"}, "compat": {"supportsLongCacheRetention": false}},
              "no-such-model": {"name": "x"}},
            "models": [{"id": "claude-haiku-5-5", "name": "Replaced"}, {"id": "claude-new"}]}}}"#,
    );
    let (registry, said) = home.registry();
    assert_eq!(said, Vec::<String>::new());
    let before = pi::ai::catalog::find("anthropic", "claude-opus-5-5").unwrap();
    let opus = registry.find("anthropic", "claude-opus-5-5").unwrap();
    assert_eq!(
        (opus.name.as_str(), opus.base_url.as_str()),
        ("Ours", "https://proxy.example/v1")
    );
    assert_eq!(
        (opus.cost.input, opus.cost.output),
        (before.cost.input, 1.0)
    );
    assert_eq!(
        opus.compat.get("supportsLongCacheRetention"),
        Some(&json!(false))
    );
    let auth = registry
        .auth_for(&opus, &HttpClient::default())
        .await
        .unwrap();
    let headers: Vec<_> = auth
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(headers, [("x-model", "TEAM"), ("x-team", "blue")]);
    assert_eq!(auth.api_key.as_deref(), Some("k"));

    let models = registry.models_of("anthropic");
    assert_eq!(models.len(), pi::ai::catalog::models("anthropic").len() + 1);
    let names = |id: &str| {
        models
            .iter()
            .filter(|m| m.id == id)
            .map(|m| m.name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("claude-haiku-5-5"), ["Replaced"]);
    assert_eq!(names("claude-new"), ["claude-new"]);
    assert_eq!(models.last().unwrap().api, "anthropic-messages");
    for model in &models {
        assert_eq!(registry.find("anthropic", &model.id).as_ref(), Some(model));
    }
}

#[tokio::test]
async fn keys_and_headers_are_resolved_anew_for_every_request() {
    let home = Home::with_env(&[("TEAM", "red")]);
    let counter = home.path("count");
    let command = format!("!echo x >> '{0}'; wc -l < '{0}'", counter.display());
    let models = json!({"providers": {"gate": {
        "baseUrl": "http://127.0.0.1:1", "api": "openai-completions", "apiKey": command, "authHeader": true,
        "headers": {"x-team": "$TEAM", "X-Plain": "swordfish"},
        "models": [{"id": "m", "headers": {"x-plain": "of-the-model"}}],
    }}});
    home.write(MODELS, &models.to_string());
    let (registry, said) = home.registry();
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(registry.auth_source("gate"), Some(AuthSource::Models));
    let model = registry.find("gate", "m").unwrap();
    assert!(!counter.exists());
    for round in ["1", "2"] {
        let auth = registry
            .auth_for(&model, &HttpClient::default())
            .await
            .unwrap();
        assert_eq!(auth.api_key.as_deref(), Some(round));
        let headers: Vec<_> = auth.headers.into_iter().collect();
        let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            headers,
            [
                own("Authorization", &format!("Bearer {round}")),
                own("x-plain", "of-the-model"),
                own("x-team", "red")
            ]
        );
        assert!(!format!("{registry:?}").contains("swordfish"));
    }
    assert_eq!(read(&counter), "x\nx\n");
}

#[tokio::test]
async fn a_header_that_cannot_be_resolved_is_named() {
    let home = Home::new();
    home.write(
        MODELS,
        r#"{"providers": {"gate": {"baseUrl": "http://h", "api": "a", "apiKey": "k", "headers": {"x-t": "!false"}, "models": [{"id": "m"}]}}}"#,
    );
    let (registry, _) = home.registry();
    let model = registry.find("gate", "m").unwrap();
    let error = registry
        .auth_for(&model, &HttpClient::default())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the header x-t of gate/m: its command failed (exit status: 1)"
    );
}

#[tokio::test]
async fn a_server_without_a_key_is_used_without_one() {
    let home = Home::new();
    home.write(
        MODELS,
        r#"{"providers": {"here": {"baseUrl": "http://127.0.0.1:8080", "api": "openai-completions", "models": [{"id": "m"}]}}}"#,
    );
    let (registry, _) = home.registry();
    assert_eq!(registry.auth_source("here"), Some(AuthSource::Keyless));
    let model = registry.find("here", "m").unwrap();
    assert_eq!(
        registry
            .auth_for(&model, &HttpClient::default())
            .await
            .unwrap()
            .api_key,
        None
    );
}

#[test]
fn what_is_wrong_is_named_by_file_line_and_field_and_costs_no_more_than_it_must() {
    let home = Home::new();
    home.write(
        MODELS,
        r#"{"providers": {
"a": {"baseUrl": 5, "api": "x", "models": [{"id": "m"}]},
"b": {"api": "x", "models": [{"id": "m"}]},
"c": {"baseUrl": "http://c", "apiKey": "k", "models": [
  {"id": "no-api"},
  {"api": "x"},
  {"id": "bad", "api": "x", "contextWindow": 0, "input": ["sound"], "cost": {"input": "free"}},
  {"id": "levels", "api": "x", "thinkingLevelMap": {"huge": "x"}},
  {"id": "good", "api": "x"}]},
"d": {},
"e": [],
"groq": {"modelOverrides": {"x": {"reasoning": "yes"}}, "baseUrl": "http://groq"}
}}"#,
    );
    let (registry, said) = home.registry();
    let expected = [
        "2:7: providers.a.baseUrl: should be a string, is a number",
        "3:1: providers.b.baseUrl: is needed for a provider with models of its own",
        "5:3: providers.c.models.0.api: is needed here or at the provider, such as \"openai-completions\"",
        "6:3: providers.c.models.1.id: is needed",
        "7:29: providers.c.models.2.contextWindow: should be more than 0, is 0",
        "7:49: providers.c.models.2.input: should hold \"text\" and \"image\" only",
        "7:78: providers.c.models.2.cost.input: should be a number, is a string",
        "8:32: providers.c.models.3.thinkingLevelMap: \"huge\" is no thinking level; there are off, minimal, low, medium, high, xhigh, max",
        "10:1: providers.d: says nothing: give it baseUrl, headers, compat, models or modelOverrides",
        "11:1: providers.e: should be an object, is an array",
        "12:35: providers.groq.modelOverrides.x.reasoning: should be a boolean, is a string",
    ];
    assert_eq!(
        said,
        expected.map(|text| format!(".pi/agent/models.json:{text}"))
    );
    let left: Vec<String> = registry
        .available()
        .iter()
        .map(|model| model.full_id())
        .collect();
    assert_eq!(left, ["c/good"]);
    assert!(
        registry
            .models_of("groq")
            .iter()
            .all(|model| model.base_url == "http://groq")
    );
}

#[test]
fn a_broken_file_leaves_the_catalogue() {
    let home = Home::with_env(&[("GROQ_API_KEY", "k")]);
    home.write(MODELS, "{\"providers\": {");
    let (registry, said) = home.registry();
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with(".pi/agent/models.json:1:"), "{said:?}");
    assert!(
        registry
            .available()
            .iter()
            .all(|model| model.provider == "groq")
    );
}

#[tokio::test]
async fn an_address_with_a_gap_is_filled_from_the_environment_or_refused() {
    let home = Home::with_env(&[("CLOUDFLARE_API_KEY", "k")]);
    let (registry, _) = home.registry();
    let model = registry.models_of("cloudflare-workers-ai").remove(0);
    let error = registry
        .auth_for(&model, &HttpClient::default())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cloudflare-workers-ai needs the environment variable CLOUDFLARE_ACCOUNT_ID"
    );
    let home = Home::with_env(&[("CLOUDFLARE_API_KEY", "k"), ("CLOUDFLARE_ACCOUNT_ID", "me")]);
    let (registry, _) = home.registry();
    let model = registry.find("cloudflare-workers-ai", &model.id).unwrap();
    assert!(
        model.base_url.contains("/accounts/me/"),
        "{}",
        model.base_url
    );
    assert!(
        registry
            .auth_for(&model, &HttpClient::default())
            .await
            .is_ok()
    );
}
