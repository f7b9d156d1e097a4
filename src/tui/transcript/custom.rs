//! A message that an extension or a hook put in.

use ratatui::text::{Line, Span};

use super::paint::Paint;
use super::user::split;
use crate::ai::message::CustomMessage;
use crate::tui::look::Token;
use crate::tui::markdown::wrap::truncate;
use crate::tui::markdown::{render, sanitize_line};

/// A message that an extension or a hook put in; nothing when it is not for the screen.
pub(super) struct Custom {
    label: String,
    text: String,
    shown: bool,
}

impl Custom {
    pub fn new(message: &CustomMessage) -> Self {
        Custom {
            label: message.custom_type.clone(),
            text: split(&message.content).0,
            shown: message.display,
        }
    }

    pub fn render(&self, paint: &Paint<'_>) -> Vec<Line<'static>> {
        match self.shown {
            true => labelled(&self.label, &self.text, paint),
            false => Vec::new(),
        }
    }
}

/// Markdown on its ground, below a label.
pub(super) fn labelled(label: &str, text: &str, paint: &Paint<'_>) -> Vec<Line<'static>> {
    let look = paint.look;
    let width = paint.inner_width();
    let label = format!("[{}]", sanitize_line(label));
    let label = truncate(
        &[Span::styled(label, look.bold(Token::CustomMessageLabel))],
        width,
    );
    let ink = paint.ink(look.fg(Token::CustomMessageText));
    let text = render(text, width, &ink).into_iter().map(|line| line.spans);
    std::iter::once(label)
        .chain(text)
        .map(|row| paint.on_ground(row, look.bg(Token::CustomMessageBg)))
        .collect()
}
