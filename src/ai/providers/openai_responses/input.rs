//! A conversation as the items of the Responses API.
//!
//! The very model that thought gets its thinking back as the item that it sent, encrypted part and all;
//! its texts keep the ids of their items. Of others the text remains.

use serde_json::{Value, json};

use super::super::exchange::object;
use super::compat::Compat;
use super::ids::{self, TextId};
use crate::ai::handoff;
use crate::ai::message::{AssistantMessage, Body, Content, Message, ToolCall, joined_text};
use crate::ai::model::Model;
use crate::ai::provider::Request;

/// The text of results that have none.
const IMAGE_FOLLOWS: &str = "(the result is the image that follows)";
const EMPTY: &str = "(the result is empty)";

/// The system prompt as an item, if there is one.
pub fn system(model: &Model, request: &Request, compat: &Compat) -> Option<Value> {
    if request.system.is_empty() {
        return None;
    }
    let developer = model.reasoning && compat.developer_role;
    let role = if developer { "developer" } else { "system" };
    Some(json!({"role": role, "content": request.system}))
}

/// The history as items, without the system prompt.
pub fn conversation(model: &Model, request: &Request) -> Vec<Value> {
    items(model, request, None)
}

/// The same with items that say how hard to think: `effort` from now on, and before each answer of this
/// model what was said then, so that the beginning stays as it was.
pub fn items(model: &Model, request: &Request, effort: Option<&str>) -> Vec<Value> {
    let adopt = |id: &str, source: &AssistantMessage| ids::adopted(model, id, source);
    let history = handoff::for_model_by(&request.messages, model, adopt);
    let mut items = Vec::with_capacity(history.len());
    let mut number = 0;
    for message in &history {
        let before = items.len();
        match &**message {
            Message::User(user) => items.extend(user_item(&user.content)),
            Message::Assistant(answer) => {
                let told = answer.provider_thinking_level.as_deref();
                let told = told.filter(|_| effort.is_some() && is_own(model, answer));
                items.extend(told.map(effort_item));
                let before = items.len();
                push_answer(model, answer, number, &mut items);
                if items.len() == before && told.is_some() {
                    items.pop();
                }
            }
            Message::ToolResult(result) => {
                let (call_id, _) = ids::parts(&result.tool_call_id);
                items.push(json!({
                    "type": "function_call_output",
                    "call_id": call_id,
                    "output": output(&result.content),
                }));
            }
            _ => {}
        }
        number += usize::from(items.len() > before);
    }
    items.extend(effort.map(effort_item));
    items
}

fn effort_item(effort: &str) -> Value {
    json!({"type": "configuration_update", "reasoning": {"effort": effort}})
}

/// Whether the very model that is asked gave `answer`.
fn is_own(model: &Model, answer: &AssistantMessage) -> bool {
    is_kin(model, answer) && answer.model == model.id
}

/// Whether `answer` came from the same vendor over the same API.
fn is_kin(model: &Model, answer: &AssistantMessage) -> bool {
    answer.provider == model.provider && answer.api == model.api
}

fn user_item(content: &Body) -> Option<Value> {
    let text = |text: &str| json!({"type": "input_text", "text": text});
    let parts: Vec<Value> = match content {
        Body::Text(words) => vec![text(words)],
        Body::Blocks(blocks) => {
            let part = |block: &Content| match block {
                Content::Text { text: words, .. } => Some(text(words)),
                other => image(other),
            };
            blocks.iter().filter_map(part).collect()
        }
    };
    (!parts.is_empty()).then(|| json!({"role": "user", "content": parts}))
}

fn image(block: &Content) -> Option<Value> {
    let Content::Image { data, mime_type } = block else {
        return None;
    };
    let url = format!("data:{mime_type};base64,{data}");
    Some(json!({"type": "input_image", "detail": "auto", "image_url": url}))
}

/// What a tool returned: text alone, or a list when there are pictures.
fn output(content: &[Content]) -> Value {
    let text = joined_text(content);
    let has_text = !text.trim().is_empty();
    let images: Vec<Value> = content.iter().filter_map(image).collect();
    match (images.is_empty(), has_text) {
        (true, true) => json!(text),
        (true, false) => json!(EMPTY),
        (false, has_text) => {
            let text = if has_text { &text } else { IMAGE_FOLLOWS };
            let text = json!({"type": "input_text", "text": text});
            std::iter::once(text).chain(images).collect()
        }
    }
}

/// The items of an answer. `number` is its place, for texts that have no id.
fn push_answer(model: &Model, answer: &AssistantMessage, number: usize, items: &mut Vec<Value>) {
    let mut texts = 0;
    for block in &answer.content {
        match block {
            Content::Thinking {
                thinking_signature: Some(signature),
                ..
            } => items.extend(reasoning_item(signature)),
            Content::Text {
                text,
                text_signature,
            } => {
                let known = text_signature.as_deref().and_then(TextId::read);
                let known = known.unwrap_or_else(|| TextId {
                    id: match texts {
                        0 => format!("msg_pi_{number}"),
                        more => format!("msg_pi_{number}_{more}"),
                    },
                    phase: None,
                });
                texts += 1;
                items.push(text_item(text, known));
            }
            Content::ToolCall(call) => items.push(call_item(model, answer, call)),
            _ => {}
        }
    }
}

/// What the model thought, as it came. A signature that is no such item belongs to something else.
fn reasoning_item(signature: &str) -> Option<Value> {
    let item: Value = serde_json::from_str(signature).ok()?;
    (item["type"] == "reasoning").then_some(item)
}

fn text_item(text: &str, known: TextId) -> Value {
    let mut item = json!({
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": text, "annotations": []}],
        "status": "completed",
        "id": known.id,
    });
    if let Some(phase) = known.phase {
        item["phase"] = json!(phase);
    }
    item
}

fn call_item(model: &Model, answer: &AssistantMessage, call: &ToolCall) -> Value {
    let (call_id, item_id) = ids::parts(&call.id);
    // The server knows the item by its id and wants the thinking before it, which another model of
    // the same vendor is not sent.
    let is_sibling = is_kin(model, answer) && !is_own(model, answer);
    let item_id = item_id.filter(|id| !is_sibling && id.starts_with("fc_"));
    let mut item = json!({"type": "function_call"});
    if let Some(id) = item_id {
        item["id"] = json!(id);
    }
    item["call_id"] = json!(call_id);
    item["name"] = json!(call.name);
    item["arguments"] = json!(object(&call.arguments).to_string());
    item
}
