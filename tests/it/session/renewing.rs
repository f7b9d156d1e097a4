//! Settings that change while the model answers: the queues go by them at once, the run goes on as it began,
//! the next one goes by them.

use std::sync::Arc;

use pi::agent::{Drain, Limits};
use pi::ai::script::{Gate, Turn};
use pi::config::settings::{BranchSummarySettings, CompactionSettings, RetrySettings};
use pi::session::{Command, Event, Place, Renewal, Reply};
use pi::tools::{LocalPlace, LocalWorkspace};
use serde_json::json;

use crate::support::talk::Talk;

fn renewal(talk: &Talk) -> Renewal {
    let workspace = LocalWorkspace::new(LocalPlace {
        root: talk.home.path().into(),
        home: None,
        shell: None,
        temporary: std::env::temp_dir(),
    });
    Renewal {
        shell_prefix: None,
        limits: Limits {
            max_turns: Some(1),
            max_repeats: 5,
        },
        compaction: CompactionSettings {
            enabled: false,
            ..CompactionSettings::default()
        },
        branch_summary: BranchSummarySettings::default(),
        fallback: Vec::new(),
        retry: RetrySettings::default(),
        drains: (Drain::All, Drain::OneAtATime),
        thinking_budgets: Default::default(),
        timeouts: Default::default(),
        transport: Default::default(),
        cache_notices: false,
        place: Some(Place {
            workspace: Arc::new(workspace),
            tools: Vec::new(),
            system: "another system prompt".into(),
            context_files: Vec::new(),
        }),
    }
}

#[tokio::test]
async fn a_change_of_settings_in_a_run_is_for_the_queues_now_and_for_the_next_run() {
    let gate = Gate::new();
    let read = |turn: Turn| turn.call("1", "read", json!({"path": "nothing"}));
    let mut talk = Talk::new([
        read(Turn::new().wait(&gate)),
        read(Turn::new()),
        Turn::new().say("done"),
        read(Turn::new()),
    ]);
    talk.say("go");
    gate.reached().await;
    talk.say("left");
    talk.say("right");
    let tools = talk.session.view().tools.clone();
    let renewed = Command::Renew(Box::new(renewal(&talk)));
    assert!(matches!(talk.session.send(renewed).await, Reply::Done));
    let view = talk.session.view();
    assert!(!view.auto_compaction);
    assert_eq!(view.drains, (Drain::All, Drain::OneAtATime));
    assert_eq!(view.tools, tools, "the run keeps its tools");
    // A later change that has no place does not make the first one's forgotten.
    let again = Renewal {
        place: None,
        ..renewal(&talk)
    };
    talk.session.send(Command::Renew(Box::new(again))).await;
    gate.open();
    talk.settled().await;
    // Three answers, though one would be the limit now; both prompts went out together.
    let requests = talk.provider.requests();
    assert_eq!(requests.len(), 3);
    for request in &requests {
        assert_eq!(request.system, "the system prompt");
        assert!(!request.tools.is_empty());
    }
    let kept = talk.kept();
    let at = |wanted: &str| kept.iter().position(|message| message == wanted);
    assert_eq!(
        at("user right"),
        at("user left").map(|at| at + 1),
        "{kept:?}"
    );
    assert_eq!(talk.session.view().tools, tools);
    talk.say("and now?");
    let seen = talk.settled().await;
    assert!(matches!(&**seen.last().unwrap(), Event::Settled { .. }));
    let last = talk.provider.requests().pop().unwrap();
    assert_eq!(talk.provider.requests().len(), 4, "one answer is the limit");
    assert_eq!(last.system, "another system prompt");
    assert!(last.tools.is_empty());
    assert!(talk.session.view().tools.is_empty());
}

#[tokio::test]
async fn a_conversation_in_which_nothing_was_said_is_not_cloned() {
    let mut talk = Talk::new([Turn::new().say("hello")]);
    let Reply::Refused(why) = talk.session.send(Command::Clone).await else {
        panic!("it was cloned");
    };
    assert_eq!(why, "there is nothing to clone yet");
    talk.say("go");
    talk.settled().await;
    let before = talk.session.view().id.clone();
    assert!(matches!(
        talk.session.send(Command::Clone).await,
        Reply::Done
    ));
    assert_ne!(talk.session.view().id, before);
}
