//! Folding by block: the one that stands in a row of the window.

use ratatui::text::Line;

use super::folds::{Block, Kind};
use super::paint::Paint;
use super::scroll::Place;
use super::view::Transcript;
use crate::tui::look::Look;

impl Transcript {
    /// Folds or unfolds what stands in a row of the window last drawn: a tool's output, thinking, a
    /// summary, a shell command, a long prompt. It stays so until all of its kind are folded or
    /// unfolded. False, and nothing has happened, where there is nothing to fold.
    pub fn toggle_fold_at(&mut self, row: u16, look: &Look) -> bool {
        let Some(place) = self.place_at(row) else {
            return false;
        };
        self.toggle_fold(place, look)
    }

    /// What stands in a row of the window last drawn.
    pub fn place_at(&self, row: u16) -> Option<Place> {
        self.scroll.drawn_at(usize::from(row))
    }

    /// [`Transcript::toggle_fold_at`] for a row of the conversation.
    pub fn toggle_fold(&mut self, place: Place, look: &Look) -> bool {
        let Place { slot, row: at } = place;
        let group = self.list.group_mut(slot);
        let Some((cell, found)) = group.and_then(|group| group.foldable(at)) else {
            return false;
        };
        let block = Block {
            slot,
            cell,
            part: found.part,
        };
        let before = self.rows_of(slot, look);
        let rest = match found.kind {
            Kind::Output => self.expanded,
            Kind::Thinking => self.thinking,
        };
        match found.open {
            open if open == rest => self.list.folds.set(block, found.kind, !open),
            _ => self.list.folds.unset(block),
        }
        if self.rows_of(slot, look) == before {
            self.list.folds.unset(block);
            return false;
        }
        self.scroll.keep_in_view(slot, found.top);
        true
    }

    fn rows_of(&mut self, slot: usize, look: &Look) -> Vec<Line<'static>> {
        let paint = Paint {
            look,
            setup: &self.setup,
            width: self.scroll.width(),
            expanded: self.expanded,
            thinking: self.thinking,
            now: self.now,
            today: self.today,
        };
        let height = self.list.layout(slot, &paint);
        let mut rows = Vec::with_capacity(height);
        self.list.copy(slot, 0..height, &mut rows);
        rows
    }
}
