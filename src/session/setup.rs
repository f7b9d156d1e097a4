//! Everything that a conversation is begun with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::budget::Budgets;
use super::models::Models;
use crate::agent::{Drain, Hooks, Limits, Tool};
use crate::ai::{CacheRetention, Clock, Model, Provider, ThinkingLevel, Timeouts, Transport};
use crate::config::resolve::ScopedModel;
use crate::config::settings::{BranchSummarySettings, CompactionSettings, RetrySettings};
use crate::store::Store;
use crate::store::export::Colors;
use crate::tools::Workspace;

/// The folder of sessions for a working directory, if any.
pub type SessionDirs = Box<dyn Fn(&Path) -> Option<PathBuf> + Send>;

/// What a conversation in a working directory stands on.
pub type Places = Box<dyn Fn(&Path) -> Result<Place, String> + Send>;

/// Everything that a conversation is begun with. The face's only way to build a session.
pub struct Setup {
    /// The conversation so far, and where it is kept.
    pub store: Store,
    /// The folder of sessions for a working directory; `None` when nothing is to be kept on disk.
    pub session_dir: SessionDirs,
    /// What a conversation in another working directory stands on; in words why there can be none.
    pub place_for: Places,
    /// Answers.
    pub provider: Arc<dyn Provider>,
    /// What can be chosen.
    pub models: Arc<Models>,
    /// Who answers first.
    pub model: Arc<Model>,
    /// How hard it thinks; clamped to the model.
    pub thinking: ThinkingLevel,
    /// What cycling goes round; empty for all models with credentials.
    pub scope: Vec<ScopedModel>,
    /// The level to begin a model with when the level before says nothing.
    pub thinking_for: Box<dyn Fn(&Model) -> ThinkingLevel + Send>,
    /// Put in front of the person's shell commands (`shellCommandPrefix`).
    pub shell_prefix: Option<String>,
    /// What belongs to the working directory.
    pub place: Place,
    /// Who may step in.
    pub hooks: Arc<dyn Hooks>,
    /// Puts the person's choice of model and level where the next start finds it.
    pub remember: Box<dyn Fn(Remember) -> Result<(), String> + Send>,
    /// When a run stops by itself.
    pub limits: Limits,
    /// When and how the conversation is compacted.
    pub compaction: CompactionSettings,
    /// How the summary of a branch is written.
    pub branch_summary: BranchSummarySettings,
    /// How often and after which pauses a failed request is tried again.
    pub retry: RetrySettings,
    /// Patterns of the models that go on when the chosen one cannot (`fallbackModels`).
    pub fallback: Vec<String>,
    /// What may be spent.
    pub budget: Budgets,
    /// How the queues are drained: steering, follow-ups.
    pub drains: (Drain, Drain),
    /// Tokens of thinking per level.
    pub thinking_budgets: BTreeMap<ThinkingLevel, u64>,
    /// How long vendors keep prompts.
    pub cache: CacheRetention,
    /// Waiting limits of requests.
    pub timeouts: Timeouts,
    /// How to reach vendors that offer more than one way.
    pub transport: Transport,
    /// Whether the person is told of prompt caches that were missed.
    pub cache_notices: bool,
    /// The time.
    pub clock: Clock,
    /// What `/export` and `/share` need.
    pub exports: Exports,
}

/// What exporting and sharing need besides the conversation.
#[derive(Debug, Clone, Default)]
pub struct Exports {
    /// The page's colours.
    pub colors: Colors,
    /// Where a gist's id makes the address of a page (`PI_SHARE_VIEWER_URL`).
    pub viewer: String,
    /// Where files may be put for a moment.
    pub temporary: PathBuf,
}

/// What belongs to a working directory.
#[derive(Clone)]
pub struct Place {
    /// For the person's own shell commands.
    pub workspace: Arc<dyn Workspace>,
    /// The tools that are on.
    pub tools: Vec<Arc<dyn Tool>>,
    /// The system prompt.
    pub system: String,
    /// The files that it quotes.
    pub context_files: Vec<PathBuf>,
}

/// A choice worth keeping.
#[derive(Debug, Clone, PartialEq)]
pub enum Remember {
    /// The default model.
    Model {
        /// The provider's id.
        provider: String,
        /// The model's id.
        id: String,
    },
    /// The default thinking level.
    Thinking(ThinkingLevel),
}
