//! What goes out: whole bodies and the headers that matter, as a server sees them. The shapes were
//! checked against the reference's own requests for the same conversations.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use pi::ai::http::HttpClient;
use pi::ai::providers::provider_for;
use pi::ai::{
    AssistantMessage, Body, CacheRetention, Content, Message, Model, Request, StopReason,
    ThinkingLevel, ToolCall, ToolResultMessage, ToolSpec, Usage, UserMessage, WireTap,
};
use serde_json::{Value, json};

use super::{ANTHROPIC, BOTH, OPENAI, hello, model, request};
use crate::support::model_server::{ModelServer, Recorded, Turn};

/// Sends `request` and returns what the server saw. The model's base URL is put behind the server's.
pub(super) async fn seen(mut model: Model, request: Request) -> Recorded {
    use futures::StreamExt;
    let server = ModelServer::start([Turn::text("ok")]);
    model.base_url = format!("{}{}", server.url(), model.base_url);
    let provider = provider_for(&model.api, &HttpClient::default()).unwrap();
    let stream = provider.stream(&model, request, Default::default());
    stream.collect::<Vec<_>>().await;
    server.requests().remove(0)
}

pub(super) fn image() -> Content {
    Content::Image {
        data: "aGk=".into(),
        mime_type: "image/png".into(),
    }
}

pub(super) fn call(id: &str, arguments: Value) -> Content {
    Content::ToolCall(ToolCall {
        id: id.into(),
        name: "read".into(),
        arguments,
        thought_signature: None,
    })
}

pub(super) fn result(id: &str, content: Vec<Content>, is_error: bool) -> Message {
    Message::ToolResult(ToolResultMessage {
        tool_call_id: id.into(),
        tool_name: "read".into(),
        content,
        details: Some(json!({"never": "sent"})),
        is_error,
        timestamp: 3,
    })
}

/// An answer of the very model that `super::model` describes.
pub(super) fn answer(api: &str, content: Vec<Content>) -> Message {
    Message::Assistant(AssistantMessage {
        content,
        api: api.into(),
        provider: "acme".into(),
        model: "m1".into(),
        provider_thinking_level: None,
        response_model: None,
        response_id: None,
        usage: Usage::default(),
        stop_reason: StopReason::Stop,
        error_message: None,
        failure: None,
        timestamp: 2,
    })
}

fn conversation(api: &str) -> Request {
    let thinking = Content::Thinking {
        thinking: "hm".into(),
        thinking_signature: Some(match api {
            ANTHROPIC => "c2ln".into(),
            _ => "reasoning_content".into(),
        }),
        redacted: false,
    };
    let mut request = request(vec![
        Message::User(UserMessage {
            content: Body::Blocks(vec![Content::text("look"), image()]),
            timestamp: 1,
        }),
        answer(
            api,
            vec![
                thinking,
                Content::text("I look."),
                call("call_1", json!({"path": "a.txt"})),
                call("call_2", json!("{\"path\": ")),
            ],
        ),
        result("call_1", vec![Content::text("one"), image()], false),
        result("call_2", vec![Content::text("bad JSON")], true),
        Message::User(UserMessage {
            content: Body::Text("and now?".into()),
            timestamp: 4,
        }),
    ]);
    request.tools = vec![ToolSpec {
        name: "read".into(),
        description: "Reads a file.".into(),
        parameters: Arc::new(json!({
            "type": "object",
            "properties": {"path": {"type": "string"}},
            "required": ["path"],
        })),
    }];
    request.thinking = ThinkingLevel::Medium;
    request
}

#[tokio::test]
async fn a_conversation_in_anthropics_words() {
    let seen = seen(model(ANTHROPIC, ""), conversation(ANTHROPIC)).await;
    let cache = json!({"type": "ephemeral"});
    let picture = json!({"type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}});
    assert_eq!(
        seen.body,
        json!({
            "model": "m1",
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "look"}, picture]},
                {"role": "assistant", "content": [
                    {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                    {"type": "text", "text": "I look."},
                    {"type": "tool_use", "id": "call_1", "name": "read",
                        "input": {"path": "a.txt"}},
                    {"type": "tool_use", "id": "call_2", "name": "read", "input": {}},
                ]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "call_1", "is_error": false,
                        "content": [{"type": "text", "text": "one"}, picture]},
                    {"type": "tool_result", "tool_use_id": "call_2", "is_error": true,
                        "content": "bad JSON"},
                ]},
                {"role": "user", "content": [
                    {"type": "text", "text": "and now?", "cache_control": cache},
                ]},
            ],
            "max_tokens": 64000,
            "stream": true,
            "system": [{"type": "text", "text": "Be good.", "cache_control": cache}],
            "tools": [{
                "name": "read", "description": "Reads a file.", "eager_input_streaming": true,
                "input_schema": {"type": "object", "required": ["path"],
                    "properties": {"path": {"type": "string"}}},
                "cache_control": cache,
            }],
            "thinking": {"type": "enabled", "budget_tokens": 8192, "display": "summarized"},
        })
    );
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("POST", "/v1/messages")
    );
    assert_eq!(seen.header("x-api-key"), Some("sk-secret"));
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(seen.header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(
        seen.header("anthropic-beta"),
        Some("interleaved-thinking-2025-05-14")
    );
}

