//! Making a session file: the folder, the name, the lease, the name on the medium.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

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
