//! Longer ways through the program: a long answer, a fork, a storm of sizes.

use super::*;
use crate::support::model_server::{Hold, Turn, openai_events};

/// So many numbered lines in a list, then these words.
fn long_answer(lines: usize, last: &str) -> String {
    let lines = (0..lines).map(|line| format!("- point {line} of *many*\n"));
    lines.chain([format!("\n{last}")]).collect()
}

fn held(text: &str, word: &str, gate: &Hold) -> Turn {
    let turn = Turn::text(text);
    let at = memchr::memmem::find(&openai_events(&turn), word.as_bytes()).unwrap();
    turn.hold_at(at, gate)
}

#[test]
fn a_long_answer_is_followed_left_for_its_beginning_and_met_again_at_its_end() {
    let gate = Hold::new();
    let text = long_answer(1500, "and that is all");
    let pi = TestPi::new([held(&text, "1200", &gate)]);
    let mut pty = start(&pi, &["list them"]);
    pty.wait_for_text("point 1199");
    // Ctrl+Home: held there while more comes.
    pty.send(b"\x1b[1;5H");
    pty.wait_for_text("point 3 of many");
    gate.open();
    pty.wait_for(|screen| !screen.contents().contains("Working"));
    assert!(pty.contents().contains("point 3 of many"));
    pty.send(b"\x1b[1;5F");
    pty.wait_for_text("and that is all");
    assert!(pty.contents().contains("point 1499 of many"));
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    assert_eq!(pi.messages()[1]["content"][0]["text"], text);
}

#[test]
fn a_fork_goes_on_from_before_a_prompt_and_the_first_session_is_as_it_was() {
    let pi = TestPi::new(["one", "two", "another two"].map(Turn::text));
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    for (question, answer) in [
        ("the first question", "one"),
        ("the second question", "two"),
    ] {
        say(&mut pty, question);
        pty.wait_for_text(answer);
        pty.wait_for(|screen| !screen.contents().contains("Working"));
    }
    let first = std::fs::read(&pi.sessions()[0]).unwrap();
    say(&mut pty, "/fork");
    pty.wait_for_text("› the second question");
    pty.send(b"\r");
    pty.wait_for_text("a fork; the other session is unchanged");
    pty.type_text(", put better");
    pty.wait_for_text("the second question, put better");
    pty.send(b"\r");
    pty.wait_for_text("another two");
    pty.wait_for(|screen| !screen.contents().contains("Working"));
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    let sessions = pi.sessions();
    assert_eq!(sessions.len(), 2);
    assert!(
        sessions
            .iter()
            .any(|file| std::fs::read(file).unwrap() == first)
    );
    let request = pi.server.requests().pop().unwrap().raw_body;
    assert!(request.contains("the first question") && request.contains("put better"));
}

#[test]
fn a_storm_of_sizes_leaves_the_screen_whole() {
    let gate = Hold::new();
    let text = long_answer(300, "and that is all");
    let pi = TestPi::new([held(&text, "250", &gate)]);
    let mut pty = start(&pi, &["list them"]);
    pty.wait_for_text("point 249");
    pty.type_text("typed meanwhile");
    let mut seed: u32 = 7;
    let mut random = |most: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) % most
    };
    for _ in 0..300 {
        let (columns, rows) = (20 + random(280), 4 + random(60));
        pty.resize(
            u16::try_from(columns).unwrap(),
            u16::try_from(rows).unwrap(),
        );
    }
    gate.open();
    pty.resize(72, 20);
    pty.wait_for(|screen| {
        let contents = screen.contents();
        contents.contains("and that is all")
            && contents.contains("typed meanwhile")
            && contents.contains("oai/scripted")
            && !contents.contains("Working")
    });
    let contents = pty.contents();
    let points = contents.lines().filter(|row| row.contains("point")).count();
    assert_eq!(
        contents.matches("point 299 of many").count(),
        1,
        "{contents}"
    );
    assert!(points >= 8 && contents.lines().count() <= 20, "{contents}");
    pty.send(b"\x15");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}
