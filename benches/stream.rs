//! What it costs to read a streamed answer of 20,000 tokens: over loopback HTTP, from bytes to the
//! finished message. Run with `cargo bench --bench stream`.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on should stop loudly"
)]

#[path = "../tests/it/support/model_server/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the benchmark uses a part of it")]
mod model_server;

use futures::StreamExt;
use model_server::{ModelServer, Turn};
use pi::ai::http::HttpClient;
use pi::ai::partial_json::PartialJson;
use pi::ai::providers::provider_for;
use pi::ai::{Auth, CacheRetention, Clock, Delta, Message, Request, ThinkingLevel, Timeouts};

const TOKENS: usize = 20_000;

fn main() {
    divan::main();
}

#[divan::bench(args = ["anthropic-messages", "openai-completions"], sample_count = 20)]
fn answer(bencher: divan::Bencher, api: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let server = ModelServer::start([]);
    let text = "token ".repeat(TOKENS);
    let provider = provider_for(api, &HttpClient::default()).unwrap();
    let mut model = pi::ai::script::model();
    model.api = api.to_owned();
    model.base_url = server.url();
    bencher.bench_local(|| {
        server.push(Turn::text(&text));
        let stream = provider.stream(&model, request(), Default::default());
        let count = runtime.block_on(stream.fold(0, |count, delta| async move {
            divan::black_box(&delta);
            count + usize::from(matches!(delta, Delta::Text { .. }))
        }));
        assert_eq!(count, TOKENS);
    });
}

#[divan::bench(args = [10_000, 100_000])]
fn half_arrived_arguments(bencher: divan::Bencher, bytes: usize) {
    let json = format!(
        "{{\"path\":\"a\",\"content\":\"{}\"}}",
        "0123456\\n".repeat(bytes / 9)
    );
    bencher.bench(|| {
        let mut partial = PartialJson::new();
        for piece in json.as_bytes().chunks(4) {
            partial.push(std::str::from_utf8(piece).unwrap());
        }
        partial
    });
}

fn request() -> Request {
    Request {
        system: String::new(),
        messages: vec![Message::user("hi", 0).into()],
        tools: Vec::new(),
        thinking: ThinkingLevel::Off,
        thinking_budgets: Default::default(),
        max_tokens: None,
        cache: CacheRetention::Short,
        session_id: None,
        auth: Auth::default(),
        timeouts: Timeouts::default(),
        transport: Default::default(),
        clock: Clock::fixed(0),
        tap: None,
    }
}

/// A new client, a new connection, one short answer: what the start of a run pays.
#[divan::bench]
fn first_request(bencher: divan::Bencher) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let server = ModelServer::start([]);
    let mut model = pi::ai::script::model();
    model.api = "openai-completions".to_owned();
    model.base_url = server.url_v1();
    bencher.bench_local(|| {
        server.push(Turn::text("hi"));
        let provider = provider_for(&model.api, &HttpClient::default()).unwrap();
        let stream = provider.stream(&model, request(), Default::default());
        runtime.block_on(stream.collect::<Vec<_>>())
    });
}
