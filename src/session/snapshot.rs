//! Views and figures made from the store: at the start, after another session has taken its place, after
//! a run, when asked.

use std::path::PathBuf;
use std::sync::Arc;

use super::actor::Actor;
use super::command::{ContextUsage, Stats};
use super::compact::estimate::{of_text, tokens_of};
use super::setup::Setup;
use super::view::{History, View};
use crate::ai::{SharedMessage, Usage, demo};
use crate::store::{Filter, Kind, Node, Row, Store};

/// What a view says of its store.
pub(super) struct Fresh {
    id: String,
    file: Option<PathBuf>,
    name: Option<String>,
    usage: Usage,
    context_tokens: Option<u64>,
    history: Arc<dyn History>,
    so_far: Arc<dyn History>,
    watching: Option<String>,
}

impl Fresh {
    pub fn of(store: &Store) -> Self {
        Fresh {
            id: store.id().to_owned(),
            file: store.path(),
            name: store.name().map(Into::into),
            usage: store.totals().usage,
            context_tokens: store.last_usage().map(|usage| usage.context_tokens()),
            history: Arc::new(store.transcript()),
            so_far: Arc::new(store.branch()),
            watching: store.is_read_only().then(|| match store.writer() {
                Some(Some(pid)) => format!("process {pid} writes it"),
                Some(None) => "another process writes it".into(),
                None => "its writer has ended".into(),
            }),
        }
    }

    pub fn put(self, view: &mut View) {
        view.id = self.id;
        view.file = self.file;
        view.name = self.name;
        view.usage = self.usage;
        view.context_tokens = self.context_tokens;
        view.so_far = self.so_far;
        view.history = self.history;
        view.watching = self.watching;
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
        watching: fresh.watching,
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
        so_far: fresh.so_far,
        history: fresh.history,
        scoped: !setup.scope.is_empty(),
        scope: Arc::new(setup.scope.clone()),
    }
}

impl Actor {
    /// What `/session` shows.
    pub(super) fn stats(&self) -> Stats {
        let budgets = self.runner.budget.spent();
        let window = self.choice.borrow().model.context_window;
        let system = self.runner.request.system.len();
        self.ledger
            .with_store(|store| {
                let totals = store.totals();
                let nodes = store.tree().nodes();
                let is_compaction = |node: &&Node| node.kind == Kind::Compaction;
                Ok(Stats {
                    file: store.path(),
                    id: store.id().to_owned(),
                    name: store.name().map(Into::into),
                    user_messages: totals.counts.user,
                    assistant_messages: totals.counts.assistant,
                    tool_calls: totals.counts.tool_calls,
                    tool_results: totals.counts.tool_results,
                    total_messages: totals.counts.messages,
                    entries: nodes.len(),
                    branches: branches(store),
                    compactions: nodes.iter().filter(is_compaction).count(),
                    usage: totals.usage,
                    budgets,
                    context: (window > 0).then(|| context_usage(store, window, system)),
                })
            })
            .unwrap_or_default()
    }
}

/// Ends of the tree, as it is shown.
fn branches(store: &Store) -> usize {
    let outline = store.outline(Filter::Default);
    let rows = outline.rows();
    let mut is_end = vec![true; rows.len()];
    for parent in rows.iter().filter_map(Row::parent) {
        is_end[parent] = false;
    }
    is_end.into_iter().filter(|is_end| *is_end).count()
}

/// How full the context is: what the last answer says, and an estimate of what came after it.
fn context_usage(store: &Store, window: u64, system: usize) -> ContextUsage {
    let growth = store.growth();
    if growth.is_compacted && growth.usage.is_none() {
        return ContextUsage {
            window,
            ..ContextUsage::default()
        };
    }
    let branch = store.branch();
    let newest = (0..branch.len()).rev().filter_map(|at| branch.message(at));
    let is_after = |message: &SharedMessage| {
        growth.usage.is_none() || message.as_assistant().map(|answer| answer.usage) != growth.usage
    };
    let after: u64 = newest
        .take_while(is_after)
        .map(|message| tokens_of(&message))
        .sum();
    let known = match growth.usage {
        Some(usage) => usage.context_tokens(),
        None => of_text(system),
    };
    let tokens = known + after;
    ContextUsage {
        tokens: Some(tokens),
        window,
        percent: Some(tokens as f64 * 100.0 / window as f64),
    }
}
