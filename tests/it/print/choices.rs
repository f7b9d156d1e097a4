//! Which model answers, how hard it thinks, and with which key.

use serde_json::Value;

use crate::support::TestPi;
use crate::support::model_server::{Recorded, Turn};

/// What the server saw for these flags.
fn seen(pi: &TestPi, flags: &[&str]) -> Recorded {
    seen_with(pi, flags, &[])
}

fn seen_with(pi: &TestPi, flags: &[&str], variables: &[(&str, &str)]) -> Recorded {
    pi.server.push(Turn::text("ok"));
    let args = [&["-p", "--no-session", "hi"], flags].concat();
    let ran = pi.run_with_env(&args, variables);
    assert_eq!(
        (ran.stdout.as_str(), ran.code),
        ("ok\n", 0),
        "{flags:?}: {}",
        ran.stderr
    );
    pi.server.requests().pop().unwrap()
}

/// Which API and which model.
fn who(request: &Recorded) -> (&str, &str) {
    (&request.path[4..], request.body["model"].as_str().unwrap())
}

const OPENAI: &str = "chat/completions";
const ANTHROPIC: &str = "messages";

#[test]
fn a_model_is_named_whole_in_part_or_by_its_provider() {
    let pi = TestPi::new([]);
    let cases: [(&[&str], (&str, &str)); 6] = [
        (&["--model", "ant/thinker"], (ANTHROPIC, "thinker")),
        (
            &["--provider", "ant", "--model", "scripted"],
            (ANTHROPIC, "scripted"),
        ),
        (
            &["--provider", "oai", "--model", "think"],
            (OPENAI, "thinker"),
        ),
        (&["--model", "oai/THINK"], (OPENAI, "thinker")),
        (&["--models", "ant/*"], (ANTHROPIC, "scripted")),
        (&["--models", "oai/thinker,ant/*"], (OPENAI, "thinker")),
    ];
    for (flags, expected) in cases {
        assert_eq!(who(&seen(&pi, flags)), expected, "{flags:?}");
    }
    pi.write_agent(
        "settings.json",
        r#"{"defaultProvider": "ant", "defaultModel": "thinker"}"#,
    );
    assert_eq!(who(&seen(&pi, &[])), (ANTHROPIC, "thinker"));
}

#[test]
fn a_model_that_is_not_there_ends_it_with_the_way_to_find_one() {
    let pi = TestPi::new([]);
    for flags in [
        &["--model", "nosuchmodel"] as &[&str],
        &["--provider", "nosuchprovider", "--model", "x"],
    ] {
        let ran = pi.run(&[&["-p", "hi"], flags].concat());
        assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{flags:?}");
        assert!(ran.stderr.contains("nosuch"), "{}", ran.stderr);
        assert!(ran.stderr.contains("--list-models"), "{}", ran.stderr);
    }
    assert_eq!(pi.server.requests().len(), 0);
}

