//! A transcript on a screen of so many columns and rows, and the events that drive it.

use std::sync::Arc;

use pi::agent::{AgentEvent, Outcome};
use pi::ai::message::{
    AssistantMessage, Body, Content, Message, StopReason, ToolCall, ToolResultMessage, Usage,
    UserMessage,
};
use pi::ai::{Delta, SharedMessage};
use pi::config::Themes;
use pi::session::{Event, History};
use pi::tui::look::{Depth, Look};
use pi::tui::transcript::{Setup, Transcript};
use ratatui::text::Line;
use serde_json::Value;

/// A transcript on a screen.
pub struct Stage {
    pub transcript: Transcript,
    pub look: Look,
    pub width: u16,
    pub height: u16,
}

impl Stage {
    pub fn new(messages: Vec<Message>) -> Self {
        let messages: Vec<SharedMessage> = messages.into_iter().map(Arc::new).collect();
        Stage::over(Arc::new(messages))
    }

    pub fn over(history: Arc<dyn History>) -> Self {
        Stage::with(history, Setup::default())
    }

    pub fn with(history: Arc<dyn History>, setup: Setup) -> Self {
        let setup = Setup {
            home: Some("/home/me".into()),
            ..setup
        };
        Stage {
            transcript: Transcript::new(history, setup),
            look: look(Depth::Truecolor),
            width: 44,
            height: 40,
        }
    }

    pub fn lines(&mut self) -> Vec<Line<'static>> {
        let (width, height) = (self.width, self.height);
        self.transcript.viewport(width, height, &self.look)
    }

    /// The rows as text, without the spaces at their ends.
    pub fn rows(&mut self) -> Vec<String> {
        let text = |line: &Line<'_>| line.to_string().trim_end().to_owned();
        self.lines().iter().map(text).collect()
    }

    /// The rows from the first that is not empty, in one.
    pub fn text(&mut self) -> String {
        let rows = self.rows();
        rows.join("\n").trim_start_matches('\n').to_owned()
    }

    pub fn agent(&mut self, event: AgentEvent) -> bool {
        self.transcript.apply(&Event::Agent(event))
    }

    pub fn delta(&mut self, delta: Delta) {
        self.agent(AgentEvent::MessageUpdate { delta });
    }

    /// A message that comes and is whole at once.
    pub fn message(&mut self, message: Message) {
        let message = Arc::new(message);
        self.agent(AgentEvent::MessageStart {
            message: message.clone(),
        });
        self.agent(AgentEvent::MessageEnd { message });
    }

    /// The model begins to answer.
    pub fn begin(&mut self) {
        let message = Arc::new(assistant(vec![]));
        self.agent(AgentEvent::MessageStart { message });
    }

    /// The model says this in a text block of its own.
    pub fn say(&mut self, index: usize, text: &str) {
        self.delta(Delta::TextStart { index });
        for piece in text.split_inclusive(' ') {
            let text = piece.into();
            self.delta(Delta::Text { index, text });
        }
    }

    pub fn tool_start(&mut self, id: &str, name: &str, args: Value) {
        self.agent(AgentEvent::ToolStart {
            id: id.into(),
            name: name.into(),
            args: Arc::new(args),
        });
    }

    pub fn tool_update(&mut self, id: &str, name: &str, text: &str) {
        self.agent(AgentEvent::ToolUpdate {
            id: id.into(),
            name: name.into(),
            args: Arc::default(),
            partial: Arc::new(Outcome::text(text)),
        });
    }

    pub fn tool_end(&mut self, id: &str, name: &str, outcome: Outcome) {
        self.agent(AgentEvent::ToolEnd {
            id: id.into(),
            name: name.into(),
            outcome: Arc::new(outcome),
            duration: None,
        });
    }
}

pub fn look(depth: Depth) -> Look {
    Look::new(&Themes::embedded().find("dark").unwrap(), depth)
}

pub fn user(text: &str) -> Message {
    Message::User(UserMessage {
        content: Body::Text(text.into()),
        timestamp: 0,
    })
}

pub fn assistant(content: Vec<Content>) -> Message {
    ended(content, StopReason::Stop, None)
}

pub fn ended(content: Vec<Content>, stop_reason: StopReason, error: Option<&str>) -> Message {
    Message::Assistant(AssistantMessage {
        content,
        api: String::new(),
        provider: String::new(),
        model: String::new(),
        provider_thinking_level: None,
        response_model: None,
        response_id: None,
        usage: Usage::default(),
        stop_reason,
        error_message: error.map(Into::into),
        failure: None,
        timestamp: 0,
    })
}

pub fn call(id: &str, name: &str, arguments: Value) -> ToolCall {
    ToolCall {
        id: id.into(),
        name: name.into(),
        arguments,
        thought_signature: None,
    }
}

pub fn calling(id: &str, name: &str, arguments: Value) -> Content {
    Content::ToolCall(call(id, name, arguments))
}

pub fn result(id: &str, name: &str, text: &str) -> Message {
    Message::ToolResult(ToolResultMessage {
        tool_call_id: id.into(),
        tool_name: name.into(),
        content: vec![Content::text(text)],
        details: None,
        is_error: false,
        timestamp: 0,
    })
}
