//! Entries of a branch with their messages: what compaction and the summary of a branch work on.
//!
//! Taking a range reads no bodies but a compaction's; messages are read when asked for, beside the
//! conversation.

use serde_json::Value;

use super::entry::{EntryId, Kind, Role};
use super::tree::Node;
use super::{Branch, Result, Store, context};
use crate::ai::{SharedMessage, StopReason, Usage};

/// What has come since the last compaction of a branch, or since its beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Growth {
    /// Whether the branch has a compaction; not looked for behind an answer with usage.
    pub is_compacted: bool,
    /// Whether the model has answered since.
    pub has_answer: bool,
    /// What the last answer that finished says of the context's size.
    pub usage: Option<Usage>,
}

/// Consecutive entries of one branch, oldest first.
pub struct Range {
    nodes: Vec<Node>,
    ids: Vec<EntryId>,
    messages: Branch,
}

/// What the model sees of a branch, entry by entry.
pub struct Seen {
    /// The entry of the last compaction.
    pub compaction: Option<Value>,
    /// The entries that it kept and that came since; all of them when there is none.
    pub entries: Range,
    /// How many of them it kept.
    pub kept: usize,
}

impl Range {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The type of the entry at `index`.
    pub fn kind(&self, index: usize) -> Option<Kind> {
        self.nodes.get(index).map(|node| node.kind)
    }

    /// Its id.
    pub fn id(&self, index: usize) -> Option<&EntryId> {
        self.ids.get(index)
    }

    /// Its message, read from disk unless it is still in memory; a compaction's is its summary.
    pub fn message(&self, index: usize) -> Option<SharedMessage> {
        self.messages.message(index)
    }

    /// The whole entry, as in the file.
    pub fn entry(&self, index: usize) -> Option<Value> {
        self.messages.value(index)
    }
}

impl Store {
    /// What has come to the current branch since its last compaction.
    pub fn growth(&self) -> Growth {
        let mut growth = Growth::default();
        for index in self.tree.ancestors(self.leaf) {
            let Some(node) = self.tree.node(index) else {
                break;
            };
            if node.kind == Kind::Compaction {
                growth.is_compacted = true;
                break;
            }
            if node.role != Role::Assistant {
                continue;
            }
            let message = self.log.message(node.span());
            let Some(answer) = message.as_ref().and_then(|m| m.as_assistant()) else {
                continue;
            };
            if matches!(answer.stop_reason, StopReason::Aborted | StopReason::Error) {
                continue;
            }
            growth.has_answer = true;
            if answer.usage.context_tokens() > 0 {
                growth.usage = Some(answer.usage);
                break;
            }
        }
        growth
    }

    /// What the model sees of the current branch, entry by entry.
    pub fn seen(&self) -> Seen {
        let path = self.tree.path(self.leaf);
        let is_compaction = |index: &u32| {
            let node = self.tree.node(*index);
            node.is_some_and(|node| node.kind == Kind::Compaction)
        };
        let Some(at) = path.iter().rposition(is_compaction) else {
            return Seen {
                compaction: None,
                entries: self.range(&path),
                kept: 0,
            };
        };
        let (before, from) = path.split_at(at);
        let compaction = from.first().copied();
        let first = context::first_kept(&self.log, &self.tree, before, compaction);
        let mut entries = before[first..].to_vec();
        let kept = entries.len();
        entries.extend(from.iter().skip(1));
        let node = compaction.and_then(|index| self.tree.node(index));
        Seen {
            compaction: node.and_then(|node| self.log.value(node.span())),
            entries: self.range(&entries),
            kept,
        }
    }

    /// The entries from where the branches of `leaf` and `target` part to `leaf`.
    pub fn left_range(&self, leaf: &str, target: &str) -> Result<Range> {
        let (leaf, target) = (self.index_of(leaf)?, self.index_of(target)?);
        let common = self.tree.common_ancestor(Some(leaf), Some(target));
        let left = self.tree.ancestors(Some(leaf));
        let mut left: Vec<u32> = left.take_while(|index| Some(*index) != common).collect();
        left.reverse();
        Ok(self.range(&left))
    }

    fn range(&self, entries: &[u32]) -> Range {
        let known = entries.iter().filter_map(|index| {
            let node = self.tree.node(*index)?;
            Some((*node, self.tree.id(*index)))
        });
        let (nodes, ids): (Vec<Node>, Vec<EntryId>) = known.unzip();
        let spans = nodes.iter().map(Node::span).collect();
        Range {
            messages: Branch::of(&self.log, spans),
            nodes,
            ids,
        }
    }
}
