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
    /// The rows of the window when it was last drawn.
    places: Vec<Place>,
    /// How far down the window is to be, from 0 to 1.
    share: Option<f64>,
    /// Where it stands among all there is.
    bar: Option<Bar>,
    /// Rows still to move.
    lines: isize,
    /// The window's size when it was last drawn.
    width: usize,
    height: usize,
}

/// A row of the conversation: of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    pub(super) slot: usize,
    pub(super) row: usize,
}

/// Where a window stood.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stand(Option<Place>);

/// Where the window stands among all there is, counted in messages: what is far from the window was
/// never laid out, so nobody knows how many rows it has. Both ends are exact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// The share of the way to the end that is above the window, from 0 to 1.
    pub above: f64,
    /// The share of all that the last window shows.
    pub shown: f64,
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
        self.share = None;
    }

    /// What was last drawn in a row of the window.
    pub fn drawn_at(&self, row: usize) -> Option<Place> {
        self.places.get(row).copied()
    }

    /// What was last drawn in the rows of the window.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// Where the window stands among all there is; `None` when all of it is in the window.
    pub fn bar(&self) -> Option<Bar> {
        self.bar
    }

    /// Goes to where this share of the way to the end is above the window.
    pub fn go_to_share(&mut self, share: f64) {
        self.share = Some(share.clamp(0.0, 1.0));
        self.lines = 0;
    }

    /// Brings a row into the window, a third from its top, unless it is there.
    pub fn show(&mut self, place: Place) {
        if self.lines == 0 && self.share.is_none() && self.places.contains(&place) {
            return;
        }
        self.share = None;
        self.held = Some(place);
        self.lines = -isize::try_from(self.height / 3).unwrap_or(0);
    }

    /// Where it stands, to come back to.
    pub fn stand(&self) -> Stand {
        Stand(self.held)
    }

    /// Comes back.
    pub fn back_to(&mut self, stand: Stand) {
        (self.held, self.lines, self.share) = (stand.0, 0, None);
    }

    /// The same.
    pub fn columns(&self) -> u16 {
        u16::try_from(self.width()).unwrap_or(u16::MAX)
    }

    /// The columns of the window when it was last drawn.
    pub fn width(&self) -> usize {
        self.width.max(1)
    }

    /// Keeps what is at the window's top there, but not below `row` of `slot`: for a block that begins
    /// there and changes its height.
    pub fn keep_in_view(&mut self, slot: usize, row: usize) {
        let place = Place { slot, row };
        self.held = Some(self.drawn_at(0).unwrap_or(place).min(place));
    }

    /// Goes to the end and stays there.
    pub fn follow(&mut self) {
        self.held = None;
        self.lines = 0;
        self.share = None;
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
        if let Some(share) = self.share.take() {
            self.held = (share < 1.0).then(|| at_share(list, paint, end, share));
        }
        let top = self.top(list, paint, end);
        self.held = (top < end).then_some(top);
        self.bar = bar(list, paint, top, end);
        rows(list, paint, top, height, &mut self.places)
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

/// A place as a number of messages and a part of one.
fn measure(list: &mut List, paint: &Paint<'_>, place: Place) -> f64 {
    if place.row == 0 {
        return place.slot as f64;
    }
    let height = list.layout(place.slot, paint).max(1);
    place.slot as f64 + place.row as f64 / height as f64
}

fn bar(list: &mut List, paint: &Paint<'_>, top: Place, end: Place) -> Option<Bar> {
    let whole = measure(list, paint, end);
    if end == Place::default() || whole <= 0.0 {
        return None;
    }
    let above = match top < end {
        true => measure(list, paint, top) / whole,
        false => 1.0,
    };
    let all = list.len() as f64;
    Some(Bar {
        above,
        shown: ((all - whole) / all).clamp(0.0, 1.0),
    })
}

fn at_share(list: &mut List, paint: &Paint<'_>, end: Place, share: f64) -> Place {
    let at = measure(list, paint, end) * share;
    let slot = (at as usize).min(list.len().saturating_sub(1));
    let height = list.layout(slot, paint);
    let row = ((at - slot as f64) * height as f64) as usize;
    Place {
        slot,
        row: row.min(height.saturating_sub(1)),
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
    places: &mut Vec<Place>,
) -> (Vec<Line<'static>>, Range<usize>) {
    let mut rows = Vec::with_capacity(height);
    places.clear();
    let mut at = top.slot;
    let mut from = top.row;
    while at < list.len() && rows.len() < height {
        let all = list.layout(at, paint);
        let to = all.min(from + height - rows.len());
        if from < to {
            list.copy(at, from..to, &mut rows);
            places.extend((from..to).map(|row| Place { slot: at, row }));
        }
        from = from.saturating_sub(all);
        at += 1;
    }
    (rows, top.slot..at)
}
