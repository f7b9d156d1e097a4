//! Which entries of the tree are seen, and how they hang together: a view, a search, folded branches.
//!
//! An entry is known by its place in the list that the conversation gave, a row by its place among what
//! is seen. One pass over the list arranges them anew.

use std::collections::{HashMap, HashSet};

use crate::session::{EntryWords, OutlineRow};
use crate::store::outline::Gutter;
use crate::store::{Filter, Outline, Placed, Row};

/// The entries and what is seen of them.
#[derive(Default)]
pub(super) struct Branches {
    entries: Vec<OutlineRow>,
    parents: Vec<Option<u32>>,
    /// How many entries have not been read.
    unread: usize,
    /// What is searched, by entry; made when something is first searched for.
    words: Vec<String>,
    folded: HashSet<u32>,
    outline: Outline,
    /// How many rows hang on each row.
    children: Vec<u32>,
}

impl Branches {
    /// All entries, in the order of the tree.
    pub fn new(entries: Vec<OutlineRow>) -> Self {
        // A parent stands before its children, whatever ids say.
        let mut places: HashMap<&str, u32> = HashMap::with_capacity(entries.len());
        let mut parents = Vec::with_capacity(entries.len());
        for (entry, at) in entries.iter().zip(0..) {
            let parent = entry.parent.as_deref();
            parents.push(parent.and_then(|parent| places.get(parent).copied()));
            places.insert(&entry.entry, at);
        }
        Branches {
            unread: entries.iter().filter(|entry| !entry.is_read).count(),
            entries,
            parents,
            ..Branches::default()
        }
    }

    /// How many entries have not been read.
    pub fn unread(&self) -> usize {
        self.unread
    }

    pub fn is_unread(&self, at: u32) -> bool {
        self.entry(at).is_some_and(|entry| !entry.is_read)
    }

    /// The first entries that have not been read, at most so many.
    pub fn first_unread(&self, most: usize) -> Vec<u32> {
        let each = self.entries.iter().zip(0u32..);
        let unread = each.filter(|(entry, _)| !entry.is_read);
        unread.take(most).map(|(_, at)| at).collect()
    }

    /// Puts in what these entries, at their places, say; whether any of it was said.
    pub fn read(&mut self, places: &[(u32, String)], words: Vec<EntryWords>) -> bool {
        let words = words.into_iter().map(|said| (said.entry.clone(), said));
        let mut words: HashMap<String, EntryWords> = words.collect();
        let mut any = false;
        for (at, id) in places {
            let entry = self.entries.get_mut(*at as usize);
            let Some(entry) = entry.filter(|entry| entry.entry == *id && !entry.is_read) else {
                continue;
            };
            let Some(said) = words.remove(id) else {
                continue;
            };
            any = true;
            (entry.kind, entry.text, entry.note) = (said.kind, said.text, said.note);
            if let Some(known) = self.words.get_mut(*at as usize) {
                *known = searchable(entry);
            }
            self.give_up(*at);
        }
        any
    }

    /// An entry of which no more will be known.
    pub fn give_up(&mut self, at: u32) {
        if let Some(entry) = self.entries.get_mut(at as usize)
            && !entry.is_read
        {
            entry.is_read = true;
            self.unread -= 1;
        }
    }

    /// Takes the entries anew; what was folded stays so, and what was read is known.
    pub fn renew(&mut self, mut entries: Vec<OutlineRow>) {
        let before = std::mem::take(&mut self.entries);
        let read = before.iter().filter(|entry| entry.is_read);
        let read: HashMap<&str, &OutlineRow> =
            read.map(|entry| (entry.entry.as_str(), entry)).collect();
        for entry in entries.iter_mut().filter(|entry| !entry.is_read) {
            if let Some(known) = read.get(entry.entry.as_str()) {
                entry.is_read = true;
                entry.kind.clone_from(&known.kind);
                entry.text.clone_from(&known.text);
                entry.note.clone_from(&known.note);
            }
        }
        self.entries = before;
        let folded = self.folded.iter().filter_map(|at| self.entry(*at));
        let folded: HashSet<String> = folded.map(|entry| entry.entry.clone()).collect();
        *self = Branches::new(entries);
        let places = self.entries.iter().zip(0..);
        let again = places.filter(|(entry, _)| folded.contains(&entry.entry));
        self.folded = again.map(|(_, at)| at).collect();
    }

