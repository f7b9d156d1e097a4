//! A new session made of the lines of another.
//!
//! On disk it appears whole or not at all: it is written under a name that nobody looks for, then
//! given its own. A copy in which nothing was said waits in memory, as every new session does.

use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use crate::ai::Clock;

use super::create::create_filled;
use super::entry::Kind;
use super::error::{Error, Result};
use super::file::{Log, Place};
use super::header::Header;
use super::load;
use super::open::load_file;
use super::patch::with_field;
use super::tree::{Node, Tree};
use super::{Store, context};

/// The lines of some entries of a session, each following the one that it is told to follow.
pub(super) struct Lines<'a> {
    pub log: &'a Arc<Log>,
    pub tree: &'a Tree,
}

impl<'a> Lines<'a> {
    /// A branch as one chain: each entry follows the one before it.
    pub fn chain(self, path: &'a [u32]) -> impl Iterator<Item = Result<Vec<u8>>> + 'a {
        (0..path.len()).map(move |at| {
            let (before, own) = path.split_at(at);
            let line = self.line(own[0], before.last().copied())?;
            Ok(match self.tree.node(own[0]).map(|node| node.kind) {
                Some(Kind::Compaction) => self.kept(line, || before.to_vec(), own[0]),
                _ => line,
            })
        })
    }

    /// All entries, each following the one that it follows here.
    pub fn all(self) -> impl Iterator<Item = Result<Vec<u8>>> + 'a {
        let nodes = (0u32..).zip(self.tree.nodes());
        nodes.map(move |(index, node)| {
            let line = self.line(index, node.parent())?;
            Ok(match node.kind {
                Kind::Compaction => self.kept(line, || self.tree.path(node.parent()), index),
                _ => line,
            })
        })
    }

    fn line(&self, index: u32, parent: Option<u32>) -> Result<Vec<u8>> {
        let span = self.tree.node(index).map(Node::span);
        let line = span.map_or(Ok(Vec::new()), |span| self.log.bytes(span));
        let line = line.map_err(|source| Error::Read {
            path: self.log.path().unwrap_or_default(),
            source,
        })?;
        let parent = parent.map(|parent| self.tree.id(parent));
        let parent = json!(parent.as_ref().map(|id| id.as_str())).to_string();
        Ok(match with_field(&line, "parentId", &parent) {
            Cow::Owned(line) => line,
            Cow::Borrowed(_) => line,
        })
    }

    /// A compaction whose first kept entry was damaged is told the one that stands in for it.
    fn kept(&self, line: Vec<u8>, before: impl FnOnce() -> Vec<u32>, compaction: u32) -> Vec<u8> {
        let named = context::first_kept_id(self.log, self.tree, Some(compaction));
        if named.is_some_and(|id| self.tree.find(&id).is_some()) {
            return line;
        }
        let before = before();
        let first = context::first_kept(self.log, self.tree, &before, Some(compaction));
        match before.get(first) {
            Some(first) => {
                let id = json!(self.tree.id(*first).as_str()).to_string();
                with_field(&line, "firstKeptEntryId", &id).into_owned()
            }
            None => line,
        }
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
            let file = create_filled(&path, unique, |out| write(out, &path, &header, lines))?;
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
    write(&mut bytes, Path::new(""), &header, lines)?;
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
    header: &Header,
    lines: impl Iterator<Item = Result<Vec<u8>>>,
) -> Result<()> {
    let failed = |source| Error::Write {
        path: path.into(),
        source,
    };
    writeln!(out, "{}", header.to_value()).map_err(failed)?;
    for line in lines {
        let mut line = line?;
        line.push(b'\n');
        out.write_all(&line).map_err(failed)?;
    }
    Ok(())
}
