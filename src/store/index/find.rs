//! Finding sessions: the most recent one of a project, one by id, all of a folder.
//!
//! Reads names and first lines only. Ids are taken from file names of the usual shape, so that a
//! folder of thousands is searched without opening its files.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::store::encode::id_in_name;
use crate::store::error::{Error, Result};
use crate::store::header::Header;
use crate::store::load::load;
use crate::store::open::header_of;

/// A header longer than this is none.
const MAX_HEADER: u64 = 1024 * 1024;

/// A session file that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The file.
    pub path: PathBuf,
    /// Its first line.
    pub header: Header,
    /// When it was last written.
    pub modified: SystemTime,
}

/// What `--session` means.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// A path, which may not exist yet.
    Path(PathBuf),
    /// A session of this project.
    Here(Found),
    /// A session of another project; its header says which.
    Elsewhere(Found),
}

/// All sessions of a folder, the one that was written last first. No folder is no sessions.
pub fn list(dir: &Path) -> Result<Vec<Found>> {
    Ok(files(dir)?.into_iter().filter_map(found).collect())
}

/// The session of a folder that was written last.
pub fn most_recent(dir: &Path) -> Result<Option<Found>> {
    Ok(files(dir)?.into_iter().find_map(found))
}

/// The session of a folder that has exactly this id.
pub fn by_id(dir: &Path, id: &str) -> Result<Option<Found>> {
    let mut found = matching(dir, id)?.into_iter();
    Ok(found.find(|found| found.header.id == id))
}

/// What the person means by `wanted`: a path when it looks like one, else the beginning of an id in
/// `project`, else in any folder of `sessions`. An id that is meant exactly wins over longer ones.
pub fn find(wanted: &str, project: &Path, sessions: &Path) -> Result<Target> {
    if wanted.contains(['/', '\\']) || wanted.ends_with(".jsonl") {
        return Ok(Target::Path(wanted.into()));
    }
    if let Some(found) = only(wanted, matching(project, wanted)?)? {
        return Ok(Target::Here(found));
    }
    let mut all = Vec::new();
    for dir in folders(sessions)? {
        all.extend(matching(&dir, wanted)?);
    }
    all.sort_by_key(|found| std::cmp::Reverse(found.modified));
    match only(wanted, all)? {
        Some(found) => Ok(Target::Elsewhere(found)),
        None => Err(Error::NoMatch {
            wanted: wanted.into(),
        }),
    }
}

/// The one that is meant, of those whose id begins with `wanted`.
fn only(wanted: &str, mut all: Vec<Found>) -> Result<Option<Found>> {
    if let Some(exact) = all.iter().position(|found| found.header.id == wanted) {
        return Ok(Some(all.swap_remove(exact)));
    }
    if all.len() > 1 {
        return Err(Error::Ambiguous {
            wanted: wanted.into(),
            matches: all.into_iter().map(|found| found.path).collect(),
        });
    }
    Ok(all.pop())
}

fn matching(dir: &Path, wanted: &str) -> Result<Vec<Found>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let may_match = |(path, _): &(PathBuf, SystemTime)| match id_in_name(path) {
        Some(id) => id.starts_with(wanted),
        None => true,
    };
    let candidates = files(dir)?.into_iter().filter(may_match);
    let matches = candidates.filter_map(found);
    Ok(matches
        .filter(|found| found.header.id.starts_with(wanted))
        .collect())
}

/// The `.jsonl` files of a folder, the one that was written last first.
fn files(dir: &Path) -> Result<Vec<(PathBuf, SystemTime)>> {
    let mut files = Vec::new();
    for path in paths(dir)? {
        if path.extension().is_some_and(|ending| ending == "jsonl")
            && let Ok(facts) = fs::metadata(&path)
            && facts.is_file()
            && let Ok(modified) = facts.modified()
        {
            files.push((path, modified));
        }
    }
    // Names begin with the time of creation: they decide where the clock is too coarse.
    files.sort_by(|(path, at), (other, other_at)| (other_at, other).cmp(&(at, path)));
    Ok(files)
}

fn folders(dir: &Path) -> Result<Vec<PathBuf>> {
    Ok(paths(dir)?
        .into_iter()
        .filter(|path| path.is_dir())
        .collect())
}

fn paths(dir: &Path) -> Result<Vec<PathBuf>> {
    match fs::read_dir(dir) {
        Ok(entries) => Ok(entries.flatten().map(|entry| entry.path()).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(Error::Read {
            path: dir.into(),
            source,
        }),
    }
}

fn found((path, modified): (PathBuf, SystemTime)) -> Option<Found> {
    let header = read_header(&path).or_else(|| lost_header(&path))?;
    Some(Found {
        path,
        header,
        modified,
    })
}

/// The header of a session file; `None` for any other file.
pub fn read_header(path: &Path) -> Option<Header> {
    let file = fs::File::open(path).ok()?;
    let mut line = Vec::new();
    let mut reader = BufReader::with_capacity(1024, file.take(MAX_HEADER));
    while line.trim_ascii().is_empty() {
        line.clear();
        if reader.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
    }
    Header::parse(&line)
}

/// The header of a session file that has lost it: what the file's name says, if that is of the usual
/// shape and there are entries.
fn lost_header(path: &Path) -> Option<Header> {
    id_in_name(path)?;
    let file = fs::File::open(path).ok()?;
    let mut head = load(file.take(MAX_HEADER)).ok()?;
    header_of(&mut head, path)
}
