//! The index's file: opened, made, thrown away.
//!
//! One SQLite database in WAL mode, readable by its owner alone since it holds the words of every
//! conversation. Whatever is in it can be read again from the session files, so a file that is damaged
//! or of another version is thrown away and made again. Who makes, fills or removes it holds a lock
//! beside it, which dies with its process; readers need none.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::Error;

/// The version of the tables. Raise it with any change of them, or of what is kept in them.
const VERSION: i64 = 1;

/// How long to wait for another process that is making the file, in steps.
const WAIT: (u32, Duration) = (200, Duration::from_millis(10));

/// A row for each session file, one for each entry that can be searched, and the words.
///
/// An entry's key is its time in seconds and a number: the newest come first without sorting, and days
/// are ranges. The words are kept without their places: whether they stand together, and where, is
/// read from the session file, which has to be opened for the snippet anyway.
const TABLES: &str = "
CREATE TABLE session(
    id INTEGER PRIMARY KEY, path TEXT NOT NULL,
    size INTEGER NOT NULL, modified INTEGER NOT NULL, inode INTEGER NOT NULL,
    done INTEGER NOT NULL, tail INTEGER NOT NULL,
    session TEXT NOT NULL, cwd TEXT NOT NULL, parent TEXT, created INTEGER NOT NULL,
    active INTEGER NOT NULL, messages INTEGER NOT NULL, name TEXT, first TEXT NOT NULL,
    tokens INTEGER NOT NULL, cost REAL NOT NULL
) STRICT;
CREATE UNIQUE INDEX session_path ON session(path);
CREATE INDEX session_state ON session(path, size, modified, inode);
CREATE TABLE project(id INTEGER PRIMARY KEY, cwd TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE entry(
    key INTEGER PRIMARY KEY, session INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL
) STRICT;
CREATE INDEX entry_session ON entry(session);
CREATE VIRTUAL TABLE words USING fts5(
    text, content='', contentless_delete=1, detail=none, tokenize='ascii');
INSERT INTO words(words, rank) VALUES('hashsize', 16777216);
INSERT INTO words(words, rank) VALUES('automerge', 8);
";

/// An open index.
#[derive(Debug)]
pub struct Index {
    pub(super) db: Connection,
    path: PathBuf,
}

/// The right to change the index; given back when dropped.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "held, not used")] File);

impl Index {
    /// Opens the index at `path`, making it when there is none, and anew when it is damaged or of
    /// another version. The flag says that one was thrown away.
    pub fn open(path: &Path) -> Result<(Self, bool), Error> {
        for _ in 0..WAIT.0 {
            if let Some(index) = Index::sound(path)? {
                return Ok((index, false));
            }
            if let Some(lock) = lock(path)? {
                return Index::make(path, lock);
            }
            // Another process is making it, which takes it milliseconds.
            thread::sleep(WAIT.1);
        }
        Err(Error::Unmade {
            path: path.into(),
            source: io::ErrorKind::WouldBlock.into(),
        })
    }

    /// Throws away an index that turned out to be damaged, and makes an empty one.
    pub fn remake(self) -> Result<Self, Error> {
        let path = self.path;
        drop(self.db);
        for _ in 0..WAIT.0 {
            if let Some(_lock) = lock(&path)? {
                remove(&path)?;
                break;
            }
            thread::sleep(WAIT.1);
        }
        Ok(Index::open(&path)?.0)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The index as it stands; `None` when there is none, or none that is worth keeping.
    fn sound(path: &Path) -> Result<Option<Self>, Error> {
        match Index::existing(path) {
            Err(error) if error.is_damage() => Ok(None),
            found => found,
        }
    }

    /// The index as it stands; `None` when there is none of this version.
    fn existing(path: &Path) -> Result<Option<Self>, Error> {
        if !path.is_file() {
            return Ok(None);
        }
        let index = Index::connect(path)?;
        let version = index
            .db
            .query_row("PRAGMA user_version", [], |row| row.get(0));
        let version: i64 = version.map_err(|source| index.unusable(source))?;
        Ok((version == VERSION).then_some(index))
    }

    fn make(path: &Path, _lock: Lock) -> Result<(Self, bool), Error> {
        // Another process may have made it before the lock was free.
        if let Some(index) = Index::sound(path)? {
            return Ok((index, false));
        }
        let was_there = remove(path)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let made = options.open(path);
        made.map_err(|source| Error::Unmade {
            path: path.into(),
            source,
        })?;
        let index = Index::connect(path)?;
        let made = index.db.execute_batch(&format!(
            "PRAGMA journal_mode=WAL; BEGIN; {TABLES} PRAGMA user_version={VERSION}; COMMIT;"
        ));
        made.map_err(|source| index.unusable(source))?;
        Ok((index, was_there))
    }

    fn connect(path: &Path) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(path, flags).and_then(|db| {
            db.busy_timeout(Duration::from_secs(5))?;
            // A crash of the machine may cost the index its last moments, never its soundness.
            db.execute_batch(
                "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000; PRAGMA mmap_size=268435456;
                 PRAGMA journal_size_limit=67108864;",
            )?;
            Ok(db)
        });
        match opened {
            Ok(db) => Ok(Index {
                db,
                path: path.into(),
            }),
            Err(source) => Err(Error::Unusable {
                path: path.into(),
                source,
            }),
        }
    }

    /// Stops mapping the file into memory: who writes it goes through all of it.
    pub(super) fn unmap(&self) -> Result<(), Error> {
        let unmapped = self.db.execute_batch("PRAGMA mmap_size=0;");
        unmapped.map_err(|source| self.unusable(source))
    }

    /// The right to change it; `None` while another process has it.
    pub(super) fn lock(&self) -> Result<Option<Lock>, Error> {
        lock(&self.path)
    }

    pub(super) fn unusable(&self, source: rusqlite::Error) -> Error {
        Error::Unusable {
            path: self.path.clone(),
            source,
        }
    }
}

fn lock(path: &Path) -> Result<Option<Lock>, Error> {
    let unmade = |source| Error::Unmade {
        path: path.into(),
        source,
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(unmade)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(beside(path, ".lock")).map_err(unmade)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock(file))),
        Err(TryLockError::WouldBlock) => Ok(None),
        // A file system without locks: work may be done twice there, which does no harm.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
            Ok(Some(Lock(file)))
        }
        Err(TryLockError::Error(source)) => Err(unmade(source)),
    }
}

/// Removes the files of an index; whether there was one.
fn remove(path: &Path) -> Result<bool, Error> {
    // The log goes first: it must never meet another database.
    for ending in ["-wal", "-shm", "-journal", ""] {
        match fs::remove_file(beside(path, ending)) {
            Ok(()) if ending.is_empty() => return Ok(true),
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(Error::Unmade {
                    path: path.into(),
                    source,
                });
            }
            _ => {}
        }
    }
    Ok(false)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}
