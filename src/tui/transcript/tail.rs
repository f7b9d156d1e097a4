//! The transcript for a terminal that scrolls: rows that stay, handed out once, and the rows at the end
//! that may still change.
//!
//! A row stays when nothing that streams can change it: all of a finished cell, and what a growing answer
//! has behind it. Where it changes after all (folding, another theme or width, another branch) everything
//! begins again. Of what was handed out only counts and sums are kept, a pair a message; a frame lays out
//! what is open, and what was touched since the last one.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::cell::Cell;
use super::group::Group;
use super::list::List;
use super::live::Live;
use super::paint::{Key, Paint};
use super::view::{Transcript, paint};
use crate::tui::look::{Look, Token};
use crate::tui::markdown::wrap::truncate;

/// Of a longer conversation only the last rows are handed out when everything begins again.
pub const MOST: usize = 10_000;

/// What a frame adds.
#[derive(Debug, Default)]
pub struct Tail {
    /// What was handed out before is void.
    pub again: bool,
    /// Rows that come to stay.
    pub lasting: Vec<Line<'static>>,
    /// The last of the rows below, which may change.
    pub live: Vec<Line<'static>>,
}

/// What was handed out.
#[derive(Debug)]
pub(super) struct Given {
    key: Key,
    width: usize,
    /// The first slot, and how many of its rows were left out.
    first: usize,
    skipped: usize,
    /// Of every whole slot its height and the sum of its rows.
    marks: Vec<Mark>,
    /// Of the slot behind those.
    part: Mark,
    /// Whether that is to be looked at again.
    doubtful: bool,
    /// Cells that may change and were handed out as they were.
    held: Vec<(usize, usize)>,
}

/// Rows that were handed out.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Mark {
    rows: usize,
    sum: u64,
}

impl Mark {
    fn add(&mut self, rows: &[Line<'_>]) {
        for row in rows {
            let mut hasher = DefaultHasher::new();
            (self.sum, row.style).hash(&mut hasher);
            for span in &row.spans {
                // The colour of underlines is the number of a link, which is another one some day.
                let style = Style {
                    underline_color: None,
                    ..span.style
                };
                (&span.content, style).hash(&mut hasher);
            }
            self.sum = hasher.finish();
        }
        self.rows += rows.len();
    }
}

impl Given {
    /// The slot that is handed out next.
    fn next(&self) -> usize {
        self.first + self.marks.len()
    }

    /// The rows of a slot that were or would be handed out.
    fn from(&self, slot: usize) -> usize {
        if slot == self.first { self.skipped } else { 0 }
    }

    /// Whether a slot begins with the rows that were handed out.
    fn holds(&self, list: &mut List, paint: &Paint<'_>, slot: usize, mark: Mark) -> bool {
        let height = list.layout(slot, paint);
        let from = self.from(slot);
        let mut now = Mark::default();
        now.add(&rows_of(list, slot, from..height.min(from + mark.rows)));
        let is_whole = slot == self.next() || from + mark.rows == height;
        is_whole && now == mark
    }
}

impl Transcript {
    /// What a frame of that width adds, with room for so many rows that may change; all of it when
    /// `again`.
    pub fn tail(&mut self, width: u16, look: &Look, room: usize, again: bool) -> Tail {
        self.release();
        let paint = paint!(self, width, look);
        let touched = self.list.take_touched();
        let given = self.given.take();
        let held = given.as_ref().map(|given| given.held.clone());
        if let Some(given) = given.filter(|_| !again)
            && let Some(given) = still_true(given, &mut self.list, &self.live, &paint, touched)
            && let Some((given, tail)) = go_on(given, &mut self.list, &self.live, &paint, room)
        {
            self.put_away(given);
            return tail;
        }
        for (slot, cell) in held.unwrap_or_default() {
            self.list.release(slot, cell);
        }
        let (given, note) = begin(&mut self.list, &paint);
        // What was just begun holds what it says.
        let (given, mut tail) = go_on(given, &mut self.list, &self.live, &paint, room)
            .unwrap_or_else(|| (begin(&mut self.list, &paint).0, Tail::default()));
        self.put_away(given);
        tail.again = true;
        tail.lasting.splice(0..0, note);
        tail
    }

