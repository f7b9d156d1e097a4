//! Taking a session away: into the trash where there is one, else for good. Never one that somebody
//! writes.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::{Error, Result};
use super::lease;

/// Where a session has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// Into the trash.
    ToTrash,
    /// Nowhere: it is deleted.
    ForGood,
}

/// Removes a session file: with the program `trash`, called with the file's path, if it is there and
/// does it, else for good. One that is in use is refused, and stays so until it is gone.
pub fn remove(path: &Path, trash: &str) -> Result<Removed> {
    let failed = |source: io::Error| {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::NotFound => Error::NotFound { path },
            _ => Error::Write { path, source },
        }
    };
    let is_file = path.metadata().map_err(failed)?.is_file();
    if !is_file {
        return Err(Error::NotASession { path: path.into() });
    }
    // Open, and so locked, until the end.
    let file = OpenOptions::new().read(true).append(true).open(path);
    let file = file.map_err(failed)?;
    lease::take(&file, path)?;
    let mut program = Command::new(trash);
    program
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // Whether there is no such program or it could not: what counts is that the file is away.
    let _ = program.status();
    if path.symlink_metadata().is_err() {
        return Ok(Removed::ToTrash);
    }
    fs::remove_file(path).map_err(failed)?;
    Ok(Removed::ForGood)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::ai::{Clock, Message};
    use crate::store::{Access, Store};

    const NO_TRASH: &str = "/nowhere/trash";

    fn session(dir: &Path) -> std::path::PathBuf {
        let path = dir.join("s.jsonl");
        let mut store = Store::create_at(&path, dir, None, Clock::fixed(1));
        store.append_message(&Message::user("hello", 1)).unwrap();
        path
    }

    fn script(dir: &Path, text: &str) -> String {
        let path = dir.join("trash");
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_session_goes_into_the_trash_where_there_is_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = session(dir.path());
        let bin = dir.path().join("bin.jsonl");
        let trash = script(dir.path(), &format!("mv \"$1\" '{}'", bin.display()));
        assert_eq!(remove(&path, &trash).unwrap(), Removed::ToTrash);
        assert!(!path.exists() && bin.exists());
    }

    #[test]
    fn without_a_trash_that_takes_it_a_session_is_deleted() {
        let dir = tempfile::tempdir().unwrap();
        for trash in [NO_TRASH.to_owned(), script(dir.path(), "exit 1")] {
            let path = session(dir.path());
            assert_eq!(remove(&path, &trash).unwrap(), Removed::ForGood);
            assert!(!path.exists());
        }
    }

    #[test]
    fn a_session_in_use_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = session(dir.path());
        let opened = Store::open(&path, Access::Write, Clock::fixed(1)).unwrap();
        let refused = remove(&path, NO_TRASH);
        assert!(matches!(refused, Err(Error::InUse { .. })), "{refused:?}");
        assert!(path.exists());
        drop(opened);
        remove(&path, NO_TRASH).unwrap();
        assert!(matches!(
            remove(&path, NO_TRASH),
            Err(Error::NotFound { .. })
        ));
        let folder = remove(dir.path(), NO_TRASH);
        assert!(matches!(folder, Err(Error::NotASession { .. })));
    }
}
