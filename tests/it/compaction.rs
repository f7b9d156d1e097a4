//! Room in a full context: summaries in place of what is older, through the conversation's door.

mod branches;
mod overflowing;
mod sizes;
mod stage;
mod stepping_in;
mod summarising;
mod watching;

use pi::ai::Message;
use pi::ai::script::{Gate, Turn};
use pi::session::{Command, Disposition, Event, Reason, Reply};
use serde_json::json;

use stage::{Stage, Talk, compacted, names, summary};

/// Two exchanges of which the second fills a window of 16k.
fn filling() -> [Turn; 2] {
    [
        Turn::text("first answer").usage(6_000, 20),
        Turn::text("second answer").usage(15_000, 20),
    ]
}

/// Two exchanges in a window of 4k, of which only the second is kept.
async fn two_exchanges() -> Talk {
    let mut talk = Talk::new(4_096, [Turn::text("one"), Turn::text("two")]);
    talk.ask("first").await;
    talk.ask(&format!("second {}", "x".repeat(4_200))).await;
    talk
}

#[tokio::test]
async fn a_context_that_is_nearly_full_is_compacted_when_the_run_is_over() {
    let mut talk = Talk::new(16_384, filling());
    talk.provider.push(summary("what was").usage(900, 100));
    talk.provider.push(Turn::text("third answer"));
    talk.ask("first").await;
    assert_eq!(talk.session.view().context_tokens, Some(6_020));
    let seen = talk.ask("second").await;
    assert_eq!(
        names(&seen[seen.len() - 4..]),
        ["agent_end", "compaction_start", "compaction_end", "settled"]
    );
    let done = compacted(&seen).unwrap();
    assert_eq!(done.tokens_before, 15_020);
    assert!(done.tokens_after < 100, "{}", done.tokens_after);
    assert_eq!(done.usage.unwrap().input, 900);
    assert!(matches!(
        &*seen[seen.len() - 2],
        Event::CompactionEnd {
            reason: Reason::Threshold,
            aborted: false,
            will_retry: false,
            error: None,
            ..
        }
    ));
    let view = talk.session.view();
    assert_eq!((view.context_tokens, view.compacting), (None, false));
    assert_eq!(
        view.usage.input,
        6_000 + 15_000 + 900,
        "the summary's tokens count"
    );
    talk.ask("third").await;
    assert_eq!(
        talk.asked(3),
        [
            "summary of \"what was\"",
            "user second",
            "assistant second answer",
            "user third"
        ]
    );
    // The file tells the same to whoever opens it next.
    let told = talk.told();
    assert_eq!(
        told,
        [
            "compactionSummary what was",
            "user second",
            "assistant second answer",
            "user third",
            "assistant third answer"
        ]
    );
}

#[tokio::test]
async fn a_program_that_speaks_at_agent_end_is_heard_behind_the_compaction() {
    let gate = Gate::new();
    let mut talk = Talk::new(16_384, filling());
    talk.provider.push(summary("what was").wait(&gate));
    talk.provider.push(Turn::text("third answer"));
    talk.ask("first").await;
    talk.say("second");
    talk.until("agent_end").await;
    let third = Command::PromptIfIdle {
        text: "third".into(),
        images: Vec::new(),
    };
    let reply = talk.session.send(third).await;
    assert!(
        matches!(reply, Reply::Prompted(Disposition::Started)),
        "{reply:?}"
    );
    gate.reached().await;
    let more = Command::PromptIfIdle {
        text: "fourth".into(),
        images: Vec::new(),
    };
    drop(talk.session.send(more));
    gate.open();
    talk.until("settled").await;
    talk.until("settled").await;
    assert_eq!(talk.asked(3)[3..], ["user third", "user fourth"]);
}

#[tokio::test]
async fn a_session_that_was_left_nearly_full_is_compacted_before_the_next_words_are_said() {
    let mut first = Talk::new(16_384, filling());
    first.session.send(Command::SetAutoCompaction(false)).await;
    first.ask("first").await;
    let seen = first.ask("second").await;
    assert!(!names(&seen).contains(&"compaction_start"));
    let kept = first.end().await;
    let stage = Stage {
        kept: Some(kept),
        ..Stage::of(16_384)
    };
    let mut talk = Talk::on(stage, [summary("what was"), Turn::text("third answer")]);
    let seen = talk.ask("third").await;
    assert_eq!(
        names(&seen)[..3],
        ["compaction_start", "compaction_end", "agent_start"]
    );
    assert_eq!(
        talk.asked(1),
        [
            "summary of \"what was\"",
            "user second",
            "assistant second answer",
            "user third"
        ]
    );
}

