//! Which theme is worn: what was chosen, in the colours that the terminal has. Knows all themes; reads no file.

use std::path::Path;
use std::sync::Arc;

use super::abilities::Abilities;
use super::look::{Depth, Look};
use crate::config::{Theme, Themes};

/// The themes, and the one that was chosen.
#[derive(Debug, Clone)]
pub struct Wardrobe {
    themes: Themes,
    /// As the setting `theme` has it.
    wanted: Option<String>,
    depth: Depth,
    /// The depth is a guess: a terminal that says its name may have more.
    may_rise: bool,
    worn: Arc<Theme>,
}

impl Wardrobe {
    /// These themes, of which `wanted` (a setting's value) is worn on a terminal of that depth.
    pub fn new(themes: Themes, wanted: Option<String>, depth: Depth) -> Self {
        let (worn, _) = themes.choose(wanted.as_deref(), &Default::default());
        Wardrobe {
            themes,
            wanted,
            depth,
            may_rise: false,
            worn,
        }
    }

    /// The depth was guessed, and may rise when the terminal says its name.
    pub fn guessing(mut self, may_rise: bool) -> Self {
        self.may_rise = may_rise;
        self
    }

    /// The look on a terminal of which this is known.
    pub fn dress(&mut self, known: &Abilities) -> Look {
        let around = known.surroundings();
        (self.worn, _) = self.themes.choose(self.wanted.as_deref(), &around);
        let depth = match self.depth {
            Depth::Indexed if self.may_rise && known.is_rich() => Depth::Truecolor,
            depth => depth,
        };
        Look::new(&self.worn, depth)
    }

    /// Wears another theme; refused, with the names that there are, when there is none of that name.
    pub fn wear(&mut self, wanted: &str) -> Result<(), String> {
        let mut names = wanted.split('/');
        match names.find(|name| !self.names().contains(name)) {
            Some(name) => {
                let names = self.names().join(", ");
                Err(format!("there is no theme {name:?}; there are {names}"))
            }
            None => {
                self.wanted = Some(wanted.to_owned());
                Ok(())
            }
        }
    }

    /// What the setting `theme` can be: a name, or two with a slash between.
    pub fn names(&self) -> Vec<&str> {
        std::iter::once("system")
            .chain(self.themes.names())
            .collect()
    }

    /// What is wanted, as the setting has it.
    pub fn wanted(&self) -> Option<&str> {
        self.wanted.as_deref()
    }

    /// The file of the theme that is worn, if it has one.
    pub fn file(&self) -> Option<&Path> {
        self.worn.file.as_deref()
    }

    /// The file of a theme was written anew.
    pub fn renew(&mut self, theme: Theme) {
        self.themes.replace(theme);
    }

    /// All themes were read again.
    pub fn restock(&mut self, themes: Themes) {
        self.themes = themes;
    }
}

impl Default for Wardrobe {
    /// pi's own themes, the dark one worn.
    fn default() -> Self {
        Wardrobe::new(Themes::embedded(), Some("dark".into()), Depth::Truecolor)
    }
}
