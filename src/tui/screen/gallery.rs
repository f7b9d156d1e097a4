//! Pictures that are drawn over the cells of a frame, by iTerm2's protocol and as sixels. The terminal takes
//! them away itself where something else is written; here they are drawn where they have come, have moved,
//! or were written over.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::pictures::{Part, parts};

/// What is drawn on the screen.
#[derive(Default)]
pub(super) struct Gallery {
    parts: Vec<Part>,
}

impl Gallery {
    /// Whether nothing is drawn.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether something is drawn in these rows. Terminals do not agree on what becomes of it when they move
    /// rows.
    pub fn is_in(&self, rows: &Range<u16>) -> bool {
        let rows = rows.clone();
        let is_in = |part: &Part| part.area.y < rows.end && part.area.bottom() > rows.start;
        self.parts.iter().any(is_in)
    }

    /// Where to draw what, now that the terminal was sent the cells of this frame; `rewritten` are rows that
    /// were sent whole.
    pub fn next(
        &mut self,
        before: Option<&Buffer>,
        now: &Buffer,
        rewritten: &[u16],
    ) -> Vec<(u16, u16, String)> {
        self.parts = parts(now);
        let is_fresh = |part: &&Part| {
            let rows = part.area.y..part.area.bottom();
            rewritten.iter().any(|row| rows.contains(row))
                || before.is_none_or(|before| differ(before, now, part.area))
        };
        let fresh = self.parts.iter().filter(is_fresh);
        let drawn = fresh.filter_map(|part| Some((part.area.x, part.area.y, part.drawing()?)));
        drawn.collect()
    }
}

/// Whether these cells are others than they were.
fn differ(before: &Buffer, now: &Buffer, area: Rect) -> bool {
    let mut places = area.positions();
    places.any(|place| before.cell(place) != now.cell(place))
}

#[cfg(test)]
mod tests;
