//! Errors at the edge, classified once: what kind it is, which exit code that means, and what the
//! person can do about it.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::tools::sanitize;

/// Why pi ends without having done what it was asked.
#[derive(Debug)]
pub struct CliError {
    kind: Kind,
    message: String,
    hint: Option<String>,
    held: Option<Held>,
}

/// A session that another process writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its file.
    pub path: PathBuf,
    /// The process, where the system tells.
    pub pid: Option<u32>,
}

/// What kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The command line cannot be understood or asks for what does not exist.
    Usage,
    /// A file or directory of pi's own cannot be used.
    Files,
    /// Something that this version does not do yet.
    NotYet,
    /// Reading or writing failed.
    Io,
}

impl CliError {
    /// A command line that cannot be followed.
    pub fn usage(message: impl fmt::Display) -> Self {
        CliError::new(Kind::Usage, message)
    }

    /// A file or directory of pi's own that cannot be used.
    pub fn files(message: impl fmt::Display) -> Self {
        CliError::new(Kind::Files, message)
    }

    /// A flag or command of the reference that this version does not have.
    pub fn not_yet(what: &str) -> Self {
        CliError::new(
            Kind::NotYet,
            format!("{what} is not in this version of pi yet"),
        )
        .hint("see CHANGELOG.md for what is, and docs/usage.md for what can be used instead")
    }

    fn new(kind: Kind, message: impl fmt::Display) -> Self {
        CliError {
            kind,
            message: message.to_string(),
            hint: None,
            held: None,
        }
    }

    /// Adds what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds that all would be well if nobody else wrote this session.
    pub fn held(mut self, path: &Path, pid: Option<u32>) -> Self {
        self.held = Some(Held {
            path: path.into(),
            pid,
        });
        self
    }

    /// The session that another process writes, if that is what is wrong.
    pub fn holder(&self) -> Option<&Held> {
        self.held.as_ref()
    }

    /// Writes it for the person. Always 1: the reference knows no other code,
    /// and ours for a budget that is used up is no error.
    pub fn report(&self) -> u8 {
        let mut err = io::stderr().lock();
        // There is nowhere else to say that standard error is gone.
        let _ = writeln!(err, "error: {}", sanitize(&self.message));
        if let Some(hint) = &self.hint {
            let _ = writeln!(err, "hint: {}", sanitize(hint));
        }
        tracing::error!(kind = ?self.kind, message = self.message, "pi ends");
        1
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CliError {}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        CliError::new(Kind::Io, error)
    }
}
