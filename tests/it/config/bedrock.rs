//! What connects Amazon Bedrock: what AWS's tools have left, and what `auth.json` says of it.

use pi::ai::http::HttpClient;
use pi::config::AuthSource;

use super::Home;

const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKID"),
    ("AWS_SECRET_ACCESS_KEY", "secret"),
];
const AUTH: &str = ".pi/agent/auth.json";

fn source(home: &Home) -> Option<AuthSource> {
    home.registry().0.auth_source("amazon-bedrock")
}

async fn auth(home: &Home) -> Result<pi::ai::Auth, String> {
    let (registry, said) = home.registry();
    assert_eq!(said, [""; 0]);
    let model = registry
        .find("amazon-bedrock", "us.anthropic.claude-opus-5-5")
        .unwrap();
    let auth = registry.auth_for(&model, &HttpClient::default()).await;
    auth.map_err(|error| error.to_string())
}

#[tokio::test]
async fn what_awss_tools_have_left_connects_and_none_of_it_is_taken_for_a_key() {
    let connected: [(&[(&str, &str)], &str); 5] = [
        (
            &[("AWS_BEARER_TOKEN_BEDROCK", "b")],
            "the Bedrock API key of AWS_BEARER_TOKEN_BEDROCK",
        ),
        (&KEYS, "the AWS access key of AWS_ACCESS_KEY_ID"),
        (&[("AWS_PROFILE", "work")], "the AWS profile of AWS_PROFILE"),
        (
            &[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x")],
            "the AWS role of this container",
        ),
        (
            &[("AWS_WEB_IDENTITY_TOKEN_FILE", "/x")],
            "the web identity of AWS_WEB_IDENTITY_TOKEN_FILE",
        ),
    ];
    for (variables, what) in connected {
        let home = Home::with_env(variables);
        assert_eq!(source(&home), Some(AuthSource::Ambient(what)));
        let auth = auth(&home).await.unwrap();
        assert_eq!(auth.api_key, None);
        let (name, value) = variables[0];
        assert_eq!(auth.variable(name), Some(value));
    }
    // Half a key, and a default profile that nobody chose, are as good as nothing.
    let home = Home::with_env(&KEYS[..1]);
    home.write(".aws/credentials", "[default]\naws_access_key_id=a\n");
    assert_eq!(source(&home), None);
    let error = auth(&home).await.unwrap_err();
    assert!(
        error.starts_with("no credentials for amazon-bedrock: set AWS_PROFILE"),
        "{error}"
    );
}

#[tokio::test]
async fn what_auth_json_says_comes_before_the_environment() {
    let home = Home::with_env(&KEYS);
    home.write(
        AUTH,
        r#"{"amazon-bedrock": {"type": "api_key", "key": "stored"}}"#,
    );
    assert_eq!(source(&home), Some(AuthSource::File));
    let stored = auth(&home).await.unwrap();
    assert_eq!(stored.api_key.as_deref(), Some("stored"));
    // A profile, as the reference's login stores it: the keys of the environment are not meant.
    home.write(
        AUTH,
        r#"{"amazon-bedrock": {"type": "api_key", "env": {"AWS_PROFILE": "work"}}}"#,
    );
    let stored = auth(&home).await.unwrap();
    assert_eq!(stored.api_key, None);
    assert_eq!(stored.variable("AWS_PROFILE"), Some("work"));
    assert_eq!(stored.variable("AWS_ACCESS_KEY_ID"), None);
    assert_eq!(
        source(&home),
        Some(AuthSource::Ambient("the AWS profile of AWS_PROFILE"))
    );
}
