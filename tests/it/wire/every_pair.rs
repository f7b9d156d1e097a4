//! A conversation that one vendor's model has begun goes on with every other's.

use std::collections::BTreeSet;

use pi::ai::providers::spoken;
use pi::ai::{
    AssistantMessage, Body, Content, InputKind, Message, Model, StopReason, ToolCall,
    ToolResultMessage, Usage, UserMessage,
};
use serde_json::{Value, json};

use super::bodies::body;
use super::{model, request};

const THOUGHT: &str = "what only its own vendor may see again";
const SIGNATURE: &str = "c2lnbmF0dXJl";
const ABORTED: &str = "half a word";
const PICTURE: &str = "cGljdHVyZQ==";

fn image() -> Content {
    Content::Image {
        data: PICTURE.into(),
        mime_type: "image/png".into(),
    }
}

fn signed(api: &str) -> String {
    match api {
        api if api.contains("responses") => json!({"type": "reasoning", "id": "rs_1",
            "summary": [], "encrypted_content": SIGNATURE})
        .to_string(),
        _ => SIGNATURE.into(),
    }
}

/// Ids as the vendor gives them. Two of the first answer become the same in stricter forms, and the third
/// comes again in a later answer, as servers do that count from one in every answer.
fn ids(api: &str) -> [String; 3] {
    match api {
        api if api.contains("responses") => {
            let long = "q/+=".repeat(100);
            ["call_1|fc_+", "call_1|fc_/"]
                .map(str::to_owned)
                .into_iter()
                .chain([format!("call_2|{long}")])
                .collect::<Vec<_>>()
                .try_into()
                .unwrap()
        }
        _ => ["call.1", "call:1", "call_2"].map(str::to_owned),
    }
}

fn history(from: &Model) -> Vec<Message> {
    let answer = |stop_reason, content| {
        Message::Assistant(AssistantMessage {
            content,
            api: from.api.clone(),
            provider: from.provider.clone(),
            model: from.id.clone(),
            provider_thinking_level: None,
            response_model: None,
            response_id: None,
            usage: Usage::default(),
            stop_reason,
            error_message: None,
            failure: None,
            timestamp: 2,
        })
    };
    let thinking = |redacted| Content::Thinking {
        thinking: if redacted { "" } else { THOUGHT }.into(),
        thinking_signature: Some(signed(&from.api)),
        redacted,
    };
    let call = |id: &str| {
        Content::ToolCall(ToolCall {
            id: id.into(),
            name: "read".into(),
            arguments: json!({"path": "a"}),
            thought_signature: Some(SIGNATURE.into()),
        })
    };
    let result = |id: &str, content| {
        Message::ToolResult(ToolResultMessage {
            tool_call_id: id.into(),
            tool_name: "read".into(),
            content,
            details: None,
            is_error: false,
            timestamp: 3,
        })
    };
    let user = |content| {
        Message::User(UserMessage {
            content,
            timestamp: 1,
        })
    };
    let [one, two, three] = &ids(&from.api);
    vec![
        user(Body::Blocks(vec![Content::text("look"), image()])),
        answer(
            StopReason::ToolUse,
            vec![
                thinking(false),
                thinking(true),
                Content::text("I look."),
                call(one),
                call(two),
            ],
        ),
        result(one, vec![Content::text("first"), image()]),
        result(two, vec![Content::text("second \u{fffd}\u{0}\u{1b}[2J 🙈")]),
        answer(StopReason::ToolUse, vec![call(three)]),
        result(three, vec![Content::text("third")]),
        // The same id again, without a result.
        answer(StopReason::ToolUse, vec![call(three)]),
        user(Body::Text("two in".into())),
        user(Body::Text("a row".into())),
        answer(StopReason::Stop, vec![thinking(false)]),
        user(Body::Text("after nothing".into())),
        answer(
            StopReason::Aborted,
            vec![Content::text(ABORTED), call("late")],
        ),
        user(Body::Text("the last words".into())),
    ]
}

/// Ids of calls and of results, in the shape of any vendor; a vendor that knows none has names.
#[derive(Default)]
struct Found {
    calls: Vec<String>,
    results: Vec<String>,
    empty: Vec<String>,
}

