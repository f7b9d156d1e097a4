//! A second pi on a session that is in use: it asks, and watches, copies or leaves it alone.

use super::*;
use crate::support::model_server::{Hold, Turn};

/// A pi that writes a session, and a second one that asks about it.
fn two(pi: &TestPi, size: (u16, u16)) -> (Pty, Pty) {
    let mut first = start(pi, &["what is it?"]);
    first.wait_for_text("It is 42.");
    first.wait_for(|screen| !screen.contents().contains("Working"));
    say(&mut first, "!echo settled");
    first.wait_for(|screen| screen.contents().matches("settled").count() > 1);
    let second = start_in(pi, SCRIPT, &[&MODEL[..], &["-c"]].concat(), size);
    second.wait_for_text("This session is in use");
    (first, second)
}

#[test]
fn it_says_who_writes_the_session_and_escape_leaves() {
    for size in [(40, 12), (80, 24)] {
        let pi = TestPi::new([Turn::text("It is 42.")]);
        let mut first = start(&pi, &["what is it?"]);
        first.wait_for_text("It is 42.");
        let writer = pid(&pi);
        let mut second = start_in(&pi, SCRIPT, &[&MODEL[..], &["-c"]].concat(), size);
        second.wait_for_text("This session is in use");
        let text = second.contents();
        for words in ["Watch it", "Fork it", "New session", "Quit"] {
            assert!(text.contains(words), "{text}");
        }
        let joined = text.replace("│\n│", "").replace(['\n', '│'], "");
        let joined = joined.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(joined.contains(&format!("(process {writer})")), "{text}");
        second.send(b"\x1b");
        assert_over(&pi, &mut second, 0);
        assert_eq!(pi.sessions().len(), 1);
        say(&mut first, "/quit");
        first.wait_exit();
    }
}

#[test]
fn a_watched_session_is_followed_and_goes_on_when_its_writer_has_ended() {
    let gate = Hold::new();
    let pi = TestPi::new([
        Turn::text("It is 42."),
        Turn::text("Still 42.").hold_at(0, &gate),
        Turn::text("Always 42."),
    ]);
    let (mut first, mut second) = two(&pi, (80, 24));
    second.send(b"\r");
    second.wait_for_text("It is 42.");
    second.wait_for_text("watching · process");
    say(&mut second, "me too");
    second.wait_for_text("only being watched");
    assert!(second.contents().contains("me too"), "the words come back");
    say(&mut first, "and now?");
    second.wait_for_text("and now?");
    gate.open();
    second.wait_for_text("Still 42.");
    say(&mut first, "/quit");
    first.wait_exit();
    second.wait_for_text("it goes on here");
    second.wait_for(|screen| !screen.contents().contains("watching · process"));
    second.send(b"\r");
    second.wait_for_text("Always 42.");
    second.wait_for(|screen| !screen.contents().contains("Working"));
    say(&mut second, "/quit");
    assert_over(&pi, &mut second, 0);
    let said = pi.messages();
    let last = &said[said.len() - 2..];
    assert_eq!(last[0]["content"][0]["text"], "me too");
    assert_eq!(pi.sessions().len(), 1);
}

#[test]
fn a_session_in_use_is_forked_or_left_alone() {
    for (keys, has_history) in [("fork", true), ("new", false)] {
        let pi = TestPi::new([Turn::text("It is 42."), Turn::text("Mine.")]);
        let (mut first, mut second) = two(&pi, (80, 24));
        second.type_text(keys);
        second.wait_for_text("1/4");
        second.send(b"\r");
        second.wait_for_text("oai/scripted");
        second.wait_for(|screen| screen.contents().contains("It is 42.") == has_history);
        say(&mut second, "go on");
        second.wait_for_text("Mine.");
        assert_eq!(pi.sessions().len(), 2);
        let request = pi.server.requests().pop().unwrap();
        assert_eq!(request.raw_body.contains("It is 42."), has_history);
        for pty in [&mut second, &mut first] {
            say(pty, "/quit");
            pty.wait_exit();
        }
    }
}

#[test]
fn the_watching_pi_takes_what_a_killed_writer_had_typed() {
    let pi = TestPi::new([Turn::text("It is 42.")]);
    let mut first = start(&pi, &["what is it?"]);
    first.wait_for_text("It is 42.");
    let writer = pid(&pi);
    let mut second = start(&pi, &["-c"]);
    second.wait_for_text("This session is in use");
    second.send(b"\r");
    second.wait_for_text("watching · process");
    first.type_text("half a thought");
    super::drafts::wait_for_draft(&pi, |kept| kept == "half a thought");
    assert!(!second.contents().contains("half a thought"));
    // SAFETY: a plain system call on a process that this test started and that runs.
    assert_eq!(unsafe { libc::kill(writer, libc::SIGKILL) }, 0);
    second.wait_for_text("half a thought");
    assert!(!second.contents().contains("watching · process"));
}
