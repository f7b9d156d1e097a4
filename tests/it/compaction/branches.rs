//! Summaries of branches that are left.

use pi::ai::script::{Gate, Turn};
use pi::session::{Command, LeaveWith, Reply};
use serde_json::json;

use super::stage::{Talk, summary};

fn go(entry: &str, instructions: Option<&str>, replace: bool) -> Command {
    Command::Navigate {
        entry: entry.into(),
        summary: LeaveWith::Summary {
            instructions: instructions.map(Into::into),
            replace,
        },
        label: Some("back".into()),
    }
}

/// Two exchanges; the entry to go back to is the end of the first.
async fn two_exchanges() -> (Talk, String) {
    let turns = [
        Turn::text("one"),
        Turn::tool("c1", "read", json!({"path": "a", "bytes": 30})),
        Turn::text("two"),
    ];
    let mut talk = Talk::new(200_000, turns);
    talk.ask("first").await;
    let target = talk.last_entry("assistant");
    talk.ask("second").await;
    (talk, target)
}

#[tokio::test]
async fn the_branch_that_is_left_is_summarised_where_the_conversation_goes_on() {
    let (mut talk, target) = two_exchanges().await;
    talk.provider.push(summary("what was tried").usage(70, 7));
    let reply = talk
        .session
        .send(go(&target, Some("mind the ports"), false))
        .await;
    assert!(matches!(reply, Reply::Text(None)));
    talk.until("switched").await;
    let prompt = talk.asked(3).join("\n");
    // Only the branch, without results of tools: what matters of them is in the answers.
    assert!(
        prompt.contains("[User]: second\n\n[Assistant tool calls]: read("),
        "{prompt}"
    );
    assert!(
        !prompt.contains("first") && !prompt.contains("[Tool result]"),
        "{prompt}"
    );
    assert!(
        prompt.contains("## Goal") && prompt.contains("## Next Steps"),
        "{prompt}"
    );
    assert!(!prompt.contains("## Critical Context"), "{prompt}");
    assert!(prompt.contains("mind the ports"), "{prompt}");
    assert_eq!(
        talk.told(),
        [
            "user first",
            "assistant one",
            "branchSummary what was tried"
        ]
    );
    let entry = &talk.entries("branch_summary")[0];
    assert_eq!(
        entry["details"],
        json!({"readFiles": ["a"], "modifiedFiles": []})
    );
    assert_eq!(entry["usage"]["totalTokens"], 77);
    assert_eq!(talk.stats().await.usage.total_tokens, 77);
    assert_eq!(talk.entries("label")[0]["targetId"], entry["id"]);
    talk.provider.push(Turn::text("three"));
    talk.ask("third").await;
    let asked = talk.asked(4);
    assert!(
        asked[2].contains("what was tried") && asked[2].contains("<read-files>"),
        "{asked:?}"
    );
}

#[tokio::test]
async fn the_persons_own_instructions_can_take_the_place_of_pis() {
    let (talk, target) = two_exchanges().await;
    talk.provider.push(summary("as a poem"));
    talk.session
        .send(go(&target, Some("Write a poem."), true))
        .await;
    let prompt = talk.asked(3).join("\n");
    assert!(
        prompt.ends_with("</conversation>\n\nWrite a poem."),
        "{prompt}"
    );
}

#[tokio::test]
async fn stopping_or_failing_stays_where_the_conversation_is() {
    let (talk, target) = two_exchanges().await;
    let before = talk.told();
    let gate = Gate::new();
    talk.provider.push(Turn::new().say("half").wait(&gate));
    let reply = talk.session.send(go(&target, None, false));
    gate.reached().await;
    assert!(talk.session.view().compacting);
    talk.session.send(Command::Abort).await;
    assert!(matches!(reply.await, Reply::Cancelled(_)));
    talk.provider.push(Turn::error("no such model"));
    let reply = talk.session.send(go(&target, None, false)).await;
    assert!(matches!(reply, Reply::Refused(why) if why.contains("no such model")));
    assert_eq!(talk.told(), before);
    assert!(!talk.session.view().compacting);
    assert!(talk.entries("label").is_empty());
}

#[tokio::test]
async fn files_of_an_earlier_summary_on_the_branch_are_carried_on() {
    let (mut talk, target) = two_exchanges().await;
    talk.provider.push(summary("first try"));
    talk.session.send(go(&target, None, false)).await;
    talk.provider
        .push(Turn::tool("c2", "edit", json!({"path": "b"})));
    talk.provider.push(Turn::text("edited"));
    talk.ask("third").await;
    talk.provider.push(summary("second try"));
    talk.session.send(go(&target, None, false)).await;
    let entry = &talk.entries("branch_summary")[1];
    assert_eq!(
        entry["details"],
        json!({"readFiles": ["a"], "modifiedFiles": ["b"]})
    );
    let prompt = talk.asked(6).join("\n");
    assert!(
        prompt.contains("first try") && prompt.contains("[User]: third"),
        "{prompt}"
    );
}

#[tokio::test]
async fn a_branch_that_is_too_long_is_summarised_from_its_end() {
    let turns = [
        Turn::text("one"),
        Turn::text(&"b".repeat(9_000)),
        Turn::text("three"),
    ];
    let mut talk = Talk::new(4_096, turns);
    talk.session.send(Command::SetAutoCompaction(false)).await;
    talk.ask("first").await;
    let target = talk.last_entry("assistant");
    talk.ask(&format!("second {}", "x".repeat(9_000))).await;
    talk.ask("third").await;
    talk.provider.push(summary("its end"));
    talk.session.send(go(&target, None, false)).await;
    let prompt = talk.asked(3).join("\n");
    assert!(prompt.contains("bbbb") && prompt.contains("[User]: third"));
    assert!(!prompt.contains("[User]: second"));
    assert_eq!(talk.told().last().unwrap(), "branchSummary its end");
}
