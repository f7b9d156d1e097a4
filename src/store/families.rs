//! Who follows whom, for all entries at once: one pass over the tree instead of one for every entry.

use super::tree::Tree;

/// The children of every entry, oldest first by their timestamps, as the reference orders them.
#[derive(Debug, Default)]
pub struct Families {
    // The children of entry `n` are `children[starts[n + 1]..starts[n + 2]]`; the roots come first.
    starts: Vec<u32>,
    children: Vec<u32>,
}

/// A step of a walk through the tree: an entry's children come between its beginning and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// An entry.
    Begin(u32),
    /// All that follows it has been walked.
    End(u32),
}

impl Families {
    /// Looks at every entry once.
    pub fn of(tree: &Tree) -> Self {
        let place = |parent: Option<u32>| parent.map_or(0, |parent| parent as usize + 1);
        let mut starts = vec![0u32; tree.len() + 2];
        for node in tree.nodes() {
            starts[place(node.parent()) + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut children = vec![0u32; tree.len()];
        for (index, node) in (0u32..).zip(tree.nodes()) {
            let free = &mut next[place(node.parent())];
            children[*free as usize] = index;
            *free += 1;
        }
        let mut families = Families { starts, children };
        // Roots stay in the order of the file.
        for at in 1..families.starts.len() - 1 {
            let own = families.starts[at] as usize..families.starts[at + 1] as usize;
            families.children[own]
                .sort_by_key(|child| tree.node(*child).map_or(0, |node| node.time));
        }
        families
    }

    /// The entries that follow `parent` directly, or the roots for `None`.
    pub fn children(&self, parent: Option<u32>) -> &[u32] {
        let at = parent.map_or(0, |parent| parent as usize + 1);
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(from), Some(to)) => &self.children[*from as usize..*to as usize],
            _ => &[],
        }
    }

    /// All entries, parents before children. The depth of a tree is the length of a conversation, so
    /// whoever writes or draws it must not recurse: this does not.
    pub fn walk(&self) -> impl Iterator<Item = Step> + '_ {
        let begin = |children: &[u32]| -> Vec<Step> {
            children
                .iter()
                .rev()
                .map(|child| Step::Begin(*child))
                .collect()
        };
        let mut stack = begin(self.children(None));
        std::iter::from_fn(move || {
            let step = stack.pop()?;
            if let Step::Begin(index) = step {
                stack.push(Step::End(index));
                stack.extend(begin(self.children(Some(index))));
            }
            Some(step)
        })
    }
}
