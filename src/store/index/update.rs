//! Bringing the index up to date: what is new in the session files since the last time.
//!
//! Files are told apart by size, time and number, and read from where the last reading ended; one that
//! was replaced or cut is read anew, one that is gone is forgotten. The newest come first, so that the
//! latest conversations can be searched while the rest is still being read. Work is written in
//! batches, each whole: it can be stopped, or killed, at any time. One process does it at a time, the
//! others pass.

use std::collections::HashMap;
use std::ops::ControlFlow;

use rusqlite::{OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::batch::{Batch, Open};
use super::database::Index;
use super::digest::{Digest, Mark, Reader};
use super::error::Error;
use super::keys::{numbers, project_word};
use super::roots::{Facts, Roots, Seen};

/// How far an update has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files that have been read.
    pub done: usize,
    /// Files that have changed.
    pub of: usize,
}

/// What an update did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Updated {
    /// The index says what the files say.
    Whole {
        /// Files that had changed.
        files: usize,
    },
    /// It was told to stop.
    Stopped,
    /// Another process is at it.
    Elsewhere {
        /// Files that it has to read still.
        files: usize,
    },
}

/// What the index knows of a file.
struct Known {
    id: i64,
    facts: Facts,
}

impl Index {
    /// Reads what has changed. `watch` is told of every batch, and may stop it.
    pub fn update(
        &mut self,
        roots: &Roots,
        mut watch: impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Updated, Error> {
        let seen = roots.files();
        let known = self.known()?;
        if stale(&seen, &known).is_empty() && gone(&seen, &known).is_empty() {
            return Ok(Updated::Whole { files: 0 });
        }
        let Some(_lock) = self.lock()? else {
            let files = stale(&seen, &known).len();
            return Ok(Updated::Elsewhere { files });
        };
        self.unmap()?;
        // What was known before the lock was taken may be old by now.
        let known = self.known()?;
        for id in gone(&seen, &known) {
            self.forget(id)?;
        }
        let stale = stale(&seen, &known);
        let of = stale.len();
        let mut batch = Batch::default();
        for (done, file) in stale.into_iter().enumerate() {
            let Some((mut reader, mut id)) = self.begin(file, known.get(&file.name))? else {
                continue;
            };
            let mut more = true;
            while more {
                // What cannot be read just now is tried again next time.
                more = batch.read(file, id, &mut reader).unwrap_or(false);
                if !batch.is_full() {
                    continue;
                }
                let Some(last) = self.write(&mut batch)? else {
                    return Ok(Updated::Elsewhere { files: of - done });
                };
                id = Some(last);
                if watch(Progress { done, of }).is_break() {
                    return Ok(Updated::Stopped);
                }
            }
        }
        match self.write(&mut batch)? {
            Some(_) => Ok(Updated::Whole { files: of }),
            None => Ok(Updated::Elsewhere { files: 1 }),
        }
    }

    /// Opens a file where the last reading ended, or at its beginning when it is another file now.
    fn begin(
        &mut self,
        file: &Seen,
        known: Option<&Known>,
    ) -> Result<Option<(Reader, Option<i64>)>, Error> {
        let Ok(mut reader) = Reader::open(&file.path) else {
            return Ok(None);
        };
        let Some(known) = known else {
            return Ok(Some((reader, None)));
        };
        // A file that was left in the middle has no number yet.
        if (known.facts.inode == 0 || known.facts.inode == file.facts.inode)
            && let (mark, digest) = self.state(known.id)?
            && (1..=file.facts.size).contains(&mark.done)
            && reader.resume(digest, mark).unwrap_or(false)
        {
            return Ok(Some((reader, Some(known.id))));
        }
        self.forget(known.id)?;
        Ok(Some((reader, None)))
    }

    fn known(&self) -> Result<HashMap<String, Known>, Error> {
        let sql = "SELECT path, id, size, modified, inode FROM session";
        let read = |row: &Row<'_>| {
            let facts = Facts {
                size: unsigned(row.get(2)?),
                modified: row.get(3)?,
                inode: unsigned(row.get(4)?),
            };
            let id = row.get(1)?;
            Ok((row.get(0)?, Known { id, facts }))
        };
        let rows = self.db.prepare_cached(sql).and_then(|mut statement| {
            let rows = statement.query_map([], read)?;
            rows.collect()
        });
        rows.map_err(|source| self.unusable(source))
    }