#[tokio::test]
async fn a_long_tool_loop_is_compacted_between_two_turns_and_goes_on() {
    let read =
        |id: &str, tokens| Turn::tool(id, "fetch", json!({"bytes": 4_000})).usage(tokens, 10);
    let turns = [
        read("c1", 12_000),
        read("c2", 13_400),
        summary("how the turn began").usage(100, 10),
        read("c3", 5_000),
        Turn::text("all read").usage(6_500, 10),
    ];
    let mut talk = Talk::new(16_384, turns);
    let seen = talk.ask("read all of it").await;
    let order = names(&seen);
    let compactions = order.iter().filter(|name| **name == "compaction_end");
    assert_eq!(compactions.count(), 1);
    assert_eq!(
        order.iter().filter(|name| **name == "agent_start").count(),
        1
    );
    // The call and its result stay together; the turn's beginning is in the summary.
    let asked = talk.asked(3);
    let (summary, kept) = asked.split_first().unwrap();
    assert!(summary.contains("Turn Context (split turn)"), "{asked:?}");
    assert!(summary.contains("how the turn began"), "{asked:?}");
    assert_eq!(kept.len(), 2, "{asked:?}");
    assert!(kept[0].starts_with("assistant") && kept[1].starts_with("result rr"));
    assert_eq!(talk.told().last().unwrap(), "assistant all read");
    assert_eq!(talk.provider.remaining(), 0);
}

#[tokio::test]
async fn the_person_compacts_with_own_instructions_and_sees_what_came_of_it() {
    let talk = two_exchanges().await;
    talk.provider.push(summary("short").usage(10, 5));
    let command = Command::Compact {
        instructions: Some("mind the ports".into()),
    };
    let Reply::Compacted(done) = talk.session.send(command).await else {
        panic!("not compacted")
    };
    assert_eq!(done.summary, "short");
    let request = talk.provider.requests().pop().unwrap();
    let prompt = talk.asked(2).join("\n");
    assert!(prompt.contains("mind the ports"), "{prompt}");
    assert!(prompt.contains("[User]: first") && !prompt.contains("[User]: second"));
    for section in [
        "## Goal",
        "## Constraints & Preferences",
        "## Progress",
        "### Done",
        "### In Progress",
        "### Blocked",
        "## Key Decisions",
        "## Next Steps",
        "## Critical Context",
    ] {
        assert!(prompt.contains(section), "{section}");
    }
    assert!(request.tools.is_empty());
    assert_ne!(request.system, "the system prompt");
    assert_eq!(request.cache, pi::ai::CacheRetention::None);
    assert_eq!(request.max_tokens, Some(512));
    let again = Command::Compact { instructions: None };
    assert!(
        matches!(talk.session.send(again).await, Reply::Refused(why) if why.contains("since the last compaction"))
    );
}

#[tokio::test]
async fn a_conversation_that_is_too_short_is_not_compacted_and_stays_as_it_is() {
    let mut talk = Talk::new(200_000, [Turn::text("hello")]);
    talk.ask("hi").await;
    let before = talk.told();
    let command = Command::Compact { instructions: None };
    let reply = talk.session.send(command).await;
    assert!(matches!(reply, Reply::Refused(why) if why.contains("too short")));
    assert_eq!((talk.told(), talk.provider.requests().len()), (before, 1));
    let seen = talk.until("compaction_end").await;
    assert!(matches!(
        &**seen.last().unwrap(),
        Event::CompactionEnd {
            reason: Reason::Manual,
            result: None,
            aborted: false,
            error: Some(_),
            ..
        }
    ));
}

#[tokio::test]
async fn stopping_a_compaction_changes_nothing_and_what_was_said_meanwhile_is_answered() {
    let gate = Gate::new();
    let mut talk = two_exchanges().await;
    let before = talk.told();
    talk.provider
        .push(Turn::new().say("half a summ").wait(&gate));
    talk.provider.push(Turn::text("here"));
    let reply = talk.session.send(Command::Compact { instructions: None });
    gate.reached().await;
    assert!(talk.session.view().compacting);
    talk.say("are you there?");
    talk.until("queue_update").await;
    talk.session.send(Command::Abort).await;
    assert!(matches!(reply.await, Reply::Cancelled(_)));
    let seen = talk.settled().await;
    let end = seen.iter().find(|event| event.name() == "compaction_end");
    assert!(matches!(
        &**end.unwrap(),
        Event::CompactionEnd {
            result: None,
            aborted: true,
            error: None,
            ..
        }
    ));
    assert!(!talk.session.view().compacting);
    let mut after = before;
    after.extend([
        "user are you there?".to_owned(),
        "assistant here".to_owned(),
    ]);
    assert_eq!(talk.told(), after);
}

