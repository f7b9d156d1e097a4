//! What goes out: whole bodies, as a server sees them. `agreement` compares them with the reference's.

use std::sync::Arc;

use pi::ai::{
    AssistantMessage, Body, CacheRetention, Content, Message, Model, Request, StopReason,
    ThinkingLevel, ToolCall, ToolResultMessage, ToolSpec, Usage, UserMessage,
};
use serde_json::{Value, json};

use super::{API, Asker};
use crate::support::model_server::Turn;
use crate::wire::{hello, request};

const OPUS: &str = "us.anthropic.claude-opus-4-8";

async fn sent(adjust: impl FnOnce(&mut Model), request: Request) -> (String, Value) {
    let mut asker = Asker::of([Turn::text("ok")]);
    adjust(&mut asker.model);
    asker.send(request).await;
    let seen = asker.seen();
    (seen.path.clone(), seen.body)
}

async fn fields(id: &str, level: ThinkingLevel, region: &str) -> (Value, Value) {
    let mut request = hello();
    request.thinking = level;
    let region = ("AWS_REGION".to_owned(), region.to_owned());
    request.auth.variables.extend([region]);
    let (_, body) = sent(|model| model.id = id.into(), request).await;
    (
        body["additionalModelRequestFields"].clone(),
        body["inferenceConfig"]["maxTokens"].clone(),
    )
}

fn image(mime_type: &str) -> Content {
    Content::Image {
        data: "aGk=".into(),
        mime_type: mime_type.into(),
    }
}

fn thinking(text: &str, signature: &str, redacted: bool) -> Content {
    Content::Thinking {
        thinking: text.into(),
        thinking_signature: Some(signature.into()),
        redacted,
    }
}

fn call(id: &str, arguments: Value) -> Content {
    Content::ToolCall(ToolCall {
        id: id.into(),
        name: "read".into(),
        arguments,
        thought_signature: None,
    })
}

fn result(id: &str, content: Vec<Content>, is_error: bool) -> Message {
    Message::ToolResult(ToolResultMessage {
        tool_call_id: id.into(),
        tool_name: "read".into(),
        content,
        details: None,
        is_error,
        timestamp: 3,
    })
}

fn said(model: &str, content: Vec<Content>) -> Message {
    Message::Assistant(AssistantMessage {
        content,
        api: API.into(),
        provider: "acme".into(),
        model: model.into(),
        response_model: None,
        response_id: None,
        usage: Usage::default(),
        stop_reason: StopReason::ToolUse,
        error_message: None,
        provider_thinking_level: None,
        failure: None,
        timestamp: 2,
    })
}

fn conversation(model: &str) -> Request {
    let user = |blocks: Vec<Content>| {
        Message::User(UserMessage {
            content: Body::Blocks(blocks),
            timestamp: 1,
        })
    };
    let mut request = request(vec![
        user(vec![
            Content::text("look"),
            image("image/png"),
            image("image/bmp"),
        ]),
        said(
            model,
            vec![
                thinking("hm", "c2ln", false),
                thinking("", "b3BhcXVl", true),
                thinking("", "no base64!", true),
                thinking("unsigned", " ", false),
                Content::text("I look."),
                call(
                    "call_1",
                    json!({"path": "a.txt", "": 1, "in": [{"": 2, "b": 3}]}),
                ),
                call("call_2", json!("{\"path\": ")),
            ],
        ),
        result(
            "call_1",
            vec![Content::text("one"), image("image/jpeg")],
            false,
        ),
        result(
            "call_2",
            vec![Content::text("bad"), image("image/gif")],
            true,
        ),
        user(vec![Content::text("  ")]),
    ]);
    request.tools = vec![ToolSpec {
        name: "read".into(),
        description: "Reads a file.".into(),
        parameters: Arc::new(json!({"type": "object", "properties": {}})),
    }];
    request
}

fn picture(format: &str) -> Value {
    json!({"image": {"format": format, "source": {"bytes": "aGk="}}})
}

#[tokio::test]
async fn a_conversation_with_claude() {
    let mut request = conversation(OPUS);
    request.cache = CacheRetention::Long;
    let (path, body) = sent(|model| model.id = OPUS.into(), request).await;
    assert_eq!(path, "/model/us.anthropic.claude-opus-4-8/converse-stream");
    let cache = json!({"cachePoint": {"type": "default", "ttl": "1h"}});
    assert_eq!(
        body,
        json!({
            "system": [{"text": "Be good."}, cache],
            "messages": [
                {"role": "user", "content": [
                    {"text": "look"}, picture("png"),
                    {"text": "(an image was left out here: image/bmp is not read)"},
                ]},
                {"role": "assistant", "content": [
                    {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "c2ln"}}},
                    {"reasoningContent": {"redactedContent": "b3BhcXVl"}},
                    {"text": "unsigned"},
                    {"text": "I look."},
                    {"toolUse": {"toolUseId": "call_1", "name": "read",
                        "input": {"path": "a.txt", "in": [{"b": 3}]}}},
                    {"toolUse": {"toolUseId": "call_2", "name": "read", "input": {}}},
                ]},
                {"role": "user", "content": [
                    {"toolResult": {"toolUseId": "call_1", "status": "success",
                        "content": [{"text": "one"}, picture("jpeg")]}},
                    {"toolResult": {"toolUseId": "call_2", "status": "error", "content": [
                        {"text": "bad"},
                        {"text": "(an image of this result follows below all results)"},
                    ]}},
                    {"text": "Images of the failed call call_2 (read):"},
                    picture("gif"),
                ]},
                {"role": "user", "content": [{"text": "(empty)"}, cache]},
            ],
            "toolConfig": {"tools": [{"toolSpec": {
                "name": "read", "description": "Reads a file.",
                "inputSchema": {"json": {"type": "object", "properties": {}}},
            }}]},
            "inferenceConfig": {"maxTokens": 64_000},
        })
    );
}

