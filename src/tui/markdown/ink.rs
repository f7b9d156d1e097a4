//! What text is drawn with: the look, the style under everything, and the highlighter.

use ratatui::style::Style;

use super::{Highlighter, Manner, manner};
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
    /// What was chosen and what the terminal can.
    pub manner: &'a Manner,
}

impl<'a> Ink<'a> {
    /// What text is drawn with where nothing was chosen.
    pub fn new(look: &'a Look, base: Style, highlighter: &'a Highlighter) -> Self {
        Ink {
            look,
            base,
            highlighter,
            manner: &manner::PLAIN,
        }
    }

    /// The base in the token's colour.
    pub fn fg(&self, token: Token) -> Style {
        self.base.patch(self.look.fg(token))
    }
}
