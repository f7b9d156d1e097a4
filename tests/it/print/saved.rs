//! What was saved and cannot be used any more: told once, and another one answers where there is one.

use serde_json::json;

use crate::rpc::client::Client;
use crate::support::model_server::Turn;
use crate::support::{Ran, TestPi};

/// A saved default, and why it cannot be used.
fn wanted() -> [(serde_json::Value, &'static str); 5] {
    [
        (
            json!({"defaultProvider": "openai", "defaultModel": "gpt-5"}),
            "openai/gpt-5 cannot be used (no API key for openai: set OPENAI_API_KEY",
        ),
        (
            json!({"defaultProvider": "nowhere", "defaultModel": "m"}),
            "nowhere/m cannot be used (there is no provider \"nowhere\")",
        ),
        (
            json!({"defaultProvider": "ant", "defaultModel": "gone"}),
            "ant/gone cannot be used (ant has no model \"gone\")",
        ),
        (
            json!({"defaultModel": "gpt-5"}),
            "gpt-5 cannot be used (no API key for openai",
        ),
        (
            json!({"defaultProvider": "groq"}),
            "groq cannot be used (no API key for groq: set GROQ_API_KEY",
        ),
    ]
}

fn warnings(ran: &Ran) -> Vec<&str> {
    let lines = ran.stderr.lines();
    lines.filter(|line| line.starts_with("warning: ")).collect()
}

#[test]
fn a_saved_default_that_cannot_be_used_is_told_once_and_another_model_answers() {
    for (settings, why) in wanted() {
        let pi = TestPi::new([]);
        pi.write_agent("settings.json", &settings.to_string());
        // Its own provider's, where that has others that can be used.
        let instead = match settings["defaultProvider"] == "ant" {
            true => "ant/scripted",
            false => "oai/scripted",
        };
        for mode in [&["-p"] as &[&str], &["--mode", "json"]] {
            pi.server.push(Turn::text("ok"));
            let ran = pi.run(&[mode, &["--no-session", "hi"]].concat());
            let [told] = warnings(&ran)[..] else {
                panic!("{}", ran.stderr);
            };
            let begin = format!("warning: the saved default {why}");
            assert!(told.starts_with(&begin), "{told}");
            assert!(told.ends_with(&format!("; {instead} answers")), "{told}");
            assert!(ran.code == 0 && ran.stdout.contains("ok"), "{}", ran.stdout);
        }
        let mut client = Client::start_with(&pi, &["--no-session"]);
        let model = client.data(json!({"type": "get_state"}))["model"].clone();
        let (provider, id) = instead.split_once('/').unwrap();
        assert!(model["provider"] == provider && model["id"] == id);
    }
}

#[test]
fn where_nothing_else_can_be_used_programs_end_with_one_message() {
    for (settings, why) in wanted() {
        if settings["defaultProvider"] == "ant" {
            continue;
        }
        let pi = TestPi::unconfigured([]);
        pi.write_agent("settings.json", &settings.to_string());
        for mode in [&["-p"] as &[&str], &["--mode", "json"], &["--mode", "rpc"]] {
            let hi: &[&str] = if mode[1..] == ["rpc"] { &[] } else { &["hi"] };
            let ran = pi.run(&[mode, hi].concat());
            assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{}", ran.stderr);
            let lines: Vec<&str> = ran.stderr.lines().collect();
            let error = format!("error: the saved default {why}");
            assert!(
                lines.len() == 2 && lines[0].starts_with(&error),
                "{}",
                ran.stderr
            );
            assert!(lines[1].contains("pi auth login"), "{}", ran.stderr);
        }
        assert_eq!(pi.sessions().len(), 0);
    }
}

#[test]
fn what_the_command_line_names_answers_or_nobody_does() {
    let pi = TestPi::new([]);
    for flags in [
        &["--provider", "openai", "--model", "gpt-5"] as &[&str],
        &["--model", "openai/gpt-5"],
        &["--model", "gpt-5"],
        &["--provider", "openai"],
    ] {
        let ran = pi.run(&[&["-p", "hi"], flags].concat());
        assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{flags:?}");
        assert!(
            ran.stderr
                .starts_with("error: no API key for openai: set OPENAI_API_KEY"),
            "{}",
            ran.stderr
        );
        let is_hinted = ran
            .stderr
            .contains("also at azure, openrouter, vercel-ai-gateway (");
        assert_eq!(is_hinted, flags[0] == "--model", "{flags:?} {}", ran.stderr);
    }
    assert_eq!(pi.server.requests().len(), 0);
}

#[test]
fn a_sessions_model_that_is_gone_is_told_with_the_default_that_is_gone_too() {
    let pi = TestPi::new([Turn::text("ok"), Turn::text("ok")]);
    assert_eq!(pi.run(&["-p", "--model", "ant/thinker", "hi"]).code, 0);
    let models = std::fs::read_to_string(pi.agent().join("models.json")).unwrap();
    pi.write_agent("models.json", &models.replace("\"ant\"", "\"other\""));
    pi.write_agent(
        "settings.json",
        r#"{"defaultProvider": "openai", "defaultModel": "gpt-5"}"#,
    );
    let ran = pi.run(&["-p", "-c", "more"]);
    assert_eq!(
        (ran.stdout.as_str(), ran.code),
        ("ok\n", 0),
        "{}",
        ran.stderr
    );
    let [told] = warnings(&ran)[..] else {
        panic!("{}", ran.stderr);
    };
    let begin = "warning: this session's model ant/thinker cannot be used (there is no provider \"ant\"), \
                 nor can the saved default openai/gpt-5 (";
    assert!(told.starts_with(begin), "{told}");
    assert!(told.ends_with("; oai/scripted answers"), "{told}");
}

#[test]
fn a_session_that_is_gone_to_tells_of_its_model_in_the_same_words() {
    let pi = TestPi::new([Turn::text("ok")]);
    assert_eq!(pi.run(&["-p", "--model", "ant/thinker", "hi"]).code, 0);
    let session = pi.sessions().remove(0);
    let models = std::fs::read_to_string(pi.agent().join("models.json")).unwrap();
    pi.write_agent("models.json", &models.replace("\"ant\"", "\"other\""));
    let mut client = Client::start(&pi);
    client.data(json!({"type": "switch_session", "sessionPath": session}));
    let notice = client.event("notice");
    assert_eq!(
        notice["message"],
        "this session's model ant/thinker cannot be used (there is no provider \"ant\"); oai/scripted answers"
    );
    let model = client.data(json!({"type": "get_state"}))["model"].clone();
    assert_eq!(model["provider"], "oai");
}
