//! Making a session file: the folder, the name, the lease, the name on the medium.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::encode::id_in_name;
use super::error::{Error, Result};
use super::lease;

/// Makes a session file and takes its lease. Nobody else can have made it in between.
pub(super) fn create(path: &Path, unique: bool) -> Result<File> {
    let failed = |source| Error::Write {
        path: path.into(),
        source,
    };
    let dir = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir).map_err(failed)?;
    // Held while names are compared: two processes that were given one id end with one file.
    let _guard = unique.then(|| lock_dir(dir)).flatten();
    if unique && let Some(path) = same_id(dir, path) {
        return Err(Error::Exists { path });
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(failed)?;
    lease::take(&file, path)?;
    if file.metadata().map_err(failed)?.len() > 0 {
        return Err(Error::Exists { path: path.into() });
    }
    Ok(file)
}

/// Makes a session file that has its content from the first instant, and takes its lease. What `fill`
/// could not write leaves nothing behind.
pub(super) fn create_filled(
    path: &Path,
    unique: bool,
    fill: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<File> {
    let failed = |source| Error::Write {
        path: path.into(),
        source,
    };
    let dir = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir).map_err(failed)?;
    let draft = beside(path, &format!("draft-{}", Uuid::new_v4().simple()));
    let made = create(&draft, false).and_then(|file| {
        let mut out = BufWriter::with_capacity(256 * 1024, &file);
        fill(&mut out)?;
        out.flush().map_err(failed)?;
        drop(out);
        file.sync_data().map_err(failed)?;
        let _guard = unique.then(|| lock_dir(dir)).flatten();
        if unique && let Some(path) = same_id(dir, path) {
            return Err(Error::Exists { path });
        }
        name(&draft, path).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => Error::Exists { path: path.into() },
            _ => failed(source),
        })?;
        Ok(file)
    });
    // Where it has its name this takes the second one; where it failed, what there is of it.
    let _ = std::fs::remove_file(&draft);
    let file = made?;
    sync_dir(path).map_err(failed)?;
    Ok(file)
}

/// Gives a file a name that must be free.
fn name(draft: &Path, path: &Path) -> io::Result<()> {
    match std::fs::hard_link(draft, path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // A file system without second names.
        Err(_) if path.exists() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => std::fs::rename(draft, path),
    }
}

/// `path` with another ending behind its own.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

fn same_id(dir: &Path, path: &Path) -> Option<PathBuf> {
    let id = id_in_name(path)?;
    let files = std::fs::read_dir(dir).ok()?.flatten();
    let mut files = files.map(|file| file.path());
    files.find(|other| other != path && id_in_name(other) == Some(id))
}

#[cfg(unix)]
fn lock_dir(dir: &Path) -> Option<File> {
    let dir = File::open(dir).ok()?;
    dir.lock().ok()?;
    Some(dir)
}

#[cfg(not(unix))]
fn lock_dir(_dir: &Path) -> Option<File> {
    None
}

#[cfg(unix)]
pub(super) fn sync_dir(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(dir) => File::open(dir)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(not(unix))]
pub(super) fn sync_dir(_path: &Path) -> io::Result<()> {
    Ok(())
}
