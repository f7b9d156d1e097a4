//! The plain face: lines in, lines out, on any terminal.

use std::path::Path;

use serde_json::json;

use crate::support::TestPi;
use crate::support::model_server::Turn;
use crate::support::pty::Pty;

fn start(pi: &TestPi, args: &[&str], term: &str) -> Pty {
    let binary = env!("CARGO_BIN_EXE_pi");
    let home = pi.home().display().to_string();
    let env = [("HOME", home), ("TERM", term.to_owned())];
    let env = env.map(|(name, value)| (name.to_owned(), value));
    let args = [&["--model", "oai/scripted"], args].concat();
    Pty::spawn(Path::new(binary), &args, env.into(), &pi.project(), 200, 40)
}

/// No escape sequence and no box was written.
fn assert_plain(pty: &Pty) {
    let raw = pty.raw();
    let text = String::from_utf8_lossy(&raw);
    let bad = text
        .chars()
        .find(|c| *c == '\x1b' || ('\u{2500}'..'\u{2600}').contains(c));
    assert_eq!(bad, None, "{text:?}");
}

#[test]
fn a_conversation_is_lines() {
    let pi = TestPi::new([
        Turn::tool("bash", json!({ "command": "printf 'al\x1b[31mpha\\n'" })),
        Turn::text("It is done.\n\nAll of it."),
    ]);
    let mut pty = start(&pi, &["--plain"], "xterm-256color");
    pty.wait_for_text("Model: oai/scripted");
    pty.type_text("do it\n");
    pty.wait_for_text("All of it.");
    pty.wait_for(|screen| screen.contents().trim_end().ends_with('>'));
    let contents = pty.contents();
    let told: Vec<&str> = contents
        .lines()
        .skip_while(|line| !line.contains("do it"))
        .filter(|line| !line.is_empty())
        .map(str::trim_end)
        .collect();
    let at = |wanted: &str| told.iter().position(|line| *line == wanted);
    let order = [
        "alpha",
        "exit 0",
        "Assistant: It is done.",
        "All of it.",
        ">",
    ]
    .map(at);
    assert!(
        order.iter().all(Option::is_some) && order.is_sorted(),
        "{contents}"
    );
    assert!(contents.contains("Tool bash: printf"), "{contents}");
    assert_plain(&pty);
    pty.type_text("/quit\n");
    assert_eq!(pty.wait_exit(), 0);
    assert!(pty.contents().contains("To go on: pi --plain --session"));
}

#[test]
fn a_dumb_terminal_gets_it_with_one_sentence() {
    let pi = TestPi::new([Turn::text("An answer.")]);
    let mut pty = start(&pi, &["a question"], "dumb");
    pty.wait_for_text("An answer.");
    let contents = pty.contents();
    assert_eq!(
        contents.matches("pi speaks line by line").count(),
        1,
        "{contents}"
    );
    assert_plain(&pty);
    // The end of input is the end.
    pty.wait_for(|screen| screen.contents().trim_end().ends_with('>'));
    pty.send(b"\x04");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn ctrl_c_stops_a_run_and_twice_leaves() {
    let pi = TestPi::new([Turn::silent(), Turn::text("And on.")]);
    let mut pty = start(&pi, &["--plain"], "xterm");
    pty.wait_for_text("Model: oai/scripted");
    pty.type_text("go\n");
    pi.server.wait_for_requests(1);
    pty.send(b"\x03");
    pty.wait_for_text("Stopped.");
    pty.type_text("go on\n");
    pty.wait_for_text("Assistant: And on.");
    pty.wait_for(|screen| screen.contents().trim_end().ends_with('>'));
    pty.send(b"\x03");
    // Once when the run was stopped, once now.
    let told = "Control C again leaves pi.";
    pty.wait_for(|screen| screen.contents().matches(told).count() == 2);
    pty.send(b"\x03");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn a_line_goes_on_behind_a_backslash_and_commands_answer_in_lines() {
    let pi = TestPi::new([Turn::text("Both.")]);
    let mut pty = start(&pi, &["--plain"], "xterm");
    pty.wait_for_text("Model: oai/scripted");
    pty.type_text("one\\\ntwo\n");
    pty.wait_for_text("Assistant: Both.");
    assert_eq!(pi.messages()[0]["content"][0]["text"], "one\ntwo");
    pty.type_text("/name spring clean\n");
    pty.wait_for_text("Name of the session: spring clean");
    pty.type_text("/session\n");
    pty.wait_for_text("Messages: 2");
    pty.type_text("!printf 'x%s' y\n");
    pty.wait_for_text("Shell: printf");
    pty.wait_for_text("xy");
    pty.type_text("/tree\n");
    pty.wait_for_text("/tree needs the painted screen");
    pty.type_text("/login anthropic\n");
    pty.wait_for_text("pi auth login anthropic");
    pty.type_text("/flug\n");
    pty.wait_for_text("There is no command /flug");
    assert_plain(&pty);
}
