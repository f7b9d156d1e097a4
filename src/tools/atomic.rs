//! Writes a whole file so that nobody ever reads half of it: into a neighbour first, then renamed.
//!
//! Links are followed to the file that they name, which keeps its permissions and, where allowed, its
//! owner. What is not a regular file (a device, a pipe) is written in place, as is a file in a
//! directory where no neighbour may be made. It survives the death of pi at any instant; the disk's
//! own cache is not forced out.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Writes `bytes` to `path`, making parent directories.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(path, 0o666, |file| file.write_all(bytes))
}

/// The same for content that is made while it is written, in a file that is the person's alone if it
/// is a new one. `fill` is called again when the first attempt shows that the file has to be written
/// in place.
pub fn replace_private_file(
    path: &Path,
    fill: impl FnMut(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    replace(path, 0o600, fill)
}

/// `mode` is a new file's, before the person's mask.
fn replace(
    path: &Path,
    mode: u32,
    mut fill: impl FnMut(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    // By the name that was given: where the links of `/dev/stdout` lead has no name.
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return write_through(path, fill);
    }
    let target = follow(path)?;
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    let existing = match fs::metadata(&target) {
        Ok(existing) => Some(existing),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if existing.is_some() {
        // Fails on a read-only file, which a rename would replace all the same, and on a directory.
        drop(OpenOptions::new().write(true).open(&target)?);
    }
    let neighbour = neighbour_of(&target);
    let written = make(&neighbour, mode, &mut fill, existing.as_ref())
        .and_then(|()| fs::rename(&neighbour, &target));
    match written {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && existing.is_some() => {
            let _ = fs::remove_file(&neighbour);
            fill(&mut File::create(&target)?)
        }
        Err(error) => {
            let _ = fs::remove_file(&neighbour);
            Err(error)
        }
        Ok(()) => Ok(()),
    }
}

/// Into a device or a pipe. A pipe that nobody reads is an error, not a wait.
fn write_through(path: &Path, mut fill: impl FnMut(&mut File) -> io::Result<()>) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).custom_flags(libc::O_NONBLOCK);
    let mut file = options.open(path)?;
    set_blocking(&file)?;
    fill(&mut file)
}

/// From here on a slow reader is waited for.
fn set_blocking(file: &File) -> io::Result<()> {
    // SAFETY: the descriptor is open; of the flags that can be set, none but O_NONBLOCK was.
    match unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETFL, 0) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

fn make(
    neighbour: &Path,
    mode: u32,
    fill: &mut impl FnMut(&mut File) -> io::Result<()>,
    existing: Option<&fs::Metadata>,
) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options.mode(if existing.is_some() { 0o600 } else { mode });
    let mut file = options.open(neighbour)?;
    fill(&mut file)?;
    let Some(existing) = existing else {
        return Ok(());
    };
    let now = file.metadata()?;
    if (now.uid(), now.gid()) != (existing.uid(), existing.gid()) {
        // Only root may give files away; for anyone else the file becomes theirs.
        let _ = std::os::unix::fs::fchown(&file, Some(existing.uid()), Some(existing.gid()));
    }
    file.set_permissions(fs::Permissions::from_mode(existing.mode() & 0o7777))
}

fn neighbour_of(target: &Path) -> PathBuf {
    let id = uuid::Uuid::new_v4().simple().to_string();
    let name = format!(".pi-{}.tmp", id.get(..12).unwrap_or(&id));
    target.with_file_name(name)
}

/// The file that `path` names after all links, whether or not it is there yet.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(next) => {
                let base = path.parent().map(Path::to_path_buf).unwrap_or_default();
                path = base.join(next);
            }
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links"))
}
