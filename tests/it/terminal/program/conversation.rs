//! Talking: words in, answers out, whatever happens in between.

use serde_json::{Value, json};

use super::*;
use crate::support::model_server::{End, Hold, Turn, openai_events};

/// An answer that stops before this word until the gate is opened.
fn held(text: &str, word: &str, gate: &Hold) -> Turn {
    let turn = Turn::text(text);
    let body = openai_events(&turn);
    let at = memchr::memmem::find(&body, word.as_bytes()).unwrap();
    turn.hold_at(at, gate)
}

/// The text of the last message that the request carries.
fn last_message(body: &Value) -> String {
    let message = body["messages"].as_array().unwrap().last().unwrap();
    match &message["content"] {
        Value::String(text) => text.clone(),
        parts => parts[0]["text"].as_str().unwrap().to_owned(),
    }
}

#[test]
fn without_any_configuration_the_demo_says_what_it_is_and_answers() {
    let pi = TestPi::unconfigured([]);
    pi.write("project/apples.txt", "");
    let mut pty = start_in(&pi, SCRIPT, &[], (80, 24));
    pty.wait_for_text("demo, no model connected (/login)");
    assert!(pty.contents().contains("No model is connected"));
    say(&mut pty, "list the files here");
    pty.wait_for_text("apples.txt");
    pty.wait_for(|screen| !screen.contents().contains("Working"));
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}

#[test]
fn an_answer_is_seen_as_it_comes_and_kept() {
    let gate = Hold::new();
    let pi = TestPi::new([held("first second third", "third", &gate)]);
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    say(&mut pty, "count");
    pty.wait_for_text("first second");
    pty.wait_for_text("Working…");
    assert!(!pty.contents().contains("third"));
    gate.open();
    pty.wait_for_text("first second third");
    pty.wait_for(|screen| !screen.contents().contains("Working"));
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    // The shell's screen has the conversation and how to go on with it.
    let contents = pty.contents();
    assert!(contents.contains("first second third"), "{contents}");
    assert!(contents.contains("To go on: pi --session"), "{contents}");
    let said = pi.messages();
    assert_eq!(said[0]["content"][0]["text"], "count");
    assert_eq!(said[1]["content"][0]["text"], "first second third");
}

#[test]
fn the_farewell_names_the_file_of_a_session_that_its_id_would_not_find() {
    let pi = TestPi::new([Turn::text("An answer.")]);
    let mut pty = start(&pi, &["--session-dir", "../my flat", "count"]);
    pty.wait_for_text("An answer.");
    pty.wait_for(|screen| !screen.contents().contains("Working"));
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    let contents = pty.contents();
    assert!(contents.contains("To go on: pi --session '/"), "{contents}");
}

#[test]
fn a_command_is_seen_while_it_runs() {
    let command = "mkfifo gate; printf 'al%s\\n' pha; read x <gate; printf 'be%s\\n' ta";
    let pi = TestPi::new([
        Turn::tool("bash", json!({ "command": command })),
        Turn::text("It is done."),
    ]);
    let mut pty = start(&pi, &["run it"]);
    pty.wait_for_text("alpha");
    assert!(!pty.contents().contains("beta"));
    std::fs::write(pi.project().join("gate"), "go\n").unwrap();
    pty.wait_for_text("It is done.");
    assert!(pty.contents().contains("beta"));
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}

#[test]
fn escape_stops_a_model_that_has_stalled() {
    let gate = Hold::new();
    let pi = TestPi::new([
        held("so far and further", "further", &gate),
        Turn::text("again"),
    ]);
    let mut pty = start(&pi, &["go"]);
    pty.wait_for_text("so far and");
    // In one piece: the key alone at the end is Escape all the same.
    pty.type_text("typed meanwhile\x1b");
    pty.wait_for_text("Stopped");
    pi.server.wait_for_hang_ups(1);
    pty.wait_for(|screen| !screen.contents().contains("Working"));
    assert_eq!(pi.messages()[1]["stopReason"], "aborted");
    // What was typed is still there, and the conversation goes on.
    pty.send(b"\r");
    pty.wait_for_text("again");
    assert_eq!(
        last_message(&pi.server.requests()[1].body),
        "typed meanwhile"
    );
}

#[test]
fn escape_stops_a_model_that_never_answers() {
    let pi = TestPi::new([Turn::silent()]);
    let mut pty = start(&pi, &["go"]);
    pi.server.wait_for_requests(1);
    pty.wait_for_text("Working…");
    pty.send(b"\x1b");
    pty.wait_for(|screen| !screen.contents().contains("Working"));
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}

#[test]
fn a_connection_that_breaks_is_told() {
    let turn = Turn::text("half an answer").cut_at(300).ending(End::HangUp);
    let pi = TestPi::new([turn]);
    let pty = start(&pi, &["go"]);
    pty.wait_for(|screen| {
        let contents = screen.contents().to_lowercase();
        contents.contains("error") && !contents.contains("working")
    });
}