#[tokio::test]
async fn a_conversation_in_openais_words() {
    let seen = seen(model(OPENAI, "/v1/"), conversation(OPENAI)).await;
    let picture = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}});
    assert_eq!(
        seen.body,
        json!({
            "model": "m1",
            "messages": [
                {"role": "developer", "content": "Be good."},
                {"role": "user", "content": [{"type": "text", "text": "look"}, picture]},
                {"role": "assistant", "content": "I look.", "reasoning_content": "hm",
                    "tool_calls": [
                        {"id": "call_1", "type": "function", "function":
                            {"name": "read", "arguments": "{\"path\":\"a.txt\"}"}},
                        {"id": "call_2", "type": "function", "function":
                            {"name": "read", "arguments": "{}"}},
                    ]},
                {"role": "tool", "content": "one", "tool_call_id": "call_1"},
                {"role": "tool", "content": "bad JSON", "tool_call_id": "call_2"},
                {"role": "user", "content": [
                    {"type": "text", "text": "Images from the tool results above:"}, picture,
                ]},
                {"role": "user", "content": "and now?"},
            ],
            "stream": true,
            "stream_options": {"include_usage": true},
            "store": false,
            "max_completion_tokens": 64000,
            "tools": [{"type": "function", "function": {
                "name": "read", "description": "Reads a file.",
                "parameters": {"type": "object", "required": ["path"],
                    "properties": {"path": {"type": "string"}}},
            }}],
            "reasoning_effort": "medium",
        })
    );
    assert_eq!(seen.path, "/v1/chat/completions");
    assert_eq!(seen.header("authorization"), Some("Bearer sk-secret"));
}

/// The fields of a body for "hello" that are not the same in every request.
async fn variable(model: Model, request: Request) -> Value {
    let Value::Object(mut body) = seen(model, request).await.body else {
        panic!("no object");
    };
    for name in ["model", "messages", "stream", "system", "tools"] {
        body.remove(name);
    }
    Value::Object(body)
}

#[tokio::test]
async fn anthropic_thinks_adaptively_by_budget_or_not_at_all() {
    let with = |id: &str, level, max_tokens| {
        let mut model = model(ANTHROPIC, "");
        model.id = id.into();
        model.max_tokens = max_tokens;
        let map = &mut model.thinking_level_map;
        map.insert(ThinkingLevel::Xhigh, Some("max".into()));
        let mut request = hello();
        request.thinking = level;
        variable(model, request)
    };
    assert_eq!(
        with("claude-opus-4-6", ThinkingLevel::Xhigh, 64_000).await,
        json!({"max_tokens": 64000, "output_config": {"effort": "max"},
            "thinking": {"type": "adaptive", "display": "summarized"}})
    );
    assert_eq!(
        with("claude-3-7", ThinkingLevel::High, 8192).await,
        json!({"max_tokens": 8192, "thinking":
            {"type": "enabled", "budget_tokens": 7168, "display": "summarized"}})
    );
    assert_eq!(
        with("claude-3-7", ThinkingLevel::Off, 8192).await,
        json!({"max_tokens": 8192, "thinking": {"type": "disabled"}})
    );
}

#[tokio::test]
async fn every_thinking_format_is_spoken() {
    let with = |provider: &str, compat: Value, level| {
        let mut model = model(OPENAI, "");
        model.provider = provider.into();
        model.compat = compat.as_object().unwrap().clone();
        let mut request = hello();
        request.max_tokens = Some(9);
        request.thinking = level;
        async move {
            let mut body = variable(model, request).await;
            let body = body.as_object_mut().unwrap();
            for name in [
                "stream_options",
                "store",
                "max_completion_tokens",
                "max_tokens",
            ] {
                body.remove(name);
            }
            Value::Object(body.clone())
        }
    };
    let (high, off) = (ThinkingLevel::High, ThinkingLevel::Off);
    let format = |name: &str| json!({"thinkingFormat": name});
    assert_eq!(
        with("acme", json!({}), high).await,
        json!({"reasoning_effort": "high"})
    );
    assert_eq!(with("acme", json!({}), off).await, json!({}));
    assert_eq!(with("xai", json!({}), high).await, json!({}));
    assert_eq!(
        with("zai", json!({}), high).await,
        json!({"thinking": {"type": "enabled", "clear_thinking": false}})
    );
    assert_eq!(
        with("acme", format("qwen"), off).await,
        json!({"enable_thinking": false})
    );
    assert_eq!(
        with("acme", format("qwen-chat-template"), high).await,
        json!({"chat_template_kwargs": {"enable_thinking": true, "preserve_thinking": true}})
    );
    assert_eq!(
        with("deepseek", json!({}), high).await,
        json!({"thinking": {"type": "enabled"}, "reasoning_effort": "high"})
    );
    assert_eq!(
        with("openrouter", json!({}), off).await,
        json!({"reasoning": {"effort": "none"}})
    );
}

