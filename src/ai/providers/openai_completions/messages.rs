//! The `messages` of a Chat Completions request.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::exchange::object;
use super::compat::Compat;
use super::reasoning;
use super::stream::THINKING_FIELDS;
use crate::ai::handoff;
use crate::ai::message::{AssistantMessage, Body, Content, Message, SharedMessage, joined_text};
use crate::ai::model::Model;
use crate::ai::provider::Request;

/// The longest call id that OpenAI takes.
const LONGEST_ID: usize = 40;
/// Stands between tool results and the user's words for servers that want an answer there.
const BRIDGE: &str = "I have the results of the tools.";
/// The text of results that have none.
const IMAGE_FOLLOWS: &str = "(the result is the image that follows)";
const EMPTY: &str = "(the result is empty)";

/// System prompt and conversation, in the server's form.
pub fn messages(model: &Model, request: &Request, compat: &Compat) -> Vec<Value> {
    let history = handoff::for_model(&request.messages, model, |id| tool_id(model, id));
    let mut out = Vec::with_capacity(history.len() + 1);
    if !request.system.is_empty() {
        let developer = model.reasoning && compat.developer_role;
        let role = if developer { "developer" } else { "system" };
        out.push(json!({"role": role, "content": request.system}));
    }
    let mut rest = history.as_slice();
    let mut after_results = false;
    while let Some((message, behind)) = rest.split_first() {
        rest = behind;
        match &**message {
            Message::User(user) => {
                if after_results && compat.assistant_after_tool_result {
                    out.push(json!({"role": "assistant", "content": BRIDGE}));
                }
                out.extend(user_message(&user.content));
                after_results = false;
            }
            Message::Assistant(assistant) => {
                out.extend(assistant_message(model, assistant, compat));
                after_results = false;
            }
            Message::ToolResult(_) => {
                let run = behind.iter().take_while(|m| is_result(m)).count();
                let mut images = vec![];
                for result in std::iter::once(message).chain(&behind[..run]) {
                    push_result(model, result, compat, &mut out, &mut images);
                }
                rest = &behind[run..];
                after_results = images.is_empty();
                push_images(images, compat, &mut out);
            }
            _ => {}
        }
    }
    out
}

