//! Views and figures made from the store: at the start, after another session has taken its place, after
//! a run, when asked.

use std::path::PathBuf;
use std::sync::Arc;

use super::actor::Actor;
use super::command::Stats;
use super::setup::Setup;
use super::view::{History, View};
use crate::ai::{Usage, demo};
use crate::store::Store;

/// What a view says of its store.
pub(super) struct Fresh {
    id: String,
    file: Option<PathBuf>,
    name: Option<String>,
    usage: Usage,
    context_tokens: Option<u64>,
    history: Arc<dyn History>,
}

impl Fresh {
    pub fn of(store: &Store) -> Self {
        Fresh {
            id: store.id().to_owned(),
            file: store.path(),
            name: store.name().map(Into::into),
            usage: store.totals().usage,
            context_tokens: store.last_usage().map(|usage| usage.context_tokens()),
            history: Arc::new(store.branch()),
        }
    }

    pub fn put(self, view: &mut View) {
        view.id = self.id;
        view.file = self.file;
        view.name = self.name;
        view.usage = self.usage;
        view.context_tokens = self.context_tokens;
        view.so_far = self.history.clone();
        view.history = self.history;
    }
}

/// The view that a conversation begins with.
pub(super) fn first_view(setup: &Setup) -> View {
    let fresh = Fresh::of(&setup.store);
    View {
        id: fresh.id,
        file: fresh.file,
        name: fresh.name,
        cwd: setup.store.cwd().to_path_buf(),
        model: setup.model.clone(),
        thinking: setup.model.clamp_thinking(setup.thinking),
        demo: setup.model.provider == demo::PROVIDER,
        running: false,
        compacting: false,
        auto_compaction: setup.compaction.enabled,
        auto_retry: setup.retry.enabled,
        drains: setup.drains,
        watching: None,
        usage: fresh.usage,
        context_tokens: fresh.context_tokens,
        steering: Vec::new(),
        follow_up: Vec::new(),
        tools: setup
            .place
            .tools
            .iter()
            .map(|tool| tool.spec().name.clone())
            .collect(),
        context_files: setup.place.context_files.clone(),
        so_far: fresh.history.clone(),
        history: fresh.history,
        scoped: !setup.scope.is_empty(),
    }
}

impl Actor {
    /// What `/session` shows.
    pub(super) fn stats(&self) -> Stats {
        self.ledger
            .with_store(|store| {
                let totals = store.totals();
                Ok(Stats {
                    file: store.path(),
                    id: store.id().to_owned(),
                    name: store.name().map(Into::into),
                    user_messages: totals.counts.user,
                    assistant_messages: totals.counts.assistant,
                    tool_calls: totals.counts.tool_calls,
                    tool_results: totals.counts.tool_results,
                    total_messages: totals.counts.messages,
                    usage: totals.usage,
                })
            })
            .unwrap_or_default()
    }
}
