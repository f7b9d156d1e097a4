//! A conversation through its only door: commands in, events out, a scripted model behind it.

mod cache_misses;
mod documents;
mod renewing;
mod stopping;
mod sums;
mod watching;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use pi::agent::hooks::{
    AgentStartChange, CallDecision, InputDecision, Resources, SessionChange, SessionDecision,
    ShellDecision,
};
use pi::agent::{AgentEvent, Hooks, Lane, Outcome};
use pi::ai::message::CustomMessage;
use pi::ai::script::{Gate, Turn};
use pi::ai::{Body, Content, Message, Model, SharedMessage, ThinkingLevel, ToolCall};
use pi::session::{Command, Event, Remember, Reply, Saying};
use serde_json::{Value, json};

use crate::support::talk::{Talk, words_of};

#[tokio::test]
async fn what_is_told_is_on_disk_already() {
    let mut talk = Talk::new([Turn::text("hello")]);
    talk.say("hi");
    loop {
        let event = talk.events.recv().await.unwrap();
        if let Event::Agent(AgentEvent::MessageEnd { message }) = &*event {
            assert!(talk.kept().contains(&words_of(message)));
        }
        if matches!(&*event, Event::Settled { .. }) {
            break;
        }
    }
    assert_eq!(talk.kept(), ["user hi", "assistant hello"]);
    assert_eq!(talk.session.view().history.len(), 2);
}

#[tokio::test]
async fn what_is_said_while_the_run_ends_is_not_left_in_the_queue() {
    let gate = Gate::new();
    let mut talk = Talk::new([
        Turn::new().say("one").wait(&gate),
        Turn::text("two"),
        Turn::text("three"),
    ]);
    talk.say("first");
    gate.reached().await;
    talk.say_on("follow", Lane::FollowUp);
    talk.say_on("steer", Lane::Steering);
    talk.until(|event| matches!(event, Event::QueueUpdate { steering, .. } if steering.len() == 1))
        .await;
    assert_eq!(talk.session.view().follow_up, ["follow"]);
    gate.open();
    talk.settled().await;
    let all = [
        "user first",
        "assistant one",
        "user steer",
        "assistant two",
        "user follow",
        "assistant three",
    ];
    assert_eq!(talk.kept(), all);
    assert!(talk.session.view().follow_up.is_empty());
}

#[tokio::test]
async fn the_queue_can_be_taken_back_and_an_abort_settles() {
    let gate = Gate::new();
    let mut talk = Talk::new([Turn::new().say("half").wait(&gate)]);
    talk.say("go");
    gate.reached().await;
    talk.say("never mind");
    let picture = Content::Image {
        data: "cGljdHVyZQ==".into(),
        mime_type: "image/png".into(),
    };
    let shown = Saying {
        text: "look".into(),
        images: vec![picture],
    };
    let queued = Command::Queue {
        text: shown.text.clone(),
        images: shown.images.clone(),
        lane: Lane::FollowUp,
    };
    talk.session.send(queued).await;
    let Reply::Queue {
        steering,
        follow_up,
    } = talk.session.send(Command::TakeQueue).await
    else {
        panic!("no queue")
    };
    assert_eq!(steering, ["never mind".into()]);
    assert_eq!(follow_up, [shown]);
    talk.session.send(Command::Abort).await;
    let seen = talk.settled().await;
    assert!(matches!(
        &**seen.last().unwrap(),
        Event::Settled { aborted: true }
    ));
    assert_eq!(talk.kept(), ["user go", "assistant half"]);
}

#[tokio::test]
async fn a_new_session_leaves_the_old_file_alone_and_starts_empty() {
    let gate = Gate::new();
    let mut talk = Talk::new([Turn::new().say("half").wait(&gate), Turn::text("fresh")]);
    talk.say("old");
    gate.reached().await;
    let old = talk.session.view().file.clone().unwrap();
    talk.session
        .send(Command::NewSession { parent: None })
        .await;
    talk.until(|event| matches!(event, Event::Switched)).await;
    let view = talk.session.view();
    assert_ne!(view.file.as_ref(), Some(&old));
    assert!(view.history.is_empty() && !view.running);
    talk.say("new");
    talk.settled().await;
    assert_eq!(talk.asked(1), ["user new"]);
    assert_eq!(talk.kept(), ["user new", "assistant fresh"]);
    let text = std::fs::read_to_string(old).unwrap();
    assert!(text.contains("half") && text.contains("aborted"), "{text}");
}

