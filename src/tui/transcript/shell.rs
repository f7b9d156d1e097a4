//! A shell command that the person ran with `!` or `!!`.

use std::sync::Arc;

use ratatui::text::{Line, Span};

use super::fold;
use super::paint::Paint;
use super::user::split_blocks;
use crate::agent::Outcome;
use crate::ai::message::{BashExecutionMessage, Millis};
use crate::tui::look::Token;
use crate::tui::markdown::wrap::{truncate, wrap_words};
use crate::tui::markdown::written::drawn;
use crate::tui::markdown::{sanitize, sanitize_line};

/// Rows of output that are shown folded.
const SHOWN: usize = 20;

/// A shell command of the person's.
pub(super) struct Shell {
    command: String,
    excluded: bool,
    output: String,
    end: Option<End>,
    started: Option<Millis>,
}

/// How it ended.
struct End {
    exit_code: Option<i32>,
    cancelled: bool,
    full_output: Option<String>,
}

impl Shell {
    /// One that runs since `now`.
    pub fn running(command: &str, excluded: bool, now: Millis) -> Self {
        Shell {
            command: command.to_owned(),
            excluded,
            output: String::new(),
            end: None,
            started: Some(now),
        }
    }

    /// One that is over.
    pub fn ended(message: &BashExecutionMessage) -> Self {
        let mut shell = Shell::running(&message.command, message.exclude_from_context, 0);
        shell.started = None;
        shell.complete(message);
        shell
    }

    /// Takes what it has printed so far.
    pub fn update(&mut self, outcome: &Arc<Outcome>) {
        self.output = split_blocks(&outcome.content).0;
    }

    /// Takes over what the session keeps of it.
    pub fn complete(&mut self, message: &BashExecutionMessage) {
        self.output = message.output.clone();
        self.end = Some(End {
            exit_code: message.exit_code,
            cancelled: message.cancelled,
            full_output: message
                .full_output_path
                .clone()
                .filter(|_| message.truncated),
        });
    }

    pub fn render(&self, paint: &Paint<'_>) -> Vec<Line<'static>> {
        let look = paint.look;
        let token = if self.excluded {
            Token::Dim
        } else {
            Token::BashMode
        };
        let margin = if paint.width > 8 { 2 } else { 0 };
        let width = paint.width - margin;
        let mut rows = Vec::new();
        for (at, line) in sanitize(self.command.trim()).split('\n').enumerate() {
            let mark = if at == 0 { "$ " } else { "  " };
            let line = Span::styled(format!("{mark}{line}"), look.bold(token));
            rows.extend(wrap_words(&[line], width));
        }
        rows.extend(fold::tail(
            &self.output,
            SHOWN,
            width,
            Token::ToolOutput,
            paint,
        ));
        rows.extend(self.status(paint).map(|status| truncate(&status, width)));
        if let Some(path) = self.end.as_ref().and_then(|end| end.full_output.as_deref()) {
            let text = format!("truncated; all of it: {}", sanitize_line(path));
            rows.extend(wrap_words(
                &[Span::styled(text, look.fg(Token::Warning))],
                width,
            ));
        }
        let bar = drawn(Span::styled("│ ", look.fg(token)));
        rows.into_iter()
            .map(|mut row| {
                if margin > 0 {
                    row.insert(0, bar.clone());
                }
                Line::from(row)
            })
            .collect()
    }

    fn status(&self, paint: &Paint<'_>) -> Option<Vec<Span<'static>>> {
        let look = paint.look;
        let text = match &self.end {
            None => {
                let seconds = self
                    .started
                    .map_or(0, |started| (paint.now - started).max(0) / 1000);
                let key = sanitize_line(&paint.setup.keys.interrupt).into_owned();
                return Some(vec![
                    Span::styled(format!("running {seconds}s "), look.fg(Token::Muted)),
                    Span::styled(format!("({key} to stop)"), look.fg(Token::Dim)),
                ]);
            }
            Some(end) if end.cancelled => Span::styled("stopped", look.fg(Token::Warning)),
            Some(end) => match end.exit_code {
                None | Some(0) => return None,
                Some(code) => Span::styled(format!("exit {code}"), look.fg(Token::Error)),
            },
        };
        Some(vec![text])
    }
}
