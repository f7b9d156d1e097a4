//! The `contents` of a request: turns of `user` and `model`, each of parts.
//!
//! Signatures go back where they came from, and only to the model that made them: the hand-off has
//! removed those of others. Google takes them as base64 and refuses the request otherwise.

use serde_json::{Map, Value, json};

use super::super::exchange::object;
use super::family;
use crate::ai::handoff;
use crate::ai::message::{
    AssistantMessage, Body, Content, Message, ToolResultMessage, joined_text,
};
use crate::ai::model::Model;
use crate::ai::provider::Request;

/// The text of results that have none.
const IMAGE_INSIDE: &str = "(the result is the attached image)";
/// In front of the pictures that follow results.
const IMAGES: &str = "Images from the tool results above:";

/// The conversation in Google's form.
pub fn contents(model: &Model, request: &Request) -> Value {
    let with_ids = family::has_call_ids(&model.id);
    let history = handoff::for_model(&request.messages, model, |id| match with_ids {
        true => handoff::plain_id(id),
        false => id.to_owned(),
    });
    let mut out: Vec<Value> = Vec::with_capacity(history.len());
    let mut results = Results::of(model);
    for message in &history {
        if let Message::ToolResult(result) = &**message {
            results.take(result);
            continue;
        }
        results.put(&mut out);
        match &**message {
            Message::User(user) => push(&mut out, "user", user_parts(&user.content)),
            Message::Assistant(answer) => push(&mut out, "model", model_parts(answer, with_ids)),
            _ => {}
        }
    }
    results.put(&mut out);
    Value::Array(out)
}

fn push(out: &mut Vec<Value>, role: &str, parts: Vec<Value>) {
    if !parts.is_empty() {
        out.push(json!({"role": role, "parts": parts}));
    }
}

fn user_parts(content: &Body) -> Vec<Value> {
    match content {
        Body::Text(text) => vec![json!({"text": text})],
        Body::Blocks(blocks) => {
            let part = |block: &Content| match block {
                Content::Text { text, .. } => Some(json!({"text": text})),
                other => image_part(other),
            };
            blocks.iter().filter_map(part).collect()
        }
    }
}

fn image_part(block: &Content) -> Option<Value> {
    let Content::Image { data, mime_type } = block else {
        return None;
    };
    Some(json!({"inlineData": {"mimeType": mime_type, "data": data}}))
}

fn model_parts(answer: &AssistantMessage, with_ids: bool) -> Vec<Value> {
    let part = |block: &Content| {
        let mut part = Map::new();
        let signature = match block {
            Content::Text {
                text,
                text_signature,
            } => {
                part.insert("text".into(), json!(text));
                text_signature
            }
            Content::Thinking {
                thinking,
                thinking_signature,
                ..
            } => {
                part.insert("thought".into(), json!(true));
                part.insert("text".into(), json!(thinking));
                thinking_signature
            }
            Content::ToolCall(call) => {
                let mut json = json!({"name": call.name, "args": object(&call.arguments)});
                if with_ids {
                    json["id"] = json!(call.id);
                }
                part.insert("functionCall".into(), json);
                &call.thought_signature
            }
            Content::Image { .. } => return None,
        };
        let signature = signature.as_deref().filter(|text| is_base64(text));
        if let Some(signature) = signature {
            part.insert("thoughtSignature".into(), json!(signature));
        }
        // A signature is worth a part without words: without it the model loses its thread.
        let says_nothing = part
            .get("text")
            .and_then(Value::as_str)
            .is_some_and(|text| text.trim().is_empty());
        (!says_nothing || signature.is_some()).then_some(Value::Object(part))
    };
    answer.content.iter().filter_map(part).collect()
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    !body.is_empty() && padding <= 2 && text.len().is_multiple_of(4) && body.bytes().all(is_digit)
}

/// The results of one answer's calls. They are one turn, since Google counts them against the calls;
/// pictures that cannot be in them follow in a turn of their own.
struct Results<'a> {
    model: &'a Model,
    parts: Vec<Value>,
    images: Vec<Value>,
}

impl<'a> Results<'a> {
    fn of(model: &'a Model) -> Self {
        Results {
            model,
            parts: Vec::new(),
            images: Vec::new(),
        }
    }

    fn take(&mut self, result: &ToolResultMessage) {
        let images: Vec<Value> = result.content.iter().filter_map(image_part).collect();
        let mut text = joined_text(&result.content);
        if text.trim().is_empty() {
            let has_images = !images.is_empty();
            text = if has_images { IMAGE_INSIDE } else { "" }.to_owned();
        }
        let key = if result.is_error { "error" } else { "output" };
        let mut response = json!({"name": result.tool_name, "response": {key: text}});
        if !images.is_empty() {
            match family::takes_images_in_results(&self.model.id) {
                true => response["parts"] = Value::Array(images),
                false => self.images.extend(images),
            }
        }
        if family::has_call_ids(&self.model.id) {
            response["id"] = json!(result.tool_call_id);
        }
        self.parts.push(json!({"functionResponse": response}));
    }

    /// Puts what was gathered behind the conversation so far.
    fn put(&mut self, out: &mut Vec<Value>) {
        push(out, "user", std::mem::take(&mut self.parts));
        if !self.images.is_empty() {
            let mut parts = vec![json!({"text": IMAGES})];
            parts.append(&mut self.images);
            push(out, "user", parts);
        }
    }
}