    /// The rows that were not handed out yet, as they are now: for the end.
    pub fn rest(&mut self, width: u16, look: &Look) -> Vec<Line<'static>> {
        let paint = paint!(self, width, look);
        let mut rows = Vec::new();
        let Some(given) = self.given.take() else {
            return rows;
        };
        let next = given.next();
        for slot in next..self.list.len() {
            let height = self.list.layout(slot, &paint);
            let from = match slot == next {
                true => given.from(slot) + given.part.rows,
                false => 0,
            };
            self.list.copy(slot, from.min(height)..height, &mut rows);
        }
        rows
    }

    /// Goes on where another transcript of the same conversation was; where it is not the same,
    /// everything begins again.
    pub fn follow(&mut self, before: &mut Transcript) {
        self.given = before.given.take();
        if let Some(given) = &mut self.given {
            given.held.clear();
            given.doubtful = true;
        }
        self.list.touch(0);
    }

    fn put_away(&mut self, given: Given) {
        let next = given.next();
        self.list.evict(next..self.list.len().max(next));
        self.given = Some(given);
    }

    /// Lets cells that were held go on once nothing more will change in them.
    fn release(&mut self) {
        let Some(given) = &mut self.given else { return };
        let (list, live) = (&mut self.list, &self.live);
        let next = given.first + given.marks.len();
        let mut released = false;
        given.held.retain(|(slot, cell)| {
            let group = list.group(*slot);
            let is_open = group.is_some_and(|group| open_cell(group, live, *slot, *cell));
            if !is_open {
                list.release(*slot, *cell);
                released |= *slot == next;
            }
            is_open
        });
        given.doubtful |= released;
    }
}

fn rows_of(list: &List, slot: usize, range: Range<usize>) -> Vec<Line<'static>> {
    let mut rows = Vec::new();
    list.copy(slot, range, &mut rows);
    rows
}

/// Whether all that was handed out is as it was; looks only at what may not be.
fn still_true(
    mut given: Given,
    list: &mut List,
    live: &Live,
    paint: &Paint<'_>,
    touched: usize,
) -> Option<Given> {
    let next = given.next();
    if given.width != paint.width || next > list.len() {
        return None;
    }
    // Before the rows are drawn: what is made ready beside may come meanwhile.
    let key = paint.key();
    let is_other = given.key != key;
    let from = match is_other {
        true => given.first,
        false => touched.max(given.first),
    };
    let marks = given.marks.get(from - given.first..).unwrap_or_default();
    for (mark, slot) in marks.iter().zip(from..) {
        if !given.holds(list, paint, slot, *mark) {
            return None;
        }
    }
    given.key = key;
    // What a message that is being written has behind it needs no second look.
    given.doubtful |= is_other || touched <= next && !live.is_streaming(next);
    if std::mem::take(&mut given.doubtful) && !given.holds(list, paint, next, given.part) {
        return None;
    }
    Some(given)
}

/// Begins again, with the last rows; and the note on what is left out above them.
fn begin(list: &mut List, paint: &Paint<'_>) -> (Given, Option<Line<'static>>) {
    let key = paint.key();
    let mut first = list.len();
    let mut rows = 0;
    while first > 0 && rows < MOST {
        first -= 1;
        rows += list.layout(first, paint);
    }
    let skipped = rows.saturating_sub(MOST);
    let note = (first > 0 || skipped > 0).then(|| {
        let text = "… earlier rows are not printed again; the session has them";
        note(text.into(), paint)
    });
    let given = Given {
        key,
        width: paint.width,
        first,
        skipped,
        marks: Vec::new(),
        part: Mark::default(),
        doubtful: false,
        held: Vec::new(),
    };
    (given, note)
}

