//! An entry's bytes → the message it shows, forgiving what other writers get wrong.
//!
//! Session files come from JavaScript: strings may hold half a surrogate pair (`\ud83d` alone, where
//! a text was cut), numbers may be `null` (NaN). Such a message is mended in memory, never refused.

use serde_json::{Map, Value, json};

use crate::ai::message::{BranchSummaryMessage, CompactionSummaryMessage, Cost, CustomMessage};
use crate::ai::{Body, Message, Millis, Usage};

use super::entry::Kind;
use super::time;

/// The entry as JSON; half surrogate pairs become U+FFFD.
pub(super) fn value(line: &[u8]) -> Option<Value> {
    let parsed = serde_json::from_slice(line).ok();
    parsed.or_else(|| serde_json::from_slice(&mend_surrogates(line)).ok())
}

/// What an entry shows. `Err` when it is not JSON, `Ok(None)` when it has nothing to show.
pub(super) fn message(line: &[u8]) -> Result<Option<Message>, Unreadable> {
    #[derive(serde::Deserialize)]
    struct Usual {
        r#type: String,
        message: Message,
    }
    if let Ok(usual) = serde_json::from_slice::<Usual>(line)
        && usual.r#type == "message"
    {
        return Ok(Some(usual.message));
    }
    let entry = value(line).ok_or(Unreadable)?;
    Ok(from_value(entry))
}

/// The bytes are not a JSON object.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

fn from_value(mut entry: Value) -> Option<Message> {
    let at = timestamp(&entry);
    match Kind::of(entry["type"].as_str()?) {
        Kind::Message => mend(entry["message"].take(), at),
        Kind::CustomMessage => Some(Message::Custom(CustomMessage {
            custom_type: text(&entry["customType"]),
            content: body(entry["content"].take()),
            display: entry["display"].as_bool().unwrap_or(true),
            details: entry.get_mut("details").map(Value::take),
            timestamp: at,
        })),
        Kind::BranchSummary => {
            let summary = text(&entry["summary"]);
            let from_id = text(&entry["fromId"]);
            (!summary.is_empty()).then_some(Message::BranchSummary(BranchSummaryMessage {
                summary,
                from_id,
                timestamp: at,
            }))
        }
        Kind::Compaction => Some(Message::CompactionSummary(CompactionSummaryMessage {
            summary: text(&entry["summary"]),
            tokens_before: tokens(&entry["tokensBefore"]),
            timestamp: at,
        })),
        _ => None,
    }
}

/// A message whose shape is not quite right, made right where that loses nothing.
fn mend(message: Value, at: Millis) -> Option<Message> {
    let Value::Object(mut fields) = message else {
        return None;
    };
    if fields.get("timestamp").is_none_or(|at| !at.is_i64()) {
        let mended = fields.get("timestamp").and_then(Value::as_f64);
        fields.insert(
            "timestamp".into(),
            json!(mended.map_or(at, |at| at as Millis)),
        );
    }
    match fields.get("role").and_then(Value::as_str)? {
        "assistant" => {
            let mended = usage(fields.get("usage").unwrap_or(&Value::Null));
            fields.insert("usage".into(), json!(mended));
            let stop = fields.entry("stopReason").or_insert(Value::Null);
            if !stop.is_string() {
                *stop = json!("stop");
            }
            mend_blocks(&mut fields);
        }
        "toolResult" => mend_blocks(&mut fields),
        "user" | "custom" => {
            fields.entry("display").or_insert(json!(true));
            let content = fields.remove("content").unwrap_or_default();
            fields.insert("content".into(), json!(body(content)));
        }
        "hookMessage" => {
            fields.insert("role".into(), json!("custom"));
        }
        _ => {}
    }
    serde_json::from_value(Value::Object(fields)).ok()
}

/// Blocks that are known; a string becomes a text block.
fn mend_blocks(fields: &mut Map<String, Value>) {
    let content = fields.remove("content").unwrap_or_default();
    fields.insert("content".into(), json!(body(content).to_blocks()));
}

