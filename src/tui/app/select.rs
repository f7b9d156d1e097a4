//! The left button over the conversation: drag selects, two clicks take a word, three a line, Shift
//! extends; one click folds; the scrollbar is dragged.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

use super::App;
use crate::ai::Millis;
use crate::config::settings::Scrollbar;
use crate::tui::look::{Look, Token};
use crate::tui::mouse::Mouse;
use crate::tui::msg::Effect;
use crate::tui::transcript::{Bar, Grain, Mark, Marked, Place};

/// Clicks within this many milliseconds are one, two, three.
const CLICKS: Millis = 500;
/// How long a click waits for a second one before it folds.
const FOLDS: Millis = 250;

/// What the left button is doing.
#[derive(Debug, Default)]
pub(super) struct Hand {
    holds: Option<Held>,
    /// The last press: when, where, the how manieth there.
    pressed: Option<(Millis, (u16, u16), usize)>,
    /// A block that was clicked, and when it is folded unless it is clicked again.
    folds: Option<(Place, Millis)>,
    /// How far beyond the window's edge it is, up when negative, and its column.
    beyond: Option<(isize, u16)>,
}

#[derive(Debug)]
enum Held {
    /// A selection; whether it has moved since it was begun.
    Text(bool),
    /// The scrollbar, so many rows below the thumb's top.
    Thumb(u16),
    /// The label that leads to the end.
    ToEnd,
}

impl Hand {
    /// Whether it holds something.
    pub fn is_full(&self) -> bool {
        self.holds.is_some()
    }

    /// Whether something happens by itself.
    pub fn is_moving(&self) -> bool {
        self.beyond.is_some() || self.folds.is_some()
    }
}

impl App {
    pub(super) fn press(&mut self, mouse: Mouse) {
        self.hand.folds = None;
        let at = (mouse.column, mouse.row);
        let (column, row) = at;
        let before = self.hand.pressed.take();
        let clicks = match before {
            Some((time, place, clicks)) if place == at && self.now - time < CLICKS => {
                clicks % 3 + 1
            }
            _ => 1,
        };
        self.hand.pressed = Some((self.now, at, clicks));
        let window = self.areas.transcript;
        let inside = window.contains(Position::from(at));
        if let Some((top, length)) = self
            .thumb()
            .filter(|_| inside && column + 1 == window.right())
        {
            let below = (row - window.y)
                .checked_sub(top)
                .filter(|below| *below < length);
            self.hand.holds = Some(Held::Thumb(below.unwrap_or(length / 2)));
            return self.pull(row);
        }
        if self
            .to_end_label()
            .is_some_and(|label| label.contains(Position::from(at)))
        {
            self.hand.holds = Some(Held::ToEnd);
            return;
        }
        if !inside {
            self.hand.holds = None;
            self.transcript.deselect();
            return self.press_below(mouse);
        }
        let (column, row) = (column - window.x, row - window.y);
        if mouse.shift && self.transcript.has_selection() {
            self.transcript.select_to(row, column);
            self.hand.holds = Some(Held::Text(true));
            return;
        }
        let grain = match clicks {
            1 => Grain::Character,
            2 => Grain::Word,
            _ => Grain::Line,
        };
        self.transcript.select_from(row, column, grain);
        self.hand.holds = Some(Held::Text(clicks > 1));
    }

    pub(super) fn drag(&mut self, mouse: Mouse) {
        let window = self.areas.transcript;
        match &mut self.hand.holds {
            Some(Held::Text(moved)) => {
                let pressed = self.hand.pressed.map(|(_, at, _)| at);
                if !*moved && pressed == Some((mouse.column, mouse.row)) {
                    return;
                }
                *moved = true;
                let column = mouse.column.clamp(window.x, window.right().max(1) - 1) - window.x;
                let row = i32::from(mouse.row) - i32::from(window.y);
                let beyond = match row {
                    row if row < 0 => row,
                    row => (row - i32::from(window.height) + 1).max(0),
                };
                let beyond = isize::try_from(beyond).unwrap_or(0);
                self.hand.beyond = (beyond != 0).then_some((beyond, column));
                let last = window.height.saturating_sub(1);
                let row = u16::try_from(row.max(0)).unwrap_or(0).min(last);
                self.transcript.select_to(row, column);
            }
            Some(Held::Thumb(_)) => self.pull(mouse.row),
            Some(Held::ToEnd) | None => {}
        }
    }

    pub(super) fn release(&mut self, mouse: Mouse) -> Vec<Effect> {
        let held = self.hand.holds.take();
        if self.hand.beyond.take().is_some() {
            self.reach_edge(mouse.row < self.areas.transcript.y, mouse.column);
        }
        match held {
            Some(Held::Text(true)) if self.settings.copy_on_select => self.copy_selection(),
            Some(Held::Text(false)) => {
                self.transcript.deselect();
                let row = mouse.row.saturating_sub(self.areas.transcript.y);
                let place = self.transcript.place_at(row);
                self.hand.folds = place.map(|place| (place, self.now + FOLDS));
                Vec::new()
            }
            Some(Held::ToEnd) => {
                self.transcript.to_bottom();
                Vec::new()
            }
            Some(Held::Text(true) | Held::Thumb(_)) | None => Vec::new(),
        }
    }

