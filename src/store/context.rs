//! From the leaf to what the model sees and the screen shows.
//!
//! A compaction on the branch puts its summary first, then what it kept, then what came after; the
//! reference shows the same on resume. [`Scope::Everything`] shows the whole branch instead.

use std::sync::{Arc, PoisonError, RwLock};

use crate::ai::SharedMessage;

use super::entry::{Kind, Role};
use super::file::Log;
use super::tree::{Span, Tree};

/// What the model sees, and the settings in force.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Context {
    /// Oldest first. A `!!` command is among them; providers leave it out.
    pub messages: Vec<SharedMessage>,
    /// Who answered last, or was chosen after that.
    pub model: Option<ModelRef>,
    /// The level that was chosen last, by name; `None` when the branch never chose.
    pub thinking: Option<String>,
}

/// A model by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRef {
    /// The provider's id.
    pub provider: String,
    /// The model's id.
    pub id: String,
}

/// Which messages of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those that the model sees: a compaction hides what it summarised.
    Context,
    /// All of them, each compaction's summary in its place.
    Everything,
}

/// The messages of a branch, oldest first, read from disk when asked for. A snapshot: what is
/// appended later is not in it. Cheap to clone.
#[derive(Clone)]
pub struct Branch {
    log: Arc<Log>,
    // Grows at its end while snapshots with smaller lengths are held by faces; never changes else.
    spans: Arc<RwLock<Vec<Span>>>,
    len: usize,
}

impl Branch {
    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The message at `index`; `None` when it cannot be read, or is of a kind that is not known.
    pub fn message(&self, index: usize) -> Option<SharedMessage> {
        self.log.message(self.span(index)?)
    }

    /// The line of the file that the message at `index` is in, as it is.
    pub fn line(&self, index: usize) -> Option<Vec<u8>> {
        self.log.bytes(self.span(index)?).ok()
    }

    /// The messages in these places of the file.
    pub(super) fn of(log: &Arc<Log>, spans: Vec<Span>) -> Self {
        Branch {
            log: log.clone(),
            len: spans.len(),
            spans: Arc::new(RwLock::new(spans)),
        }
    }

    /// The whole entry at `index`, as in the file.
    pub(super) fn value(&self, index: usize) -> Option<serde_json::Value> {
        self.log.value(self.span(index)?)
    }

    /// All messages that can be read, without keeping them.
    pub(super) fn read_all(&self) -> Vec<SharedMessage> {
        let spans = self.spans.read().unwrap_or_else(PoisonError::into_inner);
        let own = spans.iter().take(self.len);
        own.filter_map(|span| self.log.message_once(*span))
            .collect()
    }

    /// This branch and one message more.
    pub(super) fn grow(&mut self, span: Span) {
        let mut spans = self.spans.write().unwrap_or_else(PoisonError::into_inner);
        spans.push(span);
        self.len += 1;
    }

    /// The place of the message that stands there in the file.
    pub(super) fn place(&self, span: Span) -> Option<usize> {
        let spans = self.spans.read().unwrap_or_else(PoisonError::into_inner);
        spans.iter().take(self.len).rposition(|own| *own == span)
    }

    fn span(&self, index: usize) -> Option<Span> {
        if index >= self.len {
            return None;
        }
        let spans = self.spans.read().unwrap_or_else(PoisonError::into_inner);
        spans.get(index).copied()
    }
}

/// The messages from the root to `leaf`.
pub(super) fn branch(log: &Arc<Log>, tree: &Tree, leaf: Option<u32>, scope: Scope) -> Branch {
    let path = tree.path(leaf);
    let spans: Vec<Span> = match scope {
        Scope::Context => in_context(log, tree, &path),
        Scope::Everything => spans(tree, &path, |kind| {
            kind.is_shown() || kind == Kind::Compaction
        })
        .collect(),
    };
    Branch::of(log, spans)
}

fn in_context(log: &Log, tree: &Tree, path: &[u32]) -> Vec<Span> {
    let kind = |index: &u32| tree.node(*index).map(|node| node.kind);
    let compaction = path
        .iter()
        .rposition(|at| kind(at) == Some(Kind::Compaction));
    let Some(compaction) = compaction else {
        return spans(tree, path, Kind::is_shown).collect();
    };
    let (before, from) = path.split_at(compaction);
    let (summary, after) = from.split_at(1);
    let kept = &before[first_kept(log, tree, before, summary.first().copied())..];
    spans(tree, summary, |_| true)
        .chain(spans(tree, kept, Kind::is_shown))
        .chain(spans(tree, after, Kind::is_shown))
        .collect()
}

/// The entry that a compaction names as the first that it keeps.
pub(super) fn first_kept_id(log: &Log, tree: &Tree, compaction: Option<u32>) -> Option<String> {
    let entry = log.value(tree.node(compaction?)?.span())?;
    Some(entry["firstKeptEntryId"].as_str()?.to_string())
}

/// Where in `before` a compaction begins to keep; its end when it keeps nothing.
pub(super) fn first_kept(log: &Log, tree: &Tree, before: &[u32], compaction: Option<u32>) -> usize {
    let nothing = before.len();
    let Some(id) = first_kept_id(log, tree, compaction) else {
        return nothing;
    };
    let id = id.as_str();
    let place = |index: u32| before.iter().position(|at| *at == index);
    if let Some(index) = tree.find(id) {
        return place(index).unwrap_or(nothing);
    }
    // The first kept entry is damaged: what followed it is kept still.
    match tree.stand_in(id) {
        Some(Some(index)) => place(index).map_or(nothing, |at| at + 1),
        Some(None) => 0,
        None => nothing,
    }
}

fn spans(tree: &Tree, path: &[u32], wanted: impl Fn(Kind) -> bool) -> impl Iterator<Item = Span> {
    let nodes = path.iter().filter_map(|index| tree.node(*index));
    nodes
        .filter(move |node| wanted(node.kind))
        .map(|node| node.span())
}

/// The model in force at `leaf`.
pub(super) fn model(log: &Log, tree: &Tree, leaf: Option<u32>) -> Option<ModelRef> {
    for index in tree.ancestors(leaf) {
        let node = tree.node(index)?;
        let named = match (node.kind, node.role) {
            (Kind::ModelChange, _) => log.value(node.span()).and_then(|entry| {
                Some((
                    entry["provider"].as_str()?.into(),
                    entry["modelId"].as_str()?.into(),
                ))
            }),
            (Kind::Message, Role::Assistant) => log.message(node.span()).and_then(|message| {
                let answer = message.as_assistant()?;
                Some((answer.provider.clone(), answer.model.clone()))
            }),
            _ => None,
        };
        if let Some((provider, id)) = named {
            return Some(ModelRef { provider, id });
        }
    }
    None
}

/// The thinking level in force at `leaf`.
pub(super) fn thinking(log: &Log, tree: &Tree, leaf: Option<u32>) -> Option<String> {
    tree.ancestors(leaf).find_map(|index| {
        let node = tree.node(index)?;
        let is_change = node.kind == Kind::ThinkingLevelChange;
        let entry = is_change.then(|| log.value(node.span())).flatten()?;
        Some(entry["thinkingLevel"].as_str()?.to_string())
    })
}