    /// How far a file has been read, and what was in it.
    fn state(&self, id: i64) -> Result<(Mark, Digest), Error> {
        let columns = Digest::COLUMNS;
        let sql = format!("SELECT done, tail, {columns} FROM session WHERE id = ?1");
        let row = self.db.prepare_cached(&sql).and_then(|mut statement| {
            statement.query_row([id], |row| {
                let mark = Mark {
                    done: unsigned(row.get(0)?),
                    tail: row.get(1)?,
                };
                Ok((mark, Digest::of_row(row, 2)?))
            })
        });
        row.map_err(|source| self.unusable(source))
    }

    /// Forgets a file.
    fn forget(&mut self, id: i64) -> Result<(), Error> {
        let path = self.path().to_path_buf();
        let forgotten = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|change| {
                change.execute(
                    "DELETE FROM words WHERE rowid IN (SELECT key FROM entry WHERE session = ?1)",
                    [id],
                )?;
                change.execute("DELETE FROM entry WHERE session = ?1", [id])?;
                change.execute("DELETE FROM session WHERE id = ?1", [id])?;
                change.commit()
            });
        forgotten.map_err(|source| Error::Unusable { path, source })
    }

    /// Writes a batch; the last file's row, or `None` when another process has written meanwhile.
    fn write(&mut self, batch: &mut Batch) -> Result<Option<i64>, Error> {
        let path = self.path().to_path_buf();
        let written = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|change| {
                let last = write(&change, std::mem::take(batch))?;
                // Dropped, a transaction leaves everything as it was.
                if last.is_some() {
                    change.commit()?;
                }
                Ok(last)
            });
        written.map_err(|source| Error::Unusable { path, source })
    }
}

fn stale<'s>(seen: &'s [Seen], known: &HashMap<String, Known>) -> Vec<&'s Seen> {
    let is_stale = |file: &&Seen| known.get(&file.name).is_none_or(|k| k.facts != file.facts);
    seen.iter().filter(is_stale).collect()
}

/// The rows of files that are there no more. A file outside the folders that were looked at may be
/// there still.
fn gone(seen: &[Seen], known: &HashMap<String, Known>) -> Vec<i64> {
    let there: std::collections::HashSet<&str> = seen.iter().map(|file| &*file.name).collect();
    let is_gone = |(path, _): &(&String, &Known)| {
        !there.contains(path.as_str()) && !std::path::Path::new(path).exists()
    };
    known
        .iter()
        .filter(is_gone)
        .map(|(_, known)| known.id)
        .collect()
}

fn write(change: &Transaction<'_>, mut batch: Batch) -> rusqlite::Result<Option<i64>> {
    let mut ids = Vec::new();
    for file in &batch.files {
        let project = project(change, &file.digest.cwd)?;
        let Some(id) = session(change, file)? else {
            return Ok(None);
        };
        ids.push((id, project_word(project)));
    }
    let mut place = change.prepare_cached(
        "INSERT OR IGNORE INTO entry(key, session, offset, length) VALUES(?1, ?2, ?3, ?4)",
    )?;
    for entry in &mut batch.entries {
        let Some((id, project)) = ids.get(entry.file) else {
            continue;
        };
        for key in numbers(entry.key, entry.offset) {
            if place.execute(params![key, id, signed(entry.offset), entry.len])? > 0 {
                entry.key = key;
                break;
            }
        }
        entry.words.push(' ');
        entry.words.push_str(project);
    }
    // The engine wants its rows in order.
    batch.entries.sort_by_key(|entry| entry.key);
    let mut keep = change.prepare_cached("INSERT INTO words(rowid, text) VALUES(?1, ?2)")?;
    for entry in &batch.entries {
        keep.execute(params![entry.key, entry.words])?;
    }
    Ok(Some(ids.last().map_or(0, |(id, _)| *id)))
}

