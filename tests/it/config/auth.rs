//! `auth.json`, and which credential is used.

use std::fs;

use pi::ai::http::HttpClient;
use pi::config::{AuthError, AuthSource, Registry};

use super::{Home, read};

const AUTH: &str = ".pi/agent/auth.json";

/// The key that a request to Anthropic would carry.
async fn key(home: &Home) -> Result<Option<String>, String> {
    let (registry, _) = home.registry();
    let model = registry.find("anthropic", "claude-opus-5-5").unwrap();
    let auth = registry.auth_for(&model, &HttpClient::default()).await;
    auth.map(|auth| auth.api_key)
        .map_err(|error| error.to_string())
}

#[tokio::test]
async fn the_flag_beats_the_file_and_the_file_beats_the_environment() {
    let home = Home::with_env(&[("ANTHROPIC_API_KEY", "from-env")]);
    assert_eq!(key(&home).await, Ok(Some("from-env".into())));
    home.write(
        AUTH,
        r#"{"anthropic": {"type": "api_key", "key": "from-file"}}"#,
    );
    assert_eq!(key(&home).await, Ok(Some("from-file".into())));
    let (mut registry, _) = home.registry();
    registry.set_api_key("anthropic", "from-flag");
    let model = registry.find("anthropic", "claude-opus-5-5").unwrap();
    let auth = registry
        .auth_for(&model, &HttpClient::default())
        .await
        .unwrap();
    assert_eq!(auth.api_key.as_deref(), Some("from-flag"));
    assert_eq!(
        registry.reload().0.auth_source("anthropic"),
        Some(AuthSource::Flag)
    );
}

