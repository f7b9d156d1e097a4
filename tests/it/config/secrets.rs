//! What is masked in exports because pi was given it as a secret.

use pi::ai::http::HttpClient;
use pi::ai::tokens::Seen;

use super::Home;

#[test]
fn everything_that_opens_a_door_is_known_and_nothing_else() {
    let home = Home::with_env(&[
        ("GROQ_API_KEY", "key-of-environment"),
        ("MY_DB_PASSWORD", "password-of-environment"),
        ("HELD_HERE", "key-held-by-variable"),
        ("AWS_PROFILE", "development"),
        ("SSL_KEY_PATH", "anything"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "/etc/key.json"),
        ("EDITOR", "an-editor"),
    ]);
    home.write(
        ".pi/agent/auth.json",
        r#"{
            "a": {"type": "api_key", "key": "key-of-auth-json"},
            "b": {"type": "api_key", "key": "HELD_HERE"},
            "c": {"type": "api_key", "key": "NOT_SET_ANYWHERE"},
            "d": {"type": "api_key", "key": "!echo no command is run"},
            "e": {"type": "oauth", "access": "token-1", "refresh": "token-2", "expires": 9000, "email": "ada@example.com"},
            "f": {"type": "of-the-future", "deep": [{"secret": "secret-of-future"}]},
            "g": {"type": "api_key", "key": "dollar$$key", "env": {"AWS_REGION": "eu-west-1", "GOOGLE_CLOUD_PROJECT": "a-project",
                "AZURE_OPENAI_BASE_URL": "https://mine.example", "AWS_SECRET_ACCESS_KEY": "key-of-entry"}}
        }"#,
    );
    home.write(
        ".pi/agent/models.json",
        r#"{"providers": {"own": {"baseUrl": "http://localhost:1/v1", "api": "openai-completions",
            "apiKey": "key-of-models-json",
            "headers": {"Authorization": "Bearer token-of-header", "User-Agent": "plain/1", "X-Own": "own-header"},
            "models": [{"id": "m", "headers": {"X-Model": "$HELD_HERE-of-model"}}]}}}"#,
    );
    let (mut registry, problems) = home.registry();
    assert_eq!(problems, [""; 0]);
    registry.set_api_key("anthropic", "key-of-flag");
    assert_eq!(
        registry.secrets(),
        [
            "dollar$$key",
            "dollar$key",
            "key-held-by-variable",
            "key-held-by-variable-of-model",
            "key-of-auth-json",
            "key-of-entry",
            "key-of-environment",
            "key-of-flag",
            "key-of-models-json",
            "own-header",
            "password-of-environment",
            "secret-of-future",
            "token-1",
            "token-2",
            "token-of-header",
        ]
    );
}

#[tokio::test]
async fn what_commands_printed_and_servers_gave_is_known_afterwards() {
    let home = Home::new();
    home.write(
        ".pi/agent/models.json",
        r#"{"providers": {"own": {"baseUrl": "http://localhost:1/v1", "api": "openai-completions",
            "apiKey": "!echo printed-key", "headers": {"X-Own": "!echo Bearer printed-header"},
            "models": [{"id": "m"}]}}}"#,
    );
    let (registry, _) = home.registry();
    assert_eq!(registry.secrets(), [""; 0]);
    let model = registry.find("own", "m").unwrap();
    let http = HttpClient::default();
    registry.auth_for(&model, &http).await.unwrap();
    // As those do who send the request.
    http.remembered::<Seen>().add("fetched-token");
    let all = ["fetched-token", "printed-header", "printed-key"];
    assert_eq!(registry.secrets(), all);
    assert_eq!(registry.reload().0.secrets(), all);
}
