//! Why a session could not be exported.

use std::io;
use std::path::PathBuf;

/// Why a session could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The session cannot be read.
    #[error(transparent)]
    Session(#[from] crate::store::Error),
    /// The document would replace the session.
    #[error("{} is the session itself: give the export another name", path.display())]
    Itself {
        /// The file.
        path: PathBuf,
    },
    /// The document would replace another session.
    #[error("{} is another session: give the export another name", path.display())]
    Another {
        /// The file.
        path: PathBuf,
    },
    /// The document cannot be written.
    #[error("cannot write {}: {source}", shown(path))]
    Write {
        /// The file; `None` for a writer.
        path: Option<PathBuf>,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The session is gone.
    #[error("there is no session to export")]
    NoSession,
}

/// Shorthand for results of this folder.
pub type Result<T> = std::result::Result<T, Error>;

fn shown(path: &Option<PathBuf>) -> String {
    match path {
        Some(path) => path.display().to_string(),
        None => "the export".to_owned(),
    }
}
