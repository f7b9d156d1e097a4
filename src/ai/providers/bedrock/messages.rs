//! The conversation in Converse's words.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use super::super::exchange::object;
use super::family::Family;
use crate::ai::handoff;
use crate::ai::message::{AssistantMessage, Body, Content, Message, ToolResultMessage};
use crate::ai::model::Model;
use crate::ai::provider::Request;

/// A message without content is refused.
const EMPTY: &str = "(empty)";
const IMAGE_BELOW: &str = "(an image of this result follows below all results)";

/// The messages; `cache` goes behind the last of them, if that is the user's.
pub fn messages(
    model: &Model,
    request: &Request,
    family: Family,
    cache: Option<&Value>,
) -> Vec<Value> {
    let history = handoff::for_model(&request.messages, model, handoff::plain_id);
    let mut out: Vec<Value> = Vec::with_capacity(history.len());
    let mut results = Results::default();
    for message in &history {
        if let Message::ToolResult(result) = &**message {
            results.push(result, family);
            continue;
        }
        out.extend(results.take());
        match &**message {
            Message::User(user) => out.push(said("user", user_blocks(&user.content))),
            Message::Assistant(assistant) => {
                let blocks = assistant_blocks(assistant, family);
                if !blocks.is_empty() {
                    out.push(said("assistant", blocks));
                }
            }
            _ => {}
        }
    }
    out.extend(results.take());
    if let (Some(cache), Some(last)) = (cache, out.last_mut())
        && last["role"] == "user"
        && let Some(blocks) = last["content"].as_array_mut()
    {
        blocks.push(cache.clone());
    }
    out
}

fn said(role: &str, blocks: Vec<Value>) -> Value {
    json!({"role": role, "content": blocks})
}

/// Results of one answer's calls, which go out as one message.
#[derive(Default)]
struct Results {
    results: Vec<Value>,
    images: Vec<Value>,
}

impl Results {
    fn push(&mut self, result: &ToolResultMessage, family: Family) {
        let is_image = |block: &&Content| matches!(block, Content::Image { .. });
        // Claude wants nothing but text in the result of a call that failed.
        let below = family.claude && result.is_error;
        let mut content: Vec<Value> = Vec::new();
        for block in &result.content {
            let block = match block {
                Content::Image { .. } if below => Some(json!({"text": IMAGE_BELOW})),
                block => plain(block),
            };
            let block = block.filter(|block| !below || content.last() != Some(block));
            content.extend(block);
        }
        if below && result.content.iter().any(|block| is_image(&block)) {
            let caption = format!(
                "Images of the failed call {} ({}):",
                result.tool_call_id, result.tool_name
            );
            self.images.push(json!({"text": caption}));
            let images = result.content.iter().filter(is_image);
            self.images.extend(images.filter_map(plain));
        }
        self.results.push(json!({"toolResult": {
            "toolUseId": result.tool_call_id,
            "content": or_empty(content),
            "status": if result.is_error { "error" } else { "success" },
        }}));
    }

    fn take(&mut self) -> Option<Value> {
        let mut blocks = std::mem::take(&mut self.results);
        blocks.append(&mut self.images);
        (!blocks.is_empty()).then(|| said("user", blocks))
    }
}

fn or_empty(blocks: Vec<Value>) -> Vec<Value> {
    match blocks.is_empty() {
        true => vec![json!({"text": EMPTY})],
        false => blocks,
    }
}

fn user_blocks(content: &Body) -> Vec<Value> {
    or_empty(match content {
        Body::Text(text) => spoken(text).into_iter().collect(),
        Body::Blocks(blocks) => blocks.iter().filter_map(plain).collect(),
    })
}

/// A text or an image; blank texts are refused.
fn plain(block: &Content) -> Option<Value> {
    match block {
        Content::Text { text, .. } => spoken(text),
        Content::Image { data, mime_type } => Some(image(mime_type, data)),
        _ => None,
    }
}

fn spoken(text: &str) -> Option<Value> {
    (!text.trim().is_empty()).then(|| json!({"text": text}))
}

fn image(mime_type: &str, data: &str) -> Value {
    let format = match mime_type {
        "image/jpeg" | "image/jpg" => "jpeg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        other => {
            let note = format!("(an image was left out here: {other} is not read)");
            return json!({"text": note});
        }
    };
    json!({"image": {"format": format, "source": {"bytes": data}}})
}

fn assistant_blocks(message: &AssistantMessage, family: Family) -> Vec<Value> {
    let block = |block: &Content| match block {
        Content::Text { text, .. } => spoken(text),
        Content::Thinking {
            thinking,
            thinking_signature,
            redacted,
        } => thought(thinking, thinking_signature.as_deref(), *redacted, family),
        Content::ToolCall(call) => Some(json!({"toolUse": {
            "toolUseId": call.id,
            "name": call.name,
            "input": without_nameless(object(&call.arguments)),
        }})),
        Content::Image { .. } => None,
    };
    message.content.iter().filter_map(block).collect()
}

fn thought(text: &str, signature: Option<&str>, redacted: bool, family: Family) -> Option<Value> {
    let signature = signature.filter(|signature| !signature.trim().is_empty());
    if redacted {
        let payload = signature.filter(|payload| BASE64_STANDARD.decode(payload).is_ok())?;
        return Some(json!({"reasoningContent": {"redactedContent": payload}}));
    }
    if text.trim().is_empty() {
        return None;
    }
    let reasoning = |text: Value| Some(json!({"reasoningContent": {"reasoningText": text}}));
    match (family.claude, signature) {
        (true, Some(signature)) => reasoning(json!({"text": text, "signature": signature})),
        // Without its signature it would be refused as thinking.
        (true, None) => Some(json!({"text": text})),
        // Nobody else knows signatures.
        (false, _) => reasoning(json!({"text": text})),
    }
}

/// Fields without a name are refused.
fn without_nameless(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_nameless).collect(),
        Value::Object(fields) => {
            let named = fields.into_iter().filter(|(name, _)| !name.is_empty());
            let fields: Map<String, Value> = named
                .map(|(name, value)| (name, without_nameless(value)))
                .collect();
            Value::Object(fields)
        }
        other => other,
    }
}