#[tokio::test]
async fn a_key_may_be_itself_a_variable_or_a_command() {
    for (written, expected) in [
        ("sk-plain", Ok("sk-plain")),
        ("MY_KEY", Ok("from-variable")),
        ("$MY_KEY", Ok("from-variable")),
        ("pre-${MY_KEY}-$$", Ok("pre-from-variable-$")),
        ("!printf ' from-%s\\n' command", Ok("from-command")),
        (
            "!exit 3",
            Err("the API key of anthropic: its command failed (exit status: 3)"),
        ),
        (
            "!true",
            Err("the API key of anthropic: its command printed nothing"),
        ),
        (
            "$NO_KEY",
            Err("the API key of anthropic: the environment variable NO_KEY is not set"),
        ),
    ] {
        let home = Home::with_env(&[("MY_KEY", "from-variable")]);
        let entry = serde_json::json!({"anthropic": {"type": "api_key", "key": written}});
        home.write(AUTH, &entry.to_string());
        let expected = expected
            .map(|key| Some(key.to_owned()))
            .map_err(str::to_owned);
        assert_eq!(key(&home).await, expected, "{written}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_a_command_leaves_running_is_neither_waited_for_nor_killed() {
    let home = Home::new();
    let place = |name: &str| home.path(name).display().to_string();
    let (goes, comes) = (place("goes"), place("comes"));
    let command = format!(
        "!mkfifo '{goes}' '{comes}'; (read x < '{goes}'; echo $x > '{comes}') & echo the-key"
    );
    let entry = serde_json::json!({"anthropic": {"type": "api_key", "key": command}});
    home.write(AUTH, &entry.to_string());
    assert_eq!(key(&home).await, Ok(Some("the-key".into())));
    // It holds the output open still, and is there.
    std::fs::write(goes, "alive\n").unwrap();
    assert_eq!(std::fs::read_to_string(comes).unwrap(), "alive\n");
}

#[tokio::test]
async fn a_command_of_the_file_runs_once_even_across_a_reload() {
    let home = Home::new();
    let log = home.path("runs");
    let command = format!("!echo x >> '{}'; echo key", log.display());
    let entry = serde_json::json!({"anthropic": {"type": "api_key", "key": command}});
    home.write(AUTH, &entry.to_string());
    let (registry, _) = home.registry();
    let model = registry.find("anthropic", "claude-opus-5-5").unwrap();
    assert_eq!(registry.auth_source("anthropic"), Some(AuthSource::File));
    assert!(
        !log.exists(),
        "asking where the key comes from ran the command"
    );
    registry
        .auth_for(&model, &HttpClient::default())
        .await
        .unwrap();
    registry
        .auth_for(&model, &HttpClient::default())
        .await
        .unwrap();
    registry
        .reload()
        .0
        .auth_for(&model, &HttpClient::default())
        .await
        .unwrap();
    assert_eq!(read(&log), "x\n");
}

#[tokio::test]
async fn without_a_credential_the_error_says_how_to_get_one() {
    let home = Home::new();
    let said = key(&home).await.unwrap_err();
    assert_eq!(
        said,
        "no API key for anthropic: set ANTHROPIC_API_KEY, put a key into auth.json, or log in with /login anthropic or pi auth login anthropic"
    );
    let missing = |provider: &str, variables: &[&str]| AuthError::Missing {
        provider: provider.into(),
        variables: variables.iter().map(|name| (*name).into()).collect(),
    };
    assert_eq!(
        missing("groq", &["GROQ_API_KEY"]).to_string(),
        "no API key for groq: set GROQ_API_KEY, or put a key into auth.json (/login in the terminal does it)"
    );
    // What is good with an account alone has no key to set.
    assert_eq!(
        missing("openai-codex", &[]).to_string(),
        "no login for openai-codex: log in with /login openai-codex or pi auth login openai-codex"
    );
}

#[tokio::test]
async fn anthropics_bearer_token_goes_into_the_header() {
    let home = Home::with_env(&[("ANTHROPIC_AUTH_TOKEN", "tok"), ("ANTHROPIC_API_KEY", "no")]);
    let (registry, _) = home.registry();
    let model = registry.find("anthropic", "claude-opus-5-5").unwrap();
    let auth = registry
        .auth_for(&model, &HttpClient::default())
        .await
        .unwrap();
    assert_eq!(auth.api_key, None);
    assert_eq!(
        auth.headers.get("Authorization").map(String::as_str),
        Some("Bearer tok")
    );
}

#[tokio::test]
async fn a_bearer_token_is_enough_where_the_key_goes_into_the_same_header() {
    let models =
        r#"{"providers": {"anthropic": {"baseUrl": "http://localhost:1", "authHeader": true}}}"#;
    for (variable, api_key, bearer) in [
        ("ANTHROPIC_AUTH_TOKEN", None, "Bearer tok"),
        ("ANTHROPIC_API_KEY", Some("tok"), "Bearer tok"),
    ] {
        let home = Home::with_env(&[(variable, "tok")]);
        home.write(".pi/agent/models.json", models);
        let (registry, said) = home.registry();
        assert_eq!(said, [""; 0]);
        let model = registry.find("anthropic", "claude-opus-5-5").unwrap();
        let auth = registry.auth_for(&model, &HttpClient::default()).await;
        let auth = auth.unwrap();
        assert_eq!(auth.api_key.as_deref(), api_key);
        assert_eq!(auth.headers["Authorization"], bearer);
    }
}

#[tokio::test]
async fn a_key_that_is_typed_is_the_key_whatever_is_in_it() {
    let home = Home::with_env(&[("NAMED", "by-name")]);
    for (typed, key) in [
        ("s3cr$tPass", "s3cr$tPass"),
        ("$tPass", "$tPass"),
        ("a$$b", "a$$b"),
        ("${", "${"),
        ("pa!ss", "pa!ss"),
        ("$!x", "$!x"),
        // As in the reference: what a key may stand for in the file.
        ("$NAMED", "by-name"),
        ("${NAMED}", "by-name"),
        ("!echo printed", "printed"),
    ] {
        let (mut registry, _) = home.registry();
        registry.auth_file().set_api_key("groq", typed).unwrap();
        let (registry, said) = home.registry();
        assert_eq!(said, [""; 0]);
        let model = registry.models_of("groq")[0].clone();
        let auth = registry.auth_for(&model, &HttpClient::default()).await;
        assert_eq!(auth.unwrap().api_key.as_deref(), Some(key), "{typed}");
        assert!(registry.secrets().contains(&key.to_owned()), "{typed}");
    }
}

#[tokio::test]
async fn what_may_be_a_part_of_a_key_is_not_told() {
    let home = Home::new();
    for (written, told) in [
        (
            "s3cr$tPass",
            "an environment variable that it names is not set",
        ),
        ("$NAMED", "the environment variable NAMED is not set"),
        ("s3cr${NAMED}", "the environment variable NAMED is not set"),
    ] {
        let entry = serde_json::json!({"groq": {"type": "api_key", "key": written}});
        home.write(AUTH, &entry.to_string());
        let (registry, _) = home.registry();
        let model = registry.models_of("groq")[0].clone();
        let auth = registry.auth_for(&model, &HttpClient::default()).await;
        let error = auth.unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
        assert!(
            !error.contains("tPass") && !error.contains("s3cr"),
            "{error}"
        );
    }
}

#[test]
fn a_key_is_stored_once_whoever_holds_the_file_has_done_and_others_write_meanwhile() {
    let home = Home::new();
    let file = home.write(AUTH, "{}");
    let mark = file.with_file_name("auth.json.lock");
    fs::create_dir(&mark).unwrap();
    let (mut registry, _) = home.registry();
    let (done, stored) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        done.send(registry.auth_file().set_api_key("groq", "gsk"))
            .unwrap();
    });
    let early = stored.recv_timeout(std::time::Duration::from_millis(800));
    assert!(early.is_err(), "it was not waited for: {early:?}");
    let settings = file.with_file_name("settings.json");
    let value = Some(serde_json::json!("dark"));
    pi::config::edit::set(
        &settings,
        &["theme"],
        value,
        pi::config::edit::Privacy::Shared,
    )
    .unwrap();
    fs::remove_dir(&mark).unwrap();
    assert_eq!(stored.recv().unwrap(), Ok(()));
    assert!(read(&file).contains("gsk"));
}

