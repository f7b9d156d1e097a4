//! A line to type that nobody may read: it shows dots. It has no history, no undo and no kill ring, so
//! that what is typed is nowhere else; what comes out of it is a [`Secret`].

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::{Choice, Panel, Step, dismisses, frame};
use crate::config::{KeyChord, Keymap};
use crate::tui::editor::typed;
use crate::tui::keyring::Secret;
use crate::tui::look::{Look, Token};
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::{Row, truncate, wrap_words};

/// Asks for a provider's key.
pub struct SecretPanel {
    provider: String,
    title: String,
    /// Said above the line.
    about: String,
    typed: String,
    /// What is wrong with what was typed.
    word: Option<&'static str>,
}

impl SecretPanel {
    /// Asks for the key of `provider`, which people call `name`.
    pub fn new(provider: &str, name: &str, about: &str) -> Self {
        SecretPanel {
            provider: provider.into(),
            title: format!("The key for {name}"),
            about: about.into(),
            typed: String::new(),
            word: None,
        }
    }

    fn said(&self, width: u16, look: Option<&Look>) -> Vec<Row> {
        let (text, token) = match self.word {
            Some(word) => (word, Token::Error),
            None => (self.about.as_str(), Token::Muted),
        };
        let style = look.map(|look| look.fg(token)).unwrap_or_default();
        let line = [Span::styled(sanitize_line(text).into_owned(), style)];
        wrap_words(&line, usize::from(width).max(1))
    }
}

impl Panel for SecretPanel {
    fn height(&self, width: u16) -> u16 {
        let said = self.said(width.saturating_sub(2), None).len();
        u16::try_from(said + 3).unwrap_or(u16::MAX)
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        let hint = "enter stores it · escape goes back";
        let inside = frame(area, buffer, look, &self.title, hint);
        if inside.is_empty() {
            return None;
        }
        let row = |y: u16| Rect {
            y,
            height: 1,
            ..inside
        };
        // The line that is typed on is the last; it gives way to nothing.
        let last = inside.bottom() - 1;
        let said = self.said(inside.width, Some(look));
        for (y, words) in (inside.y..last).zip(said) {
            Line::from(words).render(row(y), buffer);
        }
        let width = usize::from(inside.width);
        let count = self.typed.trim().chars().count();
        let shown = count.min(width.saturating_sub(1));
        let line = match count {
            0 => Span::styled("type it or paste it", look.fg(Token::Dim)),
            _ => Span::styled("•".repeat(shown), look.fg(Token::Text)),
        };
        Line::from(truncate(&[line], width)).render(row(last), buffer);
        Some(Position {
            x: inside.x + u16::try_from(shown).unwrap_or(u16::MAX),
            y: last,
        })
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        let is = |id: &str| keymap.matches(id, chord);
        if dismisses(chord, keymap) {
            return Step::Choose(Choice::Providers);
        }
        self.word = None;
        match () {
            () if is("tui.input.submit") => match Secret::new(&self.typed) {
                Ok(key) => return Step::Choose(Choice::Key(self.provider.clone(), key)),
                Err(why) => self.word = Some(why),
            },
            () if is("tui.editor.deleteCharBackward") => {
                self.typed.pop();
            }
            () if is("tui.editor.deleteToLineStart") || is("tui.editor.deleteWordBackward") => {
                self.typed.clear();
            }
            () => {
                if let Some(text) = typed(chord) {
                    self.typed.push_str(&text);
                }
            }
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str) {
        self.word = None;
        self.typed.push_str(text);
    }
}
