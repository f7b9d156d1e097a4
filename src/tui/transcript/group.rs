//! The cells of one message, one below the other, an empty row above each.

use std::ops::Range;

use ratatui::text::Line;

use super::cell::{CellBox, Foldable};
use super::folds::SlotFolds;
use super::paint::Paint;

/// The cells of one message.
#[derive(Default)]
pub(super) struct Group {
    pub cells: Vec<CellBox>,
}

impl From<Vec<CellBox>> for Group {
    fn from(cells: Vec<CellBox>) -> Self {
        Group { cells }
    }
}

impl Group {
    /// Brings all rows up to date and counts them.
    pub fn layout(&mut self, folds: Option<&SlotFolds>, paint: &Paint<'_>) -> usize {
        self.cells
            .iter_mut()
            .enumerate()
            .map(|(at, cell)| with_gap(cell.layout(at, folds, paint)))
            .sum()
    }

    /// What can be folded at a row that [`Group::layout`] counted, and the cell that it is in. Its top
    /// is a row of the group.
    pub fn foldable(&self, row: usize) -> Option<(usize, Foldable)> {
        let mut at = 0;
        for (index, cell) in self.cells.iter().enumerate() {
            let top = at + 1;
            at += with_gap(cell.height());
            if row < at {
                let mut found = cell.foldable(row.checked_sub(top)?)?;
                found.top += top;
                return Some((index, found));
            }
        }
        None
    }

    /// The rows counted last.
    pub fn height(&self) -> usize {
        self.cells.iter().map(|cell| with_gap(cell.height())).sum()
    }

    /// Copies rows that [`Group::layout`] counted.
    pub fn copy(&self, range: Range<usize>, rows: &mut Vec<Line<'static>>) {
        let mut at = 0;
        for cell in self.cells.iter().filter(|cell| cell.height() > 0) {
            if range.contains(&at) {
                rows.push(Line::default());
            }
            at += 1;
            let from = range.start.saturating_sub(at).min(cell.height());
            let to = range.end.saturating_sub(at).min(cell.height());
            if from < to {
                cell.copy(from..to, rows);
            }
            at += cell.height();
        }
    }

    /// Forgets the rows.
    pub fn evict(&mut self) {
        self.cells.iter_mut().for_each(CellBox::evict);
    }
}

fn with_gap(height: usize) -> usize {
    if height > 0 { height + 1 } else { 0 }
}
