//! What was typed and not sent, kept so that it survives a crash.
//!
//! A process has one file of its own for it, under a lock that dies with the process. A file that
//! nobody holds was left behind: whoever begins the conversation that it belongs to takes it over,
//! lock and all, so that it is never in nobody's hands. It is always written whole, into a neighbour
//! that then takes its name.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::lease;

const ENDING: &str = "json";

/// What is being written is called so.
const BEGUN: &str = "new";

/// The conversation that a draft belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// The session's id.
    pub session: &'a str,
    /// Its working directory.
    pub cwd: &'a Path,
    /// Whether the session has a file: without one nobody can go on with it, and what was typed is the
    /// directory's.
    pub is_saved: bool,
}

/// Which of the drafts that were left behind belong to a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Those of the same session.
    BySession,
    /// Those of sessions that were never saved, in the same directory.
    InDirectory,
}

/// This process's draft, and those that others left behind.
#[derive(Debug)]
pub struct Drafts {
    dir: PathBuf,
    own: Option<Own>,
}

/// A draft's file, and what holds its lock.
#[derive(Debug)]
struct Own {
    path: PathBuf,
    _lock: File,
}

#[derive(Debug, Serialize, Deserialize)]
struct Draft {
    version: u32,
    session: String,
    cwd: String,
    saved: bool,
    pid: u32,
    text: String,
}

impl Drafts {
    /// Drafts in this folder. Touches nothing yet.
    pub fn new(dir: PathBuf) -> Self {
        Drafts { dir, own: None }
    }

    /// Takes over the latest draft that was left behind for this conversation, in place of what was kept
    /// before.
    pub fn take(&mut self, owner: Owner<'_>, left: Left) -> Option<String> {
        let files = fs::read_dir(&self.dir).ok()?.flatten();
        let has = |path: &Path, ending: &str| path.extension().is_some_and(|it| it == ending);
        let drafts = files.map(|file| file.path());
        let drafts = drafts.filter(|path| {
            if has(path, BEGUN) && lock(path).is_some_and(|(_, is_locked)| is_locked) {
                // Its process ended before it had its name: the text before it has that still.
                let _ = fs::remove_file(path);
            }
            has(path, ENDING)
        });
        let mut latest: Option<(Option<SystemTime>, PathBuf, File, String)> = None;
        for path in drafts {
            let Some((lock, draft)) = claim(&path).filter(|(_, draft)| fits(draft, owner, left))
            else {
                continue;
            };
            let written = lock.metadata().and_then(|facts| facts.modified()).ok();
            if latest.as_ref().is_none_or(|(known, ..)| *known < written) {
                latest = Some((written, path, lock, draft.text));
            }
        }
        let (_, path, lock, text) = latest?;
        self.clear();
        self.own = Some(Own { path, _lock: lock });
        Some(text)
    }

    /// Keeps this in place of what was kept before; nothing is kept of an empty text.
    pub fn keep(&mut self, owner: Owner<'_>, text: &str) -> io::Result<()> {
        if text.trim().is_empty() {
            self.clear();
            return Ok(());
        }
        let draft = Draft {
            version: 1,
            session: owner.session.into(),
            cwd: owner.cwd.to_string_lossy().into_owned(),
            saved: owner.is_saved,
            pid: std::process::id(),
            text: text.into(),
        };
        let bytes = serde_json::to_vec(&draft)?;
        make_dir(&self.dir)?;
        let path = match &self.own {
            Some(own) => own.path.clone(),
            None => self
                .dir
                .join(format!("{}.{ENDING}", Uuid::new_v4().simple())),
        };
        let neighbour = path.with_extension(BEGUN);
        let replace = || {
            let file = write(&neighbour, &bytes)?;
            fs::rename(&neighbour, &path).map(|()| file)
        };
        let lock = match replace() {
            // Somebody took it for left behind before it was locked.
            Err(error) if error.kind() == io::ErrorKind::NotFound => replace(),
            written => written,
        };
        if lock.is_err() {
            let _ = fs::remove_file(&neighbour);
        }
        self.own = Some(Own { path, _lock: lock? });
        Ok(())
    }

    /// Keeps nothing any more.
    pub fn clear(&mut self) {
        if let Some(own) = self.own.take() {
            // What is not there need not be removed.
            let _ = fs::remove_file(own.path);
        }
    }
}

