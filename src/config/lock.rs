//! The right to change a file that others change too.
//!
//! The reference marks a file in use with a directory `<file>.lock`, whose time it renews; a mark that was
//! not renewed for ten seconds counts as left behind. pi sets the same mark, so both respect each other.
//! Its own marks have a mode of their own and are locked for as long as their process lives: the mark of
//! a pi that was killed is taken over at once, and that of one that lives never.

use std::fs::{self, File, Metadata, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How long to wait in all for a short change, and between two tries.
const PATIENCE: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_millis(2);
/// How long to wait for somebody who holds a mark over a request, and between two tries.
const LONG_PATIENCE: Duration = Duration::from_secs(30);
const LONG_PAUSE: Duration = Duration::from_millis(25);
/// A mark that is older was left behind; the reference judges so too.
const STALE: Duration = Duration::from_secs(10);
/// Tells pi's own marks: the reference's are 0755, less the umask.
#[cfg(unix)]
const OWN_MODE: u32 = 0o710;

/// The right to change a file now. Among pi's own processes it is also a lock on the directory, which
/// the system takes back from whoever dies.
pub(super) struct Lock {
    _dir: File,
    _mark: Mark,
}

/// How long somebody waits for whoever holds a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// Half a second: as long as changes take.
    Short,
    /// Half a minute: as long as somebody may hold the mark over a request.
    Long,
}

impl Patience {
    fn whole(self) -> Duration {
        match self {
            Patience::Short => PATIENCE,
            Patience::Long => LONG_PATIENCE,
        }
    }

    fn pause(self) -> Duration {
        match self {
            Patience::Short => PAUSE,
            Patience::Long => LONG_PAUSE,
        }
    }
}

impl Lock {
    /// Waits so long at most. Whoever waits for the mark stands in nobody's way.
    pub fn take(target: &Path, patience: Patience) -> io::Result<Self> {
        let path = mark_of(target);
        let mark = patiently(patience, || Mark::try_set(&path))?;
        let mark = mark.ok_or_else(|| held(&path))?;
        let dir = target.parent().unwrap_or(Path::new("."));
        let handle = File::open(dir)?;
        let free = patiently(Patience::Short, || {
            Ok(match handle.try_lock() {
                Ok(()) => Some(()),
                Err(TryLockError::WouldBlock) => None,
                // Some network file systems have no locks; then there is only the mark.
                Err(TryLockError::Error(_)) => Some(()),
            })
        })?;
        if free.is_none() {
            return Err(held(dir));
        }
        Ok(Lock {
            _dir: handle,
            _mark: mark,
        })
    }
}

/// A file marked as in use, for as long as this lives.
pub(super) struct Mark {
    path: PathBuf,
    // Open and locked: tells other processes of pi that this one lives.
    handle: Option<File>,
}

impl Mark {
    /// Marks a file for longer than a change takes. Waits half a minute at most; `None` at `stop`.
    pub async fn claim(target: &Path, stop: &CancellationToken) -> io::Result<Option<Self>> {
        let path = mark_of(target);
        let deadline = Instant::now() + LONG_PATIENCE;
        loop {
            if stop.is_cancelled() {
                return Ok(None);
            }
            if let Some(mark) = Mark::try_set(&path)? {
                return Ok(Some(mark));
            }
            if Instant::now() >= deadline {
                return Err(held(&path));
            }
            tokio::select! {
                () = stop.cancelled() => return Ok(None),
                () = sleep(LONG_PAUSE) => {}
            }
        }
    }

    /// Says that it is still held; every few seconds is often enough.
    pub fn renew(&self) {
        #[cfg(unix)]
        if let Some(handle) = &self.handle {
            use std::os::fd::AsRawFd;
            // SAFETY: the descriptor is open for as long as the handle lives; null means now.
            unsafe { libc::futimens(handle.as_raw_fd(), std::ptr::null()) };
        }
    }

