//! The shape of a session: per entry id, parent, kind, time and byte range, and nothing else.
//!
//! Pure: no files, no JSON. 32 bytes an entry plus the lookup by id. An entry's parent always stands
//! before it in the file, so there are no cycles whatever the file says: a parent that is not known
//! yet counts as missing, and its child follows the nearest ancestor that is known.

use std::collections::HashMap;

use crate::ai::Millis;

use super::damage::Fault;
use super::entry::{EntryId, Kind, Role};

const NONE: u32 = u32::MAX;

/// A range of bytes of the session file: one entry without its newline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Bytes before it.
    pub offset: u64,
    /// Bytes in it.
    pub len: u32,
}

/// What is known of an entry without reading its body.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    offset: u64,
    /// When it was written.
    pub time: Millis,
    id: u32,
    parent: u32,
    len: u32,
    /// Its type.
    pub kind: Kind,
    /// Its role, for a message.
    pub role: Role,
    // True when `id` is not the id itself but a place in the list of unusual ids.
    unusual: bool,
    /// Whether it is an answer that neither says anything nor failed: it only thinks or calls tools.
    pub silent: bool,
}

impl Node {
    /// Where its bytes are.
    pub fn span(&self) -> Span {
        Span {
            offset: self.offset,
            len: self.len,
        }
    }

    /// The entry before it on its branch; `None` for a root.
    pub fn parent(&self) -> Option<u32> {
        (self.parent != NONE).then_some(self.parent)
    }
}

/// An entry on its way into the tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf<'a> {
    pub id: &'a str,
    pub time: Millis,
    pub kind: Kind,
    pub role: Role,
    pub silent: bool,
    pub span: Span,
}

/// All entries in the order of the file; an index is a place in that order.
#[derive(Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    by_id: HashMap<u32, u32>,
    unusual: Vec<Box<str>>,
    by_unusual_id: HashMap<Box<str>, u32>,
    // Ids that damaged lines had, and the entry that their children follow instead.
    lost: HashMap<Box<str>, Option<u32>>,
    // For damaged lines whose id is not known: the entry before each.
    gaps: Vec<Option<u32>>,
}

impl Tree {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The entry at `index`.
    pub fn node(&self, index: u32) -> Option<&Node> {
        self.nodes.get(index as usize)
    }

    /// All entries, oldest first.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The last entry of the file.
    pub fn last(&self) -> Option<u32> {
        (self.nodes.len() as u32).checked_sub(1)
    }

    /// The entry of that id.
    pub fn find(&self, id: &str) -> Option<u32> {
        match pack(id) {
            Some(packed) => self.by_id.get(&packed).copied(),
            None => self.by_unusual_id.get(id).copied(),
        }
    }

    /// The id of the entry at `index`.
    pub fn id(&self, index: u32) -> EntryId {
        match self.node(index) {
            Some(node) if node.unusual => match self.unusual.get(node.id as usize) {
                Some(id) => EntryId::from(&**id),
                None => EntryId::from(""),
            },
            Some(node) => EntryId::from(format!("{:08x}", node.id).as_str()),
            None => EntryId::from(""),
        }
    }

