//! A long conversation opens at its end.

use std::io::Write;

use serde_json::json;

use super::*;
use crate::support::model_server::Turn;

#[test]
fn two_thousand_messages_open_at_their_end_and_scroll_to_their_beginning() {
    let pi = TestPi::new([Turn::text("the very first answer")]);
    let ran = pi.run(&[&MODEL[..], &["-p", "the very first question"]].concat());
    assert_eq!(ran.code, 0);
    let file = &pi.sessions()[0];
    let lines = crate::support::read_session(file);
    let answer = lines.last().unwrap().clone();
    let mut file = std::fs::OpenOptions::new().append(true).open(file).unwrap();
    let mut parent = answer["id"].clone();
    for number in 0..1000 {
        for role in ["user", "assistant"] {
            let mut entry = answer.clone();
            let text = format!("{role} says {number}");
            entry["id"] = json!(format!("{}{number:07x}", &role[..1]));
            entry["parentId"] = parent;
            entry["message"]["content"] = json!([{"type": "text", "text": text}]);
            if role == "user" {
                let content = entry["message"]["content"].take();
                entry["message"] = json!({"role": role, "content": content, "timestamp": 1});
            }
            parent = entry["id"].clone();
            writeln!(file, "{entry}").unwrap();
        }
    }
    drop(file);

    let mut pty = start(&pi, &["-c"]);
    pty.wait_for_text("assistant says 999");
    // Ctrl+Home, then Ctrl+End.
    pty.send(b"\x1b[1;5H");
    pty.wait_for_text("the very first answer");
    pty.send(b"\x1b[1;5F");
    pty.wait_for_text("assistant says 999");
    pi.server.push(Turn::text("the latest answer"));
    say(&mut pty, "the latest question");
    pty.wait_for_text("the latest answer");
    pty.wait_for(|screen| !screen.contents().contains("Working"));
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    // The shell has the end of it.
    let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
    let (_, printed) = raw.rsplit_once("\x1b[?1049l").unwrap();
    assert!(printed.contains("… earlier rows are in the session file\r\n"));
    assert!(printed.contains("the latest answer") && printed.contains("user says 600"));
    assert!(!printed.contains("the very first answer"));
}
