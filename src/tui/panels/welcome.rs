//! What pi asks when nothing is connected yet. It is in nobody's way: words that are typed or pasted
//! close it and are the editor's.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Choice, Item, ListPanel, Panel, Step};
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
        let item = |label: &str, detail: &str, start| Item {
            label: label.into(),
            detail: detail.into(),
            current: false,
            choice: Choice::Start(start),
        };
        let items = vec![
            item("Connect a provider", "with its key", Start::Connect),
            item("Use a local server", "Ollama and others", Start::Local),
            item("Try the demo", "no model: rules", Start::Demo),
        ];
        let list = ListPanel::new("Welcome to pi", "", items, "");
        let list = list.saying("No model is connected yet. How do you want to begin?");
        WelcomePanel(list.unfiltered())
    }
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
}