    /// `from` and everything before it on its branch, newest first.
    pub fn ancestors(&self, from: Option<u32>) -> impl Iterator<Item = u32> + '_ {
        let parent = |index: &u32| self.node(*index).and_then(Node::parent);
        std::iter::successors(from, parent)
    }

    /// The branch that ends in `leaf`, oldest first.
    pub fn path(&self, leaf: Option<u32>) -> Vec<u32> {
        let mut path: Vec<u32> = self.ancestors(leaf).collect();
        path.reverse();
        path
    }

    /// The last entry that two branches have in common; `None` when they have none.
    pub fn common_ancestor(&self, one: Option<u32>, other: Option<u32>) -> Option<u32> {
        let (mut one, mut other) = (one?, other?);
        // A parent always has the smaller index.
        while one != other {
            let later = if one > other { &mut one } else { &mut other };
            *later = self.node(*later)?.parent()?;
        }
        Some(one)
    }

    /// The entries that follow `parent` directly, or the roots for `None`; oldest first.
    pub fn children(&self, parent: Option<u32>) -> Vec<u32> {
        let all = (0u32..).zip(&self.nodes);
        let own = all.filter(|(_, node)| node.parent() == parent);
        own.map(|(index, _)| index).collect()
    }

    /// Whether an id is used, or was used by a damaged line.
    pub(super) fn is_taken(&self, id: &str) -> bool {
        self.find(id).is_some() || self.lost.contains_key(id)
    }

    /// The entry that stands in for a damaged one: its nearest known ancestor.
    pub(super) fn stand_in(&self, id: &str) -> Option<Option<u32>> {
        self.lost.get(id).copied()
    }

    /// Adds an entry below the one that is named, and says what was wrong with its family.
    pub(super) fn add(&mut self, parent: Option<&str>, leaf: Leaf<'_>) -> Option<Fault> {
        let (parent_index, orphan) = match parent {
            None => (None, None),
            Some(parent) => self.resolve(parent),
        };
        let repeated = self.find(leaf.id).is_some().then(|| Fault::Repeated {
            id: leaf.id.to_string(),
        });
        self.push(parent_index, leaf);
        orphan.or(repeated)
    }

    /// Adds an entry below `parent`; returns its index.
    pub(super) fn push(&mut self, parent: Option<u32>, leaf: Leaf<'_>) -> u32 {
        let index = self.nodes.len() as u32;
        let (id, unusual) = match pack(leaf.id) {
            Some(packed) => {
                self.by_id.insert(packed, index);
                (packed, false)
            }
            None => {
                self.by_unusual_id.insert(leaf.id.into(), index);
                self.unusual.push(leaf.id.into());
                (self.unusual.len() as u32 - 1, true)
            }
        };
        self.nodes.push(Node {
            offset: leaf.span.offset,
            time: leaf.time,
            id,
            parent: parent.unwrap_or(NONE),
            len: leaf.span.len,
            kind: leaf.kind,
            role: leaf.role,
            unusual,
            silent: leaf.silent,
        });
        index
    }

    /// Remembers a damaged line that can still be told by its id and its parent's.
    pub(super) fn lose(&mut self, id: &str, parent: Option<&str>) {
        if self.find(id).is_none() {
            let parent = parent.and_then(|parent| self.resolve(parent).0);
            self.lost.insert(id.into(), parent);
        }
    }

    /// Remembers a damaged line of which nothing is known but where it stands.
    pub(super) fn lose_unknown(&mut self) {
        self.gaps.push(self.last());
    }

    fn resolve(&mut self, parent: &str) -> (Option<u32>, Option<Fault>) {
        if let Some(index) = self.find(parent) {
            return (Some(index), None);
        }
        if let Some(stand_in) = self.lost.get(parent) {
            return (*stand_in, None);
        }
        // A damaged line explains the missing parent, and has been reported; else this is news.
        let (stand_in, fault) = match self.gaps.pop() {
            Some(before) => (before, None),
            None => {
                let parent = parent.to_string();
                (self.last(), Some(Fault::Orphan { parent }))
            }
        };
        self.lost.insert(parent.into(), stand_in);
        (stand_in, fault)
    }
}

/// Eight lowercase hex digits as a number; any other id is unusual.
fn pack(id: &str) -> Option<u32> {
    let usual = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if id.len() != 8 || !id.bytes().all(usual) {
        return None;
    }
    u32::from_str_radix(id, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(id: &str) -> Leaf<'_> {
        Leaf {
            id,
            time: 0,
            kind: Kind::Message,
            role: Role::User,
            silent: false,
            span: Span { offset: 0, len: 0 },
        }
    }

    fn ids(tree: &Tree, leaf: &str) -> Vec<String> {
        let path = tree.path(tree.find(leaf));
        path.iter()
            .map(|index| tree.id(*index).to_string())
            .collect()
    }

    #[test]
    fn an_entry_costs_32_bytes() {
        assert_eq!(size_of::<Node>(), 32);
    }

    #[test]
    fn a_branch_is_read_from_the_root_and_unusual_ids_are_kept() {
        let mut tree = Tree::default();
        assert_eq!(tree.add(None, leaf("0000000a")), None);
        assert_eq!(tree.add(Some("0000000a"), leaf("GHIJ")), None);
        assert_eq!(tree.add(Some("0000000a"), leaf("0000000b")), None);
        assert_eq!(ids(&tree, "GHIJ"), ["0000000a", "GHIJ"]);
        assert_eq!(ids(&tree, "0000000b"), ["0000000a", "0000000b"]);
        assert_eq!(tree.children(tree.find("0000000a")), [1, 2]);
        assert_eq!(tree.children(None), [0]);
    }

    #[test]
    fn children_of_a_damaged_line_follow_its_nearest_known_ancestor() {
        let mut tree = Tree::default();
        tree.add(None, leaf("0000000a"));
        tree.add(Some("0000000a"), leaf("0000000b"));
        tree.lose("0000000c", Some("0000000a"));
        tree.lose("0000000d", Some("0000000c"));
        assert_eq!(tree.add(Some("0000000d"), leaf("0000000e")), None);
        assert_eq!(ids(&tree, "0000000e"), ["0000000a", "0000000e"]);
        tree.lose_unknown();
        assert_eq!(tree.add(Some("0000000f"), leaf("00000010")), None);
        assert_eq!(ids(&tree, "00000010"), ["0000000a", "0000000e", "00000010"]);
    }

    #[test]
    fn a_missing_parent_and_a_parent_of_itself_are_reported_and_never_loop() {
        let mut tree = Tree::default();
        tree.add(None, leaf("0000000a"));
        let parent = "0000000b".to_string();
        let fault = tree.add(Some("0000000b"), leaf("0000000b"));
        assert_eq!(fault, Some(Fault::Orphan { parent }));
        assert_eq!(ids(&tree, "0000000b"), ["0000000a", "0000000b"]);
    }
}
