//! What stands above the first message: who this is and what was loaded.

use ratatui::text::{Line, Span};

use super::paint::Paint;
use crate::tui::look::Token;
use crate::tui::markdown::wrap::{text_width, truncate, wrap_words};
use crate::tui::markdown::{sanitize_line, written};

/// What stands above the first message.
#[derive(Debug, Clone, Default)]
pub struct Header {
    /// Such as `pi 0.1.0`.
    pub title: String,
    /// Beside the title, such as the working directory.
    pub aside: String,
    /// Names and values, one a row, such as `Model` and its name.
    pub facts: Vec<(String, String)>,
    /// Lines below, such as the keys to begin with.
    pub hints: Vec<String>,
}

impl Header {
    pub(super) fn render(&self, paint: &Paint<'_>) -> Vec<Line<'static>> {
        let look = paint.look;
        let margin = if paint.width > 8 { 1 } else { 0 };
        let width = paint.width - margin;
        let title = [
            Span::styled(
                sanitize_line(&self.title).into_owned(),
                look.bold(Token::Accent),
            ),
            Span::styled(
                format!("  {}", sanitize_line(&self.aside)),
                look.fg(Token::Dim),
            ),
        ];
        let mut rows = vec![truncate(&title, width)];
        let names = self.facts.iter().map(|(name, _)| text_width(name));
        let column = names.max().unwrap_or(0) + 2;
        for (name, value) in &self.facts {
            let name = sanitize_line(name);
            let spaces = " ".repeat(column.saturating_sub(text_width(&name)));
            let line = [
                Span::styled(format!("{name}{spaces}"), look.fg(Token::Dim)),
                Span::styled(sanitize_line(value).into_owned(), look.fg(Token::Muted)),
            ];
            rows.push(truncate(&line, width));
        }
        for hint in &self.hints {
            let hint = Span::styled(sanitize_line(hint).into_owned(), look.fg(Token::Dim));
            rows.extend(wrap_words(&[hint], width));
        }
        rows.into_iter()
            .map(|mut row| {
                if margin > 0 {
                    row.insert(0, written::margin());
                }
                Line::from(row)
            })
            .collect()
    }
}