/// The API's form of a call id. The Responses API's ids have two parts, and calls of one answer may have
/// the first in common; so both are kept, or a sum of both where they are too long.
fn tool_id(model: &Model, id: &str) -> String {
    let Some((call, item)) = id.split_once('|') else {
        return match model.provider.as_str() {
            "openai" => id.chars().take(LONGEST_ID).collect(),
            _ => id.to_owned(),
        };
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let fitted = |part: &str| -> String {
        let chars = part.chars().map(|c| if fits(c) { c } else { '_' });
        chars.collect()
    };
    let (call, item) = (fitted(call), fitted(item));
    let both = match item.as_str() {
        "" => call.clone(),
        item => format!("{call}_{item}"),
    };
    if both.len() <= LONGEST_ID {
        return both;
    }
    let sum = sum(id);
    let start: String = call.chars().take(LONGEST_ID - 1 - sum.len()).collect();
    format!("{start}_{sum}")
}

/// Eight letters that stand for a text (FNV-1a).
fn sum(text: &str) -> String {
    let step = |sum: u32, byte: u8| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    format!("{:08x}", text.bytes().fold(0x811c_9dc5, step))
}

fn is_result(message: &Arc<Message>) -> bool {
    matches!(**message, Message::ToolResult(_))
}

fn image_part(block: &Content) -> Option<Value> {
    let Content::Image { data, mime_type } = block else {
        return None;
    };
    let url = format!("data:{mime_type};base64,{data}");
    Some(json!({"type": "image_url", "image_url": {"url": url}}))
}

fn user_message(content: &Body) -> Option<Value> {
    let content = match content {
        Body::Text(text) => json!(text),
        Body::Blocks(blocks) => {
            let part = |block: &Content| match block {
                Content::Text { text, .. } if text.is_empty() => None,
                Content::Text { text, .. } => Some(json!({"type": "text", "text": text})),
                other => image_part(other),
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

fn assistant_message(model: &Model, message: &AssistantMessage, compat: &Compat) -> Option<Value> {
    let texts: Vec<&str> = message
        .content
        .iter()
        .filter_map(Content::as_text)
        .filter(|text| !text.trim().is_empty())
        .collect();
    let text = texts.concat();
    let thinking = Thinking::of(message);
    let details = reasoning::of(message);
    let mut out = Map::new();
    out.insert("role".into(), json!("assistant"));
    let content = match &thinking {
        Some(thinking) if compat.thinking_as_text => {
            let part = |text: &str| json!({"type": "text", "text": text});
            let first = part(&thinking.texts.join("\n\n"));
            let parts = std::iter::once(first).chain(texts.iter().map(|text| part(text)));
            parts.collect()
        }
        _ if !text.is_empty() => json!(text),
        // Some servers do not take null.
        _ if compat.assistant_after_tool_result || compat.non_null_content => json!(""),
        _ => Value::Null,
    };
    let is_empty = text.is_empty() && !content.is_array();
    out.insert("content".into(), content);
    if let Some(thinking) = thinking
        && !compat.thinking_as_text
        && details.is_none()
        && let Some(field) = thinking.field(model)
    {
        out.insert(field.to_owned(), json!(thinking.texts.join("\n")));
    }
    let calls: Vec<Value> = message.tool_calls().map(call_json).collect();
    if is_empty && calls.is_empty() {
        return None;
    }
    if !calls.is_empty() {
        out.insert("tool_calls".into(), Value::Array(calls));
    }
    if let Some(details) = details {
        out.insert("reasoning_details".into(), details);
    }
    if compat.reasoning_content_always && model.reasoning {
        out.entry("reasoning_content").or_insert(json!(""));
    }
    Some(Value::Object(out))
}

/// The thinking of a message and the field that it came in, which the signature remembers.
struct Thinking<'a> {
    texts: Vec<&'a str>,
    field: &'a str,
}

impl<'a> Thinking<'a> {
    fn of(message: &'a AssistantMessage) -> Option<Self> {
        let mut blocks = message.content.iter().filter_map(|block| match block {
            Content::Thinking {
                thinking,
                thinking_signature,
                ..
            } if !thinking.trim().is_empty() => {
                Some((thinking.as_str(), thinking_signature.as_deref()))
            }
            _ => None,
        });
        let (first, field) = blocks.next()?;
        let texts = std::iter::once(first).chain(blocks.map(|(text, _)| text));
        Some(Thinking {
            texts: texts.collect(),
            field: field.unwrap_or_default(),
        })
    }

    /// The field to send it in; none where the signature is something else.
    fn field(&self, model: &Model) -> Option<&'static str> {
        let field = super::stream::thinking_field(model, self.field);
        THINKING_FIELDS.into_iter().find(|known| *known == field)
    }
}

fn call_json(call: &crate::ai::message::ToolCall) -> Value {
    json!({
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": object(&call.arguments).to_string()},
    })
}

/// A result is text alone; its images are gathered and follow in a message of the user's.
fn push_result(
    model: &Model,
    message: &SharedMessage,
    compat: &Compat,
    out: &mut Vec<Value>,
    images: &mut Vec<Value>,
) {
    let Message::ToolResult(result) = &**message else {
        return;
    };
    let mut text = joined_text(&result.content);
    if text.trim().is_empty() {
        let has_image = result.content.iter().any(|b| image_part(b).is_some());
        text = if has_image { IMAGE_FOLLOWS } else { EMPTY }.to_owned();
    }
    let mut json = json!({
        "role": "tool",
        "content": text,
        "tool_call_id": result.tool_call_id,
    });
    if compat.tool_result_name && !result.tool_name.is_empty() {
        json["name"] = json!(result.tool_name);
    }
    out.push(json);
    if model.reads_images() {
        images.extend(result.content.iter().filter_map(image_part));
    }
}

fn push_images(images: Vec<Value>, compat: &Compat, out: &mut Vec<Value>) {
    if images.is_empty() {
        return;
    }
    if compat.assistant_after_tool_result {
        out.push(json!({"role": "assistant", "content": BRIDGE}));
    }
    let mut parts = vec![json!({"type": "text", "text": "Images from the tool results above:"})];
    parts.extend(images);
    out.push(json!({"role": "user", "content": parts}));
}
