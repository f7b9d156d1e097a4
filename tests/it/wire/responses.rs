//! The Responses API: what goes out for `openai-responses` and `azure-openai-responses`, what comes in,
//! and that what came in goes out again. The bodies were held against the reference's own for the same
//! conversations.

mod azure;
mod bodies;
mod events;
mod replay;
mod sockets;

use futures::StreamExt;
use pi::ai::http::HttpClient;
use pi::ai::providers::provider_for;
use pi::ai::{
    AssistantMessage, Content, Message, Model, Request, StopReason, ToolCall, ToolResultMessage,
    Usage,
};
use serde_json::{Value, json};

use crate::support::model_server::{ModelServer, Recorded, Turn};

const RESPONSES: &str = "openai-responses";
const AZURE: &str = "azure-openai-responses";

/// A model of this API, changed as `change` says.
fn model(change: impl FnOnce(&mut Model)) -> Model {
    let mut model = super::model(RESPONSES, "");
    change(&mut model);
    model
}

/// Sends `request` and returns what the server saw, unless nothing reached it, and the answer.
async fn exchanged(
    mut model: Model,
    request: Request,
    turn: Turn,
) -> (Option<Recorded>, AssistantMessage) {
    let server = ModelServer::start([turn]);
    model.base_url = format!("{}{}", server.url(), model.base_url);
    let provider = provider_for(&model.api, &HttpClient::default()).unwrap();
    let stream = provider.stream(&model, request, Default::default());
    let deltas: Vec<_> = stream.collect().await;
    (server.requests().pop(), super::done(&deltas))
}

async fn seen(model: Model, request: Request) -> Recorded {
    let (seen, _) = exchanged(model, request, Turn::text("ok")).await;
    seen.unwrap()
}

/// What the model makes of a stream of these events.
async fn answered(model: Model, events: &[Value]) -> AssistantMessage {
    let lines = events.iter().map(|event| {
        let name = event["type"].as_str().unwrap_or("message");
        format!("event: {name}\ndata: {event}\n\n")
    });
    let turn = Turn::raw(lines.collect::<String>());
    exchanged(model, super::hello(), turn).await.1
}

fn image() -> Content {
    Content::Image {
        data: "aGk=".into(),
        mime_type: "image/png".into(),
    }
}

fn signed(text: &str, signature: &str) -> Content {
    Content::Text {
        text: text.into(),
        text_signature: Some(signature.into()),
    }
}

fn thought(text: &str, signature: &str) -> Content {
    Content::Thinking {
        thinking: text.into(),
        thinking_signature: Some(signature.into()),
        redacted: false,
    }
}

fn call(id: &str, arguments: Value) -> Content {
    Content::ToolCall(ToolCall {
        id: id.into(),
        name: "read".into(),
        arguments,
        thought_signature: None,
    })
}

fn result(id: &str, content: Vec<Content>) -> Message {
    Message::ToolResult(ToolResultMessage {
        tool_call_id: id.into(),
        tool_name: "read".into(),
        content,
        details: Some(json!({"never": "sent"})),
        is_error: false,
        timestamp: 3,
    })
}

/// An answer of this model, at this API and provider.
fn answer(api: &str, provider: &str, model: &str, content: Vec<Content>) -> Message {
    Message::Assistant(AssistantMessage {
        content,
        api: api.into(),
        provider: provider.into(),
        model: model.into(),
        provider_thinking_level: None,
        response_model: None,
        response_id: None,
        usage: Usage::default(),
        stop_reason: StopReason::Stop,
        error_message: None,
        failure: None,
        timestamp: 2,
    })
}