#[tokio::test]
async fn a_summary_that_fails_loses_nothing_and_the_turn_goes_on() {
    for failure in [
        Turn::error("anthropic answered 401: no such key"),
        Turn::text("cut off").stop_reason(pi::ai::StopReason::Length),
        Turn::text("   "),
        Turn::tool("c9", "fetch", json!({"bytes": 1})),
    ] {
        let is_cut = format!("{failure:?}").contains("Length");
        let turns = [
            Turn::text("first answer").usage(6_000, 20),
            Turn::tool("c1", "fetch", json!({"bytes": 40})).usage(15_000, 20),
        ];
        let mut talk = Talk::new(16_384, turns);
        talk.ask("first").await;
        talk.provider.push(failure.clone());
        if is_cut {
            // It is asked for a shorter one, once.
            talk.provider.push(failure);
        }
        talk.provider
            .push(Turn::text("done all the same").usage(15_100, 20));
        let seen = talk.ask("second").await;
        let end = seen.iter().find(|event| event.name() == "compaction_end");
        assert!(matches!(
            &**end.unwrap(),
            Event::CompactionEnd {
                result: None,
                aborted: false,
                error: Some(_),
                ..
            }
        ));
        assert_eq!(talk.told().last().unwrap(), "assistant done all the same");
        assert!(
            !talk
                .told()
                .iter()
                .any(|line| line.starts_with("compactionSummary"))
        );
        // Not again and again in one run.
        assert_eq!(
            names(&seen)
                .iter()
                .filter(|name| **name == "compaction_start")
                .count(),
            1
        );
        assert_eq!(talk.provider.remaining(), 0);
    }
}

#[tokio::test]
async fn a_crash_while_a_summary_is_written_does_not_cost_the_turn() {
    let stage = Stage {
        crashes: true,
        ..Stage::of(16_384)
    };
    let turns = [
        Turn::tool("c1", "fetch", json!({"bytes": 40})).usage(15_000, 20),
        Turn::text("done all the same").usage(15_100, 20),
    ];
    let mut talk = Talk::on(stage, turns);
    let seen = talk.ask("go").await;
    assert!(seen.iter().any(|event| matches!(
        &**event,
        Event::CompactionEnd { result: None, error: Some(why), .. } if why.contains("crashed")
    )));
    assert_eq!(talk.told().last().unwrap(), "assistant done all the same");
    assert!(!talk.session.view().compacting);
}

#[tokio::test]
async fn a_summary_is_tried_again_after_a_passing_failure() {
    let mut talk = Talk::on(
        Stage {
            retry: true,
            ..Stage::of(16_384)
        },
        filling(),
    );
    talk.provider
        .push(Turn::error("anthropic answered 529: Overloaded"));
    talk.provider.push(summary("what was"));
    talk.ask("first").await;
    let seen = talk.ask("second").await;
    let order = names(&seen);
    let from = order
        .iter()
        .position(|name| *name == "compaction_start")
        .unwrap();
    assert_eq!(
        order[from..],
        [
            "compaction_start",
            "summary_retry",
            "summary_retry",
            "summary_retry",
            "compaction_end",
            "settled"
        ]
    );
    assert!(compacted(&seen).is_some());
}

#[tokio::test]
async fn nothing_is_compacted_again_before_the_model_has_answered() {
    let mut talk = Talk::new(16_384, filling());
    // A summary that fills the context by itself.
    talk.provider.push(summary(&"s".repeat(70_000)));
    talk.provider
        .push(Turn::error("anthropic answered 400: prompt too strange"));
    talk.provider
        .push(Turn::error("anthropic answered 400: prompt too strange"));
    talk.ask("first").await;
    talk.ask("second").await;
    let mut seen = talk.ask("third").await;
    seen.extend(talk.ask("fourth").await);
    assert!(!names(&seen).contains(&"compaction_start"));
    let notices = seen.iter().filter(
        |event| matches!(&***event, Event::Notice { text, .. } if text.contains("nearly full")),
    );
    assert_eq!(notices.count(), 1, "told once");
    assert_eq!(talk.provider.remaining(), 0);
}