#[tokio::test]
async fn a_session_that_names_no_directory_goes_on_where_this_one_is() {
    let mut talk = Talk::new([Turn::text("ok")]);
    talk.say("old");
    talk.settled().await;
    let (old, cwd) = (
        talk.session.view().file.clone().unwrap(),
        talk.session.view().cwd.clone(),
    );
    let new = Command::NewSession { parent: None };
    talk.session.send(new).await;
    talk.until(|event| matches!(event, Event::Switched)).await;
    let text = std::fs::read_to_string(&old).unwrap();
    std::fs::write(&old, text.replacen("{\"type", "{\"tyXpe", 1)).unwrap();
    let back = Command::SwitchSession { path: old };
    assert!(matches!(talk.session.send(back).await, Reply::Done));
    let told = |event: &Event| matches!(event, Event::Notice { text, .. } if text.contains("goes on here"));
    talk.until(told).await;
    assert_eq!(talk.session.view().cwd, cwd);
    assert_eq!(talk.kept()[0], "user old");
}

#[tokio::test]
async fn the_persons_shell_command_is_kept_and_told_to_the_model_unless_it_is_hidden() {
    let mut talk = Talk::new([Turn::text("I see.")]);
    for (line, excluded) in [("echo shown", false), ("echo hidden", true)] {
        talk.session
            .send(Command::Bash {
                line: line.into(),
                excluded,
            })
            .await;
        talk.until(|event| matches!(event, Event::ShellEnd(_)))
            .await;
    }
    talk.say("well?");
    talk.settled().await;
    assert_eq!(
        talk.kept()[..2],
        ["bash echo shown → shown", "bash echo hidden → hidden"]
    );
    let asked = talk.asked(0);
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(
        asked[0].contains("echo shown") && asked[1] == "user well?",
        "{asked:?}"
    );
}

#[tokio::test]
async fn model_and_thinking_change_are_recorded_remembered_and_told() {
    let mut talk = Talk::new([]);
    let command = Command::SetModel {
        provider: "own".into(),
        id: "small".into(),
    };
    assert!(matches!(talk.session.send(command).await, Reply::Done));
    let seen = talk
        .until(|event| matches!(event, Event::ThinkingChanged(_)))
        .await;
    assert!(
        seen.iter()
            .any(|event| matches!(&**event, Event::ModelChanged(model) if model.id == "small"))
    );
    let view = talk.session.view();
    assert_eq!(
        (view.model.id.as_str(), view.thinking),
        ("small", ThinkingLevel::Off),
        "a model that cannot think"
    );
    assert!(matches!(
        talk.session.send(Command::CycleThinking).await,
        Reply::Refused(_)
    ));
    let choice = Remember::Model {
        provider: "own".into(),
        id: "small".into(),
    };
    assert_eq!(*talk.remembered.lock().unwrap(), [choice]);
    let unknown = Command::SetModel {
        provider: "own".into(),
        id: "nonsense".into(),
    };
    assert!(
        matches!(talk.session.send(unknown).await, Reply::Refused(why) if why.contains("own/nonsense"))
    );
}

/// Steps in at the session's points.
#[derive(Default)]
struct Steps {
    log: Mutex<Vec<String>>,
}

#[async_trait]
impl Hooks for Steps {
    async fn input(&self, text: &str, _images: &[Content]) -> InputDecision {
        match text {
            "swallow me" => InputDecision::Handled,
            "shout" => InputDecision::Replace {
                text: "SHOUT".into(),
                images: Vec::new(),
            },
            _ => InputDecision::Continue,
        }
    }

