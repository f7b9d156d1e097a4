//! The program in the terminal's own scrollback.

use std::ops::RangeInclusive;

use serde_json::json;

use super::*;
use crate::support::model_server::{Hold, Turn, openai_events};

/// As the others, but pi has a process group of its own and the shell goes on when it stops.
const STOPPING: &str = r#"set -m; stty -g >~/before; "$@"; stty -g >~/after; echo now stopped
    read line; fg >/dev/null; echo $? >~/code"#;

fn regular(pi: &TestPi, args: &[&str]) -> Pty {
    start(pi, &[&["--tui-mode", "regular"], args].concat())
}

/// All rows from the first in the scrollback on.
pub(super) fn all(pty: &Pty) -> String {
    pty.look(|screen| {
        let mut screen = screen.clone();
        let (rows, columns) = screen.size();
        let (rows, columns) = (rows.get(), columns.get());
        let mut all = Vec::new();
        let mut above = screen.scrollback_len();
        while above > 0 {
            screen.set_scrollback(above);
            let shown = above.min(usize::from(rows));
            all.extend(screen.rows(0, columns).take(shown));
            above -= shown;
        }
        screen.set_scrollback(0);
        all.extend(screen.rows(0, columns));
        let trimmed: Vec<&str> = all.iter().map(|row| row.trim_end()).collect();
        trimmed.join("\n").trim_end().to_owned()
    })
}

fn lines(numbers: RangeInclusive<usize>) -> String {
    numbers.map(|line| format!("- line {line}\n")).collect()
}

/// Every line is there, once and in order.
#[track_caller]
pub(super) fn assert_lines(all: &str, count: usize) {
    let is_line = |row: &&str| {
        let row = row.trim_start_matches([' ', '•', '-']);
        row.starts_with("line ")
    };
    let seen: Vec<&str> = all.lines().filter(is_line).collect();
    assert_eq!(seen.len(), count, "{all}");
    for (row, number) in seen.iter().zip(1..) {
        assert!(row.ends_with(&format!("line {number}")), "{all}");
    }
}

#[test]
fn an_answer_longer_than_the_screen_is_in_the_scrollback_and_stays_there_at_the_end() {
    let gate = Hold::new();
    let turn = Turn::text(&format!(
        "{}\nmeanwhile\n\n{}\nlast word",
        lines(1..=79),
        lines(80..=100)
    ));
    let at = memchr::memmem::find(&openai_events(&turn), b"meanwhile").unwrap();
    let pi = TestPi::new([turn.hold_at(at, &gate)]);
    let mut pty = regular(&pi, &["count"]);
    pty.wait_for_text("line 78");
    assert!(!pty.look(vt100::Screen::alternate_screen));
    pty.look(|screen| assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None));
    assert_lines(&all(&pty), 78);
    // What the person does while it streams changes nothing above.
    pty.type_text("my next words");
    pty.wait_for_text("my next words");
    gate.open();
    pty.wait_for(|screen| {
        let contents = screen.contents();
        contents.contains("last word") && !contents.contains("Working")
    });
    assert_lines(&all(&pty), 100);
    pty.send(b"\x03");
    pty.wait_for_text("cleared");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    let all = all(&pty);
    assert_lines(&all, 100);
    assert!(!all.contains("─────"), "{all}");
    let (_, end) = all.rsplit_once("last word").unwrap();
    assert_eq!(end.matches("To go on: pi --session").count(), 1, "{all}");
    // Nothing was cleared, so what the shell had is still there.
    assert!(!pty.raw().windows(4).any(|bytes| bytes == b"\x1b[3J"));
}

#[test]
fn folding_and_other_sizes_write_the_scrollback_again() {
    let command = "for i in $(seq 1 60); do echo - line $i; done";
    let pi = TestPi::new([
        Turn::tool("bash", json!({ "command": command })),
        Turn::text(&"and more\n\n".repeat(20)),
    ]);
    let mut pty = regular(&pi, &["run it"]);
    pty.wait_for(|screen| {
        let contents = screen.contents();
        contents.contains("and more") && !contents.contains("Working")
    });
    assert!(all(&pty).contains("earlier lines"));
    pty.send(b"\x0f");
    pty.wait_for(|screen| screen.scrollback_len() > 60);
    assert_lines(&all(&pty), 60);
    for (columns, rows) in [(40, 12), (200, 50), (21, 5), (80, 24)] {
        pty.resize(columns, rows);
        pty.wait_for(|screen| {
            let contents = screen.contents();
            let border = "─".repeat(columns.into());
            contents.lines().filter(|row| **row == *border).count() == if rows > 5 { 2 } else { 0 }
                && contents.contains("and more")
        });
    }
    pty.wait_for(|screen| screen.scrollback_len() > 60);
    assert_lines(&all(&pty), 60);
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    assert_lines(&all(&pty), 60);
}

