//! The start: the header (what this is, what it knows, which keys to begin with) and the first panel.

use super::{App, Settings};
use crate::session::View;
use crate::tui::footer::short_path;
use crate::tui::panels::WelcomePanel;
use crate::tui::transcript::Header;

/// The header above the first message.
pub(super) fn header(view: &View, settings: &Settings) -> Header {
    let mut header = Header {
        title: format!("pi {}", settings.version),
        aside: if view.demo {
            "demo, no model connected".into()
        } else {
            String::new()
        },
        facts: Vec::new(),
        hints: Vec::new(),
    };
    if settings.quiet {
        return header;
    }
    let home = settings.home.as_deref();
    if !view.context_files.is_empty() {
        let files: Vec<String> = view
            .context_files
            .iter()
            .map(|file| short_path(file, home))
            .collect();
        header.facts.push(("Context".into(), files.join(", ")));
    }
    let key = |id: &str| settings.keymap.describe(id);
    let first = |id: &str| key(id).split('/').next().unwrap_or_default().to_owned();
    header.hints.push(format!(
        "{} stops · {} clears, twice quits · / commands · ! shell · {} models · {} tool output · /hotkeys",
        first("app.interrupt"),
        first("app.clear"),
        first("app.model.select"),
        first("app.tools.expand"),
    ));
    if view.demo {
        header.hints.push(
            "No model is connected: an embedded demo answers by fixed rules, with the real tools, in this directory.".into(),
        );
        header.hints.push(
            "Try: list the files here · read README.md · run git status. To connect a model: /login".into(),
        );
    }
    header
}

impl App {
    /// The first words: how to begin where nothing is connected, else what an update has brought.
    pub(super) fn greet(&mut self) {
        let update = self.settings.update.take();
        let is_begun = !self.view.history.is_empty() || self.view.watching.is_some();
        if self.settings.welcome && self.view.demo && !is_begun {
            self.open(WelcomePanel::new());
        } else if let Some(update) = update.filter(|_| !is_begun) {
            self.tell_update(&update);
        }
    }
}
