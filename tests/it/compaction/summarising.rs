//! What the model is given to summarise, and what becomes of it.

use pi::ai::script::{Gate, Turn};
use pi::ai::{Message, ThinkingLevel};
use pi::session::{Command, Reply};
use serde_json::json;

use super::stage::{Stage, Talk, compacted, names, summary};

/// The text of request `n`, whole.
fn prompt(talk: &Talk, n: usize) -> String {
    match &*talk.provider.requests()[n].messages[0] {
        Message::User(user) => user.content.to_text(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_second_compaction_is_refused_while_the_first_is_written() {
    let mut talk = Talk::new(
        4_096,
        [
            Turn::text(&"a".repeat(4_000)),
            Turn::text(&"b".repeat(4_000)),
        ],
    );
    talk.session.send(Command::SetAutoCompaction(false)).await;
    talk.ask("first").await;
    talk.ask("second").await;
    let compact = || Command::Compact { instructions: None };
    let gate = Gate::new();
    talk.provider.push(Turn::new().say("what was").wait(&gate));
    let first = talk.session.send(compact());
    // At once, and once it is under way.
    let second = talk.session.send(compact()).await;
    assert!(matches!(second, Reply::Refused(why) if why.contains("already")));
    gate.reached().await;
    let third = talk.session.send(compact()).await;
    assert!(matches!(third, Reply::Refused(why) if why.contains("already")));
    gate.open();
    assert!(matches!(first.await, Reply::Compacted(done) if done.summary.contains("what was")));
    assert_eq!(talk.provider.requests().len(), 3);
}

#[tokio::test]
async fn tool_calls_become_one_line_and_results_are_cut_to_two_thousand_characters() {
    let turns = [
        Turn::new()
            .thinking("let me see")
            .say("I look.")
            .call("c1", "read", json!({"path": "src/a.rs", "bytes": 2_500}))
            .call("c2", "edit", json!({"path": "src/b.rs", "bytes": 1})),
        Turn::text("first answer").usage(6_000, 20),
        Turn::text("second answer").usage(15_000, 20),
        summary("## Goal\nget it done"),
    ];
    let mut talk = Talk::new(16_384, turns);
    talk.ask("look").await;
    let seen = talk.ask(&"and then? ".repeat(500)).await;
    let prompt = prompt(&talk, 3);
    let conversation = format!(
        "<conversation>\n[User]: look\n\n[Assistant thinking]: let me see\n\n[Assistant]: I look.\n\n\
         [Assistant tool calls]: read(path=\"src/a.rs\", bytes=2500); edit(path=\"src/b.rs\", bytes=1)\n\n\
         [Tool result]: {}\n\n[… 500 more characters]\n\n[Tool result]: r\n\n\
         [Assistant]: first answer\n</conversation>\n\n",
        "r".repeat(2_000)
    );
    assert!(prompt.starts_with(&conversation), "{prompt}");
    let done = compacted(&seen).unwrap();
    assert_eq!(
        done.summary,
        "## Goal\nget it done\n\n<read-files>\nsrc/a.rs\n</read-files>\n\n\
         <modified-files>\nsrc/b.rs\n</modified-files>"
    );
    assert_eq!(
        done.details,
        Some(json!({"readFiles": ["src/a.rs"], "modifiedFiles": ["src/b.rs"]}))
    );
}

#[tokio::test]
async fn the_next_compaction_brings_the_summary_up_to_date_and_adds_up_the_files() {
    let touch = |id: &str, name: &str, path: &str| Turn::tool(id, name, json!({"path": path}));
    let turns = [
        touch("c1", "read", "a"),
        Turn::text("first answer").usage(6_000, 20),
        Turn::text("second answer").usage(15_000, 20),
        summary("the first summary"),
        touch("c2", "edit", "a"),
        touch("c3", "read", "b"),
        Turn::text("third answer").usage(5_000, 20),
        Turn::text("fourth answer").usage(15_000, 20),
        summary("the second summary"),
    ];
    let mut talk = Talk::new(16_384, turns);
    talk.ask("one").await;
    talk.ask(&"two ".repeat(200)).await;
    talk.ask("three").await;
    let seen = talk.ask(&"four ".repeat(400)).await;
    let prompt = prompt(&talk, 8);
    assert!(
        prompt.contains("<previous-summary>\nthe first summary"),
        "{prompt}"
    );
    assert!(prompt.contains("Bring it up to date"), "{prompt}");
    assert!(
        prompt.contains("[User]: two two"),
        "what was kept before: {prompt}"
    );
    assert!(prompt.contains("[Assistant]: third answer"), "{prompt}");
    assert!(!prompt.contains("[User]: one"), "{prompt}");
    let details = compacted(&seen).unwrap().details.clone().unwrap();
    assert_eq!(details, json!({"readFiles": ["b"], "modifiedFiles": ["a"]}));
    assert!(talk.told()[0].contains("the second summary"));
    assert_eq!(talk.entries("compaction").len(), 2);
}

#[tokio::test]
async fn a_turn_that_is_too_long_is_split_and_its_beginning_summarised_by_itself_after_the_rest() {
    let turns = [
        Turn::text("hello").usage(900, 10),
        Turn::tool("c1", "fetch", json!({"bytes": 6_000})).usage(1_000, 10),
        Turn::tool("c2", "fetch", json!({"bytes": 6_000})).usage(13_900, 10),
        summary("the history").usage(100, 1),
        summary("the beginning").usage(10, 2),
        Turn::text("done").usage(4_000, 10),
    ];
    let mut talk = Talk::new(16_384, turns);
    talk.ask("hi").await;
    let seen = talk.ask("do the long thing").await;
    let (history, turn) = (prompt(&talk, 3), prompt(&talk, 4));
    assert!(history.contains("[User]: hi") && !history.contains("the long thing"));
    assert!(turn.contains("[User]: do the long thing") && !turn.contains("[User]: hi"));
    for section in [
        "## Original Request",
        "## Progress So Far",
        "## Context Needed to Continue",
    ] {
        assert!(turn.contains(section), "{turn}");
    }
    let done = compacted(&seen).unwrap();
    assert_eq!(
        done.summary,
        "the history\n\n---\n\n**Turn Context (split turn):**\n\nthe beginning"
    );
    assert_eq!(done.usage.unwrap().total_tokens, 113);
    let last = talk.asked(5);
    assert_eq!(last.len(), 3, "{last:?}");
    assert!(last[2].starts_with("result rrr"));
}

#[tokio::test]
async fn the_summary_is_written_with_the_level_of_thinking_in_force() {
    for (thinking, most) in [(ThinkingLevel::Off, 2_048), (ThinkingLevel::High, 4_096)] {
        let stage = Stage {
            thinking,
            ..Stage::of(16_384)
        };
        let mut talk = Talk::on(stage, super::filling());
        talk.provider.push(summary("what was"));
        talk.ask("one").await;
        talk.ask("two").await;
        let request = talk.provider.requests().pop().unwrap();
        // Thinking counts as output.
        assert_eq!(
            (request.thinking, request.max_tokens),
            (thinking, Some(most))
        );
    }
}

#[tokio::test]
async fn what_does_not_fit_into_one_request_is_summarised_piece_by_piece() {
    let long = |letter: &str| letter.repeat(9_000);
    let turns = [
        Turn::text(&long("a")),
        Turn::text(&long("b")),
        Turn::text("short"),
    ];
    let mut talk = Talk::new(0, turns);
    talk.ask("one").await;
    talk.ask("two").await;
    talk.ask(&"three ".repeat(200)).await;
    let kept = talk.end().await;
    let stage = Stage {
        kept: Some(kept),
        ..Stage::of(4_096)
    };
    let turns = [
        Turn::error("openai answered 400: maximum context length is 4096 tokens"),
        summary("A"),
        summary("A and B"),
        summary("all"),
        summary("all of it"),
        summary("really all of it"),
    ];
    let talk = Talk::on(stage, turns);
    let command = Command::Compact { instructions: None };
    let reply = talk.session.send(command).await;
    assert!(
        matches!(reply, pi::session::Reply::Compacted(_)),
        "{reply:?}"
    );
    let requests = talk.provider.requests();
    assert!(requests.len() > 3);
    // The first try was too long: pieces became smaller.
    assert!(prompt(&talk, 1).len() < prompt(&talk, 0).len());
    assert!(prompt(&talk, 2).contains("<previous-summary>\nA\n</previous-summary>"));
    for n in 0..requests.len() {
        assert!(
            prompt(&talk, n).len() < 4_096 * 3,
            "{n}: {}",
            prompt(&talk, n).len()
        );
    }
}

#[tokio::test]
async fn a_summary_without_end_is_asked_for_once_more_in_fewer_words() {
    let mut talk = Talk::new(16_384, super::filling());
    talk.provider
        .push(Turn::text("and on and on").stop_reason(pi::ai::StopReason::Length));
    talk.provider.push(summary("short"));
    talk.ask("first").await;
    let seen = talk.ask("second").await;
    assert_eq!(compacted(&seen).unwrap().summary, "short");
    assert!(prompt(&talk, 3).contains("fewer than"));
    assert!(names(&seen).contains(&"compaction_end"));
}
