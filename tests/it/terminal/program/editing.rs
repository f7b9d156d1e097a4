//! The editor of the program itself: history over several sittings, files, large pastes.

use std::fs;

use super::*;
use crate::support::model_server::Turn;

#[test]
fn the_next_sitting_knows_what_was_sent_in_the_last() {
    let pi = TestPi::new([Turn::text("It is 42."), Turn::text("It is 43.")]);
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    say(&mut pty, "what is it?");
    pty.wait_for_text("It is 42.");
    say(&mut pty, " my secret is 7");
    pty.wait_for_text("It is 43.");
    say(&mut pty, "/quit");
    pty.wait_exit();

    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    assert!(!pty.contents().contains("what is it?"));
    // Ctrl+R and a part of it.
    pty.type_text("\x12it?");
    pty.wait_for_text("› what is it?");
    assert!(!pty.contents().contains("secret"));
    pty.send(b"\r");
    pty.wait_for(|screen| !screen.contents().contains("What you sent"));
    assert!(pty.contents().contains("what is it?"));
    pty.send(b"\x15");
    say(&mut pty, "/quit");
    pty.wait_exit();
}

#[test]
fn a_directory_that_has_sessions_but_no_history_begins_with_what_was_said_in_them() {
    let pi = TestPi::new([Turn::text("It is 42."), Turn::text("It is 43.")]);
    for words in ["first words", "second words"] {
        let ran = pi.run(&[&MODEL[..], &["-p", words]].concat());
        assert_eq!(ran.code, 0);
    }
    assert!(!pi.agent().join("history").exists());
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    pty.type_text("\x12words");
    pty.wait_for(|screen| {
        let text = screen.contents();
        let places = ["second words", "first words"].map(|words| text.find(words));
        places[0].is_some() && places[0] < places[1]
    });
    pty.send(b"\x1b");
    pty.wait_for(|screen| !screen.contents().contains("What you sent"));
    say(&mut pty, "/quit");
    pty.wait_exit();
}

#[test]
fn a_file_of_the_directory_is_attached_by_a_part_of_its_name() {
    let pi = TestPi::new([]);
    fs::create_dir_all(pi.project().join("deep/down")).unwrap();
    fs::write(pi.project().join("deep/down/engine room.rs"), "").unwrap();
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    pty.type_text("see @room");
    pty.wait_for_text("› engine room.rs");
    pty.send(b"\t");
    pty.wait_for_text("see @\"deep/down/engine room.rs\"");
    pty.send(b"\x15!ls deep/d\t");
    pty.wait_for_text("!ls deep/down/");
    pty.send(b"\x15");
    say(&mut pty, "/quit");
    pty.wait_exit();
}

#[test]
fn ten_megabytes_are_pasted_and_sent_without_a_byte_lost() {
    let pi = TestPi::new([Turn::text("That was long.")]);
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    let line = "größe 日本 \\ \" end of line\r";
    let text = line.repeat(10_000_000 / line.len());
    pty.send(format!("\x1b[200~{text}\x1b[201~").as_bytes());
    let lines = text.matches('\r').count() + 1;
    pty.wait_for_text(&format!("[paste #1 +{lines} lines]"));
    pty.send(b"\r");
    pty.wait_for_text("That was long.");
    let request = pi.server.requests().pop().unwrap();
    let wanted = serde_json::to_string(text.replace('\r', "\n").trim_end()).unwrap();
    assert!(request.raw_body.contains(wanted.trim_matches('"')));
    say(&mut pty, "/quit");
    pty.wait_exit();
}
