//! Code: highlighted line by line, wrapped hard, set in as the person likes it.

use ratatui::text::{Line, Span};

use super::highlight::Painter;
use super::wrap::{Row, text_width, wrap_hard};
use super::written::drawn;
use super::{Ink, sanitize_line};
use crate::tui::look::Token;

/// One block of code, whose lines come one by one and are drawn once.
#[derive(Clone)]
pub(super) struct Code {
    painter: Option<Painter>,
}

impl Code {
    /// A block in the language that a fence's info string names.
    pub fn new(info: &str, ink: &Ink<'_>) -> Self {
        let ends = |char: char| char.is_whitespace() || matches!(char, ',' | '{' | ';');
        let language = info.trim().split(ends).next().unwrap_or_default();
        Code {
            painter: ink.highlighter.painter(&language.to_ascii_lowercase()),
        }
    }

    /// The rows of the next line.
    pub fn line(&mut self, line: &str, width: usize, ink: &Ink<'_>) -> Vec<Row> {
        let line = sanitize_line(line);
        let row = match &mut self.painter {
            Some(painter) => painter.line(&line, ink),
            None => vec![Span::styled(line.into_owned(), ink.fg(Token::MdCodeBlock))],
        };
        let indent = sanitize_line(&ink.manner.code_indent);
        let margin = text_width(&indent);
        let margin = if margin + 6 < width { margin } else { 0 };
        let mut rows = wrap_hard(&row, width - margin);
        if margin > 0 {
            let is_blank = indent.trim().is_empty();
            for row in &mut rows {
                if !is_blank || row.iter().any(|span| !span.content.is_empty()) {
                    let style = ink.fg(Token::MdCodeBlockBorder);
                    row.insert(0, drawn(Span::styled(indent.clone().into_owned(), style)));
                }
            }
        }
        rows
    }
}

/// The rows of code that is whole.
pub(super) fn rows(text: &str, info: &str, width: usize, ink: &Ink<'_>) -> Vec<Row> {
    let mut code = Code::new(info, ink);
    text.lines()
        .flat_map(|line| code.line(line, width, ink))
        .collect()
}

/// Rows as lines.
pub(super) fn lines(rows: Vec<Row>) -> impl Iterator<Item = Line<'static>> {
    rows.into_iter().map(Line::from)
}
