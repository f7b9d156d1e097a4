//! What tools stand on: files and processes behind one trait, so that tools never touch the disk or
//! spawn a process themselves. The local machine comes first; other places can follow.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Files and processes of one place. Paths are absolute; [`Workspace::resolve`] makes them so.
#[async_trait]
pub trait Workspace: Send + Sync {
    /// The directory that relative paths start from.
    fn root(&self) -> &Path;

    /// Makes a path that the model wrote absolute: `~`, `@` prefixes, `file://`, Unicode spaces.
    fn resolve(&self, path: &str) -> PathBuf;

    /// The whole file.
    async fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Writes the whole file, making parent directories; a reader never sees half of it, and an
    /// existing file keeps its permissions.
    async fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// What is there.
    async fn stat(&self, path: &Path) -> io::Result<Stat>;

    /// The names in a directory, unsorted.
    async fn list(&self, path: &Path) -> io::Result<Vec<(String, Stat)>>;

    /// Every file below `path`, by ripgrep's rules (`.gitignore`, hidden files in, `.git` out), handed
    /// to `visit` until it answers false or `stop` is cancelled. Blocking work runs off the executor.
    async fn walk(
        &self,
        path: &Path,
        stop: CancellationToken,
        visit: Box<dyn FnMut(&Path, FileKind) -> bool + Send>,
    ) -> io::Result<()>;

    /// Runs a shell command in the root, in a process group of its own, which dies with `stop`, with
    /// the timeout, and with pi. Output (both streams, as they come) goes to `output`, bounded: a slow
    /// reader slows the process. Returns when the process has ended and its pipes are drained or cut.
    async fn run(
        &self,
        command: ShellCommand,
        output: mpsc::Sender<Vec<u8>>,
        stop: CancellationToken,
    ) -> io::Result<Exit>;
}

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// File, directory or other.
    pub kind: FileKind,
    /// In bytes.
    pub size: u64,
    /// When it was last changed, if the place knows.
    pub modified: Option<SystemTime>,
}

/// File, directory or other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file, or a link to one.
    File,
    /// A directory, or a link to one.
    Directory,
    /// Anything else.
    Other,
}

/// A command line for the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellCommand {
    /// What the shell is given.
    pub line: String,
    /// Killed after this long.
    pub timeout: Option<Duration>,
    /// Added to the environment.
    pub env: Vec<(String, String)>,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By a signal that pi did not send.
    Signal(i32),
    /// By pi, when the time was up.
    TimedOut,
    /// By pi, because `stop` was cancelled.
    Stopped,
}
