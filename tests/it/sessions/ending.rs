//! pi ends in the middle of things: nothing is lost, nothing is left running.

use serde_json::{Value, json};

use super::{MODEL, roles};
use crate::support::model_server::{Hold, Turn};
use crate::support::{LifeLine, Running, TestPi};

fn start(pi: &TestPi) -> Running {
    pi.spawn(&[&MODEL as &[&str], &["go"]].concat())
}

/// The results that the last request carries, as (call, text).
fn results(pi: &TestPi) -> Vec<(String, String)> {
    let request = pi.server.requests().pop().unwrap();
    let messages = request.body["messages"].as_array().unwrap().clone();
    let results = messages.iter().filter(|message| message["role"] == "tool");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    results
        .map(|result| (text(&result["tool_call_id"]), text(&result["content"])))
        .collect()
}

/// A command that shows its life to `line`, with a child in the background.
fn endless(line: &LifeLine) -> Value {
    let line = line.path.display();
    json!({"command": format!("exec 9>{line}; echo $$ >&9; (echo x >&9; sleep 1000) & sleep 1000")})
}

#[test]
fn a_signal_while_the_answer_streams_ends_it_with_a_whole_file() {
    for (signal, code) in [
        (libc::SIGTERM, 143),
        (libc::SIGHUP, 129),
        (libc::SIGINT, 130),
    ] {
        let gate = Hold::new();
        let pi = TestPi::new([Turn::text("one two three four").hold_at(600, &gate)]);
        let running = start(&pi);
        gate.wait_until_reached();
        running.signal(signal);
        let ran = running.finish();
        assert_eq!(
            (ran.stdout.as_str(), ran.code),
            ("", code),
            "{}",
            ran.stderr
        );
        assert_eq!(roles(&pi.messages()), ["user", "assistant"]);
        assert_eq!(pi.messages()[1]["stopReason"], "aborted");
        pi.server.push(Turn::text("again"));
        let ran = pi.run(&[&MODEL as &[&str], &["-c", "more"]].concat());
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("again\n", ""));
    }
}

#[test]
fn a_signal_while_a_command_runs_ends_it_and_all_its_children() {
    let pi = TestPi::new([]);
    let mut life = LifeLine::new(&pi.home());
    pi.server.push(Turn::tool("bash", endless(&life)));
    let running = start(&pi);
    life.wait_for_lines(2);
    running.signal(libc::SIGTERM);
    assert_eq!(running.finish().code, 143);
    life.wait_for_the_end();
    // The call has its result in the file.
    assert_eq!(
        roles(&pi.messages())[..3],
        ["user", "assistant", "toolResult"]
    );
    pi.server.push(Turn::text("on it"));
    let ran = pi.run(&[&MODEL as &[&str], &["-c", "more"]].concat());
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("on it\n", ""));
    assert_eq!(results(&pi).len(), 1);
}

#[test]
fn a_killed_pi_leaves_no_child_and_its_session_goes_on() {
    let pi = TestPi::new([]);
    let mut life = LifeLine::new(&pi.home());
    pi.server.push(Turn::tool("bash", endless(&life)));
    let running = start(&pi);
    life.wait_for_lines(2);
    running.signal(libc::SIGKILL);
    assert_eq!(running.finish().code, 137);
    life.wait_for_the_end();
    assert_eq!(roles(&pi.messages()), ["user", "assistant"]);
    pi.server.push(Turn::text("on it"));
    let ran = pi.run(&[&MODEL as &[&str], &["-c", "more"]].concat());
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("on it\n", ""));
    let results = results(&pi);
    assert_eq!(results.len(), 1);
    assert_eq!(results[0].0, "call_1");
    assert!(results[0].1.contains("interrupted"), "{results:?}");
}

#[test]
fn what_a_command_left_in_the_background_ends_with_pi() {
    let pi = TestPi::new([]);
    let mut life = LifeLine::new(&pi.home());
    let line = life.path.display().to_string();
    let command = format!("(exec 9>{line}; echo x >&9; sleep 1000) >/dev/null 2>&1 &");
    pi.server
        .push(Turn::tool("bash", json!({ "command": command })));
    let gate = Hold::new();
    pi.server.push(Turn::text("started").hold_at(0, &gate));
    let running = start(&pi);
    life.wait_for_lines(1);
    gate.open();
    assert_eq!(running.finish().stdout, "started\n");
    life.wait_for_the_end();
}
