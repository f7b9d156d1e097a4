//! What a run tells as it goes: ten words, always in the same order.
//!
//! ```text
//! AgentStart ( TurnStart  Message…  [ToolStart ToolUpdate* ToolEnd]*  Message…  TurnEnd )+ AgentEnd
//! ```
//! A `Message…` is `MessageStart MessageUpdate* MessageEnd`; only the model's messages have updates.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::tool::Outcome;
use crate::ai::{Delta, SharedMessage};

/// One thing that happened in a run.
#[derive(Debug, Clone, PartialEq)]
pub enum AgentEvent {
    /// The run begins.
    AgentStart,
    /// The run is over; `messages` are those it added.
    AgentEnd {
        /// The messages that the run added.
        messages: Vec<SharedMessage>,
        /// Whether the conversation goes on by itself: it tries again, or makes room first.
        will_retry: bool,
    },
    /// A turn begins: one answer of the model and its tool calls.
    TurnStart,
    /// The turn is over.
    TurnEnd {
        /// The model's message.
        message: SharedMessage,
        /// The results of its calls, in the order of the calls.
        tool_results: Vec<SharedMessage>,
    },
    /// A message begins; the model's is still empty.
    MessageStart {
        /// The message so far.
        message: SharedMessage,
    },
    /// The model's message grew.
    MessageUpdate {
        /// By this.
        delta: Delta,
    },
    /// A message is whole.
    MessageEnd {
        /// The message.
        message: SharedMessage,
    },
    /// A tool call is about to be checked and run.
    ToolStart {
        /// The call's id.
        id: Arc<str>,
        /// The tool's name.
        name: Arc<str>,
        /// The arguments as the model wrote them.
        args: Arc<Value>,
    },
    /// A running call has a result so far.
    ToolUpdate {
        /// The call's id.
        id: Arc<str>,
        /// The tool's name.
        name: Arc<str>,
        /// The arguments as the model wrote them.
        args: Arc<Value>,
        /// Replaces the one before.
        partial: Arc<Outcome>,
    },
    /// A call is finished.
    ToolEnd {
        /// The call's id.
        id: Arc<str>,
        /// The tool's name.
        name: Arc<str>,
        /// What it came to.
        outcome: Arc<Outcome>,
        /// How long the tool itself took; `None` when it did not run.
        duration: Option<Duration>,
    },
}

impl AgentEvent {
    /// A word for the log.
    pub fn name(&self) -> &'static str {
        match self {
            AgentEvent::AgentStart => "agent_start",
            AgentEvent::AgentEnd { .. } => "agent_end",
            AgentEvent::TurnStart => "turn_start",
            AgentEvent::TurnEnd { .. } => "turn_end",
            AgentEvent::MessageStart { .. } => "message_start",
            AgentEvent::MessageUpdate { .. } => "message_update",
            AgentEvent::MessageEnd { .. } => "message_end",
            AgentEvent::ToolStart { .. } => "tool_start",
            AgentEvent::ToolUpdate { .. } => "tool_update",
            AgentEvent::ToolEnd { .. } => "tool_end",
        }
    }
}
