//! What the model said and thought; its tool calls are cells of their own.
//!
//! Grows while it streams: every block is a Markdown stream, so that a frame costs what has changed
//! and the rows that are looked at, however long the answer is.

use std::ops::Range;

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::cell::Foldable;
use super::folds;
use super::paint::Paint;
use crate::ai::message::{AssistantMessage, Content, Millis, StopReason};
use crate::tui::look::Token;
use crate::tui::markdown::wrap::wrap_words;
use crate::tui::markdown::{MarkdownStream, sanitize, written};

/// What the model said and thought.
#[derive(Default)]
pub(super) struct Assistant {
    parts: Vec<Part>,
    ending: Option<Ending>,
    ending_rows: Vec<Line<'static>>,
    /// When it came, if it ends what was asked.
    came: Option<Millis>,
    /// Its last row, with that time.
    last_row: Option<Line<'static>>,
}

/// One block of the message.
struct Part {
    /// Its place among the blocks of the message.
    index: usize,
    kind: Kind,
    text: MarkdownStream,
    /// What stands in for hidden thinking.
    label: Vec<Line<'static>>,
    height: usize,
    hidden: bool,
    margin: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Thinking,
}

/// How a message ended that did not end well.
#[derive(PartialEq)]
struct Ending {
    token: Token,
    text: String,
}

impl Assistant {
    /// A message that is whole.
    pub fn new(message: &AssistantMessage) -> Self {
        let mut assistant = Assistant::default();
        assistant.complete(message);
        assistant
    }

    /// Begins a block.
    pub fn begin(&mut self, index: usize, kind: Kind) {
        self.parts.push(Part {
            index,
            kind,
            text: MarkdownStream::default(),
            label: Vec::new(),
            height: 0,
            hidden: false,
            margin: 0,
        });
    }

    /// Adds to a block that has begun.
    pub fn push(&mut self, index: usize, piece: &str) {
        if let Some(part) = self.parts.iter_mut().rev().find(|part| part.index == index) {
            part.text.push(piece);
        }
    }

    /// Ends a block.
    pub fn end(&mut self, index: usize) {
        if let Some(part) = self.parts.iter_mut().rev().find(|part| part.index == index) {
            part.text.finish();
        }
    }

    /// Takes over the message as it is in the end. Blocks that have streamed as they ended are kept
    /// as they are drawn.
    pub fn complete(&mut self, message: &AssistantMessage) {
        let mut before = std::mem::take(&mut self.parts);
        for (index, content) in message.content.iter().enumerate() {
            let (kind, text) = match content {
                Content::Text { text, .. } => (Kind::Text, text),
                Content::Thinking { thinking, .. } => (Kind::Thinking, thinking),
                Content::Image { .. } | Content::ToolCall(_) => continue,
            };
            let same = |part: &Part| part.kind == kind && part.text.source() == text;
            match before.iter().position(same) {
                Some(at) => self.parts.push(before.swap_remove(at)),
                None => {
                    self.begin(index, kind);
                    self.push(index, text);
                }
            }
            self.end(index);
            if let Some(part) = self.parts.last_mut() {
                part.index = index;
                part.text.finish();
            }
        }
        let calls = message
            .content
            .iter()
            .any(|content| matches!(content, Content::ToolCall(_)));
        let answers = message.stop_reason == StopReason::Stop && !calls;
        self.came = answers.then_some(message.timestamp);
        let said = message
            .error_message
            .as_deref()
            .filter(|text| !text.trim().is_empty());
        self.ending = match message.stop_reason {
            StopReason::Error => Some(Ending {
                token: Token::Error,
                text: format!("Error: {}", said.unwrap_or("the model gave no reason")),
            }),
            // The calls' own cells say it.
            StopReason::Aborted if calls => None,
            StopReason::Aborted => Some(Ending {
                token: Token::Warning,
                text: "Stopped".into(),
            }),
            StopReason::Length => Some(Ending {
                token: Token::Warning,
                text: "Cut off: the output limit was reached".into(),
            }),
            StopReason::Stop if message.is_blank() => Some(Ending {
                token: Token::Warning,
                text: "The model answered with nothing".into(),
            }),
            StopReason::Stop | StopReason::ToolUse => None,
        };
    }

    /// Brings the rows up to date and counts them. `open` says of a block whether its thinking is
    /// shown, where that differs from the rest.
    pub fn layout(&mut self, paint: &Paint<'_>, open: impl Fn(usize) -> Option<bool>) -> usize {
        let mut height = 0;
        for part in &mut self.parts {
            let thinking = open(part.index).unwrap_or(paint.thinking);
            part.layout(&Paint { thinking, ..*paint });
            height += gap(height, part.height) + part.height;
        }
        self.ending_rows = match &self.ending {
            Some(ending) => ending.render(paint),
            None => Vec::new(),
        };
        self.last_row = self.came.and_then(|came| {
            let part = self.parts.iter().rev().find(|part| part.height > 0)?;
            let row = part.row(part.height - 1)?;
            let width = paint.width - part.margin;
            (part.kind == Kind::Text).then(|| paint.with_time(row.spans, came, width).into())
        });
        height + gap(height, self.ending_rows.len()) + self.ending_rows.len()
    }

