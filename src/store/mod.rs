//! The memory: an append-only tree in JSONL, in the reference's session format v3.
//!
//! A [`Store`] is one session. In memory it holds, per entry, only id, parent, kind, time and byte
//! range ([`tree`]); bodies are read from the file when shown or sent (`file`, `context`).
//! Bytes that are on disk are never written again, so whatever this program does not know survives.
//!
//! Left to others: which model to use (`session`), where sessions live (`config::paths`), and what
//! to say to the person about damage and leases (faces).

mod append;
pub mod check;
pub mod context;
mod copy;
mod create;
pub mod damage;
pub mod drafts;
pub mod encode;
mod entries;
pub mod entry;
pub mod error;
pub mod export;
pub mod families;
mod file;
mod follow;
mod fork;
pub mod header;
mod import;
pub mod index;
mod interrupted;
mod last_request;
mod lease;
mod line;
mod load;
mod migrate;
mod news;
mod open;
pub mod outline;
mod patch;
pub mod prompts;
mod range;
mod read;
mod recent;
mod remove;
mod rename;
mod scan;
mod shift;
pub(crate) mod time;
pub mod totals;
pub mod tree;
mod visit;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::ai::{Clock, Millis, Usage};

pub use append::Summary;
pub use context::{Branch, Context, ModelRef, Scope};
pub use damage::{Damage, Fault};
pub use encode::{encode_cwd, project_dir};
pub use entry::{EntryId, Kind, Role};
pub use error::{Error, Result};
pub use families::{Families, Step};
pub use follow::Followed;
pub use fork::Landing;
pub use header::Header;
pub use import::Imported;
pub use lease::is_in_use;
pub use open::{Access, Opened};
pub use outline::{Filter, Outline, Placed, Row};
pub use range::{Growth, Range, Seen};
pub use read::usage as usage_of;
pub use remove::{Removed, remove};
pub use rename::rename;
pub use totals::{Counts, Totals};
pub use tree::{Node, Tree};

use file::Log;

/// The medium that a session is on.
#[derive(Clone)]
pub struct Disk(Arc<Log>);

impl Disk {
    /// Waits until everything written by now is permanent.
    pub fn sync(&self) -> Result<()> {
        self.0.sync()
    }
}

/// One session: its tree in memory, its entries on disk.
pub struct Store {
    log: Arc<Log>,
    tree: Tree,
    leaf: Option<u32>,
    header: Header,
    clock: Clock,
    totals: Totals,
    name: Option<String>,
    labels: BTreeMap<u32, (String, Millis)>,
    shown: Branch,
    // What was shown before the conversation was compacted here, and everything since.
    told: Option<Branch>,
    strangers: usize,
}

impl Store {
    /// The session's id.
    pub fn id(&self) -> &str {
        &self.header.id
    }

    /// The working directory that the header names; empty when the header was unreadable.
    pub fn cwd(&self) -> &Path {
        Path::new(&self.header.cwd)
    }

    /// Takes `cwd` for the working directory if the header names none; in memory only. Whether it did.
    pub fn assume_cwd(&mut self, cwd: &Path) -> bool {
        let is_lost = self.header.cwd.is_empty();
        if is_lost {
            self.header.cwd = cwd.to_string_lossy().into_owned();
        }
        is_lost
    }

    /// The session file, whether it exists yet or not; `None` for a session in memory.
    pub fn path(&self) -> Option<PathBuf> {
        self.log.path()
    }

    /// The header as its line in the file.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The name that the person gave, from the last `session_info`.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Tokens, money and messages of every branch.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The ids, parents, kinds, times and places of all entries.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The entry that the next one will follow; `None` before the first.
    pub fn leaf(&self) -> Option<EntryId> {
        self.leaf.map(|index| self.tree.id(index))
    }

    /// Moves the leaf: the next entry becomes a child of `id`, or a root for `None`.
    pub fn set_leaf(&mut self, id: Option<&str>) -> Result<()> {
        self.leaf = match id {
            Some(id) => Some(self.index_of(id)?),
            None => None,
        };
        self.rebuild_shown();
        Ok(())
    }

    /// The label of an entry, and since when it has it.
    pub fn label(&self, id: &str) -> Option<(&str, Millis)> {
        let (label, at) = self.labels.get(&self.tree.find(id)?)?;
        Some((label, *at))
    }

    /// An entry as it stands on disk, unknown fields included.
    pub fn entry(&self, id: &str) -> Option<Value> {
        self.log.value(self.tree.node(self.tree.find(id)?)?.span())
    }

    /// The messages of the current branch as the reference shows them on resume: those that the
    /// model sees. Cheap: messages are read when asked for, and growing by one entry costs one step.
    pub fn branch(&self) -> Branch {
        self.shown.clone()
    }

    /// The same for a face that has followed the conversation: a compaction that was made here hides
    /// nothing, its summary stands in its place.
    pub fn transcript(&self) -> Branch {
        self.told.as_ref().unwrap_or(&self.shown).clone()
    }

    /// The messages of the current branch in a chosen scope; walks the branch once.
    pub fn branch_in(&self, scope: Scope) -> Branch {
        context::branch(&self.log, &self.tree, self.leaf, scope)
    }

    /// What the model sees from the leaf, read from disk, and the settings in force there.
    pub fn context(&self) -> Context {
        Context {
            messages: self.shown.read_all(),
            model: self.model(),
            thinking: self.thinking(),
        }
    }

    /// The model in force at the leaf: the last change or the last answer, whichever is later.
    pub fn model(&self) -> Option<ModelRef> {
        context::model(&self.log, &self.tree, self.leaf)
    }

    /// The thinking level that the branch last chose; `None` when it never did.
    pub fn thinking(&self) -> Option<String> {
        context::thinking(&self.log, &self.tree, self.leaf)
    }

    /// What the last answer on this branch that finished says of the context's size; `None` before
    /// the first one and right after a compaction.
    pub fn last_usage(&self) -> Option<Usage> {
        self.growth().usage
    }

    /// Damage that was met while bodies were read, since the last time this was asked.
    pub fn take_damage(&self) -> Vec<Damage> {
        self.log.take_unreadable()
    }

    /// How many entries are in memory only: the disk was full, or there is no file yet.
    pub fn unsaved(&self) -> usize {
        self.log.unsaved()
    }

    /// Writes what is in memory only, creating the file if need be. Nothing to do for a session
    /// in memory.
    pub fn flush(&mut self) -> Result<()> {
        let flushed = self.log.flush();
        self.read_news();
        flushed
    }

    /// Waits until everything written is on the medium. To be called when a turn ends and after the
    /// person's messages: in between, a power cut (not a crash of this program) may take entries.
    pub fn sync(&self) -> Result<()> {
        self.log.sync()
    }

    /// The same for whoever waits elsewhere, while entries are appended here.
    pub fn disk(&self) -> Disk {
        Disk(self.log.clone())
    }

    fn index_of(&self, id: &str) -> Result<u32> {
        let found = self.tree.find(id);
        found.ok_or_else(|| Error::NoSuchEntry { id: id.into() })
    }

    fn rebuild_shown(&mut self) {
        self.shown = context::branch(&self.log, &self.tree, self.leaf, Scope::Context);
        self.told = None;
    }
}

impl Drop for Store {
    /// Gives the lease back, though a face may still hold a branch and read from it.
    fn drop(&mut self) {
        self.log.release();
    }
}
