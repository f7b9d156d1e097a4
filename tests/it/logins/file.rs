//! `auth.json` with logins in it: the reference's files are used, and what a login is good for.

use pi::ai::Clock;
use pi::ai::http::HttpClient;
use pi::config::{AuthSource, Env, Paths, Registry, Sources};
use serde_json::{Value, json};

/// A registry over this `auth.json` and environment, at ten seconds past 1970.
fn registry(auth: &Value, variables: &[(&str, &str)]) -> Registry {
    let home = tempfile::tempdir().unwrap();
    let of_home = [("HOME", home.path().to_str().unwrap())];
    let env: Env = of_home.iter().chain(variables).copied().collect();
    let paths = Paths::new(&env, home.path());
    std::fs::create_dir_all(paths.agent_dir()).unwrap();
    std::fs::write(paths.auth(), auth.to_string()).unwrap();
    let (registry, problems) = Registry::load(Sources::new(&paths, env, Clock::fixed(10_000)));
    assert_eq!(problems, []);
    registry
}

/// As pi-coding-agent 0.73.1 and 1.5.2 write them.
fn of_the_reference() -> Value {
    let far = 4_000_000_000_000_i64;
    json!({
        "anthropic": {"type": "oauth", "refresh": "sk-ant-ort01-1", "access": "sk-ant-oat01-1", "expires": far},
        "openai-codex": {"type": "oauth", "access": "a.b.c", "refresh": "rt_1", "expires": far, "accountId": "acc"},
        "github-copilot": {"type": "oauth", "refresh": "ghu_1", "access": "tid=1;proxy-ep=proxy.business.githubcopilot.com;x=1",
            "expires": far, "enterpriseUrl": "company.ghe.com", "availableModelIds": ["gpt-6.1-sol"]},
        "openrouter": {"type": "oauth", "access": "sk-or-1", "refresh": "", "expires": 9_007_199_254_740_991_i64},
        "openai": {"type": "oauth", "access": "direct", "refresh": "rt_2", "expires": 4e12, "clientId": "client-1",
            "scopes": ["openid", "resource.invoke"]},
    })
}

#[tokio::test]
async fn logins_of_the_reference_are_used_as_they_are() {
    let registry = registry(&of_the_reference(), &[]);
    for (provider, token) in [
        ("anthropic", "sk-ant-oat01-1"),
        ("openai-codex", "a.b.c"),
        ("openrouter", "sk-or-1"),
        ("openai", "direct"),
    ] {
        let model = registry.models_of(provider)[0].clone();
        let auth = registry
            .auth_for(&model, &HttpClient::default())
            .await
            .unwrap();
        assert_eq!(auth.api_key.as_deref(), Some(token));
        assert_eq!(auth.base_url, None);
    }
}

#[tokio::test]
async fn copilot_goes_where_its_token_says_with_the_models_that_it_is_for() {
    let registry = registry(&of_the_reference(), &[]);
    let offered = registry.available();
    let copilot: Vec<&str> = offered
        .iter()
        .filter(|model| model.provider == "github-copilot")
        .map(|model| model.id.as_str())
        .collect();
    assert_eq!(copilot, ["gpt-6.1-sol"]);
    let model = registry.find("github-copilot", "gpt-6.1-sol").unwrap();
    let auth = registry
        .auth_for(&model, &HttpClient::default())
        .await
        .unwrap();
    assert_eq!(
        auth.base_url.as_deref(),
        Some("https://api.business.githubcopilot.com")
    );
}

#[tokio::test]
async fn a_token_of_githubs_own_goes_to_the_usual_place() {
    let registry = registry(&json!({}), &[("COPILOT_GITHUB_TOKEN", "token")]);
    let model = registry.find("github-copilot", "gpt-6.1-sol").unwrap();
    let auth = registry
        .auth_for(&model, &HttpClient::default())
        .await
        .unwrap();
    assert_eq!(
        (auth.api_key.as_deref(), auth.base_url),
        (Some("token"), None)
    );
    assert!(
        registry
            .available()
            .iter()
            .filter(|model| model.provider == "github-copilot")
            .count()
            > 1
    );
}

#[test]
fn a_login_comes_after_the_flag_and_before_the_environment_even_when_it_has_ended() {
    let ended =
        json!({"anthropic": {"type": "oauth", "access": "a", "refresh": "r", "expires": 1}});
    let mut registry = registry(&ended, &[("ANTHROPIC_API_KEY", "from-environment")]);
    assert_eq!(registry.auth_source("anthropic"), Some(AuthSource::File));
    registry.set_api_key("anthropic", "from-flag");
    assert_eq!(registry.auth_source("anthropic"), Some(AuthSource::Flag));
}

#[test]
fn tokens_are_masked_and_names_and_models_are_not() {
    let secrets = registry(&of_the_reference(), &[]).secrets();
    assert_eq!(
        secrets,
        [
            "a.b.c",
            "direct",
            "ghu_1",
            "rt_1",
            "rt_2",
            "sk-ant-oat01-1",
            "sk-ant-ort01-1",
            "sk-or-1",
            "tid=1;proxy-ep=proxy.business.githubcopilot.com;x=1",
        ]
    );
}
