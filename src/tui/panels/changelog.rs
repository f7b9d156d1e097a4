//! What is new, to read: Markdown that scrolls. As the news after an update it is in nobody's way: words
//! that are typed close it and are the editor's.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::{Panel, Step, dismisses, frame};
use crate::config::{KeyChord, KeyName, Keymap};
use crate::tui::look::{Look, Token};
use crate::tui::markdown::{Highlighter, Ink, Manner, render};

/// A text in Markdown.
pub struct ChangelogPanel {
    title: String,
    text: String,
    highlighter: Highlighter,
    manner: Manner,
    steps_aside: bool,
    /// The rows, and for which width and look they are.
    rows: Vec<Line<'static>>,
    rows_of: Option<(u16, u64)>,
    first: usize,
    page: usize,
}

impl ChangelogPanel {
    /// Shows `text`.
    pub fn new(title: &str, text: &str, highlighter: Highlighter, manner: Manner) -> Self {
        ChangelogPanel {
            title: title.into(),
            text: text.into(),
            highlighter,
            manner,
            steps_aside: false,
            rows: Vec::new(),
            rows_of: None,
            first: 0,
            page: 1,
        }
    }

    /// As news that nobody asked for.
    pub fn stepping_aside(mut self) -> Self {
        self.steps_aside = true;
        self
    }

    fn go(&mut self, by: isize) {
        let last = self.rows.len().saturating_sub(self.page);
        self.first = self.first.saturating_add_signed(by).min(last);
    }

    fn lay_out(&mut self, width: u16, look: &Look) {
        let of = (width, look.revision());
        if self.rows_of == Some(of) {
            return;
        }
        let ink = Ink {
            look,
            base: look.fg(Token::Text),
            highlighter: &self.highlighter,
            manner: &self.manner,
        };
        self.rows = render(&self.text, usize::from(width).max(1), &ink);
        self.rows_of = Some(of);
    }
}

impl Panel for ChangelogPanel {
    fn height(&self, _width: u16) -> u16 {
        24
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        self.page = usize::from(area.height.saturating_sub(2)).max(1);
        self.lay_out(area.width.saturating_sub(4), look);
        self.go(0);
        let seen = (self.first + self.page).min(self.rows.len());
        let hint = format!("{seen}/{} · escape closes", self.rows.len());
        let inside = frame(area, buffer, look, &self.title, &hint);
        let margin = u16::from(inside.width < area.width);
        for (y, row) in (inside.y..inside.bottom()).zip(self.rows.iter().skip(self.first)) {
            let place = Rect {
                x: inside.x + margin,
                y,
                width: inside.width.saturating_sub(2 * margin),
                height: 1,
            };
            row.render(place, buffer);
        }
        None
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        let is = |id: &str| keymap.matches(id, chord);
        let page = isize::try_from(self.page).unwrap_or(1);
        match () {
            () if dismisses(chord, keymap) || is("tui.select.confirm") => return Step::Dismiss,
            () if chord == KeyChord::plain(KeyName::Char('q')) => return Step::Dismiss,
            () if is("tui.select.up") => self.go(-1),
            () if is("tui.select.down") => self.go(1),
            () if is("tui.select.pageUp") => self.go(-page),
            () if is("tui.select.pageDown") => self.go(page),
            () if chord == KeyChord::plain(KeyName::Home) => self.go(isize::MIN),
            () if chord == KeyChord::plain(KeyName::End) => self.go(isize::MAX),
            () => {}
        }
        Step::Stay
    }

    fn scroll(&mut self, rows: i32) {
        self.go(isize::try_from(rows).unwrap_or(0));
    }

    fn steps_aside(&self) -> bool {
        self.steps_aside
    }
}
