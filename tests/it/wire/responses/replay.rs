//! What one model said, as another gets it; and that what came in goes out again, by way of a session
//! file.

use std::sync::Arc;

use pi::ai::{Content, Message, Model, Request, ThinkingLevel};
use serde_json::{Value, json};

use super::super::request;
use super::bodies::conversation;
use super::{RESPONSES, answer, call, exchanged, model, result, seen};
use crate::support::model_server::Turn;

/// The items of a request without the system prompt.
async fn items(model: Model, request: Request) -> Vec<Value> {
    let body = seen(model, request).await.body;
    body["input"].as_array().unwrap()[1..].to_vec()
}

/// Kind, id and call id of the items that have a kind.
fn ids(items: &[Value]) -> Vec<(&str, Option<&str>, Option<&str>)> {
    items
        .iter()
        .filter(|item| item.get("type").is_some())
        .map(|item| {
            let kind = item["type"].as_str().unwrap();
            (kind, item["id"].as_str(), item["call_id"].as_str())
        })
        .collect()
}

#[tokio::test]
async fn a_sibling_gets_no_thinking_and_no_ids_of_items() {
    let sibling = model(|model| {
        model.id = "m2".into();
        model.provider = "openai".into();
    });
    let mut request = conversation();
    for message in &mut request.messages {
        let message = std::sync::Arc::make_mut(message);
        if let Message::Assistant(answer) = message {
            answer.provider = "openai".into();
        }
    }
    let items = items(sibling, request).await;
    assert!(!items.iter().any(|item| item["type"] == "reasoning"));
    let calls: Vec<_> = ids(&items)
        .into_iter()
        .filter(|(kind, ..)| kind.starts_with("function_call"))
        .collect();
    assert_eq!(
        calls,
        [
            ("function_call", None, Some("call_1")),
            ("function_call", None, Some("call_2")),
            ("function_call_output", None, Some("call_1")),
            ("function_call_output", None, Some("call_2")),
        ]
    );
}

#[tokio::test]
async fn calls_of_other_vendors_get_ids_that_this_one_takes_and_keep_their_results() {
    let foreign = |id: &str, api: &str, provider: &str| {
        request(vec![
            Message::user("go", 1),
            answer(api, provider, "x", vec![call(id, json!({"path": "a"}))]),
            result(id, vec![Content::text("one")]),
        ])
    };
    let openai = || {
        model(|model| {
            model.provider = "openai".into();
        })
    };
    let of_anthropic = foreign("toolu_01/x", "anthropic-messages", "anthropic");
    let items_of = items(openai(), of_anthropic).await;
    assert_eq!(
        ids(&items_of),
        [
            ("function_call", None, Some("toolu_01_x")),
            ("function_call_output", None, Some("toolu_01_x")),
        ]
    );
    // The item's id of another vendor's Responses API is replaced by one of our own making.
    let of_codex = foreign("call_1|fc_9", "openai-codex-responses", "openai-codex");
    let items_of = items(openai(), of_codex.clone()).await;
    let ids_of = ids(&items_of);
    let own = ids_of[0].1.unwrap();
    assert!(own.starts_with("fc_") && own != "fc_9", "{own}");
    assert_eq!(
        ids_of,
        [
            ("function_call", Some(own), Some("call_1")),
            ("function_call_output", None, Some("call_1")),
        ]
    );
    // Who knows nothing of ids in two parts gets one.
    let items_of = items(model(|_| {}), of_codex).await;
    assert_eq!(
        ids(&items_of),
        [
            ("function_call", None, Some("call_1_fc_9")),
            ("function_call_output", None, Some("call_1_fc_9")),
        ]
    );
}

#[tokio::test]
async fn a_signature_of_another_kind_is_no_item() {
    for signature in ["", "EqQBCg==", "{\"type\":\"other\"}", "[1]", "\u{0}"] {
        let request = request(vec![answer(
            RESPONSES,
            "acme",
            "m1",
            vec![super::thought("hm", signature), Content::text("x")],
        )]);
        let items = items(model(|_| {}), request).await;
        let kinds: Vec<&str> = ids(&items).iter().map(|(kind, ..)| *kind).collect();
        assert_eq!(kinds, ["message"], "{signature:?}");
    }
}

