//! Mistral's own API: request bodies whole, streams in any chunking, ids, thinking, endings. Bodies were
//! compared with the reference's own for the same conversations.

use std::sync::Arc;

use pi::ai::failure::Kind;
use pi::ai::{
    Body, CacheRetention, Content, Message, Model, Request, StopReason, ThinkingLevel, ToolSpec,
    UserMessage,
};
use serde_json::{Value, json};

use super::requests::{answer, call, image, result, seen};
use super::streams::{CHUNKS, told};
use super::{ask, hello, model, request};
use crate::support::model_server::{Turn, mistral_events};

const MISTRAL: &str = "mistral-conversations";

fn conversation(author: &str) -> Request {
    let mut said = answer(
        MISTRAL,
        vec![
            Content::thinking("hm"),
            Content::text("I look."),
            call("D681PevKs", json!({"path": "a.txt"})),
            call("call_2|fc", json!("{\"path\": ")),
        ],
    );
    if let Message::Assistant(answer) = &mut said {
        answer.model = author.into();
    }
    let mut request = request(vec![
        Message::User(UserMessage {
            content: Body::Blocks(vec![Content::text("look"), image()]),
            timestamp: 1,
        }),
        said,
        result("D681PevKs", vec![Content::text("one"), image()], false),
        result("call_2|fc", vec![Content::text("bad JSON")], true),
        Message::User(UserMessage {
            content: Body::Text("and now?".into()),
            timestamp: 4,
        }),
    ]);
    request.tools = vec![ToolSpec {
        name: "read".into(),
        description: "Reads a file.".into(),
        parameters: Arc::new(json!({"type": "object",
            "properties": {"path": {"type": "string"}}, "required": ["path"]})),
    }];
    request.thinking = ThinkingLevel::Medium;
    request.session_id = Some("s1".into());
    request
}

#[tokio::test]
async fn a_conversation_in_mistrals_words() {
    let seen = seen(model(MISTRAL, ""), conversation("m1")).await;
    let picture = json!({"type": "image_url", "image_url": "data:image/png;base64,aGk="});
    let text = |text: &str| json!({"type": "text", "text": text});
    assert_eq!(
        seen.body,
        json!({
            "model": "m1",
            "stream": true,
            "messages": [
                {"role": "system", "content": "Be good."},
                {"role": "user", "content": [text("look"), picture]},
                {"role": "assistant", "prefix": false,
                    "content": [
                        {"type": "thinking", "thinking": [text("hm")]},
                        text("I look."),
                    ],
                    "tool_calls": [
                        {"id": "D681PevKs", "type": "function", "index": 0, "function":
                            {"name": "read", "arguments": "{\"path\":\"a.txt\"}"}},
                        {"id": "call_2|fc", "type": "function", "index": 0, "function":
                            {"name": "read", "arguments": "{}"}},
                    ]},
                {"role": "tool", "name": "read", "tool_call_id": "D681PevKs",
                    "content": [text("one"), picture]},
                {"role": "tool", "name": "read", "tool_call_id": "call_2|fc",
                    "content": [text("[error] bad JSON")]},
                {"role": "user", "content": "and now?"},
            ],
            "tools": [{"type": "function", "function": {
                "name": "read", "description": "Reads a file.", "strict": false,
                "parameters": {"type": "object", "required": ["path"],
                    "properties": {"path": {"type": "string"}}},
            }}],
            "max_tokens": 64000,
            "prompt_mode": "reasoning",
            "prompt_cache_key": "s1",
        })
    );
    assert_eq!(seen.path, "/v1/chat/completions");
    assert_eq!(seen.header("authorization"), Some("Bearer sk-secret"));
    assert_eq!(seen.header("x-affinity"), Some("s1"));
}

