//! What a face may ask of a conversation, and what it is answered.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::mpsc;

use super::event::Spent;
use super::renew::Renewal;
use crate::agent::hooks::Resources;
use crate::agent::{Drain, Lane};
use crate::ai::local::{Server, Trouble};
use crate::ai::{Content, Millis, Model, SharedMessage, ThinkingLevel, Usage};
use crate::config::resolve::ScopedModel;
use crate::store::Filter;
use crate::store::export::Report;

/// Why [`Command::PromptIfIdle`] is refused in a run.
pub const BUSY: &str = "a run is going on";

/// Why [`Command::CycleModel`] is refused where there is one model only.
pub const NO_OTHER_MODEL: &str = "there is no other model to change to";

/// What the person said: words, and pictures with them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Saying {
    /// The words.
    pub text: String,
    /// Pictures, as image blocks.
    pub images: Vec<Content>,
}

impl<T: Into<String>> From<T> for Saying {
    fn from(text: T) -> Self {
        Saying {
            text: text.into(),
            images: Vec::new(),
        }
    }
}

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
    /// The same, but refused with [`BUSY`] while a run is going on.
    PromptIfIdle {
        /// The words.
        text: String,
        /// Pictures, as image blocks.
        images: Vec<Content>,
    },
    /// Put words in a queue, whether or not a run is going on: they begin none.
    Queue {
        /// The words.
        text: String,
        /// Pictures, as image blocks.
        images: Vec<Content>,
        /// Which queue.
        lane: Lane,
    },
    /// Stop the run, the person's shell command, whatever is going on.
    Abort,
    /// Stop the run, or the summary that is being written; the person's shell commands go on. Answered
    /// when it has come to rest.
    AbortRun,
    /// Take all queued messages back, for the editor.
    TakeQueue,
    /// Leave this conversation for a new one.
    NewSession {
        /// The session that the new one names as its parent.
        parent: Option<PathBuf>,
    },
    /// Leave this conversation for the one in this file.
    SwitchSession {
        /// The session file.
        path: PathBuf,
    },
    /// The same, on the branch of this entry; answered with [`Reply::Place`].
    SwitchToEntry {
        /// The session file.
        path: PathBuf,
        /// The entry.
        entry: String,
    },
    /// Leave for a new session of this directory that begins as a copy of the one in this file.
    ForkFile {
        /// The session file; it may be in use, and is not changed.
        path: PathBuf,
    },
    /// Copy a session file to where sessions are kept, and go on with the copy.
    Import {
        /// The file.
        path: PathBuf,
    },
    /// Leave for a new session that has the path up to before this message of the person.
    Fork {
        /// The message's entry.
        entry: String,
    },
    /// Leave for a new session that has the current branch.
    Clone,
    /// Move the leaf to this entry; a message of the person is given back for editing.
    Navigate {
        /// The entry.
        entry: String,
        /// What to tell the model of the branch that is left.
        summary: LeaveWith,
        /// Labels the summary, or the entry when there is none.
        label: Option<String>,
    },
    /// Label an entry, or take its label away.
    SetLabel {
        /// The entry.
        entry: String,
        /// The label.
        label: Option<String>,
    },
    /// Keep an extension's own facts in the session; the model never sees them.
    AppendCustom {
        /// Whose facts.
        custom_type: String,
        /// The facts.
        data: Option<Value>,
    },
    /// All entries behind `since`, as in the file.
    Entries {
        /// The last entry that is known; `None` for all.
        since: Option<String>,
    },
    /// The messages of the person that the current branch can be forked from.
    ForkPoints,
    /// Summarise the older part of the conversation, now. Stops a run.
    Compact {
        /// What the summary should look at.
        instructions: Option<String>,
    },
    /// Whether to compact without being asked.
    SetAutoCompaction(bool),
    /// Whether to try failed requests again.
    SetAutoRetry(bool),
    /// Do not wait for the next attempt.
    AbortRetry,
    /// Stop the person's shell commands.
    AbortBash,
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
    /// Run a shell command for a program, beside others if need be; answered when it has ended.
    Shell {
        /// The command line.
        line: String,
        /// Whether the model is not told.
        excluded: bool,
        /// Takes all that it prints, as it comes, without control sequences. When it is full, the
        /// command waits.
        output: Option<mpsc::Sender<String>>,
    },
    /// All entries as a tree, as JSON.
    Tree,
    /// The entries that this filter shows, in the order of the tree.
    Outline(Filter),
    /// All entries in the order of the tree, at once: nothing that they say is read, see
    /// [`OutlineRow::is_read`].
    Shape,
    /// What these entries say in short.
    Words(Vec<String>),
    /// All that this entry says.
    EntryText(String),
    /// Name the session.
    SetName(String),
    /// The models that have credentials; `SetModel` takes any of them.
    Models,
    /// The same once the servers on this machine have been asked what they have; the answer is
    /// [`Reply::LocalModels`].
    LocalModels,
    /// The one model that is called so, by a pattern as for `--model`, if it can be used; local servers are
    /// asked where nothing else is called so. The answer is [`Reply::Models`] with that one.
    FindModel(String),
    /// Cycle round these models; round all that have credentials when there are none.
    SetScope(Vec<ScopedModel>),
    /// Go by these settings: at once where nothing runs by them, else from the next run on.
    Renew(Box<Renewal>),
    /// What `/session` shows.
    Stats,
    /// What the session has taken, by model; every answer is read for it.
    Spending,
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
    /// Answered in turn: what was sent before has been taken up then.
    Ping,
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
    /// It was not done: a hook was against it, for this reason.
    Cancelled(String),
    /// To [`Command::Prompt`]: what becomes of the words.
    Prompted(Disposition),
    /// To [`Command::TakeQueue`]: what waited, in order.
    Queue {
        /// For the end of the turn.
        steering: Vec<Saying>,
        /// For the end of the run.
        follow_up: Vec<Saying>,
    },
    /// To [`Command::SwitchToEntry`]: what shows the entry, by its place in the history; `None` when
    /// nothing does.
    Place(Option<usize>),
    /// To [`Command::Fork`] and [`Command::Navigate`]: the words to edit and say again. To
    /// [`Command::EntryText`]: the words, if it has any.
    Text(Option<String>),
    /// To [`Command::Entries`].
    Entries {
        /// In the order of the file.
        entries: Vec<Value>,
        /// The current leaf.
        leaf: Option<String>,
    },
    /// To [`Command::Tree`]: `{"tree": […], "leafId": …}`.
    Tree(String),
    /// To [`Command::Outline`] and [`Command::Shape`], from top to bottom.
    Outline(Vec<OutlineRow>),
    /// To [`Command::Words`], in the order of the question; entries that there are not are left out.
    Words(Vec<EntryWords>),
    /// To [`Command::Shell`]: what the session keeps of it.
    Shell(SharedMessage),
    /// To [`Command::ForkPoints`], oldest first.
    ForkPoints(Vec<ForkPoint>),
    /// To [`Command::Compact`].
    Compacted(Arc<Compacted>),
    /// To [`Command::Models`]: what can be chosen, the current one among them.
    Models(Vec<Arc<Model>>),
    /// To [`Command::LocalModels`]: the same, and why servers that were asked have none.
    LocalModels(Vec<Arc<Model>>, Vec<(Server, Trouble)>),
    /// To [`Command::Resources`].
    Resources(Resources),
    /// To [`Command::Stats`].
    Stats(Box<Stats>),
    /// To [`Command::Spending`]; what took most comes first.
    Spending(Vec<ModelSpend>),
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

