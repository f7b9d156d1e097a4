//! Providers that the vendors' own tools connect, without a key.

use std::fs;

use pi::ai::http::HttpClient;
use pi::config::AuthSource;

use super::Home;

const ADC: &str = ".config/gcloud/application_default_credentials.json";
const PLACE: [(&str, &str); 2] = [("GCLOUD_PROJECT", "p"), ("GOOGLE_CLOUD_LOCATION", "global")];

fn source(home: &Home) -> Option<AuthSource> {
    home.registry().0.auth_source("google-vertex")
}

/// What a request to Vertex is told for want of something.
async fn lacks(home: &Home) -> String {
    let (registry, _) = home.registry();
    let model = registry.find("google-vertex", "gemini-2.5-flash").unwrap();
    registry
        .auth_for(&model, &HttpClient::default())
        .await
        .unwrap_err()
        .to_string()
}

#[tokio::test]
async fn gclouds_login_with_a_project_and_a_location_connects_vertex() {
    let home = Home::with_env(&PLACE);
    assert_eq!(source(&home), None);
    assert_eq!(
        lacks(&home).await,
        "no credentials for google-vertex: log in with `gcloud auth application-default login`; or \
         set GOOGLE_CLOUD_API_KEY, which is enough by itself"
    );
    // Nothing of the file is read to find out.
    home.write(ADC, "{");
    let words = "Google's application-default credentials";
    assert_eq!(source(&home), Some(AuthSource::Ambient(words)));
    let (registry, _) = home.registry();
    let offered = registry.available();
    assert!(
        offered
            .iter()
            .any(|model| model.provider == "google-vertex")
    );
    let model = registry.find("google-vertex", "gemini-2.5-flash").unwrap();
    let auth = registry
        .auth_for(&model, &HttpClient::default())
        .await
        .unwrap();
    assert_eq!(auth.api_key, None);
    assert_eq!(auth.variable("GOOGLE_CLOUD_LOCATION"), Some("global"));
    fs::remove_file(home.path(ADC)).unwrap();
    assert_eq!(source(&home), None);
}

#[tokio::test]
async fn what_vertex_lacks_is_named() {
    let home = Home::new();
    home.write(ADC, "{}");
    assert_eq!(
        lacks(&home).await,
        "no credentials for google-vertex: set GOOGLE_CLOUD_PROJECT and GOOGLE_CLOUD_LOCATION; or \
         set GOOGLE_CLOUD_API_KEY, which is enough by itself"
    );
    let missing = ("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json");
    let home = Home::with_env(&[PLACE[0], PLACE[1], missing]);
    home.write(ADC, "{}");
    assert_eq!(source(&home), None);
    assert!(
        lacks(&home)
            .await
            .contains("names /nowhere/key.json, which is not there")
    );
}

#[test]
fn a_place_may_be_written_beside_the_login_in_auth_json() {
    let home = Home::new();
    home.write(ADC, "{}");
    home.write(
        ".pi/agent/auth.json",
        r#"{"google-vertex": {"type": "api_key", "env":
            {"GOOGLE_CLOUD_PROJECT": "p", "GOOGLE_CLOUD_LOCATION": "us-central1"}}}"#,
    );
    assert!(matches!(source(&home), Some(AuthSource::Ambient(_))));
    assert_eq!(home.registry().1, [] as [&str; 0]);
}

#[tokio::test]
async fn a_key_comes_first_and_needs_no_place() {
    let home = Home::with_env(&[("GOOGLE_CLOUD_API_KEY", "key")]);
    home.write(ADC, "{}");
    let variable = "GOOGLE_CLOUD_API_KEY".to_owned();
    assert_eq!(source(&home), Some(AuthSource::Environment(variable)));
    let (registry, _) = home.registry();
    let model = registry.find("google-vertex", "gemini-2.5-flash").unwrap();
    let auth = registry
        .auth_for(&model, &HttpClient::default())
        .await
        .unwrap();
    assert_eq!(auth.api_key.as_deref(), Some("key"));
}
