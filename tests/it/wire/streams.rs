//! Answers in each vendor's documented format, read in every chunking.

use std::collections::BTreeSet;

use pi::ai::failure::Kind;
use pi::ai::providers::spoken;
use pi::ai::{Content, Delta, StopReason, Transport};
use serde_json::{Value, json};

use super::matrix::key_for;
use super::{ANTHROPIC, BOTH, OPENAI, ask, ask_at, hello};
use crate::support::model_server::{ModelServer, Turn, anthropic_events};

const ANTHROPIC_STREAM: &str = concat!(
    "event: message_start\n",
    r#"data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"m1","stop_reason":null,"usage":{"input_tokens":100,"cache_creation_input_tokens":20,"cache_read_input_tokens":300,"output_tokens":1}}}"#,
    "\n\nevent: content_block_start\n",
    r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
    "\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\n",
    "event: content_block_delta\n",
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Let me see… 🙈"}}"#,
    "\n\nevent: content_block_delta\n",
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB"}}"#,
    "\n\nevent: content_block_delta\n",
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"Cg=="}}"#,
    "\n\nevent: content_block_stop\n",
    r#"data: {"type":"content_block_stop","index":0}"#,
    "\n\nevent: content_block_start\n",
    r#"data: {"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"opaque"}}"#,
    "\n\nevent: content_block_stop\n",
    r#"data: {"type":"content_block_stop","index":1}"#,
    "\n\nevent: content_block_start\n",
    r#"data: {"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}"#,
    "\n\nevent: content_block_delta\n",
    r#"data: {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"Okay, "}}"#,
    "\n\nevent: content_block_delta\n",
    r#"data: {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"checking."}}"#,
    "\n\nevent: content_block_stop\n",
    r#"data: {"type":"content_block_stop","index":2}"#,
    "\n\nevent: content_block_start\n",
    r#"data: {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_01","name":"get_weather","input":{}}}"#,
    "\n\nevent: content_block_delta\n",
    r#"data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":""}}"#,
    "\n\nevent: content_block_delta\n",
    r#"data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"location\":"}}"#,
    "\n\nevent: content_block_delta\n",
    r#"data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":" \"Zürich\"}"}}"#,
    "\n\nevent: content_block_stop\n",
    r#"data: {"type":"content_block_stop","index":3}"#,
    "\n\nevent: message_delta\n",
    r#"data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":50}}"#,
    "\n\nevent: message_stop\n",
    r#"data: {"type":"message_stop"}"#,
    "\n\n",
);

const OPENAI_STREAM: &str = concat!(
    r#"data: {"id":"chatcmpl-9","object":"chat.completion.chunk","created":1,"model":"m1-2026","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
    "\r\n\r\n: keep-alive\r\n\r\n",
    r#"data: {"id":"chatcmpl-9","model":"m1-2026","choices":[{"index":0,"delta":{"reasoning_content":"Hm… 🙈"},"finish_reason":null}]}"#,
    "\r\n\r\n",
    r#"data: {"id":"chatcmpl-9","model":"m1-2026","choices":[{"index":0,"delta":{"content":"Two "},"finish_reason":null}]}"#,
    "\r\n\r\n",
    r#"data: {"id":"chatcmpl-9","model":"m1-2026","choices":[{"index":0,"delta":{"content":"calls."},"finish_reason":null}]}"#,
    "\r\n\r\n",
    r#"data: {"id":"chatcmpl-9","model":"m1-2026","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"read","arguments":""}}]}}]}"#,
    "\r\n\r\n",
    r#"data: {"id":"chatcmpl-9","model":"m1-2026","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"path\":"}}]}}]}"#,
    "\r\n\r\n",
    r#"data: {"id":"chatcmpl-9","model":"m1-2026","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"ls","arguments":"{}"}}]}}]}"#,
    "\r\n\r\n",
    r#"data: {"id":"chatcmpl-9","model":"m1-2026","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"a.txt\"}"}}]}}]}"#,
    "\r\n\r\n",
    r#"data: {"id":"chatcmpl-9","model":"m1-2026","choices":[{"index":0,"delta":{"reasoning_details":[{"type":"reasoning.encrypted","id":"call_b","data":"xyz"}]}}]}"#,
    "\r\n\r\n",
    r#"data: {"id":"chatcmpl-9","model":"m1-2026","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
    "\r\n\r\n",
    r#"data: {"id":"chatcmpl-9","model":"m1-2026","choices":[],"usage":{"prompt_tokens":400,"completion_tokens":50,"total_tokens":450,"prompt_tokens_details":{"cached_tokens":320,"cache_write_tokens":20},"completion_tokens_details":{"reasoning_tokens":30}}}"#,
    "\r\n\r\ndata: [DONE]",
);