fn project(change: &Transaction<'_>, cwd: &str) -> rusqlite::Result<i64> {
    let mut known = change.prepare_cached("SELECT id FROM project WHERE cwd = ?1")?;
    if let Some(id) = known.query_row([cwd], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    change.execute("INSERT INTO project(cwd) VALUES(?1)", [cwd])?;
    Ok(change.last_insert_rowid())
}

/// Writes a file's row; `None` when the row is not as it was when reading began.
fn session(change: &Transaction<'_>, file: &Open) -> rusqlite::Result<Option<i64>> {
    let (facts, mark, digest) = (&file.facts, &file.mark, &file.digest);
    let id = match file.id {
        Some(id) => id,
        None => {
            let mut begin = change.prepare_cached(
                "INSERT OR IGNORE INTO session VALUES(NULL, ?1, 0, 0, 0, 0, 0, '', '', NULL, 0, 0, 0, NULL, '', 0, 0.0)",
            )?;
            if begin.execute([&file.path])? == 0 {
                return Ok(None);
            }
            change.last_insert_rowid()
        }
    };
    let mut grow = change.prepare_cached(
        "UPDATE session SET size = ?3, modified = ?4, inode = ?5, done = ?6, tail = ?7, session = ?8,
         cwd = ?9, parent = ?10, created = ?11, active = ?12, messages = ?13, name = ?14, first = ?15,
         tokens = ?16, cost = ?17 WHERE id = ?1 AND done = ?2",
    )?;
    let changed = grow.execute(params![
        id,
        signed(file.before),
        signed(facts.size),
        facts.modified,
        facts.inode.cast_signed(),
        signed(mark.done),
        mark.tail,
        digest.id,
        digest.cwd,
        digest.parent,
        digest.created,
        digest.active,
        signed(digest.messages),
        digest.name,
        digest.first,
        signed(digest.tokens),
        digest.cost,
    ])?;
    Ok((changed == 1).then_some(id))
}

impl Digest {
    /// The columns that [`Digest::of_row`] reads.
    pub(super) const COLUMNS: &str =
        "session, cwd, parent, created, active, messages, name, first, tokens, cost";

    /// Reads the columns from `at` on.
    pub(super) fn of_row(row: &Row<'_>, at: usize) -> rusqlite::Result<Self> {
        Ok(Digest {
            id: row.get(at)?,
            cwd: row.get(at + 1)?,
            parent: row.get(at + 2)?,
            created: row.get(at + 3)?,
            active: row.get(at + 4)?,
            messages: unsigned(row.get(at + 5)?),
            name: row.get(at + 6)?,
            first: row.get(at + 7)?,
            tokens: unsigned(row.get(at + 8)?),
            cost: row.get(at + 9)?,
        })
    }
}

/// Databases know signed numbers only.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    number.cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_that_was_left_in_the_middle_is_gone_on_with() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("--w--");
        std::fs::create_dir(&folder).unwrap();
        let header = r#"{"type":"session","version":3,"id":"s","timestamp":"2026-01-01T00:00:00.000Z","cwd":"/w"}"#;
        // Pictures are long, and nothing in them is searched.
        let picture = "A".repeat(9 * 1024 * 1024);
        let mut text = format!("{header}\n");
        for id in ["0000000a", "0000000b", "0000000c"] {
            text.push_str(&format!(
                r#"{{"type":"message","id":"{id}","parentId":null,"timestamp":"2026-01-01T00:00:00.000Z","message":{{"role":"user","content":[{{"type":"image","data":"{picture}","mimeType":"image/png"}}],"timestamp":1}}}}"#
            ));
            text.push('\n');
        }
        std::fs::write(folder.join("s.jsonl"), text).unwrap();
        let roots = Roots {
            projects: root.path().into(),
            flat: None,
        };
        let (mut index, _) = Index::open(&root.path().join("index.sqlite")).unwrap();
        let mut read = || index.update(&roots, |_| ControlFlow::Break(())).unwrap();
        // Each is stopped after one batch.
        let updates: Vec<Updated> = (0..5).map(|_| read()).collect();
        assert_eq!(updates.last(), Some(&Updated::Whole { files: 0 }));
    }
}
