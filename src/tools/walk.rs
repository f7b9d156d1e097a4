//! Walks a tree by ripgrep's rules, with ripgrep's own library: ignore files honoured whether or not
//! there is a git repository, hidden files in, `.git` out, sorted by path, links not followed.

use std::io;
use std::path::Path;

use ignore::overrides::OverrideBuilder;
use ignore::{Walk, WalkBuilder};
use tokio_util::sync::CancellationToken;

use super::local::kind_of;
use super::workspace::{FileKind, Visit};

/// Prepares a walk; fails when the glob makes no sense.
pub(super) fn plan(path: &Path, glob: Option<&str>) -> io::Result<Walk> {
    let mut builder = WalkBuilder::new(path);
    builder
        .hidden(false)
        .require_git(false)
        .sort_by_file_name(|a, b| a.cmp(b))
        .filter_entry(|entry| entry.depth() == 0 || entry.file_name() != ".git");
    if let Some(glob) = glob {
        let mut overrides = OverrideBuilder::new(path);
        overrides.add(glob).map_err(invalid)?;
        builder.overrides(overrides.build().map_err(invalid)?);
    }
    Ok(builder.build())
}

/// Hands everything below the start to `visit`, and the start itself when it is a file.
pub(super) fn run(walk: Walk, stop: &CancellationToken, mut visit: Visit) -> io::Result<()> {
    // What cannot be read is passed over, like in ripgrep's output.
    for entry in walk.flatten() {
        if stop.is_cancelled() {
            break;
        }
        let Some(kind) = entry.file_type().map(kind_of) else {
            continue;
        };
        if entry.depth() == 0 && kind != FileKind::File {
            continue;
        }
        if !visit(entry.path(), kind) {
            break;
        }
    }
    Ok(())
}

fn invalid(error: ignore::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}
