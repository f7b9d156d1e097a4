//! The painted screen: from [`Screen::enter`] to [`Screen::leave`] the terminal is ours, as a whole or
//! as a part of its scrollback.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Rect, Size};
use ratatui::text::Line;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};

use super::pen::Pen;
use super::regular::{CLEAR, Painter, Rows};
use super::sink::Sink;
use super::{modes, stop, tty};
use crate::config::settings::TuiMode;
use crate::tui::markdown::sanitize_line;

/// Rows are printed in pieces of about this many bytes.
const PIECE: usize = 64 * 1024;

/// The terminal while it is ours. Dropping it gives the terminal back.
pub struct Screen {
    size: (u16, u16),
    terminal: Terminal<Sink>,
    /// The rows of the last frame that terminals may draw wider or narrower than we count.
    unsure: Vec<(u16, Vec<Cell>)>,
    mode: TuiMode,
    regular: Painter,
    /// Whether the rows in the scrollback are no longer as they were painted.
    stale: bool,
}

impl Screen {
    /// Takes the terminal: raw keys, the alternate screen, marked pastes, the wheel, unambiguous keys.
    /// One write, no question asked. Whoever calls this is the one who paints, see
    /// [`super::install_panic_hook`].
    pub fn enter() -> io::Result<Screen> {
        Screen::enter_as(TuiMode::Fullscreen)
    }

    /// The same in either mode. In the regular one the terminal keeps its scrollback and its mouse.
    pub fn enter_as(mode: TuiMode) -> io::Result<Screen> {
        modes::enter(mode)?;
        let size = tty::size();
        Ok(Screen {
            size,
            terminal: blank(size),
            unsure: Vec::new(),
            mode,
            regular: Painter::default(),
            stale: false,
        })
    }

    /// Which mode the terminal is in.
    pub fn mode(&self) -> TuiMode {
        self.mode
    }

    /// Goes over to the other mode: everything is to be painted.
    pub fn switch(&mut self, mode: TuiMode) -> io::Result<()> {
        if mode == self.mode {
            return Ok(());
        }
        self.leave()?;
        self.mode = mode;
        self.stale |= self.regular.has_begun();
        self.enter_again()
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        self.size
    }

    /// The terminal has another size now: the next frame paints everything.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.size = (columns, rows);
        // Terminals move rows about as they like, and the sizes in between may have gone unnoticed.
        self.stale = true;
        self.repaint();
    }

    /// Paints one frame in one write, and only what differs from the last one. The caret shows where
    /// [`Frame::set_cursor_position`] puts it, and nowhere else.
    pub fn draw(&mut self, paint: impl FnOnce(&mut Frame)) -> io::Result<()> {
        if !modes::is_entered() {
            return Err(io::Error::other("the terminal was given back"));
        }
        let (unsure, changed) = match self.terminal.draw(paint) {
            Ok(frame) => {
                let unsure = unsure_rows(frame.buffer);
                let changed = changed_rows(&self.unsure, &unsure, frame.buffer);
                (unsure, changed)
            }
            Err(never) => match never {},
        };
        self.unsure = unsure;
        let sink = self.terminal.backend_mut();
        for (y, cells) in &changed {
            sink.rewrite(*y, cells);
        }
        tty::write(sink.take())
    }

    /// Whether [`Rows`] have to begin again: those in the scrollback are not as they were painted.
    pub fn is_stale(&self) -> bool {
        self.stale
    }

    /// Paints one frame of the regular mode in one write, and only what differs from the last one.
    pub fn paint_rows(&mut self, rows: Rows) -> io::Result<()> {
        if !modes::is_entered() {
            return Err(io::Error::other("the terminal was given back"));
        }
        self.stale &= !rows.again;
        tty::write(self.regular.paint(self.size, rows))
    }

    /// Takes the regular mode's rows out of the scrollback, with all else that is in it, for them to be
    /// printed anew.
    pub fn unprint(&mut self) -> io::Result<()> {
        match self.regular.has_begun() {
            true => tty::write(CLEAR),
            false => Ok(()),
        }
    }

    /// Gives the terminal back as it was found. Once is enough; more does no harm.
    pub fn leave(&mut self) -> io::Result<()> {
        if self.mode == TuiMode::Regular && modes::is_entered() {
            let _ = tty::write(self.regular.close());
        }
        modes::leave()
    }

    /// Gives the terminal back and stops the process, as Ctrl-Z does; when the shell continues it, takes
    /// the terminal again. The size may have changed meanwhile, and everything is to be painted.
    pub fn suspend(&mut self) -> io::Result<()> {
        self.leave()?;
        stop::stop()?;
        self.enter_again()
    }

    /// Stops the process after [`Screen::leave`], while another program has the terminal: that one is
    /// stopped as well, and goes on as well.
    pub fn stop(&self) -> io::Result<()> {
        stop::stop()
    }

    /// Takes the terminal again after [`Screen::leave`], as after another program had it. The size may
    /// have changed meanwhile, and everything is to be painted.
    pub fn enter_again(&mut self) -> io::Result<()> {
        modes::enter(self.mode)?;
        let before = std::mem::replace(&mut self.size, tty::size());
        self.stale |= before != self.size;
        self.repaint();
        Ok(())
    }

    /// After [`Screen::leave`]: writes rows where the shell's output goes, for the scrollback.
    pub fn print_lines(&mut self, rows: impl Iterator<Item = Line<'static>>) -> io::Result<()> {
        let mut out = Vec::new();
        for row in rows {
            let mut pen = Pen::default();
            for span in &row.spans {
                pen.change(Pen::of(row.style.patch(span.style)), &mut out);
                let clean = span.content.chars().filter(|char| !char.is_control());
                out.extend_from_slice(clean.collect::<String>().as_bytes());
            }
            pen.change(Pen::default(), &mut out);
            out.push(b'\n');
            if out.len() >= PIECE {
                tty::write(&out)?;
                out.clear();
            }
        }
        tty::write(&out)
    }

    /// The title of the window, until [`Screen::leave`].
    pub fn set_title(&mut self, title: &str) -> io::Result<()> {
        tty::write(format!("\x1b]2;{}\x07", sanitize_line(title)).as_bytes())
    }

    /// Rings.
    pub fn bell(&mut self) -> io::Result<()> {
        tty::write(b"\x07")
    }

    /// Gives text to the clipboard of the terminal (OSC 52), which works over ssh too where the terminal
    /// allows it.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        tty::write(format!("\x1b]52;c;{}\x07", STANDARD.encode(text)).as_bytes())
    }

    fn repaint(&mut self) {
        self.terminal = blank(self.size);
        // Clearing is a part of the next frame, so nothing flickers.
        let Ok(()) = ratatui::backend::Backend::clear(self.terminal.backend_mut());
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.leave();
    }
}

