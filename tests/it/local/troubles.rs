//! Servers that have nothing to offer: what the real binary says of them.

use serde_json::json;

use super::fake::{Fake, Say, ollama};
use crate::support::TestPi;

/// Time enough on any machine.
const PATIENT: &str = r#"{"localServers": {"waitMs": 20000}}"#;

fn unconfigured(settings: &str) -> TestPi {
    let pi = TestPi::unconfigured([]);
    pi.write_agent("settings.json", settings);
    pi
}

/// Every kind, with its variable and the path that its models are at.
const KINDS: [(&str, &str, &str, &str); 4] = [
    ("ollama", "Ollama", "OLLAMA_HOST", "/api/tags"),
    ("llama.cpp", "llama.cpp", "LLAMA_BASE_URL", "/v1/models"),
    (
        "lmstudio",
        "LM Studio",
        "LMSTUDIO_BASE_URL",
        "/api/v0/models",
    ),
    ("vllm", "vLLM", "VLLM_BASE_URL", "/v1/models"),
];

#[test]
fn a_server_without_models_or_that_is_none_is_told_as_what_it_is() {
    let pi = unconfigured(PATIENT);
    for (provider, name, variable, path) in KINDS {
        let none = json!({"object": "list", "data": [], "models": []});
        for (answer, words) in [
            (Say::Json(none), "runs but has no models: "),
            (Say::Failure(500), "answered 500"),
            (
                Say::Text("<!doctype html><p>hi".into()),
                "a web page answered",
            ),
            (Say::Text("hi".into()), "something else answered"),
        ] {
            // Older LM Studios have OpenAI's list alone.
            let fake = Fake::start([(path, answer.clone()), ("/v1/models", answer)]);
            let env = [(variable, fake.url.as_str())];
            let said = pi.run_with_env(&["-p", "--provider", provider, "hi"], &env);
            let told = said.stderr.lines().next().unwrap_or_default();
            assert_eq!(said.code, 1, "{told}");
            for part in [words, name, &fake.url] {
                assert!(told.contains(part), "no {part:?} in {told}");
            }
            let listed = pi.run_with_env(&["--list-models"], &env);
            assert!(listed.stderr.contains(words), "{}", listed.stderr);
        }
    }
}

#[test]
fn an_address_that_nobody_is_at_is_told_where_models_are_listed_or_wanted() {
    let pi = unconfigured(PATIENT);
    // No resolver is asked for a name that cannot be one.
    let host = format!("{}.invalid", "x".repeat(64));
    for (address, words) in [
        ("127.0.0.1:1", "nobody answers at"),
        (host.as_str(), "host not found: xxx"),
    ] {
        let env = [("OLLAMA_HOST", address)];
        for arguments in [
            &["--list-models"][..],
            &["-p", "--provider", "ollama", "hi"],
        ] {
            let said = pi.run_with_env(arguments, &env);
            assert!(
                said.stderr.contains(words),
                "{arguments:?}: {}",
                said.stderr
            );
        }
    }
}

