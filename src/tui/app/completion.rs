//! The popup of commands while a `/` is typed.

use crate::tui::editor::Editor;
use crate::tui::slash::{self, SlashCommand};

/// What is offered and which of it is selected.
#[derive(Debug, Default)]
pub(super) struct Completion {
    offered: Vec<SlashCommand>,
    selected: usize,
    /// The text that it was closed for.
    closed: Option<String>,
}

impl Completion {
    /// Follows what is typed.
    pub fn follow(&mut self, editor: &Editor) {
        let text = editor.raw();
        if self.closed.as_deref() != Some(text) {
            self.closed = None;
        }
        // An old prompt is walked past, not completed.
        let offered = if self.closed.is_some() || editor.is_browsing() {
            Vec::new()
        } else {
            slash::complete(text)
        };
        if offered != self.offered {
            self.selected = 0;
        }
        self.offered = offered;
    }

    pub fn is_open(&self) -> bool {
        !self.offered.is_empty()
    }

    /// Closes it until the text changes.
    pub fn close(&mut self, editor: &Editor) {
        self.closed = Some(editor.raw().to_owned());
        self.offered.clear();
    }

    pub fn go(&mut self, by: isize) {
        let count = self.offered.len();
        if count > 0 {
            let at = isize::try_from(self.selected).unwrap_or(0) + by;
            let count = isize::try_from(count).unwrap_or(1);
            self.selected = usize::try_from(at.rem_euclid(count)).unwrap_or(0);
        }
    }

    pub fn selected(&self) -> Option<SlashCommand> {
        self.offered.get(self.selected).copied()
    }

    /// The entries to show, at most `most`, and whether each is selected.
    pub fn shown(&self, most: usize) -> impl Iterator<Item = (&SlashCommand, bool)> {
        let first = (self.selected + 1).saturating_sub(most);
        let entries = self.offered.iter().enumerate().skip(first).take(most);
        entries.map(|(at, command)| (command, at == self.selected))
    }
}
