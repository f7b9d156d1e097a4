//! The program goes from one terminal mode to the other while it runs.

use super::*;
use crate::support::model_server::{Hold, Turn, openai_events};

/// Changes the terminal's mode in the settings.
fn change(pty: &mut Pty, to: &str) {
    say(pty, "/settings terminal mode");
    let row = |screen: &vt100::Screen, value: &str| {
        let contents = screen.contents();
        let mut rows = contents.lines();
        rows.any(|row| row.contains("› Terminal mode") && row.contains(value))
    };
    let (regular, full) = ("regular", "fullscreen");
    let now = if to == regular { full } else { regular };
    pty.wait_for(|screen| row(screen, now));
    pty.type_text(" ");
    pty.wait_for(|screen| {
        screen.alternate_screen() == (to == full) && screen.contents().contains("it holds now")
    });
    pty.type_text("\x1b");
    pty.wait_for(|screen| !screen.contents().contains("› Terminal mode"));
}

#[test]
fn the_mode_is_changed_to_and_fro_and_nothing_is_lost_or_said_twice() {
    let lines = |from, to| {
        (from..=to)
            .map(|line| format!("- line {line}\n"))
            .collect::<String>()
    };
    let pi = TestPi::new([
        Turn::text(&lines(1, 60)),
        Turn::text(&lines(61, 70)),
        Turn::text(&lines(71, 80)),
    ]);
    pi.write_agent("settings.json", r#"{"timestamps": false}"#);
    let mut pty = start(&pi, &["first question"]);
    let settled = |pty: &mut Pty, last: &str| {
        pty.wait_for(|screen| {
            let contents = screen.contents();
            contents.contains(last) && !contents.contains("Working")
        });
    };
    settled(&mut pty, "line 60");
    assert!(pty.look(vt100::Screen::alternate_screen));

    change(&mut pty, "regular");
    settled(&mut pty, "line 60");
    regular::assert_lines(&regular::all(&pty), 60);
    pty.look(|screen| assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None));
    say(&mut pty, "second question");
    settled(&mut pty, "line 70");
    regular::assert_lines(&regular::all(&pty), 70);

    change(&mut pty, "fullscreen");
    pty.look(|screen| assert_ne!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None));
    settled(&mut pty, "line 70");
    say(&mut pty, "third question");
    settled(&mut pty, "line 80");

    change(&mut pty, "regular");
    settled(&mut pty, "line 80");
    let between = regular::all(&pty);
    regular::assert_lines(&between, 80);

    change(&mut pty, "fullscreen");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    let all = regular::all(&pty);
    regular::assert_lines(&all, 80);
    for question in ["first question", "second question", "third question"] {
        assert_eq!(between.matches(question).count(), 1, "{between}");
        assert_eq!(all.matches(question).count(), 1, "{all}");
    }
    let saved = std::fs::read_to_string(pi.agent().join("settings.json")).unwrap();
    assert!(saved.contains("\"tuiMode\": \"fullscreen\""), "{saved}");
}

#[test]
fn the_mode_is_changed_while_an_answer_streams() {
    let lines = |from, to| {
        (from..=to)
            .map(|line| format!("- line {line}\n"))
            .collect::<String>()
    };
    let gate = Hold::new();
    let turn = Turn::text(&format!("{}\nmeanwhile\n\n{}", lines(1, 50), lines(51, 60)));
    let at = memchr::memmem::find(&openai_events(&turn), b"meanwhile").unwrap();
    let pi = TestPi::new([turn.hold_at(at, &gate)]);
    pi.write_agent("settings.json", r#"{"timestamps": false}"#);
    let mut pty = start(&pi, &["a question"]);
    pty.wait_for_text("line 49");
    change(&mut pty, "regular");
    change(&mut pty, "fullscreen");
    change(&mut pty, "regular");
    gate.open();
    pty.wait_for(|screen| {
        let contents = screen.contents();
        contents.contains("line 60") && !contents.contains("Working")
    });
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    let all = regular::all(&pty);
    regular::assert_lines(&all, 60);
    assert_eq!(all.matches("a question").count(), 1, "{all}");
}
