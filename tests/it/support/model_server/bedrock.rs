//! Amazon Bedrock's ConverseStream: events in AWS's own framing, checksums and all.
//!
//! Sources: "ConverseStream" and "ConverseStreamOutput" in the Bedrock API Reference; "Event stream
//! encoding" in the Smithy documentation.

use serde_json::{Value, json};

use super::turn::{Block, Turn};

/// A turn as ConverseStream says it.
pub fn bedrock_events(turn: &Turn) -> Vec<u8> {
    let mut out = bedrock_event("messageStart", &json!({"role": "assistant"}));
    let mut calls = false;
    for (index, block) in turn.blocks.iter().enumerate() {
        let mut event = |name: &str, field: &str, value: Value| {
            let data = json!({"contentBlockIndex": index, field: value, "p": "abcdefgh"});
            out.extend(bedrock_event(name, &data));
        };
        let mut delta = |delta: Value| event("contentBlockDelta", "delta", delta);
        match block {
            Block::Text(text) => {
                for word in text.split_inclusive(' ') {
                    delta(json!({"text": word}));
                }
            }
            Block::Thinking(text) => {
                for word in text.split_inclusive(' ') {
                    delta(json!({"reasoningContent": {"text": word}}));
                }
                delta(json!({"reasoningContent": {"signature": "c2lnbmVk"}}));
            }
            Block::Call {
                id,
                name,
                json: text,
            } => {
                calls = true;
                let start = json!({"toolUse": {"toolUseId": id, "name": name}});
                event("contentBlockStart", "start", start);
                let letters: Vec<char> = text.chars().collect();
                for piece in letters.chunks(8) {
                    let piece: String = piece.iter().collect();
                    let delta = json!({"toolUse": {"input": piece}});
                    event("contentBlockDelta", "delta", delta);
                }
            }
        }
        let stop = json!({"contentBlockIndex": index});
        out.extend(bedrock_event("contentBlockStop", &stop));
    }
    let reason = match (turn.length, calls) {
        (true, _) => "max_tokens",
        (false, true) => "tool_use",
        (false, false) => "end_turn",
    };
    out.extend(bedrock_event("messageStop", &json!({"stopReason": reason})));
    let (input, output) = turn.usage;
    let metadata = json!({
        "usage": {"inputTokens": input, "outputTokens": output, "totalTokens": input + output},
        "metrics": {"latencyMs": 1},
    });
    out.extend(bedrock_event("metadata", &metadata));
    out
}

/// One event.
pub fn bedrock_event(name: &str, data: &Value) -> Vec<u8> {
    let headers = [
        (":event-type", name),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    frame(&headers, data.to_string().as_bytes())
}

/// An exception in the place of an event.
pub fn bedrock_exception(name: &str, data: &Value) -> Vec<u8> {
    let headers = [
        (":exception-type", name),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    frame(&headers, data.to_string().as_bytes())
}

fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, value) in headers {
        head.push(name.len() as u8);
        head.extend(name.bytes());
        head.push(7);
        head.extend((value.len() as u16).to_be_bytes());
        head.extend(value.bytes());
    }
    let length = 12 + head.len() + payload.len() + 4;
    let mut out = (length as u32).to_be_bytes().to_vec();
    out.extend((head.len() as u32).to_be_bytes());
    out.extend(crc32(&out).to_be_bytes());
    out.extend(head);
    out.extend(payload);
    out.extend(crc32(&out).to_be_bytes());
    out
}

/// CRC-32 as Ethernet has it (RFC 1952, section 8), half a byte at a time.
fn crc32(bytes: &[u8]) -> u32 {
    let mut table = [0u32; 16];
    for (value, entry) in (0u32..).zip(&mut table) {
        *entry = (0..4).fold(value, |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        });
    }
    let step = |crc: u32| (crc >> 4) ^ table[(crc & 15) as usize];
    !bytes
        .iter()
        .fold(!0u32, |crc, byte| step(step(crc ^ u32::from(*byte))))
}