pub(super) const CHUNKS: [usize; 8] = [1, 2, 3, 5, 7, 64, 1000, 1_000_000];

#[tokio::test]
async fn an_anthropic_answer_is_read_in_any_chunking() {
    for size in CHUNKS {
        let turn = Turn::raw(ANTHROPIC_STREAM).in_chunks(size);
        let (deltas, message) = ask(ANTHROPIC, turn).await;
        assert_eq!(
            serde_json::to_value(&message).unwrap(),
            json!({
                "content": [
                    {"type": "thinking", "thinking": "Let me see… 🙈",
                        "thinkingSignature": "EqQBCg=="},
                    {"type": "thinking", "thinking": "", "thinkingSignature": "opaque",
                        "redacted": true},
                    {"type": "text", "text": "Okay, checking."},
                    {"type": "toolCall", "id": "toolu_01", "name": "get_weather",
                        "arguments": {"location": "Zürich"}},
                ],
                "api": ANTHROPIC, "provider": "acme", "model": "m1", "responseId": "msg_1",
                "usage": {"input": 100, "output": 50, "cacheRead": 300, "cacheWrite": 20,
                    "totalTokens": 470, "cost": {"input": 0.0001, "output": 0.0001,
                        "cacheRead": 0.00015, "cacheWrite": 0.00008, "total": 0.00043}},
                "stopReason": "toolUse", "timestamp": 7,
            }),
            "in chunks of {size}"
        );
        assert_eq!(
            told(&deltas),
            "start think0 think0+ think0. think1 think1. text2 text2+ text2+ text2. \
             call3:get_weather call3+ call3+ call3+ call3. done"
        );
    }
}

