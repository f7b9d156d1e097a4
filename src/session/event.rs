//! What a conversation tells its faces, in order and without loss.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::ask::UiNote;
use super::command::Compacted;
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
    /// Another conversation has taken this one's place, or another branch: rebuild from
    /// [`super::Session::view`].
    Switched,
    /// The older part of the conversation is being summarised.
    CompactionStart {
        /// Why.
        reason: Reason,
    },
    /// That is over.
    CompactionEnd {
        /// Why it was begun.
        reason: Reason,
        /// What it came to; `None` when nothing has changed.
        result: Option<Arc<Compacted>>,
        /// Whether the person stopped it.
        aborted: bool,
        /// Whether the failed request is tried again now.
        will_retry: bool,
        /// Why it failed.
        error: Option<String>,
    },
    /// A request failed and will be tried again.
    RetryStart {
        /// Which attempt that will be, from 1.
        attempt: u32,
        /// How many there are at most.
        max_attempts: u32,
        /// After this pause.
        delay: Duration,
        /// Why it failed.
        error: String,
    },
    /// The attempts are over.
    RetryEnd {
        /// Whether one went well.
        success: bool,
        /// How many it took.
        attempt: u32,
        /// Why the last one failed.
        error: Option<String>,
    },
    /// The model that was asked cannot answer; something about those of `fallbackModels`.
    Fallback(Fallback),
    /// Something about further attempts at a summary.
    SummaryRetry(SummaryRetry),
    /// An extension has put facts of its own into the session; the entry as in the file.
    EntryAppended(Arc<Value>),
    /// A budget is nearly or wholly used up.
    Budget {
        /// Which, and how much of it.
        spent: Spent,
        /// Whether it has ended the run.
        exceeded: bool,
    },
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
        /// After this long it counts as dismissed.
        timeout: Option<Duration>,
    },
    /// A question has ended without an answer: nobody waits for one any more.
    AskOver {
        /// The question's id.
        id: u64,
    },
    /// Something for the person's screen that wants no answer.
    Ui {
        /// Names it, in one row with the questions.
        id: u64,
        /// What.
        note: UiNote,
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
            Event::CompactionStart { .. } => "compaction_start",
            Event::CompactionEnd { .. } => "compaction_end",
            Event::RetryStart { .. } => "retry_start",
            Event::RetryEnd { .. } => "retry_end",
            Event::Fallback(_) => "fallback",
            Event::SummaryRetry(_) => "summary_retry",
            Event::EntryAppended(_) => "entry_appended",
            Event::Budget { .. } => "budget",
            Event::InfoChanged { .. } => "info_changed",
            Event::ModelChanged(_) => "model_changed",
            Event::ThinkingChanged(_) => "thinking_changed",
            Event::ShellStart { .. } => "shell_start",
            Event::ShellUpdate(_) => "shell_update",
            Event::ShellEnd(_) => "shell_end",
            Event::Ask { .. } => "ask",
            Event::AskOver { .. } => "ask_over",
            Event::Ui { .. } => "ui",
            Event::Notice { .. } => "notice",
        }
    }
}

/// Why a conversation is compacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The person wants it.
    Manual,
    /// The context is nearly full.
    Threshold,
    /// The model has refused a context that is too long.
    Overflow,
}

impl Reason {
    /// As JSON names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Manual => "manual",
            Reason::Threshold => "threshold",
            Reason::Overflow => "overflow",
        }
    }
}

/// Models that answer in the place of one that cannot.
#[derive(Debug, Clone, PartialEq)]
pub enum Fallback {
    /// Another one goes on.
    To {
        /// Who failed.
        from: Arc<Model>,
        /// Who answers now, to the end of the run.
        to: Arc<Model>,
        /// Why.
        error: String,
    },
    /// All of them have failed.
    Exhausted {
        /// Who, in their order, and why.
        failed: Vec<(Arc<Model>, String)>,
        /// Entries of the chain that nobody could be asked for, and why.
        skipped: Vec<(String, &'static str)>,
    },
}

/// In words for the person.
impl fmt::Display for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fallback::To { from, to, error } => {
                let error = error.trim_end_matches('.');
                let (from, to) = (from.full_id(), to.full_id());
                write!(f, "{from} cannot answer ({error}); {to} goes on")
            }
            Fallback::Exhausted { failed, skipped } => {
                let each = failed.iter().map(|(model, error)| {
                    let error = error.trim_end_matches('.');
                    format!("{} ({error})", model.full_id())
                });
                let skipped = skipped.iter();
                let skipped = skipped.map(|(entry, why)| format!("{entry} ({why})"));
                let each: Vec<String> = each.chain(skipped).collect();
                write!(f, "none of the models can answer: {}", each.join("; "))
            }
        }
    }
}

/// Further attempts at a summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SummaryRetry {
    /// The request failed and will be tried again.
    Scheduled {
        /// Which attempt that will be, from 1.
        attempt: u32,
        /// How many there are at most.
        max_attempts: u32,
        /// After this pause.
        delay: Duration,
        /// Why it failed.
        error: String,
    },
    /// The pause is over.
    Attempt {
        /// Why the conversation is compacted; `None` for the summary of a branch.
        reason: Option<Reason>,
    },
    /// There are no further attempts.
    Finished,
}

/// A budget and how much of it is used up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spent {
    /// For which stretch of work.
    pub scope: BudgetScope,
    /// How much is used up, of how much.
    pub amount: Amount,
}

/// For which stretch of work a budget is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BudgetScope {
    /// One run.
    Run,
    /// One session.
    Session,
    /// One day, all sessions.
    Day,
}

/// So much of so much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// US dollars.
    Money {
        /// Used.
        used: f64,
        /// Allowed.
        limit: f64,
    },
    /// Tokens.
    Tokens {
        /// Used.
        used: u64,
        /// Allowed.
        limit: u64,
    },
    /// Time of runs.
    Time {
        /// Used.
        used: Duration,
        /// Allowed.
        limit: Duration,
    },
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
