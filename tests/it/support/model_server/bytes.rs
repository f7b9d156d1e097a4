//! A turn as the bytes of each vendor's event stream, in the shapes their public API pages show.

use serde_json::{Value, json};

use super::turn::{Block, Turn};

/// Anthropic's Messages API.
pub fn anthropic_events(turn: &Turn) -> Vec<u8> {
    let mut out = String::new();
    let mut event = |value: Value| {
        let name = value["type"].as_str().unwrap().to_owned();
        out.push_str(&format!("event: {name}\ndata: {value}\n\n"));
    };
    let (input, output) = turn.usage;
    event(json!({"type": "message_start", "message": {
        "id": "msg_01", "type": "message", "role": "assistant", "model": "scripted", "content": [],
        "stop_reason": null, "stop_sequence": null,
        "usage": {"input_tokens": input, "output_tokens": 1,
            "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}}}));
    event(json!({"type": "ping"}));
    let mut calls = false;
    for (index, block) in turn.blocks.iter().enumerate() {
        let start = match block {
            Block::Text(_) => json!({"type": "text", "text": ""}),
            Block::Thinking(_) => json!({"type": "thinking", "thinking": "", "signature": ""}),
            Block::Call { id, name, .. } => {
                calls = true;
                json!({"type": "tool_use", "id": id, "name": name, "input": {}})
            }
        };
        event(json!({"type": "content_block_start", "index": index, "content_block": start}));
        let mut delta = |delta: Value| {
            event(json!({"type": "content_block_delta", "index": index, "delta": delta}));
        };
        match block {
            Block::Text(text) => {
                for word in text.split_inclusive(' ') {
                    delta(json!({"type": "text_delta", "text": word}));
                }
            }
            Block::Thinking(text) => {
                for word in text.split_inclusive(' ') {
                    delta(json!({"type": "thinking_delta", "thinking": word}));
                }
                delta(json!({"type": "signature_delta", "signature": "c2lnbmVk"}));
            }
            Block::Call { json: text, .. } => {
                for piece in pieces(text) {
                    delta(json!({"type": "input_json_delta", "partial_json": piece}));
                }
            }
        }
        event(json!({"type": "content_block_stop", "index": index}));
    }
    let reason = match (turn.length, calls) {
        (true, _) => "max_tokens",
        (false, true) => "tool_use",
        (false, false) => "end_turn",
    };
    event(json!({"type": "message_delta",
        "delta": {"stop_reason": reason, "stop_sequence": null},
        "usage": {"output_tokens": output}}));
    event(json!({"type": "message_stop"}));
    out.into_bytes()
}

/// OpenAI's Chat Completions API.
pub fn openai_events(turn: &Turn) -> Vec<u8> {
    let mut out = String::new();
    let mut chunk = |choices: Value, usage: Value| {
        let value = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1,
            "model": "scripted", "choices": choices, "usage": usage});
        out.push_str(&format!("data: {value}\n\n"));
    };
    let mut delta = |delta: Value, reason: Value| {
        let choice = json!([{"index": 0, "delta": delta, "finish_reason": reason}]);
        chunk(choice, Value::Null);
    };
    delta(json!({"role": "assistant", "content": ""}), Value::Null);
    let mut calls = 0;
    for block in &turn.blocks {
        match block {
            Block::Text(text) => {
                for word in text.split_inclusive(' ') {
                    delta(json!({"content": word}), Value::Null);
                }
            }
            Block::Thinking(text) => {
                for word in text.split_inclusive(' ') {
                    delta(json!({"reasoning_content": word}), Value::Null);
                }
            }
            Block::Call {
                id,
                name,
                json: text,
            } => {
                let first = json!({"index": calls, "id": id, "type": "function",
                    "function": {"name": name, "arguments": ""}});
                delta(json!({"tool_calls": [first]}), Value::Null);
                for piece in pieces(text) {
                    let next = json!({"index": calls, "function": {"arguments": piece}});
                    delta(json!({"tool_calls": [next]}), Value::Null);
                }
                calls += 1;
            }
        }
    }
    let reason = match (turn.length, calls) {
        (true, _) => "length",
        (false, 0) => "stop",
        (false, _) => "tool_calls",
    };
    delta(json!({}), json!(reason));
    let (input, output) = turn.usage;
    chunk(
        json!([]),
        json!({"prompt_tokens": input, "completion_tokens": output,
            "total_tokens": input + output}),
    );
    out.push_str("data: [DONE]\n\n");
    out.into_bytes()
}

fn pieces(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(8).map(|c| c.iter().collect()).collect()
}
