//! The app as a guest of the terminal: what is known of it, and which colours that gives.

use std::path::Path;

use super::App;
use crate::config::Theme;
use crate::session::Level;
use crate::tui::abilities::{Abilities, Answer};
use crate::tui::msg::Effect;

impl App {
    /// What is known of the terminal.
    pub fn abilities(&self) -> &Abilities {
        &self.abilities
    }

    /// The file of the theme that is worn, if it has one.
    pub fn theme_file(&self) -> Option<&Path> {
        self.settings.wardrobe.file()
    }

    /// Wears another theme from now on: a name, or `light/dark` names. Refused when there is none.
    pub fn wear(&mut self, theme: &str) -> Result<(), String> {
        self.settings.wardrobe.wear(theme)?;
        self.dress();
        Ok(())
    }

    /// The terminal says something of itself.
    pub(super) fn learn(&mut self, answer: &Answer) -> Vec<Effect> {
        if self.abilities.learn(answer) {
            self.dress();
            self.fit_pictures();
        }
        Vec::new()
    }

    /// The file of the theme that is worn was saved.
    pub(super) fn renew_theme(&mut self, theme: Result<Theme, String>) -> Vec<Effect> {
        match theme {
            Ok(theme) => {
                self.settings.wardrobe.renew(theme);
                self.dress();
            }
            Err(why) => self.notice(Level::Error, &why),
        }
        Vec::new()
    }

    /// The theme that is wanted, in the colours that the terminal has now.
    fn dress(&mut self) {
        self.settings.look = self.settings.wardrobe.dress(&self.abilities);
    }
}
