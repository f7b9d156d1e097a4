//! Somebody steps in while pi waits for another attempt.

use std::time::Duration;

use pi::agent::{AgentEvent, Lane};
use pi::ai::script::Turn;
use pi::config::settings::RetrySettings;
use pi::session::{Command, Event};

use crate::support::talk::Talk;

/// Pauses that nobody outlives.
fn endless() -> RetrySettings {
    RetrySettings {
        base_delay: Duration::from_secs(86_400),
        max_agent_delay: Duration::from_secs(86_400),
        ..RetrySettings::default()
    }
}

/// Pauses that nobody notices.
fn short() -> RetrySettings {
    RetrySettings {
        base_delay: Duration::from_millis(1),
        ..RetrySettings::default()
    }
}

fn talk(turns: impl IntoIterator<Item = Turn>, retry: RetrySettings) -> Talk {
    Talk::with(turns, |setup| setup.retry = retry)
}

fn is_pause(event: &Event) -> bool {
    matches!(event, Event::RetryStart { .. })
}

/// Success, attempt and reason of the end of the attempts.
fn end_of(event: &Event) -> Option<(bool, u32, Option<&str>)> {
    match event {
        Event::RetryEnd {
            success,
            attempt,
            error,
        } => Some((*success, *attempt, error.as_deref())),
        _ => None,
    }
}

#[tokio::test]
async fn a_pause_ends_at_once_when_the_person_aborts_or_does_not_want_to_wait() {
    for (command, aborts) in [(Command::Abort, true), (Command::AbortRetry, false)] {
        let mut talk = talk([Turn::error("503"), Turn::text("never")], endless());
        talk.say("hi");
        talk.until(is_pause).await;
        // A day's pause: the test ends only because the pause does.
        talk.session.send(command).await;
        let seen = talk.settled().await;
        let ends: Vec<_> = seen.iter().filter_map(|event| end_of(event)).collect();
        assert_eq!(ends.len(), 1);
        assert_eq!((ends[0].0, ends[0].1), (false, 1));
        let last = &**seen.last().unwrap();
        assert!(matches!(last, Event::Settled { aborted } if *aborted == aborts));
        assert_eq!(talk.provider.requests().len(), 1);
        assert!(!talk.session.view().running);
        // The next prompt does not carry what failed.
        talk.say("again");
        talk.settled().await;
        assert_eq!(talk.asked(1), ["user hi", "user again"]);
    }
}

#[tokio::test]
async fn what_is_said_during_a_pause_waits_and_is_heard_with_the_next_attempt() {
    let delay = Duration::from_millis(50);
    let retry = RetrySettings {
        base_delay: delay,
        ..RetrySettings::default()
    };
    let mut talk = talk(
        [Turn::error("503"), Turn::text("ok"), Turn::text("and that")],
        retry,
    );
    talk.say("hi");
    talk.until(is_pause).await;
    assert!(talk.session.view().running);
    talk.say_on("and this", Lane::FollowUp);
    talk.settled().await;
    assert_eq!(talk.asked(1), ["user hi"]);
    assert_eq!(talk.asked(2), ["user hi", "assistant ok", "user and this"]);
    assert_eq!(
        talk.kept(),
        [
            "user hi",
            "assistant ",
            "assistant ok",
            "user and this",
            "assistant and that"
        ]
    );
}

#[tokio::test]
async fn an_answer_makes_the_next_failure_the_first_one_again() {
    let ls = || Turn::tool("c", "read", serde_json::json!({"path": "nothing"}));
    let turns = [
        Turn::error("503"),
        Turn::error("503"),
        ls(),
        Turn::error("503"),
        Turn::text("done"),
    ];
    let mut talk = talk(turns, short());
    talk.say("hi");
    let seen = talk.settled().await;
    let attempts: Vec<u32> = seen
        .iter()
        .filter_map(|event| match &**event {
            Event::RetryStart { attempt, .. } => Some(*attempt),
            _ => None,
        })
        .collect();
    assert_eq!(attempts, [1, 2, 1]);
    let ends: Vec<_> = seen.iter().filter_map(|event| end_of(event)).collect();
    assert_eq!(ends, [(true, 2, None), (true, 1, None)]);
    let last = talk.asked(4);
    assert_eq!(last.len(), 3, "{last:?}");
}

#[tokio::test]
async fn the_last_failure_is_told_when_there_are_no_more_attempts() {
    let turns = ["a 500", "b 500", "c 500", "d 500", "e 500"].map(Turn::error);
    let mut talk = talk(turns, short());
    talk.say("hi");
    let seen = talk.settled().await;
    let ends: Vec<_> = seen.iter().filter_map(|event| end_of(event)).collect();
    assert_eq!(ends, [(false, 3, Some("d 500"))]);
    let goes_on: Vec<bool> = seen
        .iter()
        .filter_map(|event| match &**event {
            Event::Agent(AgentEvent::AgentEnd { will_retry, .. }) => Some(*will_retry),
            _ => None,
        })
        .collect();
    assert_eq!(goes_on, [true, true, true, false]);
}

#[tokio::test]
async fn attempts_can_be_switched_off_and_on_while_it_lives() {
    let mut talk = talk(
        [Turn::error("503"), Turn::error("503"), Turn::text("ok")],
        short(),
    );
    talk.session.send(Command::SetAutoRetry(false)).await;
    talk.say("hi");
    assert!(!talk.settled().await.iter().any(|event| is_pause(event)));
    talk.session.send(Command::SetAutoRetry(true)).await;
    talk.say("again");
    assert!(talk.settled().await.iter().any(|event| is_pause(event)));
    assert_eq!(talk.kept().last().unwrap(), "assistant ok");
}
