//! What a face may ask of a conversation, and what it is answered.

use std::path::PathBuf;
use std::sync::Arc;

use crate::agent::hooks::Resources;
use crate::agent::{Drain, Lane};
use crate::ai::{Content, Model, ThinkingLevel, Usage};
use crate::store::export::Report;

/// What a face may ask of a conversation.
#[derive(Debug, Clone)]
pub enum Command {
    /// Something the person said. Starts a run, or is queued on `while_running`'s lane in one.
    Prompt {
        /// The words.
        text: String,
        /// Pictures, as image blocks.
        images: Vec<Content>,
        /// Where it goes while a run is going on.
        while_running: Lane,
    },
    /// Stop the run, the person's shell command, whatever is going on.
    Abort,
    /// Take all queued messages back, for the editor.
    TakeQueue,
    /// Leave this conversation for a new one.
    NewSession,
    /// Use this model from the next request on.
    SetModel {
        /// The provider's id.
        provider: String,
        /// The model's id.
        id: String,
    },
    /// Use the next (or previous) model of the scope.
    CycleModel {
        /// Next rather than previous.
        forward: bool,
    },
    /// Think this hard from the next request on; clamped to the model.
    SetThinking(ThinkingLevel),
    /// Think one level harder, then round to the least.
    CycleThinking,
    /// How a queue is drained.
    SetDrain {
        /// Which queue.
        lane: Lane,
        /// How.
        drain: Drain,
    },
    /// Run a shell command for the person.
    Bash {
        /// The command line.
        line: String,
        /// True for `!!`: the model is not told.
        excluded: bool,
    },
    /// Name the session.
    SetName(String),
    /// The models that have credentials; `SetModel` takes any of them.
    Models,
    /// What `/session` shows.
    Stats,
    /// The skills, prompts and themes that hooks bring along.
    Resources {
        /// Why they are looked for: `startup` or `reload`.
        reason: String,
    },
    /// Answers [`super::Event::Ask`].
    Answer {
        /// The question's id.
        id: u64,
        /// `None` when it was dismissed.
        answer: Option<String>,
    },
    /// End: stop what is going on, put everything on disk.
    Shutdown,
    /// Write the conversation as a document; the ending of its name says which: `.html`, `.md`, `.jsonl`.
    Export {
        /// Where to; a page in the working directory without it.
        path: Option<String>,
        /// Whether secrets are masked.
        redact: bool,
    },
    /// Put the conversation where others can read it who are given its address: a secret gist, made by
    /// the program `gh`.
    Share {
        /// Whether secrets are masked.
        redact: bool,
    },
}

/// What a face is answered.
#[derive(Debug, Clone)]
pub enum Reply {
    /// It is done, or under way.
    Done,
    /// It was not done; in words for the person.
    Refused(String),
    /// To [`Command::TakeQueue`]: what waited, in order.
    Queue(Vec<String>),
    /// To [`Command::Models`]: what can be chosen, the current one among them.
    Models(Vec<Arc<Model>>),
    /// To [`Command::Resources`].
    Resources(Resources),
    /// To [`Command::Stats`].
    Stats(Box<Stats>),
    /// To [`Command::Export`].
    Exported(Report),
    /// To [`Command::Share`].
    Shared {
        /// The gist's address.
        gist: String,
        /// Where it can be looked at as a page.
        viewer: String,
    },
}

/// What `/session` shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stats {
    /// The file; `None` for a conversation in memory.
    pub file: Option<PathBuf>,
    /// The session's id.
    pub id: String,
    /// Its name, when it has one.
    pub name: Option<String>,
    /// Messages of the person.
    pub user_messages: usize,
    /// Messages of the model.
    pub assistant_messages: usize,
    /// Calls that the model made.
    pub tool_calls: usize,
    /// Their results.
    pub tool_results: usize,
    /// All messages.
    pub total_messages: usize,
    /// All tokens and money, of every branch.
    pub usage: Usage,
}