#[test]
fn a_model_without_a_name_is_refused_and_nothing_is_sent() {
    let pi = TestPi::new([]);
    for (flag, value) in [
        ("--model", ""),
        ("--model", " "),
        ("--model", "/"),
        ("--model", "oai/"),
        ("--model", "oai/:high"),
        ("--model", ":high"),
        ("--models", ""),
        ("--models", ",,"),
    ] {
        let ran = pi.run(&["-p", "hi", flag, value]);
        assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{flag} {value}");
        let said = format!("error: {flag} is empty: ");
        assert!(ran.stderr.contains(&said), "{flag} {value}: {}", ran.stderr);
    }
    let ran = pi.run(&["-p", "hi", "--provider", "oai", "--model", ""]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{}", ran.stderr);
    assert_eq!(pi.server.requests().len(), 0);
    let request = seen(&pi, &["--models", ",ant/thinker,"]);
    assert_eq!(who(&request), (ANTHROPIC, "thinker"));
}

#[test]
fn what_is_wrong_in_models_json_is_said_before_a_model_that_it_cost_is_missed() {
    let pi = TestPi::new([]);
    pi.write_agent(
        "models.json",
        r#"{"providers": {"chat": {"baseUrl": 5, "api": "openai-completions", "models": [{"id": "good"}]}}}"#,
    );
    let ran = pi.run(&["-p", "hi", "--model", "chat/good"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    let warning = ran
        .stderr
        .find("providers.chat.baseUrl: should be a string");
    let error = ran.stderr.find("error: there is no model");
    assert!(warning.is_some() && warning < error, "{}", ran.stderr);
}

#[test]
fn an_api_that_is_none_is_told_with_its_line_and_with_those_that_there_are() {
    let pi = TestPi::new([]);
    pi.write_agent(
        "models.json",
        "{\"providers\": {\"chat\": {\"baseUrl\": \"http://chat\", \"apiKey\": \"k\",\n\
         \"api\": \"openai\",\n\
         \"models\": [{\"id\": \"m\"},\n\
         {\"id\": \"n\", \"api\": \"anthropic\"}]}}}",
    );
    let ran = pi.run(&["-p", "hi", "--model", "chat/m"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    for told in [
        "models.json:2:1: providers.chat.api: should be one of anthropic-messages, ",
        "models.json:4:13: providers.chat.models.1.api: should be one of ",
        "error: chat/m speaks openai, which",
    ] {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
}

const SAVED: &str = r#"{"defaultProvider": "odd", "defaultModel": "m"}"#;

/// The models of the test's server, and one that speaks what nobody does.
fn with_odd(pi: &TestPi) -> String {
    let file = pi.agent().join("models.json");
    let mut models: serde_json::Value = match std::fs::read(&file) {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap(),
        Err(_) => serde_json::json!({"providers": {}}),
    };
    models["providers"]["odd"] = serde_json::json!({"baseUrl": pi.server.url_v1(),
        "api": "smoke-signals", "apiKey": "k", "models": [{"id": "m"}]});
    models.to_string()
}

#[test]
fn a_saved_model_whose_api_is_not_spoken_gives_way_with_a_warning() {
    let why = "odd/m speaks smoke-signals, which this version of pi does not";
    let pi = TestPi::new([Turn::text("ok")]);
    pi.write_agent("settings.json", SAVED);
    pi.write_agent("models.json", &with_odd(&pi));
    let ran = pi.run(&["-p", "hi"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("ok\n", 0));
    let because = "it speaks smoke-signals, which this version of pi does not";
    let missed = format!("the saved default odd/m cannot be used ({because})");
    let warning = format!("warning: {missed}; oai/scripted answers");
    assert!(
        ran.stderr.lines().any(|line| line == warning),
        "{}",
        ran.stderr
    );
    assert_eq!(who(&pi.server.requests()[0]), (OPENAI, "scripted"));

    let alone = TestPi::unconfigured([]);
    alone.write_agent("settings.json", SAVED);
    alone.write_agent("models.json", &with_odd(&alone));
    let ran = alone.run(&["-p", "hi"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    let error = format!("error: {missed}");
    let told = |line: &str| ran.stderr.lines().any(|it| it.starts_with(line));
    assert!(
        told(&error) && told("hint: nothing else can answer"),
        "{}",
        ran.stderr
    );

    // Whoever names it wants that one or none.
    for flags in [
        &["--model", "odd/m"] as &[&str],
        &["--provider", "odd", "--model", "m"],
    ] {
        let ran = pi.run(&[&["-p", "hi"], flags].concat());
        assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{flags:?}");
        assert!(
            ran.stderr.contains(&format!("error: {why}")),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn a_sessions_model_whose_api_is_not_spoken_gives_way_with_a_warning() {
    let pi = TestPi::new([Turn::text("ok"), Turn::text("ok")]);
    let odd = with_odd(&pi);
    let spoken = odd.replace("smoke-signals", "openai-completions");
    pi.write_agent("models.json", &spoken);
    assert_eq!(pi.run(&["-p", "--model", "odd/m", "hi"]).code, 0);
    pi.write_agent("models.json", &odd);
    let ran = pi.run(&["-p", "-c", "more"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("ok\n", 0));
    let warning = "warning: this session's model odd/m cannot be used (it speaks smoke-signals, which \
                   this version of pi does not); oai/scripted answers";
    assert!(
        ran.stderr.lines().any(|line| line == warning),
        "{}",
        ran.stderr
    );
    assert_eq!(who(&pi.server.requests()[1]), (OPENAI, "scripted"));
}

#[test]
fn the_thinking_level_reaches_the_request() {
    let pi = TestPi::new([]);
    let effort = |flags: &[&str]| seen(&pi, flags).body["reasoning_effort"].clone();
    assert_eq!(
        effort(&["--model", "oai/thinker", "--thinking", "high"]),
        "high"
    );
    assert_eq!(effort(&["--model", "oai/thinker:low"]), "low");
    assert_eq!(effort(&["--models", "oai/thinker:minimal"]), "minimal");
    assert_eq!(
        effort(&["--model", "oai/thinker", "--thinking", "off"]),
        Value::Null
    );
    assert_eq!(
        effort(&["--model", "oai/scripted", "--thinking", "high"]),
        Value::Null
    );
    let thinking = |flags: &[&str]| seen(&pi, flags).body["thinking"]["type"].clone();
    assert_eq!(
        thinking(&["--model", "ant/thinker", "--thinking", "high"]),
        "enabled"
    );
    assert_eq!(thinking(&["--model", "ant/thinker:high"]), "enabled");
    assert_ne!(thinking(&["--model", "ant/thinker:off"]), "enabled");
}

#[test]
fn a_key_comes_from_the_flag_then_auth_json_then_the_environment_then_models_json() {
    let pi = TestPi::new([]);
    let models = serde_json::json!({"providers": {
        "openrouter": {"baseUrl": pi.server.url_v1(), "api": "openai-completions",
            "apiKey": "key-of-models-json", "models": [{"id": "scripted"}]},
        "oai": {"baseUrl": pi.server.url_v1(), "api": "openai-completions",
            "apiKey": "$MY_KEY", "models": [{"id": "scripted"}]},
    }});
    pi.write_agent("models.json", &models.to_string());
    let key = |flags: &[&str], variables: &[(&str, &str)]| {
        let flags = [&["--model", "openrouter/scripted"], flags].concat();
        let request = seen_with(&pi, &flags, variables);
        request.header("authorization").unwrap().to_owned()
    };
    let variable = [("OPENROUTER_API_KEY", "key-of-environment")];
    assert_eq!(key(&[], &[]), "Bearer key-of-models-json");
    assert_eq!(key(&[], &variable), "Bearer key-of-environment");
    pi.write_agent(
        "auth.json",
        r#"{"openrouter": {"type": "api_key", "key": "key-of-auth-json"}}"#,
    );
    assert_eq!(key(&[], &variable), "Bearer key-of-auth-json");
    assert_eq!(
        key(&["--api-key", "key-of-flag"], &variable),
        "Bearer key-of-flag"
    );

    let own = [("MY_KEY", "named")];
    let request = seen_with(&pi, &["--model", "oai/scripted"], &own);
    assert_eq!(request.header("authorization"), Some("Bearer named"));
}

#[test]
fn models_are_listed_with_their_providers() {
    let pi = TestPi::new([]);
    pi.write_agent("settings.json", r#"{"localServers": {"enabled": false}}"#);
    let ran = pi.run(&["--list-models"]);
    assert_eq!((ran.stderr.as_str(), ran.code), ("", 0));
    let rows: Vec<Vec<&str>> = ran
        .stdout
        .lines()
        .map(|line| line.split_whitespace().take(2).collect())
        .collect();
    assert_eq!(rows[0], ["provider", "model"]);
    let models: Vec<_> = rows[1..].iter().map(|row| row.join("/")).collect();
    assert_eq!(
        models,
        ["ant/scripted", "ant/thinker", "oai/scripted", "oai/thinker"]
    );
    let ran = pi.run(&["--list-models", "oai think"]);
    assert_eq!(ran.stdout.lines().count(), 2, "{}", ran.stdout);
    assert!(ran.stdout.contains("thinker"), "{}", ran.stdout);

    let none = TestPi::unconfigured([]).run(&["--list-models"]);
    assert_eq!(none.code, 0);
    assert_eq!(none.stdout.lines().count(), 1, "{}", none.stdout);
}
