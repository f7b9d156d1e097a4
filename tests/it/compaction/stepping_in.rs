//! Hooks that are against a compaction, or make it themselves.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use pi::agent::Hooks;
use pi::agent::hooks::{SessionChange, SessionDecision};
use pi::ai::script::{Gate, Turn};
use pi::session::{Command, Event, Reply};
use serde_json::json;

use super::stage::{Stage, Talk, compacted, summary};

/// Answers as it is told to, and remembers what it was shown.
struct Steps {
    decision: SessionDecision,
    shown: Mutex<Vec<String>>,
    gate: Option<Gate>,
}

impl Steps {
    fn new(decision: SessionDecision) -> Arc<Self> {
        Arc::new(Steps {
            decision,
            shown: Mutex::default(),
            gate: None,
        })
    }
}

#[async_trait]
impl Hooks for Steps {
    async fn before_session(&self, change: SessionChange<'_>) -> SessionDecision {
        if let SessionChange::Compact { instructions, plan } = change {
            self.shown.lock().unwrap().push(format!(
                "{} {instructions:?} {} to summarise, {} before, retry {}",
                plan.reason,
                plan.to_summarise.len(),
                plan.tokens_before,
                plan.will_retry
            ));
            if let Some(gate) = &self.gate {
                gate.pass().await;
            }
            return self.decision.clone();
        }
        SessionDecision::Continue
    }
}

async fn filled(hooks: Arc<dyn Hooks>) -> (Talk, Vec<Arc<Event>>) {
    let stage = Stage {
        hooks,
        ..Stage::of(16_384)
    };
    let mut talk = Talk::on(stage, super::filling());
    talk.provider.push(summary("pi's own"));
    talk.ask("first").await;
    let seen = talk.ask("second").await;
    (talk, seen)
}

#[tokio::test]
async fn a_hook_that_is_against_it_keeps_the_context_as_it_is() {
    let hooks = Steps::new(SessionDecision::Cancel("not now".into()));
    let (talk, seen) = filled(hooks.clone()).await;
    assert_eq!(compacted(&seen), None);
    assert!(seen.iter().any(|event| matches!(
        &**event,
        Event::CompactionEnd {
            aborted: true,
            result: None,
            error: None,
            ..
        }
    )));
    assert_eq!(talk.provider.remaining(), 1);
    assert_eq!(
        *hooks.shown.lock().unwrap(),
        ["threshold None 2 to summarise, 15020 before, retry false"]
    );
    let command = Command::Compact {
        instructions: Some("x".into()),
    };
    // The conversation is shorter than what a compaction keeps: the hook is not even asked.
    assert!(matches!(
        talk.session.send(command).await,
        Reply::Refused(_)
    ));
}

#[tokio::test]
async fn a_hooks_own_summary_takes_the_place_of_pis() {
    let value = json!({"compaction": {"summary": "the hook's", "tokensBefore": 7,
        "details": {"mine": true}, "usage": {"input": 40, "output": 2, "totalTokens": 42}}});
    let (talk, seen) = filled(Steps::new(SessionDecision::Supply(value))).await;
    let done = compacted(&seen).unwrap();
    assert_eq!(
        (
            done.summary.as_str(),
            done.tokens_before,
            done.details.clone()
        ),
        ("the hook's", 7, Some(json!({"mine": true})))
    );
    assert_eq!(talk.provider.remaining(), 1, "the model was not asked");
    let entry = &talk.entries("compaction")[0];
    assert_eq!(entry["fromHook"], true);
    assert_eq!(entry["usage"]["totalTokens"], 42);
    assert_eq!(talk.stats().await.usage.total_tokens, 6_020 + 15_020 + 42);
}

#[tokio::test]
async fn a_hook_chooses_what_is_kept_but_only_from_what_is_there() {
    let bare = json!({"summary": "the hook's", "firstKeptEntryId": "nonsense"});
    let (talk, seen) = filled(Steps::new(SessionDecision::Supply(bare))).await;
    assert_eq!(compacted(&seen), None);
    assert_eq!(talk.entries("compaction").len(), 0);
    let (talk, seen) = filled(Steps::new(SessionDecision::Supply(json!({"no": 1})))).await;
    assert_eq!(
        (compacted(&seen), talk.entries("compaction").len()),
        (None, 0)
    );
}

#[tokio::test]
async fn a_hook_that_never_answers_does_not_keep_the_person_from_stopping() {
    let gate = Gate::new();
    let hooks = Arc::new(Steps {
        decision: SessionDecision::Continue,
        shown: Mutex::default(),
        gate: Some(gate.clone()),
    });
    let stage = Stage {
        hooks,
        ..Stage::of(16_384)
    };
    let mut talk = Talk::on(stage, super::filling());
    talk.ask("first").await;
    talk.say("second");
    gate.reached().await;
    talk.session.send(Command::Abort).await;
    let seen = talk.settled().await;
    assert!(
        seen.iter()
            .any(|event| matches!(&**event, Event::CompactionEnd { aborted: true, .. }))
    );
    assert_eq!(talk.told().last().unwrap(), "assistant second answer");
}

#[tokio::test]
async fn a_hook_supplies_the_summary_of_a_branch() {
    struct Branch;
    #[async_trait]
    impl Hooks for Branch {
        async fn before_session(&self, change: SessionChange<'_>) -> SessionDecision {
            match change {
                SessionChange::Tree { .. } => SessionDecision::Supply(
                    json!({"summary": {"summary": "the hook's", "usage": {"totalTokens": 9}}}),
                ),
                _ => SessionDecision::Continue,
            }
        }
    }
    let stage = Stage {
        hooks: Arc::new(Branch),
        ..Stage::of(200_000)
    };
    let mut talk = Talk::on(stage, [Turn::text("one"), Turn::text("two")]);
    talk.ask("first").await;
    let target = talk.last_entry("assistant");
    talk.ask("second").await;
    let command = Command::Navigate {
        entry: target,
        summary: pi::session::LeaveWith::Summary {
            instructions: None,
            replace: false,
        },
        label: None,
    };
    assert!(matches!(
        talk.session.send(command).await,
        Reply::Text(None)
    ));
    assert_eq!(talk.told().last().unwrap(), "branchSummary the hook's");
    assert_eq!(talk.stats().await.usage.total_tokens, 9);
}
