//! One writer per session file: a lock that dies with its process.
//!
//! The lock is advisory and on the session file itself, so there is nothing to clean up and programs
//! that do not know of it (the reference) are not hindered.
//!
//! One thing can outlive its process for an instant: a child that was being started has not become its
//! own program yet, and still shares the lock. A lock of a process that is gone is therefore waited for.

use std::fs::{File, Metadata, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use super::error::{Error, Result};

/// How often, and how far apart, the lock of a process that is gone is asked for.
const TRIES: usize = 250;
const PAUSE: Duration = Duration::from_millis(2);

/// Takes the lease of an open session file, or says who has it.
pub(super) fn take(file: &File, path: &Path) -> Result<()> {
    for _ in 0..TRIES {
        match try_take(file, path) {
            Err(Error::InUse { pid, .. }) if is_gone(pid) => std::thread::sleep(PAUSE),
            outcome => return outcome,
        }
    }
    try_take(file, path)
}

fn try_take(file: &File, path: &Path) -> Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(Error::InUse {
            path: path.into(),
            pid: file.metadata().ok().and_then(|facts| holder(&facts)),
        }),
        // A file system without locks (some network mounts): one writer cannot be promised there.
        Err(TryLockError::Error(source)) if source.kind() == io::ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(source)) => Err(Error::Read {
            path: path.into(),
            source,
        }),
    }
}

/// Whether somebody holds the lease of a file that this process only reads. To find out, the lock is
/// asked for, shared with others who look, and given back at once.
pub(super) fn is_held(file: &File) -> bool {
    match file.try_lock_shared() {
        Ok(()) => {
            // Failing means that there was no lock to give back.
            let _ = file.unlock();
            false
        }
        // Without locks, somebody cannot be told from nobody.
        Err(_) => true,
    }
}

/// The same, and who: `Some(None)` when the system does not tell.
pub(super) fn writer(file: &File) -> Option<Option<u32>> {
    is_held(file).then(|| file.metadata().ok().and_then(|facts| holder(&facts)))
}

/// Whether somebody writes the session in a file, this process or another; false when it cannot be read.
pub fn is_in_use(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| is_held(&file))
}

/// Whether `path` still names the file that is open.
#[cfg(unix)]
pub(super) fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), path.metadata()) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

/// Whether `path` still names the file that is open; an open file cannot be replaced here.
#[cfg(not(unix))]
pub(super) fn is_same(_file: &File, _path: &Path) -> bool {
    true
}

/// The process that holds a lock on a file, as Linux lists it.
#[cfg(target_os = "linux")]
fn holder(facts: &Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let (major, minor) = (libc::major(facts.dev()), libc::minor(facts.dev()));
    let device = format!("{major:02x}:{minor:02x}:{}", facts.ino());
    // `1: FLOCK  ADVISORY  WRITE 4711 08:01:131092 0 EOF`
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    // Who only asks whether there is a writer has the lock for an instant, shared, and is none.
    let of_file = locks.lines().find(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        let is_lease = words.next() == Some("FLOCK") && words.nth(1) == Some("WRITE");
        is_lease && words.nth(1) == Some(&device)
    })?;
    let pid = of_file.split_ascii_whitespace().nth(4)?.parse().ok()?;
    (pid != 0).then_some(pid)
}

/// Whether a process has ended, and only its lock is left; true as well when it is not known who it is.
#[cfg(target_os = "linux")]
fn is_gone(pid: Option<u32>) -> bool {
    let Some(pid) = pid else { return true };
    let Ok(state) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return true;
    };
    // `4711 (its name) S …`, and a name may have brackets of its own.
    let state = state.rsplit(") ").next().unwrap_or_default();
    state.starts_with(['Z', 'X'])
}

#[cfg(not(target_os = "linux"))]
fn is_gone(_pid: Option<u32>) -> bool {
    true
}

#[cfg(not(target_os = "linux"))]
fn holder(_facts: &Metadata) -> Option<u32> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn who_looks_for_a_writer_is_not_taken_for_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.jsonl");
        let looking = File::create(&path).unwrap();
        looking.try_lock_shared().unwrap();
        let looked = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            drop(looking);
        });
        let file = File::open(&path).unwrap();
        assert!(take(&file, &path).is_ok());
        looked.join().unwrap();
        assert_eq!(
            writer(&File::open(&path).unwrap()),
            Some(Some(std::process::id()))
        );
    }
}
