//! What is said during a run of the program, and how it goes out; and the mouse in the program.

use serde_json::{Value, json};

use super::*;
use crate::support::model_server::{Hold, Turn};

fn texts(body: &Value) -> Vec<String> {
    let messages = body["messages"].as_array().unwrap();
    let users = messages.iter().filter(|message| message["role"] == "user");
    let text = |message: &Value| match &message["content"] {
        Value::String(text) => text.clone(),
        parts => parts[0]["text"].as_str().unwrap().to_owned(),
    };
    users.map(text).collect()
}

/// Two prompts wait on a lane, sent by this key, for the end of the first answer; the requests that come of
/// it.
fn two_waiting(settings: Value, key: &str, shown: &str) -> Vec<Vec<String>> {
    let gate = Hold::new();
    let first = Turn::text("first answer").hold_at(0, &gate);
    let pi = TestPi::new([first, Turn::text("second"), Turn::text("third")]);
    pi.write_agent("settings.json", &settings.to_string());
    let mut pty = start(&pi, &["begin"]);
    pty.wait_for_text("Working…");
    pty.type_text(&format!("one{key}"));
    pty.wait_for_text(&format!("{shown}: one"));
    pty.type_text(&format!("two{key}"));
    pty.wait_for_text(&format!("{shown}: two"));
    gate.open();
    pty.wait_for(|screen| {
        !screen.contents().contains("Working") && screen.contents().contains("second")
    });
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    let requests = pi.server.requests();
    requests
        .iter()
        .map(|request| texts(&request.body))
        .collect()
}

#[test]
fn what_waits_goes_out_one_at_a_time_or_all_at_once_as_it_is_set() {
    let lanes = [
        ("steeringMode", "\r", "steers"),
        ("followUpMode", "\x1b[13;3u", "follows"),
    ];
    for (setting, key, shown) in lanes {
        assert_eq!(
            two_waiting(json!({}), key, shown),
            [
                vec!["begin"],
                vec!["begin", "one"],
                vec!["begin", "one", "two"]
            ]
        );
        assert_eq!(
            two_waiting(json!({setting: "all"}), key, shown),
            [vec!["begin"], vec!["begin", "one", "two"]]
        );
    }
}

#[test]
fn what_is_selected_with_the_mouse_goes_to_the_terminals_clipboard() {
    let pi = TestPi::new([Turn::text("alpha beta gamma")]);
    let mut pty = start(&pi, &["begin"]);
    pty.wait_for_text("alpha beta gamma");
    pty.wait_for(|screen| !screen.contents().contains("Working"));
    let contents = pty.contents();
    let row = contents
        .lines()
        .position(|row| row.contains("alpha"))
        .unwrap()
        + 1;
    let column = contents.lines().nth(row - 1).unwrap().find("beta").unwrap() + 1;
    let (from, to) = (column, column + 3);
    pty.type_text(&format!(
        "\x1b[<0;{from};{row}M\x1b[<32;{to};{row}M\x1b[<0;{to};{row}m"
    ));
    pty.wait_for_text("copied (OSC 52)");
    // "beta" in base64.
    let sent = b"\x1b]52;c;YmV0YQ==\x07";
    assert!(memchr::memmem::find(&pty.raw(), sent).is_some());
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}
