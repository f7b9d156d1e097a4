//! The editor's history beyond this sitting: what was said in this session before pi was started, and what
//! was sent from this directory in others. The session's file is read when its prompts are first asked
//! for: most sittings never do.

use super::App;
use crate::ai::Message;
use crate::config::KeyChord;
use crate::session::History;
use crate::tui::msg::Effect;
use crate::tui::panels::{HistoryPanel, News};

/// How many prompts are recalled.
const MOST: usize = 100;

/// How many messages are read in search of them.
const REACH: usize = 300;

impl App {
    /// Gives the editor what was sent before, once a key may want it.
    pub(super) fn recall(&mut self, chord: KeyChord) {
        let is = |id: &str| self.settings.keymap.matches(id, chord);
        if is("tui.editor.cursorUp") || is("tui.editor.historyPrevious") {
            self.recall_all();
        }
    }

    fn recall_all(&mut self) {
        if let Some(past) = self.past.take() {
            self.editor.recall(prompts(&*past));
            let remembered = std::mem::take(&mut self.remembered);
            self.editor.recall_others(remembered);
        }
    }

    /// What was sent from this directory in earlier sittings has been read.
    pub(super) fn remembered(&mut self, prompts: Vec<String>) {
        match self.past {
            Some(_) => self.remembered = prompts,
            // Somebody was faster.
            None => {
                self.editor.recall_others(prompts);
                self.tell_panel(News::Prompts(self.editor.old_prompts()));
            }
        }
    }

    /// What was sent just now is to be kept.
    pub(super) fn remember(&mut self) -> Vec<Effect> {
        let taken = self.editor.taken().into_iter();
        taken.map(Effect::Remember).collect()
    }

    /// Opens the search through all that was sent.
    pub(super) fn search_history(&mut self) {
        self.recall_all();
        let prompts = self.editor.old_prompts();
        self.open(HistoryPanel::new(prompts, &self.settings.keymap));
    }
}

/// The latest prompts of `history`, oldest first.
pub(super) fn prompts(history: &dyn History) -> Vec<String> {
    let mut found: Vec<String> = (0..history.len())
        .rev()
        .take(REACH)
        .filter_map(|index| match &*history.message(index)? {
            Message::User(user) => Some(user.content.to_text()),
            _ => None,
        })
        .take(MOST)
        .collect();
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::ai::SharedMessage;
    use crate::ai::message::{Body, UserMessage};

    /// Every so many messages one is a prompt; counts what is read.
    struct Prompts {
        every: usize,
        read: AtomicUsize,
    }

    impl History for Prompts {
        fn len(&self) -> usize {
            50_000
        }

        fn message(&self, index: usize) -> Option<SharedMessage> {
            self.read.fetch_add(1, Ordering::Relaxed);
            let content = Body::Text(index.to_string());
            let prompt = UserMessage {
                content,
                timestamp: 0,
            };
            index
                .is_multiple_of(self.every)
                .then(|| Arc::new(Message::User(prompt)))
        }
    }

    #[test]
    fn a_session_of_any_length_is_recalled_from_its_end_alone() {
        for (every, read, found) in [(1, 100, 100), (100, 300, 3), (50_000, 300, 0)] {
            let history = Prompts {
                every,
                read: AtomicUsize::new(0),
            };
            assert_eq!(prompts(&history).len(), found);
            assert_eq!(history.read.into_inner(), read);
        }
    }
}
