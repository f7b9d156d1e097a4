//! What comes back: whole answers in every chunking, exceptions, and damage.

use pi::ai::failure::Kind;
use pi::ai::overflow::is_overflow;
use pi::ai::{AssistantMessage, Delta, StopReason};
use serde_json::{Value, json};

use super::{API, Asker};
use crate::support::model_server::{Turn, bedrock_event, bedrock_exception};
use crate::wire::hello;

fn delta(index: u64, delta: Value) -> Vec<u8> {
    let data = json!({"contentBlockIndex": index, "delta": delta, "p": "abc"});
    bedrock_event("contentBlockDelta", &data)
}

fn stop(index: u64) -> Vec<u8> {
    bedrock_event("contentBlockStop", &json!({"contentBlockIndex": index}))
}

async fn answer(turn: Turn) -> (Vec<Delta>, AssistantMessage) {
    Asker::of([turn]).send(hello()).await
}

/// An answer as "ConverseStream" in the Bedrock API Reference shows its parts.
fn whole() -> Vec<u8> {
    let start = json!({"contentBlockIndex": 3,
        "start": {"toolUse": {"toolUseId": "tooluse_1", "name": "get_weather"}}});
    [
        bedrock_event("messageStart", &json!({"role": "assistant"})),
        delta(0, json!({"reasoningContent": {"text": "Let me see… "}})),
        delta(0, json!({"reasoningContent": {"text": "🙈"}})),
        delta(0, json!({"reasoningContent": {"signature": "EqQB"}})),
        delta(0, json!({"reasoningContent": {"signature": "Cg=="}})),
        stop(0),
        delta(1, json!({"reasoningContent": {"redactedContent": "b3A="}})),
        delta(
            1,
            json!({"reasoningContent": {"redactedContent": "YXF1ZQ=="}}),
        ),
        stop(1),
        delta(2, json!({"text": "Okay, "})),
        bedrock_event("somethingNew", &json!({"a": 1})),
        delta(2, json!({"text": "checking."})),
        stop(2),
        bedrock_event("contentBlockStart", &start),
        delta(3, json!({"toolUse": {"input": ""}})),
        delta(3, json!({"toolUse": {"input": "{\"location\":"}})),
        delta(3, json!({"toolUse": {"input": " \"Zürich\"}"}})),
        stop(3),
        bedrock_event("messageStop", &json!({"stopReason": "tool_use"})),
        bedrock_event(
            "metadata",
            &json!({"usage": {"inputTokens": 100, "outputTokens": 50, "totalTokens": 470,
                "cacheReadInputTokens": 300, "cacheWriteInputTokens": 20, "cacheDetails": [
                    {"ttl": "1h", "inputTokens": 12}, {"ttl": "5m", "inputTokens": 5},
                    {"ttl": "1h", "inputTokens": 3}, {"ttl": "1h"}, null]},
                "metrics": {"latencyMs": 9}}),
        ),
    ]
    .concat()
}

#[tokio::test]
async fn an_answer_is_read_in_any_chunking() {
    for size in [1, 2, 3, 7, 64, 1000, 1_000_000] {
        let (_, message) = answer(Turn::raw(whole()).in_chunks(size)).await;
        assert_eq!(
            serde_json::to_value(&message).unwrap(),
            json!({
                "content": [
                    {"type": "thinking", "thinking": "Let me see… 🙈",
                        "thinkingSignature": "EqQBCg=="},
                    {"type": "thinking", "thinking": "", "thinkingSignature": "b3BhcXVl",
                        "redacted": true},
                    {"type": "text", "text": "Okay, checking."},
                    {"type": "toolCall", "id": "tooluse_1", "name": "get_weather",
                        "arguments": {"location": "Zürich"}},
                ],
                "api": API, "provider": "acme", "model": "m1",
                "usage": {"input": 100, "output": 50, "cacheRead": 300, "cacheWrite": 20,
                    "cacheWrite1h": 15, "totalTokens": 470, "cost": {"input": 0.0001, "output": 0.0001,
                        "cacheRead": 0.00015, "cacheWrite": 0.00005, "total": 0.0004}},
                "stopReason": "toolUse", "timestamp": 7,
            }),
            "in chunks of {size}"
        );
    }
}

#[tokio::test]
async fn the_stop_reason_is_one_of_ours_or_a_failure_that_names_it() {
    let ended = |reason: &str| {
        let stop = bedrock_event("messageStop", &json!({"stopReason": reason}));
        let usage = json!({"usage": {"inputTokens": 3, "outputTokens": 4}});
        let all = [
            delta(0, json!({"text": "so"})),
            stop,
            bedrock_event("metadata", &usage),
        ];
        answer(Turn::raw(all.concat()))
    };
    for (reason, expected) in [
        ("end_turn", StopReason::Stop),
        ("stop_sequence", StopReason::Stop),
        ("max_tokens", StopReason::Length),
        ("model_context_window_exceeded", StopReason::Length),
        ("tool_use", StopReason::ToolUse),
    ] {
        let (_, message) = ended(reason).await;
        assert_eq!(message.stop_reason, expected, "{reason}");
        assert_eq!(message.usage.total_tokens, 7);
    }
    let (_, message) = ended("guardrail_intervened").await;
    assert_eq!(
        message.error_message.unwrap(),
        "acme: ended the answer with the reason \"guardrail_intervened\""
    );
    assert_eq!(message.usage.total_tokens, 7);
    // Without its usage an answer is whole all the same.
    let bytes = [
        delta(0, json!({"text": "so"})),
        bedrock_event("messageStop", &json!({"stopReason": "end_turn"})),
    ];
    let (_, message) = answer(Turn::raw(bytes.concat())).await;
    assert_eq!(message.stop_reason, StopReason::Stop);
}

