//! Lines, and what is no command.

use serde_json::{Value, json};

use super::client::Client;
use crate::support::TestPi;
use crate::support::model_server::Turn;

#[test]
fn what_is_no_command_is_told_and_the_process_lives() {
    let pi = TestPi::new([]);
    let mut client = Client::start(&pi);
    for line in [
        "not json",
        "{\"type\": ",
        "[]",
        "5",
        "{}",
        "{\"type\":{}}",
        "\u{0}",
    ] {
        client.write(line);
        let record = client.next_that(|_| true);
        assert_eq!(record["command"], "parse", "{line}");
        assert_eq!(
            (&record["id"], &record["success"]),
            (&Value::Null, &json!(false))
        );
        let error = record["error"].as_str().unwrap();
        assert!(error.starts_with("Failed to parse command: "), "{error}");
    }
    client.write(b"{\"type\":\"prompt\",\"message\":\"\xff\xfe\"}");
    assert_eq!(client.next_that(|_| true)["command"], "parse");
    client.write(format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)));
    assert_eq!(client.next_that(|_| true)["command"], "parse");
    let response = client.ask(json!({"type": "fly"}));
    assert_eq!(response["error"], "Unknown command: fly");
    assert_eq!(response["command"], "fly");
    client.data(json!({"type": "get_state"}));
    assert_eq!(client.finish(), (0, String::new()));
}

#[test]
fn a_field_that_is_missing_or_of_the_wrong_type_is_named_with_the_id() {
    let pi = TestPi::new([]);
    let mut client = Client::start(&pi);
    for (command, named) in [
        (json!({"type": "prompt"}), "message"),
        (json!({"type": "prompt", "message": 5}), "string"),
        (
            json!({"type": "prompt", "message": "x", "images": "y"}),
            "sequence",
        ),
        (
            json!({"type": "prompt", "message": "x", "streamingBehavior": "now"}),
            "followUp",
        ),
        (json!({"type": "set_model", "provider": "oai"}), "modelId"),
        (
            json!({"type": "set_steering_mode", "mode": "some"}),
            "one-at-a-time",
        ),
        (
            json!({"type": "set_auto_retry", "enabled": "yes"}),
            "boolean",
        ),
        (
            json!({"type": "set_thinking_level", "level": "loud"}),
            "loud",
        ),
    ] {
        let error = client.error(command.clone());
        assert!(error.contains(named), "{command}: {error}");
    }
    assert_eq!(client.data(json!({"type": "get_state"}))["messageCount"], 0);
}

#[test]
fn ids_come_back_as_they_were_and_only_then() {
    let pi = TestPi::new([]);
    let mut client = Client::start(&pi);
    client.write(r#"{"id": 17, "type": "get_commands"}"#);
    let expected = json!({"id": 17, "type": "response", "command": "get_commands",
        "success": true, "data": {"commands": []}});
    assert_eq!(client.next_that(|_| true), expected);
    client.write(r#"{"type": "abort_retry"}"#);
    let expected = json!({"type": "response", "command": "abort_retry", "success": true});
    assert_eq!(client.next_that(|_| true), expected);
}

#[test]
fn lines_end_at_lf_alone_and_a_cr_before_it_is_none_of_theirs() {
    let odd = "one\u{2028}two\u{2029}three\u{85}four";
    let pi = TestPi::new([Turn::text(odd)]);
    let mut client = Client::start(&pi);
    client.write("\r\n\n\r");
    client.write(format!(
        "{}\r",
        json!({"id": "a", "type": "prompt", "message": odd})
    ));
    assert_eq!(client.response("a")["success"], true);
    client.event("agent_settled");
    let text = client.data(json!({"type": "get_last_assistant_text"}));
    assert_eq!(text, json!({"text": odd}));
    assert_eq!(pi.messages()[0]["content"][0]["text"], odd);
}

#[test]
fn a_line_without_end_costs_an_error_and_no_memory() {
    let pi = TestPi::new([]);
    let mut client = Client::start(&pi);
    let piece = "x".repeat(1024 * 1024);
    let mut line = String::from("{\"id\":\"big\",\"type\":\"prompt\",\"message\":\"");
    for _ in 0..200 {
        line.push_str(&piece);
    }
    client.write(line);
    let record = client.next_that(|_| true);
    assert_eq!(record["command"], "parse");
    assert!(record["error"].as_str().unwrap().contains("longer than"));
    client.data(json!({"type": "get_state"}));
    let peak = peak_memory(client.pid());
    assert!(peak < 400 * 1024, "{peak} KB");
}

/// Kilobytes that a process has had resident at most.
pub fn peak_memory(pid: i32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let figure = line.unwrap().split_whitespace().nth(1);
    figure.unwrap().parse().unwrap()
}