/// Hands out what has come to stay; `None` when something handed out before has changed.
fn go_on(
    mut given: Given,
    list: &mut List,
    live: &Live,
    paint: &Paint<'_>,
    room: usize,
) -> Option<(Given, Tail)> {
    let mut tail = Tail::default();
    while given.next() < list.len() {
        let slot = given.next();
        let height = list.layout(slot, paint);
        let (steady, open) = match list.group(slot) {
            Some(group) => steady(group, live, slot),
            None => (height, None),
        };
        if open.is_none() && given.part.rows > 0 && !given.holds(list, paint, slot, given.part) {
            return None;
        }
        let from = given.from(slot) + given.part.rows;
        let to = if open.is_none() { height } else { steady };
        if to < from && (open.is_none() || given.part.rows > 0) {
            return None;
        }
        let rows = rows_of(list, slot, from..to.max(from));
        given.part.add(&rows);
        tail.lasting.extend(rows);
        let Some(cell) = open else {
            given.marks.push(std::mem::take(&mut given.part));
            continue;
        };
        let (rows, hidden) = last_rows(list, paint, slot, to.max(from), room);
        let is_last = slot + 1 == list.len() && rows_below(list, slot, cell) == 0;
        if hidden > room && !live.is_streaming(slot) && !is_last {
            // Too much waits for it: it is handed out as it is.
            list.hold(slot, cell);
            given.held.push((slot, cell));
            continue;
        }
        tail.live = rows;
        if hidden > 0
            && let Some(first) = tail.live.first_mut()
        {
            let text = format!("… {} rows above are still being written", hidden + 1);
            *first = note(text, paint);
        }
        break;
    }
    Some((given, tail))
}

/// The last rows from a row of a slot on, at most so many, and how many there are above them.
fn last_rows(
    list: &mut List,
    paint: &Paint<'_>,
    slot: usize,
    row: usize,
    room: usize,
) -> (Vec<Line<'static>>, usize) {
    let heights: Vec<usize> = (slot..list.len())
        .map(|at| list.layout(at, paint))
        .collect();
    let all = heights.iter().sum::<usize>().saturating_sub(row);
    let mut skip = row + all.saturating_sub(room);
    let mut rows = Vec::new();
    for (at, height) in (slot..).zip(heights) {
        list.copy(at, skip.min(height)..height, &mut rows);
        skip = skip.saturating_sub(height);
    }
    (rows, all.saturating_sub(room))
}

/// The rows of a slot below one of its cells.
fn rows_below(list: &List, slot: usize, cell: usize) -> usize {
    let cells = list.group(slot).map_or(&[][..], |group| &group.cells);
    cells.iter().skip(cell + 1).map(|cell| cell.height()).sum()
}

/// How many rows of a group stay, and the cell below them that may change.
fn steady(group: &Group, live: &Live, slot: usize) -> (usize, Option<usize>) {
    let with_gap = |rows: usize| if rows > 0 { rows + 1 } else { 0 };
    let mut rows = 0;
    for (at, cell) in group.cells.iter().enumerate() {
        if cell.is_held() || !open_cell(group, live, slot, at) {
            rows += with_gap(cell.height());
            continue;
        }
        rows += match cell.cell() {
            Cell::Assistant(assistant) => with_gap(assistant.steady().min(cell.height())),
            _ => 0,
        };
        return (rows, Some(at));
    }
    (rows, None)
}

/// Whether a cell may still change by itself.
fn open_cell(group: &Group, live: &Live, slot: usize, cell: usize) -> bool {
    match group.cells.get(cell).map(|cell| cell.cell()) {
        Some(Cell::Tool(call)) if call.is_done() => live.is_streaming(slot),
        Some(_) => live.is_open(slot, cell),
        None => false,
    }
}

fn note(text: String, paint: &Paint<'_>) -> Line<'static> {
    truncate(
        &[Span::styled(text, paint.look.fg(Token::Dim))],
        paint.width,
    )
    .into()
}
