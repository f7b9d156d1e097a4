//! Prompts, queues, aborts; a program that does not read.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use super::client::Client;
use super::framing::peak_memory;
use crate::support::TestPi;
use crate::support::model_server::{Hold, Turn};

fn disposition(client: &mut Client, command: Value) -> Value {
    client.data(command)["disposition"].clone()
}

/// What the person said, in order.
fn said(pi: &TestPi) -> Vec<String> {
    let messages = pi.messages();
    let users = messages.iter().filter(|message| message["role"] == "user");
    users
        .map(|user| user["content"][0]["text"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_prompt_is_answered_before_anything_is_told_of_it() {
    let pi = TestPi::new([Turn::text("Hello."), Turn::text("Again.")]);
    let mut client = Client::start(&pi);
    for _ in 0..2 {
        let from = client.heard.len();
        client.prompt("hi");
        let told: Vec<&Value> = client.heard[from..]
            .iter()
            .map(|record| &record["type"])
            .collect();
        assert_eq!(told[..2], ["response", "agent_start"], "{told:?}");
        assert_eq!(
            client.heard[from]["data"],
            json!({"disposition": "started"})
        );
    }
    assert_eq!(client.finish(), (0, String::new()));
}

#[test]
fn what_is_said_during_a_run_waits_where_it_is_told_to() {
    let gate = Hold::new();
    let pi = TestPi::new([
        Turn::tool("bash", json!({"command": "true"})).hold_at(1, &gate),
        Turn::text("One."),
        Turn::text("Two."),
        Turn::text("Three."),
        Turn::text("Four."),
    ]);
    let mut client = Client::start(&pi);
    let first = json!({"type": "prompt", "message": "first"});
    assert_eq!(disposition(&mut client, first), "started");
    gate.wait_until_reached();
    let error = client.error(json!({"type": "prompt", "message": "lost"}));
    assert!(error.contains("streamingBehavior"), "{error}");
    for (command, kind) in [
        (
            json!({"type": "prompt", "message": "late 1", "streamingBehavior": "followUp"}),
            "followUp",
        ),
        (
            json!({"type": "follow_up", "message": "late 2"}),
            "followUp",
        ),
        (json!({"type": "steer", "message": "soon 1"}), "steering"),
        (
            json!({"type": "prompt", "message": "soon 2", "streamingBehavior": "steer"}),
            "steering",
        ),
    ] {
        let text = command["message"].clone();
        assert_eq!(disposition(&mut client, command), "queued");
        let queue = client.event("queue_update");
        assert_eq!(queue[kind].as_array().unwrap().last().unwrap(), &text);
    }
    assert_eq!(
        client.data(json!({"type": "get_state"}))["pendingMessageCount"],
        4
    );
    gate.open();
    client.event("agent_settled");
    assert_eq!(said(&pi), ["first", "soon 1", "soon 2", "late 1", "late 2"]);
}

#[test]
fn what_waits_can_be_taken_back() {
    let gate = Hold::new();
    let pi = TestPi::new([Turn::text("One two.").hold_at(1, &gate)]);
    let mut client = Client::start(&pi);
    client.data(json!({"type": "prompt", "message": "go"}));
    gate.wait_until_reached();
    client.data(json!({"type": "steer", "message": "a"}));
    client.data(json!({"type": "follow_up", "message": "b"}));
    let taken = client.data(json!({"type": "clear_queue"}));
    assert_eq!(taken, json!({"steering": ["a"], "followUp": ["b"]}));
    gate.open();
    client.event("agent_settled");
    assert_eq!(said(&pi), ["go"]);
}

#[test]
fn what_is_queued_at_rest_goes_out_with_the_next_prompt() {
    let pi = TestPi::new([Turn::text("One."), Turn::text("Two.")]);
    let mut client = Client::start(&pi);
    assert_eq!(
        disposition(
            &mut client,
            json!({"type": "steer", "message": "mind this"})
        ),
        "queued"
    );
    assert_eq!(
        client.data(json!({"type": "get_state"}))["isStreaming"],
        false
    );
    client.prompt("go");
    assert_eq!(said(&pi), ["go", "mind this"]);
}

#[test]
fn an_abort_is_answered_when_all_is_quiet() {
    let gate = Hold::new();
    let pi = TestPi::new([
        Turn::text("One two three.").hold_at(1, &gate),
        Turn::text("Next."),
    ]);
    let mut client = Client::start(&pi);
    client.data(json!({"type": "abort"}));
    client.data(json!({"type": "prompt", "message": "go"}));
    gate.wait_until_reached();
    client.data(json!({"type": "abort"}));
    assert_eq!(
        client.data(json!({"type": "get_state"}))["isStreaming"],
        false
    );
    assert_eq!(client.event("agent_settled")["aborted"], true);
    gate.open();
    client.prompt("again");
    assert_eq!(
        client.data(json!({"type": "get_last_assistant_text"}))["text"],
        "Next."
    );
}

#[test]
fn commands_are_taken_up_in_the_order_in_which_they_came() {
    let gate = Hold::new();
    let pi = TestPi::new([Turn::text("One two.").hold_at(1, &gate)]);
    let mut client = Client::start(&pi);
    let prompt = client.send(json!({"type": "prompt", "message": "go"}));
    let state = client.send(json!({"type": "get_state"}));
    let second = client.send(json!({"type": "prompt", "message": "no"}));
    let set = client.send(json!({"type": "set_model", "provider": "ant", "modelId": "thinker"}));
    let after = client.send(json!({"type": "get_state"}));
    assert_eq!(client.response(&prompt)["success"], true);
    assert_eq!(client.response(&state)["data"]["isStreaming"], true);
    assert_eq!(client.response(&second)["success"], false);
    assert_eq!(client.response(&set)["success"], true);
    assert_eq!(client.response(&after)["data"]["model"]["id"], "thinker");
    gate.open();
    client.event("agent_settled");
}

#[test]
fn a_program_that_stops_reading_holds_the_run_and_costs_no_memory() {
    let words: Vec<String> = (0..20_000).map(|n| format!("word{n} ")).collect();
    let pi = TestPi::new([
        Turn::new().say(&words.concat()).call(
            "c",
            "bash",
            json!({"command": "echo ran > ran.txt"}),
        ),
        Turn::text("Done."),
    ]);
    let mut command = pi.command(&["--mode", "rpc", "--model", "oai/scripted"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    writeln!(
        input,
        "{}",
        json!({"id": "p", "type": "prompt", "message": "go"})
    )
    .unwrap();
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    pi.server.wait_for_requests(1);
    // Commands are read on while nobody reads events: the last of these is carried out.
    for n in 0..100 {
        writeln!(input, "{}", json!({"id": n, "type": "get_state"})).unwrap();
    }
    writeln!(
        input,
        "{}",
        json!({"type": "bash", "command": "echo here > here.txt"})
    )
    .unwrap();
    let mut lines = vec![std::mem::take(&mut line)];
    while stdout.read_line(&mut line).unwrap() > 0 {
        lines.push(std::mem::take(&mut line));
        if lines
            .last()
            .unwrap()
            .starts_with("{\"type\":\"agent_settled\"")
        {
            break;
        }
    }
    let peak = peak_memory(child.id() as i32);
    assert!(peak < 120 * 1024, "{peak} KB");
    let records: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let text: String = records
        .iter()
        .filter(|event| event["assistantMessageEvent"]["type"] == "text_delta")
        .map(|event| {
            event["assistantMessageEvent"]["delta"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(text, format!("{}Done.", words.concat()));
    let answered = records
        .iter()
        .filter(|record| record["id"].is_number())
        .count();
    assert_eq!(answered, 100);
    assert!(pi.project().join("ran.txt").exists() && pi.project().join("here.txt").exists());
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
