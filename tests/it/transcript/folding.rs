//! One block at a time, folded or not, whatever the rest is.

use pi::ai::message::Content;
use serde_json::json;

use super::stage::{Stage, assistant, calling, result, user};

fn stage() -> Stage {
    let long = |word: &str| -> String { (1..=12).map(|n| format!("{word} {n}\n")).collect() };
    let turn = |id: &str, text: &str| {
        let call = calling(id, "ls", json!({"path": "src"}));
        let thought = Content::thinking(format!("Thought of {text}."));
        [
            assistant(vec![thought, Content::text(text), call]),
            result(id, "ls", &long(text).repeat(2)),
        ]
    };
    let messages = [turn("a", "first"), turn("b", "second")];
    let mut stage = Stage::new(messages.into_iter().flatten().collect());
    stage.height = 100;
    stage.transcript.toggle_thinking();
    stage
}

/// Does to the block in the first row that holds `text` what a click there does.
fn click(stage: &mut Stage, text: &str) -> bool {
    let rows = stage.rows();
    let row = rows.iter().position(|row| row.contains(text)).unwrap();
    let look = stage.look.clone();
    stage.transcript.toggle_fold_at(row as u16, &look)
}

/// What is hidden, in order.
fn hidden(stage: &mut Stage) -> Vec<&'static str> {
    let known = ["Thinking…", "4 more lines"];
    let rows = stage.rows();
    let found = rows
        .iter()
        .filter_map(|row| known.into_iter().find(|text| row.contains(text)));
    found.collect()
}

#[test]
fn one_block_opens_and_closes_by_itself() {
    let mut stage = stage();
    let folded = stage.text();
    assert!(click(&mut stage, "second 3"));
    assert_eq!(
        hidden(&mut stage),
        ["Thinking…", "4 more lines", "Thinking…"]
    );
    assert!(click(&mut stage, "second 3"));
    assert_eq!(stage.text(), folded);

    assert!(click(&mut stage, "Thinking"));
    assert!(stage.text().starts_with(" Thought of first."));
    assert_eq!(
        hidden(&mut stage),
        ["4 more lines", "Thinking…", "4 more lines"]
    );
    assert!(click(&mut stage, "Thought of first"));
    assert_eq!(stage.text(), folded);
}

#[test]
fn the_key_for_all_makes_all_alike_again() {
    let mut stage = stage();
    let folded = stage.text();
    click(&mut stage, "second 3");
    stage.transcript.toggle_tools();
    assert!(!stage.text().contains("more lines"), "all are open");
    click(&mut stage, "second 3");
    assert_eq!(stage.text().matches("more lines").count(), 1);
    stage.transcript.toggle_tools();
    assert_eq!(stage.text(), folded);

    click(&mut stage, "Thinking");
    stage.transcript.toggle_thinking();
    assert!(!stage.text().contains("Thinking…"));
    stage.transcript.toggle_thinking();
    assert_eq!(stage.text(), folded);
}

#[test]
fn where_nothing_is_hidden_nothing_happens() {
    let mut stage = Stage::new(vec![
        user("short"),
        assistant(vec![
            Content::text("an answer"),
            calling("a", "ls", json!({})),
        ]),
        result("a", "ls", "one file"),
    ]);
    let before = stage.text();
    for text in ["short", "an answer", "one file"] {
        assert!(!click(&mut stage, text), "{text}");
    }
    let look = stage.look.clone();
    assert!(!stage.transcript.toggle_fold_at(0, &look), "an empty row");
    assert!(!stage.transcript.toggle_fold_at(99, &look), "below all");
    assert_eq!(stage.text(), before);
}

#[test]
fn what_was_opened_is_open_still_after_a_long_way_away_from_it() {
    let mut messages = vec![
        assistant(vec![calling("a", "ls", json!({}))]),
        result("a", "ls", &"a file\n".repeat(30)),
    ];
    messages.extend((0..500).map(|number| user(&format!("prompt {number}"))));
    let mut stage = Stage::new(messages);
    stage.rows();
    stage.transcript.to_top();
    assert!(click(&mut stage, "a file"));
    let open = stage.rows();
    assert!(open.iter().all(|row| !row.contains("more lines")));
    stage.transcript.to_bottom();
    stage.rows();
    assert!(stage.transcript.loaded() < 120);
    stage.transcript.to_top();
    assert_eq!(stage.rows(), open);
}

#[test]
fn the_title_of_what_is_opened_or_closed_stays_in_the_window() {
    let mut stage = stage();
    stage.height = 8;
    stage.rows();
    let title = |stage: &mut Stage| stage.rows().iter().any(|row| row.contains("ls src"));
    stage.transcript.scroll_lines(-18);
    assert!(title(&mut stage), "{:?}", stage.rows());
    click(&mut stage, "ls src");
    assert!(title(&mut stage));
    stage.transcript.scroll_lines(17);
    assert!(!title(&mut stage));
    click(&mut stage, "second");
    assert!(title(&mut stage));
}