/// What becomes of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// It begins a run.
    Started,
    /// It waits in a queue.
    Queued,
    /// A hook has dealt with it.
    Handled,
}

/// What the model is told of a branch that is left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum LeaveWith {
    /// Nothing.
    #[default]
    Nothing,
    /// A summary.
    Summary {
        /// The person's own instructions for it.
        instructions: Option<String>,
        /// Whether they take the place of pi's instead of standing behind them.
        replace: bool,
    },
}

/// A message of the person that the branch can be forked from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForkPoint {
    /// Its entry.
    pub entry: String,
    /// Its words.
    pub text: String,
}

/// An entry as a row of the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct OutlineRow {
    /// The entry.
    pub entry: String,
    /// The nearest entry above it that is shown.
    pub parent: Option<String>,
    /// How far in it stands, in steps.
    pub indent: u32,
    /// Its type in the file; for a message, the role.
    pub kind: String,
    /// The beginning of what it says, on one line.
    pub text: String,
    /// Of a tool's result the call in short, of an extension's entry its type, of an answer that was not
    /// finished why.
    pub note: Option<String>,
    /// Its label, and since when it has it.
    pub label: Option<(String, Millis)>,
    /// When it was written.
    pub at: Millis,
    /// Whether the conversation's branch goes through it.
    pub is_active: bool,
    /// Whether the conversation stands there.
    pub is_leaf: bool,
    /// Whether its text and its note are known.
    pub is_read: bool,
}

/// What an entry says in short: the fields of [`OutlineRow`] that have to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryWords {
    /// The entry.
    pub entry: String,
    /// Its type in the file; for a message, the role.
    pub kind: String,
    /// The beginning of what it says, on one line.
    pub text: String,
    /// As in the row.
    pub note: Option<String>,
}

/// What a compaction came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Compacted {
    /// The summary.
    pub summary: String,
    /// The first entry that stayed as it was.
    pub first_kept: String,
    /// Tokens of the context before.
    pub tokens_before: u64,
    /// Tokens of the context after, estimated.
    pub tokens_after: u64,
    /// What writing the summary took; `None` when a hook wrote it.
    pub usage: Option<Usage>,
    /// Facts for later, such as the files that were read and changed.
    pub details: Option<Value>,
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
    /// All entries.
    pub entries: usize,
    /// Ends of the tree.
    pub branches: usize,
    /// How often it was compacted, on any branch.
    pub compactions: usize,
    /// All tokens and money, of every branch.
    pub usage: Usage,
    /// The budgets that there are, and how much of them is used up.
    pub budgets: Vec<Spent>,
    /// How full the context is; `None` where the model's window is not known.
    pub context: Option<ContextUsage>,
}

/// What a model has taken.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelSpend {
    /// Provider and id; `summaries` for summaries, whose writers are not known.
    pub model: String,
    /// How many answers.
    pub answers: usize,
    /// Tokens and money.
    pub usage: Usage,
}

/// How full the context is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ContextUsage {
    /// Tokens in it, in part estimated; `None` between a compaction and the next answer.
    pub tokens: Option<u64>,
    /// Tokens that the model can attend to.
    pub window: u64,
    /// The one in per cent of the other.
    pub percent: Option<f64>,
}
