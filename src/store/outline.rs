//! The tree as a list of rows, as `/tree` shows it: which entries a filter shows, and how the shown ones
//! hang together. Bodies are not read.
//!
//! An entry that is hidden hands its children to its nearest shown ancestor. A chain without branches
//! stays at one indent however long it is; the branch that the conversation is on comes first.
//! Cost and memory are linear in the number of entries, whatever the shape.

use super::Store;
use super::entry::{Kind, Role};
use super::families::Families;
use super::tree::{Node, Tree};

const NONE: u32 = u32::MAX;

/// Which entries are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Filter {
    /// What was said and done; settings, labels, names and extensions' own facts are hidden.
    #[default]
    Default,
    /// The same without the results of tools.
    NoTools,
    /// What the person said.
    UserOnly,
    /// What has a label.
    LabeledOnly,
    /// Everything.
    All,
}

impl Filter {
    /// All five in the order in which they are cycled through.
    pub const ALL: [Filter; 5] = [
        Filter::Default,
        Filter::NoTools,
        Filter::UserOnly,
        Filter::LabeledOnly,
        Filter::All,
    ];

    /// Its name in settings (`treeFilterMode`).
    pub fn as_str(self) -> &'static str {
        match self {
            Filter::Default => "default",
            Filter::NoTools => "no-tools",
            Filter::UserOnly => "user-only",
            Filter::LabeledOnly => "labeled-only",
            Filter::All => "all",
        }
    }

    /// The filter of that name.
    pub fn of(name: &str) -> Option<Self> {
        Filter::ALL
            .into_iter()
            .find(|filter| filter.as_str() == name)
    }

    /// Whether it shows an entry. An answer that says nothing is shown by none, unless the
    /// conversation stands there.
    fn shows(self, node: &Node, is_labeled: bool, is_leaf: bool) -> bool {
        if node.silent && !is_leaf {
            return false;
        }
        let sort = match (node.kind, node.role) {
            (
                Kind::Label
                | Kind::Custom
                | Kind::ModelChange
                | Kind::ThinkingLevelChange
                | Kind::SessionInfo,
                _,
            ) => Sort::Bookkeeping,
            (_, Role::ToolResult) => Sort::Result,
            (_, Role::User) => Sort::Prompt,
            _ => Sort::Other,
        };
        self.lets(sort, is_labeled)
    }

    /// Whether it shows, of what [`Filter::All`] shows, an entry of this type; for a message, the role.
    pub fn shows_type(self, name: &str, is_labeled: bool) -> bool {
        let sort = match name {
            "label" | "custom" | "model_change" | "thinking_level_change" | "session_info" => {
                Sort::Bookkeeping
            }
            "toolResult" => Sort::Result,
            "user" => Sort::Prompt,
            _ => Sort::Other,
        };
        self.lets(sort, is_labeled)
    }

    fn lets(self, sort: Sort, is_labeled: bool) -> bool {
        match self {
            Filter::Default => sort != Sort::Bookkeeping,
            Filter::NoTools => !matches!(sort, Sort::Bookkeeping | Sort::Result),
            Filter::UserOnly => sort == Sort::Prompt,
            Filter::LabeledOnly => is_labeled,
            Filter::All => true,
        }
    }
}

/// What filters tell apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Bookkeeping,
    Result,
    Prompt,
    Other,
}

/// A shown entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The entry's place in the tree.
    pub index: u32,
    /// How far in it stands, in steps.
    pub indent: u32,
    /// Whether it hangs on a branching of the shown tree, and is drawn with a connector.
    pub is_branch: bool,
    /// Whether it is the last of its siblings.
    pub is_last: bool,
    /// Whether the conversation's branch goes through it.
    pub is_active: bool,
    parent: u32,
    // The nearest row above it that is drawn with a connector.
    stem: u32,
}

impl Row {
    /// The row of the nearest shown ancestor.
    pub fn parent(&self) -> Option<usize> {
        (self.parent != NONE).then_some(self.parent as usize)
    }
}

/// A vertical line to the left of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gutter {
    /// The step at which it stands.
    pub position: u32,
    /// Whether the line goes on; a space else.
    pub is_drawn: bool,
}

/// An entry on its way into an outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Its place among all entries.
    pub index: u32,
    /// The place of its parent.
    pub parent: Option<u32>,
    /// Whether the conversation's branch goes through it.
    pub is_active: bool,
    /// Whether it is shown.
    pub is_shown: bool,
}

/// The shown entries, in the order of the tree.
#[derive(Debug, Default)]
pub struct Outline {
    rows: Vec<Row>,
    roots: u32,
    // By entry: the row of the entry or of its nearest shown ancestor.
    nearest: Vec<u32>,
}

