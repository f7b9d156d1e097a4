//! Everything that a conversation is begun with.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::models::Models;
use crate::agent::{Drain, Hooks, Limits, Tool};
use crate::ai::{CacheRetention, Clock, Model, Provider, ThinkingLevel, Timeouts};
use crate::config::resolve::ScopedModel;
use crate::store::Store;
use crate::store::export::Colors;
use crate::tools::Workspace;

/// Everything that a conversation is begun with. The face's only way to build a session.
pub struct Setup {
    /// The conversation so far, and where it is kept.
    pub store: Store,
    /// Makes the store of the next conversation (`/new`).
    pub new_store: Box<dyn Fn() -> Store + Send>,
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
    /// The tools that are on.
    pub tools: Vec<Arc<dyn Tool>>,
    /// Put in front of the person's shell commands (`shellCommandPrefix`).
    pub shell_prefix: Option<String>,
    /// For the person's own shell commands.
    pub workspace: Arc<dyn Workspace>,
    /// Who may step in.
    pub hooks: Arc<dyn Hooks>,
    /// The system prompt.
    pub system: String,
    /// The files that it quotes.
    pub context_files: Vec<PathBuf>,
    /// Puts the person's choice of model and level where the next start finds it.
    pub remember: Box<dyn Fn(Remember) -> Result<(), String> + Send>,
    /// When a run stops by itself.
    pub limits: Limits,
    /// How the queues are drained: steering, follow-ups.
    pub drains: (Drain, Drain),
    /// Tokens of thinking per level.
    pub thinking_budgets: BTreeMap<ThinkingLevel, u64>,
    /// How long vendors keep prompts.
    pub cache: CacheRetention,
    /// Waiting limits of requests.
    pub timeouts: Timeouts,
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