#[tokio::test]
async fn a_conversation_with_others_has_no_signatures_and_no_cache_points() {
    let (_, body) = sent(|_| {}, conversation("m1")).await;
    assert_eq!(body["system"], json!([{"text": "Be good."}]));
    let messages = &body["messages"];
    let reasoning = json!({"reasoningContent": {"reasoningText": {"text": "hm"}}});
    assert_eq!(messages[1]["content"][0], reasoning);
    assert_eq!(
        messages[2]["content"][1]["toolResult"]["content"],
        json!([{"text": "bad"}, picture("gif")])
    );
    assert_eq!(messages[3]["content"], json!([{"text": "(empty)"}]));
}

#[tokio::test]
async fn an_arn_is_one_step_of_the_path_and_calls_without_tools_are_named() {
    let arn = "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc";
    let mut request = conversation(arn);
    request.tools.clear();
    let adjust = |model: &mut Model| {
        model.id = arn.into();
        model.headers.insert("X-Team".into(), "blue".into());
        model.headers.insert("X-Amz-Date".into(), "never".into());
    };
    let mut asker = Asker::of([Turn::text("ok")]);
    adjust(&mut asker.model);
    asker.send(request).await;
    let seen = asker.seen();
    assert_eq!(
        seen.path,
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fabc/converse-stream"
    );
    assert_eq!(seen.header("x-team"), Some("blue"));
    assert_eq!(seen.header("x-amz-date"), None);
    assert_eq!(
        seen.header("accept"),
        Some("application/vnd.amazon.eventstream")
    );
    let tools = &seen.body["toolConfig"]["tools"];
    assert_eq!(tools.as_array().unwrap().len(), 1);
    assert_eq!(tools[0]["toolSpec"]["name"], "read");
}

#[tokio::test]
async fn thinking_is_asked_for_in_each_familys_own_words() {
    use ThinkingLevel::{High, Max, Minimal, Off, Xhigh};
    let east = "us-east-1";
    let binding = json!("thinking-binding-controls-2026-08-01");
    let newest = json!({
        "thinking": {"type": "adaptive", "display": "summarized",
            "block_binding": {"prefix_mismatch_behavior": "drop_block"}},
        "output_config": {"effort": "xhigh"},
        "anthropic_beta": [binding],
    });
    assert_eq!(fields(OPUS, Xhigh, east).await.0, newest);
    assert_eq!(
        fields("anthropic.claude-sonnet-4-6", Minimal, east).await.0,
        json!({"thinking": {"type": "adaptive", "display": "summarized"},
            "output_config": {"effort": "low"}})
    );
    assert_eq!(
        fields(OPUS, High, "us-gov-west-1").await.0,
        json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}})
    );
    // The budget is part of what may be answered.
    let old = "anthropic.claude-sonnet-4-5-20250929-v1:0";
    let budget = json!({
        "thinking": {"type": "enabled", "budget_tokens": 16_384, "display": "summarized"},
        "anthropic_beta": ["interleaved-thinking-2025-05-14"],
    });
    assert_eq!(fields(old, Max, east).await, (budget, json!(64_000)));
    for (id, level, expected) in [
        (OPUS, Off, Value::Null),
        (
            "openai.gpt-oss-120b-1:0",
            Max,
            json!({"reasoning_effort": "high"}),
        ),
        (
            "us.openai.gpt-6-sol",
            Minimal,
            json!({"reasoning": {"effort": "low"}}),
        ),
        (
            "us.openai.gpt-6-sol",
            Max,
            json!({"reasoning": {"effort": "max"}}),
        ),
        ("amazon.nova-2-lite-v1:0", High, Value::Null),
    ] {
        assert_eq!(fields(id, level, east).await.0, expected, "{id} {level:?}");
    }
}

#[tokio::test]
async fn where_there_is_no_room_to_think_none_is_asked_for() {
    let mut request = hello();
    request.thinking = ThinkingLevel::High;
    let adjust = |model: &mut Model| {
        model.id = "anthropic.claude-sonnet-4-5".into();
        model.max_tokens = 1500;
    };
    let (_, body) = sent(adjust, request).await;
    assert_eq!(body["additionalModelRequestFields"], Value::Null);
    assert_eq!(body["inferenceConfig"]["maxTokens"], 1500);
}
