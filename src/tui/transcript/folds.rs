//! What was folded or unfolded block by block, where that differs from the rest.
//!
//! Kept by place and not in the blocks, which are dropped when they are far from the window.

use std::collections::HashMap;

/// A block's place: its slot, its cell there, and its part of the cell (thinking is one of several).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Block {
    pub slot: usize,
    pub cell: usize,
    pub part: usize,
}

/// What one key folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Tool output, summaries, long prompts.
    Output,
    Thinking,
}

/// The blocks that do not follow the rest, and whether they are open.
#[derive(Debug, Default)]
pub(super) struct Folds {
    slots: HashMap<usize, SlotFolds>,
}

/// Those of one slot, by cell and part.
pub(super) type SlotFolds = HashMap<(usize, usize), (Kind, bool)>;

impl Folds {
    pub fn slot(&self, slot: usize) -> Option<&SlotFolds> {
        self.slots.get(&slot)
    }

    pub fn set(&mut self, block: Block, kind: Kind, open: bool) {
        let slot = self.slots.entry(block.slot).or_default();
        slot.insert((block.cell, block.part), (kind, open));
    }

    /// The block follows the rest again.
    pub fn unset(&mut self, block: Block) {
        if let Some(slot) = self.slots.get_mut(&block.slot) {
            slot.remove(&(block.cell, block.part));
        }
    }

    /// All blocks of a kind follow the rest again.
    pub fn reset(&mut self, kind: Kind) {
        self.slots.retain(|_, slot| {
            slot.retain(|_, (other, _)| *other != kind);
            !slot.is_empty()
        });
    }
}
