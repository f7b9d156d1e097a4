//! What another program wrote to the session while it was open here, without knowing of the lease.
//!
//! Its entries join the tree where they belong, as branches of their own; the conversation stays on its
//! own. Nothing of either is lost.

use super::Store;
use super::load::Loaded;

impl Store {
    /// How many entries of another program have been found since the last time this was asked.
    pub fn take_strangers(&mut self) -> usize {
        std::mem::take(&mut self.strangers)
    }

    /// Puts what another program wrote into the tree.
    pub(super) fn read_news(&mut self) {
        let news = self.log.take_news();
        if news.is_empty() {
            return;
        }
        let known = self.tree.len();
        self.take_in(news);
        self.strangers += self.tree.len() - known;
    }

    /// Takes what pieces of the file say, each whole lines from its place on, into the tree.
    pub(super) fn take_in(&mut self, pieces: impl IntoIterator<Item = (u64, Vec<u8>)>) {
        let mut loaded = Loaded {
            tree: std::mem::take(&mut self.tree),
            totals: self.totals,
            name: self.name.take(),
            labels: std::mem::take(&mut self.labels),
            ..Loaded::default()
        };
        for (offset, bytes) in pieces {
            loaded.more(&bytes, offset);
        }
        for damage in loaded.damage {
            self.log.note_unreadable(damage.offset);
        }
        self.tree = loaded.tree;
        self.totals = loaded.totals;
        self.name = loaded.name;
        self.labels = loaded.labels;
    }
}
