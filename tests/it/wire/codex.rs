//! The Responses API behind a ChatGPT subscription: whole requests as the server sees them, checked
//! against those of the reference (1.5.2) for the same conversation, and what its errors become.
//!
//! What differs on purpose: `user-agent` names this program; bodies are not packed (the server takes
//! them either way); the handshake does not offer `permessage-deflate`.

use std::sync::Arc;

use futures::StreamExt;
use pi::ai::failure::Kind;
use pi::ai::http::HttpClient;
use pi::ai::providers::provider_for;
use pi::ai::{
    AssistantMessage, Body, CacheRetention, Clock, Content, Message, Model, Request, StopReason,
    ThinkingLevel, ToolCall, ToolResultMessage, ToolSpec, Transport, Usage, UserMessage,
};
use serde_json::{Value, json};

use super::matrix::key_for;
use super::sockets::CODEX;
use super::{done, hello, model, request};
use crate::support::model_server::{FRAME, ModelServer, Recorded, Turn};

fn codex() -> Model {
    Model {
        provider: "openai-codex".into(),
        ..model(CODEX, "")
    }
}

async fn answered(server: &ModelServer, mut model: Model, request: Request) -> AssistantMessage {
    model.base_url = format!("{}{}", server.url(), model.base_url);
    let provider = provider_for(CODEX, &HttpClient::default()).unwrap();
    let stream = provider.stream(&model, request, Default::default());
    done(&stream.collect::<Vec<_>>().await)
}

/// What the server saw of `request`.
async fn seen(model: Model, mut request: Request) -> Recorded {
    request.transport = Transport::Sse;
    request.auth.api_key = Some(key_for(CODEX));
    let server = ModelServer::start([Turn::text("ok")]);
    assert_eq!(answered(&server, model, request).await.to_text(), "ok");
    server.requests().remove(0)
}

fn picture() -> Content {
    Content::Image {
        data: "aGk=".into(),
        mime_type: "image/png".into(),
    }
}

