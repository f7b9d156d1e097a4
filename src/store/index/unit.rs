//! A line of a session file → the text that can be searched in it.
//!
//! Thinking and pictures are not searched. The text has lost its control sequences, so that words in
//! coloured output are found and a snippet can be shown as it is.

use std::borrow::Cow;

use serde_json::Value;

use crate::ai::message::{AssistantMessage, Content, joined_text};
use crate::ai::{Message, Millis};
use crate::store::entry::Kind;
use crate::store::read;
use crate::store::scan::Scanner;
use crate::tools::sanitize;

/// Bytes of an entry's text that can be searched. Tools stop far earlier.
const SEARCHED: usize = 256 * 1024;

/// Whose words an entry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Voice {
    /// The person.
    User,
    /// The model: what it said, and the arguments of the tools that it called.
    Assistant,
    /// A tool's result.
    Tool,
    /// A shell command of the person's, and its output.
    Shell,
    /// The summary of a compaction or of a branch.
    Summary,
    /// An extension's message.
    Custom,
    /// The session's name.
    Name,
}

impl Voice {
    /// All of them.
    pub const ALL: [Voice; 7] = [
        Voice::User,
        Voice::Assistant,
        Voice::Tool,
        Voice::Shell,
        Voice::Summary,
        Voice::Custom,
        Voice::Name,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Voice::User => "user",
            Voice::Assistant => "assistant",
            Voice::Tool => "tool",
            Voice::Shell => "shell",
            Voice::Summary => "summary",
            Voice::Custom => "custom",
            Voice::Name => "name",
        }
    }

    /// What a word means.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|voice| voice.as_str() == word)
    }
}

/// What can be searched of one entry.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unit {
    /// The entry's id; files of the first version have none.
    pub entry: Option<String>,
    /// When it was written, if it says.
    pub time: Option<Millis>,
    pub voice: Voice,
    pub text: String,
}

/// Reads a line; `None` for one that holds nothing to search.
pub(super) fn of_line(scanner: &Scanner, line: &[u8]) -> Option<Unit> {
    let stem = scanner.line(line, true).ok();
    let (voice, text) = match stem.as_ref().map(|stem| stem.kind()) {
        Some(Kind::SessionInfo) => (Voice::Name, session_name(line)?),
        Some(kind) if !kind.is_shown() && kind != Kind::Compaction => return None,
        _ => said(&read::message(line).ok()??),
    };
    let text = cut(sanitize(&text));
    let (entry, time) = match stem {
        Some(stem) => (Some(stem.id.into_owned()), stem.time),
        None => (None, None),
    };
    (!text.trim().is_empty()).then_some(Unit {
        entry,
        time,
        voice,
        text,
    })
}

/// The name that a `session_info` gives; `None` when it takes the name away.
pub(super) fn session_name(line: &[u8]) -> Option<String> {
    let entry = read::value(line)?;
    let name = entry["name"].as_str()?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Whose words a message holds, and the words.
pub(super) fn said(message: &Message) -> (Voice, String) {
    match message {
        Message::User(user) => (Voice::User, user.content.to_text()),
        Message::Assistant(answer) => (Voice::Assistant, answered(answer)),
        Message::ToolResult(result) => (Voice::Tool, joined_text(&result.content)),
        Message::BashExecution(shell) => {
            let text = format!("{}\n{}", shell.command, shell.output);
            (Voice::Shell, text)
        }
        Message::Custom(custom) => (Voice::Custom, custom.content.to_text()),
        Message::BranchSummary(summary) => (Voice::Summary, summary.summary.clone()),
        Message::CompactionSummary(summary) => (Voice::Summary, summary.summary.clone()),
    }
}

fn answered(answer: &AssistantMessage) -> String {
    let mut text = String::new();
    for block in &answer.content {
        match block {
            Content::Text { text: said, .. } => push_line(&mut text, said),
            Content::ToolCall(call) => {
                push_line(&mut text, &call.name);
                push_strings(&mut text, &call.arguments);
            }
            Content::Thinking { .. } | Content::Image { .. } => {}
        }
    }
    text
}

/// Every string of an argument, whatever holds it.
fn push_strings(text: &mut String, value: &Value) {
    match value {
        Value::String(string) => push_line(text, string),
        Value::Array(values) => values.iter().for_each(|value| push_strings(text, value)),
        Value::Object(fields) => fields.values().for_each(|value| push_strings(text, value)),
        Value::Number(number) => push_line(text, &number.to_string()),
        Value::Null | Value::Bool(_) => {}
    }
}

fn push_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

fn cut(text: Cow<'_, str>) -> String {
    let mut text = text.into_owned();
    let mut end = SEARCHED.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(line: &str) -> Option<Unit> {
        of_line(&Scanner::new(), line.as_bytes())
    }

    #[test]
    fn an_answer_is_its_text_and_the_arguments_of_its_calls_without_its_thinking() {
        let line = r#"{"type":"message","id":"0000000b","parentId":null,"timestamp":"2026-01-01T00:00:00.000Z","message":{"role":"assistant","content":[{"type":"thinking","thinking":"secret"},{"type":"text","text":"so:"},{"type":"toolCall","id":"c","name":"bash","arguments":{"command":"ls","deep":{"a":["x"]},"n":3}}],"api":"x","provider":"x","model":"x","usage":{"input":1},"stopReason":"stop","timestamp":1}}"#;
        assert_eq!(
            unit(line),
            Some(Unit {
                entry: Some("0000000b".into()),
                time: Some(1_767_225_600_000),
                voice: Voice::Assistant,
                text: "so:\nbash\nls\nx\n3".into(),
            })
        );
    }

    #[test]
    fn what_steers_a_terminal_is_not_part_of_the_text() {
        let line = r#"{"type":"message","id":"a","parentId":null,"timestamp":"x","message":{"role":"toolResult","toolCallId":"c","toolName":"bash","content":[{"type":"text","text":"\u001b[31merror\u001b[0m \u001b]0;t\u0007"}],"isError":false,"timestamp":1}}"#;
        assert_eq!(unit(line).map(|unit| unit.text), Some("error ".into()));
    }

    #[test]
    fn an_entry_of_the_first_version_has_no_id() {
        let line = r#"{"type":"message","timestamp":"2024-12-03T14:00:00.000Z","message":{"role":"user","content":"hello","timestamp":1}}"#;
        let unit = unit(line).unwrap();
        assert_eq!((unit.entry, unit.text.as_str()), (None, "hello"));
    }

    #[test]
    fn names_are_searched_and_settings_are_not() {
        let info =
            r#"{"type":"session_info","id":"a","parentId":null,"timestamp":"x","name":" Fix it "}"#;
        let unit_of_info = unit(info).unwrap();
        assert_eq!(
            (unit_of_info.voice, unit_of_info.text.as_str()),
            (Voice::Name, "Fix it")
        );
        let model = r#"{"type":"model_change","id":"a","parentId":null,"timestamp":"x","provider":"p","modelId":"m"}"#;
        assert_eq!(unit(model), None);
        assert_eq!(unit("{torn"), None);
    }
}
