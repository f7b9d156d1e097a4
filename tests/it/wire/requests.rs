//! What goes out: whole bodies and the headers that matter, as a server sees them. The shapes were
//! checked against the reference's own requests for the same conversations.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use pi::ai::http::HttpClient;
use pi::ai::providers::provider_for;
use pi::ai::{
    AssistantMessage, Body, CacheRetention, Content, Message, Model, Request, StopReason,
    ThinkingLevel, ToolCall, ToolResultMessage, ToolSpec, Usage, UserMessage, WireTap,
};
use serde_json::{Value, json};

use super::{ANTHROPIC, BOTH, OPENAI, hello, model, request};
use crate::support::model_server::{ModelServer, Recorded, Turn};

/// Sends `request` and returns what the server saw. The model's base URL is put behind the server's.
async fn seen(mut model: Model, request: Request) -> Recorded {
    use futures::StreamExt;
    let server = ModelServer::start([Turn::text("ok")]);
    model.base_url = format!("{}{}", server.url(), model.base_url);
    let provider = provider_for(&model.api, &HttpClient::default()).unwrap();
    let stream = provider.stream(&model, request, Default::default());
    stream.collect::<Vec<_>>().await;
    server.requests().remove(0)
}

fn image() -> Content {
    Content::Image {
        data: "aGk=".into(),
        mime_type: "image/png".into(),
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

fn result(id: &str, content: Vec<Content>, is_error: bool) -> Message {
    Message::ToolResult(ToolResultMessage {
        tool_call_id: id.into(),
        tool_name: "read".into(),
        content,
        details: Some(json!({"never": "sent"})),
        is_error,
        timestamp: 3,
    })
}

/// An answer of the very model that `super::model` describes.
fn answer(api: &str, content: Vec<Content>) -> Message {
    Message::Assistant(AssistantMessage {
        content,
        api: api.into(),
        provider: "acme".into(),
        model: "m1".into(),
        response_model: None,
        response_id: None,
        usage: Usage::default(),
        stop_reason: StopReason::Stop,
        error_message: None,
        timestamp: 2,
    })
}

fn conversation(api: &str) -> Request {
    let thinking = Content::Thinking {
        thinking: "hm".into(),
        thinking_signature: Some(match api {
            ANTHROPIC => "c2ln".into(),
            _ => "reasoning_content".into(),
        }),
        redacted: false,
    };
    let mut request = request(vec![
        Message::User(UserMessage {
            content: Body::Blocks(vec![Content::text("look"), image()]),
            timestamp: 1,
        }),
        answer(
            api,
            vec![
                thinking,
                Content::text("I look."),
                call("call_1", json!({"path": "a.txt"})),
                call("call_2", json!("{\"path\": ")),
            ],
        ),
        result("call_1", vec![Content::text("one"), image()], false),
        result("call_2", vec![Content::text("bad JSON")], true),
        Message::User(UserMessage {
            content: Body::Text("and now?".into()),
            timestamp: 4,
        }),
    ]);
    request.tools = vec![ToolSpec {
        name: "read".into(),
        description: "Reads a file.".into(),
        parameters: Arc::new(json!({
            "type": "object",
            "properties": {"path": {"type": "string"}},
            "required": ["path"],
        })),
    }];
    request.thinking = ThinkingLevel::Medium;
    request
}