/// The rows with clusters of several characters: flags, families, hearts. Terminals do not agree on
/// their width, so that what stands behind them on the screen is not certain.
fn unsure_rows(buffer: &Buffer) -> Vec<(u16, Vec<Cell>)> {
    let width = usize::from(buffer.area.width).max(1);
    let is_cluster = |cell: &Cell| cell.symbol().chars().nth(1).is_some();
    let rows = (buffer.area.y..).zip(buffer.content.chunks(width));
    rows.filter(|(_, row)| row.iter().any(is_cluster))
        .map(|(y, row)| (y, row.to_vec()))
        .collect()
}

/// What has become of the rows that were or are unsure, where that is not what they were.
fn changed_rows(
    before: &[(u16, Vec<Cell>)],
    now: &[(u16, Vec<Cell>)],
    buffer: &Buffer,
) -> Vec<(u16, Vec<Cell>)> {
    let width = usize::from(buffer.area.width).max(1);
    let is_now = |y: u16| now.iter().any(|(other, _)| *other == y);
    let fresh = now.iter().filter(|row| !before.contains(row)).cloned();
    let gone = before
        .iter()
        .filter(|(y, _)| !is_now(*y))
        .filter_map(|(y, _)| {
            let row = buffer
                .content
                .chunks(width)
                .nth(usize::from(y - buffer.area.y))?;
            Some((*y, row.to_vec()))
        });
    fresh.chain(gone).collect()
}

fn blank((columns, rows): (u16, u16)) -> Terminal<Sink> {
    let options = TerminalOptions {
        viewport: Viewport::Fixed(Rect::new(0, 0, columns, rows)),
    };
    match Terminal::with_options(Sink::new(Size::new(columns, rows)), options) {
        Ok(terminal) => terminal,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;

    fn buffer(rows: &[&str]) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, rows.len() as u16));
        for (y, row) in (0..).zip(rows) {
            buffer.set_string(0, y, row, Style::new());
        }
        buffer
    }

    #[test]
    fn a_row_that_had_or_has_a_flag_is_written_anew_when_it_changes_and_only_then() {
        let with = buffer(&["flag 🇩🇪", "plain"]);
        let unsure = unsure_rows(&with);
        assert_eq!(unsure.len(), 1);
        let rows = |before: &[_], now: &Buffer| -> Vec<u16> {
            let changed = changed_rows(before, &unsure_rows(now), now);
            changed.into_iter().map(|(y, _)| y).collect()
        };
        assert_eq!(rows(&[], &with), [0], "first seen");
        assert_eq!(rows(&unsure, &with), [0u16; 0], "unchanged");
        assert_eq!(rows(&unsure, &buffer(&["flag", "plain"])), [0], "gone");
        assert_eq!(rows(&unsure, &buffer(&["flag 🇩🇪", "other"])), [0u16; 0]);
    }
}
