//! What stands in rows, character by character, as it was written.
//!
//! A [`Cluster`] is one character as the person sees it, with its column. Rows that a long line was
//! wrapped into are joined by their seams; what was only drawn is told apart.

use std::ops::Range;

use ratatui::buffer::CellWidth;
use ratatui::text::Line;
use unicode_segmentation::UnicodeSegmentation;

use crate::tui::markdown::written::{self, Seam};

/// One character and where it stands in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cluster {
    pub text: String,
    pub column: u16,
    pub width: u16,
    /// Whether it was written, and not drawn only.
    pub written: bool,
}

impl Cluster {
    pub fn end(&self) -> u16 {
        self.column.saturating_add(self.width)
    }
}

/// The characters of a row. Before a seam nothing was written.
pub(super) fn clusters(row: &Line<'_>) -> Vec<Cluster> {
    let goes_on = written::seam(row).is_some();
    let mut clusters: Vec<Cluster> = Vec::new();
    let mut column = 0u16;
    for span in &row.spans {
        if goes_on && span.content.is_empty() {
            for before in &mut clusters {
                before.written = false;
            }
        }
        for text in span.content.graphemes(true) {
            let width = text.cell_width();
            clusters.push(Cluster {
                text: text.to_owned(),
                column,
                width,
                written: !written::is_drawn(span),
            });
            column = column.saturating_add(width);
        }
    }
    clusters
}

/// What was written in some columns of a row.
pub(super) fn text(row: &Line<'_>, columns: Range<u16>) -> String {
    let mut text = String::new();
    for cluster in clusters(row) {
        if cluster.written && cluster.column < columns.end && cluster.end() > columns.start {
            text.push_str(&cluster.text);
        }
    }
    text
}

/// Puts rows together as the lines they were wrapped from.
#[derive(Default)]
pub(super) struct Lines {
    text: String,
    has_begun: bool,
}

impl Lines {
    /// Adds some columns of the next row.
    pub fn push(&mut self, row: &Line<'_>, columns: Range<u16>) {
        let part = text(row, columns.clone());
        if std::mem::replace(&mut self.has_begun, true) {
            match written::seam(row) {
                Some(Seam::Tight) => {}
                Some(Seam::Spaced) => self.text.push(' '),
                None => {
                    self.text.truncate(self.text.trim_end_matches(' ').len());
                    self.text.push('\n');
                }
            }
        }
        self.text.push_str(&part);
    }

    /// All of it, without the spaces at its end.
    pub fn finish(mut self) -> String {
        self.text.truncate(self.text.trim_end_matches(' ').len());
        self.text
    }
}

#[cfg(test)]
mod tests {
    use ratatui::text::Span;

    use super::*;
    use crate::tui::markdown::wrap::{on_ground, wrap_hard, wrap_words};

    fn joined(rows: Vec<Line<'static>>) -> String {
        let mut lines = Lines::default();
        for row in &rows {
            lines.push(row, 0..u16::MAX);
        }
        lines.finish()
    }

    #[test]
    fn wrapped_rows_come_back_as_the_line_that_was_written() {
        let wrapped = |text: &str, width| {
            let rows = wrap_words(&[Span::raw(text.to_owned())], width);
            let styled = |row| on_ground(row, 1, width + 2, ratatui::style::Style::new());
            joined(rows.into_iter().map(styled).collect())
        };
        for text in [
            "the quick brown fox",
            "averylongwordindeed",
            "漢字かな交じり文",
            "a 👩‍💻👩‍💻👩‍💻 b",
        ] {
            for width in 4..30 {
                assert_eq!(wrapped(text, width), text, "at {width}");
            }
        }
        let code = "    let x = 1;";
        let rows = wrap_hard(&[Span::raw(code)], 6);
        assert_eq!(joined(rows.into_iter().map(Line::from).collect()), code);
    }

    #[test]
    fn a_wide_character_is_taken_whole_from_either_of_its_columns() {
        let row = Line::from("a漢b");
        assert_eq!(text(&row, 1..2), "漢");
        assert_eq!(text(&row, 2..3), "漢");
        assert_eq!(text(&row, 2..4), "漢b");
    }
}
