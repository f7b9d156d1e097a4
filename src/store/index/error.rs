//! Why a search or a listing could not be done.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why a search or a listing could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The query has no word and no pattern in it.
    #[error("there is nothing to search for in {query:?}")]
    Nothing {
        /// The query.
        query: String,
    },
    /// The pattern is not a regular expression.
    #[error("{pattern:?} is not a pattern: {why}")]
    Pattern {
        /// What stood behind `re:`.
        pattern: String,
        /// Why not.
        why: String,
    },
    /// More than one `re:`.
    #[error("a search takes one pattern")]
    TwoPatterns,
    /// The index cannot be opened, read or written.
    #[error("the session index {} cannot be used: {source}", path.display())]
    Unusable {
        /// The index.
        path: PathBuf,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// The system refused to make or to remove the index's files.
    #[error("the session index {} cannot be made: {source}", path.display())]
    Unmade {
        /// The index.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    /// Whether the index's file is damaged: it can be thrown away and made again.
    pub fn is_damage(&self) -> bool {
        let Error::Unusable { source, .. } = self else {
            return false;
        };
        let code = source.sqlite_error_code();
        let damaged = matches!(
            code,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        );
        // A table or column that is gone, a value of another kind: not what this program wrote.
        let strange = matches!(
            source,
            rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnIndex(_)
                | rusqlite::Error::FromSqlConversionFailure(..)
        );
        let gone = source.to_string();
        let gone = [
            "no such",
            "has no column",
            "vtable constructor",
            "malformed",
        ]
        .iter()
        .any(|words| gone.contains(words));
        damaged || strange || gone
    }
}