fn conversation() -> Request {
    let thought = json!({"type": "reasoning", "id": "rs_1", "summary":
        [{"type": "summary_text", "text": "hm"}], "encrypted_content": "enc"});
    let answer = AssistantMessage {
        content: vec![
            Content::Thinking {
                thinking: "hm".into(),
                thinking_signature: Some(thought.to_string()),
                redacted: false,
            },
            Content::Text {
                text: "I look.".into(),
                text_signature: Some(r#"{"v":1,"id":"msg_1","phase":"commentary"}"#.into()),
            },
            Content::ToolCall(ToolCall {
                id: "call_1|fc_1".into(),
                name: "read".into(),
                arguments: json!({"path": "a.txt"}),
                thought_signature: None,
            }),
        ],
        api: CODEX.into(),
        provider: "openai-codex".into(),
        model: "m1".into(),
        provider_thinking_level: None,
        response_model: None,
        response_id: None,
        usage: Usage::default(),
        stop_reason: StopReason::ToolUse,
        error_message: None,
        failure: None,
        timestamp: 2,
    };
    let mut request = request(vec![
        Message::User(UserMessage {
            content: Body::Blocks(vec![Content::text("look"), picture()]),
            timestamp: 1,
        }),
        Message::Assistant(answer),
        Message::ToolResult(ToolResultMessage {
            tool_call_id: "call_1|fc_1".into(),
            tool_name: "read".into(),
            content: vec![Content::text("one"), picture()],
            details: None,
            is_error: false,
            timestamp: 3,
        }),
        Message::user("and now?", 4),
    ]);
    request.system = "Be brief.".into();
    request.session_id = Some("session-1".into());
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

/// The items of [`conversation`].
fn items() -> Vec<Value> {
    let picture = json!({"type": "input_image", "detail": "auto",
        "image_url": "data:image/png;base64,aGk="});
    vec![
        json!({"role": "user", "content": [{"type": "input_text", "text": "look"}, picture]}),
        json!({"type": "reasoning", "id": "rs_1", "summary":
            [{"type": "summary_text", "text": "hm"}], "encrypted_content": "enc"}),
        json!({"type": "message", "role": "assistant", "content":
            [{"type": "output_text", "text": "I look.", "annotations": []}],
            "status": "completed", "id": "msg_1", "phase": "commentary"}),
        json!({"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "read",
            "arguments": "{\"path\":\"a.txt\"}"}),
        json!({"type": "function_call_output", "call_id": "call_1", "output":
            [{"type": "input_text", "text": "one"}, picture]}),
        json!({"role": "user", "content": [{"type": "input_text", "text": "and now?"}]}),
    ]
}

fn tools() -> Value {
    json!([{"type": "function", "name": "read", "description": "Reads a file.",
        "parameters": {"type": "object", "properties": {"path": {"type": "string"}},
            "required": ["path"]},
        "strict": null}])
}

#[tokio::test]
async fn a_conversation_goes_out_as_the_reference_sends_it() {
    let seen = seen(codex(), conversation()).await;
    assert_eq!(seen.path, "/codex/responses");
    let expected = json!({
        "model": "m1",
        "store": false,
        "stream": true,
        "instructions": "Be brief.",
        "input": items(),
        "text": {"verbosity": "low"},
        "include": ["reasoning.encrypted_content"],
        "prompt_cache_key": "session-1",
        "tool_choice": "auto",
        "parallel_tool_calls": true,
        "tools": tools(),
        "reasoning": {"effort": "medium", "summary": "auto"},
    });
    // The order, too: a prompt's cache goes by its beginning.
    assert_eq!(seen.raw_body, expected.to_string());
    let mut headers = seen.headers.clone();
    let of_http = ["host", "content-length", "accept-encoding", "user-agent"];
    headers.retain(|(name, _)| !of_http.contains(&name.as_str()));
    headers.sort();
    let bearer = format!("Bearer {}", key_for(CODEX));
    let expected = [
        ("accept", "text/event-stream"),
        ("authorization", bearer.as_str()),
        ("chatgpt-account-id", "acc"),
        ("content-type", "application/json"),
        ("openai-beta", "responses=experimental"),
        ("originator", "pi"),
        ("session-id", "session-1"),
        ("x-client-request-id", "session-1"),
    ];
    assert_eq!(headers, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
}

#[tokio::test]
async fn the_socket_is_opened_with_headers_of_its_own() {
    let server = ModelServer::with_sockets([Turn::text("ok")]);
    let mut request = conversation();
    request.auth.api_key = Some(key_for(CODEX));
    answered(&server, codex(), request).await;
    let requests = server.requests();
    let mut headers = requests[0].headers.clone();
    let of_http = ["host", "accept-encoding", "user-agent", "sec-websocket-key"];
    headers.retain(|(name, _)| !of_http.contains(&name.as_str()));
    headers.sort();
    let bearer = format!("Bearer {}", key_for(CODEX));
    let expected = [
        ("accept", "*/*"),
        ("authorization", bearer.as_str()),
        ("chatgpt-account-id", "acc"),
        ("connection", "Upgrade"),
        ("openai-beta", "responses_websockets=2026-02-06"),
        ("originator", "pi"),
        ("sec-websocket-version", "13"),
        ("session-id", "session-1"),
        ("upgrade", "websocket"),
        ("x-client-request-id", "session-1"),
    ];
    assert_eq!(headers, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
    assert_eq!(requests[1].method, FRAME);
    let begin = r#"{"type":"response.create","model":"m1","store":false,"stream":true,"#;
    assert!(requests[1].raw_body.starts_with(begin));
    assert_eq!(requests[1].body["input"], json!(items()));
}

#[tokio::test]
async fn models_that_take_more_tools_later_are_told_of_the_first_in_the_input() {
    let mut model = codex();
    for name in ["supportsAdditionalTools", "supportsMidConvoSystemMessages"] {
        let seen = seen(model.clone(), conversation()).await;
        assert_eq!(seen.body["tools"], tools());
        model.compat.insert(name.into(), json!(true));
    }
    let seen = seen(model, conversation()).await;
    assert_eq!(seen.body.get("tools"), None);
    let first = json!({"type": "additional_tools", "role": "developer", "tools": tools()});
    let input: Vec<Value> = std::iter::once(first).chain(items()).collect();
    assert_eq!(seen.body["input"], json!(input));
}

#[tokio::test]
async fn departures_of_a_model_show_in_its_requests() {
    let mut plain = codex();
    plain.reasoning = false;
    plain.base_url = "/backend-api/codex/".into();
    plain.headers.insert("originator".into(), "me".into());
    plain
        .compat
        .insert("supportsStrictMode".into(), json!(false));
    let mut request = conversation();
    request.system = String::new();
    request.cache = CacheRetention::None;
    request.thinking = ThinkingLevel::Off;
    let one = seen(plain, request).await;
    assert_eq!(one.path, "/backend-api/codex/responses");
    assert_eq!(one.body["instructions"], "You are a helpful assistant.");
    assert_eq!(one.body["tools"][0].get("strict"), None);
    for absent in ["prompt_cache_key", "reasoning", "max_output_tokens"] {
        assert_eq!(one.body.get(absent), None, "{absent}");
    }
    assert_eq!(one.header("session-id"), None);
    assert_eq!(one.header("originator"), Some("me"));

    // Off is said where there is a word for it.
    let mut model = codex();
    let off = |model: &Model| seen(model.clone(), hello());
    assert_eq!(
        off(&model).await.body["reasoning"],
        json!({"effort": "none"})
    );
    model.thinking_level_map.insert(ThinkingLevel::Off, None);
    assert_eq!(off(&model).await.body.get("reasoning"), None);
    let low = Some("low".to_owned());
    model.thinking_level_map.insert(ThinkingLevel::Minimal, low);
    let mut request = hello();
    request.thinking = ThinkingLevel::Minimal;
    request.session_id = Some("é".repeat(70));
    let seen = seen(model, request).await;
    assert_eq!(seen.body["reasoning"]["effort"], "low");
    assert_eq!(seen.body["prompt_cache_key"], "é".repeat(64));
}

#[tokio::test]
async fn an_answer_of_a_dearer_tier_costs_more() {
    let event = json!({"type": "response.done", "response": {"id": "resp_1",
        "status": "completed", "service_tier": "priority",
        "usage": {"input_tokens": 1000, "output_tokens": 500, "total_tokens": 1500}}});
    let server = ModelServer::start([Turn::raw(format!("data: {event}\n\n"))]);
    let mut request = hello();
    request.transport = Transport::Sse;
    request.auth.api_key = Some(key_for(CODEX));
    let message = answered(&server, codex(), request).await;
    assert_eq!(message.stop_reason, StopReason::Stop);
    assert_eq!(message.usage.total_tokens, 1500);
    assert_eq!(message.usage.cost.input, 0.002);
}

#[tokio::test]
async fn a_used_up_plan_is_said_in_words_over_either_way() {
    let error = json!({"type": "usage_limit_reached", "message": "The usage limit has been reached",
        "plan_type": "plus", "resets_at": 7500, "resets_in_seconds": 7500});
    let words = "openai-codex: the usage limit of your ChatGPT Plus plan is reached; it is lifted \
                 in 2 h 5 min. Wait, or choose another model";
    let mut request = hello();
    request.auth.api_key = Some(key_for(CODEX));
    request.clock = Clock::fixed(0);
    let event = json!({"type": "error", "status": 429, "error": error});
    let over_socket = Turn::raw(format!("data: {event}\n\n"));
    let over_http = Turn::json(429, json!({"error": error}));
    for server in [
        ModelServer::with_sockets([over_socket]),
        ModelServer::start([Turn::status(404, ""), over_http]),
    ] {
        let message = answered(&server, codex(), request.clone()).await;
        assert_eq!(message.error_message.as_deref(), Some(words));
        let failure = message.failure.unwrap();
        assert_eq!(failure.kind, Kind::Quota);
        assert_eq!(failure.wait.map(|wait| wait.as_secs()), Some(7500));
    }
}

#[tokio::test]
async fn a_key_that_is_no_login_is_not_sent() {
    let server = ModelServer::with_sockets([]);
    let message = answered(&server, codex(), hello()).await;
    let error = message.error_message.unwrap();
    assert!(
        error.starts_with("openai-codex: the credential is no login with a ChatGPT account"),
        "{error}"
    );
    assert_eq!(message.failure.unwrap().kind, Kind::Credentials);
    assert!(server.requests().is_empty());
}