fn look(value: &Value, found: &mut Found) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match value {
        Value::Array(items) => items.iter().for_each(|item| look(item, found)),
        Value::Object(map) => {
            match value["type"].as_str() {
                Some("tool_use") => found.calls.push(text(&value["id"])),
                Some("tool_result") => found.results.push(text(&value["tool_use_id"])),
                Some("function_call") => found.calls.push(text(&value["call_id"])),
                Some("function_call_output") => found.results.push(text(&value["call_id"])),
                Some("function") if value.get("id").is_some() => {
                    found.calls.push(text(&value["id"]));
                }
                _ => {}
            }
            if value["role"] == "tool" {
                found.results.push(text(&value["tool_call_id"]));
            }
            for (name, is_call, id) in [
                ("toolUse", true, "toolUseId"),
                ("toolResult", false, "toolUseId"),
                ("functionCall", true, "id"),
                ("functionResponse", false, "id"),
            ] {
                if let Some(part) = map.get(name).filter(|part| part.is_object()) {
                    let list = match is_call {
                        true => &mut found.calls,
                        false => &mut found.results,
                    };
                    list.push(text(&part[id]));
                }
            }
            if matches!(value["role"].as_str(), Some("assistant" | "model")) {
                let is_empty = |part: &Value| match part {
                    Value::Null => true,
                    Value::String(text) => text.is_empty(),
                    Value::Array(parts) => parts.is_empty(),
                    _ => false,
                };
                let said = [&value["content"], &value["parts"], &value["tool_calls"]];
                if said.into_iter().all(is_empty) {
                    found.empty.push(value.to_string());
                }
            }
            map.values().for_each(|value| look(value, found));
        }
        _ => {}
    }
}

/// Whether an id has the form that the API's vendor asks for.
fn fits(api: &str, id: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match api {
        "anthropic-messages" | "bedrock-converse-stream" => {
            (1..=64).contains(&id.len()) && id.chars().all(plain)
        }
        "mistral-conversations" => id.len() == 9 && id.chars().all(|c| c.is_ascii_alphanumeric()),
        api if api.contains("responses") => (1..=64).contains(&id.len()) && id.chars().all(plain),
        "openai-completions" => id.len() <= 40 && !id.contains('|'),
        // These have no ids, or any.
        _ => true,
    }
}

fn model_of(api: &str, sees: bool) -> Model {
    let mut model = model(api, "");
    model.provider = format!("{api} house");
    model.id = format!("model-of-{api}");
    if !sees {
        model.input = vec![InputKind::Text];
    }
    model
}

#[tokio::test]
async fn a_conversation_goes_on_with_every_other_vendor() {
    let mut pairs = 0;
    for from in spoken() {
        for to in spoken().filter(|to| *to != from) {
            for sees in [true, false] {
                let pair = format!("{from} → {to}, {sees}");
                let history = history(&model_of(from, true));
                let sent = body(&model_of(to, sees), request(history)).await;
                let text = sent.to_string();
                for lost in [THOUGHT, SIGNATURE, ABORTED, "call.1", "late"] {
                    assert!(
                        lost == "call.1" || !text.contains(lost),
                        "{pair}: {lost}\n{text}"
                    );
                }
                for kept in [
                    "look",
                    "I look.",
                    "first",
                    "second",
                    "third",
                    "two in",
                    "a row",
                    "after nothing",
                    "the last words",
                ] {
                    assert!(text.contains(kept), "{pair}: {kept}\n{text}");
                }
                assert_eq!(text.contains(PICTURE), sees, "{pair}\n{text}");
                let mut found = Found::default();
                look(&sent, &mut found);
                assert_eq!(found.empty, [""; 0], "{pair}");
                assert_eq!(
                    (found.calls.len(), found.results.len()),
                    (4, 4),
                    "{pair}\n{text}"
                );
                assert_eq!(
                    found.calls, found.results,
                    "{pair}: each call has its result"
                );
                let has_ids = found.calls.iter().any(|id| !id.is_empty());
                let different: BTreeSet<&String> = found.calls.iter().collect();
                assert!(
                    !has_ids || different.len() == 4,
                    "{pair}: {:?}",
                    found.calls
                );
                for id in &found.calls {
                    assert!(fits(to, id), "{pair}: {id}");
                }
                pairs += 1;
            }
        }
    }
    let count = spoken().count();
    assert_eq!(pairs, count * (count - 1) * 2);
}

#[tokio::test]
async fn what_becomes_of_a_message_does_not_change_when_others_follow_it() {
    let from = model_of("openai-responses", true);
    for to in spoken() {
        let to = model_of(to, true);
        let whole = history(&from);
        let list = |body: Value| {
            let name = ["messages", "contents", "input"]
                .into_iter()
                .find(|n| body.get(*n).is_some());
            let mut list = body[name.unwrap()].clone();
            strip(&mut list);
            list.to_string()
        };
        let short = list(body(&to, request(whole[..4].to_vec())).await);
        let long = list(body(&to, request(whole)).await);
        assert!(
            long.starts_with(short.strip_suffix(']').unwrap()),
            "{short}\n{long}"
        );
    }
}

/// Cache markers move.
fn strip(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.remove("cache_control");
            map.values_mut().for_each(strip);
        }
        Value::Array(items) => {
            items.retain(|item| item.get("cachePoint").is_none());
            items.iter_mut().for_each(strip);
        }
        _ => {}
    }
}
