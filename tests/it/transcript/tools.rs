//! Tool calls: what is asked as it is written, what comes back, folded.

use std::sync::Arc;

use insta::assert_snapshot;
use pi::agent::{AgentEvent, Outcome};
use pi::ai::Delta;
use pi::ai::message::{Content, StopReason};
use pi::tui::look::Token;
use pi::tui::transcript::Transcript;
use serde_json::{Value, json};

use super::stage::{Stage, assistant, call, calling, ended, result};

fn lines(range: std::ops::RangeInclusive<usize>) -> String {
    range.map(|n| format!("line {n}\n")).collect()
}

/// A call that has been answered, drawn from a session.
fn answered(name: &str, args: Value, text: &str) -> Stage {
    Stage::new(vec![
        assistant(vec![calling("c1", name, args)]),
        result("c1", name, text),
    ])
}

#[test]
fn a_read_names_its_lines_and_folds_what_it_read() {
    let args = json!({"path": "/home/me/src/main.rs", "offset": 10, "limit": 31});
    let mut stage = answered("read", args, &lines(10..=40));
    assert_snapshot!(stage.text(), @r#"
    ✓ read ~/src/main.rs:10-40
      line 10
      line 11
      line 12
      line 13
      line 14
      line 15
      line 16
      line 17
      line 18
      line 19
      … 21 more lines (ctrl+o to expand)
    "#);
    stage.transcript.toggle_tools();
    assert!(stage.text().ends_with("  line 40"));
    assert!(!stage.text().contains("expand"));
}

#[test]
fn a_command_shows_the_end_of_what_it_prints_while_it_runs() {
    let mut stage = Stage::new(vec![]);
    stage.transcript.tick(1_000);
    stage.begin();
    stage.delta(Delta::ToolCallStart {
        index: 0,
        id: "c1".into(),
        name: "bash".into(),
    });
    let json = r#"{"command": "cargo te"#.into();
    stage.delta(Delta::ToolCall { index: 0, json });
    assert_snapshot!(stage.text(), @" • $ cargo te");
    let args = json!({"command": "cargo test", "timeout": 60});
    let whole = Arc::new(call("c1", "bash", args.clone()));
    stage.delta(Delta::ToolCallEnd {
        index: 0,
        call: whole,
    });
    let message = Arc::new(ended(
        vec![calling("c1", "bash", args.clone())],
        StopReason::ToolUse,
        None,
    ));
    stage.agent(AgentEvent::MessageEnd { message });
    stage.tool_start("c1", "bash", args);
    stage.tool_update("c1", "bash", &lines(1..=3));
    stage.tool_update("c1", "bash", &(lines(1..=8) + "10%\r20%\r30%"));
    assert!(stage.transcript.tick(4_100));
    assert_snapshot!(stage.text(), @r#"
    • $ cargo test (timeout 60s)
      … 4 earlier lines (ctrl+o to expand)
      line 5
      line 6
      line 7
      line 8
      30%
      elapsed 3s
    "#);
    stage.transcript.tick(5_250);
    let outcome = Outcome::error(lines(1..=9) + "\nCommand exited with code 101");
    stage.tool_end("c1", "bash", outcome);
    assert_snapshot!(stage.text(), @r#"
    ✗ $ cargo test (timeout 60s)
      … 6 earlier lines (ctrl+o to expand)
      line 7
      line 8
      line 9

      Command exited with code 101
      took 4.2s
    "#);
    let ground = stage.look.bg(Token::ToolErrorBg).bg;
    assert!(
        stage.lines()[1]
            .spans
            .iter()
            .all(|span| span.style.bg == ground)
    );
}

#[test]
fn an_edit_shows_what_changed_to_the_word() {
    let diff = " 1 fn main() {\n-2     let x = 1;\n+2     let y = 1;\n 3 }\n   ...\n+9 // end\n+10 // of it";
    let outcome = Outcome::text("Edited.").with_details(json!({ "diff": diff }));
    let mut stage = Stage::new(vec![]);
    let args = json!({"path": "src/main.rs", "edits": [{}, {}]});
    stage.tool_start("c1", "edit", args);
    assert_snapshot!(stage.text(), @" • edit src/main.rs (2 changes)");
    stage.tool_end("c1", "edit", outcome);
    assert_snapshot!(stage.text(), @r#"
    ✓ edit src/main.rs +3 -1
       1 fn main() {
      -2     let x = 1;
      +2     let y = 1;
       3 }
         ...
      +9 // end
      +10 // of it
    "#);
    let changed: Vec<_> = stage
        .lines()
        .iter()
        .flat_map(|line| line.spans.clone())
        .filter(|span| {
            span.style
                .add_modifier
                .contains(ratatui::style::Modifier::REVERSED)
        })
        .map(|span| span.content.into_owned())
        .collect();
    assert_eq!(changed, ["x", "y"]);
}

#[test]
fn an_edit_is_seen_before_it_is_made() {
    let mut stage = Stage::new(vec![]);
    stage.begin();
    stage.delta(Delta::ToolCallStart {
        index: 0,
        id: "c1".into(),
        name: "edit".into(),
    });
    for json in [
        r#"{"path": "a.rs", "edits": [{"oldText": "let a = 1;\nlet b = 2;\nend", "#,
        r#""newText": "let a = 3;\nlet b = 4;\nen"#,
    ] {
        let json = json.into();
        stage.delta(Delta::ToolCall { index: 0, json });
    }
    assert_snapshot!(stage.text(), @r#"
    • edit a.rs
      - let a = 1;
      - let b = 2;
      - end
      + let a = 3;
      + let b = 4;
      + en
    "#);
    let json = r#"d"}, {"oldText": "x", "newText": "y"}]}"#.into();
    stage.delta(Delta::ToolCall { index: 0, json });
    assert_snapshot!(stage.text(), @r#"
    • edit a.rs (2 changes)
      - let a = 1;
      - let b = 2;
      + let a = 3;
      + let b = 4;
        end
       ...
      - x
      + y
    "#);
    let reversed = |span: &ratatui::text::Span<'_>| {
        let modifier = span.style.add_modifier;
        modifier.contains(ratatui::style::Modifier::REVERSED)
    };
    let spans = stage.lines().into_iter().flat_map(|line| line.spans);
    let changed: Vec<_> = spans.filter(reversed).map(|span| span.content).collect();
    assert_eq!(changed, ["1;", "2;", "3;", "4;"]);
}

#[test]
fn a_file_is_seen_while_it_is_written() {
    let mut stage = Stage::new(vec![]);
    stage.begin();
    stage.delta(Delta::ToolCallStart {
        index: 0,
        id: "c1".into(),
        name: "write".into(),
    });
    for json in [
        "{\"path\": \"a.txt\", \"con",
        "tent\": \"one\\ntw",
        "o\\nthr",
    ] {
        let json = json.into();
        stage.delta(Delta::ToolCall { index: 0, json });
    }
    assert_snapshot!(stage.text(), @r#"
    • write a.txt
      one
      two
      thr
    "#);
}

#[test]
fn searches_say_what_and_where() {
    let mut stage = Stage::new(vec![
        assistant(vec![
            calling(
                "1",
                "grep",
                json!({"pattern": "fn \\w+", "path": "/home/me/src", "glob": "*.rs"}),
            ),
            calling("2", "find", json!({"pattern": "*.toml", "limit": 5})),
            calling("3", "ls", json!({})),
        ]),
        result("1", "grep", "a.rs:1: fn main()"),
        result("2", "find", "Cargo.toml"),
        result("3", "ls", "src/\nCargo.toml"),
    ]);
    assert_snapshot!(stage.text(), @r#"
    ✓ grep /fn \w+/ in ~/src (*.rs)
      a.rs:1: fn main()

    ✓ find *.toml in . limit 5
      Cargo.toml

    ✓ ls .
      src/
      Cargo.toml
    "#);
}

#[test]
fn a_tool_that_nobody_knows_shows_its_arguments() {
    let mut stage = answered("deploy", json!({"to": "staging", "dry": true}), "ok");
    assert_snapshot!(stage.text(), @r#"
    ✓ deploy
      { "to": "staging", "dry": true }
      ok
    "#);
}

#[test]
fn a_result_without_its_call_has_a_cell_of_its_own() {
    let mut stage = Stage::new(vec![
        assistant(vec![Content::text("hi")]),
        result("lost", "bash", "out"),
    ]);
    assert_snapshot!(stage.text(), @r#"
    hi

    ✓ $ …
      out
    "#);
}

#[test]
fn what_streamed_is_drawn_the_same_from_the_session() {
    let args = json!({"path": "a"});
    let content = || {
        vec![
            Content::text("Reading."),
            calling("c1", "read", args.clone()),
        ]
    };
    let mut live = Stage::new(vec![]);
    live.begin();
    live.say(0, "Reading.");
    let message = Arc::new(ended(content(), StopReason::ToolUse, None));
    live.agent(AgentEvent::MessageEnd { message });
    live.tool_start("c1", "read", args.clone());
    live.tool_end("c1", "read", Outcome::text("text"));
    live.message(result("c1", "read", "text"));
    live.message(assistant(vec![Content::text("Read.")]));
    let messages = vec![
        ended(content(), StopReason::ToolUse, None),
        result("c1", "read", "text"),
        assistant(vec![Content::text("Read.")]),
    ];
    let shared: Vec<_> = messages.iter().cloned().map(Arc::new).collect();
    let before = live.text();
    assert_eq!(Stage::new(messages).text(), before);

    let Stage { transcript, .. } = &mut live;
    let settle = |transcript: &mut Transcript| transcript.settle(Arc::new(shared.clone()));
    assert!(settle(transcript), "the session has all of it");
    transcript.to_top();
    assert_eq!(live.text(), before);
}
