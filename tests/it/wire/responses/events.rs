//! The event stream: every shape that the documentation shows, in any cutting, and what goes wrong.

use pi::ai::failure::Kind;
use pi::ai::{Delta, StopReason, overflow};
use serde_json::{Value, json};

use super::{RESPONSES, answered, model};
use crate::support::model_server::Turn;

/// From the page "Streaming events" of OpenAI's API reference
/// (platform.openai.com/docs/api-reference/responses-streaming): thinking in two parts with its
/// encrypted whole, a text, a refusal, a call, the finished response.
const STREAM: &str = concat!(
    "event: response.created\n",
    r#"data: {"type":"response.created","response":{"id":"resp_67c9","object":"response","created_at":1741290958,"status":"in_progress","error":null,"incomplete_details":null,"model":"m1-2026","output":[]},"sequence_number":0}"#,
    "\n\nevent: response.in_progress\n",
    r#"data: {"type":"response.in_progress","response":{"id":"resp_67c9","status":"in_progress"},"sequence_number":1}"#,
    "\n\nevent: response.output_item.added\n",
    r#"data: {"type":"response.output_item.added","output_index":0,"item":{"id":"rs_67c9","type":"reasoning","summary":[]},"sequence_number":2}"#,
    "\n\nevent: response.reasoning_summary_part.added\n",
    r#"data: {"type":"response.reasoning_summary_part.added","item_id":"rs_67c9","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""},"sequence_number":3}"#,
    "\n\nevent: response.reasoning_summary_text.delta\n",
    r#"data: {"type":"response.reasoning_summary_text.delta","item_id":"rs_67c9","output_index":0,"summary_index":0,"delta":"**Looking** 🙈","sequence_number":4,"obfuscation":"x9"}"#,
    "\n\nevent: response.reasoning_summary_text.done\n",
    r#"data: {"type":"response.reasoning_summary_text.done","item_id":"rs_67c9","output_index":0,"summary_index":0,"text":"**Looking** 🙈","sequence_number":5}"#,
    "\n\nevent: response.reasoning_summary_part.done\n",
    r#"data: {"type":"response.reasoning_summary_part.done","item_id":"rs_67c9","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":"**Looking** 🙈"},"sequence_number":6}"#,
    "\n\nevent: response.reasoning_summary_part.added\n",
    r#"data: {"type":"response.reasoning_summary_part.added","item_id":"rs_67c9","output_index":0,"summary_index":1,"part":{"type":"summary_text","text":""},"sequence_number":7}"#,
    "\n\nevent: response.reasoning_summary_text.delta\n",
    r#"data: {"type":"response.reasoning_summary_text.delta","item_id":"rs_67c9","output_index":0,"summary_index":1,"delta":"Then asking.","sequence_number":8}"#,
    "\n\nevent: response.reasoning_summary_part.done\n",
    r#"data: {"type":"response.reasoning_summary_part.done","item_id":"rs_67c9","output_index":0,"summary_index":1,"part":{"type":"summary_text","text":"Then asking."},"sequence_number":9}"#,
    "\n\nevent: response.output_item.done\n",
    r#"data: {"type":"response.output_item.done","output_index":0,"item":{"id":"rs_67c9","type":"reasoning","encrypted_content":"gAAAA=","summary":[{"type":"summary_text","text":"**Looking** 🙈"},{"type":"summary_text","text":"Then asking."}]},"sequence_number":10}"#,
    "\n\nevent: response.output_item.added\n",
    r#"data: {"type":"response.output_item.added","output_index":1,"item":{"id":"msg_67c9","type":"message","status":"in_progress","role":"assistant","phase":"commentary","content":[]},"sequence_number":11}"#,
    "\n\nevent: response.content_part.added\n",
    r#"data: {"type":"response.content_part.added","item_id":"msg_67c9","output_index":1,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]},"sequence_number":12}"#,
    "\n\nevent: response.output_text.delta\n",
    r#"data: {"type":"response.output_text.delta","item_id":"msg_67c9","output_index":1,"content_index":0,"delta":"Hi Zü","logprobs":[],"sequence_number":13}"#,
    "\n\nevent: response.output_text.delta\n",
    r#"data: {"type":"response.output_text.delta","item_id":"msg_67c9","output_index":1,"content_index":0,"delta":"rich.","logprobs":[],"sequence_number":14}"#,
    "\n\nevent: response.output_text.done\n",
    r#"data: {"type":"response.output_text.done","item_id":"msg_67c9","output_index":1,"content_index":0,"text":"Hi Zürich.","sequence_number":15}"#,
    "\n\nevent: response.content_part.done\n",
    r#"data: {"type":"response.content_part.done","item_id":"msg_67c9","output_index":1,"content_index":0,"part":{"type":"output_text","text":"Hi Zürich.","annotations":[]},"sequence_number":16}"#,
    "\n\nevent: response.output_item.done\n",
    r#"data: {"type":"response.output_item.done","output_index":1,"item":{"id":"msg_67c9","type":"message","status":"completed","role":"assistant","phase":"commentary","content":[{"type":"output_text","text":"Hi Zürich.","annotations":[]}]},"sequence_number":17}"#,
    "\n\nevent: response.output_item.added\n",
    r#"data: {"type":"response.output_item.added","output_index":2,"item":{"id":"msg_67d0","type":"message","status":"in_progress","role":"assistant","content":[]},"sequence_number":18}"#,
    "\n\nevent: response.refusal.delta\n",
    r#"data: {"type":"response.refusal.delta","item_id":"msg_67d0","output_index":2,"content_index":0,"delta":"I won't.","sequence_number":19}"#,
    "\n\nevent: response.refusal.done\n",
    r#"data: {"type":"response.refusal.done","item_id":"msg_67d0","output_index":2,"content_index":0,"refusal":"I won't.","sequence_number":20}"#,
    "\n\nevent: response.output_item.done\n",
    r#"data: {"type":"response.output_item.done","output_index":2,"item":{"id":"msg_67d0","type":"message","status":"completed","role":"assistant","content":[{"type":"refusal","refusal":"I won't."}]},"sequence_number":21}"#,
    "\n\nevent: response.output_item.added\n",
    r#"data: {"type":"response.output_item.added","output_index":3,"item":{"id":"fc_67ca","type":"function_call","status":"in_progress","arguments":"","call_id":"call_unDR","name":"get_weather"},"sequence_number":22}"#,
    "\n\nevent: response.function_call_arguments.delta\n",
    r#"data: {"type":"response.function_call_arguments.delta","item_id":"fc_67ca","output_index":3,"delta":"{\"location\":","sequence_number":23}"#,
    "\n\nevent: response.function_call_arguments.delta\n",
    r#"data: {"type":"response.function_call_arguments.delta","item_id":"fc_67ca","output_index":3,"delta":"\"Zürich\"}","sequence_number":24}"#,
    "\n\nevent: response.function_call_arguments.done\n",
    r#"data: {"type":"response.function_call_arguments.done","item_id":"fc_67ca","output_index":3,"arguments":"{\"location\":\"Zürich\"}","sequence_number":25}"#,
    "\n\nevent: response.output_item.done\n",
    r#"data: {"type":"response.output_item.done","output_index":3,"item":{"id":"fc_67ca","type":"function_call","status":"completed","arguments":"{\"location\":\"Zürich\"}","call_id":"call_unDR","name":"get_weather"},"sequence_number":26}"#,
    "\n\nevent: response.completed\n",
    r#"data: {"type":"response.completed","response":{"id":"resp_67c9","object":"response","status":"completed","error":null,"incomplete_details":null,"model":"m1-2026","service_tier":"default","output":[{"id":"rs_67c9","type":"reasoning","summary":[]}],"usage":{"input_tokens":400,"input_tokens_details":{"cached_tokens":320,"cache_write_tokens":20},"output_tokens":50,"output_tokens_details":{"reasoning_tokens":30},"total_tokens":450}},"sequence_number":27}"#,
    "\n\n",
);

