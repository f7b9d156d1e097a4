//! Request bodies of any API, taken where they leave for the wire.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::StreamExt;
use pi::ai::http::HttpClient;
use pi::ai::providers::provider_for;
use pi::ai::{Auth, Delta, Model, Request, Transport, WireTap};
use serde_json::Value;

use super::matrix::key_for;
use crate::support::model_server::{ModelServer, Turn};

#[derive(Default)]
struct Seen(Mutex<Option<Value>>);

#[async_trait]
impl WireTap for Seen {
    async fn before_request(&self, body: Value) -> Value {
        *self.0.lock().unwrap() = Some(body.clone());
        body
    }
}

/// What is sent for `request`, with a key that the API accepts.
pub(super) async fn body(model: &Model, request: Request) -> Value {
    exchanged(model, request, Turn::text("ok")).await.0
}

/// The same, and what came of an answer that is this turn.
pub(super) async fn exchanged(
    model: &Model,
    mut request: Request,
    turn: Turn,
) -> (Value, Vec<Delta>) {
    let server = ModelServer::start([turn]);
    let mut model = model.clone();
    model.base_url = server.url();
    let seen = Arc::new(Seen::default());
    request.tap = Some(seen.clone());
    request.transport = Transport::Sse;
    let variables = [
        ("AWS_REGION", "us-east-1"),
        ("AZURE_OPENAI_BASE_URL", &server.url()),
    ];
    request.auth = Auth {
        api_key: Some(key_for(&model.api)),
        variables: variables
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
        ..Auth::default()
    };
    let provider = provider_for(&model.api, &HttpClient::default()).unwrap();
    let stream = provider.stream(&model, request, Default::default());
    let told = stream.collect::<Vec<_>>().await;
    let body = seen.0.lock().unwrap().take();
    let body = body.unwrap_or_else(|| panic!("{}: nothing was sent: {told:?}", model.full_id()));
    (body, told)
}