#[test]
fn the_setting_chooses_the_mode_and_the_flag_has_the_last_word() {
    let pi = TestPi::new([]);
    pi.write_agent("settings.json", r#"{"tuiMode": "regular"}"#);
    for (args, is_fullscreen) in [(&[][..], false), (&["--tui-mode", "fullscreen"], true)] {
        let mut pty = start(&pi, args);
        pty.wait_for_text("oai/scripted");
        assert_eq!(pty.look(vt100::Screen::alternate_screen), is_fullscreen);
        say(&mut pty, "/quit");
        assert_over(&pi, &mut pty, 0);
    }
}

#[test]
fn the_shell_and_the_editor_have_the_terminal_in_between_and_nothing_is_said_twice() {
    let pi = TestPi::new([Turn::text("an answer")]);
    let script = "#!/bin/sh\necho editing; read line; echo \"$line\" >\"$1\"\n";
    executable(pi.write("editor", script));
    let args = [&MODEL[..], &["--tui-mode", "regular", "a question"]].concat();
    let mut pty = start_in(&pi, STOPPING, &args, (80, 40));
    pty.wait_for(|screen| {
        let contents = screen.contents();
        contents.contains("an answer") && !contents.contains("Working")
    });
    pty.type_text("a draft");
    pty.wait_for_text("a draft");
    pty.send(b"\x1a");
    pty.wait_for_text("now stopped");
    assert!(!pty.contents().contains("a draft"));
    assert!(!pty.look(vt100::Screen::bracketed_paste));
    pty.type_text("\n");
    pty.wait_for_text("a draft");
    pty.send(b"\x07");
    pty.wait_for_text("editing");
    pty.type_text("written there\n");
    pty.wait_for(|screen| {
        screen.bracketed_paste() && screen.contents().matches("written there").count() == 2
    });
    pty.send(b"\x03");
    pty.wait_for_text("cleared");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    let all = all(&pty);
    for said in [
        "a question",
        "an answer",
        "now stopped",
        "editing",
        "To go on",
    ] {
        assert_eq!(all.matches(said).count(), 1, "{said}\n{all}");
    }
}

#[test]
fn signals_leave_the_conversation_and_the_terminal_as_it_was() {
    for (signal, code) in [
        (libc::SIGTERM, 143),
        (libc::SIGHUP, 129),
        (libc::SIGINT, 130),
    ] {
        let pi = TestPi::new([Turn::silent()]);
        let mut pty = regular(&pi, &["a question"]);
        pi.server.wait_for_requests(1);
        pty.wait_for_text("Working…");
        kill(&pi, signal);
        assert_over(&pi, &mut pty, code);
        let contents = all(&pty);
        assert!(contents.contains("a question"), "{contents}");
        assert!(!contents.contains("─────"), "{contents}");
    }
}

#[test]
fn a_picture_is_sent_to_the_terminal_before_the_rows_that_it_stands_in() {
    let pi = TestPi::new([Turn::text("It is black.")]);
    let settings = json!({"terminal": {"images": "kitty"}});
    pi.write_agent("settings.json", &settings.to_string());
    let path = pi.project().join("black.png");
    image::RgbImage::new(40, 40).save(path).unwrap();
    let mut pty = regular(&pi, &["@black.png", "what is it?"]);
    pty.wait_for_text("It is black.");
    let raw = pty.raw();
    let mut mark = [0; 4];
    let mark = pi::tui::pictures::PLACEHOLDER.encode_utf8(&mut mark);
    let cell = memchr::memmem::find(&raw, mark.as_bytes()).unwrap();
    let sent: Vec<usize> = memchr::memmem::find_iter(&raw, b"\x1b_Ga=T,U=1").collect();
    assert_eq!(sent.len(), 1, "once");
    assert!(sent[0] < cell);
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}
