//! Listing sessions, a page at a time.
//!
//! The folders say which files there are and which was written last; the index spares reading those
//! that have not changed. A file that the index does not know, or knows as it was, is read from where
//! the index left it: a page is right whether the index is up to date, behind or missing, and costs
//! what the files on it have grown by.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, Row};

use super::database::Index;
use super::digest::{Digest, Mark, Reader};
use super::error::Error;
use super::roots::{Facts, Roots, Seen};
use super::search::Filter;
use super::words;
use crate::ai::Millis;
use crate::store::encode_cwd;

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// The one that was written last first.
    #[default]
    Recent,
    /// The one that was begun last first.
    Created,
    /// By name, or by the first message of those without one.
    Name,
    /// The one with the most messages first.
    Length,
}

/// Which sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In which order.
    pub sort: Sort,
    /// How many to leave out.
    pub offset: usize,
    /// How many to list.
    pub limit: usize,
    /// Those of this directory and of those below it.
    pub project: Option<PathBuf>,
    /// Those alone that have a name.
    pub named: bool,
    /// Those with a word that begins so, for each of these words, in name, first message or directory.
    pub words: String,
}

/// A session in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Its file.
    pub path: PathBuf,
    /// When the file was written last.
    pub modified: Millis,
    /// What is in it.
    pub digest: Digest,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The sessions, in order.
    pub sessions: Vec<Listed>,
    /// Whether there are more.
    pub more: bool,
}

/// Files whose rows are asked for one by one.
const FEW: usize = 500;

type Rows = HashMap<String, (Facts, Mark, Digest)>;

/// A page of the list of sessions. Without an index, every file that is on the page or before it is
/// read.
pub fn page(index: Option<&Index>, roots: &Roots, wanted: &Wanted) -> Result<Page, Error> {
    let files = roots.files_of(wanted.project.as_deref());
    // Few rows are asked for one by one, many at once.
    let is_picky = wanted.sort != Sort::Recent || wanted.is_picky();
    let needs_all = is_picky && files.len() > FEW;
    let mut rows = match index {
        Some(index) if needs_all => index.rows()?,
        _ => Rows::new(),
    };
    let mut known = |file: &Seen| match index {
        Some(index) if !needs_all => index.row(&file.name),
        _ => Ok(rows.remove(&file.name)),
    };
    let words = words::folded(&wanted.words);
    let end = wanted.offset.saturating_add(wanted.limit);
    let mut sessions = Vec::new();
    for file in files {
        let Some(digest) = current(&file, known(&file)?) else {
            continue;
        };
        if !wanted.takes(&file.path, &digest, &words) {
            continue;
        }
        sessions.push(Listed {
            path: file.path,
            modified: file.facts.modified / 1_000_000,
            digest,
        });
        if wanted.sort == Sort::Recent && sessions.len() > end {
            break;
        }
    }
    match wanted.sort {
        Sort::Recent => {}
        Sort::Created => sessions.sort_by_key(|it| std::cmp::Reverse(it.digest.created)),
        Sort::Name => sessions.sort_by_cached_key(|it| (it.digest.name.is_none(), title(it))),
        Sort::Length => sessions.sort_by_key(|it| std::cmp::Reverse(it.digest.messages)),
    }
    let more = sessions.len() > end;
    sessions.truncate(end);
    sessions.drain(..wanted.offset.min(sessions.len()));
    Ok(Page { sessions, more })
}

/// The session in this file; `None` when it is none.
pub(super) fn listed(index: Option<&Index>, path: &Path) -> Option<Listed> {
    let file = Seen {
        path: path.to_path_buf(),
        name: path.to_str()?.to_owned(),
        facts: Facts::of(&fs::metadata(path).ok()?),
    };
    // A row that cannot be read is read from the file.
    let known = index.and_then(|index| index.row(&file.name).ok().flatten());
    let digest = current(&file, known)?;
    Some(Listed {
        path: file.path,
        modified: file.facts.modified / 1_000_000,
        digest,
    })
}

fn title(listed: &Listed) -> String {
    let digest = &listed.digest;
    let title = digest.name.as_ref().unwrap_or(&digest.first);
    words::folded(title).join(" ")
}

/// What is in a file now; `None` when it is no session.
fn current(file: &Seen, known: Option<(Facts, Mark, Digest)>) -> Option<Digest> {
    let digest = match known {
        Some((facts, _, digest)) if facts == file.facts => digest,
        known => {
            let mut reader = Reader::open(&file.path).ok()?;
            if let Some((facts, mark, digest)) = known
                && mark.done > 0
                && (facts.inode == 0 || facts.inode == file.facts.inode)
            {
                reader.resume(digest, mark).ok()?;
            }
            reader.read(u64::MAX, |_| false, |_| {}).ok()?;
            reader.digest
        }
    };
    (digest.created > 0 || digest.messages > 0).then_some(digest)
}

impl Wanted {
    fn is_picky(&self) -> bool {
        self.project.is_some() || self.named || !self.words.trim().is_empty()
    }

    fn takes(&self, path: &Path, digest: &Digest, words: &[String]) -> bool {
        let filter = Filter {
            project: self.project.clone(),
            ..Filter::default()
        };
        // One that has lost its header belongs where it stands.
        let stands_there = |project: &PathBuf| {
            let folder = path.parent().and_then(Path::file_name);
            folder.is_some_and(|folder| *folder == *encode_cwd(project))
        };
        let is_wanted = filter.wants_project(&digest.cwd)
            || digest.cwd.is_empty() && self.project.as_ref().is_some_and(stands_there);
        if !is_wanted || self.named && digest.name.is_none() {
            return false;
        }
        if words.is_empty() {
            return true;
        }
        let name = digest.name.as_deref().unwrap_or_default();
        let own = words::folded(&format!("{name} {} {}", digest.first, digest.cwd));
        let has = |wanted: &String| own.iter().any(|word| word.starts_with(wanted.as_str()));
        words.iter().all(has)
    }
}

impl Index {
    fn rows(&self) -> Result<Rows, Error> {
        let sql = format!("SELECT path, {STATE}, {} FROM session", Digest::COLUMNS);
        let rows = self.db.prepare_cached(&sql).and_then(|mut statement| {
            let rows = statement.query_map([], |row| Ok((row.get(0)?, of_row(row, 1)?)))?;
            rows.collect()
        });
        rows.map_err(|source| self.unusable(source))
    }

    fn row(&self, path: &str) -> Result<Option<(Facts, Mark, Digest)>, Error> {
        let columns = Digest::COLUMNS;
        let sql = format!("SELECT {STATE}, {columns} FROM session WHERE path = ?1");
        let row = self.db.prepare_cached(&sql).and_then(|mut statement| {
            let row = statement.query_row([path], |row| of_row(row, 0));
            row.optional()
        });
        row.map_err(|source| self.unusable(source))
    }
}

const STATE: &str = "size, modified, inode, done, tail";

fn of_row(row: &Row<'_>, at: usize) -> rusqlite::Result<(Facts, Mark, Digest)> {
    let number = |at| row.get(at).map(i64::cast_unsigned);
    let facts = Facts {
        size: number(at)?,
        modified: row.get(at + 1)?,
        inode: number(at + 2)?,
    };
    let mark = Mark {
        done: number(at + 3)?,
        tail: row.get(at + 4)?,
    };
    Ok((facts, mark, Digest::of_row(row, at + 5)?))
}
