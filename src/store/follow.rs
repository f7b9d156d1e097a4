//! Following a session that another process writes: the new end of its file, read as it grows.
//!
//! Only whole lines are taken, so that what is being written at this moment is never torn. Looking
//! costs one `stat` while nothing happens.

use super::entry::Kind;
use super::{Result, Store, lease};

/// What has become of a session that is only read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// Nothing.
    None,
    /// The branch goes on: it has so many messages more, which may be none.
    Longer(usize),
    /// Another branch is the current one, or a compaction has changed this one.
    Moved,
    /// The file was cut, or another one has its name: it has to be opened again.
    Replaced,
}

impl Store {
    /// Whether the session was opened for reading only.
    pub fn is_read_only(&self) -> bool {
        self.log.is_read_only()
    }

    /// Whether somebody holds the lease of a session that is only read.
    pub fn is_written(&self) -> bool {
        self.log.file().is_some_and(|file| lease::is_held(&file))
    }

    /// The process that holds the session's lease, for a session that is only read: `None` when
    /// nobody does, `Some(None)` when the system does not tell who.
    pub fn writer(&self) -> Option<Option<u32>> {
        self.log.file().and_then(|file| lease::writer(&file))
    }

    /// Reads what was added to the file since it was last looked at, and moves the leaf to its last
    /// entry. For a session that is only read.
    pub fn refresh(&mut self) -> Result<Followed> {
        let Some((offset, bytes)) = self.log.read_on()? else {
            return Ok(Followed::Replaced);
        };
        if bytes.is_empty() {
            return Ok(Followed::None);
        }
        let known = self.tree.len() as u32;
        self.take_in([(offset, bytes)]);
        Ok(self.follow_leaf(known))
    }

    /// Goes to the last entry; `known` entries were there before.
    fn follow_leaf(&mut self, known: u32) -> Followed {
        let before = self.leaf;
        self.leaf = self.tree.last();
        // From the new leaf back to what was known: all of it new, and hanging on the old leaf.
        let mut added = Vec::new();
        let mut at = self.leaf;
        while let Some(index) = at.filter(|index| *index >= known) {
            added.push(index);
            at = self.tree.node(index).and_then(|node| node.parent());
        }
        let kind = |index: &u32| self.tree.node(*index).map(|node| node.kind);
        let is_compacted = added
            .iter()
            .any(|index| kind(index) == Some(Kind::Compaction));
        if at != before || is_compacted {
            self.rebuild_shown();
            return Followed::Moved;
        }
        let mut shown = self.shown.clone();
        let long = shown.len();
        for index in added.iter().rev() {
            if let Some(node) = self.tree.node(*index)
                && node.kind.is_shown()
            {
                shown.grow(node.span());
            }
        }
        self.shown = shown;
        Followed::Longer(self.shown.len() - long)
    }
}
