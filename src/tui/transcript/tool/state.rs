//! A tool call from its first streamed byte to its result.

use std::sync::Arc;

use serde_json::Value;

use crate::agent::Outcome;
use crate::ai::SharedMessage;
use crate::ai::message::{Content, Message, Millis};
use crate::ai::partial_json::PartialJson;

/// A tool call from its first streamed byte to its result.
pub(in crate::tui::transcript) struct ToolCall {
    pub id: String,
    pub name: String,
    args: Arc<Value>,
    /// The arguments while they are being written.
    writing: Option<Box<PartialJson>>,
    answer: Answer,
    started: Option<Millis>,
    took: Option<Millis>,
}

/// What came of a call so far.
enum Answer {
    None,
    /// A running call's latest report.
    Partial(Arc<Outcome>),
    /// What it came to.
    Done(Arc<Outcome>),
    /// What the session kept of it.
    Stored(SharedMessage),
}

impl ToolCall {
    /// A call whose arguments are being written.
    pub fn writing(id: &str, name: &str) -> Self {
        ToolCall {
            writing: Some(Box::default()),
            ..ToolCall::called(id, name, Arc::new(Value::Null))
        }
    }

    /// A call whose arguments are known.
    pub fn called(id: &str, name: &str, args: Arc<Value>) -> Self {
        ToolCall {
            id: id.to_owned(),
            name: name.to_owned(),
            args,
            writing: None,
            answer: Answer::None,
            started: None,
            took: None,
        }
    }

    /// A call that was answered, as the session kept it.
    pub fn answered(mut self, message: SharedMessage) -> Self {
        self.answer(message);
        self
    }

    /// It was answered, as the session kept it.
    pub fn answer(&mut self, message: SharedMessage) {
        self.answer = Answer::Stored(message);
    }

    /// Adds to the arguments' JSON.
    pub fn write(&mut self, piece: &str) {
        self.writing.get_or_insert_default().push(piece);
    }

    /// The arguments are whole.
    pub fn written(&mut self, name: &str, args: Arc<Value>) {
        self.name = name.to_owned();
        self.args = args;
        self.writing = None;
    }

    /// It runs since `now`.
    pub fn start(&mut self, args: Arc<Value>, now: Millis) {
        self.args = args;
        self.writing = None;
        self.started = Some(now);
    }

    /// It has come to this so far.
    pub fn update(&mut self, partial: Arc<Outcome>) {
        self.answer = Answer::Partial(partial);
    }

    /// It has come to this.
    pub fn finish(&mut self, outcome: Arc<Outcome>, now: Millis) {
        self.took = self.started.map(|started| now - started);
        self.answer = Answer::Done(outcome);
    }

    /// Whether there is a final result.
    pub fn is_done(&self) -> bool {
        matches!(self.answer, Answer::Done(_) | Answer::Stored(_))
    }

    /// Whether the arguments are still being written.
    pub fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// The arguments, as far as they are written.
    pub fn args(&self) -> &Value {
        match &self.writing {
            Some(json) => json.value().unwrap_or(&Value::Null),
            None => &self.args,
        }
    }

    /// Whether it failed; `None` while it is not over.
    pub fn is_error(&self) -> Option<bool> {
        match &self.answer {
            Answer::None | Answer::Partial(_) => None,
            Answer::Done(outcome) => Some(outcome.is_error),
            Answer::Stored(message) => match &**message {
                Message::ToolResult(result) => Some(result.is_error),
                _ => Some(false),
            },
        }
    }

    /// The result so far.
    pub fn content(&self) -> &[Content] {
        match &self.answer {
            Answer::None => &[],
            Answer::Partial(outcome) | Answer::Done(outcome) => &outcome.content,
            Answer::Stored(message) => match &**message {
                Message::ToolResult(result) => &result.content,
                _ => &[],
            },
        }
    }

    /// The result's facts for the screen.
    pub fn details(&self) -> Option<&Value> {
        match &self.answer {
            Answer::None => None,
            Answer::Partial(outcome) | Answer::Done(outcome) => outcome.details.as_ref(),
            Answer::Stored(message) => match &**message {
                Message::ToolResult(result) => result.details.as_ref(),
                _ => None,
            },
        }
    }

    /// When it was started, while it runs.
    pub fn running_since(&self) -> Option<Millis> {
        self.started.filter(|_| !self.is_done())
    }

    /// How long it ran.
    pub fn took(&self) -> Option<Millis> {
        self.took
    }

    /// Sets how long it ran, for a call that is drawn from the session again.
    pub fn set_took(&mut self, took: Option<Millis>) {
        self.took = took;
    }
}
