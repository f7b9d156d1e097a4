//! Looking at a session file for damage, every body included, and a healthy copy of what is left.
//!
//! The file itself is never changed: the copy stands beside it, as `NAME.repaired.jsonl`.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::ai::Clock;

use super::copy::{self, Lines};
use super::create::create_filled;
use super::damage::{Damage, Fault};
use super::error::{Error, Result};
use super::header::{Header, VERSION, without_mark};
use super::open::Access;
use super::{Store, load, read};

/// What a look at a session file found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The file.
    pub path: PathBuf,
    /// How many entries can be read.
    pub entries: usize,
    /// What cannot be read as it should, in the order of the file.
    pub damage: Vec<Damage>,
    /// The file's version, when it is later than the one that this program writes.
    pub newer: Option<u64>,
    // The entries whose bodies are not JSON.
    hollow: HashSet<u32>,
}

/// Reads a whole session file. It may be in use.
pub fn check(path: &Path, clock: Clock) -> Result<Report> {
    Ok(look(path, clock)?.1)
}

/// Reads a whole session file and, if there is damage, writes all that can be read of it to a file
/// beside it, whose path is returned. A file that is there already is not written over. A header that
/// names no directory names `cwd` there.
pub fn repair(path: &Path, cwd: &Path, clock: Clock) -> Result<(Report, Option<PathBuf>)> {
    let (mut store, report) = look(path, clock)?;
    if report.damage.is_empty() {
        return Ok((report, None));
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let copy = path.with_file_name(format!("{stem}.repaired.jsonl"));
    let names_none = store.assume_cwd(cwd);
    let written = written_header(path).filter(|_| !names_none);
    let header = written.unwrap_or_else(|| store.header().to_line());
    let entries = 0..store.tree.len() as u32;
    let healthy = entries.filter(|index| !report.hollow.contains(index));
    let lines = Lines::of(&store, healthy).without(report.hollow.clone());
    create_filled(&copy, false, |out| {
        copy::write(out, &copy, &header, lines.all())
    })?;
    Ok((report, Some(copy)))
}

fn look(path: &Path, clock: Clock) -> Result<(Store, Report)> {
    let opened = Store::open(path, Access::Read, clock)?;
    let newer = opened.newer;
    let (store, mut damage) = (opened.store, opened.damage);
    let mut hollow = HashSet::new();
    for (index, node) in (0u32..).zip(store.tree.nodes()) {
        let line = store.log.bytes(node.span()).map_err(|source| Error::Read {
            path: path.into(),
            source,
        })?;
        if read::value(&line).is_none() {
            hollow.insert(index);
            damage.push(Damage {
                line: 0,
                offset: node.span().offset,
                fault: Fault::Unreadable,
            });
        }
    }
    damage.sort_by_key(|damage| damage.offset);
    // The content of an older file was converted in memory: its places are not the file's.
    if store.log.is_open() {
        number(path, &mut damage);
    }
    let report = Report {
        path: path.into(),
        entries: store.tree.len() - hollow.len(),
        damage,
        newer,
        hollow,
    };
    Ok((store, report))
}

/// Says on which lines the damage is that is known by its offset only.
fn number(path: &Path, damage: &mut [Damage]) {
    let mut unknown = damage
        .iter_mut()
        .filter(|damage| damage.line == 0)
        .peekable();
    let Some(file) = unknown.peek().and_then(|_| File::open(path).ok()) else {
        return;
    };
    let mut lines = load::Lines::new(file);
    let mut number = 0;
    while let Ok(Some(line)) = lines.next() {
        number += 1;
        let end = line.offset + line.bytes.len() as u64;
        while let Some(damage) = unknown.next_if(|damage| damage.offset <= end) {
            damage.line = number;
        }
    }
}

/// The first line of a file, fields included that this version does not know.
fn written_header(path: &Path) -> Option<Vec<u8>> {
    let mut lines = load::Lines::new(File::open(path).ok()?);
    loop {
        let line = lines.next().ok()??.bytes.trim_ascii();
        if !line.is_empty() {
            let header = Header::parse_strictly(line)?;
            return (header.version >= VERSION).then(|| without_mark(line).to_vec());
        }
    }
}
