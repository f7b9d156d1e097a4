//! The end: of the input, by a signal, by a reader that has gone; and ends at the beginning.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::json;

use super::client::Client;
use crate::support::TestPi;
use crate::support::model_server::{Hold, Turn};

/// A client whose run waits in the middle of its answer.
fn in_a_run(pi: &TestPi, gate: &Hold) -> Client {
    let mut client = Client::start(pi);
    client.data(json!({"type": "prompt", "message": "go"}));
    gate.wait_until_reached();
    client.send(json!({"type": "bash", "command": "echo on; sleep 1000"}));
    client.event("bash_execution_update");
    client
}

/// What was begun is on disk, marked as aborted.
fn assert_kept(pi: &TestPi) {
    let messages = pi.messages();
    assert_eq!(messages[0]["role"], "user");
    assert_eq!(messages[1]["stopReason"], "aborted");
    assert_eq!(
        (&messages[2]["role"], &messages[2]["cancelled"]),
        (&json!("bashExecution"), &json!(true))
    );
}

#[test]
fn the_end_of_the_input_stops_what_runs_and_keeps_it() {
    let gate = Hold::new();
    let pi = TestPi::new([Turn::text("One two three.").hold_at(1, &gate)]);
    let mut client = in_a_run(&pi, &gate);
    client.end_input();
    assert_eq!(client.wait(), (0, String::new()));
    assert_kept(&pi);
    // What was under way has been answered and told.
    let settled = client
        .heard
        .iter()
        .any(|record| record["type"] == "agent_settled");
    let last = client
        .heard
        .iter()
        .rfind(|record| record["type"] == "response")
        .unwrap();
    assert_eq!((&last["command"], settled), (&json!("bash"), true));
}

#[test]
fn commands_before_the_end_of_the_input_are_answered() {
    let pi = TestPi::new([]);
    let mut client = Client::start(&pi);
    let ids: Vec<String> = (0..200)
        .map(|_| client.send(json!({"type": "get_state"})))
        .collect();
    client.end_input();
    assert_eq!(client.wait().0, 0);
    for id in ids {
        assert_eq!(client.response(&id)["success"], true);
    }
}

#[test]
fn signals_end_it_in_order() {
    for (signal, code) in [(libc::SIGTERM, 143), (libc::SIGHUP, 129)] {
        let gate = Hold::new();
        let pi = TestPi::new([Turn::text("One two three.").hold_at(1, &gate)]);
        let mut client = in_a_run(&pi, &gate);
        client.signal(signal);
        assert_eq!(client.wait(), (code, String::new()));
        assert_kept(&pi);
    }
}

#[test]
fn a_signal_on_top_of_the_end_of_the_input_is_safe() {
    let gate = Hold::new();
    let pi = TestPi::new([Turn::text("One two three.").hold_at(1, &gate)]);
    let mut client = in_a_run(&pi, &gate);
    client.end_input();
    client.signal(libc::SIGTERM);
    let (code, _) = client.wait();
    assert!(code == 0 || code == 143, "{code}");
    assert_kept(&pi);
}

#[test]
fn a_session_that_is_open_elsewhere_is_refused_with_a_hint() {
    let pi = TestPi::new([Turn::text("Hello.")]);
    let mut first = Client::start(&pi);
    first.prompt("hi");
    let (code, stderr) = Client::start_with(&pi, &["--continue"]).finish();
    assert_eq!(code, 1);
    assert!(stderr.contains("--fork"), "{stderr}");
    let file = pi.sessions()[0].display().to_string();
    let mut fork = Client::start_with(&pi, &["--fork", &file]);
    assert_eq!(fork.data(json!({"type": "get_state"}))["messageCount"], 2);
}

#[test]
fn files_on_the_command_line_are_refused_and_words_are_not_said() {
    let pi = TestPi::new([]);
    let (code, stderr) = Client::start_with(&pi, &["@notes.md"]).finish();
    assert_eq!(code, 1);
    assert!(stderr.contains("@file"), "{stderr}");
    let mut client = Client::start_with(&pi, &["--model", "oai/scripted", "hello"]);
    assert_eq!(client.data(json!({"type": "get_state"}))["messageCount"], 0);
    let (code, stderr) = client.finish();
    assert_eq!(
        (code, stderr.starts_with("warning: ")),
        (0, true),
        "{stderr}"
    );
    // Nothing was said: there is no file.
    assert!(pi.sessions().is_empty());
}

#[test]
fn warnings_stay_out_of_the_stream() {
    let pi = TestPi::new([]);
    pi.write_agent("settings.json", "{ not json");
    let mut client = Client::start(&pi);
    client.data(json!({"type": "get_state"}));
    let (code, stderr) = client.finish();
    assert!(code == 0 && stderr.starts_with("warning: "), "{stderr}");
}

/// pi in the middle of a long answer, its reader stalled after one line.
fn stalled(pi: &TestPi) -> (Child, ChildStdin, BufReader<ChildStdout>) {
    let mut command = pi.command(&["--mode", "rpc", "--model", "oai/scripted"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut stdout = BufReader::with_capacity(16, child.stdout.take().unwrap());
    writeln!(input, "{}", json!({"type": "prompt", "message": "go"})).unwrap();
    stdout.read_line(&mut String::new()).unwrap();
    pi.server.wait_for_requests(1);
    (child, input, stdout)
}

fn long_answer() -> Turn {
    Turn::text(&"word ".repeat(20_000))
}

#[test]
fn a_program_that_does_not_read_cannot_keep_it() {
    let pi = TestPi::new([long_answer()]);
    let (mut child, input, _stdout) = stalled(&pi);
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(pi.messages()[0]["role"], "user");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let pi = TestPi::new([long_answer()]);
    let (mut child, _input, _stdout) = stalled(&pi);
    for signal in [libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: a plain system call on a child that has not been waited for.
        assert_eq!(unsafe { libc::kill(child.id() as i32, signal) }, 0);
    }
    assert_eq!(child.wait().unwrap().code(), Some(129));
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let pi = TestPi::new([long_answer()]);
    let (mut child, _input, stdout) = stalled(&pi);
    drop(stdout);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(pi.messages()[0]["role"], "user");
}