#[tokio::test]
async fn another_models_ids_become_nine_letters_and_digits_the_same_each_time() {
    let ids = async || {
        let body = seen(model(MISTRAL, ""), conversation("other")).await.body;
        let messages = body["messages"].as_array().unwrap().clone();
        assert_eq!(
            messages[2]["content"][0],
            json!({"type": "text", "text": "I look."})
        );
        let calls = messages[2]["tool_calls"].as_array().unwrap().clone();
        let ids: Vec<Value> = calls.iter().map(|call| call["id"].clone()).collect();
        let results = [&messages[3], &messages[4]].map(|result| result["tool_call_id"].clone());
        assert_eq!(ids, results);
        ids
    };
    let first = ids().await;
    assert_eq!(first[0], "D681PevKs");
    let made = first[1].as_str().unwrap();
    assert_eq!(made.len(), 9);
    assert!(made.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(ids().await, first);
}

#[tokio::test]
async fn thinking_is_asked_for_by_effort_or_by_prompt() {
    let body = |map: &[(ThinkingLevel, Option<&str>)], level| {
        let mut model = model(MISTRAL, "");
        let own = |(level, word): &(_, Option<&str>)| (*level, word.map(str::to_owned));
        model.thinking_level_map = map.iter().map(own).collect();
        let mut request = hello();
        request.thinking = level;
        asked(model, request)
    };
    async fn asked(model: Model, request: Request) -> Value {
        let body = seen(model, request).await.body;
        json!([body["prompt_mode"], body["reasoning_effort"]])
    }
    use ThinkingLevel::{High, Low, Off};
    let efforts = [(Off, Some("none")), (Low, None), (High, Some("high"))];
    assert_eq!(body(&efforts, Off).await, json!([null, "none"]));
    assert_eq!(body(&efforts, High).await, json!([null, "high"]));
    assert_eq!(body(&efforts, Low).await, json!([null, "high"]));
    assert_eq!(body(&[(Off, None)], Off).await, json!([null, null]));
    assert_eq!(body(&[], Off).await, json!([null, null]));
    assert_eq!(body(&[], Low).await, json!(["reasoning", null]));
}

#[tokio::test]
async fn nothing_names_the_conversation_when_nothing_is_to_be_cached() {
    let mut request = conversation("m1");
    request.cache = CacheRetention::None;
    let quiet = seen(model(MISTRAL, "/v1/"), request).await;
    assert_eq!(quiet.body.get("prompt_cache_key"), None);
    assert_eq!(quiet.header("x-affinity"), None);
    assert_eq!(quiet.path, "/v1/chat/completions");
    let mut own = model(MISTRAL, "");
    own.headers.insert("X-Affinity".into(), "mine".into());
    let own = seen(own, conversation("m1")).await;
    assert_eq!(own.header("x-affinity"), Some("mine"));
}

/// docs.mistral.ai: "Chat completions", "Reasoning", "Function calling".
const STREAM: &str = concat!(
    r#"data: {"id":"cmpl-9","object":"chat.completion.chunk","created":1,"model":"m1-2512","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"cmpl-9","model":"m1-2512","choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm… "}]}]},"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"cmpl-9","model":"m1-2512","choices":[{"index":0,"delta":{"content":""},"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"cmpl-9","model":"m1-2512","choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"🙈"}],"closed":true},{"type":"text","text":"Two "}]},"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"cmpl-9","model":"m1-2512","choices":[{"index":0,"delta":{"content":"calls."},"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"cmpl-9","model":"m1-2512","choices":[{"index":0,"delta":{"content":"","tool_calls":[{"id":"D681PevKs","function":{"name":"read","arguments":"{\"path\": \"Z\u00fcri"},"index":0},{"id":"null","function":{"name":"ls","arguments":{"a":1}},"index":1}]},"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"cmpl-9","model":"m1-2512","choices":[{"index":0,"delta":{"tool_calls":[{"function":{"name":"","arguments":"ch\"}"},"index":0}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":400,"total_tokens":450,"completion_tokens":50,"num_cached_tokens":300}}"#,
    "\n\ndata: [DONE]\n\n",
);

#[tokio::test]
async fn an_answer_is_read_in_any_chunking() {
    for size in CHUNKS {
        let (deltas, message) = ask(MISTRAL, Turn::raw(STREAM).in_chunks(size)).await;
        let mut json = serde_json::to_value(&message).unwrap();
        let made = json["content"][3]["id"].take();
        assert_eq!(made.as_str().unwrap().len(), 9);
        assert_eq!(
            json,
            json!({
                "content": [
                    {"type": "thinking", "thinking": "Hm… 🙈"},
                    {"type": "text", "text": "Two calls."},
                    {"type": "toolCall", "id": "D681PevKs", "name": "read",
                        "arguments": {"path": "Zürich"}},
                    {"type": "toolCall", "id": null, "name": "ls", "arguments": {"a": 1}},
                ],
                "api": MISTRAL, "provider": "acme", "model": "m1", "responseModel": "m1-2512",
                "responseId": "cmpl-9",
                "usage": {"input": 100, "output": 50, "cacheRead": 300, "cacheWrite": 0,
                    "totalTokens": 450, "cost": {"input": 0.0001, "output": 0.0001,
                        "cacheRead": 0.00015, "cacheWrite": 0.0, "total": 0.00035}},
                "stopReason": "toolUse", "timestamp": 7,
            }),
            "in chunks of {size}"
        );
        assert_eq!(
            told(&deltas),
            "start think0 think0+ think0+ think0. text1 text1+ text1+ text1. call2:read call2+ \
             call3:ls call3+ call2+ call2. call3. done"
        );
    }
}

#[tokio::test]
async fn calls_that_share_a_number_are_told_apart_by_their_ids() {
    let turn = Turn::new()
        .thinking("hm hm")
        .call("aaaaaaaaa", "ls", json!({"n": 1}))
        .call("bbbbbbbbb", "ls", json!({"n": 2}));
    let bytes = String::from_utf8(mistral_events(&turn)).unwrap();
    let (_, message) = ask(
        MISTRAL,
        Turn::raw(bytes.replace("\"index\":1", "\"index\":0")),
    )
    .await;
    let numbers: Vec<&Value> = message.tool_calls().map(|c| &c.arguments["n"]).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(message.content[0], Content::thinking("hm hm"));
}

#[tokio::test]
async fn every_reason_to_end_is_told() {
    let ended = async |reason: &str| {
        let body = format!(
            "data: {}\n\ndata: [DONE]\n\n",
            json!({"choices": [{"delta": {"content": "so far"}, "finish_reason": reason}]})
        );
        ask(MISTRAL, Turn::raw(body)).await.1
    };
    assert_eq!(ended("stop").await.stop_reason, StopReason::Stop);
    assert_eq!(ended("length").await.stop_reason, StopReason::Length);
    assert_eq!(ended("model_length").await.stop_reason, StopReason::Length);
    assert_eq!(ended("tool_calls").await.stop_reason, StopReason::ToolUse);
    let failed = ended("error").await;
    assert_eq!(failed.failure.unwrap().kind, Kind::Busy);
    assert_eq!(failed.to_text(), "so far");
    assert_eq!(ended("weird").await.failure.unwrap().kind, Kind::Refused);
    assert_eq!(ended("").await.failure.unwrap().kind, Kind::Garbled);
}

#[tokio::test]
async fn mistrals_errors_are_read_in_bodies_and_in_streams() {
    let body =
        json!({"object": "error", "message": "Unauthorized", "type": "invalid_request_error"});
    let (_, message) = ask(MISTRAL, Turn::json(401, body.clone())).await;
    assert_eq!(message.failure.unwrap().kind, Kind::Credentials);
    let body = json!({"object": "error", "message": "Service unavailable", "code": "3700"});
    let (_, message) = ask(MISTRAL, Turn::raw(format!("data: {body}\n\n"))).await;
    assert_eq!(
        message.error_message.as_deref(),
        Some("acme: failed while answering: Service unavailable (3700)")
    );
    assert_eq!(message.failure.unwrap().kind, Kind::Busy);
}
