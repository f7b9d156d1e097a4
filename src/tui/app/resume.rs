//! The list of sessions: opened, asked for beside the loop, chosen from.

use std::path::{Path, PathBuf};

use super::App;
use super::keys::leave;
use crate::session::{Command, Reply};
use crate::tui::msg::{Asked, Effect};
use crate::tui::panels::{Choice, Item, ListPanel, ResumePanel, Step, Whereabouts};
use crate::tui::shelf::{Answer, Request};

impl App {
    /// Opens the list with this typed already.
    pub(super) fn open_sessions(&mut self, filter: &str) {
        let at = Whereabouts {
            project: self.view.cwd.clone(),
            open: self.view.file.clone(),
            home: self.settings.home.clone(),
            now: self.now,
        };
        self.open(ResumePanel::new(at, &self.settings.keymap, filter));
    }

    /// What the panel wants to know.
    pub(super) fn look(&mut self) -> Vec<Effect> {
        let Some(open) = &mut self.panel else {
            return Vec::new();
        };
        let asks = open.panel.asks();
        let effect = |request| match request {
            // Its file is in use, by this very conversation.
            Request::Rename(path, name) if self.view.file.as_deref() == Some(&path) => {
                Effect::Send(Command::SetName(name), Asked::Renamed(path))
            }
            request => Effect::Look(request),
        };
        let mut effects: Vec<Effect> = asks.into_iter().map(effect).collect();
        effects.extend(self.ask_words());
        effects
    }

    /// An answer, which a panel that has been closed does not get any more.
    pub(super) fn hear(&mut self, answer: &Answer) -> Vec<Effect> {
        if let Answer::Held(path, true) = answer {
            self.offer_copy(path);
            return Vec::new();
        }
        let step = self.panel.as_mut().map(|open| open.panel.hear(answer));
        self.take_step(step.unwrap_or(Step::Stay))
    }

    /// What to do instead of going on with a session that another pi writes.
    fn offer_copy(&mut self, path: &Path) {
        let item = |label: &str, detail: &str, choice| Item {
            label: label.into(),
            detail: detail.into(),
            current: false,
            choice,
        };
        let items = vec![
            item(
                "Fork it",
                "go on in a copy",
                Choice::SessionCopy(path.into()),
            ),
            item("Leave it alone", "stay here", Choice::Nothing),
        ];
        self.open(ListPanel::new("This session is in use", "", items, ""));
    }

    /// The session that is open has a new name, or not.
    pub(super) fn renamed(&mut self, path: &Path, reply: Reply) -> Vec<Effect> {
        let renamed = match reply {
            Reply::Refused(why) | Reply::Cancelled(why) => Err(why),
            _ => Ok(()),
        };
        self.hear(&Answer::Renamed(path.into(), renamed))
    }
}

/// Goes on with another session; what waits for the model in this one comes back to the editor.
pub(super) fn switch(path: PathBuf) -> Vec<Effect> {
    leave(
        Command::SwitchSession { path: path.clone() },
        Asked::Switch(path),
    )
}

/// The same, at the entry that it was found by.
pub(super) fn switch_to_entry(path: PathBuf, entry: String) -> Vec<Effect> {
    let asked = Asked::Switch(path.clone());
    leave(Command::SwitchToEntry { path, entry }, asked)
}
