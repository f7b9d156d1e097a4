//! Servers that send back what they were asked with: no failure is told with a key or a token in it, and
//! none of them is endless.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use pi::ai::providers::spoken;
use pi::ai::{AssistantMessage, StopReason, Transport};
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::matrix::key_for;
use super::{ask_at, hello};
use crate::support::model_server::{End, ModelServer, Turn};

/// The words of a failure.
fn words(message: AssistantMessage, what: &str) -> String {
    assert_eq!(message.stop_reason, StopReason::Error, "{what}");
    message.error_message.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_a_server_sends_back_is_not_shown() {
    for api in spoken() {
        let key = format!("{}-and-some-more", key_for(api));
        let gate = "gate-token-42";
        let echo = format!("no account for {key} ({gate})");
        let cut = format!("{}{key}", "x".repeat(1980));
        for turn in [
            Turn::status(401, &echo),
            Turn::json(401, json!({"error": {"message": echo}})),
            Turn::json(401, json!({"message": cut})),
            Turn::json(200, json!({"error": {"message": echo}})),
            Turn::html(403, &format!("<title>{echo}</title>")),
            Turn::status(302, "").header("location", &format!("http://x/?key={key}")),
        ] {
            let server = ModelServer::start([turn]);
            let mut request = hello();
            request.auth.api_key = Some(key.clone());
            request.transport = Transport::Sse;
            let headers = &mut request.auth.headers;
            headers.insert("x-gate-authorization".into(), format!("Bearer {gate}"));
            let (_, message) = ask_at(api, &server.url(), request).await;
            let said = words(message, api);
            assert!(!said.contains(&key[..12]), "{api}: {said}");
            assert!(!said.contains(gate), "{api}: {said}");
            assert!(said.contains('…'), "{api}: {said}");
            assert!(said.starts_with("acme"), "{api}: {said}");
        }
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_told_without_what_is_secret_in_it() {
    for api in spoken() {
        for transport in [Transport::Sse, Transport::WebSocket] {
            let mut request = hello();
            request.auth.api_key = Some(key_for(api));
            request.transport = transport;
            let url = "http://user:pass-word@ho st/v1?key=query-secret";
            let (_, message) = ask_at(api, url, request).await;
            let said = words(message, api);
            assert!(!said.contains("pass-word"), "{api}: {said}");
            assert!(!said.contains("query-secret"), "{api}: {said}");
        }
    }
}

#[tokio::test]
async fn nobody_fails_at_endless_length() {
    let reason = "stop ".repeat(10_000);
    let chunk = json!({"id": "c", "model": "m1",
        "choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": reason}]});
    let server = ModelServer::start([Turn::raw(format!("data: {chunk}\n\ndata: [DONE]\n\n"))]);
    let (_, message) = ask_at(super::OPENAI, &server.url(), hello()).await;
    let said = words(message, "endless");
    assert!(said.len() < 4000, "{}", said.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_comes_back_over_a_socket_is_not_shown() {
    const GATE: &str = "gate-token-42";
    let api = super::sockets::CODEX;
    let key = key_for(api);
    let event = json!({"type": "error", "error": {"type": "invalid_request_error",
        "message": format!("no account for {key} ({GATE})")}});
    for turn in [
        Turn::raw(format!("data: {event}\n\n")),
        Turn::text("one two")
            .cut_at(4)
            .ending(End::Close(1008, "nobody knows gate-token-42")),
    ] {
        let server = ModelServer::with_sockets([turn]);
        let mut request = hello();
        request.auth.api_key = Some(key.clone());
        let headers = &mut request.auth.headers;
        headers.insert("x-gate-token".into(), GATE.into());
        let (_, message) = ask_at(api, &server.url(), request).await;
        let said = words(message, api);
        assert!(!said.contains(&key[..12]) && !said.contains(GATE), "{said}");
        assert!(said.contains('…'), "{said}");
    }
}

/// What pi logs on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("pi")
    }

    fn event(&self, event: &Event<'_>) {
        struct Fields<'a>(&'a mut String);
        impl Visit for Fields<'_> {
            fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
                write!(self.0, "{}={value:?} ", field.name()).unwrap();
            }
        }
        event.record(&mut Fields(&mut self.0.lock().unwrap()));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn what_a_server_says_when_it_closes_a_socket_is_not_logged_with_a_key_in_it() {
    const GATE: &str = "gate-token-42";
    let log = Log::default();
    let logging = tracing::subscriber::set_default(log.clone());
    let api = super::sockets::CODEX;
    let close = End::Close(1008, "nobody knows gate-token-42");
    let closed = Turn::text("one").cut_at(0).ending(close);
    let server = ModelServer::with_sockets([closed, Turn::text("events")]);
    let mut request = hello();
    request.auth.api_key = Some(key_for(api));
    let headers = &mut request.auth.headers;
    headers.insert("x-gate-token".into(), GATE.into());
    let (_, message) = ask_at(api, &server.url(), request).await;
    drop(logging);
    assert_eq!(message.to_text(), "events");
    let log = log.0.lock().unwrap();
    for said in ["given up", "server-sent events instead"] {
        assert!(log.contains(said), "{said}: {log}");
    }
    assert!(!log.contains(GATE), "{log}");
    assert_eq!(log.matches("nobody knows …").count(), 2, "{log}");
}
