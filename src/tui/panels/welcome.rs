//! What pi asks when nothing is connected yet. It is in nobody's way: words that are typed or pasted
//! close it and are the editor's.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Choice, Item, ListPanel, Panel, Step};
use crate::ai::Model;
use crate::ai::local::{Kind, Server, Trouble};
use crate::config::{KeyChord, Keymap};
use crate::tui::look::Look;
use crate::tui::mouse::Mouse;

/// How to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With a provider's key.
    Connect,
    /// With a server on this machine.
    Local,
    /// With the demo.
    Demo,
}

/// The question how to begin.
pub struct WelcomePanel(ListPanel);

impl WelcomePanel {
    /// Asks.
    pub fn new() -> Self {
        WelcomePanel(list("Ollama and others"))
    }
}

fn list(local: &str) -> ListPanel {
    let item = |label: &str, detail: &str, start| Item {
        label: label.into(),
        detail: detail.into(),
        current: false,
        choice: Choice::Start(start),
    };
    let items = vec![
        item("Connect a provider", "account or key", Start::Connect),
        item("Use a local server", local, Start::Local),
        item("Try the demo", "no model: rules", Start::Demo),
    ];
    let list = ListPanel::new("Welcome to pi", "", items, "");
    let list = list.saying("No model is connected yet. How do you want to begin?");
    list.unfiltered()
}

/// Which servers have models, and how many.
fn told(models: &[Arc<Model>]) -> Option<String> {
    let servers: Vec<String> = Kind::ALL
        .into_iter()
        .filter_map(|kind| {
            let count = models
                .iter()
                .filter(|model| model.provider == kind.id())
                .count();
            (count > 0).then(|| format!("{} ({count})", kind.name()))
        })
        .collect();
    (!servers.is_empty()).then(|| format!("found: {}", servers.join(", ")))
}

/// Which server runs and has none.
fn empty(troubles: &[(Server, Trouble)]) -> Option<String> {
    let mut empty = troubles.iter().filter(|(_, why)| *why == Trouble::Empty);
    let (server, _) = empty.next()?;
    Some(format!("{}: no models yet", server.kind.name()))
}

impl Default for WelcomePanel {
    fn default() -> Self {
        Self::new()
    }
}

impl Panel for WelcomePanel {
    fn height(&self, width: u16) -> u16 {
        self.0.height(width)
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        self.0.draw(area, buffer, look)
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        self.0.key(chord, keymap)
    }

    fn mouse(&mut self, mouse: Mouse) -> Step {
        self.0.mouse(mouse)
    }

    fn scroll(&mut self, rows: i32) {
        self.0.scroll(rows);
    }

    fn steps_aside(&self) -> bool {
        true
    }

    fn offer(&mut self, models: &[Arc<Model>], troubles: &[(Server, Trouble)]) {
        // In the place of what it said before: no row moves.
        if let Some(found) = told(models).or_else(|| empty(troubles)) {
            self.0 = list(&found).as_it_stood(&self.0);
        }
    }
}