    async fn before_agent_start(&self, prompt: &str, system: &str) -> AgentStartChange {
        self.log
            .lock()
            .unwrap()
            .push(format!("start {prompt} / {system}"));
        let message = CustomMessage {
            custom_type: "test".into(),
            content: Body::Text("by the way".into()),
            display: true,
            details: None,
            timestamp: 1,
        };
        AgentStartChange {
            messages: vec![Message::Custom(message)],
            system: Some("another system prompt".into()),
        }
    }

    async fn user_bash(&self, command: &str) -> ShellDecision {
        ShellDecision::Supply {
            output: format!("not running {command}"),
            exit_code: Some(0),
        }
    }

    async fn before_session(&self, change: SessionChange<'_>) -> SessionDecision {
        self.log.lock().unwrap().push(format!("{change:?}"));
        SessionDecision::Cancel("stay here".into())
    }

    async fn resources_discover(&self, reason: &str) -> Resources {
        Resources {
            themes: vec![format!("{reason}.json")],
            ..Resources::default()
        }
    }

    async fn model_selected(&self, model: &Model) {
        self.log.lock().unwrap().push(format!("model {}", model.id));
    }

    async fn thinking_selected(&self, level: ThinkingLevel) {
        self.log
            .lock()
            .unwrap()
            .push(format!("thinking {}", level.as_str()));
    }
}

