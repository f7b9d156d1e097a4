//! Going to an entry of any branch.

use super::entry::{Kind, Role};
use super::{Result, Store};

impl Store {
    /// Makes the branch that an entry is on the current one, and returns the place of what shows it
    /// among [`Store::transcript`], or what stands nearest; `None` when a compaction has put it out of sight. The leaf stays where
    /// it is if the entry is on its branch, else it moves to the last entry that came after this one.
    pub fn visit(&mut self, id: &str) -> Result<Option<usize>> {
        let entry = self.index_of(id)?;
        let is_on_branch = self.tree.ancestors(self.leaf).any(|index| index == entry);
        if !is_on_branch {
            self.leaf = Some(self.last_after(entry));
            self.rebuild_shown();
        }
        // A tool's result is shown with its call, a name or a setting where it was given.
        let shows = |index: &u32| {
            let node = self.tree.node(*index);
            node.is_some_and(|node| {
                (node.kind.is_shown() || node.kind == Kind::Compaction)
                    && node.role != Role::ToolResult
            })
        };
        let before = self.tree.ancestors(Some(entry)).find(shows);
        // What is chosen before the first message is shown by none before it.
        let after = || {
            let path = self.tree.path(self.leaf);
            path.into_iter().filter(|index| *index > entry).find(shows)
        };
        let shown = before.or_else(after);
        let span = shown
            .and_then(|index| self.tree.node(index))
            .map(|node| node.span());
        Ok(span.and_then(|span| self.transcript().place(span)))
    }

    /// The last entry of the file that descends from `entry`, or the entry itself.
    fn last_after(&self, entry: u32) -> u32 {
        let mut last = entry;
        let mut descends = vec![false; self.tree.len() - entry as usize];
        descends[0] = true;
        for index in entry + 1..self.tree.len() as u32 {
            let parent = self.tree.node(index).and_then(|node| node.parent());
            // Parents stand before their children.
            let parent = parent.and_then(|parent| parent.checked_sub(entry));
            if parent.is_some_and(|parent| descends[parent as usize]) {
                descends[(index - entry) as usize] = true;
                last = index;
            }
        }
        last
    }
}
