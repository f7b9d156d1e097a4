//! A word from pi itself: for information, a warning, an error.

use ratatui::text::{Line, Span};

use super::paint::Paint;
use crate::session::Level;
use crate::tui::look::Token;
use crate::tui::markdown::sanitize;
use crate::tui::markdown::wrap::wrap_words;
use crate::tui::markdown::written::drawn;

/// A word from pi itself.
pub(super) struct Notice {
    level: Level,
    text: String,
}

impl Notice {
    pub fn new(level: Level, text: &str) -> Self {
        Notice {
            level,
            text: text.to_owned(),
        }
    }

    pub fn render(&self, paint: &Paint<'_>) -> Vec<Line<'static>> {
        let (mark, token) = match self.level {
            Level::Info => ("· ", Token::Muted),
            Level::Warning => ("! ", Token::Warning),
            Level::Error => ("✗ ", Token::Error),
        };
        let style = paint.look.fg(token);
        let margin = if paint.width > 8 { 3 } else { 0 };
        let clean = sanitize(self.text.trim_end());
        let rows = clean.split('\n').flat_map(|line| {
            wrap_words(
                &[Span::styled(line.to_owned(), style)],
                paint.width - margin,
            )
        });
        rows.enumerate()
            .map(|(at, mut row)| {
                match (margin, at) {
                    (0, _) => {}
                    (_, 0) => row.insert(0, drawn(Span::styled(format!(" {mark}"), style))),
                    (_, _) => row.insert(0, drawn(Span::raw("   "))),
                }
                Line::from(row)
            })
            .collect()
    }
}
