//! Marks over the rows of the window: what is selected, what was searched for; and the mouse that
//! selects.

use std::ops::Range;

use ratatui::text::Line;

use super::paint::Paint;
use super::scroll::Place;
use super::selection::{Grain, Selection, Spot};
use super::view::{Transcript, paint};
use crate::tui::look::Look;

/// Some columns of a row of the window last drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The row.
    pub row: u16,
    /// The columns; the last may lie beyond the row's end.
    pub columns: Range<u16>,
    /// What is there.
    pub what: Marked,
}

/// What is marked. Later ones lie over earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Marked {
    /// A match.
    Match,
    /// The match that was gone to.
    Current,
    /// Selected.
    Selected,
}

impl Transcript {
    /// What is marked in the window last drawn.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Begins a selection at a row and column of the window last drawn. A click alone, in grains of
    /// characters, selects nothing yet.
    pub fn select_from(&mut self, row: u16, column: u16, grain: Grain) {
        self.selection = self.spot(row, column).map(|at| {
            let width = self.scroll.width();
            Selection::begin(&self.list, at, grain, width)
        });
    }

    /// Extends the selection to a row and column of the window last drawn; beyond the last row, to its
    /// end.
    pub fn select_to(&mut self, row: u16, column: u16) {
        if let Some(to) = self.spot(row, column)
            && let Some(selection) = &mut self.selection
        {
            selection.extend(&self.list, to);
        }
    }

    /// What is selected, as it was written: without the rows and margins it is drawn with.
    pub fn selected(&mut self, look: &Look) -> Option<String> {
        let paint = paint!(self, self.scroll.columns(), look);
        let text = self.selection.as_ref()?.text(&mut self.list, &paint);
        if text.is_none() {
            self.selection = None;
        }
        text
    }

    /// Whether something is selected.
    pub fn has_selection(&self) -> bool {
        self.selection.as_ref().is_some_and(Selection::is_on)
    }

    /// Where the selection begins.
    pub fn selection_start(&self) -> Option<Place> {
        let selection = self
            .selection
            .as_ref()
            .filter(|selection| selection.is_on());
        selection.map(Selection::start)
    }

    /// Selects nothing.
    pub fn deselect(&mut self) {
        self.selection = None;
    }

    fn spot(&self, row: u16, column: u16) -> Option<Spot> {
        let places = self.scroll.places();
        let at = |place: &Place, column| Spot {
            place: *place,
            column,
        };
        match places.get(usize::from(row)) {
            Some(place) => Some(at(place, column)),
            None => places.last().map(|place| at(place, u16::MAX - 1)),
        }
    }

    pub(super) fn mark(&mut self, rows: &[Line<'static>], width: usize) {
        let holds = |selection: &Selection| selection.holds(&self.list, width);
        if !self.selection.as_ref().is_none_or(holds) {
            self.selection = None;
        }
        self.marks.clear();
        let places = self.scroll.places();
        if self.search_progress().is_some() {
            let placed: Vec<_> = places.iter().copied().zip(rows.iter().cloned()).collect();
            for (found, is_current) in self.matches_in(&placed) {
                for (place, columns) in found {
                    let row = places.iter().position(|at| *at == place);
                    self.marks.extend(row.map(|row| Mark {
                        row: u16::try_from(row).unwrap_or(u16::MAX),
                        columns,
                        what: match is_current {
                            true => Marked::Current,
                            false => Marked::Match,
                        },
                    }));
                }
            }
        }
        if let Some(selection) = &self.selection {
            let selected = (0..).zip(places).filter_map(|(row, place)| {
                Some(Mark {
                    row,
                    columns: selection.columns(*place)?,
                    what: Marked::Selected,
                })
            });
            self.marks.extend(selected);
        }
    }
}
