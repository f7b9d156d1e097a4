//! What people and models say, and what pi says between.

use std::sync::Arc;

use insta::assert_snapshot;
use pi::agent::{AgentEvent, Outcome};
use pi::ai::Delta;
use pi::ai::message::{
    BashExecutionMessage, Body, BranchSummaryMessage, CompactionSummaryMessage, Content,
    CustomMessage, Message, StopReason, UserMessage,
};
use pi::session::{Event, Level};
use pi::tui::look::{Depth, Token};
use pi::tui::transcript::{Header, Setup};
use ratatui::style::Modifier;
use ratatui::text::Line;

use super::stage::{Stage, assistant, ended, look, user};

#[test]
fn a_prompt_stands_on_its_ground_and_the_answer_below_it() {
    let mut stage = Stage::new(vec![
        user("Please fix the *bug*\nin `main.rs`"),
        assistant(vec![Content::text(
            "## Done\n\nThe bug was an off-by-one error in the loop that counts the lines:\n\n```rust\nfor i in 0..n {}\n```\n\n- tested\n- [x] clean\n  1. deep",
        )]),
    ]);
    assert_snapshot!(stage.text(), @r#"
    Please fix the bug
    in main.rs

    Done

    The bug was an off-by-one error in the
    loop that counts the lines:

      for i in 0..n {}

    - tested
    - [x] clean
      1. deep
    "#);
    let ground = stage.look.bg(Token::UserMessageBg).bg;
    let prompt = &stage.lines()[1];
    assert!(prompt.spans.iter().all(|span| span.style.bg == ground));
    assert_eq!(prompt.width(), 44);
}

#[test]
fn prompts_and_answers_say_when_where_there_is_room() {
    // 2026-03-04 05:06 UTC.
    let at = 1_772_600_760_000;
    let sent = |text: &str, timestamp| {
        Message::User(UserMessage {
            content: Body::Text(text.into()),
            timestamp,
        })
    };
    let answer = |text: &str, timestamp| {
        let mut message = assistant(vec![Content::text(text)]);
        if let Message::Assistant(message) = &mut message {
            message.timestamp = timestamp;
        }
        Arc::new(message)
    };
    let messages = vec![
        Arc::new(sent("last year", at - 100 * 86_400_000)),
        Arc::new(sent("yesterday", at - 86_400_000)),
        Arc::new(sent("today, in so many words that no room is left", at)),
        Arc::new(sent("today\nand more", at)),
        answer("An answer\n\nof two paragraphs.", at + 60_000),
    ];
    let setup = Setup {
        timestamps: true,
        ..Setup::default()
    };
    let mut stage = Stage::with(Arc::new(messages), setup);
    stage.transcript.tick(at + 120_000);
    assert_snapshot!(stage.text(), @r#"
    last year                 2025-11-24 05:06

    yesterday                      Mar 3 05:06

    today, in so many words that no room is
    left

    today                                05:06
    and more

    An answer

    of two paragraphs.                   05:07
    "#);
    stage.transcript.tick(at + 86_400_000);
    assert!(stage.text().contains("Mar 4 05:07"), "{}", stage.text());
}

#[test]
fn a_pasted_log_is_folded() {
    let log: String = (0..100_000).map(|n| format!("line {n}\n\n")).collect();
    let mut stage = Stage::new(vec![user(&log)]);
    stage.height = 3;
    assert_snapshot!(stage.text(), @r#"
    line 810
    … 198378 more lines (ctrl+o to expand)
    "#);
    stage.transcript.to_top();
    assert_eq!(stage.rows()[1], " line 0");
}

#[test]
fn thinking_is_shown_or_stands_behind_a_label() {
    let mut stage = Stage::new(vec![assistant(vec![
        Content::thinking("The loop runs once too often."),
        Content::text("Found it."),
    ])]);
    assert_snapshot!(stage.text(), @r#"
    The loop runs once too often.

    Found it.
    "#);
    stage.transcript.toggle_thinking();
    assert_snapshot!(stage.text(), @r#"
    Thinking… (ctrl+t to show)

    Found it.
    "#);
}

#[test]
fn an_answer_grows_as_it_streams() {
    let mut stage = Stage::new(vec![]);
    stage.message(user("hi"));
    stage.begin();
    stage.delta(Delta::ThinkingStart { index: 0 });
    let text = "hm".into();
    stage.delta(Delta::Thinking { index: 0, text });
    assert_snapshot!(stage.text(), @r#"
    hi

    hm
    "#);
    stage.say(1, "Hello **there");
    assert_snapshot!(stage.text(), @r#"
    hi

    hm

    Hello **there
    "#);
    stage.delta(Delta::Text {
        index: 1,
        text: "**!\n\n".into(),
    });
    let before = stage.text();
    let message = Arc::new(assistant(vec![
        Content::thinking("hm"),
        Content::text("Hello **there**!\n\n"),
    ]));
    stage.agent(AgentEvent::MessageEnd { message });
    assert_eq!(stage.text(), before, "the end changes nothing");
    assert_snapshot!(before, @r#"
    hi

    hm

    Hello there!
    "#);
}

#[test]
fn an_answer_that_failed_says_so() {
    let text = || vec![Content::text("I was about to")];
    let mut stage = Stage::new(vec![
        ended(text(), StopReason::Error, Some("anthropic: 529 overloaded")),
        ended(text(), StopReason::Aborted, Some("Request was aborted")),
        ended(text(), StopReason::Length, None),
    ]);
    assert_snapshot!(stage.text(), @r#"
    I was about to

    Error: anthropic: 529 overloaded

    I was about to

    Stopped

    I was about to

    Cut off: the output limit was reached
    "#);
}

#[test]
fn summaries_and_messages_of_extensions_are_labelled() {
    let mut stage = Stage::new(vec![
        Message::CompactionSummary(CompactionSummaryMessage {
            summary: "We **fixed** it.".into(),
            tokens_before: 123_456,
            timestamp: 0,
        }),
        Message::BranchSummary(BranchSummaryMessage {
            summary: "Tried it the other way.".into(),
            from_id: "a".into(),
            timestamp: 0,
        }),
        Message::Custom(CustomMessage {
            custom_type: "todo".into(),
            content: Body::Text("1. test".into()),
            display: true,
            details: None,
            timestamp: 0,
        }),
        Message::Custom(CustomMessage {
            custom_type: "hidden".into(),
            content: Body::Text("not for the screen".into()),
            display: false,
            details: None,
            timestamp: 0,
        }),
    ]);
    assert_snapshot!(stage.text(), @r#"
    [compaction] Compacted from 123,456 tokens
    (ctrl+o to expand)

    [branch] Summary of the branch that was
    left (ctrl+o to expand)

    [todo]
    1. test
    "#);
    stage.transcript.toggle_tools();
    assert_snapshot!(stage.text(), @r#"
    [compaction]
    Compacted from 123,456 tokens

    We fixed it.

    [branch]
    Summary of the branch that was left

    Tried it the other way.

    [todo]
    1. test
    "#);
}

#[test]
fn a_shell_command_shows_its_tail_and_its_end() {
    let mut stage = Stage::new(vec![]);
    stage.transcript.tick(10_000);
    stage.transcript.apply(&Event::ShellStart {
        line: "make".into(),
        excluded: false,
    });
    let output: String = (1..=30).map(|n| format!("step {n}\n")).collect();
    let partial = Arc::new(Outcome::text(output.clone()));
    stage.transcript.apply(&Event::ShellUpdate(partial));
    assert!(stage.transcript.tick(13_200), "the elapsed time is shown");
    stage.height = 5;
    assert_snapshot!(stage.text(), @r#"
    │ step 27
    │ step 28
    │ step 29
    │ step 30
    │ running 3s (escape to stop)
    "#);
    let message = Message::BashExecution(BashExecutionMessage {
        command: "make".into(),
        output,
        exit_code: Some(2),
        cancelled: false,
        truncated: true,
        full_output_path: Some("/tmp/all.log".into()),
        exclude_from_context: false,
        timestamp: 0,
    });
    stage.transcript.apply(&Event::ShellEnd(Arc::new(message)));
    assert_snapshot!(stage.text(), @r#"
    │ step 28
    │ step 29
    │ step 30
    │ exit 2
    │ truncated; all of it: /tmp/all.log
    "#);
    assert!(!stage.transcript.tick(20_000), "nothing runs any more");
}

#[test]
fn pi_has_a_header_and_words_of_its_own() {
    let mut stage = Stage::new(vec![]);
    stage.transcript.set_header(Header {
        title: "pi 0.1.0".into(),
        aside: "~/work".into(),
        facts: vec![
            ("Model".into(), "demo".into()),
            ("Context".into(), "AGENTS.md".into()),
        ],
        hints: vec!["/hotkeys shows every key".into()],
    });
    stage
        .transcript
        .push_notice(Level::Info, "Settings reloaded.");
    stage.transcript.apply(&Event::Notice {
        level: Level::Warning,
        text: "The session file is held by another pi; this one only reads.".into(),
    });
    stage
        .transcript
        .push_notice(Level::Error, "No such model.\nTry /model.");
    assert_snapshot!(stage.text(), @r#"
    pi 0.1.0  ~/work
    Model    demo
    Context  AGENTS.md
    /hotkeys shows every key

    · Settings reloaded.

    ! The session file is held by another pi;
      this one only reads.

    ✗ No such model.
      Try /model.
    "#);
}

#[test]
fn a_prompt_is_told_from_an_answer_without_colours_too() {
    let plain = look(Depth::None);
    let messages = vec![
        user("same words"),
        assistant(vec![Content::text("same words")]),
    ];
    let mut stage = Stage::new(messages);
    let rows = stage.transcript.viewport(40, 20, &plain);
    let said = rows
        .iter()
        .filter(|row| row.to_string().contains("same words"));
    let is_bold = |row: &Line| {
        let mut spans = row
            .spans
            .iter()
            .filter(|span| span.content.contains("words"));
        spans.any(|span| span.style.add_modifier.contains(Modifier::BOLD))
    };
    assert_eq!(said.map(is_bold).collect::<Vec<_>>(), [true, false]);
}
