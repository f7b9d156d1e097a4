//! The cells of one message, one below the other, an empty row above each.

use std::ops::Range;

use ratatui::text::Line;

use super::cell::CellBox;
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
    pub fn layout(&mut self, paint: &Paint<'_>) -> usize {
        self.cells
            .iter_mut()
            .map(|cell| with_gap(cell.layout(paint)))
            .sum()
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
