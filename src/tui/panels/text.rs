//! A text to read, and a line to type.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::{Choice, News, Panel, Step, dismisses, frame, with_seconds};
use crate::config::{KeyChord, KeyName, Keymap};
use crate::tui::editor::Editor;
use crate::tui::look::{Look, Token};
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::wrap_words;

/// A text to read; any of the usual keys closes it.
pub struct TextPanel {
    title: String,
    lines: Vec<(String, Token)>,
    first: usize,
    page: usize,
    count: usize,
}

impl TextPanel {
    /// Lines with their colours.
    pub fn new(title: &str, lines: Vec<(String, Token)>) -> Self {
        TextPanel {
            title: title.into(),
            lines,
            first: 0,
            page: 1,
            count: 0,
        }
    }

    /// With other lines, at the same place.
    pub fn set(&mut self, lines: Vec<(String, Token)>) {
        self.lines = lines;
    }

    fn rows(&self, width: usize, style: impl Fn(Token) -> Style) -> Vec<Line<'static>> {
        let mut rows = Vec::new();
        for (text, token) in &self.lines {
            let line = [Span::styled(sanitize_line(text).to_string(), style(*token))];
            rows.extend(wrap_words(&line, width.max(1)).into_iter().map(Line::from));
        }
        rows
    }

    fn go(&mut self, by: isize) {
        let last = self.count.saturating_sub(self.page);
        self.first = self.first.saturating_add_signed(by).min(last);
    }
}

impl Panel for TextPanel {
    fn height(&self, width: u16) -> u16 {
        let rows = self
            .rows(usize::from(width.saturating_sub(2)), |_| Style::new())
            .len();
        u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(2)
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        let inside = frame(area, buffer, look, &self.title, "escape closes");
        let rows = self.rows(usize::from(inside.width), |token| look.fg(token));
        self.page = usize::from(inside.height).max(1);
        self.count = rows.len();
        self.go(0);
        for (y, row) in (inside.y..inside.bottom()).zip(rows.into_iter().skip(self.first)) {
            row.render(
                Rect {
                    y,
                    height: 1,
                    ..inside
                },
                buffer,
            );
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
            () if chord == KeyChord::plain(KeyName::Home) => self.first = 0,
            () if chord == KeyChord::plain(KeyName::End) => self.go(isize::MAX),
            () => {}
        }
        Step::Stay
    }

    fn scroll(&mut self, rows: i32) {
        self.go(isize::try_from(rows).unwrap_or(0));
    }
}

/// A text to type, one line or many.
pub struct InputPanel {
    title: String,
    placeholder: String,
    editor: Editor,
    many_lines: bool,
    /// Seconds that are left to answer.
    left: Option<u64>,
}

impl InputPanel {
    /// Begins with `prefill`; `placeholder` is shown while nothing is typed.
    pub fn new(title: &str, placeholder: &str, prefill: &str, many_lines: bool) -> Self {
        let mut editor = Editor::default();
        if !prefill.is_empty() {
            editor.replace(prefill);
        }
        InputPanel {
            title: title.into(),
            placeholder: placeholder.into(),
            editor,
            many_lines,
            left: None,
        }
    }
}

impl Panel for InputPanel {
    fn height(&self, _width: u16) -> u16 {
        if self.many_lines { 12 } else { 4 }
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        let inside = frame(
            area,
            buffer,
            look,
            &with_seconds(&self.title, self.left),
            "enter answers · escape dismisses",
        );
        self.editor.resize(inside.width, inside.height);
        if self.editor.is_empty() {
            let hint = Span::styled(
                sanitize_line(&self.placeholder).to_string(),
                look.fg(Token::Dim),
            );
            Line::from(hint).render(inside, buffer);
        }
        self.editor
            .draw(inside, buffer, look.fg(Token::Text), look.fg(Token::Accent))
            .caret
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        if dismisses(chord, keymap) {
            return Step::Dismiss;
        }
        if keymap.matches("tui.input.newLine", chord) {
            if self.many_lines {
                self.editor.new_line();
            }
        } else if keymap.matches("tui.input.submit", chord) {
            return Step::Choose(Choice::Answer(self.editor.text()));
        } else {
            self.editor.key(chord, keymap);
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str) {
        self.editor.paste(text);
    }

    fn told(&mut self, news: News) {
        if let News::Left(seconds) = news {
            self.left = Some(seconds);
        }
    }
}