#[test]
fn an_address_that_was_given_is_waited_for_longer_and_one_that_is_too_slow_is_told() {
    let mute = || Fake::start([("/api/tags", Say::Nothing)]);
    let (pi, fake) = (TestPi::unconfigured([]), mute());
    let env = [("OLLAMA_HOST", fake.url.as_str())];
    let listed = pi.run_with_env(&["--list-models"], &env);
    let words = format!("Ollama at {} did not answer within 1000 ms", fake.url);
    assert!(listed.stderr.contains(&words), "{}", listed.stderr);
    // What is set is what counts.
    let (pi, fake) = (unconfigured(r#"{"localServers": {"waitMs": 20}}"#), mute());
    let env = [("OLLAMA_HOST", fake.url.as_str())];
    let words = format!("Ollama at {} did not answer within 20 ms", fake.url);
    for arguments in [
        &["--list-models"][..],
        &["-p", "--provider", "ollama", "hi"],
        &["-p", "--model", "coder", "hi"],
    ] {
        let said = pi.run_with_env(arguments, &env);
        assert!(
            said.stderr.contains(&words),
            "{arguments:?}: {}",
            said.stderr
        );
    }
}

#[test]
fn an_address_in_models_json_is_where_the_server_is_looked_for_with_or_without_v1() {
    let list = || {
        let one = json!({"object": "list", "data": [{"id": "own", "type": "llm"}]});
        let chat = ("/v1/chat/completions", Say::Chat("from there".into()));
        let tags = json!({"models": [{"name": "own", "model": "own"}]});
        let mut routes = vec![chat, ("/v1/models", Say::Json(one.clone()))];
        routes.push(("/api/v0/models", Say::Json(one)));
        routes.push(("/api/tags", Say::Json(tags)));
        Fake::start(routes)
    };
    for (provider, ..) in KINDS {
        for end in ["", "/v1", "/v1/"] {
            let (pi, fake) = (unconfigured(PATIENT), list());
            let at = format!("{}{end}", fake.url);
            let models = json!({"providers": {provider: {"baseUrl": at}}});
            pi.write_agent("models.json", &models.to_string());
            let listed = pi.run(&["--list-models"]);
            let row = format!("{provider}  ");
            assert!(listed.stdout.contains(&row), "{at}: {}", listed.stderr);
            let said = pi.run(&["-p", "--provider", provider, "hi"]);
            assert_eq!(said.stdout, "from there\n", "{at}: {}", said.stderr);
        }
    }
}

#[test]
fn a_local_provider_that_cannot_be_looked_for_is_told_with_what_forbids_it() {
    let off = r#"{"localServers": {"enabled": false}}"#;
    let pi = unconfigured(off);
    for arguments in [
        &["-p", "--provider", "ollama", "hi"][..],
        &["-p", "--model", "ollama/qwen3", "hi"],
        &["--list-models", "--provider", "ollama"],
    ] {
        let said = pi.run(arguments);
        let first = said.stderr.lines().next().unwrap_or_default();
        let why = "error: localServers.enabled is false, so Ollama is not looked for";
        assert_eq!((first, said.code), (why, 1), "{arguments:?}");
    }
    let pi = unconfigured(PATIENT);
    let env = [("OLLAMA_HOST", "ftp://box")];
    let said = pi.run_with_env(&["-p", "--provider", "ollama", "hi"], &env);
    let why = "error: OLLAMA_HOST is no address of a server";
    assert!(said.stderr.starts_with(why), "{}", said.stderr);
    let models = json!({"providers": {"ollama": {"baseUrl": "http://someone@127.0.0.1:1"}}});
    pi.write_agent("models.json", &models.to_string());
    let said = pi.run(&["-p", "--provider", "ollama", "hi"]);
    let why = "error: the baseUrl of ollama in models.json is no address of a server";
    assert!(said.stderr.starts_with(why), "{}", said.stderr);
}

#[test]
fn a_saved_provider_alone_means_what_its_server_has_or_says_why_it_has_nothing() {
    let pi = unconfigured(r#"{"localServers": {"waitMs": 20000}, "defaultProvider": "ollama"}"#);
    let empty = Fake::start([("/api/tags", Say::Json(json!({"models": []})))]);
    let said = pi.run_with_env(&["-p", "hi"], &[("OLLAMA_HOST", empty.url.as_str())]);
    assert!(
        said.stderr.contains("runs but has no models: ollama pull")
            && !said.stderr.contains("there is no provider"),
        "{}",
        said.stderr
    );
    let full = Fake::start(ollama());
    let said = pi.run_with_env(&["-p", "hi"], &[("OLLAMA_HOST", full.url.as_str())]);
    assert_eq!(said.stdout, "I am local.\n", "{}", said.stderr);
}

#[test]
fn pi_auth_check_asks_local_servers_as_model_does() {
    let (pi, fake) = (unconfigured(PATIENT), Fake::start(ollama()));
    let env = [("OLLAMA_HOST", fake.url.as_str())];
    let ready = r#"{"status":"ready","provider":"ollama","authType":"none"}"#;
    for whose in [
        ["--model", "coder"],
        ["--model", "ollama/coder"],
        ["--provider", "ollama"],
    ] {
        let [flag, value] = whose;
        let checked = pi.run_with_env(&["auth", "check", flag, value, "--json"], &env);
        assert_eq!(
            (checked.stdout.trim_end(), checked.code),
            (ready, 0),
            "{whose:?} {}",
            checked.stderr
        );
    }
    let gone = pi.run(&["auth", "check", "--provider", "ollama", "--json"]);
    let away = r#"{"status":"not_ready","provider":"ollama","reason":"server_not_available"}"#;
    assert_eq!((gone.stdout.trim_end(), gone.code), (away, 1));
    assert!(gone.stderr.contains("nobody answers"), "{}", gone.stderr);
}
