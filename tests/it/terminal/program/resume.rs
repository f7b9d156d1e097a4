//! `pi -r`: the list first, then the session that was chosen.

use super::*;
use crate::support::model_server::Turn;

/// A pi that has said these things, each in a session of its own.
fn spoken(words: &[&str]) -> TestPi {
    let turns = words.iter().map(|_| Turn::text("It is 42."));
    let pi = TestPi::new(turns.chain([Turn::text("Still 42.")]).collect::<Vec<_>>());
    for words in words {
        let ran = pi.run(&[&MODEL[..], &["-p", words]].concat());
        assert!(ran.stdout.contains("42"), "{}", ran.stderr);
    }
    pi
}

#[test]
fn the_session_that_is_chosen_goes_on() {
    for size in [(40, 12), (120, 30)] {
        let pi = spoken(&["the first question", "the second question"]);
        let mut pty = start_in(&pi, SCRIPT, &[&MODEL[..], &["-r"]].concat(), size);
        pty.wait_for_text("› the second");
        pty.type_text("first");
        pty.wait_for_text("› the first");
        pty.send(b"\r");
        // The list shows the answer too; the footer is the conversation's.
        pty.wait_for_text("oai/scripted");
        pty.wait_for_text("It is 42.");
        say(&mut pty, "and now?");
        pty.wait_for_text("Still 42.");
        say(&mut pty, "/quit");
        assert_over(&pi, &mut pty, 0);
        assert_eq!(pi.sessions().len(), 2);
        let request = pi.server.requests().pop().unwrap();
        assert!(request.raw_body.contains("the first question"));
        assert!(!request.raw_body.contains("the second question"));
    }
}

#[test]
fn escape_leaves_without_a_session() {
    let pi = spoken(&["the first question"]);
    let mut pty = start(&pi, &["--resume"]);
    pty.wait_for_text("› the first question");
    pty.send(b"\x1b");
    assert_over(&pi, &mut pty, 0);
    assert!(pty.contents().contains("no session was chosen"));
    assert_eq!(pi.sessions().len(), 1);
}

#[test]
fn a_session_is_changed_to_from_within_another() {
    let pi = spoken(&["the first question"]);
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    say(&mut pty, "/resume");
    pty.wait_for_text("› the first question");
    pty.send(b"\r");
    pty.wait_for_text("It is 42.");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}

#[test]
fn a_session_that_another_pi_writes_is_gone_on_with_in_a_copy() {
    let pi = spoken(&["the first question", "the second question"]);
    let first = start(&pi, &["-c"]);
    first.wait_for_text("the second question");
    let mut second = start(&pi, &[]);
    second.wait_for_text("oai/scripted");
    say(&mut second, "/resume");
    second.wait_for_text("› the second question");
    second.send(b"\r");
    second.wait_for_text("This session is in use");
    second.send(b"\r");
    second.wait_for_text("a copy;");
    second.wait_for_text("It is 42.");
    assert_eq!(pi.sessions().len(), 3);
    say(&mut second, "/quit");
    assert_over(&pi, &mut second, 0);
    drop(first);
}

#[test]
fn without_a_terminal_there_is_nobody_to_ask() {
    let pi = spoken(&["the first question"]);
    for args in [&["-r"] as &[&str], &["--resume", "-p", "hi"]] {
        let ran = pi.run(args);
        assert_eq!(ran.code, 1);
        assert!(ran.stdout.is_empty());
        assert!(
            ran.stderr.starts_with("error: --resume asks which session"),
            "{}",
            ran.stderr
        );
    }
    let ran = pi.run(&["-r", "-c"]);
    assert!(ran.stderr.contains("cannot go together"), "{}", ran.stderr);
}

#[test]
fn a_session_that_is_found_by_what_was_said_opens_where_it_was_said() {
    let rows: Vec<String> = (0..60).map(|row| format!("row {row} of it")).collect();
    let turns = [
        Turn::text("the needle is here"),
        Turn::text(&rows.join("\n\n")),
    ];
    let pi = TestPi::new(turns);
    pi.run(&[&MODEL[..], &["-p", "begin"]].concat());
    pi.run(&[&MODEL[..], &["-c", "-p", "more"]].concat());
    let found = pi.run(&["search", "needle"]);
    assert!(found.stdout.contains("needle"), "{}", found.stderr);
    let is_there = |screen: &vt100::Screen| {
        let contents = screen.contents();
        contents.contains("oai/scripted")
            && contents.contains("the needle is here")
            && contents.contains("row 2 of it")
            && !contents.contains("row 59 of it")
    };
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    say(&mut pty, "/resume");
    pty.wait_for_text("› begin");
    pty.type_text("needle\r");
    pty.wait_for(is_there);
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    let mut pty = start_in(&pi, SCRIPT, &[&MODEL[..], &["-r"]].concat(), (80, 24));
    pty.wait_for_text("› begin");
    pty.type_text("needle\r");
    pty.wait_for(is_there);
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}

#[test]
fn the_list_before_a_conversation_wears_what_fits_the_terminal() {
    let pi = spoken(&["the first question"]);
    pi.write_agent("settings.json", r#"{"theme": "light/dark"}"#);
    let mut pty = start(&pi, &["-r"]);
    pty.wait_for_text("› the first question");
    assert!(memchr::memmem::find(&pty.raw(), b"\x1b]11;?").is_some());
    let title = |screen: &vt100::Screen| {
        let cell = screen.cell(0, 1).unwrap();
        assert_eq!(cell.contents(), "p");
        cell.fgcolor()
    };
    let dark = pty.look(title);
    pty.send(b"\x1b]11;rgb:ffff/ffff/ffff\x07\x1b[?62c");
    pty.wait_for(|screen| title(screen) != dark);
    pty.send(b"\r");
    pty.wait_for_text("It is 42.");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}
