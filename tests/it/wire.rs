//! The wire formats, byte for byte, against real HTTP servers.

mod agreement;
mod bedrock;
mod bodies;
mod caching;
#[cfg(feature = "tui")]
mod certificates;
mod codex;
mod compat;
mod costs;
mod every_pair;
mod failures;
mod faults;
mod google;
mod handoff;
mod late;
mod matrix;
mod mistral;
mod requests;
mod responses;
mod routes;
mod secrets;
mod socket_faults;
mod sockets;
mod streams;
mod thinking;
#[cfg(feature = "tui")]
mod tunnels;
mod vertex;
#[cfg(feature = "tui")]
mod vertex_binary;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::StreamExt;
use pi::ai::http::HttpClient;
use pi::ai::providers::provider_for;
use pi::ai::{
    AssistantMessage, Auth, CacheRetention, Clock, Delta, InputKind, Message, Model, Price,
    Request, SharedMessage, ThinkingLevel, Timeouts,
};
use tokio_util::sync::CancellationToken;

use crate::support::model_server::{ModelServer, Turn};

const ANTHROPIC: &str = "anthropic-messages";
const OPENAI: &str = "openai-completions";
const BOTH: [&str; 2] = [ANTHROPIC, OPENAI];

fn model(api: &str, base_url: &str) -> Model {
    Model {
        id: "m1".into(),
        name: "M1".into(),
        api: api.into(),
        provider: "acme".into(),
        base_url: base_url.into(),
        reasoning: true,
        thinking_level_map: BTreeMap::new(),
        input: vec![InputKind::Text, InputKind::Image],
        cost: Price {
            input: 1.0,
            output: 2.0,
            cache_read: 0.5,
            cache_write: 4.0,
            tiers: Vec::new(),
        },
        context_window: 200_000,
        max_tokens: 64_000,
        ..Model::default()
    }
}

fn request(messages: Vec<Message>) -> Request {
    Request {
        system: "Be good.".into(),
        messages: messages.into_iter().map(Arc::new).collect(),
        tools: Vec::new(),
        thinking: ThinkingLevel::Off,
        thinking_budgets: BTreeMap::new(),
        max_tokens: None,
        cache: CacheRetention::Short,
        session_id: None,
        auth: Auth {
            api_key: Some("sk-secret".into()),
            ..Auth::default()
        },
        timeouts: Timeouts::default(),
        transport: Default::default(),
        clock: Clock::fixed(7),
        tap: None,
    }
}

fn hello() -> Request {
    request(vec![Message::user("hello", 1)])
}

/// Asks a server that plays `turn`; every delta, and the message at the end.
async fn ask(api: &str, turn: Turn) -> (Vec<Delta>, AssistantMessage) {
    let server = ModelServer::start([turn]);
    ask_at(api, &server.url(), hello()).await
}

async fn ask_at(api: &str, url: &str, request: Request) -> (Vec<Delta>, AssistantMessage) {
    let provider = provider_for(api, &HttpClient::default()).unwrap();
    let stream = provider.stream(&model(api, url), request, CancellationToken::new());
    let deltas: Vec<Delta> = stream.collect().await;
    let message = done(&deltas);
    (deltas, message)
}

fn done(deltas: &[Delta]) -> AssistantMessage {
    match deltas.last() {
        Some(Delta::Done(message)) => (**message).clone(),
        other => panic!("the stream ended with {other:?}"),
    }
}

fn shared(messages: Vec<Message>) -> Vec<SharedMessage> {
    messages.into_iter().map(Arc::new).collect()
}
