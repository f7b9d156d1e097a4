//! What a face needs in order to draw a conversation that it has not followed from the start.

use std::path::PathBuf;
use std::sync::Arc;

use crate::agent::Drain;
use crate::ai::{Model, SharedMessage, ThinkingLevel, Usage};
use crate::config::resolve::ScopedModel;
use crate::store::Branch;

/// A snapshot of a conversation, without its messages' bodies.
#[derive(Clone)]
pub struct View {
    /// The session's id.
    pub id: String,
    /// The session's file; `None` when it lives in memory only.
    pub file: Option<PathBuf>,
    /// The session's name.
    pub name: Option<String>,
    /// The working directory.
    pub cwd: PathBuf,
    /// Who answers.
    pub model: Arc<Model>,
    /// How hard it thinks.
    pub thinking: ThinkingLevel,
    /// True when the embedded demo answers because no model is connected.
    pub demo: bool,
    /// Whether a run is going on.
    pub running: bool,
    /// Whether the conversation is being compacted.
    pub compacting: bool,
    /// Whether it is compacted without being asked.
    pub auto_compaction: bool,
    /// Whether failed requests are tried again.
    pub auto_retry: bool,
    /// How the queues are drained: steering, follow-ups.
    pub drains: (Drain, Drain),
    /// Why the conversation can only be watched; `None` when it is this process's own.
    pub watching: Option<String>,
    /// Tokens and money of all messages of the session.
    pub usage: Usage,
    /// Tokens that the next request will carry, as far as the last answer tells; `None` before it.
    pub context_tokens: Option<u64>,
    /// Texts that wait for the end of this turn.
    pub steering: Vec<String>,
    /// Texts that wait for the end of the run.
    pub follow_up: Vec<String>,
    /// The tools that are on, by name.
    pub tools: Vec<String>,
    /// The context files that the model was told of.
    pub context_files: Vec<PathBuf>,
    /// The messages of the current branch, read when shown; as of the last rest, so that what a run
    /// says since comes as events.
    pub history: Arc<dyn History>,
    /// Those that the model sees, as of now, those of a run that is going on among them.
    pub so_far: Arc<dyn History>,
    /// Whether cycling goes round chosen models rather than all.
    pub scoped: bool,
    /// Those models.
    pub scope: Arc<Vec<ScopedModel>>,
}

impl View {
    /// What commands that the model or the person runs find in their environment: the session, who
    /// answers and how hard it thinks.
    pub fn environment(&self) -> Vec<(String, String)> {
        let mut variables = vec![
            ("PI_SESSION_ID", self.id.clone()),
            ("PI_PROVIDER", self.model.provider.clone()),
            ("PI_MODEL", self.model.id.clone()),
            ("PI_REASONING_LEVEL", self.thinking.as_str().to_owned()),
        ];
        if let Some(file) = &self.file {
            variables.push(("PI_SESSION_FILE", file.display().to_string()));
        }
        let owned = |(name, value): (&str, String)| (name.to_owned(), value);
        variables.into_iter().map(owned).collect()
    }
}

/// The messages of the current branch, oldest first, read when asked for.
pub trait History: Send + Sync {
    /// How many there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The message at `index`, read from disk unless it is still in memory; `None` when it cannot be
    /// read any more.
    fn message(&self, index: usize) -> Option<SharedMessage>;

    /// Whether the message at `index` is worth reading: where it is a line of a file, whether `test`
    /// thinks so of the line, which it may spoil; else true. Much cheaper than reading it.
    fn may_say(&self, _index: usize, _test: &dyn Fn(&mut [u8]) -> bool) -> bool {
        true
    }
}

/// A history that is wholly in memory.
impl History for Vec<SharedMessage> {
    fn len(&self) -> usize {
        self.as_slice().len()
    }

    fn message(&self, index: usize) -> Option<SharedMessage> {
        self.get(index).cloned()
    }
}

/// A history that stays in the session file.
impl History for Branch {
    fn len(&self) -> usize {
        Branch::len(self)
    }

    fn message(&self, index: usize) -> Option<SharedMessage> {
        Branch::message(self, index)
    }

    fn may_say(&self, index: usize, test: &dyn Fn(&mut [u8]) -> bool) -> bool {
        self.line(index).is_none_or(|mut line| test(&mut line))
    }
}
