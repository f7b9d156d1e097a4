//! Frames as bytes: ratatui says which cells changed, this says it to the terminal. Collects one frame
//! in memory; a frame that changes nothing is no bytes at all.

use std::convert::Infallible;
use std::io::Write;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use super::pen::Pen;

/// Between these the terminal shows nothing half done.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// The bytes of the frame in the making.
pub(super) struct Sink {
    size: Size,
    cells: Vec<u8>,
    frame: Vec<u8>,
    /// Where the frame in the making wants the caret.
    caret: Option<Position>,
    /// Where the terminal has it.
    shown: Option<Position>,
}

impl Sink {
    pub(super) fn new(size: Size) -> Self {
        Sink {
            size,
            cells: Vec::new(),
            frame: Vec::new(),
            caret: None,
            shown: None,
        }
    }

    /// The frame, to be written in one go; empty when nothing changed since the last one.
    pub(super) fn take(&mut self) -> &[u8] {
        self.frame.clear();
        if !self.cells.is_empty() || self.caret != self.shown {
            self.frame.extend_from_slice(BEGIN);
            if self.shown.is_some() {
                self.frame.extend_from_slice(b"\x1b[?25l");
            }
            self.frame.append(&mut self.cells);
            if let Some(caret) = self.caret {
                go_to(caret.x, caret.y, &mut self.frame);
                self.frame.extend_from_slice(b"\x1b[?25h");
            }
            self.frame.extend_from_slice(END);
            self.shown = self.caret;
        }
        &self.frame
    }
}

/// Writing to memory cannot fail.
fn go_to(x: u16, y: u16, out: &mut Vec<u8>) {
    let _ = write!(out, "\x1b[{};{}H", u32::from(y) + 1, u32::from(x) + 1);
}

impl Backend for Sink {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut pen = Pen::default();
        // Where the terminal writes next, as far as that is certain.
        let mut next = None;
        for (x, y, cell) in content {
            if next != Some((x, y)) {
                go_to(x, y, &mut self.cells);
            }
            let wanted = Pen::new(cell.fg, cell.bg, cell.modifier);
            pen.change(wanted, &mut self.cells);
            let symbol = cell.symbol();
            self.cells.extend_from_slice(symbol.as_bytes());
            // Terminals do not agree on the width of clusters: after one, say where to go on.
            let one_char = symbol.chars().nth(1).is_none();
            next = one_char.then(|| (x.saturating_add(1), y));
        }
        pen.change(Pen::default(), &mut self.cells);
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.caret = None;
        Ok(())
    }

    /// The position follows.
    fn show_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(self.caret.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.caret = Some(position.into());
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.cells.clear();
        self.cells.extend_from_slice(b"\x1b[0m\x1b[2J");
        Ok(())
    }

    /// Only whole screens are ever cleared.
    fn clear_region(&mut self, _: ClearType) -> Result<(), Infallible> {
        self.clear()
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize {
            columns_rows: self.size,
            pixels: Size::default(),
        })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
