//! The `messages` of a request to Mistral.

use serde_json::{Map, Value, json};

use super::super::exchange::object;
use super::ids::Ids;
use crate::ai::handoff;
use crate::ai::message::{
    AssistantMessage, Body, Content, Message, ToolResultMessage, joined_text,
};
use crate::ai::model::Model;
use crate::ai::provider::Request;

/// In front of what a tool says that failed: the API has no field for it.
const FAILED: &str = "[error] ";
/// The text of results that have none.
const IMAGE_INSIDE: &str = "(the result is the attached image)";
const EMPTY: &str = "(the result is empty)";

/// System prompt and conversation, in Mistral's form.
pub fn messages(model: &Model, request: &Request) -> Value {
    let ids = Ids::default();
    let history = handoff::for_model(&request.messages, model, |id| ids.of(id));
    let mut out = Vec::with_capacity(history.len() + 1);
    if !request.system.is_empty() {
        out.push(json!({"role": "system", "content": request.system}));
    }
    for message in &history {
        match &**message {
            Message::User(user) => out.extend(user_message(&user.content)),
            Message::Assistant(answer) => out.extend(assistant_message(answer)),
            Message::ToolResult(result) => out.push(tool_message(result)),
            _ => {}
        }
    }
    Value::Array(out)
}

fn user_message(content: &Body) -> Option<Value> {
    let content = match content {
        Body::Text(text) => json!(text),
        Body::Blocks(blocks) => {
            let part = |block: &Content| match block {
                Content::Text { text, .. } => Some(text_chunk(text)),
                other => image_chunk(other),
            };
            let parts: Vec<Value> = blocks.iter().filter_map(part).collect();
            if parts.is_empty() {
                return None;
            }
            Value::Array(parts)
        }
    };
    Some(json!({"role": "user", "content": content}))
}

fn text_chunk(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn image_chunk(block: &Content) -> Option<Value> {
    let Content::Image { data, mime_type } = block else {
        return None;
    };
    let url = format!("data:{mime_type};base64,{data}");
    Some(json!({"type": "image_url", "image_url": url}))
}

fn assistant_message(answer: &AssistantMessage) -> Option<Value> {
    let chunk = |block: &Content| match block {
        Content::Text { text, .. } if !text.trim().is_empty() => Some(text_chunk(text)),
        Content::Thinking { thinking, .. } if !thinking.trim().is_empty() => {
            Some(json!({"type": "thinking", "thinking": [text_chunk(thinking)]}))
        }
        _ => None,
    };
    let chunks: Vec<Value> = answer.content.iter().filter_map(chunk).collect();
    let call = |call: &crate::ai::message::ToolCall| {
        json!({
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": object(&call.arguments).to_string()},
            "index": 0,
        })
    };
    let calls: Vec<Value> = answer.tool_calls().map(call).collect();
    if chunks.is_empty() && calls.is_empty() {
        return None;
    }
    let mut out = Map::new();
    out.insert("role".into(), json!("assistant"));
    out.insert("prefix".into(), json!(false));
    if !chunks.is_empty() {
        out.insert("content".into(), Value::Array(chunks));
    }
    if !calls.is_empty() {
        out.insert("tool_calls".into(), Value::Array(calls));
    }
    Some(Value::Object(out))
}

fn tool_message(result: &ToolResultMessage) -> Value {
    let images: Vec<Value> = result.content.iter().filter_map(image_chunk).collect();
    let said = joined_text(&result.content);
    let said = match said.trim() {
        "" if images.is_empty() => EMPTY,
        "" => IMAGE_INSIDE,
        _ => &said,
    };
    let failed = if result.is_error { FAILED } else { "" };
    let mut content = vec![text_chunk(&format!("{failed}{said}"))];
    content.extend(images);
    json!({
        "role": "tool",
        "name": result.tool_name,
        "content": content,
        "tool_call_id": result.tool_call_id,
    })
}
