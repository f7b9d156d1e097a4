//! What the person said: on a ground of its own.

use ratatui::text::{Line, Span};

use super::paint::Paint;
use crate::ai::message::{Body, Content};
use crate::tui::look::Token;
use crate::tui::markdown::wrap::{ground_width, on_ground, truncate};
use crate::tui::markdown::{render, sanitize_line};

/// What the person said.
pub(super) struct User {
    text: String,
    images: Vec<String>,
}

impl User {
    pub fn new(body: &Body) -> Self {
        let (text, images) = split(body);
        User { text, images }
    }

    pub fn render(&self, paint: &Paint<'_>) -> Vec<Line<'static>> {
        let ground = paint.look.bg(Token::UserMessageBg);
        let width = ground_width(paint.width);
        let ink = paint.ink(paint.look.fg(Token::UserMessageText));
        let mut rows: Vec<_> = render(&self.text, width, &ink)
            .into_iter()
            .map(|line| line.spans)
            .collect();
        rows.extend(self.images.iter().map(|kind| image(kind, width, paint)));
        rows.into_iter()
            .map(|row| on_ground(row, paint.width, ground))
            .collect()
    }
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
