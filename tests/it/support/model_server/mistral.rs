//! A turn as the bytes of Mistral's event stream, in the shapes that docs.mistral.ai shows on "Chat
//! completions", "Reasoning" and "Function calling". Its path is OpenAI's, whose form Mistral's API
//! understands for text and calls: a test that wants this one plays it as it is (`Turn::raw`).

use serde_json::{Value, json};

use super::turn::{Block, Turn};

/// Mistral's chat completions.
pub fn mistral_events(turn: &Turn) -> Vec<u8> {
    let mut out = String::new();
    let mut chunk = |delta: Value, reason: Value, usage: Value| {
        let mut value = json!({"id": "cmpl-1", "object": "chat.completion.chunk", "created": 1,
            "model": "m1",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]});
        if !usage.is_null() {
            value["usage"] = usage;
        }
        out.push_str(&format!("data: {value}\n\n"));
    };
    let first = json!({"role": "assistant", "content": ""});
    chunk(first, Value::Null, Value::Null);
    let mut calls = Vec::new();
    for block in &turn.blocks {
        match block {
            Block::Text(text) => {
                for word in text.split_inclusive(' ') {
                    chunk(json!({"content": word}), Value::Null, Value::Null);
                }
            }
            Block::Thinking(text) => {
                for word in text.split_inclusive(' ') {
                    let piece = json!([{"type": "thinking",
                        "thinking": [{"type": "text", "text": word}]}]);
                    chunk(json!({"content": piece}), Value::Null, Value::Null);
                }
            }
            Block::Call { id, name, json } => {
                let function = json!({"name": name, "arguments": json});
                calls.push(json!({"id": id, "function": function, "index": calls.len()}));
            }
        }
    }
    let (input, output) = turn.usage;
    let usage = json!({"prompt_tokens": input, "completion_tokens": output,
        "total_tokens": input + output});
    // Calls come whole, with the end.
    let (delta, reason) = match (turn.length, calls.is_empty()) {
        (true, true) => (json!({"content": ""}), "length"),
        (true, false) => (json!({"content": "", "tool_calls": calls}), "length"),
        (false, true) => (json!({"content": ""}), "stop"),
        (false, false) => (json!({"content": "", "tool_calls": calls}), "tool_calls"),
    };
    chunk(delta, json!(reason), usage);
    out.push_str("data: [DONE]\n\n");
    out.into_bytes()
}