/// A file that nobody holds, and whether it is held now.
fn lock(path: &Path) -> Option<(File, bool)> {
    let file = File::open(path).ok()?;
    let is_locked = match file.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock) => return None,
        Err(TryLockError::Error(_)) => false,
    };
    // A living process may just have put another file in this one's place.
    lease::is_same(&file, path).then_some((file, is_locked))
}

/// A draft that was left behind, and its lock.
fn claim(path: &Path) -> Option<(File, Draft)> {
    let (mut file, is_locked) = lock(path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).ok()?;
    let draft: Draft = serde_json::from_slice(&bytes).ok()?;
    // A file system without locks: the process itself has to be gone.
    let is_left = is_locked || !is_alive(draft.pid);
    is_left.then_some((file, draft))
}

fn fits(draft: &Draft, owner: Owner<'_>, left: Left) -> bool {
    match left {
        Left::BySession => draft.session == owner.session,
        Left::InDirectory => !draft.saved && draft.cwd == owner.cwd.to_string_lossy(),
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    // Where there are no locks, the process's id says whether it lives.
    let _ = file.try_lock();
    file.write_all(bytes)?;
    file.sync_data()?;
    Ok(file)
}

fn make_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

#[cfg(unix)]
fn is_alive(pid: u32) -> bool {
    let Ok(pid) = libc::pid_t::try_from(pid) else {
        return false;
    };
    // SAFETY: a plain system call; signal 0 is none.
    let asked = unsafe { libc::kill(pid, 0) };
    asked == 0 || io::Error::last_os_error().raw_os_error() == Some(libc::EPERM)
}

#[cfg(not(unix))]
fn is_alive(_pid: u32) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner<'a>(session: &'a str, cwd: &'a str, is_saved: bool) -> Owner<'a> {
        Owner {
            session,
            cwd: Path::new(cwd),
            is_saved,
        }
    }

    fn count(dir: &Path) -> usize {
        fs::read_dir(dir).map_or(0, Iterator::count)
    }

    #[test]
    fn a_draft_is_taken_by_the_next_of_its_session_once_its_process_has_gone() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("drafts");
        let me = owner("s1", "/a", true);
        let mut first = Drafts::new(dir.clone());
        first.keep(me, "half a thought").unwrap();
        first.keep(me, "a thought").unwrap();
        let mut second = Drafts::new(dir.clone());
        assert_eq!(second.take(me, Left::BySession), None, "it lives");
        drop(first);
        let other = owner("s2", "/a", true);
        assert_eq!(second.take(other, Left::BySession), None);
        assert_eq!(second.take(other, Left::InDirectory), None, "it was saved");
        assert_eq!(second.take(me, Left::BySession).unwrap(), "a thought");
        let mut third = Drafts::new(dir.clone());
        assert_eq!(third.take(me, Left::BySession), None, "it has a holder");
        second.keep(me, " ").unwrap();
        assert_eq!(count(&dir), 0);
    }

    #[test]
    fn drafts_of_sessions_that_were_never_saved_are_the_directorys_and_wait_for_one_another() {
        let dir = tempfile::tempdir().unwrap();
        let drafts = || Drafts::new(dir.path().to_path_buf());
        for text in ["one", "two"] {
            let mut gone = drafts();
            gone.keep(owner(text, "/a", false), text).unwrap();
        }
        let mut taken = Vec::new();
        let mut living = Vec::new();
        assert_eq!(
            drafts().take(owner("s", "/b", false), Left::InDirectory),
            None
        );
        for session in ["x", "y", "z"] {
            let mut next = drafts();
            taken.extend(next.take(owner(session, "/a", false), Left::InDirectory));
            living.push(next);
        }
        taken.sort();
        assert_eq!(taken, ["one", "two"]);
    }

    #[cfg(unix)]
    #[test]
    fn drafts_are_for_their_owner_alone_and_hostile_names_lead_nowhere() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("drafts");
        let me = owner("../../evil", "/a", true);
        let mut drafts = Drafts::new(dir.clone());
        drafts.keep(me, "secret").unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&dir), 0o700);
        let file = fs::read_dir(&dir).unwrap().next().unwrap().unwrap().path();
        assert_eq!(mode(&file), 0o600);
        fs::write(dir.join("broken.json"), b"{").unwrap();
        fs::write(dir.join("half.new"), b"{").unwrap();
        drop(drafts);
        let mut next = Drafts::new(dir.clone());
        assert_eq!(next.take(me, Left::BySession).unwrap(), "secret");
        assert!(!dir.join("half.new").exists());
    }
}
