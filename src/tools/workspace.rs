//! What tools stand on: files and processes behind one trait, so that tools never touch the disk or
//! spawn a process themselves. The local machine comes first; other places can follow.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tokio::io::AsyncWrite;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Files and processes of one place. Paths are absolute; [`Workspace::resolve`] makes them so.
#[async_trait]
pub trait Workspace: Send + Sync {
    /// The directory that relative paths start from.
    fn root(&self) -> &Path;

    /// Makes a path that the model wrote absolute: `~`, `@` prefixes, `file://`, Unicode spaces.
    fn resolve(&self, path: &str) -> PathBuf;

    /// Like [`Workspace::resolve`], for something that should be there: when it is not, spellings that
    /// a model mistypes are tried (a real leading `@`, macOS screenshot names). Blocks for a few lookups.
    fn resolve_existing(&self, path: &str) -> PathBuf {
        self.resolve(path)
    }

    /// One path for all the names of a file (links followed), so that changes to it can be put in
    /// order. Blocks for a lookup.
    fn identity(&self, path: &Path) -> PathBuf {
        path.to_path_buf()
    }

    /// The whole file.
    async fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The file as a stream. Blocks, and so do its reads: for use off the executor.
    fn open(&self, path: &Path) -> io::Result<Box<dyn io::Read + Send>>;

    /// Writes the whole file, making parent directories; a reader never sees half of it, and an
    /// existing file keeps its permissions.
    async fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// What is there.
    async fn stat(&self, path: &Path) -> io::Result<Stat>;

    /// The names in a directory, unsorted.
    async fn list(&self, path: &Path) -> io::Result<Vec<(String, Stat)>>;

    /// Everything below `path`, by ripgrep's rules (`.gitignore`, hidden files in, `.git` out), sorted
    /// by path, handed to `visit` until it answers false or `stop` is cancelled. Links are handed over
    /// as [`FileKind::Other`] and not followed. With a `glob`, only the files that match it (or do not,
    /// with a leading `!`); it outranks `.gitignore`. Runs off the executor, where `visit` may block;
    /// returns at once when `stop` is cancelled.
    async fn walk(
        &self,
        path: &Path,
        glob: Option<&str>,
        stop: CancellationToken,
        visit: Visit,
    ) -> io::Result<()>;

    /// A new, private file outside the tree for output that is too long to keep in memory.
    async fn scratch(&self, prefix: &str) -> io::Result<Scratch>;

    /// Removes a scratch file that is of no use.
    async fn discard(&self, scratch: Scratch) -> io::Result<()>;

    /// Runs a shell command in the root, in a session of its own, which dies with `stop`, with the
    /// timeout, when the future is dropped, and with pi. What it leaves in the background lives on until
    /// the workspace is dropped. Output (both streams, as they come) goes to `output`, bounded: a slow
    /// reader slows the process. Returns when the process has ended and its pipe is drained or cut.
    async fn run(
        &self,
        command: ShellCommand,
        output: mpsc::Sender<Vec<u8>>,
        stop: CancellationToken,
    ) -> io::Result<Exit>;
}

/// Takes what a walk finds; answers whether to go on.
pub type Visit = Box<dyn FnMut(&Path, FileKind) -> bool + Send>;

/// A file for output that is too long to keep in memory.
pub struct Scratch {
    /// Where it is.
    pub path: PathBuf,
    /// Open for writing.
    pub file: Box<dyn AsyncWrite + Send + Unpin>,
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