#[tokio::test]
async fn a_login_that_pi_cannot_renew_is_used_until_it_ends() {
    let home = Home::new();
    let login = |expires: i64| {
        let entry = serde_json::json!({"groq": {"type": "oauth", "access": "token", "refresh": "r", "expires": expires}});
        home.write(AUTH, &entry.to_string());
        home.registry().0
    };
    let key = async |registry: Registry| {
        let model = registry.models_of("groq")[0].clone();
        let auth = registry.auth_for(&model, &HttpClient::default()).await;
        auth.map(|auth| auth.api_key)
    };
    assert_eq!(key(login(1001)).await, Ok(Some("token".into())));
    let error = key(login(999)).await.unwrap_err();
    assert_eq!(error, AuthError::Expired("groq".into()));
}

#[test]
fn storing_a_key_keeps_every_other_entry_and_closes_the_file_to_others() {
    let home = Home::new();
    let file = home.write(AUTH, r#"{"copilot": {"type": "oauth", "refresh": "r", "custom": [1]}, "later": {"type": "passkey"}}"#);
    let (mut registry, said) = home.registry();
    assert_eq!(said, Vec::<String>::new());
    registry.auth_file().set_api_key("groq", "gsk").unwrap();
    assert_eq!(registry.auth_source("groq"), Some(AuthSource::File));
    let stored: serde_json::Value = serde_json::from_str(&read(&file)).unwrap();
    assert_eq!(
        stored,
        serde_json::json!({
            "copilot": {"type": "oauth", "refresh": "r", "custom": [1]},
            "later": {"type": "passkey"},
            "groq": {"type": "api_key", "key": "gsk"},
        })
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    registry.auth_file().remove("groq").unwrap();
    assert_eq!(registry.auth_source("groq"), None);
    assert!(!read(&file).contains("gsk"));
}

#[test]
fn a_new_key_leaves_what_else_its_entry_says_and_nothing_of_a_login() {
    let home = Home::new();
    let file = home.write(
        AUTH,
        r#"{"azure": {"type": "api_key", "key": "old", "env": {"AZURE_OPENAI_RESOURCE_NAME": "r"}},
            "xai": {"type": "oauth", "access": "a", "refresh": "r", "expires": 1}}"#,
    );
    let (mut registry, _) = home.registry();
    registry.auth_file().set_api_key("azure", "new").unwrap();
    registry.auth_file().set_api_key("xai", "new").unwrap();
    let stored: serde_json::Value = serde_json::from_str(&read(&file)).unwrap();
    assert_eq!(
        stored,
        serde_json::json!({
            "azure": {"type": "api_key", "key": "new", "env": {"AZURE_OPENAI_RESOURCE_NAME": "r"}},
            "xai": {"type": "api_key", "key": "new"},
        })
    );
}

#[test]
fn a_bad_entry_is_reported_without_its_secret_and_a_broken_file_is_not_touched() {
    let home = Home::new();
    home.write(AUTH, r#"{"groq": {"type": "api_key", "key": 42}, "xai": "sk-secret", "zai": {"type": "api_key", "key": "k"}}"#);
    let (registry, said) = home.registry();
    assert_eq!(
        said,
        [
            ".pi/agent/auth.json:1:30: groq.key: should be a string, is a number",
            ".pi/agent/auth.json:1:42: xai: should be an object, is a string",
        ]
    );
    assert_eq!(registry.auth_source("zai"), Some(AuthSource::File));
    let shown = format!("{registry:?}");
    assert!(
        !shown.contains("sk-secret") && !shown.contains("\"k\""),
        "{shown}"
    );

    let file = home.write(AUTH, "{\"zai\": ");
    let (mut registry, said) = home.registry();
    assert_eq!(said.len(), 1);
    assert!(registry.auth_file().set_api_key("groq", "gsk").is_err());
    assert_eq!(read(&file), "{\"zai\": ");
}

#[test]
fn a_provider_that_was_renamed_keeps_its_credential() {
    let home = Home::new();
    home.write(
        AUTH,
        r#"{"azure-openai-responses": {"type": "api_key", "key": "k"}}"#,
    );
    let (registry, _) = home.registry();
    assert_eq!(registry.auth_source("azure"), Some(AuthSource::File));
}

#[test]
fn azure_waits_for_a_place_of_the_persons_own() {
    let home = Home::new();
    let (registry, _) = home.registry();
    assert!(registry.has_place("openai"));
    assert!(!registry.has_place("azure"));
    let place = r#"{"AZURE_OPENAI_RESOURCE_NAME": "mine"}"#;
    let entry = format!(r#"{{"azure": {{"type": "api_key", "key": "k", "env": {place}}}}}"#);
    home.write(AUTH, &entry);
    assert!(home.registry().0.has_place("azure"));
    home.write(AUTH, "{}");
    home.write(
        ".pi/agent/models.json",
        r#"{"providers": {"azure": {"baseUrl": "https://mine.openai.azure.com"}}}"#,
    );
    assert!(home.registry().0.has_place("azure"));
}

#[test]
fn a_new_key_leaves_all_else_of_its_entry_and_the_name_that_the_entry_has() {
    let home = Home::new();
    let before = r#"{
  "azure-openai-responses": {
    // Ours since spring.
    "type": "api_key", "key": "old",
    "env": {"AZURE_OPENAI_RESOURCE_NAME": "mine"}, "later": [1]
  }
}"#;
    let file = home.write(AUTH, before);
    let (mut registry, _) = home.registry();
    registry.auth_file().set_api_key("azure", "new").unwrap();
    assert_eq!(read(&file), before.replace("old", "new"));
    assert!(registry.has_place("azure"));
    assert!(home.registry().0.has_place("azure"));
}

#[test]
fn a_key_in_place_of_a_login_leaves_nothing_of_that_login() {
    let home = Home::new();
    let login = r#""type": "oauth", "access": "a", "refresh": "r", "expires": 1, "clientId": "c", "scopes": []"#;
    let file = home.write(
        AUTH,
        &format!(r#"{{"openai": {{{login}, "env": {{"A": "b"}}, "later": 1}}}}"#),
    );
    // Somebody else changes the file after it was read.
    let (mut registry, _) = home.registry();
    home.write(AUTH, &read(&file).replace("later", "latest"));
    registry.auth_file().set_api_key("openai", "sk").unwrap();
    let stored: serde_json::Value = serde_json::from_str(&read(&file)).unwrap();
    assert_eq!(
        stored,
        serde_json::json!({"openai": {"type": "api_key", "key": "sk", "env": {"A": "b"}, "latest": 1}})
    );
}
