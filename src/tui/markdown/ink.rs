//! What text is drawn with: the look, the style under everything, and the highlighter.

use ratatui::style::Style;

use super::Highlighter;
use crate::tui::look::{Look, Token};

/// What text is drawn with.
#[derive(Clone, Copy)]
pub struct Ink<'a> {
    /// Styles by token.
    pub look: &'a Look,
    /// Lies under every style: the colour of plain text.
    pub base: Style,
    /// Colours code.
    pub highlighter: &'a Highlighter,
}

impl Ink<'_> {
    /// The base in the token's colour.
    pub fn fg(&self, token: Token) -> Style {
        self.base.patch(self.look.fg(token))
    }
}