#[tokio::test]
async fn an_answer_is_read_in_any_chunking() {
    for size in [1, 2, 3, 5, 7, 64, 1000, 1_000_000] {
        let turn = Turn::raw(STREAM).in_chunks(size);
        let (deltas, message) = super::super::ask(RESPONSES, turn).await;
        assert_eq!(
            serde_json::to_value(&message).unwrap(),
            json!({
                "content": [
                    {"type": "thinking", "thinking": "**Looking** 🙈\n\nThen asking.",
                        "thinkingSignature": "{\"id\":\"rs_67c9\",\"type\":\"reasoning\",\
                            \"encrypted_content\":\"gAAAA=\",\"summary\":[\
                            {\"type\":\"summary_text\",\"text\":\"**Looking** 🙈\"},\
                            {\"type\":\"summary_text\",\"text\":\"Then asking.\"}]}"},
                    {"type": "text", "text": "Hi Zürich.", "textSignature":
                        "{\"v\":1,\"id\":\"msg_67c9\",\"phase\":\"commentary\"}"},
                    {"type": "text", "text": "I won't.",
                        "textSignature": "{\"v\":1,\"id\":\"msg_67d0\"}"},
                    {"type": "toolCall", "id": "call_unDR|fc_67ca", "name": "get_weather",
                        "arguments": {"location": "Zürich"}},
                ],
                "api": RESPONSES, "provider": "acme", "model": "m1", "responseId": "resp_67c9",
                "usage": {"input": 60, "output": 50, "cacheRead": 320, "cacheWrite": 20,
                    "totalTokens": 450, "cost": {"input": 0.00006, "output": 0.0001,
                        "cacheRead": 0.00016, "cacheWrite": 0.00008, "total": 0.0004}},
                "stopReason": "toolUse", "timestamp": 7,
            }),
            "in chunks of {size}"
        );
        // The pieces add up to the whole.
        let piece = |delta: &Delta| match delta {
            Delta::Thinking { text, .. } | Delta::Text { text, .. } => Some(text.to_string()),
            Delta::ToolCall { json, .. } => Some(json.to_string()),
            _ => None,
        };
        let pieces: String = deltas.iter().filter_map(piece).collect();
        assert_eq!(
            pieces,
            "**Looking** 🙈\n\nThen asking.Hi Zürich.I won't.{\"location\":\"Zürich\"}"
        );
    }
}

