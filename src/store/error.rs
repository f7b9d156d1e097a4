//! Why a session could not be found, opened or written; every error names the file.

use std::io;
use std::path::PathBuf;

/// Why a session could not be found, opened or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such file.
    #[error("no session file at {}", path.display())]
    NotFound {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file has no bytes.
    #[error("session file {} is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file has no session header and nothing that looks like an entry.
    #[error("{} is not a session file: its first line is not a session header", path.display())]
    NotASession {
        /// The file.
        path: PathBuf,
    },
    /// A later version of pi wrote the file; written to by this one, it would be neither.
    #[error(
        "session {} is of format version {version}, which a newer pi wrote; this one only reads it",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u64,
    },
    /// Another process, or another store of this one, is writing the session.
    #[error("session {} is in use{}", path.display(), holder(pid))]
    InUse {
        /// The file.
        path: PathBuf,
        /// Who holds it, where the system tells.
        pid: Option<u32>,
    },
    /// A new session was to be written where there is one already.
    #[error("there is already a session at {}", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Another program wrote to, replaced or removed the file while entries waited to be saved.
    #[error("session file {} was changed by another program", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The session was opened for reading.
    #[error("session {} is open for reading only", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The system refused to read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The system refused to write; what was to be written is kept and tried again.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// No entry has this id.
    #[error("no entry {id} in this session")]
    NoSuchEntry {
        /// The id.
        id: String,
    },
    /// Only what the person said can be taken back.
    #[error("entry {id} is not a message of the user")]
    NotAPrompt {
        /// The id.
        id: String,
    },
    /// Summaries have entries of their own and are not appended as messages.
    #[error("a {role} is not appended as a message")]
    NotAMessage {
        /// The message's role.
        role: &'static str,
    },
    /// The entry cannot be written as JSON.
    #[error("entry cannot be written as JSON: {source}")]
    Unwritable {
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// No session has this id, or an id that begins so.
    #[error("no session found matching '{wanted}'")]
    NoMatch {
        /// What was looked for.
        wanted: String,
    },
    /// Several sessions have an id that begins so.
    #[error("'{wanted}' matches {} sessions:{}", matches.len(), listing(matches))]
    Ambiguous {
        /// What was looked for.
        wanted: String,
        /// Their files, newest first.
        matches: Vec<PathBuf>,
    },
}

/// Shorthand for results of this folder.
pub type Result<T> = std::result::Result<T, Error>;

fn holder(pid: &Option<u32>) -> String {
    pid.map(|pid| format!(" by process {pid}"))
        .unwrap_or_default()
}

fn listing(matches: &[PathBuf]) -> String {
    let lines = matches.iter().map(|path| format!("\n  {}", path.display()));
    lines.collect()
}
