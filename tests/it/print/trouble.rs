//! What goes wrong is told on stderr, by name, and in the exit code.

use serde_json::json;

use super::BOTH;
use crate::support::model_server::{End, Turn};
use crate::support::{Ran, TestPi};

/// No second attempt: that is another module's.
const ONCE: &str = r#"{"retry": {"enabled": false}}"#;

fn at_once(turns: impl IntoIterator<Item = Turn>) -> TestPi {
    let pi = TestPi::new(turns);
    pi.write_agent("settings.json", ONCE);
    pi
}

#[track_caller]
fn assert_told(ran: &Ran, words: &[&str]) {
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{}", ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "no {word:?} in {}", ran.stderr);
    }
    let lines = ran
        .stderr
        .lines()
        .filter(|line| line.starts_with("error: "));
    assert_eq!(lines.count(), 1, "{}", ran.stderr);
}

#[test]
fn a_refused_key_is_told_with_provider_status_and_cause() {
    for model in BOTH {
        let refusal = json!({"type": "error", "error": {
            "type": "authentication_error", "message": "invalid x-api-key"}});
        let pi = TestPi::new([Turn::json(401, refusal)]);
        let ran = pi.run(&["-p", "--model", model, "hi"]);
        assert_told(&ran, &[&model[..3], "401", "invalid x-api-key"]);
        let answer = pi.messages().pop().unwrap();
        assert_eq!(answer["stopReason"], "error");
        let message = answer["errorMessage"].as_str().unwrap();
        assert!(message.contains("401"), "{message}");
    }
}

#[test]
fn a_context_that_is_too_long_is_told_with_what_to_do_next() {
    let refusal = json!({"error": {"message":
        "This model's maximum context length is 8192 tokens, however you requested 9000 tokens"}});
    let pi = at_once([Turn::json(400, refusal)]);
    let ran = pi.run(&["-p", "--model", BOTH[0], "hi"]);
    assert_told(&ran, &["maximum context length", "larger context", "/new"]);
}

#[test]
fn a_page_instead_of_an_answer_is_told_without_its_markup() {
    for model in BOTH {
        let page = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title>\
                    <style>b{}</style></head><body><h1>Bad Gateway</h1></body></html>";
        let pi = at_once([Turn::html(502, page)]);
        let ran = pi.run(&["-p", "--model", model, "hi"]);
        assert_told(&ran, &[&model[..3], "502", "Bad Gateway"]);
        assert!(!ran.stderr.contains('<'), "{}", ran.stderr);
    }
}

#[test]
fn a_server_that_is_not_there_is_told_with_its_address() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let pi = TestPi::unconfigured([]);
    let models = json!({"providers": {"gone": {"baseUrl": format!("http://{address}/v1"),
        "api": "openai-completions", "apiKey": "k", "models": [{"id": "m"}]}}});
    pi.write_agent("models.json", &models.to_string());
    pi.write_agent("settings.json", ONCE);
    let ran = pi.run(&["-p", "--model", "gone/m", "hi"]);
    assert_told(&ran, &["gone", &address, "refused"]);
}

#[test]
fn an_answer_that_breaks_off_is_an_error_and_stays_in_the_session() {
    for model in BOTH {
        let turn = Turn::text("one two three four five").cut_at(700);
        let pi = at_once([turn.ending(End::Reset)]);
        let ran = pi.run(&["-p", "--model", model, "hi"]);
        assert_told(&ran, &[&model[..3]]);
        let answer = pi.messages().pop().unwrap();
        assert_eq!(answer["stopReason"], "error");
    }
}

#[test]
fn hostile_words_from_a_server_reach_the_terminal_as_plain_text() {
    let pi = at_once([Turn::status(500, "\u{1b}]0;owned\u{7}\u{1b}[2Jboom")]);
    let ran = pi.run(&["-p", "--model", BOTH[0], "hi"]);
    assert_told(&ran, &["500", "boom"]);
    assert!(
        !ran.stderr.contains(['\u{1b}', '\u{7}']),
        "{:?}",
        ran.stderr
    );
}

#[test]
fn files_of_ones_own_that_are_broken_are_told_with_line_and_column_and_left_alone() {
    let pi = TestPi::new([Turn::text("ok")]);
    let broken = [
        ("settings.json", "{\n  \"theme\": \"dark\",\n  oops here\n}"),
        ("auth.json", "{\n  \"oai\": {\"type\": \"api_key\",, }\n}"),
    ];
    for (name, text) in broken {
        pi.write_agent(name, text);
    }
    let ran = pi.run(&["-p", "--model", BOTH[0], "hi"]);
    assert_eq!(
        (ran.stdout.as_str(), ran.code),
        ("ok\n", 0),
        "{}",
        ran.stderr
    );
    for (name, text, place) in [
        (broken[0].0, broken[0].1, "settings.json:3:"),
        (broken[1].0, broken[1].1, "auth.json:2:"),
    ] {
        let lines = ran.stderr.lines();
        let told: Vec<&str> = lines.filter(|line| line.contains(place)).collect();
        assert_eq!(told.len(), 1, "{place} in {}", ran.stderr);
        assert!(told[0].starts_with("warning: "), "{told:?}");
        assert_eq!(
            std::fs::read_to_string(pi.agent().join(name)).unwrap(),
            text
        );
    }
    assert_eq!(ran.stderr.lines().count(), 2, "{}", ran.stderr);
}

#[test]
fn an_answer_with_nothing_in_it_is_told_whoever_gave_it() {
    for model in BOTH {
        for turn in [Turn::new(), Turn::text("")] {
            let ran = at_once([turn]).run(&["-p", "--model", model, "hi"]);
            assert_eq!((ran.stdout.trim(), ran.code), ("", 0), "{}", ran.stderr);
            assert!(
                ran.stderr.contains("the model answered with nothing"),
                "{model}: {}",
                ran.stderr
            );
        }
    }
}

#[test]
fn an_answer_that_only_thinks_is_told() {
    for model in ["oai/thinker", "ant/thinker"] {
        let ran = at_once([Turn::new().thinking("Hm.")]).run(&["-p", "--model", model, "hi"]);
        assert_eq!((ran.stdout.trim(), ran.code), ("", 0), "{}", ran.stderr);
        assert!(
            ran.stderr
                .contains("the model answered with nothing (it only thought)"),
            "{model}: {}",
            ran.stderr
        );
    }
}

#[test]
fn after_a_failure_nothing_more_is_said() {
    for status in [503, 401] {
        let turns = || [Turn::status(status, "broken"), Turn::text("Two.")];
        let pi = at_once(turns());
        let ran = pi.run(&["-p", "--model", BOTH[0], "one", "two"]);
        assert_told(&ran, &["broken"]);
        assert_eq!(pi.server.requests().len(), 1);

        let pi = at_once(turns());
        let ran = pi.run(&["--mode", "json", "--model", BOTH[0], "one", "two"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let lines = ran.json_lines();
        assert_eq!(lines.last().unwrap()["type"], "agent_settled");
        assert_eq!(pi.server.requests().len(), 1);
    }
}
