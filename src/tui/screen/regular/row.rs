//! One row as cells, and the bytes that turn one row into another.

use std::io::Write;

use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::super::pen::Pen;
use crate::tui::pictures::{is_drawn_over, transmission};

/// A row without the blanks at its end.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Row(Vec<Cell>);

impl Row {
    /// A line as it is drawn at this width: cut there, and never through a wide character.
    pub fn of(line: Line<'_>, width: u16) -> Self {
        let area = Rect::new(0, 0, width, 1);
        let mut buffer = Buffer::empty(area);
        buffer.set_style(area, line.style);
        line.render(area, &mut buffer);
        Row::trimmed(buffer.content)
    }

    /// The rows of a buffer.
    pub fn all_of(buffer: &Buffer) -> impl Iterator<Item = Row> {
        let width = usize::from(buffer.area.width).max(1);
        let rows = buffer.content.chunks(width);
        rows.map(|cells| Row::trimmed(cells.to_vec()))
    }

    fn trimmed(mut cells: Vec<Cell>) -> Self {
        let is_blank = |cell: &Cell| *cell == Cell::EMPTY;
        let mut end = cells.iter().rposition(|cell| !is_blank(cell));
        if let Some(last) = &mut end {
            let width = usize::from(cells[*last].cell_width()).max(1);
            *last = (*last + width - 1).min(cells.len() - 1);
        }
        cells.truncate(end.map_or(0, |last| last + 1));
        Row(cells)
    }

    /// Writes this row over `before`, which the terminal shows where the cursor is; `width` is the
    /// terminal's. The cursor stays in the row.
    pub fn write_over(&self, before: &Row, width: u16, out: &mut Vec<u8>) {
        if self == before {
            return;
        }
        if self.is_unsure() || before.is_unsure() {
            out.extend_from_slice(b"\r\x1b[2K");
            self.put(0, self.0.len(), out);
            return;
        }
        let same = |(now, before): &(&Cell, &Cell)| now == before;
        let pairs = || self.0.iter().zip(&before.0);
        let mut first = pairs().take_while(same).count();
        // Not from the middle of a wide character.
        let is_wide =
            |row: &Row, at: usize| row.0.get(at).is_some_and(|cell| cell.cell_width() > 1);
        while first > 0 && (is_wide(self, first - 1) || is_wide(before, first - 1)) {
            first -= 1;
        }
        let mut end = self.0.len();
        if end == before.0.len() {
            end -= pairs().rev().take_while(same).count();
            while end < self.0.len() && (is_wide(self, end - 1) || is_wide(before, end - 1)) {
                end += 1;
            }
        }
        column(first, out);
        self.put(first, end.max(first), out);
        if self.0.len() < before.0.len() && self.0.len() < usize::from(width) {
            out.extend_from_slice(b"\x1b[K");
        }
    }

    /// Writes the cells of these columns; the cursor is at the first.
    fn put(&self, from: usize, to: usize, out: &mut Vec<u8>) {
        let mut pen = Pen::default();
        let mut at = from;
        while let Some(cell) = self.0.get(at).filter(|_| at < to) {
            let wanted = Pen::new(cell.fg, cell.bg, cell.modifier).linked(cell.underline_color);
            pen.change(wanted, out);
            let symbol = match is_drawn_over(cell.symbol()) {
                true => " ",
                false => cell.symbol(),
            };
            if let Some(picture) = transmission(symbol, cell.fg) {
                out.extend_from_slice(picture.as_bytes());
            }
            let cells = usize::from(cell.cell_width()).max(1);
            at += cells;
            if symbol.chars().any(char::is_control) {
                out.extend_from_slice("\u{fffd}".as_bytes());
            } else {
                out.extend_from_slice(symbol.as_bytes());
            }
            // Terminals do not agree on the width of clusters: after one, say where to go on.
            if symbol.chars().nth(1).is_some() {
                column(at, out);
            }
        }
        pen.change(Pen::default(), out);
    }

    /// Whether terminals may not agree on where its cells are.
    fn is_unsure(&self) -> bool {
        let mut cells = self.0.iter();
        cells.any(|cell| cell.symbol().chars().nth(1).is_some())
    }
}

/// Goes to a column of the row that the cursor is in.
pub(super) fn column(at: usize, out: &mut Vec<u8>) {
    // Writing to memory cannot fail.
    let _ = match at {
        0 => out.write_all(b"\r"),
        _ => write!(out, "\x1b[{}G", at + 1),
    };
}

#[cfg(test)]
mod tests {
    use ratatui::style::Stylize;

    use super::*;

    fn change(before: Line<'static>, now: Line<'static>) -> String {
        let mut out = Vec::new();
        Row::of(now, 10).write_over(&Row::of(before, 10), 10, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_what_changed_in_a_row_is_written() {
        assert_eq!(change("same".into(), "same".into()), "");
        assert_eq!(change("".into(), "all".into()), "\rall");
        assert_eq!(change("so far".into(), "so far on".into()), "\x1b[7G on");
        assert_eq!(change("1 of 9".into(), "2 of 9".into()), "\r2");
        assert_eq!(change("longer".into(), "long".into()), "\x1b[5G\x1b[K");
        assert_eq!(change("gone".into(), "".into()), "\r\x1b[K");
        assert_eq!(change("a".into(), "a".red().into()), "\r\x1b[31ma\x1b[39m");
    }

    #[test]
    fn a_wide_character_is_written_whole_or_not_at_all() {
        assert_eq!(change("a本b".into(), "a日b".into()), "\x1b[2G日");
        assert_eq!(change("a本".into(), "axy".into()), "\x1b[2Gxy");
        assert_eq!(change("".into(), "123456789本".into()), "\r123456789");
        assert_eq!(
            change("12345678日".into(), "12345678本".into()),
            "\x1b[9G本"
        );
    }

    #[test]
    fn a_row_with_a_cluster_is_written_anew_and_says_where_it_goes_on() {
        assert_eq!(change("🇩🇪 a".into(), "🇩🇪 b".into()), "\r\x1b[2K🇩🇪\x1b[3G b");
    }

    #[test]
    fn what_steers_a_terminal_does_not_get_out() {
        let hostile = "a\x1b[2Jb\r\nc";
        assert!(!change("".into(), hostile.into()).contains('\x1b'));
    }
}
