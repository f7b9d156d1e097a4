//! Tokens and money of a conversation that several models have answered.

use std::path::Path;

use pi::ai::{AssistantMessage, Clock, Content, Message, Model, StopReason, Usage, catalog};
use pi::session::{Command, Reply};
use pi::store::{Access, Store};

use crate::support::talk::Talk;

#[tokio::test]
async fn footer_and_session_figures_are_the_sum_of_the_messages_of_all_models() {
    let home = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(1);
    let folder = home.path().join("sessions");
    let mut store = Store::create(&folder, Path::new("/work"), None, None, clock.clone());
    let mut sum = Usage::default();
    for (provider, id, api, tokens) in [
        (
            "anthropic",
            "claude-haiku-4-5",
            "anthropic-messages",
            250_000,
        ),
        ("openai", "gpt-6.1-sol", "openai-responses", 300_000),
        ("anthropic", "claude-haiku-4-5", "anthropic-messages", 1_000),
        ("own", "small", "openai-completions", 7),
    ] {
        let model = catalog::find(provider, id).map(|model| Model::clone(&model));
        let mut usage = Usage {
            input: tokens,
            output: 10,
            cache_read: tokens * 2,
            cache_write: 5,
            cache_write_1h: 3,
            total_tokens: tokens * 3 + 15,
            ..Usage::default()
        };
        model.unwrap_or_default().price(&mut usage);
        sum.add(&usage);
        store.append_message(&Message::user("go on", 1)).unwrap();
        store
            .append_message(&Message::Assistant(AssistantMessage {
                content: vec![Content::text("ok")],
                api: api.into(),
                provider: provider.into(),
                model: id.into(),
                provider_thinking_level: None,
                response_model: None,
                response_id: None,
                usage,
                stop_reason: StopReason::Stop,
                error_message: None,
                failure: None,
                timestamp: 2,
            }))
            .unwrap();
    }
    let path = store.path().unwrap();
    drop(store);
    let store = Store::open(&path, Access::Write, clock).unwrap().store;
    let talk = Talk::over(home, store, []);
    let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
    let same = |usage: &Usage| {
        let counts = |u: &Usage| {
            (
                u.input,
                u.output,
                u.cache_read,
                u.cache_write,
                u.total_tokens,
            )
        };
        assert_eq!(counts(usage), counts(&sum));
        assert!(close(usage.cost.total, sum.cost.total), "{usage:?}");
    };
    assert!(sum.cost.total > 0.0);
    // The footer draws the view; `/session` asks for the figures, and for those of each model.
    same(&talk.session.view().usage);
    let Reply::Stats(stats) = talk.session.send(Command::Stats).await else {
        panic!("no figures");
    };
    same(&stats.usage);
    let Reply::Spending(spent) = talk.session.send(Command::Spending).await else {
        panic!("no figures by model");
    };
    assert_eq!(spent.len(), 3);
    let mut whole = Usage::default();
    spent.iter().for_each(|model| whole.add(&model.usage));
    same(&whole);
}
