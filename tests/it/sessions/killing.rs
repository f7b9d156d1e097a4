//! `kill -9` at any moment: what pi has said that it finished is in the file, and the session goes on.

use pi::ai::Clock;
use pi::store::{Access, Store};
use serde_json::{Value, json};

use super::MODEL;
use crate::support::model_server::Turn;
use crate::support::{TestPi, messages_of, read_session};

const ARGS: [&str; 6] = [
    "--mode",
    "json",
    "--model",
    "oai/scripted",
    "first",
    "second",
];

/// Two prompts: answers of many pieces, a round of two calls, one of them with much output.
fn script() -> Vec<Turn> {
    let words = "word ".repeat(40);
    let counting = json!({"command": "for i in 1 2 3 4 5 6 7 8; do echo line $i; done"});
    vec![
        Turn::text(&words)
            .call("call_a", "bash", counting)
            .call("call_b", "ls", json!({"path": "."}))
            .in_chunks(200),
        Turn::text(&words).in_chunks(150),
        Turn::tool("bash", json!({"command": "echo once more"})),
        Turn::text(&words).in_chunks(150),
    ]
}

/// The finished messages that whole lines of JSON mode tell of, as (role, content).
fn told(stdout: &str) -> Vec<(Value, Value)> {
    let whole = stdout.rfind('\n').map_or("", |end| &stdout[..end]);
    let events = whole
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let ends = events.filter(|event| event["type"] == "message_end");
    ends.map(|event| said(&event["message"])).collect()
}

fn said(message: &Value) -> (Value, Value) {
    (message["role"].clone(), message["content"].clone())
}

/// Kills a pi when it has printed so many bytes; whether it was still at work.
fn trial(bytes: usize) -> bool {
    let pi = TestPi::new(script());
    let running = pi.spawn(&ARGS);
    running.wait_for_bytes(bytes);
    running.kill();
    let ran = running.finish();
    let told = told(&ran.stdout);
    let is_there = |path: &std::path::Path| {
        let messages: Vec<_> = messages_of(&read_session(path)).iter().map(said).collect();
        assert_eq!(messages[..told.len()], told, "killed after {bytes} bytes");
    };
    let sessions = pi.sessions();
    assert_eq!(sessions.is_empty(), told.is_empty() && sessions.is_empty());
    sessions.iter().for_each(|path| is_there(path));

    // What is left of the script, and enough behind it.
    for _ in 0..3 {
        pi.server.push(Turn::text("on it"));
    }
    let ran_again = pi.run(&[&MODEL as &[&str], &["-c", "go on"]].concat());
    assert_eq!((ran_again.stderr.as_str(), ran_again.code), ("", 0));
    let sessions = pi.sessions();
    assert_eq!(sessions.len(), 1);
    is_there(&sessions[0]);
    is_one_chain_without_open_calls(&sessions[0]);
    ran.code == 137
}

fn is_one_chain_without_open_calls(path: &std::path::Path) {
    let opened = Store::open(path, Access::Read, Clock::fixed(0)).unwrap();
    assert_eq!(opened.damage, []);
    let tree = opened.store.tree();
    let mut open: Vec<String> = Vec::new();
    for (index, node) in tree.nodes().iter().enumerate() {
        assert_eq!(
            node.parent(),
            index.checked_sub(1).map(|before| before as u32)
        );
        let message = opened.store.entry_at(index as u32).unwrap()["message"].take();
        match message["role"].as_str() {
            Some("assistant") => {
                assert_eq!(open, [""; 0], "an answer before the results");
                let blocks = message["content"].as_array().unwrap().iter();
                let calls = blocks.filter(|block| block["type"] == "toolCall");
                open.extend(calls.map(|call| call["id"].as_str().unwrap().to_string()));
            }
            Some("toolResult") => {
                let id = message["toolCallId"].as_str().unwrap();
                open.retain(|call| call != id);
            }
            Some("user") => assert_eq!(open, [""; 0], "a prompt before the results"),
            _ => {}
        }
    }
    assert_eq!(open, [""; 0]);
}

/// `PI_KILL_TRIALS` says how often; 30 times when it does not.
#[test]
fn a_kill_at_any_moment_loses_nothing_that_was_finished() {
    let pi = TestPi::new(script());
    let whole = pi.run(&ARGS);
    assert_eq!((whole.stderr.as_str(), whole.code), ("", 0));
    assert_eq!(told(&whole.stdout).len(), 9);
    let trials = std::env::var("PI_KILL_TRIALS").ok();
    let trials = trials.map_or(30, |count| count.parse().unwrap());
    let bytes = |trial: usize| whole.stdout.len() * trial / trials;
    let killed = (0..trials).filter(|at| trial(bytes(*at))).count();
    assert!(
        killed > trials / 2,
        "{killed} of {trials} were still at work"
    );
}
