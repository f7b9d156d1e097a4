//! What answers cost: prices in tiers, caches of an hour, bills of gateways.

use pi::ai::catalog;
use pi::ai::model::PriceTier;
use pi::ai::{Price, Usage};
use serde_json::json;

use super::{ANTHROPIC, OPENAI, ask_at, done, hello, model};
use crate::support::model_server::{ModelServer, Turn};

fn priced(input: u64, cache_read: u64, cache_write: u64) -> f64 {
    let mut model = model(OPENAI, "");
    model.cost = Price {
        input: 1.0,
        output: 2.0,
        cache_read: 0.1,
        cache_write: 1.25,
        tiers: vec![
            PriceTier {
                input_tokens_above: 500_000,
                input: 4.0,
                ..PriceTier::default()
            },
            PriceTier {
                input_tokens_above: 200_000,
                input: 2.0,
                cache_read: 0.2,
                cache_write: 2.5,
                ..PriceTier::default()
            },
        ],
    };
    let mut usage = Usage {
        input,
        cache_read,
        cache_write,
        ..Usage::default()
    };
    model.price(&mut usage);
    usage.cost.total
}

#[test]
fn a_tier_holds_for_the_whole_request_once_its_prompt_exceeds_the_threshold() {
    assert_eq!(priced(200_000, 0, 0), 0.2);
    assert_eq!(priced(200_001, 0, 0), 0.400_002);
    // Tokens of all kinds are counted.
    assert_eq!(priced(100_000, 100_000, 0), 0.11);
    assert_eq!(priced(100_000, 100_000, 1), 0.220_002_5);
    assert_eq!(priced(500_000, 0, 0), 1.0);
    assert_eq!(priced(600_000, 0, 0), 2.4);
}

#[test]
fn every_tier_of_the_table_is_read() {
    let table = include_str!("../../../src/ai/models.json");
    let in_text = table.matches("\"inputTokensAbove\":").count();
    let models = catalog::providers().flat_map(catalog::models);
    let read: Vec<&PriceTier> = models.flat_map(|model| &model.cost.tiers).collect();
    assert_eq!(read.len(), in_text);
    assert!(read.len() > 200);
    assert!(read.iter().all(|tier| tier.input_tokens_above > 0));
}

/// After "Prompt caching, 1-hour cache duration" of Anthropic's API documentation.
#[tokio::test]
async fn an_hour_in_anthropics_cache_costs_twice_the_price_of_fresh_tokens() {
    let events = [
        json!({"type": "message_start", "message": {"id": "msg_1", "model": "m1", "usage": {
            "input_tokens": 1_000_000, "output_tokens": 1, "cache_read_input_tokens": 0,
            "cache_creation_input_tokens": 3_000_000, "cache_creation": {
                "ephemeral_5m_input_tokens": 1_000_000, "ephemeral_1h_input_tokens": 2_000_000}}}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 0}}),
        json!({"type": "message_stop"}),
    ];
    let body: String = events
        .iter()
        .map(|event| format!("data: {event}\n\n"))
        .collect();
    let server = ModelServer::start([Turn::raw(body)]);
    let (_, message) = ask_at(ANTHROPIC, &server.url(), hello()).await;
    // Fresh 1, written 4 for minutes and 2 × 1 for an hour.
    assert_eq!(message.usage.cost.input, 1.0);
    assert_eq!(message.usage.cost.cache_write, 4.0 + 4.0);
    let written = serde_json::to_value(message.usage).unwrap();
    assert_eq!(written["cacheWrite1h"], 2_000_000);
}

/// After "Usage accounting" of OpenRouter's documentation.
#[tokio::test]
async fn openrouters_own_bill_is_what_counts_and_only_there() {
    let told = async |provider: &str, bill: serde_json::Value| {
        let mut usage = json!({"prompt_tokens": 1_000_000, "completion_tokens": 0});
        usage
            .as_object_mut()
            .unwrap()
            .extend(bill.as_object().unwrap().clone());
        let chunk = json!({"id": "gen-1", "model": "m1", "usage": usage,
            "choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"}]});
        let server = ModelServer::start([Turn::raw(format!("data: {chunk}\n\ndata: [DONE]\n\n"))]);
        let mut model = model(OPENAI, &server.url());
        model.provider = provider.into();
        let http = pi::ai::http::HttpClient::default();
        let provider = pi::ai::providers::provider_for(OPENAI, &http).unwrap();
        let stream = provider.stream(&model, hello(), Default::default());
        use futures::StreamExt;
        done(&stream.collect::<Vec<_>>().await).usage.cost.total
    };
    let billed = json!({"cost": 0.25, "is_byok": false});
    assert_eq!(told("openrouter", billed.clone()).await, 0.25);
    assert_eq!(told("acme", billed).await, 1.0);
    let own_key = json!({"cost": 0.25, "is_byok": true,
        "cost_details": {"upstream_inference_cost": 0.5}});
    assert_eq!(told("openrouter", own_key).await, 0.75);
    let halves = json!({"cost": 0.25, "is_byok": true, "cost_details": {
        "upstream_inference_cost": null, "upstream_inference_prompt_cost": 0.5,
        "upstream_inference_completions_cost": 1.0}});
    assert_eq!(told("openrouter", halves).await, 1.75);
    // A bill that says only half of it is none.
    for odd in [
        json!({"cost": -1, "is_byok": false}),
        json!({"cost": 0.25}),
        json!({"cost": 0.25, "is_byok": true}),
        json!({"cost": "0.25", "is_byok": false}),
    ] {
        assert_eq!(told("openrouter", odd).await, 1.0);
    }
}

#[tokio::test]
async fn counts_that_cannot_be_are_as_if_not_said_and_spellings_of_numbers_are_numbers() {
    let answered = |usage: serde_json::Value| async move {
        let end = serde_json::json!({"choices": [{"index": 0, "delta": {"content": "hi"}, "finish_reason": "stop"}], "usage": usage});
        let turn =
            crate::support::model_server::Turn::raw(format!("data: {end}\n\ndata: [DONE]\n\n"));
        super::ask(super::OPENAI, turn).await.1.usage
    };
    let absurd = answered(
        serde_json::json!({"prompt_tokens": 7, "completion_tokens": 1_000_000_000_000_000_000_u64}),
    )
    .await;
    assert_eq!(
        (absurd.input, absurd.output, absurd.total_tokens),
        (7, 0, 7)
    );
    let spelled =
        answered(serde_json::json!({"prompt_tokens": "12", "completion_tokens": 3.7})).await;
    assert_eq!((spelled.input, spelled.output), (12, 3));
}
