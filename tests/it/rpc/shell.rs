//! The program's own shell commands.

use serde_json::{Value, json};

use super::client::Client;
use crate::support::TestPi;
use crate::support::model_server::{Hold, Turn};

/// What a command has printed, from its events.
fn printed(client: &Client, id: &str) -> String {
    let of_it = client
        .heard
        .iter()
        .filter(|record| record["type"] == "bash_execution_update" && record["id"] == id);
    of_it
        .map(|record| record["delta"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn output_comes_as_it_is_printed_and_the_result_at_the_end() {
    let pi = TestPi::new([]);
    pi.write("project/go", "");
    std::fs::remove_file(pi.project().join("go")).unwrap();
    let mut client = Client::start(&pi);
    let line = "printf 'one\\033[31m\\n'; until [ -e go ]; do sleep 0.01; done; echo two; exit 3";
    let id = client.send(json!({"type": "bash", "command": line}));
    assert_eq!(
        client.event("bash_execution_update"),
        json!({"type": "bash_execution_update", "id": id, "delta": "one\n"})
    );
    // It is still running, and other commands are answered.
    client.data(json!({"type": "get_state"}));
    pi.write("project/go", "");
    let response = client.response(&id);
    assert_eq!(
        response["data"],
        json!({"output": "one\ntwo\n", "exitCode": 3, "cancelled": false, "truncated": false})
    );
    assert_eq!(printed(&client, &id), "one\ntwo\n");
    assert_eq!(client.data(json!({"type": "get_state"}))["messageCount"], 1);
}

#[test]
fn all_of_a_long_output_is_streamed_and_the_result_is_cut() {
    let pi = TestPi::new([]);
    let mut client = Client::start(&pi);
    let id = client.send(json!({"type": "bash", "command": "seq 1 200000"}));
    let data = client.response(&id)["data"].clone();
    assert_eq!(data["truncated"], true);
    let all = std::fs::read_to_string(data["fullOutputPath"].as_str().unwrap()).unwrap();
    assert_eq!(all.lines().count(), 200_000);
    assert_eq!(printed(&client, &id), all);
    assert!(all.ends_with(data["output"].as_str().unwrap()));
}

#[test]
fn two_run_at_once_and_both_can_be_stopped() {
    let pi = TestPi::new([]);
    let mut client = Client::start(&pi);
    let one = client.send(json!({"type": "bash", "command": "echo one; sleep 1000"}));
    let other = client.send(json!({"type": "bash", "command": "echo other; sleep 1000"}));
    client.event("bash_execution_update");
    client.event("bash_execution_update");
    client.data(json!({"type": "abort_bash"}));
    for id in [one, other] {
        let data = client.response(&id)["data"].clone();
        assert_eq!(
            (&data["cancelled"], data.get("exitCode")),
            (&json!(true), None)
        );
    }
    client.data(json!({"type": "bash", "command": "true"}));
}

#[test]
fn the_model_is_told_with_the_next_prompt_unless_it_is_not_to_be() {
    let gate = Hold::new();
    let pi = TestPi::new([
        Turn::text("One two.").hold_at(1, &gate),
        Turn::text("Three."),
    ]);
    let mut client = Client::start(&pi);
    client.data(json!({"type": "bash", "command": "echo told"}));
    client.data(json!({"type": "bash", "command": "echo hidden", "excludeFromContext": true}));
    client.data(json!({"type": "prompt", "message": "go"}));
    gate.wait_until_reached();
    // During a run: kept behind it.
    client.data(json!({"type": "bash", "command": "echo during"}));
    gate.open();
    client.event("agent_settled");
    let roles = |messages: Vec<Value>| -> Vec<String> {
        messages
            .iter()
            .map(|message| message["role"].as_str().unwrap().to_owned())
            .collect()
    };
    let expected = [
        "bashExecution",
        "bashExecution",
        "user",
        "assistant",
        "bashExecution",
    ];
    assert_eq!(roles(pi.messages()), expected);
    client.prompt("again");
    let requests = pi.server.requests();
    let has = |request: usize, word: &str| requests[request].raw_body.contains(word);
    assert_eq!(
        [has(0, "told"), has(0, "hidden"), has(0, "during")],
        [true, false, false]
    );
    assert_eq!(
        [has(1, "told"), has(1, "hidden"), has(1, "during")],
        [true, false, true]
    );
}

#[test]
fn an_abort_of_the_run_leaves_the_shell_command_alone() {
    let pi = TestPi::new([]);
    let mut client = Client::start(&pi);
    let line = "echo on; until [ -e go ]; do sleep 0.01; done; echo off";
    let id = client.send(json!({"type": "bash", "command": line}));
    client.event("bash_execution_update");
    client.data(json!({"type": "abort"}));
    pi.write("project/go", "");
    assert_eq!(client.response(&id)["data"]["output"], "on\noff\n");
}
