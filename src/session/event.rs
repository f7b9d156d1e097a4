//! What a conversation tells its faces, in order and without loss.

use std::sync::Arc;

use crate::agent::{AgentEvent, Outcome};
use crate::ai::{Model, SharedMessage, ThinkingLevel};

/// One thing that happened in a conversation. Published after what it reports is on disk.
#[derive(Debug, Clone)]
pub enum Event {
    /// Something in a run.
    Agent(AgentEvent),
    /// The queues changed; these are their texts now.
    QueueUpdate {
        /// Waiting for the end of this turn.
        steering: Vec<String>,
        /// Waiting for the end of the run.
        follow_up: Vec<String>,
    },
    /// Everything of a run is over, queues included; the conversation waits for the person.
    Settled {
        /// Whether the person ended it.
        aborted: bool,
    },
    /// Another conversation has taken this one's place: rebuild from [`super::Session::view`].
    Switched,
    /// The session has a new name.
    InfoChanged {
        /// The name; `None` when it was cleared.
        name: Option<String>,
    },
    /// Another model answers from now on.
    ModelChanged(Arc<Model>),
    /// Another thinking level from now on.
    ThinkingChanged(ThinkingLevel),
    /// The person's shell command begins.
    ShellStart {
        /// The command line.
        line: String,
        /// True for `!!`: the model is not told.
        excluded: bool,
    },
    /// It has printed this so far.
    ShellUpdate(Arc<Outcome>),
    /// It is over; the message is what the session keeps of it, behind the run if one is going on.
    ShellEnd(SharedMessage),
    /// A question to the person, answered with [`super::Command::Answer`].
    Ask {
        /// Names it in the answer.
        id: u64,
        /// What is asked.
        question: Question,
    },
    /// Something the person should know.
    Notice {
        /// How much.
        level: Level,
        /// In words.
        text: String,
    },
}

impl Event {
    /// A word for the log.
    pub fn name(&self) -> &'static str {
        match self {
            Event::Agent(event) => event.name(),
            Event::QueueUpdate { .. } => "queue_update",
            Event::Settled { .. } => "settled",
            Event::Switched => "switched",
            Event::InfoChanged { .. } => "info_changed",
            Event::ModelChanged(_) => "model_changed",
            Event::ThinkingChanged(_) => "thinking_changed",
            Event::ShellStart { .. } => "shell_start",
            Event::ShellUpdate(_) => "shell_update",
            Event::ShellEnd(_) => "shell_end",
            Event::Ask { .. } => "ask",
            Event::Notice { .. } => "notice",
        }
    }
}

/// What is asked of the person.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// One of these.
    Select {
        /// Above the list.
        title: String,
        /// The choices.
        options: Vec<String>,
    },
    /// Yes or no; the answer is `yes` or `no`.
    Confirm {
        /// Above the question.
        title: String,
        /// The question.
        message: String,
    },
    /// A line of text.
    Input {
        /// Above the line.
        title: String,
        /// Shown while it is empty.
        placeholder: String,
    },
    /// Many lines of text.
    Editor {
        /// Above the text.
        title: String,
        /// What it begins with.
        prefill: String,
    },
}

/// How much the person should care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// For information.
    Info,
    /// Something is not as it should be.
    Warning,
    /// Something failed.
    Error,
}
