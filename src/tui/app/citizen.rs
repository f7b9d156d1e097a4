//! The app as a guest of the terminal: what is known of it, and whether the person looks.

use super::App;
use crate::tui::abilities::{Abilities, Answer};
use crate::tui::msg::Effect;

impl App {
    /// What is known of the terminal.
    pub fn abilities(&self) -> &Abilities {
        &self.abilities
    }

    /// The terminal says something of itself.
    pub(super) fn learn(&mut self, answer: &Answer) -> Vec<Effect> {
        self.abilities.learn(answer);
        Vec::new()
    }

    /// The window got the keyboard, or lost it.
    pub(super) fn focus(&mut self, is_here: bool) -> Vec<Effect> {
        self.away = !is_here;
        Vec::new()
    }
}
