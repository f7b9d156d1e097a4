//! What the person said: on a ground of its own.

use ratatui::text::{Line, Span};

use super::fold;
use super::paint::Paint;
use crate::ai::message::{Body, Content, Millis};
use crate::tui::look::Token;
use crate::tui::markdown::wrap::{ground_width, on_ground, truncate};
use crate::tui::markdown::{render, sanitize_line};

/// Bytes of a prompt that are shown folded.
const SHOWN: usize = 8_000;
/// Bytes that are shown unfolded: a pasted log of megabytes is not for reading here.
const MOST: usize = 400_000;

/// What the person said.
pub(super) struct User {
    text: String,
    images: Vec<String>,
    sent: Millis,
}

impl User {
    pub fn new(body: &Body, sent: Millis) -> Self {
        let (text, images) = split(body);
        User { text, images, sent }
    }

    pub fn render(&self, paint: &Paint<'_>) -> Vec<Line<'static>> {
        let ground = paint.look.bg(Token::UserMessageBg);
        let width = ground_width(paint.width);
        let ink = paint.ink(paint.look.fg(Token::UserMessageText));
        let (text, hidden) = cut(&self.text, if paint.expanded { MOST } else { SHOWN });
        let mut rows: Vec<_> = render(text, width, &ink)
            .into_iter()
            .map(|line| line.spans)
            .collect();
        if hidden > 0 {
            rows.push(fold::more(hidden, "more", width, paint));
        }
        rows.extend(self.images.iter().map(|kind| image(kind, width, paint)));
        if let Some(first) = rows.first_mut() {
            *first = paint.with_time(std::mem::take(first), self.sent, width);
        }
        rows.into_iter()
            .map(|row| on_ground(row, paint.width, ground))
            .collect()
    }
}

/// A text's beginning, up to a line end where there is one, and how many lines are behind it.
fn cut(text: &str, limit: usize) -> (&str, usize) {
    if text.len() <= limit {
        return (text, 0);
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let end = text[..end].rfind('\n').unwrap_or(end);
    let (shown, hidden) = text.split_at(end);
    (shown, hidden.trim_start_matches('\n').lines().count())
}

/// A body's text, and the types of its pictures.
pub(super) fn split(body: &Body) -> (String, Vec<String>) {
    match body {
        Body::Text(text) => (text.clone(), Vec::new()),
        Body::Blocks(blocks) => split_blocks(blocks),
    }
}

/// The text of blocks, and the types of their pictures.
pub(super) fn split_blocks(blocks: &[Content]) -> (String, Vec<String>) {
    let mut texts = Vec::new();
    let mut images = Vec::new();
    for block in blocks {
        match block {
            Content::Text { text, .. } => texts.push(text.as_str()),
            Content::Image { mime_type, .. } => images.push(mime_type.clone()),
            Content::Thinking { .. } | Content::ToolCall(_) => {}
        }
    }
    (texts.join("\n"), images)
}

/// Stands in for a picture.
pub(super) fn image(kind: &str, width: usize, paint: &Paint<'_>) -> Vec<Span<'static>> {
    let text = format!("[image: {}]", sanitize_line(kind));
    truncate(&[Span::styled(text, paint.look.fg(Token::Muted))], width)
}