    /// What happens while the hand is still.
    pub(super) fn hand_waits(&mut self) {
        if let Some((place, due)) = self.hand.folds
            && due <= self.now
        {
            self.hand.folds = None;
            self.transcript.toggle_fold(place, &self.settings.look);
        }
        if let Some((beyond, column)) = self.hand.beyond {
            self.reach_edge(beyond < 0, column);
            self.transcript.scroll_lines(beyond.clamp(-8, 8));
        }
    }

    /// Folds or unfolds the block where the selection begins, or else the first in the window.
    pub(super) fn fold_one(&mut self) {
        let look = &self.settings.look;
        if let Some(place) = self.transcript.selection_start() {
            self.transcript.toggle_fold(place, look);
            return;
        }
        let mut rows = 0..self.areas.transcript.height;
        rows.find(|row| self.transcript.toggle_fold_at(*row, look));
    }

    fn reach_edge(&mut self, up: bool, column: u16) {
        let last = self.areas.transcript.height.saturating_sub(1);
        self.transcript.select_to(if up { 0 } else { last }, column);
    }

    /// Puts what is selected on the clipboard.
    pub(super) fn copy_selection(&mut self) -> Vec<Effect> {
        let text = self.transcript.selected(&self.settings.look);
        text.map(Effect::Copy).into_iter().collect()
    }

    /// Moves the scrollbar's thumb to a row of the screen.
    fn pull(&mut self, row: u16) {
        let (Some(Held::Thumb(below)), Some((_, length))) = (&self.hand.holds, self.thumb()) else {
            return;
        };
        let window = self.areas.transcript;
        let top = row.saturating_sub(window.y).saturating_sub(*below);
        let room = window.height.saturating_sub(length).max(1);
        self.transcript
            .go_to_share(f64::from(top) / f64::from(room));
    }

    /// The columns that the scrollbar takes from the conversation.
    pub(super) fn bar_columns(&self, width: u16) -> u16 {
        u16::from(self.settings.scrollbar == Scrollbar::Always && width > 20)
    }

    /// The first row and the length of the scrollbar's thumb, while there is one.
    fn thumb(&self) -> Option<(u16, u16)> {
        let bar = self.transcript.bar()?;
        let is_held = matches!(self.hand.holds, Some(Held::Thumb(_)));
        let is_shown = match self.settings.scrollbar {
            Scrollbar::Always => true,
            Scrollbar::Auto => is_held || !self.transcript.is_following(),
            Scrollbar::Hidden => false,
        };
        is_shown.then(|| place_thumb(bar, self.areas.transcript.height))
    }

    /// Paints what lies over the conversation.
    pub(super) fn draw_over(&self, buffer: &mut Buffer) {
        let window = self.areas.transcript;
        let look = &self.settings.look;
        for mark in self.transcript.marks() {
            lay(mark, window, buffer, look);
        }
        if let Some(label) = self.to_end_label() {
            let text = self.to_end_text();
            buffer.set_style(label, Style::reset());
            buffer.set_string(label.x, label.y, text, look.fg(Token::Accent));
        }
        let Some((top, length)) = self.thumb() else {
            return;
        };
        for row in 0..window.height {
            let (sign, token) = match (top..top + length).contains(&row) {
                true => ("▐", Token::ScrollbarThumb),
                false => ("▕", Token::ScrollbarTrack),
            };
            buffer.set_string(window.right() - 1, window.y + row, sign, look.fg(token));
        }
    }

    /// Where the way to the end is shown, while the window is elsewhere.
    fn to_end_label(&self) -> Option<Rect> {
        let window = self.areas.transcript;
        let width = u16::try_from(self.to_end_text().chars().count()).unwrap_or(u16::MAX);
        let is_away = !self.transcript.is_following() && self.transcript.bar().is_some();
        let fits = window.height >= 4 && window.width >= width + 8;
        (is_away && fits).then(|| Rect {
            x: window.x + (window.width - width) / 2,
            y: window.bottom() - 1,
            width,
            height: 1,
        })
    }

    fn to_end_text(&self) -> String {
        format!(
            " ↓ {} ",
            self.settings.keymap.describe("tui.altScreen.bottom")
        )
    }
}

fn place_thumb(bar: Bar, height: u16) -> (u16, u16) {
    let length = (bar.shown * f64::from(height)).round() as u16;
    let length = length.clamp(1, height.saturating_sub(1).max(1));
    let room = height.saturating_sub(length);
    let top = match bar.above {
        above if above >= 1.0 => room,
        // Only the very end is at the end.
        above => ((above * f64::from(room)).round() as u16).min(room.saturating_sub(1)),
    };
    (top, length)
}

fn lay(mark: &Mark, window: Rect, buffer: &mut Buffer, look: &Look) {
    let end = mark.columns.end.min(window.width);
    let start = mark.columns.start.min(end);
    let area = Rect {
        x: window.x + start,
        y: window.y + mark.row,
        width: end - start,
        height: 1,
    };
    let area = area.intersection(buffer.area);
    buffer.set_style(area, style(mark.what, look));
}

fn style(what: Marked, look: &Look) -> Style {
    let found = look.bg(Token::SearchMatchBg);
    let found = match found.bg {
        Some(_) => found.patch(look.fg(Token::SearchMatchText)),
        None => found.add_modifier(Modifier::UNDERLINED),
    };
    match what {
        Marked::Match => found,
        Marked::Current => found.add_modifier(Modifier::BOLD | Modifier::REVERSED),
        Marked::Selected => look.bg(Token::SelectedBg),
    }
}