#[tokio::test]
async fn an_answer_that_was_kept_in_a_file_goes_back_as_it_came() {
    let turn = Turn::new().thinking("Let me see.").say("I look.").call(
        "call_7",
        "read",
        json!({"path": "ä.txt"}),
    );
    let (_, message) = exchanged(model(|_| {}), super::super::hello(), turn).await;
    // As the reference keeps them, too.
    let kept = serde_json::to_value(Message::Assistant(message)).unwrap();
    assert_eq!(
        kept["content"],
        json!([
            {"type": "thinking", "thinking": "Let me see.", "thinkingSignature":
                "{\"id\":\"rs_0\",\"type\":\"reasoning\",\"encrypted_content\":\"c2VhbGVk\",\
                 \"summary\":[{\"type\":\"summary_text\",\"text\":\"Let me see.\"}]}"},
            {"type": "text", "text": "I look.", "textSignature": "{\"v\":1,\"id\":\"msg_1\"}"},
            {"type": "toolCall", "id": "call_7|fc_2", "name": "read",
                "arguments": {"path": "ä.txt"}},
        ])
    );
    let read: Message = serde_json::from_str(&kept.to_string()).unwrap();
    let history = vec![
        Message::user("hello", 1),
        read,
        result("call_7|fc_2", vec![Content::text("one")]),
    ];
    let sent = items(model(|_| {}), request(history)).await;
    assert_eq!(
        sent[1..],
        [
            json!({"id": "rs_0", "type": "reasoning", "encrypted_content": "c2VhbGVk",
                "summary": [{"type": "summary_text", "text": "Let me see."}]}),
            json!({"type": "message", "role": "assistant", "status": "completed",
                "id": "msg_1",
                "content": [{"type": "output_text", "text": "I look.", "annotations": []}]}),
            json!({"type": "function_call", "id": "fc_2", "call_id": "call_7", "name": "read",
                "arguments": "{\"path\":\"ä.txt\"}"}),
            json!({"type": "function_call_output", "call_id": "call_7", "output": "one"}),
        ]
    );
}

/// What a body has between its beginning and the first thing behind the items.
fn items_of(raw: &str) -> String {
    let (before, _) = raw.split_once(r#"],"stream":true"#).unwrap();
    before.to_owned()
}

#[tokio::test]
async fn the_next_request_begins_with_the_bytes_of_the_last() {
    let mut request = conversation();
    let longer = request.messages.clone();
    request.messages.truncate(4);
    let first = seen(model(|_| {}), request.clone()).await.raw_body;
    request.messages = longer;
    let second = seen(model(|_| {}), request).await.raw_body;
    assert!(
        items_of(&second).starts_with(&items_of(&first)),
        "{first}\n{second}"
    );
}

#[tokio::test]
async fn thinking_harder_halfway_leaves_the_beginning_as_it_was() {
    let model = model(|model| {
        model
            .compat
            .insert("supportsMidConvoEffort".into(), json!(true));
    });
    let mut first = super::super::hello();
    first.thinking = ThinkingLevel::Low;
    let turn = Turn::new().thinking("Hm.").say("Hi.");
    let (sent, answer) = exchanged(model.clone(), first.clone(), turn).await;
    assert_eq!(answer.provider_thinking_level.as_deref(), Some("low"));
    let kept = serde_json::to_value(Message::Assistant(answer)).unwrap();
    assert_eq!(
        kept["providerThinkingLevel"], "low",
        "as the reference writes it"
    );
    let sent = sent.unwrap();
    let steady = json!({"effort": "medium", "summary": "auto"});
    assert_eq!(sent.body["reasoning"], steady);
    let mut second = first;
    let read: Message = serde_json::from_value(kept).unwrap();
    second
        .messages
        .extend([read, Message::user("more", 3)].map(Arc::new));
    second.thinking = ThinkingLevel::High;
    let again = seen(model, second).await;
    let efforts: Vec<&Value> = again.body["input"].as_array().unwrap()[1..]
        .iter()
        .map(|item| match &item["reasoning"]["effort"] {
            Value::Null => item.get("role").unwrap_or(&item["type"]),
            effort => effort,
        })
        .collect();
    assert_eq!(
        efforts,
        ["user", "low", "reasoning", "assistant", "user", "high"]
    );
    assert_eq!(again.body["reasoning"], steady);
    assert!(items_of(&again.raw_body).starts_with(&items_of(&sent.raw_body)));
}
