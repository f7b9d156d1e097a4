//! A catalogue that was fetched later lies over the embedded one.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use pi::ai::catalog;
use pi::config::models::refresh::{self, Kept};
use serde_json::{Value, json};

use super::{Home, MODELS};

const STORE: &str = ".pi/agent/models-store.json";

fn model(id: &str, name: &str) -> Value {
    json!({"id": id, "name": name, "api": "openai-completions", "baseUrl": "https://api.groq.com/openai/v1",
        "contextWindow": 10, "maxTokens": 5})
}

fn kept(provider: &str, models: Value, made_at: u64) -> Kept {
    Kept {
        checked: refresh::read(provider, &models).unwrap(),
        checked_at: made_at,
        made_at,
        source: "test".into(),
        tag: None,
    }
}

#[test]
fn new_models_are_added_known_ones_renewed_and_the_others_stay() {
    let home = Home::with_env(&[("GROQ_API_KEY", "k")]);
    let embedded = catalog::models("groq");
    let known = &embedded[1].id;
    let fetched = json!([model("brand-new \"1\"", "New"), model(known, "Renewed")]);
    let later = catalog::MADE_AT + 1;
    let file = home.path(STORE);
    refresh::write(&file, &[kept("groq", fetched.clone(), later)]).unwrap();
    home.write(
        MODELS,
        &json!({"providers": {"groq": {"modelOverrides": {known: {"contextWindow": 7}}}}})
            .to_string(),
    );
    let (registry, said) = home.registry();
    assert_eq!(said, Vec::<String>::new());
    let models = registry.models_of("groq");
    let mut expected: Vec<&str> = embedded.iter().map(|model| model.id.as_str()).collect();
    expected.push("brand-new \"1\"");
    assert_eq!(
        models
            .iter()
            .map(|model| model.id.as_str())
            .collect::<Vec<_>>(),
        expected
    );
    assert_eq!(
        (models[1].name.as_str(), models[1].context_window),
        ("Renewed", 7)
    );
    // One by one, nothing else having been asked before.
    let (registry, _) = home.registry();
    for model in &models {
        assert_eq!(registry.find("groq", &model.id).as_ref(), Some(model));
    }
    assert_eq!(
        registry.find("openai", "gpt-5"),
        catalog::find("openai", "gpt-5")
    );
    assert_eq!(registry.find("groq", "no-such"), None);

    // What is not newer than this version's own is not used.
    refresh::write(&file, &[kept("groq", fetched, catalog::MADE_AT)]).unwrap();
    assert_eq!(home.registry().0.find("groq", "brand-new \"1\""), None);
}

#[test]
fn the_file_keeps_what_others_wrote_and_can_be_read_by_them() {
    let home = Home::new();
    let later = catalog::MADE_AT + 1;
    let theirs = json!({"llama.cpp": {"models": [{"id": "local", "type": "chat"}], "checkedAt": 1}, "odd": 5,
        "openai": {"models": [model("gone", "Gone")], "lastModified": later, "etag": "x"}});
    let file = home.write(STORE, &serde_json::to_string_pretty(&theirs).unwrap());
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    refresh::write(&file, &[kept("groq", json!([model("a", "A")]), later), kept("xai", json!({"models": [
        {"id": "b", "name": "B", "api": "openai-completions", "baseUrl": "https://api.x.ai/v1", "contextWindow": 1, "maxTokens": 1, "future": {"x": {}}}]}), later)]).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    let written: Value = serde_json::from_str(&text).unwrap();
    for name in ["llama.cpp", "odd", "openai"] {
        assert_eq!(written[name], theirs[name], "{name}");
    }
    assert_eq!(written["groq"]["models"][0]["provider"], "groq");
    assert_eq!(written["xai"]["models"][0]["future"], json!({"x": {}}));
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o640
    );
    let (registry, _) = home.registry();
    assert_eq!(registry.find("groq", "a").unwrap().name, "A");
    assert_eq!(registry.find("xai", "b").unwrap().name, "B");
    assert!(registry.find("openai", "gone").is_some());
    // Twice is the same as once.
    refresh::write(&file, &[]).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn what_does_not_fit_is_left_out_and_named() {
    let mut elsewhere = model("elsewhere", "E");
    elsewhere["baseUrl"] = json!("https://evil.example/v1");
    let mut switch = model("switch", "S");
    switch["compat"] = json!({"supportsStore": 1});
    let mut picture = model("picture", "P");
    picture["type"] = json!("image");
    let mut half = model("half", "H");
    half["contextWindow"] = json!(0);
    let fetched =
        json!([model("good", "G"), elsewhere, switch, picture, half, {"id": "nothing"}, 5]);
    let checked = refresh::read("groq", &fetched).unwrap();
    assert_eq!(checked.difference(&[]).new, 1);
    assert_eq!(
        checked.left_out,
        [
            "groq/elsewhere: it is at \"https://evil.example/v1\", where this version knows nothing of groq",
            "groq/switch: compat.supportsStore should be a boolean, is a number",
            "groq/half: contextWindow and maxTokens should be more than 0",
            "groq/nothing: missing field `name`",
            "groq: model 7: it is no object",
        ]
    );
    for (list, reason) in [
        (
            json!(5),
            "groq: there is neither a list nor an object of models",
        ),
        (json!([]), "groq: there are no models in it"),
        (json!({"models": {}}), "groq: \"models\" is no array"),
        (
            json!([5]),
            "none of its models can be used: groq: model 1: it is no object",
        ),
    ] {
        assert_eq!(refresh::read("groq", &list).unwrap_err(), reason);
    }
    assert!(refresh::read_all(&json!([])).is_err());
    assert!(refresh::read_all(&json!({"nobody": []})).is_err());
}

#[cfg(unix)]
#[test]
fn a_store_that_is_no_file_is_told_and_not_waited_for() {
    let home = Home::new();
    let store = home.write(".pi/agent/models-store.json", "");
    std::fs::remove_file(&store).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&store).status();
    assert!(made.unwrap().success());
    let (registry, _) = home.registry();
    assert!(!registry.models_of("groq").is_empty());
    let problem = registry.catalogue_problem().unwrap();
    assert!(problem.message.contains("it is not a file"), "{problem}");
}
