//! `reasoning_details`: the parts of a model's thinking that gateways want back as they gave them,
//! signatures and encrypted parts among them. They come in pieces, are kept as the signature of the
//! thinking, and go back whole.

use serde_json::{Map, Value};

use crate::ai::message::{AssistantMessage, Content};

/// The details of an answer so far.
#[derive(Debug, Default)]
pub struct Details(Vec<Map<String, Value>>);

impl Details {
    /// Adds a piece. A text or a summary goes on where the last one ended; encrypted parts stand alone.
    /// False when it is nothing that could be sent back.
    pub fn push(&mut self, piece: &Value) -> bool {
        let Some(piece) = piece.as_object().filter(|piece| is_detail(piece)) else {
            return false;
        };
        let words = match kind(piece) {
            "reasoning.text" => "text",
            "reasoning.summary" => "summary",
            _ => {
                self.0.push(piece.clone());
                return true;
            }
        };
        match self.0.last_mut().filter(|last| kind(last) == kind(piece)) {
            Some(last) => join(last, piece, words),
            None => self.0.push(piece.clone()),
        }
        true
    }

    /// All of them as one signature; none where there are none.
    pub fn signature(&self) -> Option<String> {
        let some = !self.0.is_empty();
        some.then(|| serde_json::to_string(&self.0).unwrap_or_default())
    }
}

/// The details that go back with an answer: those in the signature of its thinking, or, of an answer
/// that another version wrote, those beside its calls.
pub fn of(message: &AssistantMessage) -> Option<Value> {
    let kept = message.content.iter().find_map(|block| match block {
        Content::Thinking {
            thinking_signature: Some(signature),
            ..
        } => parse(signature),
        _ => None,
    });
    let beside_calls = || {
        let details: Vec<Value> = message
            .tool_calls()
            .filter_map(|call| serde_json::from_str(call.thought_signature.as_deref()?).ok())
            .filter(|detail: &Value| {
                let whole = ["id", "data"].iter().all(|n| has_text(detail, n));
                detail["type"] == "reasoning.encrypted" && whole
            })
            .collect();
        (!details.is_empty()).then_some(Value::Array(details))
    };
    kept.or_else(beside_calls)
}

fn parse(signature: &str) -> Option<Value> {
    if !signature.starts_with('[') {
        return None;
    }
    let details: Vec<Map<String, Value>> = serde_json::from_str(signature).ok()?;
    let whole = !details.is_empty() && details.iter().all(is_detail);
    whole.then(|| details.into_iter().map(Value::Object).collect())
}

fn join(last: &mut Map<String, Value>, piece: &Map<String, Value>, words: &str) {
    if let (Some(Value::String(so_far)), Some(Value::String(more))) =
        (last.get_mut(words), piece.get(words))
    {
        so_far.push_str(more);
    }
    for name in ["signature", "id", "format", "index"] {
        let known = last.get(name).is_some_and(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            _ => true,
        });
        if let (false, Some(value)) = (known, piece.get(name)) {
            last.insert(name.to_owned(), value.clone());
        }
    }
}

fn kind(detail: &Map<String, Value>) -> &str {
    detail.get("type").and_then(Value::as_str).unwrap_or("")
}

fn is_detail(detail: &Map<String, Value>) -> bool {
    let text = |name: &str| detail.get(name).is_some_and(Value::is_string);
    let text_or_none = |name: &str| {
        detail
            .get(name)
            .is_none_or(|v| v.is_string() || v.is_null())
    };
    let common = text_or_none("id")
        && detail.get("format").is_none_or(Value::is_string)
        && detail.get("index").is_none_or(Value::is_number);
    common
        && match kind(detail) {
            "reasoning.summary" => text("summary"),
            "reasoning.encrypted" => text("data"),
            "reasoning.text" => text("text") && text_or_none("signature"),
            _ => false,
        }
}

fn has_text(value: &Value, name: &str) -> bool {
    value[name].as_str().is_some_and(|text| !text.is_empty())
}
