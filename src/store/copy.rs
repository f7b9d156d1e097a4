//! A new session made of the lines of another.
//!
//! On disk it appears whole or not at all: it is written under a name that nobody looks for, then
//! given its own. A copy in which nothing was said waits in memory, as every new session does.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::ai::Clock;

use super::create::create_filled;
use super::entry::{EntryId, Kind};
use super::error::{Error, Result};
use super::file::{Log, Place};
use super::header::Header;
use super::load;
use super::open::load_file;
use super::patch::with_field;
use super::tree::Tree;
use super::{Store, context};

/// The lines of some entries of a session, each following the one that it is told to follow.
pub(super) struct Lines<'a> {
    log: &'a Log,
    tree: &'a Tree,
    left_out: HashSet<u32>,
    renamed: HashMap<u32, String>,
}

impl<'a> Lines<'a> {
    /// Entries of a store. An id may name only one of them: of those that share one the last has it,
    /// as references mean that one, and the others get new ones.
    pub fn of(store: &'a Store, entries: impl Iterator<Item = u32> + Clone) -> Self {
        let tree = &store.tree;
        let mut renamed = HashMap::new();
        let is_repeated = |index: &u32| tree.find(tree.id(*index).as_str()) != Some(*index);
        if entries.clone().any(|index| is_repeated(&index)) {
            let mut last = HashMap::new();
            for index in entries {
                if let Some(earlier) = last.insert(tree.id(index), index) {
                    renamed.insert(earlier, store.new_id());
                }
            }
        }
        Lines {
            log: &store.log,
            tree,
            left_out: HashSet::new(),
            renamed,
        }
    }

    /// Leaves these out; what followed them follows what they followed.
    pub fn without(mut self, left_out: HashSet<u32>) -> Self {
        self.left_out = left_out;
        self
    }

    /// The id that an entry has among these lines.
    pub fn id(&self, index: u32) -> EntryId {
        match self.renamed.get(&index) {
            Some(id) => EntryId::from(id.as_str()),
            None => self.tree.id(index),
        }
    }

    /// A branch as one chain: each entry follows the one before it.
    pub fn chain<'b>(&'b self, path: &'b [u32]) -> impl Iterator<Item = Result<Vec<u8>>> + 'b {
        (0..path.len()).map(move |at| {
            let (before, own) = path.split_at(at);
            self.line(own[0], before.last().copied(), || before.to_vec())
        })
    }

    /// All entries, each following the one that it follows here.
    pub fn all(&self) -> impl Iterator<Item = Result<Vec<u8>>> + '_ {
        let nodes = (0u32..).zip(self.tree.nodes());
        let wanted = nodes.filter(|(index, _)| !self.left_out.contains(index));
        wanted.map(|(index, node)| {
            let mut ancestors = self.tree.ancestors(node.parent());
            let parent = ancestors.find(|index| !self.left_out.contains(index));
            self.line(index, parent, || self.tree.path(node.parent()))
        })
    }

    fn line(
        &self,
        index: u32,
        parent: Option<u32>,
        before: impl FnOnce() -> Vec<u32>,
    ) -> Result<Vec<u8>> {
        let Some(node) = self.tree.node(index) else {
            return Ok(Vec::new());
        };
        let line = self.log.bytes(node.span()).map_err(|source| Error::Read {
            path: self.log.path().unwrap_or_default(),
            source,
        })?;
        let parent = json!(
            parent
                .map(|parent| self.id(parent))
                .as_ref()
                .map(EntryId::as_str)
        );
        let mut line = patched(line, "parentId", &parent);
        if let Some(id) = self.renamed.get(&index) {
            line = patched(line, "id", &json!(id));
        }
        if node.kind == Kind::Compaction
            && let Some(first) = self.first_kept(index, before)
        {
            line = patched(line, "firstKeptEntryId", &json!(self.id(first).as_str()));
        }
        Ok(line)
    }

    /// The entry from which a compaction keeps, when it is not the one that it names: that one is
    /// damaged.
    fn first_kept(&self, compaction: u32, before: impl FnOnce() -> Vec<u32>) -> Option<u32> {
        let named = context::first_kept_id(self.log, self.tree, Some(compaction))?;
        let is_here = |index: &u32| !self.left_out.contains(index);
        if self.tree.find(&named).as_ref().is_some_and(is_here) {
            return None;
        }
        let before = before();
        let first = context::first_kept(self.log, self.tree, &before, Some(compaction));
        before[first..].iter().copied().find(is_here)
    }
}

fn patched(line: Vec<u8>, name: &str, value: &Value) -> Vec<u8> {
    match with_field(&line, name, &value.to_string()) {
        Cow::Owned(line) => line,
        Cow::Borrowed(_) => line,
    }
}

/// Where a copy is to be.
pub(super) enum Target {
    /// Nowhere.
    Memory,
    /// In a file that the first message makes.
    Later(PathBuf),
    /// In a file. `unique` refuses a second one with the same id.
    Now { path: PathBuf, unique: bool },
}

/// Writes the header and `lines`, and opens what was written.
pub(super) fn begin(
    target: Target,
    header: Header,
    lines: impl Iterator<Item = Result<Vec<u8>>>,
    clock: Clock,
) -> Result<Store> {
    let place = match target {
        Target::Now { path, unique } => {
            let file = create_filled(&path, unique, |out| {
                write(out, &path, &header.to_line(), lines)
            })?;
            let loaded = load_file(&file, &path)?;
            let len = loaded.len;
            let log = Log::new(Place::Open { path, file, len }, Vec::new());
            return Ok(Store::assemble(log, header, loaded, clock));
        }
        Target::Later(path) => Place::New {
            path,
            unique: false,
        },
        Target::Memory => Place::Memory,
    };
    let mut bytes = Vec::new();
    write(&mut bytes, Path::new(""), &header.to_line(), lines)?;
    let loaded = load::load(bytes.as_slice()).unwrap_or_default();
    Ok(Store::assemble(
        Log::new(place, bytes),
        header,
        loaded,
        clock,
    ))
}

/// Writes a session to `out`, which is called `path` when it fails.
pub(super) fn write(
    out: &mut dyn Write,
    path: &Path,
    header: &[u8],
    lines: impl Iterator<Item = Result<Vec<u8>>>,
) -> Result<()> {
    let failed = |source| Error::Write {
        path: path.into(),
        source,
    };
    out.write_all(header).map_err(failed)?;
    out.write_all(b"\n").map_err(failed)?;
    for line in lines {
        let mut line = line?;
        line.push(b'\n');
        out.write_all(&line).map_err(failed)?;
    }
    Ok(())
}
