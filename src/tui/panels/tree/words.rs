//! What entries say: read where they are near the screen, and all of it once something is searched for.

use super::TreePanel;
use crate::session::EntryWords;

/// Rows that are read around the selected one.
const NEAR: usize = 128;

/// Entries that are read at once for a search.
const AT_ONCE: usize = 4096;

impl TreePanel {
    /// The entries to read next; none while others are being read.
    pub(super) fn next_words(&mut self) -> Vec<String> {
        if !self.reading.is_empty() {
            return Vec::new();
        }
        let first = self.selected.saturating_sub(NEAR);
        let near = first..self.selected.saturating_add(NEAR);
        let rows = near.filter_map(|at| Some(self.branches.row(at)?.0.index));
        let mut places: Vec<u32> = rows.filter(|at| self.branches.is_unread(*at)).collect();
        if places.is_empty() && !self.search.is_empty() {
            places = self.branches.first_unread(AT_ONCE);
        }
        let entry = |at: u32| Some((at, self.branches.entry(at)?.entry.clone()));
        self.reading = places.into_iter().filter_map(entry).collect();
        self.reading.iter().map(|(_, id)| id.clone()).collect()
    }

    /// Puts in what was read; nothing, when it could not be: that is asked for no more. What somebody
    /// else asked for is not waited for here.
    pub(super) fn take_words(&mut self, words: Vec<EntryWords>) {
        let is_lost = words.is_empty();
        if self.branches.read(&self.reading, words) || is_lost {
            for (at, _) in std::mem::take(&mut self.reading) {
                if is_lost {
                    self.branches.give_up(at);
                }
            }
        }
        if !self.search.is_empty() {
            self.arrange();
        }
    }
}