fn body(content: Value) -> Body {
    match content {
        Value::String(text) => Body::Text(text),
        Value::Array(blocks) => {
            let known = blocks.into_iter().filter_map(|mut block| {
                // `null` stands for an absent field; the vocabulary knows only absence.
                if let Some(fields) = block.as_object_mut() {
                    fields.retain(|_, value| !value.is_null());
                }
                serde_json::from_value(block).ok()
            });
            Body::Blocks(known.collect())
        }
        _ => Body::Blocks(Vec::new()),
    }
}

/// Usage in which a figure may be missing, `null`, negative or broken; those count as zero.
pub fn usage(value: &Value) -> Usage {
    let cost = |name: &str| value["cost"][name].as_f64().unwrap_or(0.0);
    Usage {
        input: tokens(&value["input"]),
        output: tokens(&value["output"]),
        cache_read: tokens(&value["cacheRead"]),
        cache_write: tokens(&value["cacheWrite"]),
        cache_write_1h: tokens(&value["cacheWrite1h"]),
        total_tokens: tokens(&value["totalTokens"]),
        cost: Cost {
            input: cost("input"),
            output: cost("output"),
            cache_read: cost("cacheRead"),
            cache_write: cost("cacheWrite"),
            total: cost("total"),
        },
    }
}

fn tokens(value: &Value) -> u64 {
    // A cast from float saturates: nothing hostile gets through it.
    let float = || value.as_f64().map(|figure| figure as u64);
    value.as_u64().or_else(float).unwrap_or(0)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}

fn timestamp(entry: &Value) -> Millis {
    let at = &entry["timestamp"];
    let iso = at.as_str().and_then(|at| time::parse(at.as_bytes()));
    iso.or_else(|| at.as_i64()).unwrap_or(0)
}

/// Replaces escapes of half a surrogate pair by the escape of U+FFFD, which is as long.
fn mend_surrogates(line: &[u8]) -> Vec<u8> {
    let mut mended = line.to_vec();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &mended[at..]) {
        let start = at + found;
        at = match (unit(&mended, start), unit(&mended, start + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => start + 12,
            (Some(0xD800..=0xDFFF), _) => {
                mended[start + 2..start + 6].copy_from_slice(b"fffd");
                start + 6
            }
            _ => (start + 2).min(mended.len()),
        };
    }
    mended
}

/// The UTF-16 unit of the escape `\uXXXX` at `at`.
fn unit(line: &[u8], at: usize) -> Option<u16> {
    let digits = line.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_surrogate_pair_does_not_cost_the_message() {
        let line = br#"{"type":"message","message":{"role":"user","content":"a\ud83d\ude00b\ud83d \\ud83d","timestamp":1}}"#;
        let Ok(Some(Message::User(user))) = message(line) else {
            panic!("not a user message");
        };
        assert_eq!(user.content.to_text(), "a\u{1F600}b\u{FFFD} \\ud83d");
    }

    #[test]
    fn broken_figures_do_not_cost_the_answer() {
        let line = br#"{"type":"message","timestamp":"2024-12-03T14:00:00.000Z","message":{"role":"assistant","content":[{"type":"text","text":"hi"},{"type":"novel"}],"usage":{"input":3.0,"output":-1,"cost":{"total":null}}}}"#;
        let Ok(Some(Message::Assistant(answer))) = message(line) else {
            panic!("not an answer");
        };
        assert_eq!(answer.to_text(), "hi");
        assert_eq!((answer.usage.input, answer.usage.output), (3, 0));
        assert_eq!(answer.timestamp, 1_733_234_400_000);
    }

    #[test]
    fn what_is_not_json_is_told_from_what_has_nothing_to_show() {
        assert_eq!(message(b"{\"type\":\"mess"), Err(Unreadable));
        assert_eq!(message(br#"{"type":"custom","data":1}"#), Ok(None));
        assert_eq!(
            message(br#"{"type":"branch_summary","summary":""}"#),
            Ok(None)
        );
    }
}