    /// Shows what `filter` lets through and what has every word of `search`.
    pub fn arrange(&mut self, filter: Filter, search: &str) {
        let search = search.to_lowercase();
        let wanted: Vec<&str> = search.split_whitespace().collect();
        if !wanted.is_empty() && self.words.is_empty() {
            self.words = self.entries.iter().map(searchable).collect();
        }
        let mut away = vec![false; self.entries.len()];
        let each = self.entries.iter().zip(&self.parents).zip(0u32..);
        let placed = each.map(|((entry, parent), index)| {
            let below_folded = parent.is_some_and(|parent| {
                let is_away = away.get(parent as usize).copied().unwrap_or_default();
                is_away || self.folded.contains(&parent)
            });
            away[index as usize] = below_folded;
            let words = self.words.get(index as usize);
            let has = |word: &&str| words.is_some_and(|words| words.contains(*word));
            Placed {
                index,
                parent: *parent,
                is_active: entry.is_active,
                is_shown: !below_folded
                    && filter.shows_type(&entry.kind, entry.label.is_some())
                    && wanted.iter().all(has),
            }
        });
        self.outline = Outline::arrange(self.entries.len(), placed);
        let mut children = vec![0; self.len()];
        for row in self.outline.rows() {
            if let Some(parent) = row.parent() {
                children[parent] += 1;
            }
        }
        self.children = children;
    }

    /// How many rows are seen.
    pub fn len(&self) -> usize {
        self.outline.rows().len()
    }

    pub fn entry(&self, at: u32) -> Option<&OutlineRow> {
        self.entries.get(at as usize)
    }

    /// A row and its entry.
    pub fn row(&self, row: usize) -> Option<(&Row, &OutlineRow)> {
        let row = self.outline.rows().get(row)?;
        Some((row, self.entry(row.index)?))
    }

    /// How far in a row is drawn, in steps.
    pub fn indent(&self, row: &Row) -> usize {
        self.outline.display_indent(row) as usize
    }

    /// The lines to the left of a row.
    pub fn gutters<'a>(&'a self, row: &Row) -> impl Iterator<Item = Gutter> + 'a {
        self.outline.gutters(row)
    }

    /// Whether a row is drawn with a connector; the roots, when there are many, are not.
    pub fn has_connector(&self, row: &Row) -> bool {
        row.is_branch && row.parent().is_some()
    }

    /// The place of the entry with this id.
    pub fn place_of(&self, id: &str) -> Option<u32> {
        let at = self.entries.iter().position(|entry| entry.entry == id)?;
        u32::try_from(at).ok()
    }

    /// The entry at which the conversation stands.
    pub fn leaf(&self) -> Option<u32> {
        let at = self.entries.iter().position(|entry| entry.is_leaf)?;
        u32::try_from(at).ok()
    }

    /// The row of an entry or of the nearest one above it that is seen; else the last row.
    pub fn nearest(&self, at: Option<u32>) -> usize {
        let row = at.and_then(|at| self.outline.nearest(at));
        row.unwrap_or_else(|| self.len().saturating_sub(1))
    }

    /// Whether the conversation stands at this entry: labels and names behind it change nothing.
    pub fn is_here(&self, at: u32) -> bool {
        let mut here = self.leaf();
        let mut is_behind = false;
        while let Some((place, entry)) = here.and_then(|place| Some((place, self.entry(place)?))) {
            if place == at {
                // Going to words of the person means to say them again.
                return !(is_behind && matches!(entry.kind.as_str(), "user" | "custom_message"));
            }
            if !matches!(entry.kind.as_str(), "label" | "session_info") {
                return false;
            }
            is_behind = true;
            here = self.parents.get(place as usize).copied().flatten();
        }
        false
    }

    pub fn is_folded(&self, row: &Row) -> bool {
        self.folded.contains(&row.index)
    }

    /// Whether something hangs on a row that begins a stretch.
    pub fn can_fold(&self, row: usize) -> bool {
        let has_children = self.children.get(row).is_some_and(|count| *count > 0);
        let begins = self.row(row).is_some_and(|(row, _)| {
            // A root, or one of several that hang on the same row.
            row.parent().is_none() || row.is_branch
        });
        has_children && begins
    }

    /// Hides what hangs on an entry, or shows it again; takes effect when arranged.
    pub fn fold(&mut self, at: u32, is_folded: bool) {
        if is_folded {
            self.folded.insert(at);
        } else {
            self.folded.remove(&at);
        }
    }

    pub fn unfold_all(&mut self) {
        self.folded.clear();
    }

    /// The start of the stretch that `from` is in, or of the one before when it is the start.
    pub fn stretch_before(&self, from: usize) -> usize {
        let mut at = from;
        while let Some((row, _)) = self.row(at) {
            let Some(parent) = row.parent() else {
                break;
            };
            if row.is_branch && at < from {
                break;
            }
            at = parent;
        }
        at
    }

    /// The start of the next stretch; the end where no other follows.
    pub fn stretch_after(&self, from: usize) -> usize {
        let mut at = from;
        loop {
            // The first of those that hang on a row follows it.
            match self.children.get(at) {
                Some(1) => at += 1,
                Some(2..) => return at + 1,
                _ => return at,
            }
        }
    }
}

fn searchable(entry: &OutlineRow) -> String {
    let label = entry.label.as_ref().map(|(label, _)| label.as_str());
    let note = entry.note.as_deref();
    let parts = [label, Some(&entry.kind), note, Some(&entry.text)];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    parts.join(" ").to_lowercase()
}