    fn try_set(path: &Path) -> io::Result<Option<Self>> {
        match make(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                clear_left_behind(path);
                return Ok(None);
            }
            Err(error) => return Err(error),
        }
        let handle = match File::open(path) {
            Ok(handle) => handle,
            // Taken for one that was left behind, before it could be locked.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            // Where directories cannot be opened there is only the mark's time.
            Err(_) => {
                return Ok(Some(Mark {
                    path: path.to_path_buf(),
                    handle: None,
                }));
            }
        };
        if matches!(handle.try_lock(), Err(TryLockError::WouldBlock)) || !is_at(&handle, path) {
            return Ok(None);
        }
        Ok(Some(Mark {
            path: path.to_path_buf(),
            handle: Some(handle),
        }))
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        // A process that slept too long may have lost it to another.
        if self
            .handle
            .as_ref()
            .is_none_or(|handle| is_at(handle, &self.path))
        {
            // A mark that cannot be removed goes stale by itself.
            let _ = fs::remove_dir(&self.path);
        }
    }
}

fn mark_of(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    target.with_file_name(name)
}

fn make(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, OWN_MODE);
    builder.create(path)?;
    #[cfg(unix)]
    {
        // The umask has had its say. A mark whose mode cannot be set is one like any other's.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(OWN_MODE);
        let _ = fs::set_permissions(path, mode);
    }
    Ok(())
}

/// Removes a mark that nobody holds any more; whoever is first wins the next try. The mark is locked until
/// it is gone: somebody else who judged the same might remove the next one.
fn clear_left_behind(path: &Path) {
    let Ok(mark) = fs::metadata(path) else {
        return;
    };
    let handle = match File::open(path) {
        // Whoever comes next makes a new one.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        opened => opened.ok(),
    };
    let lock = handle.as_ref().map(File::try_lock);
    if matches!(lock, Some(Err(TryLockError::WouldBlock))) {
        return;
    }
    let is_ended = is_own(&mark) && matches!(lock, Some(Ok(())));
    let since = mark.modified().and_then(|time| {
        let age = time.elapsed();
        age.map_err(io::Error::other)
    });
    // Judged by what was there before it was opened: that has to be there still.
    let is_same = handle
        .as_ref()
        .is_none_or(|handle| is_one(handle, &mark) && is_at(handle, path));
    if is_same && (is_ended || since.is_ok_and(|age| age > STALE)) {
        // A mark that cannot be removed stands in the way, and that is told.
        let _ = fs::remove_dir(path);
    }
}

/// Whether pi has made this mark.
#[cfg(unix)]
fn is_own(mark: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(mark) & 0o777 == OWN_MODE
}

#[cfg(not(unix))]
fn is_own(_mark: &Metadata) -> bool {
    false
}

/// Whether an open file is the one that was looked at.
#[cfg(unix)]
fn is_one(handle: &File, seen: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    handle
        .metadata()
        .is_ok_and(|open| (open.dev(), open.ino()) == (seen.dev(), seen.ino()))
}

#[cfg(not(unix))]
fn is_one(_handle: &File, _seen: &Metadata) -> bool {
    true
}

/// Whether this is what the path leads to.
#[cfg(unix)]
fn is_at(handle: &File, path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|there| is_one(handle, &there))
}

#[cfg(not(unix))]
fn is_at(_handle: &File, path: &Path) -> bool {
    path.is_dir()
}

fn held(path: &Path) -> io::Error {
    let message = format!("another process holds the lock on {}", path.display());
    io::Error::new(io::ErrorKind::TimedOut, message)
}

/// Tries at least once, and until the patience is over.
fn patiently<T>(
    patience: Patience,
    mut attempt: impl FnMut() -> io::Result<Option<T>>,
) -> io::Result<Option<T>> {
    let deadline = Instant::now() + patience.whole();
    loop {
        if let Some(done) = attempt()? {
            return Ok(Some(done));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        thread::sleep(patience.pause());
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Locks belong to open files, so threads stand for processes here.
    #[test]
    fn a_mark_that_was_left_behind_is_taken_over_by_one_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = mark_of(&dir.path().join("auth.json"));
        let (holders, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while taken.load(Ordering::SeqCst) < 300 {
                        let Some(mut mark) = Mark::try_set(&path).unwrap() else {
                            continue;
                        };
                        taken.fetch_add(1, Ordering::SeqCst);
                        assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "held twice");
                        thread::yield_now();
                        holders.fetch_sub(1, Ordering::SeqCst);
                        // It is killed: the lock goes, the mark stays.
                        mark.path = dir.path().join("none");
                    }
                });
            }
        });
    }
}