impl Outline {
    /// The entries of `tree` that `is_shown` lets through.
    pub fn of(tree: &Tree, leaf: Option<u32>, is_shown: impl Fn(u32, &Node) -> bool) -> Self {
        let mut is_active = vec![false; tree.len()];
        for index in tree.ancestors(leaf) {
            is_active[index as usize] = true;
        }
        let entries = in_order(tree, &is_active).into_iter().filter_map(|index| {
            let node = tree.node(index)?;
            Some(Placed {
                index,
                parent: node.parent(),
                is_active: is_active[index as usize],
                is_shown: is_shown(index, node),
            })
        });
        Outline::arrange(tree.len(), entries)
    }

    /// The shown ones of these entries, which come in the order of the tree; all places are below
    /// `count`, and one that is not is left out.
    pub fn arrange(count: usize, entries: impl IntoIterator<Item = Placed>) -> Self {
        let mut outline = Outline {
            rows: Vec::new(),
            roots: 0,
            nearest: vec![NONE; count],
        };
        for entry in entries {
            let above = entry.parent;
            let above = above.and_then(|parent| outline.nearest.get(parent as usize));
            let above = above.copied().unwrap_or(NONE);
            let Some(nearest) = outline.nearest.get_mut(entry.index as usize) else {
                continue;
            };
            *nearest = above;
            if entry.is_shown {
                *nearest = outline.rows.len() as u32;
                outline.rows.push(Row {
                    index: entry.index,
                    indent: 0,
                    is_branch: false,
                    is_last: false,
                    is_active: entry.is_active,
                    parent: above,
                    stem: NONE,
                });
            }
        }
        outline.shape();
        outline
    }

    /// The rows from top to bottom.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Whether several rows have no parent: they hang on a root that is not drawn, and everything
    /// stands one step less far in than its indent says.
    pub fn has_many_roots(&self) -> bool {
        self.roots > 1
    }

    /// The row of an entry, or of its nearest shown ancestor.
    pub fn nearest(&self, index: u32) -> Option<usize> {
        let row = *self.nearest.get(index as usize)?;
        (row != NONE).then_some(row as usize)
    }

    /// The step at which a row is drawn.
    pub fn display_indent(&self, row: &Row) -> u32 {
        row.indent.saturating_sub(u32::from(self.has_many_roots()))
    }

    /// The lines to the left of a row, the nearest one first.
    pub fn gutters<'a>(&'a self, row: &Row) -> impl Iterator<Item = Gutter> + 'a {
        let at = |stem: u32| self.rows.get(stem as usize);
        let stems = std::iter::successors(at(row.stem), move |row| at(row.stem));
        stems.map(|row| Gutter {
            position: self.display_indent(row).saturating_sub(1),
            is_drawn: !row.is_last,
        })
    }

    /// Indents and connectors: children of a branching stand one step further in, and so does the
    /// first generation behind each of them.
    fn shape(&mut self) {
        let mut children = vec![0u32; self.rows.len()];
        let mut last = vec![NONE; self.rows.len()];
        let mut last_root = NONE;
        for (at, row) in (0u32..).zip(&self.rows) {
            match row.parent() {
                Some(parent) => {
                    children[parent] += 1;
                    last[parent] = at;
                }
                None => {
                    self.roots += 1;
                    last_root = at;
                }
            }
        }
        let many_roots = self.has_many_roots();
        for at in 0..self.rows.len() {
            let mut row = self.rows[at];
            match row.parent() {
                None => {
                    row.indent = u32::from(many_roots);
                    row.is_branch = many_roots;
                    row.is_last = at as u32 == last_root;
                }
                Some(parent_at) => {
                    let parent = self.rows[parent_at];
                    row.is_branch = children[parent_at] > 1;
                    let further = row.is_branch || (parent.is_branch && parent.indent > 0);
                    row.indent = parent.indent + u32::from(further);
                    row.is_last = at as u32 == last[parent_at];
                    let has_connector = parent.is_branch && parent.parent != NONE;
                    row.stem = if has_connector {
                        row.parent
                    } else {
                        parent.stem
                    };
                }
            }
            self.rows[at] = row;
        }
    }
}

/// All entries, parents before children, the active branch before its siblings.
fn in_order(tree: &Tree, is_active: &[bool]) -> Vec<u32> {
    let families = Families::of(tree);
    let mut order = Vec::with_capacity(tree.len());
    let mut stack = Vec::new();
    let push = |stack: &mut Vec<u32>, children: &[u32]| {
        let active = |child: &&u32| is_active[**child as usize];
        stack.extend(children.iter().rev().filter(|child| !active(child)));
        stack.extend(children.iter().rev().filter(active));
    };
    push(&mut stack, families.children(None));
    while let Some(index) = stack.pop() {
        order.push(index);
        push(&mut stack, families.children(Some(index)));
    }
    order
}

impl Store {
    /// The rows that `/tree` shows through a filter.
    pub fn outline(&self, filter: Filter) -> Outline {
        let leaf = self.leaf;
        Outline::of(&self.tree, leaf, |index, node| {
            filter.shows(node, self.labels.contains_key(&index), leaf == Some(index))
        })
    }
}
