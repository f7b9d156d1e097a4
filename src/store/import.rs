//! A session file brought here: a copy that belongs to the directory it is brought to.
//!
//! Of the copy only the header differs: it names the directory, and has an id of its own where another
//! session has the old one. The source is not changed. Failing leaves nothing behind.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::ai::Clock;

use super::Store;
use super::create::create_filled;
use super::encode::{file_name, id_in_name};
use super::error::{Error, Result};
use super::header::Header;
use super::index::by_id;
use super::load::object;
use super::open::{Access, Opened, header};

/// A session that was brought here.
pub struct Imported {
    /// The session, to go on with.
    pub opened: Opened,
    /// Whether a file was made for it; else the source was here already.
    pub is_copy: bool,
    /// The directory that it was of, where that is another one.
    pub was_of: Option<PathBuf>,
}

impl Imported {
    /// Takes the copy back.
    pub fn undo(self) {
        let Opened {
            store, original, ..
        } = self.opened;
        let made = store.path().filter(|_| self.is_copy);
        // First, so that it writes no more.
        drop(store);
        if let Some(path) = made {
            // What cannot be removed is a session like any other.
            let _ = fs::remove_file(path);
            let _ = original.map(fs::remove_file);
        }
    }
}

impl Store {
    /// Brings a session file into `dir`, as a session of `cwd`, and opens it. The copy keeps the id if
    /// no session beside it and none of the other projects has it, and `open`, the session that is
    /// left, neither; it keeps its name if that is free. A file of `cwd` that is in `dir` already is
    /// not copied, and none is written over.
    pub fn import(
        source: &Path,
        dir: &Path,
        cwd: &Path,
        open: &str,
        clock: Clock,
    ) -> Result<Imported> {
        let found = Store::open(source, Access::Read, clock.clone())?;
        if let Some(version) = found.newer {
            let path = source.into();
            return Err(Error::Newer { path, version });
        }
        let old = found.store.header().clone();
        drop(found);
        let is_here = Path::new(&old.cwd) == cwd;
        let home = source.parent().and_then(|home| home.canonicalize().ok());
        if is_here && home.is_some() && home == dir.canonicalize().ok() {
            return Ok(Imported {
                opened: Store::open(source, Access::Write, clock)?,
                is_copy: false,
                was_of: None,
            });
        }
        let kept = Some(&old.id).filter(|id| *id != open && !is_taken(id, dir));
        let absolute = std::path::absolute(source).unwrap_or_else(|_| source.into());
        let parent = kept.is_none().then_some(absolute);
        let new = header(cwd, kept.cloned(), parent, &clock);
        let path = copy(source, dir, &new, kept.is_some())?;
        match Store::open(&path, Access::Write, clock) {
            Ok(opened) => Ok(Imported {
                opened,
                is_copy: true,
                was_of: (!is_here && !old.cwd.is_empty()).then(|| old.cwd.into()),
            }),
            Err(error) => {
                // Why it cannot be opened says more than why it cannot be removed.
                let _ = fs::remove_file(&path);
                Err(error)
            }
        }
    }
}

/// Whether a session in `dir`, or in a folder of another project beside it, has this id.
fn is_taken(id: &str, dir: &Path) -> bool {
    let has = |dir: &Path| matches!(by_id(dir, id), Ok(Some(_)));
    let is_project = |dir: &Path| {
        let name = dir.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("--") && name.ends_with("--")
    };
    if id.is_empty() || has(dir) {
        return true;
    }
    let all = dir.parent().filter(|_| is_project(dir));
    let folders = all.and_then(|all| fs::read_dir(all).ok());
    let mut folders = folders.into_iter().flatten().flatten();
    folders.any(|folder| is_project(&folder.path()) && has(&folder.path()))
}

/// Copies the file, with what differs in its header; returns where to.
fn copy(source: &Path, dir: &Path, new: &Header, keeps_id: bool) -> Result<PathBuf> {
    let unreadable = |error| Error::Read {
        path: source.into(),
        source: error,
    };
    let mut tries = 1;
    loop {
        let path = dir.join(name_of_copy(source, new, keeps_id, tries));
        let unwritable = |error| Error::Write {
            path: path.clone(),
            source: error,
        };
        let mut old = BufReader::new(File::open(source).map_err(unreadable)?);
        let mut first = Vec::new();
        while first.trim_ascii().is_empty() {
            first.clear();
            if old.read_until(b'\n', &mut first).map_err(unreadable)? == 0 {
                break;
            }
        }
        let copied = create_filled(&path, false, |out| {
            out.write_all(&first_lines(&first, new))
                .and_then(|()| io::copy(&mut old, out))
                .map_err(unwritable)?;
            Ok(())
        });
        match copied {
            Ok(_lease) => return Ok(path),
            Err(Error::Exists { .. }) if tries < 1000 => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

/// The header that the copy has; with what stands where it should be, if it has none.
fn first_lines(first: &[u8], new: &Header) -> Vec<u8> {
    let is_header = Header::parse(first.trim_ascii()).is_some();
    let Some(mut fields) = object(first.trim_ascii()).filter(|_| is_header) else {
        return [&new.to_line(), &b"\n"[..], first].concat();
    };
    fields.insert("id".into(), new.id.as_str().into());
    fields.insert("cwd".into(), new.cwd.as_str().into());
    if let Some(parent) = &new.parent_session {
        fields.insert("parentSession".into(), parent.as_str().into());
    }
    let mut line = serde_json::Value::Object(fields).to_string().into_bytes();
    line.push(b'\n');
    line
}

/// The name of the copy: its own at first, then with a number; a name that says another id than the
/// copy has is not kept.
fn name_of_copy(source: &Path, new: &Header, keeps_id: bool, tries: u32) -> String {
    let says_another = id_in_name(source).is_some_and(|id| id != new.id);
    if !keeps_id || says_another {
        return file_name(&new.timestamp, &new.id);
    }
    let stem = source.file_stem().unwrap_or_default().to_string_lossy();
    match tries {
        1 => format!("{stem}.jsonl"),
        n => format!("{stem}-{n}.jsonl"),
    }
}
