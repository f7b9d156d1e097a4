//! What the person has selected with the mouse: from a character of the conversation to another.
//!
//! Held to places of the conversation, not of the window: it stays while more comes below and while the
//! window moves. It goes when what stands at its ends changes its shape.

use std::ops::Range;

use super::list::List;
use super::paint::Paint;
use super::rows::{Cluster, Lines, clusters};
use super::scroll::Place;
use crate::tui::markdown::written::{self, Seam};

/// How much one step of a selection takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Grain {
    /// A character.
    #[default]
    Character,
    /// A word: a double click.
    Word,
    /// A line as it was written, however it is wrapped: a triple click.
    Line,
}

/// A character's place in the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub place: Place,
    pub column: u16,
}

/// What is selected.
#[derive(Debug)]
pub(super) struct Selection {
    grain: Grain,
    anchor: Range<Spot>,
    head: Range<Spot>,
    /// Whether it has been more than a click.
    is_on: bool,
    /// The columns that it was made at.
    width: usize,
    /// The rows at both ends when they were selected.
    ends: [(Place, String); 2],
}

impl Selection {
    /// Begins at a character. A click alone selects nothing.
    pub fn begin(list: &List, at: Spot, grain: Grain, width: usize) -> Self {
        let anchor = reach(list, at, grain);
        let mut selection = Selection {
            grain,
            head: anchor.clone(),
            anchor,
            is_on: grain != Grain::Character,
            width,
            ends: Default::default(),
        };
        selection.note(list);
        selection
    }

    /// Extends to a character.
    pub fn extend(&mut self, list: &List, to: Spot) {
        self.head = reach(list, to, self.grain);
        self.is_on = true;
        self.note(list);
    }

    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Its first row.
    pub fn start(&self) -> Place {
        self.range().start.place
    }

    fn range(&self) -> Range<Spot> {
        self.anchor.start.min(self.head.start)..self.anchor.end.max(self.head.end)
    }

    fn note(&mut self, list: &List) {
        let range = self.range();
        let end = |place| (place, row_text(list, place).unwrap_or_default());
        self.ends = [end(range.start.place), end(range.end.place)];
    }

    /// Whether its ends are what they were, as far as they are laid out. A row may have grown.
    pub fn holds(&self, list: &List, width: usize) -> bool {
        let same = |(place, before): &(Place, String)| {
            !list.is_ready(place.slot)
                || row_text(list, *place).is_some_and(|now| now.starts_with(before.as_str()))
        };
        self.width == width && self.ends.iter().all(same)
    }

    /// The selected columns of a row.
    pub fn columns(&self, place: Place) -> Option<Range<u16>> {
        let range = self.range();
        if !self.is_on || place < range.start.place || place > range.end.place {
            return None;
        }
        let start = match place == range.start.place {
            true => range.start.column,
            false => 0,
        };
        let end = match place == range.end.place {
            true => range.end.column,
            false => u16::MAX,
        };
        (start < end).then_some(start..end)
    }

    /// What was written there; `None` when it is not there any more.
    pub fn text(&self, list: &mut List, paint: &Paint<'_>) -> Option<String> {
        let range = self.range();
        let mut lines = Lines::default();
        list.layout(range.start.place.slot, paint);
        list.layout(range.end.place.slot, paint);
        if !self.is_on || !self.holds(list, paint.width) {
            return None;
        }
        for slot in range.start.place.slot..=range.end.place.slot {
            let height = list.layout(slot, paint);
            let mut rows = Vec::new();
            list.copy(slot, 0..height, &mut rows);
            for (row, line) in rows.iter().enumerate() {
                let place = Place { slot, row };
                if place < range.start.place || place > range.end.place {
                    continue;
                }
                lines.push(line, self.columns(place).unwrap_or(0..0));
            }
            list.evict(slot..slot + 1);
        }
        let text = lines.finish();
        (!text.is_empty()).then_some(text)
    }
}

fn row_text(list: &List, place: Place) -> Option<String> {
    let row = list.row(place)?;
    Some(row.to_string().trim_end().to_owned())
}

/// What a grain takes around a character.
fn reach(list: &List, at: Spot, grain: Grain) -> Range<Spot> {
    match grain {
        Grain::Character => character(list, at),
        Grain::Word => word(list, at),
        Grain::Line => line(list, at.place),
    }
}

fn character(list: &List, at: Spot) -> Range<Spot> {
    let row = list.row(at.place).unwrap_or_default();
    let clusters = clusters(&row);
    let under = clusters
        .iter()
        .find(|cluster| (cluster.column..cluster.end()).contains(&at.column));
    let (start, end) = match under {
        Some(cluster) => (cluster.column, cluster.end()),
        None => (at.column, at.column.saturating_add(1)),
    };
    spot(at.place, start)..spot(at.place, end)
}

fn line(list: &List, place: Place) -> Range<Spot> {
    let rows = whole_line(list, place);
    let first = Place {
        row: rows.start,
        ..place
    };
    let last = Place {
        row: rows.end - 1,
        ..place
    };
    spot(first, 0)..spot(last, u16::MAX)
}

/// The rows of the line that a row is of.
fn whole_line(list: &List, place: Place) -> Range<usize> {
    let goes_on = |row: usize| {
        let row = list.row(Place { row, ..place });
        row.is_some_and(|row| written::seam(&row).is_some())
    };
    let mut rows = place.row..place.row + 1;
    while rows.start > 0 && goes_on(rows.start) {
        rows.start -= 1;
    }
    while goes_on(rows.end) {
        rows.end += 1;
    }
    rows
}

/// The run of the same kind of characters around one, over the rows that a long word takes.
fn word(list: &List, at: Spot) -> Range<Spot> {
    let mut line: Vec<(Spot, Cluster)> = Vec::new();
    for row in whole_line(list, at.place) {
        let place = Place { row, ..at.place };
        let row = list.row(place).unwrap_or_default();
        if written::seam(&row) == Some(Seam::Spaced) {
            let space = Cluster {
                text: " ".into(),
                column: 0,
                width: 0,
                written: true,
            };
            line.push((spot(place, 0), space));
        }
        let written = clusters(&row).into_iter().filter(|cluster| cluster.written);
        line.extend(written.map(|cluster| (spot(place, cluster.column), cluster)));
    }
    let is_under = |(start, cluster): &(Spot, Cluster)| {
        start.place == at.place && (cluster.column..cluster.end()).contains(&at.column)
    };
    let Some(under) = line.iter().position(is_under) else {
        return character(list, at);
    };
    let kind = Kind::of(&line[under].1.text);
    let same = |(_, cluster): &&(Spot, Cluster)| {
        cluster.width > 0 && kind != Kind::Other && Kind::of(&cluster.text) == kind
    };
    let before = line[..under].iter().rev().take_while(same).count();
    let behind = line[under + 1..].iter().take_while(same).count();
    let (first, last) = (&line[under - before], &line[under + behind]);
    first.0..spot(last.0.place, last.1.end())
}

#[derive(PartialEq)]
enum Kind {
    Word,
    Space,
    Other,
}

impl Kind {
    /// Paths, names and versions are one word, as terminals have it.
    fn of(text: &str) -> Kind {
        let joins = |c: char| matches!(c, '_' | '-' | '/' | '.' | '+' | '~' | '\\');
        match text.chars().next() {
            Some(c) if c.is_alphanumeric() || joins(c) => Kind::Word,
            Some(c) if c.is_whitespace() => Kind::Space,
            _ => Kind::Other,
        }
    }
}

fn spot(place: Place, column: u16) -> Spot {
    Spot { place, column }
}
