//! What is stopped, left or compacted while other things are under way.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pi::agent::hooks::{Hooks, InputDecision, Resources, ShellDecision};
use pi::ai::Content;
use pi::ai::script::{Gate, Turn};
use pi::session::{Command, Event, Reply};

use crate::support::talk::Talk;

/// Holds everybody at one point.
struct Holding {
    point: &'static str,
    gate: Gate,
}

impl Holding {
    fn at(point: &'static str) -> (Arc<Self>, Gate) {
        let gate = Gate::new();
        let hooks = Holding {
            point,
            gate: gate.clone(),
        };
        (Arc::new(hooks), gate)
    }

    async fn wait(&self, point: &str) {
        if point == self.point {
            self.gate.pass().await;
        }
    }
}

#[async_trait]
impl Hooks for Holding {
    async fn input(&self, text: &str, _images: &[Content]) -> InputDecision {
        self.wait(text).await;
        InputDecision::Continue
    }

    async fn user_bash(&self, _command: &str) -> ShellDecision {
        self.wait("user_bash").await;
        ShellDecision::Run
    }

    async fn resources_discover(&self, _reason: &str) -> Resources {
        self.wait("resources_discover").await;
        Resources::default()
    }
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(2);
    tokio::time::timeout(limit, what).await.unwrap()
}

#[tokio::test]
async fn what_is_said_after_a_stop_is_answered_behind_the_compaction_that_was_asked_for_next() {
    let (gate, answering) = (Gate::new(), Gate::new());
    let mut talk = Talk::new([
        Turn::new().say("half").wait(&gate),
        Turn::new().wait(&answering).say("next answer"),
    ]);
    talk.say("go");
    gate.reached().await;
    drop(talk.session.send(Command::Abort));
    talk.say("next");
    let compacted = talk.session.send(Command::Compact { instructions: None });
    // There is too little to compact: what matters is that nothing waits, and no words are lost.
    assert!(matches!(soon(compacted).await, Reply::Refused(_)));
    soon(answering.reached()).await;
    answering.open();
    soon(talk.until(|event| matches!(event, Event::Settled { aborted: false }))).await;
    assert_eq!(talk.kept().last().unwrap(), "assistant next answer");
}

#[tokio::test]
async fn a_hook_that_never_looks_up_from_a_shell_command_does_not_keep_the_person_from_stopping_it()
{
    let (hooks, gate) = Holding::at("user_bash");
    let mut talk = Talk::with_hooks([], hooks);
    let command = Command::Bash {
        line: "echo never".into(),
        excluded: false,
    };
    talk.session.send(command).await;
    gate.reached().await;
    talk.session.send(Command::Abort).await;
    soon(talk.until(|event| matches!(event, Event::ShellEnd(_)))).await;
}

#[tokio::test]
async fn a_hook_that_looks_for_resources_for_ever_keeps_nobody_waiting() {
    let (hooks, gate) = Holding::at("resources_discover");
    let mut talk = Talk::with_hooks([Turn::text("hello")], hooks);
    let reason = "startup".into();
    drop(talk.session.send(Command::Resources { reason }));
    gate.reached().await;
    talk.say("go");
    soon(talk.settled()).await;
}
