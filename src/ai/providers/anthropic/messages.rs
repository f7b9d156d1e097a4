//! The `messages` of a Messages API request, with the breakpoint behind the last of them.

use serde_json::{Value, json};

use super::super::exchange::object;
use super::compat::Compat;
use super::identity;
use super::thinking;
use crate::ai::handoff;
use crate::ai::message::{
    AssistantMessage, Body, Content, Message, ToolResultMessage, joined_text,
};
use crate::ai::model::Model;
use crate::ai::provider::Request;

/// Stands in the place of pictures in results of failed calls, which may have text alone.
const IMAGE_BEHIND: &str = "(an image of this result follows behind the results)";

/// The conversation; `cache` is the breakpoint.
pub fn messages(
    model: &Model,
    request: &Request,
    compat: &Compat,
    cache: Option<&Value>,
) -> Vec<Value> {
    let history = handoff::for_model(&request.messages, model, handoff::plain_id);
    let subscription = identity::is_subscription(request);
    let effort = thinking::in_conversation(model, request, compat);
    let mut out: Vec<Value> = Vec::with_capacity(history.len());
    // Results of one answer's calls go out as one message; pictures of failed ones come behind all.
    let mut results: Vec<Value> = Vec::new();
    let mut pictures: Vec<Value> = Vec::new();
    for message in &history {
        if let Message::ToolResult(result) = &**message {
            results.push(result_block(result, &mut pictures));
            continue;
        }
        results.append(&mut pictures);
        push(&mut out, "user", std::mem::take(&mut results));
        match &**message {
            Message::User(user) => push(&mut out, "user", user_blocks(&user.content)),
            Message::Assistant(answer) => {
                let blocks = assistant_blocks(answer, compat, subscription);
                let said = thinking::said_before(model, answer);
                if let (Some(said), Some(_), false) = (said, &effort, blocks.is_empty()) {
                    out.push(thinking::message(said));
                }
                push(&mut out, "assistant", blocks);
            }
            _ => {}
        }
    }
    results.append(&mut pictures);
    push(&mut out, "user", results);
    if let (Some(cache), Some(last)) = (cache, out.last_mut()) {
        mark(last, cache);
    }
    out.extend(effort.as_deref().map(thinking::message));
    out
}

fn push(out: &mut Vec<Value>, role: &str, blocks: Vec<Value>) {
    if !blocks.is_empty() {
        out.push(json!({"role": role, "content": blocks}));
    }
}

/// Puts the breakpoint behind the last block of a message of the user's.
fn mark(message: &mut Value, cache: &Value) {
    if message["role"] != "user" {
        return;
    }
    if let Some(last) = message["content"].as_array_mut().and_then(|b| b.last_mut()) {
        last["cache_control"] = cache.clone();
    }
}

/// Always blocks, also for a string: with a breakpoint the words must be blocks, and they should look
/// the same when the breakpoint has moved on.
fn user_blocks(content: &Body) -> Vec<Value> {
    match content {
        Body::Text(text) => text_block(text).into_iter().collect(),
        Body::Blocks(blocks) => blocks.iter().filter_map(plain).collect(),
    }
}

/// The API refuses text without words.
fn text_block(text: &str) -> Option<Value> {
    (!text.trim().is_empty()).then(|| json!({"type": "text", "text": text}))
}

/// A text or an image.
fn plain(block: &Content) -> Option<Value> {
    match block {
        Content::Text { text, .. } => text_block(text),
        Content::Image { data, mime_type } => Some(json!({
            "type": "image",
            "source": {"type": "base64", "media_type": mime_type, "data": data},
        })),
        _ => None,
    }
}

fn is_image(block: &Content) -> bool {
    matches!(block, Content::Image { .. })
}

fn result_block(result: &ToolResultMessage, pictures: &mut Vec<Value>) -> Value {
    let content = if result.is_error && result.content.iter().any(is_image) {
        let caption = format!(
            "Images from the failed call {} ({}):",
            result.tool_call_id, result.tool_name
        );
        pictures.push(json!({"type": "text", "text": caption}));
        let images = result.content.iter().filter(|block| is_image(block));
        pictures.extend(images.filter_map(plain));
        let texts = handoff::without_images(&result.content, IMAGE_BEHIND);
        Value::String(joined_text(&texts))
    } else {
        result_content(&result.content)
    };
    json!({
        "type": "tool_result",
        "tool_use_id": result.tool_call_id,
        "content": content,
        "is_error": result.is_error,
    })
}

/// A string when there is only text, blocks when there are pictures.
fn result_content(blocks: &[Content]) -> Value {
    if !blocks.iter().any(is_image) {
        return Value::String(joined_text(blocks));
    }
    let mut out: Vec<Value> = blocks.iter().filter_map(plain).collect();
    if out.iter().all(|block| block["type"] != "text") {
        let note = json!({"type": "text", "text": "(the result is this image)"});
        out.insert(0, note);
    }
    Value::Array(out)
}

fn assistant_blocks(message: &AssistantMessage, compat: &Compat, subscription: bool) -> Vec<Value> {
    let block = |block: &Content| match block {
        Content::Text { text, .. } => text_block(text),
        Content::Thinking {
            thinking_signature,
            redacted: true,
            ..
        } => Some(json!({"type": "redacted_thinking", "data": thinking_signature})),
        Content::Thinking {
            thinking,
            thinking_signature,
            ..
        } => match thinking_signature.as_deref().map(str::trim) {
            None | Some("") if thinking.trim().is_empty() => None,
            None | Some("") if compat.empty_signature => {
                Some(json!({"type": "thinking", "thinking": thinking, "signature": ""}))
            }
            // Without its signature the API would refuse it as thinking.
            None | Some("") => text_block(thinking),
            Some(_) => Some(json!({
                "type": "thinking", "thinking": thinking, "signature": thinking_signature,
            })),
        },
        Content::ToolCall(call) => {
            let name = match subscription {
                true => identity::spelled(&call.name),
                false => &call.name,
            };
            Some(json!({
                "type": "tool_use", "id": call.id, "name": name, "input": object(&call.arguments),
            }))
        }
        Content::Image { .. } => None,
    };
    message.content.iter().filter_map(block).collect()
}
