//! The local machine as a [`Workspace`]. Unix only for now: sessions and pipes do not carry over to
//! Windows as they are.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::guardian::Guardian;
use super::walk;
use super::workspace::{Exit, FileKind, Scratch, ShellCommand, Stat, Visit, Workspace};
use super::{atomic, paths, process};

/// Files and processes of this machine, seen from one directory.
pub struct LocalWorkspace {
    place: LocalPlace,
    guardian: Arc<Guardian>,
}

/// Where a [`LocalWorkspace`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPlace {
    /// The directory that relative paths start from and commands run in, absolute.
    pub root: PathBuf,
    /// What `~` means.
    pub home: Option<PathBuf>,
    /// The shell to run commands with (`shellPath`); by default `/bin/bash`, else `bash` or `sh` from
    /// the path.
    pub shell: Option<PathBuf>,
    /// Where scratch files go.
    pub temporary: PathBuf,
}

impl LocalWorkspace {
    /// Starts no process and touches no file yet.
    pub fn new(place: LocalPlace) -> Self {
        LocalWorkspace {
            place,
            guardian: Arc::default(),
        }
    }
}

#[async_trait]
impl Workspace for LocalWorkspace {
    fn root(&self) -> &Path {
        &self.place.root
    }

    fn resolve(&self, path: &str) -> PathBuf {
        paths::resolve(path, &self.place.root, self.place.home.as_deref())
    }

    fn resolve_existing(&self, path: &str) -> PathBuf {
        paths::resolve_existing(path, &self.place.root, self.place.home.as_deref())
    }

    fn identity(&self, path: &Path) -> PathBuf {
        if let Ok(real) = path.canonicalize() {
            return real;
        }
        // Not there yet: its directory may be.
        match (path.parent().map(Path::canonicalize), path.file_name()) {
            (Some(Ok(directory)), Some(name)) => directory.join(name),
            _ => path.to_path_buf(),
        }
    }

    async fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let path = path.to_path_buf();
        blocking(move || fs::read(path)).await
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn io::Read + Send>> {
        Ok(Box::new(fs::File::open(path)?))
    }

    async fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let (path, bytes) = (path.to_path_buf(), bytes.to_vec());
        blocking(move || atomic::write(&path, &bytes)).await
    }

    async fn stat(&self, path: &Path) -> io::Result<Stat> {
        let path = path.to_path_buf();
        blocking(move || fs::metadata(path).map(|found| stat_of(&found))).await
    }

    async fn list(&self, path: &Path) -> io::Result<Vec<(String, Stat)>> {
        let path = path.to_path_buf();
        blocking(move || list(&path)).await
    }

    async fn walk(
        &self,
        path: &Path,
        glob: Option<&str>,
        stop: CancellationToken,
        visit: Visit,
    ) -> io::Result<()> {
        let walk = walk::plan(path, glob)?;
        let inner = stop.clone();
        let walking = spawn_blocking(move || walk::run(walk, &inner, visit));
        tokio::select! {
            done = walking => done.map_err(io::Error::other)?,
            () = stop.cancelled() => Ok(()),
        }
    }

    async fn scratch(&self, prefix: &str) -> io::Result<Scratch> {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let name = format!("{prefix}-{}.log", id.get(..16).unwrap_or(&id));
        let path = self.place.temporary.join(name);
        let mut options = tokio::fs::OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let file = Box::new(options.open(&path).await?);
        Ok(Scratch { path, file })
    }

    async fn discard(&self, scratch: Scratch) -> io::Result<()> {
        let Scratch { path, file } = scratch;
        drop(file);
        tokio::fs::remove_file(path).await
    }

    async fn run(
        &self,
        command: ShellCommand,
        output: mpsc::Sender<Vec<u8>>,
        stop: CancellationToken,
    ) -> io::Result<Exit> {
        let LocalPlace { root, shell, .. } = &self.place;
        process::run(
            root,
            shell.as_deref(),
            &self.guardian,
            command,
            output,
            stop,
        )
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

fn list(path: &Path) -> io::Result<Vec<(String, Stat)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        // What a broken link points to is not there; the link itself is.
        let found = fs::metadata(entry.path()).or_else(|_| entry.metadata());
        if let Ok(found) = found {
            let name = entry.file_name().to_string_lossy().into_owned();
            entries.push((name, stat_of(&found)));
        }
    }
    Ok(entries)
}

fn stat_of(found: &fs::Metadata) -> Stat {
    Stat {
        kind: kind_of(found.file_type()),
        size: found.len(),
        modified: found.modified().ok(),
    }
}

/// The kind of what is there, links not followed.
pub(super) fn kind_of(kind: fs::FileType) -> FileKind {
    if kind.is_dir() {
        FileKind::Directory
    } else if kind.is_file() {
        FileKind::File
    } else {
        FileKind::Other
    }
}
