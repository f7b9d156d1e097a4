//! A turn as the bytes of Google's event stream (`streamGenerateContent?alt=sse`), in the shapes that
//! ai.google.dev shows on "Generating content", "Gemini thinking" and "Thought signatures".

use serde_json::{Value, json};

use super::turn::{Block, Turn};

/// The Gemini API, and Vertex's.
pub fn google_events(turn: &Turn) -> Vec<u8> {
    let mut out = String::new();
    let (input, output) = turn.usage;
    let mut chunk = |parts: Value, reason: Option<&str>| {
        let mut candidate = json!({"content": {"parts": parts, "role": "model"}, "index": 0});
        if let Some(reason) = reason {
            candidate["finishReason"] = json!(reason);
        }
        let value = json!({
            "candidates": [candidate],
            "usageMetadata": {
                "promptTokenCount": input, "candidatesTokenCount": output,
                "totalTokenCount": input + output,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": input}],
            },
            "modelVersion": "m1",
            "responseId": "resp-1",
        });
        out.push_str(&format!("data: {value}\r\n\r\n"));
    };
    for block in &turn.blocks {
        match block {
            Block::Text(text) => {
                for word in text.split_inclusive(' ') {
                    chunk(json!([{"text": word}]), None);
                }
            }
            Block::Thinking(text) => {
                for word in text.split_inclusive(' ') {
                    chunk(json!([{"text": word, "thought": true}]), None);
                }
            }
            Block::Call { id, name, json } => {
                let args: Value = serde_json::from_str(json).unwrap_or(json!(json));
                let call = json!({"id": id, "name": name, "args": args});
                let part = json!([{"functionCall": call, "thoughtSignature": "c2lnbmVk"}]);
                chunk(part, None);
            }
        }
    }
    let reason = if turn.length { "MAX_TOKENS" } else { "STOP" };
    chunk(json!([{"text": ""}]), Some(reason));
    out.into_bytes()
}
