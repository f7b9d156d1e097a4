//! A conversation as plain text, so that the model reads it rather than goes on with it.

use serde_json::Value;

use crate::ai::handoff::to_model_message;
use crate::ai::message::joined_text;
use crate::ai::{AssistantMessage, Content, Message, SharedMessage, StopReason};

/// Characters of a tool's result, of one argument of a call and of a stretch of thinking.
const MOST: usize = 2_000;

/// One message in words; `None` when there is nothing in it to summarise.
pub(super) fn text_of(message: &SharedMessage) -> Option<String> {
    let message = to_model_message(message)?;
    let text = match &*message {
        Message::User(user) => labelled("User", user.content.to_text()),
        Message::Assistant(answer) if answer.stop_reason == StopReason::Error => String::new(),
        Message::Assistant(answer) => answer_text(answer),
        Message::ToolResult(result) => {
            labelled("Tool result", shortened(&joined_text(&result.content)))
        }
        _ => String::new(),
    };
    (!text.is_empty()).then_some(text)
}

fn answer_text(answer: &AssistantMessage) -> String {
    let thinking: Vec<&str> = answer
        .content
        .iter()
        .filter_map(|block| match block {
            Content::Thinking { thinking, .. } if !thinking.trim().is_empty() => {
                Some(thinking.as_str())
            }
            _ => None,
        })
        .collect();
    let calls: Vec<String> = answer.tool_calls().map(call_text).collect();
    let parts = [
        labelled("Assistant thinking", shortened(&thinking.join("\n"))),
        labelled("Assistant", answer.to_text()),
        labelled("Assistant tool calls", calls.join("; ")),
    ];
    let said: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    said.join("\n\n")
}

/// `read(path="a", limit=10)`
fn call_text(call: &crate::ai::ToolCall) -> String {
    let arguments = match &call.arguments {
        Value::Object(fields) => {
            let each = fields
                .iter()
                .map(|(name, value)| format!("{name}={}", shortened(&value.to_string())));
            each.collect::<Vec<_>>().join(", ")
        }
        other => shortened(&other.to_string()),
    };
    format!("{}({arguments})", call.name)
}

fn labelled(who: &str, text: String) -> String {
    match text.trim().is_empty() {
        true => String::new(),
        false => format!("[{who}]: {text}"),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        None => text.to_owned(),
        Some((at, _)) => {
            let left_out = text[at..].chars().count();
            format!("{}\n\n[… {left_out} more characters]", &text[..at])
        }
    }
}

/// The beginning of a text in at most so many bytes.
pub(super) fn head(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;

    fn text(message: Value) -> Option<String> {
        text_of(&Arc::new(serde_json::from_value(message).unwrap()))
    }

    #[test]
    fn messages_become_lines_that_nobody_would_go_on_with() {
        assert_eq!(
            text(json!({"role": "user", "content": "do it"})).unwrap(),
            "[User]: do it"
        );
        let answer = json!({"role": "assistant", "stopReason": "toolUse", "content": [
            {"type": "thinking", "thinking": "hm"},
            {"type": "text", "text": "I look."},
            {"type": "toolCall", "id": "1", "name": "read", "arguments": {"path": "a", "limit": 3}},
            {"type": "toolCall", "id": "2", "name": "ls", "arguments": {}},
        ]});
        assert_eq!(
            text(answer).unwrap(),
            "[Assistant thinking]: hm\n\n[Assistant]: I look.\n\n\
             [Assistant tool calls]: read(path=\"a\", limit=3); ls()"
        );
        let hidden = json!({"role": "bashExecution", "command": "x", "output": "y",
            "excludeFromContext": true});
        assert_eq!(text(hidden), None);
        let failed = json!({"role": "assistant", "stopReason": "error", "content": []});
        assert_eq!(text(failed), None);
    }

    #[test]
    fn a_tools_result_is_cut_to_two_thousand_characters() {
        let result = |text: &str| {
            json!({"role": "toolResult", "toolCallId": "1", "toolName": "bash",
                "content": [{"type": "text", "text": text}]})
        };
        let long = text(result(&"é".repeat(2_500))).unwrap();
        assert_eq!(
            long,
            format!(
                "[Tool result]: {}\n\n[… 500 more characters]",
                "é".repeat(2_000)
            )
        );
        let whole = text(result(&"é".repeat(2_000))).unwrap();
        assert_eq!(whole, format!("[Tool result]: {}", "é".repeat(2_000)));
    }

    #[test]
    fn a_head_ends_between_characters() {
        assert_eq!(head("aé", 2), "a");
        assert_eq!(head("aé", 3), "aé");
        assert_eq!(head("aé", 9), "aé");
    }
}