#[tokio::test]
async fn an_openai_answer_is_read_in_any_chunking() {
    for size in CHUNKS {
        let turn = Turn::raw(OPENAI_STREAM).in_chunks(size);
        let (deltas, message) = ask(OPENAI, turn).await;
        assert_eq!(
            serde_json::to_value(&message).unwrap(),
            json!({
                "content": [
                    {"type": "thinking", "thinking": "Hm… 🙈",
                        "thinkingSignature":
                            r#"[{"type":"reasoning.encrypted","id":"call_b","data":"xyz"}]"#},
                    {"type": "text", "text": "Two calls."},
                    {"type": "toolCall", "id": "call_a", "name": "read",
                        "arguments": {"path": "a.txt"}},
                    {"type": "toolCall", "id": "call_b", "name": "ls", "arguments": {}},
                ],
                "api": OPENAI, "provider": "acme", "model": "m1", "responseModel": "m1-2026",
                "responseId": "chatcmpl-9",
                "usage": {"input": 60, "output": 50, "cacheRead": 320, "cacheWrite": 20,
                    "totalTokens": 450, "cost": {"input": 0.00006, "output": 0.0001,
                        "cacheRead": 0.00016, "cacheWrite": 0.00008, "total": 0.0004}},
                "stopReason": "toolUse", "timestamp": 7,
            }),
            "in chunks of {size}"
        );
        assert_eq!(
            told(&deltas),
            "start think0 think0+ text1 text1+ text1+ call2:read call2+ call3:ls call3+ call2+ \
             think0. text1. call2. call3. done"
        );
    }
}

#[tokio::test]
async fn every_call_of_an_answer_has_an_id_of_its_own() {
    for api in spoken() {
        let ids = ["", "", "same", "same"].into_iter();
        let turn = ids.fold(Turn::new(), |turn, id| {
            turn.call(id, "ls", json!({"path": "a"}))
        });
        let server = ModelServer::start([turn]);
        let mut request = hello();
        request.auth.api_key = Some(key_for(api));
        request.transport = Transport::Sse;
        let (deltas, answer) = ask_at(api, &server.url(), request).await;
        let ids: BTreeSet<&str> = answer.tool_calls().map(|call| call.id.as_str()).collect();
        assert_eq!(ids.len(), 4, "{api}: {ids:?}");
        assert!(!ids.contains(""), "{api}: {ids:?}");
        assert!(!ids.iter().any(|id| id.starts_with('|')), "{api}: {ids:?}");
        let ended = deltas.iter().filter_map(|delta| match delta {
            Delta::ToolCallEnd { call, .. } => Some(call.id.as_str()),
            _ => None,
        });
        assert_eq!(ended.collect::<BTreeSet<_>>(), ids, "{api}");
    }
}

#[tokio::test]
async fn calls_that_are_all_numbered_alike_are_told_apart_by_their_ids() {
    let chunk = |call: Value| {
        let delta = json!({"tool_calls": [call]});
        let choice = json!([{"index": 0, "delta": delta}]);
        let chunk = json!({"id": "c", "model": "m1", "choices": choice});
        format!("data: {chunk}\n\n")
    };
    let begin = |id: &str, name: &str, json: &str| {
        chunk(json!({"index": 0, "id": id, "function": {"name": name, "arguments": json}}))
    };
    let piece = |json: &str| chunk(json!({"index": 0, "function": {"arguments": json}}));
    let body = [
        begin("a", "read", "{\"path\":"),
        piece("\"x\"}"),
        // Said again with a piece, as by some: it is the same one.
        begin("b", "ls", "{\"path\":"),
        begin("b", "ls", "\"y"),
        piece("\"}"),
        begin("c", "ls", "{}"),
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n".into(),
        "data: [DONE]\n\n".into(),
    ];
    let (_, answer) = ask(OPENAI, Turn::raw(body.concat())).await;
    let calls: Vec<_> = answer.tool_calls().collect();
    let calls = calls
        .iter()
        .map(|call| (&*call.id, &*call.name, &call.arguments));
    let expected = [
        ("a", "read", &json!({"path": "x"})),
        ("b", "ls", &json!({"path": "y"})),
        ("c", "ls", &json!({})),
    ];
    assert_eq!(calls.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn an_end_without_a_reason_is_one_when_all_that_was_begun_is_whole() {
    let events =
        String::from_utf8(anthropic_events(&Turn::tool("ls", json!({"path": "x"})))).unwrap();
    let without = |names: &[&str]| {
        let events = events.split_inclusive("\n\n");
        let left = events.filter(|event| !names.iter().any(|name| event.contains(name)));
        left.collect::<String>()
    };
    let half = without(&["event: message_delta", "event: content_block_stop"]);
    let nothing = without(&["event: message_delta", "event: content_block"]);
    let cut = without(&["event: message_delta", "event: message_stop"]);
    for (body, calls) in [(half, 0), (nothing, 0), (cut, 1)] {
        let (_, answer) = ask(ANTHROPIC, Turn::raw(body)).await;
        assert_eq!(answer.stop_reason, StopReason::Error);
        assert_eq!(answer.failure.unwrap().kind, Kind::Garbled);
        assert_eq!(answer.tool_calls().count(), calls);
    }
    let unsaid = events.replace("\"stop_reason\":\"tool_use\"", "\"stop_reason\":null");
    assert_ne!(unsaid, events);
    for body in [without(&["event: message_delta"]), unsaid] {
        let (_, answer) = ask(ANTHROPIC, Turn::raw(body)).await;
        assert_eq!(answer.stop_reason, StopReason::ToolUse);
        assert_eq!(answer.tool_calls().count(), 1);
    }
    let events = String::from_utf8(anthropic_events(&Turn::text("all of it"))).unwrap();
    let unsaid = events.replace("\"stop_reason\":\"end_turn\"", "\"stop_reason\":null");
    assert_ne!(unsaid, events);
    let (_, answer) = ask(ANTHROPIC, Turn::raw(unsaid)).await;
    assert_eq!(answer.stop_reason, StopReason::Stop);
    assert_eq!(answer.to_text(), "all of it");
}

#[tokio::test]
async fn a_gzipped_answer_is_read() {
    for api in BOTH {
        let (_, message) = ask(api, Turn::text("hi there").gzip()).await;
        assert_eq!(message.content, [Content::text("hi there")]);
        assert_eq!(message.stop_reason, StopReason::Stop);
    }
}

#[tokio::test]
async fn an_answer_cut_by_its_limit_says_so_and_bad_arguments_stay_text() {
    for api in BOTH {
        let turn = Turn::new()
            .call_text("call_1", "write", r#"{"path": "a", "content": "so fa"#)
            .out_of_room();
        let (_, message) = ask(api, turn).await;
        assert_eq!(message.stop_reason, StopReason::Length);
        let call = message.tool_calls().next().unwrap();
        assert_eq!(call.arguments, json!(r#"{"path": "a", "content": "so fa"#));
    }
}

/// Deltas in short: a block's begin, `+` for a piece, `.` for its end.
pub(super) fn told(deltas: &[Delta]) -> String {
    let words: Vec<String> = deltas
        .iter()
        .map(|delta| match delta {
            Delta::Start => "start".into(),
            Delta::TextStart { index } => format!("text{index}"),
            Delta::Text { index, .. } => format!("text{index}+"),
            Delta::TextEnd { index, .. } => format!("text{index}."),
            Delta::ThinkingStart { index } => format!("think{index}"),
            Delta::Thinking { index, .. } => format!("think{index}+"),
            Delta::ThinkingEnd { index, .. } => format!("think{index}."),
            Delta::ToolCallStart { index, name, .. } => format!("call{index}:{name}"),
            Delta::ToolCall { index, .. } => format!("call{index}+"),
            Delta::ToolCallEnd { index, .. } => format!("call{index}."),
            Delta::Done(_) => "done".into(),
        })
        .collect();
    words.join(" ")
}