#[tokio::test]
async fn compat_switches_override_what_is_detected() {
    let mut model = model(OPENAI, "");
    model.compat = json!({
        "supportsStore": false, "supportsDeveloperRole": false, "supportsReasoningEffort": false,
        "supportsUsageInStreaming": false, "maxTokensField": "max_tokens",
        "requiresToolResultName": true, "requiresAssistantAfterToolResult": true,
        "requiresThinkingAsText": true, "supportsStrictMode": false,
    })
    .as_object()
    .unwrap()
    .clone();
    let body = seen(model, conversation(OPENAI)).await.body;
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["model", "messages", "stream", "max_tokens", "tools"]
    );
    assert_eq!(body["messages"][0]["role"], "system");
    assert_eq!(
        body["messages"][2]["content"],
        json!([{"type": "text", "text": "hm"}, {"type": "text", "text": "I look."}])
    );
    assert_eq!(body["messages"][3]["name"], "read");
    assert_eq!(body["messages"][5]["role"], "assistant");
    assert_eq!(body["tools"][0]["function"].get("strict"), None);
}

#[tokio::test]
async fn cache_retention_is_asked_for_in_each_vendors_way() {
    let with = |api: &'static str, provider: &str, id: &str, cache| {
        let mut model = model(api, "");
        model.provider = provider.into();
        model.id = id.into();
        let mut request = hello();
        request.cache = cache;
        request.session_id = Some("s1".into());
        async move { seen(model, request).await.body }
    };
    let long = json!({"type": "ephemeral", "ttl": "1h"});
    let body = with(ANTHROPIC, "anthropic", "c", CacheRetention::Long).await;
    assert_eq!(body["system"][0]["cache_control"], long);
    assert_eq!(body["messages"][0]["content"][0]["cache_control"], long);
    let body = with(ANTHROPIC, "anthropic", "c", CacheRetention::None).await;
    assert!(!body.to_string().contains("cache"));
    let body = with(OPENAI, "acme", "m", CacheRetention::Long).await;
    assert_eq!(body["prompt_cache_key"], "s1");
    assert_eq!(body["prompt_cache_retention"], "24h");
    let body = with(OPENAI, "acme", "m", CacheRetention::Short).await;
    assert!(!body.to_string().contains("cache"));
    let body = with(OPENAI, "openrouter", "anthropic/c", CacheRetention::Short).await;
    let short = json!({"type": "ephemeral"});
    assert_eq!(body["messages"][0]["content"][0]["cache_control"], short);
    assert_eq!(body["messages"][1]["content"][0]["cache_control"], short);
}

#[tokio::test]
async fn the_callers_headers_replace_the_models_and_those_the_apis() {
    for api in BOTH {
        let mut model = model(api, "");
        model.headers.insert("X-One".into(), "model".into());
        model.headers.insert("X-Two".into(), "model".into());
        let mut request = hello();
        let headers = &mut request.auth.headers;
        headers.insert("x-one".into(), "caller".into());
        headers.insert("Authorization".into(), "Basic abc".into());
        let seen = seen(model, request).await;
        assert_eq!(seen.header("x-one"), Some("caller"));
        assert_eq!(seen.header("x-two"), Some("model"));
        assert_eq!(seen.header("authorization"), Some("Basic abc"));
    }
}

#[derive(Default)]
struct Tap(Mutex<Vec<(u16, bool)>>);

#[async_trait]
impl WireTap for Tap {
    async fn before_request(&self, mut body: Value) -> Value {
        body["added"] = json!(1);
        body
    }

    async fn after_response(&self, status: u16, headers: &[(String, String)]) {
        let typed = headers.iter().any(|(name, _)| name == "content-type");
        self.0.lock().unwrap().push((status, typed));
    }
}

#[tokio::test]
async fn a_tap_changes_the_body_and_sees_the_head() {
    for api in BOTH {
        let tap = Arc::new(Tap::default());
        let mut request = hello();
        request.tap = Some(tap.clone());
        let seen = seen(model(api, ""), request).await;
        assert_eq!(seen.body["added"], 1);
        assert_eq!(*tap.0.lock().unwrap(), [(200, true)]);
    }
}

#[tokio::test]
async fn counts_of_a_file_may_be_anything() {
    let usage = Usage {
        input: u64::MAX,
        output: u64::MAX,
        cache_read: u64::MAX,
        cache_write: u64::MAX,
        ..Usage::default()
    };
    for api in BOTH {
        let answer = AssistantMessage {
            usage,
            stop_reason: StopReason::Stop,
            ..pi::ai::delta::failed_message(&model(api, ""), 2, StopReason::Stop, "")
        };
        let messages = [
            Message::user("hello", 1),
            Message::Assistant(answer),
            Message::user("and", 3),
        ];
        seen(model(api, ""), request(messages.into())).await;
    }
    let mut sum = usage;
    sum.add(&usage);
    assert_eq!((sum.input, sum.prompt_tokens()), (u64::MAX, u64::MAX));
}
