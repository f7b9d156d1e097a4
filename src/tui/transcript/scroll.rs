//! Where the window stands: at the end, or held to a row of a message.
//!
//! Held, its rows never move while more comes below. Motions are kept until the next window is asked
//! for, so that moving costs nothing and only the window is ever laid out.

use std::ops::Range;

use ratatui::text::Line;

use super::list::List;
use super::paint::Paint;

/// Where the window stands.
#[derive(Debug, Default)]
pub(super) struct Scroll {
    /// Its first row; `None` at the end.
    held: Option<Place>,
    /// The window's first row when it was last drawn.
    drawn: Place,
    /// Rows still to move.
    lines: isize,
    /// The window's size when it was last drawn.
    width: usize,
    height: usize,
}

/// A row of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Place {
    slot: usize,
    row: usize,
}

impl Scroll {
    /// Moves by so many rows, up when negative.
    pub fn by_lines(&mut self, rows: isize) {
        self.lines = self.lines.saturating_add(rows);
    }

    /// A page keeps two rows of the one before.
    pub fn by_pages(&mut self, pages: isize) {
        let page = self.height.saturating_sub(2).max(1);
        self.by_lines(pages.saturating_mul(isize::try_from(page).unwrap_or(1)));
    }

    /// Holds on to the first row of a slot.
    pub fn hold(&mut self, slot: usize) {
        self.held = Some(Place { slot, row: 0 });
        self.lines = 0;
    }

    /// The slot that was last drawn in a row of the window, and the row of the slot.
    pub fn drawn_at(&self, list: &List, row: usize) -> Option<(usize, usize)> {
        let mut at = self.drawn;
        at.row += row;
        while at.slot < list.len() {
            let height = list.known_height(at.slot).unwrap_or(0);
            if at.row < height {
                return Some((at.slot, at.row));
            }
            at.row -= height;
            at.slot += 1;
        }
        None
    }

    /// The columns of the window when it was last drawn.
    pub fn width(&self) -> usize {
        self.width.max(1)
    }

    /// Keeps what is at the window's top there, but not below `row` of `slot`: for a block that begins
    /// there and changes its height.
    pub fn keep_in_view(&mut self, slot: usize, row: usize) {
        self.held = Some(self.drawn.min(Place { slot, row }));
    }

    /// Goes to the end and stays there.
    pub fn follow(&mut self) {
        self.held = None;
        self.lines = 0;
    }

    pub fn is_following(&self) -> bool {
        self.held.is_none() && self.lines >= 0
    }

    /// The slot that motions by message start from: `visible` unless one is on its way.
    pub fn first_slot(&self, visible: usize) -> usize {
        self.held.map_or(visible, |place| match place.row {
            0 | 1 => place.slot,
            _ => place.slot + 1,
        })
    }

    /// The rows of the window, and the slots that they are of.
    pub fn window(
        &mut self,
        list: &mut List,
        paint: &Paint<'_>,
        height: usize,
    ) -> (Vec<Line<'static>>, Range<usize>) {
        self.keep_place(list, paint);
        self.width = paint.width;
        self.height = height;
        let end = end(list, paint, height);
        let top = self.top(list, paint, end);
        self.held = (top < end).then_some(top);
        self.drawn = top;
        rows(list, paint, top, height)
    }

    /// After a change of width, holds on to what stood at the top.
    fn keep_place(&mut self, list: &mut List, paint: &Paint<'_>) {
        let Some(place) = &mut self.held else { return };
        if self.width == paint.width {
            return;
        }
        if let Some(before) = list.known_height(place.slot) {
            let now = list.layout(place.slot, paint);
            place.row = place.row * now / before;
        }
    }

    /// The first row of the window once it has moved.
    fn top(&mut self, list: &mut List, paint: &Paint<'_>, end: Place) -> Place {
        let lines = std::mem::take(&mut self.lines);
        let mut top = match self.held {
            None => end,
            Some(place) => {
                // The slot may have become shorter.
                let height = list.layout(place.slot, paint);
                Place {
                    row: place.row.min(height.saturating_sub(1)),
                    ..place
                }
            }
        };
        match lines {
            0 => {}
            1.. => down(list, paint, &mut top, lines.unsigned_abs(), end),
            _ => up(list, paint, &mut top, lines.unsigned_abs()),
        }
        top.min(end)
    }
}

/// Where the window's first row is when its last is the last of all.
fn end(list: &mut List, paint: &Paint<'_>, height: usize) -> Place {
    let mut top = Place {
        slot: list.len(),
        row: 0,
    };
    up(list, paint, &mut top, height);
    top
}

fn up(list: &mut List, paint: &Paint<'_>, top: &mut Place, mut rows: usize) {
    while rows > top.row {
        rows -= top.row;
        top.row = 0;
        if top.slot == 0 {
            return;
        }
        top.slot -= 1;
        top.row = list.layout(top.slot, paint);
    }
    top.row -= rows;
}

fn down(list: &mut List, paint: &Paint<'_>, top: &mut Place, rows: usize, end: Place) {
    top.row += rows;
    while *top < end {
        let height = list.layout(top.slot, paint);
        if top.row < height {
            return;
        }
        top.row -= height;
        top.slot += 1;
    }
}

fn rows(
    list: &mut List,
    paint: &Paint<'_>,
    top: Place,
    height: usize,
) -> (Vec<Line<'static>>, Range<usize>) {
    let mut rows = Vec::with_capacity(height);
    let mut at = top.slot;
    let mut from = top.row;
    while at < list.len() && rows.len() < height {
        let all = list.layout(at, paint);
        let to = all.min(from + height - rows.len());
        if from < to {
            list.copy(at, from..to, &mut rows);
        }
        from = from.saturating_sub(all);
        at += 1;
    }
    (rows, top.slot..at)
}
