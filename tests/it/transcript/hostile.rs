//! Whatever a model, a tool or a file says: rows fit, and nothing steers the terminal.

use pi::agent::Outcome;
use pi::ai::message::{Content, StopReason};
use pi::tui::transcript::Header;
use proptest::prelude::*;
use serde_json::json;
use unicode_width::UnicodeWidthStr;

use super::stage::{Stage, assistant, calling, ended, result, user};

/// Everything that draws text, saying `text` everywhere.
fn everything(text: &str) -> Stage {
    let args =
        json!({"path": text, "command": text, "pattern": text, "content": text, "edits": []});
    let names = ["read", "write", "edit", "bash", "grep", "find", "ls", text];
    let calls = names.iter().map(|name| calling(name, name, args.clone()));
    let mut messages = vec![
        user(text),
        assistant(vec![Content::thinking(text), Content::text(text)]),
        ended(vec![], StopReason::Error, Some(text)),
        assistant(calls.collect()),
    ];
    messages.extend(names.iter().map(|name| result(name, name, text)));
    let mut stage = Stage::new(messages);
    stage.transcript.set_header(Header {
        title: text.into(),
        aside: text.into(),
        facts: vec![(text.into(), text.into())],
        hints: vec![text.into()],
    });
    stage
        .transcript
        .push_notice(pi::session::Level::Error, text);
    stage.tool_start("live", "edit", json!({"path": text}));
    let outcome =
        Outcome::text(text).with_details(json!({ "diff": format!("-1 {text}\n+1 x{text}") }));
    stage.tool_end("live", "edit", outcome);
    stage.height = 2_000;
    stage
}

fn check(stage: &mut Stage) {
    for line in stage.lines() {
        let row = line.to_string();
        assert!(!row.contains(char::is_control), "{row:?}");
        let columns: usize = line.spans.iter().map(|span| span.content.width()).sum();
        assert!(
            columns <= usize::from(stage.width),
            "{columns} > {}: {row:?}",
            stage.width
        );
    }
}

#[test]
fn escape_sequences_in_any_text_never_reach_the_screen() {
    let mut stage = everything("\u{1b}]0;owned\u{7}\u{1b}[2Jsafe\u{9b}1m\u{202e}\u{8}\r\n\ttext");
    check(&mut stage);
    let text = stage.text();
    assert!(text.contains("safe"));
    assert!(!text.contains('\u{202e}'));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn no_row_is_wider_than_the_window_for_any_text(
        text in "(\\PC|[\\x00-\\x1f\\x7f-\\u{9f}]|[\\u{200b}-\\u{206f}]|👩\\u{200d}💻|🇩🇪|e\\u{301}|ｶﾞ|\\n){0,40}",
        width in 1u16..=200,
        expanded in any::<bool>(),
    ) {
        let mut stage = everything(&text);
        stage.width = width;
        if expanded {
            stage.transcript.toggle_tools();
        }
        check(&mut stage);
    }
}