#[tokio::test]
async fn the_persons_shell_command_during_a_compaction_is_not_lost() {
    let gate = Gate::new();
    let mut talk = two_exchanges().await;
    talk.provider.push(Turn::new().wait(&gate).say("short"));
    let reply = talk.session.send(Command::Compact { instructions: None });
    gate.reached().await;
    let command = Command::Bash {
        line: "echo hello".into(),
        excluded: false,
    };
    talk.session.send(command).await;
    talk.until("shell_end").await;
    gate.open();
    assert!(matches!(reply.await, Reply::Compacted(_)));
    assert_eq!(talk.told().last().unwrap(), "bashExecution echo hello");
}

#[tokio::test]
async fn the_context_is_unknown_after_a_compaction_until_the_model_answers() {
    let mut talk = Talk::new(16_384, filling());
    talk.ask("first").await;
    let context = talk.stats().await.context.unwrap();
    assert_eq!((context.tokens, context.window), (Some(6_020), 16_384));
    assert!((context.percent.unwrap() - 36.74).abs() < 0.01);
    talk.provider.push(summary("what was"));
    talk.provider.push(Turn::text("third answer").usage(700, 5));
    talk.ask("second").await;
    let context = talk.stats().await.context.unwrap();
    assert_eq!((context.tokens, context.percent), (None, None));
    talk.ask("third").await;
    assert_eq!(talk.stats().await.context.unwrap().tokens, Some(705));
}

#[tokio::test]
async fn a_compaction_is_of_the_current_branch_only() {
    let mut talk = Talk::new(16_384, filling());
    talk.ask("first").await;
    let leaf = talk.last_entry("assistant");
    talk.session.send(Command::SetAutoCompaction(false)).await;
    talk.ask("second, on another branch").await;
    let command = Command::Navigate {
        entry: leaf,
        summary: Default::default(),
        label: None,
    };
    talk.session.send(command).await;
    talk.session.send(Command::SetAutoCompaction(true)).await;
    talk.provider
        .push(Turn::text("third answer").usage(15_000, 10));
    talk.provider.push(summary("what was"));
    let seen = talk.ask("third").await;
    assert!(compacted(&seen).is_some());
    let prompt = talk.asked(3).join("\n");
    assert!(
        prompt.contains("[User]: first") && !prompt.contains("another branch"),
        "{prompt}"
    );
}

/// What the model was told, for the tests of the parts.
fn words_of(message: &Message) -> String {
    match message {
        Message::User(user) => {
            let text = user.content.to_text();
            match text.split_once("<summary>\n") {
                Some((_, rest)) => {
                    format!("summary of {:?}", rest.trim_end_matches("\n</summary>"))
                }
                None => format!("user {text}"),
            }
        }
        Message::Assistant(answer) => format!("assistant {}", answer.to_text()),
        Message::ToolResult(result) => {
            format!("result {}", pi::ai::message::joined_text(&result.content))
        }
        Message::BashExecution(bash) => format!("bashExecution {}", bash.command),
        Message::CompactionSummary(compaction) => {
            format!("compactionSummary {}", strip(&compaction.summary))
        }
        Message::BranchSummary(branch) => format!("branchSummary {}", strip(&branch.summary)),
        other => other.role().into(),
    }
}

fn strip(summary: &str) -> &str {
    summary.split("\n\n<").next().unwrap_or(summary)
}

#[tokio::test]
async fn stopping_ends_the_pause_before_another_attempt_at_a_summary_too() {
    let stage = Stage {
        retry: true,
        pause: std::time::Duration::from_secs(600),
        ..Stage::of(16_384)
    };
    let mut talk = Talk::on(stage, filling());
    talk.provider
        .push(Turn::error("anthropic answered 529: Overloaded"));
    talk.ask("first").await;
    talk.say("second");
    talk.until("summary_retry").await;
    talk.session.send(Command::Abort).await;
    let seen = talk.settled().await;
    assert_eq!(names(&seen), ["summary_retry", "compaction_end", "settled"]);
    assert!(matches!(
        &*seen[1],
        Event::CompactionEnd {
            result: None,
            aborted: true,
            error: None,
            ..
        }
    ));
}

#[tokio::test]
async fn nothing_is_compacted_for_a_run_that_was_stopped() {
    let turn = Turn::tool("c1", "fetch", json!({"for_ever": true})).usage(15_000, 20);
    let mut talk = Talk::new(16_384, [turn]);
    talk.say("go");
    talk.until("tool_start").await;
    talk.session.send(Command::Abort).await;
    let seen = talk.settled().await;
    assert!(!names(&seen).contains(&"compaction_start"), "{seen:?}");
}
