//! Which files there are: the folders of sessions, read and not remembered.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::UNIX_EPOCH;

use crate::store::encode::encode_cwd;

/// Threads that look into folders, at most.
const THREADS: usize = 4;

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
        self.files_of(None)
    }

    /// The same without the folders that are surely not of `project` or of a directory below it.
    pub(super) fn files_of(&self, project: Option<&Path>) -> Vec<Seen> {
        let mut folders: Vec<PathBuf> = folder(&self.projects)
            // A link to a folder counts as one.
            .filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_file()))
            .filter(|entry| project.is_none_or(|project| may_be_of(entry, project)))
            .map(|entry| entry.path())
            .collect();
        folders.extend(
            self.flat
                .clone()
                .filter(|flat| flat.parent() != Some(self.projects.as_path())),
        );
        let mut seen = look_into(&folders);
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

/// Whether a folder's name is that of a project or of a directory below it.
fn may_be_of(folder: &fs::DirEntry, project: &Path) -> bool {
    let encoded = encode_cwd(project);
    let stem = encoded.strip_suffix("--").unwrap_or(&encoded);
    let name = folder.file_name();
    let rest = name.to_str().and_then(|name| name.strip_prefix(stem));
    rest.is_some_and(|rest| stem == "--" || rest.starts_with('-'))
}

/// Asking after thousands of files takes a core tens of milliseconds: the work is shared out.
fn look_into(folders: &[PathBuf]) -> Vec<Seen> {
    let look = |folders: &[PathBuf]| {
        let mut seen = Vec::new();
        for folder in folders {
            collect(folder, &mut seen);
        }
        seen
    };
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get().min(THREADS));
    if folders.len() < 2 * THREADS || cores == 1 {
        return look(folders);
    }
    thread::scope(|scope| {
        let parts = folders.chunks(folders.len().div_ceil(cores));
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || look(part))).collect();
        let parts = threads.into_iter().map(|thread| thread.join());
        parts.flat_map(Result::unwrap_or_default).collect()
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_has_its_own_folder_and_those_below_it() {
        let root = tempfile::tempdir().unwrap();
        for cwd in ["/proj/a", "/proj/a/sub", "/proj/ab", "/proj", "/other"] {
            let folder = root.path().join(encode_cwd(Path::new(cwd)));
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("s.jsonl"), cwd).unwrap();
        }
        let roots = Roots {
            projects: root.path().into(),
            flat: None,
        };
        let of = |project: &str| {
            let files = roots.files_of(Some(Path::new(project)));
            let mut cwds: Vec<_> = files
                .iter()
                .map(|seen| fs::read_to_string(&seen.path).unwrap())
                .collect();
            cwds.sort();
            cwds.join(" ")
        };
        assert_eq!(of("/proj/a"), "/proj/a /proj/a/sub");
        assert_eq!(of("/other"), "/other");
        assert_eq!(of("/").split(' ').count(), 5);
        assert_eq!(roots.files().len(), 5);
    }
}
