//! What of a row was written, and what was put there to draw it.
//!
//! A row carries this in its spans, in a way that no terminal ever sees: a span whose style takes away a
//! modifier that nothing here adds. [`margin`] and [`drawn`] mark what was only drawn; a [`Seam`] is an
//! empty span before the first character of a row that goes on with the line of the row above.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

/// Marks what was only drawn.
const DRAWN: Modifier = Modifier::HIDDEN;
/// Marks the seams.
const TIGHT: Modifier = Modifier::SLOW_BLINK;
const SPACED: Modifier = Modifier::RAPID_BLINK;

/// How a row goes on with the line of the row above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seam {
    /// In the middle of a word.
    Tight,
    /// Where a space was.
    Spaced,
}

impl Seam {
    /// The empty span that stands for it.
    pub fn span(self) -> Span<'static> {
        let mark = match self {
            Seam::Tight => TIGHT,
            Seam::Spaced => SPACED,
        };
        Span::styled("", Style::new().remove_modifier(mark))
    }

    fn of(span: &Span<'_>) -> Option<Seam> {
        if !span.content.is_empty() {
            return None;
        }
        match span.style.sub_modifier {
            mark if mark.contains(TIGHT) => Some(Seam::Tight),
            mark if mark.contains(SPACED) => Some(Seam::Spaced),
            _ => None,
        }
    }
}

/// A column of space that was not written.
pub fn margin() -> Span<'static> {
    drawn(Span::raw(" "))
}

/// The span as one that was not written.
pub fn drawn(span: Span<'static>) -> Span<'static> {
    let style = span.style.remove_modifier(DRAWN);
    span.style(style)
}

/// Whether the span was only drawn.
pub fn is_drawn(span: &Span<'_>) -> bool {
    span.style.sub_modifier.contains(DRAWN)
}

/// How the row goes on with the one above, when it does.
pub fn seam(row: &Line<'_>) -> Option<Seam> {
    row.spans.iter().find_map(Seam::of)
}