#[tokio::test]
async fn exceptions_in_the_stream_are_what_they_say_they_are() {
    let failed = async |name: &str, words: &str| {
        let exception = bedrock_exception(name, &json!({"message": words}));
        let bytes = [delta(0, json!({"text": "half"})), exception].concat();
        let (_, message) = answer(Turn::raw(bytes)).await;
        assert_eq!(message.to_text(), "half");
        message
    };
    let crowded = failed("throttlingException", "Too many tokens, please wait.").await;
    assert_eq!(crowded.failure.unwrap().kind, Kind::Busy);
    assert!(!is_overflow(&crowded, 1000));
    assert_eq!(
        crowded.error_message.as_deref(),
        Some("acme: failed while answering: Too many tokens, please wait. (throttlingException)")
    );
    for name in [
        "internalServerException",
        "modelStreamErrorException",
        "serviceUnavailableException",
        "modelTimeoutException",
    ] {
        let kind = failed(name, "x").await.failure.unwrap().kind;
        assert_eq!(kind, Kind::Busy, "{name}");
    }
    let long = failed(
        "validationException",
        "Input is too long for requested model.",
    )
    .await;
    assert_eq!(long.failure.unwrap().kind, Kind::Refused);
    assert!(is_overflow(&long, 1000));
}

#[tokio::test]
async fn a_refusal_is_told_by_the_name_that_amazon_gives_it() {
    let refused = async |status: u16, name: &str, body: Value| {
        let turn = Turn::json(status, body);
        let turn = turn.header(
            "x-amzn-errortype",
            &format!("{name}:http://internal/coral/"),
        );
        answer(turn).await.1
    };
    let words = |text: &str| json!({"message": text});
    for (status, name, kind) in [
        (400, "ThrottlingException", Kind::Busy),
        (424, "ModelErrorException", Kind::Busy),
        (429, "ModelNotReadyException", Kind::Busy),
        (400, "ServiceQuotaExceededException", Kind::Quota),
        (400, "ExpiredTokenException", Kind::Credentials),
        (403, "AccessDeniedException", Kind::Credentials),
        (400, "ValidationException", Kind::Refused),
    ] {
        let message = refused(status, name, words("x")).await;
        assert_eq!(message.failure.unwrap().kind, kind, "{name}");
    }
    let asks = Turn::json(
        429,
        words("Too many tokens, please wait before trying again."),
    );
    let asks = answer(asks.header("retry-after", "3")).await.1;
    let wait = asks.failure.unwrap().wait.unwrap();
    assert_eq!(wait.as_secs(), 3);
    assert!(!is_overflow(&asks, 1000));
    // The status says nothing, and the words say too much.
    let crowd = refused(
        400,
        "ThrottlingException",
        words("Too many tokens, please wait."),
    )
    .await;
    assert!(!is_overflow(&crowd, 1000));
    let long = refused(400, "ValidationException", words("Too many tokens")).await;
    assert!(is_overflow(&long, 1000));
    let denied = refused(
        403,
        "AccessDeniedException",
        json!({"Message": "User: me is not authorized"}),
    )
    .await;
    let words = denied.error_message.unwrap();
    assert!(
        words.starts_with("acme answered 403 Forbidden: User: me is not authorized."),
        "{words}"
    );
}

#[tokio::test]
async fn a_damaged_stream_keeps_what_came_before_the_damage() {
    let good = delta(0, json!({"text": "half"}));
    let mut bad = delta(0, json!({"text": "never"}));
    let last = bad.len() - 1;
    bad[last] ^= 1;
    let damaged = [good.clone(), bad].concat();
    // In pieces, and with what is good and what is not in one.
    for size in [1, 40, damaged.len()] {
        let (_, message) = answer(Turn::raw(damaged.clone()).in_chunks(size)).await;
        assert_eq!(message.to_text(), "half");
        assert_eq!(
            message.error_message.unwrap(),
            "acme: sent a damaged message (its checksum differs)"
        );
        assert_eq!(message.failure.unwrap().kind, Kind::Garbled);
    }
    // Not even the length of what is no event stream is believed.
    let (_, message) = answer(Turn::raw([good, vec![0xff; 40]].concat())).await;
    assert_eq!(message.to_text(), "half");
    assert_eq!(message.failure.unwrap().kind, Kind::Garbled);
}
