//! A tool call and what came of it: a view per tool.
//!
//! A view says what stands in the title and what stands below; this file draws the two on the ground
//! of their state and leaves the rest to `bash`, `edit`, `read` and so on. A tool that nobody knows is
//! drawn with its arguments as JSON.

mod bash;
mod diff;
mod edit;
mod generic;
mod read;
mod search;
mod state;
mod write;

use ratatui::text::{Line, Span};
use serde_json::Value;

use super::fold;
use super::paint::Paint;
use super::user::split_blocks;
use crate::tui::look::Token;
use crate::tui::markdown::wrap::{Row, wrap_words};
use crate::tui::markdown::written::drawn;
use crate::tui::markdown::{sanitize, sanitize_line};
pub(super) use state::ToolCall;

/// What a tool's view says.
pub(super) struct View {
    /// Behind the mark; wrapped where it must be.
    pub title: Vec<Row>,
    /// Below, no wider than asked.
    pub body: Vec<Row>,
}

impl ToolCall {
    pub fn render(&self, paint: &Paint<'_>) -> Vec<Line<'static>> {
        let (mark, token, ground) = match self.is_error() {
            None => ("• ", Token::Muted, Token::ToolPendingBg),
            Some(false) => ("✓ ", Token::Success, Token::ToolSuccessBg),
            Some(true) => ("✗ ", Token::Error, Token::ToolErrorBg),
        };
        let width = paint.inner_width();
        let margin = if width > 8 { 2 } else { 0 };
        let inner = width - margin;
        let view = match self.name.as_str() {
            "read" => read::view(self, inner, paint),
            "write" => write::view(self, inner, paint),
            "edit" => edit::view(self, inner, paint),
            "bash" => bash::view(self, inner, paint),
            "grep" | "find" | "ls" => search::view(self, inner, paint),
            _ => generic::view(self, inner, paint),
        };
        let title = view.title.iter().flat_map(|line| wrap_words(line, inner));
        let mark = drawn(Span::styled(mark, paint.look.fg(token)));
        let rows = title.chain(view.body).enumerate().map(|(at, mut row)| {
            match (margin, at) {
                (0, _) => {}
                (_, 0) => row.insert(0, mark.clone()),
                (_, _) => row.insert(0, drawn(Span::raw("  "))),
            }
            paint.on_ground(row, paint.look.bg(ground))
        });
        rows.collect()
    }

    /// The tool's name, as a title begins.
    fn name_span(&self, paint: &Paint<'_>) -> Span<'static> {
        let name = sanitize_line(&self.name).into_owned();
        Span::styled(name, paint.look.bold(Token::ToolTitle))
    }

    /// A string among the arguments.
    fn text_arg(&self, name: &str) -> Option<&str> {
        self.args().get(name).and_then(Value::as_str)
    }

    /// A number among the arguments.
    fn number_arg(&self, name: &str) -> Option<u64> {
        let value = self.args().get(name)?;
        value
            .as_u64()
            .or_else(|| value.as_f64().map(|number| number.max(0.0) as u64))
    }

    /// The path among the arguments, for a title; `…` until it is known.
    fn path_span(&self, paint: &Paint<'_>) -> Span<'static> {
        let path = self.text_arg("path").or_else(|| self.text_arg("file_path"));
        match path {
            Some(path) => {
                let line = self.number_arg("offset").or_else(|| self.first_changed());
                paint.path(path, line, paint.look.fg(Token::Accent))
            }
            None => Span::styled(self.missing(), paint.look.fg(Token::ToolOutput)),
        }
    }

    /// The first line that an edit has changed.
    fn first_changed(&self) -> Option<u64> {
        self.details()?.get("firstChangedLine")?.as_u64()
    }

    /// Stands in for an argument that is not there.
    fn missing(&self) -> &'static str {
        if self.is_writing() {
            "…"
        } else {
            "(no path)"
        }
    }

    /// The text of the result so far, its pictures named below it.
    fn output(&self, limit: usize, width: usize, paint: &Paint<'_>) -> Vec<Row> {
        let (text, images) = split_blocks(self.content());
        let token = match self.is_error() {
            Some(true) => Token::Error,
            _ => Token::ToolOutput,
        };
        let style = paint.look.fg(token);
        let mut rows = fold::head(&text, limit, width, paint, |line| {
            vec![Span::styled(line.to_owned(), style)]
        });
        let pictures = images.iter();
        rows.extend(pictures.flat_map(|picture| paint.picture(picture, width)));
        rows
    }

    /// The language of the file that the call is about, by its extension.
    fn language(&self) -> &str {
        let path = self.text_arg("path").or_else(|| self.text_arg("file_path"));
        let file = path
            .and_then(|path| path.rsplit('/').next())
            .unwrap_or_default();
        match file.rsplit_once('.') {
            Some((_, extension)) => extension,
            None => file,
        }
    }

    /// Says that the output is not all there is.
    fn warning(&self, width: usize, paint: &Paint<'_>) -> Vec<Row> {
        let Some(details) = self.details() else {
            return Vec::new();
        };
        let text = match details.get("fullOutputPath").and_then(Value::as_str) {
            Some(path) => format!("truncated; all of it: {}", sanitize(path)),
            None if details.pointer("/truncation/truncated") == Some(&Value::Bool(true)) => {
                "truncated".to_owned()
            }
            None => return Vec::new(),
        };
        let text = sanitize_line(&text).into_owned();
        wrap_words(&[Span::styled(text, paint.look.fg(Token::Warning))], width)
    }
}
