//! The document as a file: beside its place first, then put there in one step.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{Error, Format, Options, Report, Result, write};
use crate::ai::Clock;
use crate::store::index::read_header;
use crate::store::{Access, Store};
use crate::tools::replace_private_file;

/// The name of an export for which none was given: `pi-session-<name>.html`.
pub fn default_name(session: &Path) -> PathBuf {
    let stem = session.file_stem().unwrap_or_default().to_string_lossy();
    PathBuf::from(format!("pi-session-{stem}.html"))
}

/// Exports a session file to `out`. Opens it for reading only: another pi, or this one, may have it
/// open. Blocks; from async code, call it on a thread of its own.
pub fn export_file(
    session: &Path,
    out: &Path,
    format: Format,
    options: &Options,
    clock: Clock,
) -> Result<Report> {
    let mut opened = Store::open(session, Access::Read, clock)?;
    if let Some(leaf) = &options.leaf {
        // One that is not in the file leaves the leaf where it was.
        let _ = opened.store.set_leaf(Some(leaf.as_str()));
    }
    let mut report = export_store(&opened.store, out, format, options)?;
    report.unreadable += opened.damage.len();
    Ok(report)
}

/// Exports an open session, which may be one in memory, to `out`.
pub fn export_store(
    store: &Store,
    out: &Path,
    format: Format,
    options: &Options,
) -> Result<Report> {
    if let Some(session) = store.path()
        && is_same(&session, out)
    {
        return Err(Error::Itself { path: out.into() });
    }
    let is_file = fs::metadata(out).is_ok_and(|facts| facts.is_file());
    if is_file && read_header(out).is_some_and(|header| header.id != store.id()) {
        return Err(Error::Another { path: out.into() });
    }
    let mut report = Report::default();
    let mut failure = None;
    let written = replace_private_file(out, |file: &mut File| {
        let mut buffered = BufWriter::with_capacity(256 * 1024, file);
        match write(store, format, options, &mut buffered) {
            Ok(done) => report = done,
            Err(Error::Write { source, .. }) => return Err(source),
            Err(other) => failure = Some(other),
        }
        match failure {
            // Nothing of it may take the file's place.
            Some(_) => Err(std::io::ErrorKind::Other.into()),
            None => buffered.flush(),
        }
    });
    match (failure, written) {
        (Some(failure), _) => Err(failure),
        (None, Err(source)) => Err(Error::Write {
            path: Some(out.into()),
            source,
        }),
        (None, Ok(())) => {
            report.path = Some(out.into());
            Ok(report)
        }
    }
}

/// Whether both names are of one file.
fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one_real), Ok(other_real)) => one_real == other_real || is_linked(one, other),
        _ => false,
    }
}

#[cfg(unix)]
fn is_linked(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_linked(_one: &Path, _other: &Path) -> bool {
    false
}
