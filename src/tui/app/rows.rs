//! The frame of the regular mode: rows for the terminal's scrollback, and the block below them, which is
//! made of what fullscreen shows there.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;

use super::App;
use super::draw::footer_height;
use crate::config::settings::TuiMode;
use crate::session::Level;
use crate::tui::screen::Rows;

/// Rows that the block leaves to the transcript where there are enough.
const LEFT: u16 = 3;

impl App {
    /// The terminal's mode has changed.
    pub fn set_mode(&mut self, mode: TuiMode) {
        if std::mem::replace(&mut self.mode, mode) != mode {
            self.transcript.to_bottom();
            self.fit_pictures();
        }
    }

    /// Has code drawn in colours from the beginning: rows that stay cannot get theirs later.
    pub fn prepare_rows(&self) {
        let highlighter = &self.settings.highlighter;
        match self.view.history.is_empty() {
            true => highlighter.prepare(),
            false => highlighter.load(),
        }
    }

    /// Whether the terminal has the conversation in its scrollback, and searches and scrolls there; says so.
    pub(super) fn terminal_scrolls(&mut self) -> bool {
        let is_regular = self.mode == TuiMode::Regular;
        if is_regular {
            let text = "in the regular mode the terminal scrolls and searches";
            self.flash(Level::Info, text);
        }
        is_regular
    }

    /// What a frame of the regular mode adds on a screen of that size; everything when `again`.
    pub fn rows(&mut self, columns: u16, rows: u16, again: bool) -> Rows {
        let (block, caret) = self.block(columns, rows);
        let room = usize::from(rows - block.area.height.min(rows));
        let tail = self
            .transcript
            .tail(columns, &self.settings.look, room, again);
        Rows {
            again: tail.again,
            lasting: tail.lasting,
            live: tail.live,
            block,
            caret,
        }
    }

    /// The last frame of the regular mode: what has not come to stay stays as it is, and nothing is below
    /// it.
    pub fn last_rows(&mut self, columns: u16) -> Rows {
        Rows {
            lasting: self.transcript.rest(columns, &self.settings.look),
            ..Rows::default()
        }
    }

    /// What stands below the transcript, no higher than the screen, and where its caret is.
    fn block(&mut self, columns: u16, rows: u16) -> (Buffer, Option<Position>) {
        let footer = footer_height(rows);
        let room = rows - footer;
        let input = self.input_height(columns, room);
        let most = (room - input).saturating_sub(LEFT);
        let popup = self.completion_rows(usize::from(columns), usize::from(most));
        let popup_height = u16::try_from(popup.len()).unwrap_or(most);
        let mut lines = self.rows_above(usize::from(columns));
        lines.extend(popup);
        lines.drain(..lines.len().saturating_sub(usize::from(most)));
        let above = u16::try_from(lines.len()).unwrap_or(most);
        let area = Rect::new(0, 0, columns, above + input + footer);
        let mut buffer = Buffer::empty(area);
        for (y, line) in (0..).zip(lines) {
            let row = Rect {
                y,
                height: 1,
                ..area
            };
            line.render(row, &mut buffer);
        }
        let place = Rect {
            y: above,
            height: input,
            ..area
        };
        self.areas.transcript = Rect::default();
        self.areas.popup = Rect {
            y: above - popup_height.min(above),
            height: popup_height.min(above),
            ..area
        };
        self.areas.input = place;
        let caret = self.draw_input(place, &mut buffer);
        let place = Rect {
            y: above + input,
            height: footer,
            ..area
        };
        self.draw_footer(place, &mut buffer);
        (buffer, caret)
    }
}
