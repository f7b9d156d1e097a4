//! A session as a document for people: HTML (one file that needs nothing else), Markdown, and the
//! active branch as JSONL.
//!
//! Promises: the store is only read, entry by entry, so that memory follows the longest entry and not
//! the session; nothing from the session is active in the page; secrets are masked as [`Options`] say;
//! a file is replaced whole or not at all, and never the session itself.
//!
//! Left to others: which secrets are known and which colours (`config`), uploading (`session`).

mod call;
mod clean;
mod contained;
mod error;
mod facts;
mod file;
mod html;
mod image;
mod markdown;
mod palette;
pub mod redact;

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{EntryId, Store};

pub use call::summary_of;
pub use error::{Error, Result};
pub use file::{default_name, export_file, export_store};
pub use palette::{Colors, Palette, Rgb};
pub use redact::Redactor;

use clean::Cleaner;

/// What kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// All branches in one page.
    Html,
    /// The active branch, for any viewer of Markdown.
    Markdown,
    /// The active branch as a session file.
    Jsonl,
}

impl Format {
    /// The format that a file's ending names; HTML where it names none.
    pub fn of(path: &Path) -> Self {
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        match ending.to_ascii_lowercase().as_str() {
            "md" | "markdown" => Format::Markdown,
            "jsonl" => Format::Jsonl,
            _ => Format::Html,
        }
    }
}

/// How a session is exported.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Masks secrets; `None` leaves them (`--no-redact`).
    pub redactor: Option<Redactor>,
    /// The page's colours.
    pub colors: Colors,
    /// The document's title; without one, the session's name or id.
    pub title: Option<String>,
    /// For [`export_file`]: where the active branch ends. Without one, or when there is no such entry,
    /// it is the file's last.
    pub leaf: Option<EntryId>,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The file; `None` when it went to a writer.
    pub path: Option<PathBuf>,
    /// Entries in the document.
    pub entries: usize,
    /// How often a secret was masked.
    pub masked: usize,
    /// Entries that could not be read.
    pub unreadable: usize,
}

/// Writes the document to `out`, entry by entry.
pub fn write(
    store: &Store,
    format: Format,
    options: &Options,
    out: &mut impl Write,
) -> Result<Report> {
    let cleaner = Cleaner::new(options.redactor.as_ref());
    let title = options.title.as_deref().or(store.name());
    let title = cleaner.line(title.unwrap_or(store.id()));
    let written = match format {
        Format::Html => html::write(store, &cleaner, &options.colors, &title, out),
        Format::Markdown => markdown::write(store, &cleaner, &title, out),
        Format::Jsonl => return jsonl(store, out),
    };
    let entries = written.map_err(|source| Error::Write { path: None, source })?;
    Ok(Report {
        path: None,
        entries,
        masked: cleaner.masked(),
        unreadable: store.take_damage().len(),
    })
}

/// The active branch as a session: a copy, so nothing in it is masked.
fn jsonl(store: &Store, out: &mut impl Write) -> Result<Report> {
    let entries =
        store
            .write_branch(out, Path::new("the export"))
            .map_err(|error| match error {
                super::Error::Write { source, .. } => Error::Write { path: None, source },
                other => Error::Session(other),
            })?;
    Ok(Report {
        entries,
        unreadable: store.take_damage().len(),
        ..Report::default()
    })
}