fn added(index: u64, item: Value) -> Value {
    json!({"type": "response.output_item.added", "output_index": index, "item": item})
}

fn done(index: u64, item: Value) -> Value {
    json!({"type": "response.output_item.done", "output_index": index, "item": item})
}

fn response(kind: &str, fields: Value) -> Value {
    json!({"type": kind, "response": fields})
}

fn completed() -> Value {
    response(
        "response.completed",
        json!({"id": "r", "status": "completed"}),
    )
}

fn call(arguments: &str) -> Value {
    json!({"type": "function_call", "id": "fc_1", "call_id": "c", "name": "ls",
        "arguments": arguments})
}

#[tokio::test]
async fn an_item_when_it_is_done_counts_more_than_its_pieces() {
    let text = |text: &str| {
        json!({"type": "message", "id": "m",
            "content": [{"type": "output_text", "text": text}]})
    };
    let piece = |index: u64, kind: &str, delta: &str| json!({"type": format!("response.{kind}.delta"), "output_index": index, "delta": delta});
    let message = answered(
        model(|_| {}),
        &[
            added(0, text("")),
            piece(0, "output_text", "one thing"),
            // Never begun, and about an item of another kind: nothing.
            piece(9, "output_text", "lost"),
            piece(0, "reasoning_text", "lost"),
            done(0, text("another thing")),
            added(1, call("{\"a\":")),
            piece(1, "function_call_arguments", "1"),
            json!({"type": "response.function_call_arguments.done", "output_index": 1,
                "arguments": "{\"a\":12}"}),
            done(1, call("")),
            // An item that is only ever done.
            done(2, text("late")),
            json!({"type": "response.something.new", "output_index": 0, "delta": {"a": 1}}),
            completed(),
        ],
    )
    .await;
    assert_eq!(
        message.stop_reason,
        StopReason::ToolUse,
        "{:?}",
        message.error_message
    );
    assert_eq!(message.to_text(), "another thing\nlate");
    let arguments: Vec<&Value> = message.tool_calls().map(|call| &call.arguments).collect();
    assert_eq!(arguments, [&json!({"a": 12})]);
}