    /// How many of the rows counted last stay whatever is said next.
    pub fn steady(&self) -> usize {
        let mut rows = 0;
        for part in &self.parts {
            if !part.hidden && !part.text.is_finished() {
                let steady = part.text.steady().min(part.height);
                return rows + gap(rows, steady) + steady;
            }
            rows += gap(rows, part.height) + part.height;
        }
        rows
    }

    /// Copies rows that [`Assistant::layout`] counted.
    pub fn copy(&self, range: Range<usize>, rows: &mut Vec<Line<'static>>) {
        let mut at = 0;
        let mut copy = |height: usize, row: &dyn Fn(usize) -> Option<Line<'static>>| {
            let gap = gap(at, height);
            if gap > 0 && range.contains(&at) {
                rows.push(Line::default());
            }
            at += gap;
            let from = range.start.saturating_sub(at).min(height);
            let to = range.end.saturating_sub(at).min(height);
            rows.extend((from..to).filter_map(row));
            at += height;
        };
        let last = self.parts.iter().rposition(|part| part.height > 0);
        for (number, part) in self.parts.iter().enumerate() {
            let timed = self.last_row.as_ref().filter(|_| last == Some(number));
            copy(part.height, &|row| match timed {
                Some(timed) if row + 1 == part.height => Some(timed.clone()),
                _ => part.row(row),
            });
        }
        copy(self.ending_rows.len(), &|row| {
            self.ending_rows.get(row).cloned()
        });
    }

    /// The thinking at a row that [`Assistant::layout`] counted.
    pub fn foldable(&self, row: usize) -> Option<Foldable> {
        let mut at = 0;
        for part in &self.parts {
            let top = at + gap(at, part.height);
            at = top + part.height;
            if row < at {
                return (part.kind == Kind::Thinking && row >= top).then_some(Foldable {
                    part: part.index,
                    kind: folds::Kind::Thinking,
                    open: !part.hidden,
                    top,
                });
            }
        }
        None
    }

    pub fn evict(&mut self) {
        for part in &mut self.parts {
            part.text.evict();
        }
    }
}

/// An empty row before everything but the first.
fn gap(above: usize, height: usize) -> usize {
    usize::from(above > 0 && height > 0)
}

impl Part {
    fn layout(&mut self, paint: &Paint<'_>) {
        let thinking = self.kind == Kind::Thinking;
        self.hidden = thinking && !paint.thinking && !self.text.is_blank();
        self.margin = paint.margin();
        let style = match self.kind {
            Kind::Text => paint.look.fg(Token::Text),
            Kind::Thinking => paint
                .look
                .fg(Token::ThinkingText)
                .add_modifier(Modifier::ITALIC),
        };
        let width = paint.inner_width();
        if self.hidden {
            self.label = label(paint, style, width);
            self.height = self.label.len();
            self.text.evict();
            return;
        }
        self.label = Vec::new();
        let rows = self.text.rows(width, &paint.ink(style));
        // Blank lines at the end may still be followed by more: they are not shown before.
        let blank = rows.iter().rev().take_while(|row| row.width() == 0).count();
        self.height = rows.len() - blank;
    }

    fn row(&self, at: usize) -> Option<Line<'static>> {
        let rows = if self.hidden {
            &self.label
        } else {
            self.text.drawn()
        };
        let mut line = rows.get(at)?.clone();
        if self.margin > 0 && !line.spans.is_empty() {
            line.spans.insert(0, written::margin());
        }
        Some(line)
    }
}

fn label(paint: &Paint<'_>, style: Style, width: usize) -> Vec<Line<'static>> {
    let hint = format!(" ({} to show)", sanitize(&paint.setup.keys.thinking));
    let line = [
        Span::styled("Thinking…", style),
        Span::styled(hint, paint.look.fg(Token::Dim)),
    ];
    wrap_words(&line, width)
        .into_iter()
        .map(Line::from)
        .collect()
}

impl Ending {
    fn render(&self, paint: &Paint<'_>) -> Vec<Line<'static>> {
        let margin = paint.margin();
        let style = paint.look.fg(self.token);
        let clean = sanitize(self.text.trim());
        let rows = clean.split('\n').flat_map(|line| {
            wrap_words(&[Span::styled(line.to_owned(), style)], paint.inner_width())
        });
        rows.map(|mut row| {
            if margin > 0 {
                row.insert(0, written::margin());
            }
            Line::from(row)
        })
        .collect()
    }
}
