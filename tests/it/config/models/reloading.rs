//! The file is read again while pi runs: what has become wrong in it stays as it was.

use pi::ai::http::HttpClient;

use super::{Home, MODELS};

fn names(registry: &pi::config::Registry) -> Vec<String> {
    let available = registry.available();
    available
        .iter()
        .map(|model| format!("{}/{}", model.provider, model.name))
        .collect()
}

#[test]
fn changes_are_taken_up_and_what_is_gone_is_gone() {
    let home = Home::new();
    home.write(MODELS, r#"{"providers": {"a": {"baseUrl": "http://a", "api": "x", "models": [{"id": "1"}, {"id": "2"}]}}}"#);
    let (registry, _) = home.registry();
    home.write(
        MODELS,
        r#"{"providers": {"b": {"baseUrl": "http://b", "api": "x", "models": [{"id": "3"}]}}}"#,
    );
    let (registry, problems) = registry.reload();
    assert_eq!(names(&registry), ["b/3"]);
    assert!(problems.is_empty());
    std::fs::remove_file(home.path(MODELS)).unwrap();
    assert_eq!(names(&registry.reload().0), Vec::<String>::new());
}

#[tokio::test]
async fn a_request_to_a_provider_that_is_gone_says_so() {
    let home = Home::new();
    home.write(MODELS, r#"{"providers": {"a": {"baseUrl": "http://a", "api": "x", "apiKey": "k", "models": [{"id": "1"}]}}}"#);
    let (registry, _) = home.registry();
    let model = registry.find("a", "1").unwrap();
    home.write(MODELS, r#"{"providers": {}}"#);
    let (registry, _) = registry.reload();
    let auth = registry.auth_for(&model, &HttpClient::default()).await;
    let why = auth.unwrap_err().to_string();
    assert!(
        why.starts_with("there is no provider \"a\" any more"),
        "{why}"
    );
    assert!(why.contains("/model"), "{why}");
}

#[test]
fn a_file_that_cannot_be_read_any_more_leaves_what_was_read_before() {
    let home = Home::new();
    let good =
        r#"{"providers": {"a": {"baseUrl": "http://a", "api": "x", "models": [{"id": "1"}]}}}"#;
    home.write(MODELS, good);
    let (registry, _) = home.registry();
    for broken in ["{\"providers\": {", "{\"providers\": []}", "[]"] {
        home.write(MODELS, broken);
        let (registry, problems) = registry.reload();
        let said = home.said(&problems);
        assert_eq!(said.len(), 1, "{broken}");
        assert!(
            said[0].ends_with("; what was read from it before stays in force"),
            "{said:?}"
        );
        assert_eq!(names(&registry), ["a/1"]);
    }
    home.write(MODELS, good);
    assert!(registry.reload().1.is_empty());
}

#[test]
fn a_provider_or_a_model_that_has_become_wrong_stays_as_it_was() {
    let home = Home::with_env(&[("GROQ_API_KEY", "k")]);
    home.write(
        MODELS,
        r#"{"providers": {
"a": {"baseUrl": "http://a", "api": "x", "models": [{"id": "1", "name": "One"}, {"id": "2"}, {"id": "3"}]},
"b": {"baseUrl": "http://b", "api": "x", "models": [{"id": "4"}]}}}"#,
    );
    let (registry, _) = home.registry();
    home.write(
        MODELS,
        r#"{"providers": {
"a": {"baseUrl": "http://a", "api": "x", "models": [{"id": "1", "name": 1}, {"id": "2", "name": "Two"}]},
"b": {"baseUrl": 5, "api": "x", "models": [{"id": "4"}, {"id": "5"}]}}}"#,
    );
    let (registry, problems) = registry.reload();
    let said = home.said(&problems);
    assert_eq!(
        said,
        [
            ".pi/agent/models.json:2:65: providers.a.models.0.name: should be a string, is a number; the model stays as it was before",
            ".pi/agent/models.json:3:7: providers.b.baseUrl: should be a string, is a number; the provider stays as it was before",
        ]
    );
    let own: Vec<String> = names(&registry)
        .into_iter()
        .filter(|name| !name.starts_with("groq"))
        .collect();
    assert_eq!(own, ["a/One", "a/Two", "b/4"]);
    // Beginning anew, nothing is left to keep.
    let own: Vec<String> = names(&home.registry().0)
        .into_iter()
        .filter(|name| !name.starts_with("groq"))
        .collect();
    assert_eq!(own, ["a/Two"]);
}
