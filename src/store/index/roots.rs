//! Which files there are: the folders of sessions, read and not remembered.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Where sessions are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roots {
    /// The folder with one folder for each project in it.
    pub projects: PathBuf,
    /// A folder with sessions of any project in it.
    pub flat: Option<PathBuf>,
}

/// A session file as the file system tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub path: PathBuf,
    /// The path as the index keeps it.
    pub name: String,
    pub facts: Facts,
}

/// What tells one state of a file from another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub size: u64,
    /// Nanoseconds since 1970.
    pub modified: i64,
    /// The file's number in its file system, where it has one.
    pub inode: u64,
}

impl Roots {
    /// All session files, the one that was written last first. A folder that cannot be read has none.
    pub(super) fn files(&self) -> Vec<Seen> {
        let mut seen = Vec::new();
        for project in folder(&self.projects) {
            // A link to a folder counts as one.
            if project.file_type().is_ok_and(|kind| !kind.is_file()) {
                collect(&project.path(), &mut seen);
            }
        }
        if let Some(flat) = &self.flat
            && flat.parent() != Some(self.projects.as_path())
        {
            collect(flat, &mut seen);
        }
        // Names begin with the time of creation: they decide where the clock is too coarse.
        seen.sort_unstable_by(|a, b| (b.facts.modified, &b.name).cmp(&(a.facts.modified, &a.name)));
        seen
    }

    /// Whether a file belongs here.
    pub(super) fn hold(&self, file: &Path) -> bool {
        let folder = file.parent();
        folder.is_some_and(|folder| {
            folder.parent() == Some(&self.projects) || self.flat.as_deref() == Some(folder)
        })
    }
}

impl Facts {
    pub fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().ok();
        let since = modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        Facts {
            size: metadata.len(),
            modified: since.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(0)),
            inode: inode(metadata),
        }
    }
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

fn collect(project: &Path, seen: &mut Vec<Seen>) {
    for entry in folder(project) {
        let path = entry.path();
        let is_session = path.extension().is_some_and(|ending| ending == "jsonl");
        // Names that are no text cannot be kept, and pi makes none.
        if let (true, Some(name)) = (is_session, path.to_str())
            && let Some(metadata) = facts(&entry)
        {
            seen.push(Seen {
                name: name.to_owned(),
                facts: Facts::of(&metadata),
                path,
            });
        }
    }
}

/// What the file system says of a file. Asking by the open folder is faster than by the path.
fn facts(entry: &fs::DirEntry) -> Option<Metadata> {
    let metadata = entry.metadata().ok()?;
    let metadata = match metadata.is_symlink() {
        true => fs::metadata(entry.path()).ok()?,
        false => metadata,
    };
    metadata.is_file().then_some(metadata)
}

fn folder(path: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(path).into_iter().flatten().flatten()
}
