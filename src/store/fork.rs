//! New sessions out of old ones: a branch of this one, or a whole file.
//!
//! Entries keep their ids and their bytes; only a parent that damage took is replaced by the one that
//! stands in for it. The new header names the file that it came from.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use crate::ai::{Clock, Millis};

use super::copy::{self, Lines, Target};
use super::encode::file_name;
use super::entry::{EntryId, Kind, Role};
use super::error::{Error, Result};
use super::line::{Content, Stem};
use super::open::{Access, Opened, header};
use super::{Store, time};

/// Where the conversation stands when it returns to an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landing {
    /// The new leaf; `None` before the first entry.
    pub leaf: Option<EntryId>,
    /// What was said there, to be said differently.
    pub text: Option<String>,
}

impl Store {
    /// Where returning to an entry leads: before a message of the person or of an extension, whose
    /// text goes back to the editor; else to the entry itself.
    pub fn landing(&self, id: &str) -> Result<Landing> {
        let index = self.index_of(id)?;
        let node = self.tree.node(index);
        let said = |node: &&super::Node| {
            node.kind == Kind::CustomMessage
                || (node.kind == Kind::Message && node.role == Role::User)
        };
        Ok(match node.filter(said) {
            Some(node) => Landing {
                leaf: node.parent().map(|parent| self.tree.id(parent)),
                text: Some(self.said(node).unwrap_or_default()),
            },
            None => Landing {
                leaf: Some(self.tree.id(index)),
                text: None,
            },
        })
    }

    /// Where a fork before a message of the person begins. Other entries are refused.
    pub fn landing_before(&self, id: &str) -> Result<Landing> {
        match self.tree.node(self.index_of(id)?) {
            Some(node) if node.role == Role::User => self.landing(id),
            _ => Err(Error::NotAPrompt { id: id.into() }),
        }
    }

    /// A new session of the branch that ends in `leaf` (of nothing for `None`), with the labels that
    /// its entries have now. It is kept where this one is: in memory, in `dir`, or beside this
    /// session's file. A copy in which nothing was said gets its file with the first message.
    pub fn fork(&self, leaf: Option<&str>, dir: Option<&Path>) -> Result<Store> {
        let leaf = leaf.map(|id| self.index_of(id)).transpose()?;
        let path = self.tree.path(leaf);
        let source = self.path();
        let clock = self.clock.clone();
        let header = header(self.cwd(), None, source.clone(), &clock);
        let said = |index: &u32| {
            let kind = self.tree.node(*index).map(|node| node.kind);
            matches!(kind, Some(Kind::Message | Kind::CustomMessage))
        };
        let target = match source {
            None => Target::Memory,
            Some(source) => {
                let dir = dir.or(source.parent()).unwrap_or(Path::new("."));
                let path_of_copy = dir.join(file_name(&header.timestamp, &header.id));
                match path.iter().any(said) {
                    true => Target::Now {
                        path: path_of_copy,
                        unique: false,
                    },
                    false => Target::Later(path_of_copy),
                }
            }
        };
        let lines = Lines::of(self, path.iter().copied());
        let labels = self.labels_behind(&path, &lines);
        copy::begin(target, header, lines.chain(&path).chain(labels), clock)
    }

    /// A new session in `dir` of all that can be read of a session file, which is not changed and may
    /// be in use. `id` must not be another session's of the folder.
    pub fn fork_file(
        source: &Path,
        dir: &Path,
        cwd: &Path,
        id: Option<String>,
        clock: Clock,
    ) -> Result<Opened> {
        let opened = Store::open(source, Access::Read, clock.clone())?;
        let unique = id.is_some();
        let source = std::path::absolute(source).unwrap_or_else(|_| source.into());
        let header = header(cwd, id, Some(source), &clock);
        let path = dir.join(file_name(&header.timestamp, &header.id));
        let entries = 0..opened.store.tree.len() as u32;
        let lines = Lines::of(&opened.store, entries);
        let store = copy::begin(Target::Now { path, unique }, header, lines.all(), clock)?;
        Ok(Opened {
            store,
            damage: opened.damage,
            original: None,
            newer: opened.newer,
        })
    }

    /// Writes the current branch as a session of its own, its entries in one line of descent, with
    /// this session's id; returns how many there are. `name` is what errors call it.
    pub(super) fn write_branch(&self, out: &mut dyn Write, name: &Path) -> Result<usize> {
        let id = Some(self.id().to_string());
        let header = header(self.cwd(), id, None, &self.clock);
        let branch = self.tree.path(self.leaf);
        let lines = Lines::of(self, branch.iter().copied());
        copy::write(out, name, &header.to_line(), lines.chain(&branch))?;
        Ok(branch.len())
    }

    /// Entries that give the copy of a branch the labels that its entries have here: a label may have
    /// been given, changed or taken away on another branch, or after the copy's last entry.
    fn labels_behind(&self, path: &[u32], copied_as: &Lines<'_>) -> Vec<Result<Vec<u8>>> {
        let mut copied: BTreeMap<u32, String> = BTreeMap::new();
        for index in path {
            if let Some(node) = self.tree.node(*index)
                && node.kind == Kind::Label
                && let Some(entry) = self.log.value(node.span())
                && let Some(target) = entry["targetId"].as_str().and_then(|id| self.tree.find(id))
            {
                let label = entry["label"].as_str().unwrap_or_default();
                copied.insert(target, label.to_string());
            }
        }
        copied.retain(|_, label| !label.is_empty());
        let mut changes: Vec<(u32, Option<&str>, Millis)> = Vec::new();
        for index in path {
            let wanted = self.labels.get(index);
            let label = wanted.map(|(label, _)| label.as_str());
            if label != copied.get(index).map(String::as_str) {
                let at = wanted.map_or_else(|| self.clock.now(), |(_, at)| *at);
                changes.push((*index, label, at));
            }
        }
        let mut lines = Vec::new();
        let mut parent = path.last().map(|index| copied_as.id(*index));
        for (target, label, at) in changes {
            let id = self.new_id();
            let target_id = copied_as.id(target);
            let content = Content::Label {
                target_id: target_id.as_str(),
                label,
            };
            lines.push(content.to_line(Stem {
                id: &id,
                parent: parent.as_ref().map(EntryId::as_str),
                timestamp: &time::format(at),
            }));
            parent = Some(EntryId::from(id.as_str()));
        }
        lines
    }
}
