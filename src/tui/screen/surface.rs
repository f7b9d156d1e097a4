//! The painted screen: from [`Screen::enter`] to [`Screen::leave`] the terminal is ours, as a whole or
//! as a part of its scrollback.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ratatui::Frame;
use ratatui::text::Line;

use super::frames::Frames;
use super::outside::{self, Told};
use super::pen::Pen;
use super::regular::{CLEAR, Painter, Rows};
use super::{modes, questions, stop, tty};
use crate::config::settings::TuiMode;
use crate::tui::abilities::Abilities;
use crate::tui::outside::{Notice, Outside};
use crate::tui::pictures::{forget_sent, transmission};

/// Rows are printed in pieces of about this many bytes.
const PIECE: usize = 64 * 1024;

/// The terminal while it is ours. Dropping it gives the terminal back.
pub struct Screen {
    size: (u16, u16),
    frames: Frames,
    told: Told,
    mode: TuiMode,
    regular: Painter,
    /// Whether the rows in the scrollback are no longer as they were painted.
    stale: bool,
}

impl Screen {
    /// Takes the terminal: raw keys, the alternate screen, marked pastes, the wheel, unambiguous keys.
    /// One write. Whoever calls this is the one who paints, see
    /// [`super::install_panic_hook`].
    pub fn enter() -> io::Result<Screen> {
        Screen::enter_as(TuiMode::Fullscreen)
    }

    /// The same in either mode. In the regular one the terminal keeps its scrollback and its mouse.
    pub fn enter_as(mode: TuiMode) -> io::Result<Screen> {
        modes::enter(mode)?;
        forget_sent();
        let size = tty::size();
        Ok(Screen {
            size,
            frames: Frames::new(size),
            told: Told::default(),
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
        self.frames.renew(self.size);
    }

    /// Paints one frame in one write, and only what differs from the last one. The caret shows where
    /// [`Frame::set_cursor_position`] puts it, and nowhere else.
    pub fn draw(&mut self, paint: impl FnOnce(&mut Frame)) -> io::Result<()> {
        if !modes::is_entered() {
            return Err(io::Error::other("the terminal was given back"));
        }
        tty::write(self.frames.next(paint))
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
        forget_sent();
        let before = std::mem::replace(&mut self.size, tty::size());
        self.stale |= before != self.size;
        self.told = Told::default();
        self.frames.renew(self.size);
        Ok(())
    }

    /// After [`Screen::leave`]: writes rows where the shell's output goes, for the scrollback.
    pub fn print_lines(&mut self, rows: impl Iterator<Item = Line<'static>>) -> io::Result<()> {
        let mut out = Vec::new();
        for row in rows {
            let mut pen = Pen::default();
            for span in &row.spans {
                if let Some(picture) =
                    transmission(&span.content, span.style.fg.unwrap_or_default())
                {
                    out.extend_from_slice(picture.as_bytes());
                }
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

    /// Asks the terminal about itself. The answers come as [`super::Input::Answer`], late or never.
    pub fn ask(&mut self, about: &Abilities) -> io::Result<()> {
        modes::ask(&questions::of(about), questions::patience(about))
    }

    /// What stands outside of the cells, until [`Screen::leave`]; only what has changed is written.
    pub fn tell(&mut self, outside: &Outside) -> io::Result<()> {
        self.told.tell(outside)
    }

    /// Tells somebody who does not look, on the desktop where the terminal can, else by the bell.
    pub fn notify(
        &mut self,
        notice: &Notice,
        known: &Abilities,
        bell_only: bool,
    ) -> io::Result<()> {
        tty::write(outside::notice(notice, known, bell_only).as_bytes())
    }

    /// Gives text to the clipboard of the terminal (OSC 52), which works over ssh too where the terminal
    /// allows it; through the tmux that pi runs in when there is one.
    pub fn copy(&mut self, text: &str, tmux: bool) -> io::Result<()> {
        let encoded = STANDARD.encode(text);
        let sequence = match tmux {
            true => format!("\x1bPtmux;\x1b\x1b]52;c;{encoded}\x07\x1b\\"),
            false => format!("\x1b]52;c;{encoded}\x07"),
        };
        tty::write(sequence.as_bytes())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.leave();
    }
}