#[tokio::test]
async fn a_hook_rewrites_swallows_injects_and_changes_the_system_prompt() {
    let steps = Arc::new(Steps::default());
    let mut talk = Talk::with_hooks([Turn::text("ok")], steps.clone());
    talk.say("swallow me");
    talk.settled().await;
    assert!(talk.provider.requests().is_empty());
    talk.say("shout");
    talk.settled().await;
    assert_eq!(talk.asked(0), ["user SHOUT", "user by the way"]);
    assert_eq!(talk.provider.requests()[0].system, "another system prompt");
    let file = talk.session.view().file.clone().unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(r#""type":"custom_message""#), "{text}");
    assert_eq!(
        *steps.log.lock().unwrap(),
        ["start SHOUT / the system prompt"]
    );
}

#[tokio::test]
async fn a_hook_supplies_shell_output_and_keeps_the_person_in_the_session() {
    let steps = Arc::new(Steps::default());
    let mut talk = Talk::with_hooks([], steps.clone());
    talk.session
        .send(Command::Bash {
            line: "rm -rf x".into(),
            excluded: false,
        })
        .await;
    let seen = talk
        .until(|event| matches!(event, Event::ShellEnd(_)))
        .await;
    let Event::ShellEnd(message) = &**seen.last().unwrap() else {
        panic!()
    };
    assert_eq!(words_of(message), "bash rm -rf x → not running rm -rf x");
    assert!(
        matches!(talk.session.send(Command::NewSession { parent: None }).await, Reply::Cancelled(why) if why == "stay here")
    );
    talk.session
        .send(Command::SetThinking(ThinkingLevel::High))
        .await;
    let command = Command::SetModel {
        provider: "own".into(),
        id: "thinker".into(),
    };
    talk.session.send(command).await;
    assert_eq!(
        *steps.log.lock().unwrap(),
        ["Switch { target: None }", "thinking high", "model thinker"]
    );
}

#[tokio::test]
async fn after_shutdown_nothing_is_taken_any_more_and_events_end() {
    let mut talk = Talk::new([Turn::new().say("half").stall()]);
    talk.say("go");
    talk.until(|event| matches!(event, Event::Agent(AgentEvent::MessageUpdate { .. })))
        .await;
    assert!(matches!(
        talk.session.send(Command::Shutdown).await,
        Reply::Done
    ));
    assert!(matches!(
        talk.session.send(Command::Stats).await,
        Reply::Refused(_)
    ));
    while talk.events.recv().await.is_some() {}
    assert_eq!(talk.kept(), ["user go", "assistant half"]);
}

#[tokio::test]
async fn what_is_said_after_a_stop_is_answered_once_the_run_has_ended() {
    let gate = Gate::new();
    let mut talk = Talk::new([
        Turn::new().say("half").wait(&gate),
        Turn::text("next answer"),
    ]);
    talk.say("go");
    gate.reached().await;
    drop(talk.session.send(Command::TakeQueue));
    drop(talk.session.send(Command::Abort));
    talk.say("next");
    let seen = talk.settled().await;
    assert!(matches!(
        &**seen.last().unwrap(),
        Event::Settled { aborted: true }
    ));
    talk.settled().await;
    assert_eq!(
        talk.kept(),
        [
            "user go",
            "assistant half",
            "user next",
            "assistant next answer"
        ]
    );
}

/// Lets nobody through until it is opened.
struct Slow {
    point: &'static str,
    gate: Gate,
}

impl Slow {
    async fn wait(&self, point: &str) {
        if point == self.point {
            self.gate.pass().await;
        }
    }
}

#[async_trait]
impl Hooks for Slow {
    async fn input(&self, text: &str, _images: &[Content]) -> InputDecision {
        self.wait(text).await;
        InputDecision::Replace {
            text: text.to_uppercase(),
            images: Vec::new(),
        }
    }

    async fn before_agent_start(&self, _prompt: &str, _system: &str) -> AgentStartChange {
        self.wait("before_agent_start").await;
        AgentStartChange::default()
    }

    async fn context(&self, messages: Vec<SharedMessage>) -> Vec<SharedMessage> {
        self.wait("context").await;
        messages
    }

    async fn before_call(&self, _call: &ToolCall, _args: &Value) -> CallDecision {
        self.wait("before_call").await;
        CallDecision::Run
    }

    async fn after_call(&self, _call: &ToolCall, _args: &Value, outcome: Outcome) -> Outcome {
        self.wait("after_call").await;
        outcome
    }
}

#[tokio::test]
async fn hooks_see_what_is_said_during_a_run_in_its_order() {
    let (gate, slow) = (Gate::new(), Gate::new());
    let hooks = Slow {
        point: "first",
        gate: slow.clone(),
    };
    let turns = [
        Turn::new().say("one").wait(&gate),
        Turn::text("two"),
        Turn::text("three"),
    ];
    let mut talk = Talk::with_hooks(turns, Arc::new(hooks));
    talk.say("go");
    gate.reached().await;
    talk.say("first");
    talk.say("second");
    slow.reached().await;
    slow.open();
    talk.until(|event| matches!(event, Event::QueueUpdate { steering, .. } if steering.len() == 2))
        .await;
    assert_eq!(talk.session.view().steering, ["FIRST", "SECOND"]);
    gate.open();
    talk.settled().await;
    assert_eq!(
        talk.kept()
            .iter()
            .filter(|line| line.starts_with("user"))
            .count(),
        3
    );
}

#[tokio::test]
async fn a_hook_that_never_answers_does_not_keep_the_person_from_stopping() {
    for point in ["before_agent_start", "context", "before_call", "after_call"] {
        let slow = Gate::new();
        let hooks = Slow {
            point,
            gate: slow.clone(),
        };
        let turns = [
            Turn::tool("c1", "bash", json!({"command": "true"})),
            Turn::text("never"),
        ];
        let mut talk = Talk::with_hooks(turns, Arc::new(hooks));
        talk.say("go");
        slow.reached().await;
        talk.session.send(Command::Abort).await;
        let seen = talk.settled().await;
        assert!(
            matches!(&**seen.last().unwrap(), Event::Settled { aborted: true }),
            "{point}"
        );
    }
}

#[tokio::test]
async fn a_hook_brings_resources_along() {
    let talk = Talk::with_hooks([], Arc::new(Steps::default()));
    let command = Command::Resources {
        reason: "startup".into(),
    };
    let Reply::Resources(found) = talk.session.send(command).await else {
        panic!("no resources")
    };
    assert_eq!(found.themes, ["startup.json"]);
    let talk = Talk::new([]);
    let command = Command::Resources {
        reason: "reload".into(),
    };
    assert!(
        matches!(talk.session.send(command).await, Reply::Resources(found) if found == Resources::default())
    );
}