#[test]
fn what_is_sent_while_the_model_works_steers_it() {
    let gate = Hold::new();
    let pi = TestPi::new([
        held("to the right", "right", &gate),
        Turn::text("left it is"),
    ]);
    let mut pty = start(&pi, &["go"]);
    pty.wait_for_text("to the");
    say(&mut pty, "no, left");
    pty.wait_for_text("steers: no, left");
    gate.open();
    pty.wait_for_text("left it is");
    assert!(!pty.contents().contains("steers:"));
    let requests = pi.server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(last_message(&requests[1].body), "no, left");
}

#[test]
fn what_waits_at_the_end_is_not_lost() {
    let gate = Hold::new();
    let pi = TestPi::new([held("one two", "two", &gate)]);
    let mut pty = start(&pi, &["go"]);
    pty.wait_for_text("one");
    say(&mut pty, "a wish");
    pty.wait_for_text("steers: a wish");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    let contents = pty.contents();
    assert!(
        contents.contains("Typed and not sent:\na wish"),
        "{contents}"
    );
}

#[test]
fn another_size_while_the_model_answers_loses_nothing() {
    let gate = Hold::new();
    let pi = TestPi::new([held("first second third", "third", &gate)]);
    let mut pty = start(&pi, &["count"]);
    pty.wait_for_text("first second");
    pty.type_text("my next words");
    pty.wait_for_text("my next words");
    for (columns, rows) in [(40, 12), (20, 5), (100, 30)] {
        pty.resize(columns, rows);
        pty.wait_for(|screen| {
            let contents = screen.contents();
            let bottom = contents.trim_end().lines().count();
            contents.contains("first second")
                && contents.contains("my next words")
                && bottom == usize::from(rows)
        });
    }
    gate.open();
    pty.wait_for_text("first second third");
    assert!(pty.contents().contains("my next words"));
}

#[test]
fn a_paste_is_a_marker_and_is_sent_whole() {
    let pi = TestPi::new([Turn::text("thanks")]);
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    let lines: Vec<String> = (1..=50).map(|line| format!("line {line}")).collect();
    pty.type_text(&format!("\x1b[200~{}\x1b[201~", lines.join("\r")));
    pty.wait_for_text("[paste #1 +50 lines]");
    pty.send(b"\r");
    pty.wait_for_text("thanks");
    assert_eq!(
        last_message(&pi.server.requests()[0].body),
        lines.join("\n")
    );
}

#[test]
fn the_external_editor_has_the_terminal_and_gives_it_back() {
    let pi = TestPi::new([Turn::text("read it")]);
    let script = "#!/bin/sh\necho editing; read line; printf '%s, and %s\\n' \"$(cat \"$1\")\" \"$line\" >\"$1\"\n";
    executable(pi.write("editor", script));
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    pty.type_text("a draft\x07");
    pty.wait_for_text("editing");
    assert!(!pty.look(vt100::Screen::alternate_screen));
    pty.type_text("more\n");
    pty.wait_for_text("a draft, and more");
    assert!(pty.look(vt100::Screen::alternate_screen));
    pty.send(b"\r");
    pty.wait_for_text("read it");
    assert_eq!(
        last_message(&pi.server.requests()[0].body),
        "a draft, and more"
    );
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}

#[test]
fn the_window_is_called_after_the_session_and_its_directory() {
    let pi = TestPi::new([]);
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    say(&mut pty, "/name spring clean");
    pty.wait_for_text("this session is called");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
    let titles: Vec<&str> = raw
        .split("\x1b]2;")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('\x07')?.0))
        .collect();
    assert_eq!(titles, ["π - project", "π - spring clean - project"]);
}

/// As the others, but pi has a process group of its own, as below a shell that people use.
const GROUPED: &str = r#"set -m; stty -g >~/before; "$@"; echo $? >~/code; stty -g >~/after"#;

#[test]
fn ctrl_c_in_the_external_editor_is_the_editors() {
    let pi = TestPi::new([]);
    let script = "#!/bin/sh\necho editing; read line; echo lost >\"$1\"\n";
    executable(pi.write("editor", script));
    let mut pty = start_in(&pi, GROUPED, &MODEL, (140, 24));
    pty.wait_for_text("oai/scripted");
    pty.type_text("a draft\x07");
    pty.wait_for_text("editing");
    pty.send(b"\x03");
    pty.wait_for_text("the prompt is as it was");
    assert!(pty.contents().contains("a draft"));
    pty.send(b"\x15");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}

#[test]
fn a_shell_line_is_run_and_shown() {
    let pi = TestPi::new([]);
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    say(&mut pty, "!printf 'al%s\\n' pha");
    pty.wait_for(|screen| {
        let seen = screen.contents();
        seen.contains("alpha") && !seen.contains("to stop)")
    });
    say(&mut pty, "!sleep 1000");
    pty.wait_for_text("$ sleep 1000");
    pty.send(b"\x1b");
    pty.wait_for_text("│ stopped");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}
