//! What it costs to make sense of a recorded stream of 20,000 events, without HTTP: framing, JSON, deltas,
//! the message. Owed: at most 20 ms, or at least 200 MB/s. Run with `cargo bench --bench wire`.
//!
//! Every API that is spoken has a stream, shaped as on the vendor's public pages: 16,000 pieces of text,
//! 2,000 of thinking, 2,000 of arguments; vendors that send arguments whole send one call. Those whose
//! answers are read by the same decoder share one.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark is its output, and one that cannot go on should stop loudly"
)]

use std::time::{Duration, Instant};

use pi::ai::providers::{recording, spoken};
use pi::ai::{Delta, Model};
use serde_json::{Value, json};

const THINKING: usize = 2_000;
const TEXT: usize = 16_000;
const INPUT: usize = 2_000;
/// As much of a body as a network hands over at once.
const PIECE: usize = 16 * 1024;
const ROUNDS: usize = 20;

/// The stream of an API.
type Record = fn() -> Vec<u8>;

const RECORDED: &[(&str, Record)] = &[
    ("anthropic-messages", anthropic),
    ("google-generative-ai", google),
    ("google-vertex", google),
    ("mistral-conversations", mistral),
    ("bedrock-converse-stream", bedrock),
    ("openai-completions", openai_completions),
    ("openai-responses", openai_responses),
    ("azure-openai-responses", openai_responses),
    ("openai-codex-responses", openai_responses),
];

fn main() {
    // `cargo test` runs benchmarks too, and wants to know only that they run.
    let rounds = match std::env::args().any(|arg| arg == "--bench") {
        true => ROUNDS,
        false => 1,
    };
    println!("{:<26} {:>9} {:>8} {:>9}", "api", "MB", "ms", "MB/s");
    for api in spoken() {
        let recorded = RECORDED.iter().find(|(name, _)| *name == api);
        let (_, record) = recorded.unwrap_or_else(|| panic!("{api} has no recorded stream"));
        measure(api, &record(), rounds);
    }
}

fn measure(api: &str, body: &[u8], rounds: usize) {
    let mut model: Model = pi::ai::script::model();
    model.api = api.to_owned();
    let recording = recording(&model).unwrap();
    let mut best = Duration::MAX;
    for _ in 0..rounds {
        let (mut pieces, mut whole) = (0, false);
        let begun = Instant::now();
        recording.play(body, PIECE, |delta| match delta {
            Delta::Text { .. } | Delta::Thinking { .. } | Delta::ToolCall { .. } => pieces += 1,
            Delta::Done(message) => whole = message.error_message.is_none(),
            _ => {}
        });
        best = best.min(begun.elapsed());
        assert!(whole, "{api}: the stream was not whole");
        assert!(pieces >= THINKING + TEXT, "{api}: {pieces} pieces");
    }
    let size = body.len() as f64 / 1e6;
    let seconds = best.as_secs_f64();
    let speed = size / seconds;
    println!("{api:<26} {size:>9.2} {:>8.2} {speed:>9.0}", seconds * 1e3);
}

/// `event:` and `data:` lines of each event.
fn named(out: &mut Vec<u8>, event: &Value) {
    let name = event["type"].as_str().unwrap();
    out.extend_from_slice(format!("event: {name}\ndata: {event}\n\n").as_bytes());
}

/// Words as models say them; every eighth piece has something that JSON escapes.
fn words(index: usize) -> &'static str {
    const WORDS: [&str; 8] = [
        " the",
        " function",
        " returns",
        "\n    ",
        " an",
        " iterator",
        " — über",
        ".",
    ];
    WORDS[index % WORDS.len()]
}

/// The pieces of a call's arguments.
fn input(index: usize) -> String {
    match index {
        0 => "{\"content\":\"".to_owned(),
        last if last == INPUT - 1 => "\"}".to_owned(),
        _ => words(index).replace('\n', "\\n"),
    }
}

