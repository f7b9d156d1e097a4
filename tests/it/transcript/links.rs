//! Links on terminals that show them, and what stands there on those that do not.

use std::sync::Arc;

use pi::ai::SharedMessage;
use pi::ai::message::{Content, Message};
use pi::tui::links::{Link, Linker};
use pi::tui::markdown::Manner;
use pi::tui::transcript::Setup;
use serde_json::json;

use super::stage::{Stage, assistant, calling, result};

fn linked(messages: Vec<Message>) -> Stage {
    let messages: Vec<SharedMessage> = messages.into_iter().map(Arc::new).collect();
    let linker = Linker {
        cwd: "/proj".into(),
        home: Some("/home/me".into()),
        host: String::new(),
    };
    let manner = Manner {
        linker: Some(linker),
        ..Manner::default()
    };
    let setup = Setup {
        manner,
        ..Setup::default()
    };
    Stage::with(Arc::new(messages), setup)
}

/// What is linked and where it leads, row by row.
fn links(stage: &mut Stage) -> Vec<(String, String)> {
    let mut links = Vec::new();
    for span in stage.lines().into_iter().flat_map(|line| line.spans) {
        if let Some(link) = Link::of(span.style) {
            let address = link.address().unwrap().to_string();
            links.push((span.content.into_owned(), address));
        }
    }
    links
}

fn pairs(links: &[(String, String)]) -> Vec<(&str, &str)> {
    links
        .iter()
        .map(|(text, address)| (&**text, &**address))
        .collect()
}

#[test]
fn links_of_an_answer_lead_there_in_place_of_their_addresses() {
    let text = "See [the docs](https://docs.example/a), <me@b.example>, https://c.example/x_y.\n\nIn `src/a.rs:7` and [b](src/b.rs#L9).";
    let message = || vec![assistant(vec![Content::text(text)])];
    let mut stage = linked(message());
    assert!(stage.text().starts_with(" See the docs, me@b.example,"));
    let found = links(&mut stage);
    assert_eq!(
        pairs(&found),
        [
            ("the docs", "https://docs.example/a"),
            ("me@b.example", "mailto:me@b.example"),
            ("https://c.example/x_y", "https://c.example/x_y"),
            ("src/a.rs:7", "file:///proj/src/a.rs#7"),
            ("b", "file:///proj/src/b.rs#9"),
        ]
    );
    let mut plain = Stage::new(message());
    assert!(plain.text().contains("docs (https://docs.example/a)"));
    assert_eq!(links(&mut plain), []);
}

#[test]
fn every_row_of_a_link_that_wraps_leads_there() {
    let text = format!("[{}](https://a.example)", "long words ".repeat(12));
    let mut stage = linked(vec![assistant(vec![Content::text(text)])]);
    let rows: Vec<_> = stage
        .lines()
        .into_iter()
        .filter(|row| row.width() > 0)
        .collect();
    assert!(rows.len() > 2);
    for row in rows {
        let leads = |span: &ratatui::text::Span<'_>| Link::of(span.style).is_some();
        assert!(
            row.spans
                .iter()
                .filter(|span| !span.content.trim().is_empty())
                .all(leads)
        );
    }
}

#[test]
fn titles_and_hits_of_tools_lead_to_the_files() {
    let mut stage = linked(vec![
        assistant(vec![
            calling(
                "a",
                "read",
                json!({"path": "~/my notes.md", "offset": 5, "limit": 2}),
            ),
            calling("b", "grep", json!({"pattern": "x", "path": "src"})),
            calling("c", "find", json!({"pattern": "*.rs"})),
        ]),
        result("a", "read", "text"),
        result("b", "grep", "tui/a.rs:12: x\ntui/a.rs-13- y"),
        result("c", "find", "main.rs"),
    ]);
    assert_eq!(
        pairs(&links(&mut stage)),
        [
            ("~/my notes.md", "file:///home/me/my%20notes.md#5"),
            ("src", "file:///proj/src"),
            ("tui/a.rs", "file:///proj/src/tui/a.rs#12"),
            ("tui/a.rs", "file:///proj/src/tui/a.rs#13"),
            (".", "file:///proj"),
            ("main.rs", "file:///proj/main.rs"),
        ]
    );
}

#[test]
fn an_address_that_is_not_safe_is_shown_and_not_linked() {
    let text = "[run](javascript:alert) [x](https://a.example/\u{1b}]8;;evil\u{7})";
    let mut stage = linked(vec![assistant(vec![Content::text(text)])]);
    for (_, address) in links(&mut stage) {
        assert!(
            address.bytes().all(|byte| byte.is_ascii_graphic()),
            "{address}"
        );
        assert!(!address.contains("javascript"), "{address}");
    }
    assert!(stage.text().contains("run"));
}