#[tokio::test]
async fn items_are_found_without_their_places_by_their_ids() {
    let delta = |id: &str, delta: &str| json!({"type": "response.output_text.delta", "item_id": id, "delta": delta});
    let item = |id: &str| json!({"type": "message", "id": id, "content": []});
    let message = answered(
        model(|_| {}),
        &[
            json!({"type": "response.output_item.added", "item": item("a")}),
            json!({"type": "response.output_item.added", "item": item("b")}),
            delta("a", "one "),
            delta("b", "two"),
            delta("a", "three"),
            completed(),
        ],
    )
    .await;
    assert_eq!(message.to_text(), "one three\ntwo");
}

#[tokio::test]
async fn an_item_at_the_place_of_one_that_is_done_is_another_one() {
    let text = |id: &str, text: &str| {
        json!({"type": "message", "id": id,
            "content": [{"type": "output_text", "text": text}]})
    };
    let events = [
        added(0, text("msg_1", "")),
        done(0, text("msg_1", "one")),
        done(0, text("msg_2", "two")),
        done(0, call("{}")),
        completed(),
    ];
    let message = answered(model(|_| {}), &events).await;
    assert_eq!(message.to_text(), "one\ntwo");
    assert_eq!(message.tool_calls().count(), 1);
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood_by_its_last_event() {
    let whole = response(
        "response.completed",
        json!({"id": "r", "status": "completed", "output": [
            {"type": "reasoning", "id": "rs", "summary": [],
                "content": [{"type": "reasoning_text", "text": "hm"}]},
            {"type": "message", "content": [{"type": "output_text", "text": "Hi."}]},
        ]}),
    );
    let message = answered(model(|_| {}), &[whole]).await;
    assert_eq!(message.to_text(), "Hi.");
    assert_eq!(message.content.len(), 2);
}

#[tokio::test]
async fn every_end_is_told_as_what_it_is() {
    let incomplete = |reason: Value| {
        response(
            "response.incomplete",
            json!({"status": "incomplete", "incomplete_details": reason}),
        )
    };
    let text = done(
        0,
        json!({"type": "message", "id": "m", "content": [{"type": "output_text", "text": "x"}]}),
    );
    let length = incomplete(json!({"reason": "max_output_tokens"}));
    let message = answered(model(|_| {}), &[text.clone(), length]).await;
    assert_eq!(
        (message.stop_reason, message.error_message),
        (StopReason::Length, None)
    );
    let filtered = incomplete(json!({"reason": "content_filter"}));
    let message = answered(model(|_| {}), &[text.clone(), filtered]).await;
    assert_eq!(message.stop_reason, StopReason::Error);
    assert_eq!(
        message.error_message.as_deref(),
        Some("acme: ended the answer with the reason \"content_filter\"")
    );
    assert_eq!(message.failure.unwrap().kind, Kind::Refused);
    let message = answered(model(|_| {}), std::slice::from_ref(&text)).await;
    assert_eq!(message.failure.unwrap().kind, Kind::Garbled);
    assert_eq!(message.to_text(), "x", "what came is kept");
    let done_marker = answered(model(|_| {}), &[text, json!("[DONE]")]).await;
    assert_eq!(done_marker.stop_reason, StopReason::Error);
}

#[tokio::test]
async fn a_call_that_was_cut_off_is_not_run() {
    let events = [added(0, call("{\"a\":")), completed()];
    let message = answered(model(|_| {}), &events).await;
    assert_eq!(message.failure.unwrap().kind, Kind::Garbled);
    assert_eq!(message.tool_calls().count(), 0);
    let words = message.error_message.unwrap();
    assert!(words.contains("in the middle of its call of ls"), "{words}");
}

#[tokio::test]
async fn a_failure_inside_the_stream_says_why() {
    let failed = |error: Value| {
        response(
            "response.failed",
            json!({"status": "failed", "error": error}),
        )
    };
    let cases = [
        (
            failed(json!({"code": "server_error", "message": "The model failed."})),
            Kind::Busy,
            "The model failed. (server_error)",
        ),
        (
            failed(json!({"code": "rate_limit_exceeded",
                "message": "Rate limit reached. Please try again in 6.5s."})),
            Kind::Busy,
            "Rate limit reached.",
        ),
        (
            failed(json!({"code": "insufficient_quota", "message": "You have no money."})),
            Kind::Quota,
            "You have no money. (insufficient_quota)",
        ),
        (failed(Value::Null), Kind::Refused, "\"failed\""),
        (
            json!({"type": "error", "code": "server_error", "message": "Something.", "param": null}),
            Kind::Busy,
            "Something. (server_error)",
        ),
        (
            json!({"type": "error", "error": {"type": "invalid_request_error", "message": "No."}}),
            Kind::Refused,
            "No. (invalid_request_error)",
        ),
        (
            json!({"error": {"message": "odd", "code": 502}}),
            Kind::Busy,
            "odd",
        ),
    ];
    for (event, kind, words) in cases {
        let message = answered(model(|_| {}), std::slice::from_ref(&event)).await;
        let said = message.error_message.unwrap_or_default();
        assert!(
            said.starts_with("acme: ") && said.contains(words),
            "{event}: {said}"
        );
        assert_eq!(message.failure.unwrap().kind, kind, "{event}: {said}");
    }
}

#[tokio::test]
async fn a_conversation_that_no_longer_fits_is_known() {
    let event = response(
        "response.failed",
        json!({"status": "failed", "error": {"code": "context_length_exceeded", "message":
            "Your input exceeds the context window of this model. Please adjust your input."}}),
    );
    let message = answered(model(|_| {}), &[event]).await;
    assert!(
        overflow::is_overflow(&message, 200_000),
        "{:?}",
        message.error_message
    );
}

#[tokio::test]
async fn a_tier_of_service_costs_what_it_costs() {
    let cost = async |id: &str, tier: Value| {
        let event = response(
            "response.completed",
            json!({"status": "completed", "service_tier": tier,
                "usage": {"input_tokens": 1_000_000, "output_tokens": 1_000_000}}),
        );
        let message = answered(model(|model| model.id = id.into()), &[event]).await;
        assert_eq!(message.usage.total_tokens, 2_000_000);
        message.usage.cost.total
    };
    assert_eq!(cost("m1", json!("default")).await, 3.0);
    assert_eq!(cost("m1", Value::Null).await, 3.0);
    assert_eq!(cost("m1", json!("flex")).await, 1.5);
    assert_eq!(cost("m1", json!("priority")).await, 6.0);
    assert_eq!(cost("gpt-5.5", json!("priority")).await, 7.5);
}

#[tokio::test]
async fn half_a_letter_costs_no_answer() {
    let raw = concat!(
        r#"data: {"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"m"}}"#,
        "\n\n",
        r#"data: {"type":"response.output_text.delta","output_index":0,"delta":"a\ud83db"}"#,
        "\n\n",
        r#"data: {"type":"response.completed","response":{"status":"completed"}}"#,
        "\n\n",
    );
    let (_, message) = super::super::ask(RESPONSES, Turn::raw(raw)).await;
    assert_eq!(
        message.stop_reason,
        StopReason::Stop,
        "{:?}",
        message.error_message
    );
    let text = message.to_text();
    assert!(
        text.starts_with("a\u{fffd}") && text.ends_with('b'),
        "{text:?}"
    );
}