/// After "Streaming Messages" of Anthropic's API documentation.
fn anthropic() -> Vec<u8> {
    let mut out = Vec::new();
    named(
        &mut out,
        &json!({"type": "message_start", "message": {"id": "msg_1", "type": "message",
            "role": "assistant", "model": "m", "content": [], "stop_reason": null,
            "usage": {"input_tokens": 9, "output_tokens": 1}}}),
    );
    let blocks = [
        json!({"type": "thinking", "thinking": "", "signature": ""}),
        json!({"type": "text", "text": ""}),
        json!({"type": "tool_use", "id": "toolu_1", "name": "write", "input": {}}),
    ];
    for (index, block) in blocks.iter().enumerate() {
        named(
            &mut out,
            &json!({"type": "content_block_start", "index": index, "content_block": block}),
        );
        for at in 0..[THINKING, TEXT, INPUT][index] {
            let delta = match index {
                0 => json!({"type": "thinking_delta", "thinking": words(at)}),
                1 => json!({"type": "text_delta", "text": words(at)}),
                _ => json!({"type": "input_json_delta", "partial_json": input(at)}),
            };
            named(
                &mut out,
                &json!({"type": "content_block_delta", "index": index, "delta": delta}),
            );
        }
        named(
            &mut out,
            &json!({"type": "content_block_stop", "index": index}),
        );
    }
    named(
        &mut out,
        &json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"},
            "usage": {"output_tokens": 20_000}}),
    );
    named(&mut out, &json!({"type": "message_stop"}));
    out
}

/// After "Streaming" of OpenAI's Chat Completions reference; thinking as DeepSeek documents it.
fn openai_completions() -> Vec<u8> {
    let mut out = Vec::new();
    let mut chunk = |delta: Value, reason: Value| {
        let chunk = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk",
            "created": 1_700_000_000, "model": "m", "system_fingerprint": "fp_1",
            "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": reason}]});
        out.extend_from_slice(format!("data: {chunk}\n\n").as_bytes());
    };
    chunk(json!({"role": "assistant", "content": ""}), Value::Null);
    for at in 0..THINKING {
        chunk(
            json!({"content": null, "reasoning_content": words(at)}),
            Value::Null,
        );
    }
    for at in 0..TEXT {
        chunk(json!({"content": words(at)}), Value::Null);
    }
    let begin = json!({"index": 0, "id": "call_1", "type": "function",
        "function": {"name": "write", "arguments": ""}});
    chunk(json!({"tool_calls": [begin]}), Value::Null);
    for at in 0..INPUT {
        let piece = json!({"index": 0, "function": {"arguments": input(at)}});
        chunk(json!({"tool_calls": [piece]}), Value::Null);
    }
    chunk(json!({}), json!("tool_calls"));
    out.extend_from_slice(b"data: [DONE]\n\n");
    out
}

/// After "Streaming events" of OpenAI's API reference, with all that it repeats at the ends.
fn openai_responses() -> Vec<u8> {
    let mut out = Vec::new();
    let thinking: String = (0..THINKING).map(words).collect();
    let text: String = (0..TEXT).map(words).collect();
    let arguments: String = (0..INPUT).map(input).collect();
    let items = [
        json!({"id": "rs_1", "type": "reasoning", "encrypted_content": "c2VhbGVk",
            "summary": [{"type": "summary_text", "text": thinking}]}),
        json!({"id": "msg_1", "type": "message", "status": "completed", "role": "assistant",
            "content": [{"type": "output_text", "annotations": [], "text": text}]}),
        json!({"id": "fc_1", "type": "function_call", "status": "completed",
            "call_id": "call_1", "name": "write", "arguments": arguments}),
    ];
    let mut sequence = 0;
    let mut event = |mut event: Value| {
        event["sequence_number"] = json!(sequence);
        sequence += 1;
        named(&mut out, &event);
    };
    event(json!({"type": "response.created", "response": {"id": "resp_1", "model": "m"}}));
    for (index, item) in items.iter().enumerate() {
        let mut begun = item.clone();
        for field in ["summary", "content", "arguments"] {
            if let Some(field) = begun.get_mut(field) {
                *field = match field {
                    Value::Array(_) => json!([]),
                    _ => json!(""),
                };
            }
        }
        event(
            json!({"type": "response.output_item.added", "output_index": index,
            "item": begun}),
        );
        for at in 0..[THINKING, TEXT, INPUT][index] {
            event(match index {
                0 => json!({"type": "response.reasoning_summary_text.delta", "item_id": "rs_1",
                    "output_index": 0, "summary_index": 0, "delta": words(at),
                    "obfuscation": "x9Kq2"}),
                1 => json!({"type": "response.output_text.delta", "item_id": "msg_1",
                    "output_index": 1, "content_index": 0, "delta": words(at), "logprobs": [],
                    "obfuscation": "x9Kq2"}),
                _ => json!({"type": "response.function_call_arguments.delta", "item_id": "fc_1",
                    "output_index": 2, "delta": input(at), "obfuscation": "x9Kq2"}),
            });
        }
        event(json!({"type": "response.output_item.done", "output_index": index, "item": item}));
    }
    event(
        json!({"type": "response.completed", "response": {"id": "resp_1",
        "status": "completed", "output": items, "usage": {"input_tokens": 9,
            "output_tokens": 20_000, "total_tokens": 20_009}}}),
    );
    out
}

