//! What the person said: on a ground of its own.

use std::borrow::Cow;

use ratatui::style::Style;
use ratatui::text::Line;

use super::fold;
use super::paint::Paint;
use crate::ai::message::{Body, Content, Millis};
use crate::tui::look::Token;
use crate::tui::markdown::render;

/// Bytes of a prompt that are shown folded.
const SHOWN: usize = 8_000;
/// Bytes that are shown unfolded: a pasted log of megabytes is not for reading here.
const MOST: usize = 400_000;

/// What the person said.
pub(super) struct User {
    text: String,
    images: Vec<Picture<'static>>,
    sent: Millis,
}

impl User {
    pub fn new(body: &Body, sent: Millis) -> Self {
        let (text, images) = split(body);
        let images = images.into_iter().map(|picture| Picture {
            mime_type: picture.mime_type.into_owned().into(),
            base64: picture.base64.into_owned().into(),
        });
        let images = images.collect();
        User { text, images, sent }
    }

    pub fn render(&self, paint: &Paint<'_>) -> Vec<Line<'static>> {
        let ground = paint.look.bg(Token::UserMessageBg);
        let width = paint.inner_width();
        // Without a ground of its own a prompt would look like an answer.
        let ink = match ground == Style::new() {
            true => paint.ink(paint.look.bold(Token::UserMessageText)),
            false => paint.ink(paint.look.fg(Token::UserMessageText)),
        };
        let (text, hidden) = cut(&self.text, if paint.expanded { MOST } else { SHOWN });
        let mut rows: Vec<_> = render(text, width, &ink)
            .into_iter()
            .map(|line| line.spans)
            .collect();
        if hidden > 0 {
            rows.push(fold::more(hidden, "more", width, paint));
        }
        let pictures = self.images.iter();
        rows.extend(pictures.flat_map(|picture| paint.picture(picture, width)));
        if let Some(first) = rows.first_mut() {
            *first = paint.with_time(std::mem::take(first), self.sent, width);
        }
        rows.into_iter()
            .map(|row| paint.on_ground(row, ground))
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

/// A picture in a message.
pub(super) struct Picture<'a> {
    pub mime_type: Cow<'a, str>,
    pub base64: Cow<'a, str>,
}

/// A body's text, and its pictures.
pub(super) fn split(body: &Body) -> (String, Vec<Picture<'_>>) {
    match body {
        Body::Text(text) => (text.clone(), Vec::new()),
        Body::Blocks(blocks) => split_blocks(blocks),
    }
}

/// The text of blocks, and their pictures.
pub(super) fn split_blocks(blocks: &[Content]) -> (String, Vec<Picture<'_>>) {
    let mut texts = Vec::new();
    let mut images = Vec::new();
    for block in blocks {
        match block {
            Content::Text { text, .. } => texts.push(text.as_str()),
            Content::Image { mime_type, data } => images.push(Picture {
                mime_type: mime_type.into(),
                base64: data.into(),
            }),
            Content::Thinking { .. } | Content::ToolCall(_) => {}
        }
    }
    (texts.join("\n"), images)
}
