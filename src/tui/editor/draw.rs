//! Paints the rows that fit and says where the caret is.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::{Editor, units};

/// What a drawing of the editor came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drawn {
    /// Where the terminal's cursor belongs.
    pub caret: Option<Position>,
    /// Rows hidden above.
    pub above: usize,
    /// Rows hidden below.
    pub below: usize,
}

impl Editor {
    /// How many rows all of the text takes.
    pub fn height(&mut self) -> usize {
        self.layout().rows().len()
    }

    /// Paints into `area`, scrolled so that the caret is in it.
    pub fn draw(&mut self, area: Rect, buffer: &mut Buffer, text: Style, marker: Style) -> Drawn {
        if area.is_empty() {
            return Drawn::default();
        }
        let caret = self.buffer.caret();
        let (caret_row, caret_column) = self.layout().locate(caret);
        let height = usize::from(area.height);
        let total = self.height();
        let lowest = total.saturating_sub(height);
        let first = self
            .scroll
            .clamp(caret_row.saturating_sub(height - 1), caret_row)
            .min(lowest);
        self.scroll = first;
        let rows: Vec<_> = self.layout().rows()[first..]
            .iter()
            .take(height)
            .copied()
            .collect();
        for (y, row) in (area.y..).zip(&rows) {
            let mut x = area.x;
            for (_, unit) in units::units(&self.buffer.text()[row.start..row.end]) {
                let columns = self.pastes.width(unit).min(self.width.max(1));
                let room = area.right().saturating_sub(x).min(columns);
                match self.pastes.marker(unit) {
                    Some(name) => buffer.set_stringn(x, y, name, room.into(), marker),
                    None if unit == "\t" => (0, 0),
                    None if unit.starts_with(char::is_control) => {
                        buffer.set_stringn(x, y, "\u{fffd}", room.into(), text)
                    }
                    None => buffer.set_stringn(x, y, unit, room.into(), text),
                };
                x = x.saturating_add(columns).min(area.right());
            }
        }
        let x = (area.x + caret_column).min(area.right() - 1);
        let y = area.y + u16::try_from(caret_row - first).unwrap_or(0);
        Drawn {
            caret: Some(Position { x, y }),
            above: first,
            below: total - first - rows.len(),
        }
    }
}