/// After "Stream generate content" of the Gemini API reference.
fn google() -> Vec<u8> {
    let mut out = Vec::new();
    let mut chunk = |part: Value, reason: Option<&str>| {
        let mut candidate = json!({"content": {"parts": [part], "role": "model"}, "index": 0});
        if let Some(reason) = reason {
            candidate["finishReason"] = json!(reason);
        }
        let chunk = json!({"candidates": [candidate], "usageMetadata": {"promptTokenCount": 9,
            "candidatesTokenCount": 5, "totalTokenCount": 14}, "modelVersion": "m",
            "responseId": "r1"});
        out.extend_from_slice(format!("data: {chunk}\n\n").as_bytes());
    };
    for at in 0..THINKING {
        chunk(json!({"text": words(at), "thought": true}), None);
    }
    for at in 0..TEXT + INPUT {
        chunk(json!({"text": words(at)}), None);
    }
    let call = json!({"functionCall": {"name": "write", "args": {"content": "a"}}});
    chunk(call, Some("STOP"));
    out
}

/// After "Chat completion" of Mistral's API reference.
fn mistral() -> Vec<u8> {
    let mut out = Vec::new();
    let mut chunk = |delta: Value, reason: Value| {
        let chunk = json!({"id": "cmpl-1", "object": "chat.completion.chunk",
            "created": 1_700_000_000, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]});
        out.extend_from_slice(format!("data: {chunk}\n\n").as_bytes());
    };
    for at in 0..THINKING {
        let text = json!([{"type": "text", "text": words(at)}]);
        let content = json!([{"type": "thinking", "thinking": text}]);
        chunk(json!({"content": content}), Value::Null);
    }
    for at in 0..TEXT + INPUT {
        chunk(json!({"content": words(at)}), Value::Null);
    }
    let call = json!({"id": "abcdefghi", "index": 0,
        "function": {"name": "write", "arguments": "{\"content\":\"a\"}"}});
    chunk(json!({"tool_calls": [call]}), json!("tool_calls"));
    out.extend_from_slice(b"data: [DONE]\n\n");
    out
}

/// After "ConverseStream" of Amazon Bedrock's API reference, in frames of "Amazon Event Stream encoding".
fn bedrock() -> Vec<u8> {
    let mut out = Vec::new();
    let mut event = |kind: &str, payload: Value| frame(&mut out, kind, &payload.to_string());
    event(
        "messageStart",
        json!({"role": "assistant", "p": "abcdefgh"}),
    );
    for (at, count) in [THINKING, TEXT, INPUT].into_iter().enumerate() {
        if at == 2 {
            let start = json!({"toolUse": {"toolUseId": "tooluse_1", "name": "write"}});
            event(
                "contentBlockStart",
                json!({"contentBlockIndex": at, "start": start}),
            );
        }
        for piece in 0..count {
            let delta = match at {
                0 => json!({"reasoningContent": {"text": words(piece)}}),
                1 => json!({"text": words(piece)}),
                _ => json!({"toolUse": {"input": input(piece)}}),
            };
            let payload = json!({"contentBlockIndex": at, "delta": delta, "p": "abcdefghijklm"});
            event("contentBlockDelta", payload);
        }
        event(
            "contentBlockStop",
            json!({"contentBlockIndex": at, "p": "abc"}),
        );
    }
    event("messageStop", json!({"stopReason": "tool_use", "p": "abc"}));
    event(
        "metadata",
        json!({"usage": {"inputTokens": 9, "outputTokens": 20_000,
        "totalTokens": 20_009}, "metrics": {"latencyMs": 1}}),
    );
    out
}

fn frame(out: &mut Vec<u8>, kind: &str, payload: &str) {
    let mut headers = Vec::new();
    for (name, value) in [
        (":event-type", kind),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ] {
        headers.push(name.len() as u8);
        headers.extend_from_slice(name.as_bytes());
        headers.push(7);
        headers.extend_from_slice(&(value.len() as u16).to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    let begin = out.len();
    let whole = 16 + headers.len() + payload.len();
    out.extend_from_slice(&(whole as u32).to_be_bytes());
    out.extend_from_slice(&(headers.len() as u32).to_be_bytes());
    let prelude = crc32(&out[begin..]);
    out.extend_from_slice(&prelude.to_be_bytes());
    out.extend_from_slice(&headers);
    out.extend_from_slice(payload.as_bytes());
    let message = crc32(&out[begin..]);
    out.extend_from_slice(&message.to_be_bytes());
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}
