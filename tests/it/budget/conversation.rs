//! Budgets in a conversation that goes on: runs, queues, other sessions, what `/session` shows.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pi::agent::Lane;
use pi::ai::script::{Gate, Turn};
use pi::config::{Allowance, BudgetSettings, Sums};
use pi::session::{Amount, BudgetScope, Budgets, Command, Event, Reply, Spent};
use serde_json::json;

use crate::support::talk::Talk;

fn tokens(limit: u64) -> Allowance {
    Allowance {
        tokens: Some(limit),
        ..Allowance::default()
    }
}

fn talk(turns: impl IntoIterator<Item = Turn>, limits: BudgetSettings) -> Talk {
    Talk::with(turns, |setup| setup.budget.limits = limits)
}

fn of_session(limit: u64) -> BudgetSettings {
    BudgetSettings {
        session: tokens(limit),
        ..BudgetSettings::default()
    }
}

/// A turn of 150 tokens.
fn call() -> Turn {
    Turn::tool("c", "read", json!({"path": "nothing"})).usage(100, 50)
}

fn exceeded(event: &Event) -> Option<Spent> {
    match event {
        Event::Budget {
            spent,
            exceeded: true,
        } => Some(*spent),
        _ => None,
    }
}

async fn prompt(talk: &Talk, text: &str) -> Reply {
    let command = Command::Prompt {
        text: text.into(),
        images: Vec::new(),
        while_running: Lane::Steering,
    };
    talk.session.send(command).await
}

#[tokio::test]
async fn each_run_has_its_budget_anew() {
    let limits = BudgetSettings {
        run: tokens(100),
        ..BudgetSettings::default()
    };
    let mut talk = talk([call(), call(), Turn::text("never")], limits);
    for n in 1..=2 {
        talk.say("go");
        let seen = talk.settled().await;
        let told: Vec<Spent> = seen.iter().filter_map(|event| exceeded(event)).collect();
        let amount = Amount::Tokens {
            used: 150,
            limit: 100,
        };
        let scope = BudgetScope::Run;
        assert_eq!(told, [Spent { scope, amount }]);
        assert_eq!(talk.provider.requests().len(), n);
    }
}

#[tokio::test]
async fn what_waits_when_the_budget_ends_stays_where_it_is() {
    let gate = Gate::new();
    let turn = Turn::new().say("one").wait(&gate).usage(100, 50);
    let mut talk = talk([turn, Turn::text("never")], of_session(150));
    talk.say("first");
    gate.reached().await;
    talk.say_on("second", Lane::FollowUp);
    talk.until(|event| matches!(event, Event::QueueUpdate { .. }))
        .await;
    gate.open();
    talk.settled().await;
    assert_eq!(talk.provider.requests().len(), 1);
    assert_eq!(talk.session.view().follow_up, ["second"]);
    assert_eq!(talk.kept(), ["user first", "assistant one"]);
    let refused = prompt(&talk, "third").await;
    let Reply::Refused(why) = refused else {
        panic!("{refused:?}")
    };
    assert!(why.contains("150 of 150 tokens"), "{why}");
    assert_eq!(talk.kept().len(), 2);
}

#[tokio::test]
async fn another_session_has_a_budget_of_its_own() {
    let mut talk = talk([call(), Turn::text("fresh").usage(10, 10)], of_session(100));
    talk.say("old");
    talk.settled().await;
    talk.session
        .send(Command::NewSession { parent: None })
        .await;
    talk.say("new");
    talk.settled().await;
    assert_eq!(talk.kept(), ["user new", "assistant fresh"]);
    let Reply::Stats(stats) = talk.session.send(Command::Stats).await else {
        panic!("no stats")
    };
    let amount = Amount::Tokens {
        used: 20,
        limit: 100,
    };
    let scope = BudgetScope::Session;
    assert_eq!(stats.budgets, [Spent { scope, amount }]);
}

#[tokio::test]
async fn a_day_book_that_refuses_is_told_once_and_the_process_counts_by_itself() {
    let limits = BudgetSettings {
        day: tokens(200),
        ..BudgetSettings::default()
    };
    let book: Arc<Mutex<Vec<Sums>>> = Arc::default();
    let kept = book.clone();
    let mut talk = Talk::with([call(), call(), Turn::text("never")], |setup| {
        setup.budget = Budgets {
            limits,
            day_book: Some(Box::new(move |sums| {
                kept.lock().unwrap().push(sums);
                Err("the disk is full".into())
            })),
        }
    });
    talk.say("go");
    let seen = talk.settled().await;
    assert_eq!(seen.iter().filter_map(|event| exceeded(event)).count(), 1);
    let told = seen.iter().filter(|event| {
        matches!(&***event, Event::Notice { text, .. } if text.contains("the disk is full"))
    });
    assert_eq!(told.count(), 1);
    assert_eq!(talk.provider.requests().len(), 2);
    // Nothing of it is forgotten.
    assert_eq!(book.lock().unwrap().last().unwrap().tokens, 300);
}

#[tokio::test(start_paused = true)]
async fn time_counts_while_a_run_goes_on_and_not_between_runs() {
    let limits = BudgetSettings {
        session: Allowance {
            time: Some(Duration::from_secs(100)),
            ..Allowance::default()
        },
        ..BudgetSettings::default()
    };
    let (first, second) = (Gate::new(), Gate::new());
    let turns = [
        Turn::new().say("one").wait(&first),
        Turn::new().say("two").wait(&second),
    ];
    let mut talk = talk(turns, limits);
    for (gate, over) in [(first, false), (second, true)] {
        talk.say("go");
        gate.reached().await;
        // The clock is the test's: nobody waits.
        tokio::time::advance(Duration::from_secs(60)).await;
        gate.open();
        let seen = talk.settled().await;
        assert_eq!(seen.iter().any(|event| exceeded(event).is_some()), over);
        tokio::time::advance(Duration::from_secs(1000)).await;
    }
}

/// A conversation whose two long turns leave something to summarise.
fn to_summarise(session: u64) -> Talk {
    let long = "word ".repeat(2000);
    let turns = [
        Turn::text(&long).usage(100, 50),
        Turn::text(&long).usage(100, 50),
        Turn::text("## Goal\nNothing.").usage(30, 20),
        Turn::text("never"),
    ];
    Talk::with(turns, |setup| {
        setup.budget.limits = of_session(session);
        setup.compaction.keep_recent_tokens = 100;
    })
}

#[tokio::test]
async fn summaries_count_and_may_end_the_budget_too() {
    for (limit, over) in [(351, false), (350, true)] {
        let mut talk = to_summarise(limit);
        for text in ["first", "second"] {
            talk.say(text);
            talk.settled().await;
        }
        let made = talk.session.send(Command::Compact { instructions: None });
        let Reply::Compacted(made) = made.await else {
            panic!("nothing was compacted")
        };
        assert_eq!(made.usage.unwrap().total_tokens, 50);
        let Reply::Stats(stats) = talk.session.send(Command::Stats).await else {
            panic!("no stats")
        };
        let scope = BudgetScope::Session;
        let amount = Amount::Tokens { used: 350, limit };
        assert_eq!(stats.budgets, [Spent { scope, amount }]);
        let refused = matches!(prompt(&talk, "third").await, Reply::Refused(_));
        assert_eq!(refused, over);
    }
}
