//! One pass over a session file: the tree, the sums, the name, the labels, the damage.
//!
//! The file is read, not mapped: mapped pages would count as this program's memory. The buffer is as
//! long as the longest line and is gone after the pass.

use std::collections::BTreeMap;
use std::io::{self, Read};

use serde_json::Value;

use crate::ai::Millis;

use super::damage::{Damage, Fault};
use super::entry::Kind;
use super::header::{Header, VERSION};
use super::read;
use super::scan::{Piece, Refusal, Scanned, Scanner};
use super::totals::Totals;
use super::tree::{Leaf, Span, Tree};

const CHUNK: usize = 256 * 1024;

/// What one pass over a file finds.
#[derive(Default)]
pub(super) struct Loaded {
    pub header: Option<Header>,
    pub tree: Tree,
    pub totals: Totals,
    pub name: Option<String>,
    pub labels: BTreeMap<u32, (String, Millis)>,
    pub damage: Vec<Damage>,
    pub len: u64,
}

/// Reads a whole session file; stops early when its header names an older version.
pub(super) fn load(reader: impl Read) -> io::Result<Loaded> {
    let mut lines = Lines::new(reader);
    let scanner = Scanner::new();
    let mut loaded = Loaded::default();
    let mut number = 0;
    while let Some(line) = lines.next()? {
        loaded.len = line.offset + line.bytes.len() as u64 + u64::from(line.terminated);
        number += 1;
        let at = At {
            line: number,
            offset: line.offset,
        };
        let bytes = trim_end(line.bytes);
        if bytes.is_empty() {
            continue;
        }
        if loaded.is_fresh() {
            loaded.header = Header::parse(bytes);
            match &loaded.header {
                Some(header) if header.version < VERSION => return Ok(loaded),
                Some(_) => continue,
                None => loaded.report(at, Fault::Header),
            }
        }
        loaded.line(&scanner, at, bytes, line.terminated);
    }
    Ok(loaded)
}

impl Loaded {
    /// Reads lines that were added to a file, the first at `offset`.
    pub fn more(&mut self, bytes: &[u8], offset: u64) {
        let mut lines = Lines::new(bytes);
        let scanner = Scanner::new();
        while let Ok(Some(line)) = lines.next() {
            let offset = offset + line.offset;
            let bytes = trim_end(line.bytes);
            if !bytes.is_empty() {
                // Any line but the first, which would be the header.
                let at = At { line: 2, offset };
                self.line(&scanner, at, bytes, line.terminated);
            }
        }
    }
}

#[derive(Clone, Copy)]
struct At {
    line: usize,
    offset: u64,
}

impl Loaded {
    fn is_fresh(&self) -> bool {
        self.header.is_none() && self.damage.is_empty()
    }

    fn line(&mut self, scanner: &Scanner, at: At, bytes: &[u8], terminated: bool) {
        match scanner.line(bytes, terminated) {
            Ok(scanned) => self.entry(at, bytes, &scanned),
            Err(Refusal::Header) => {}
            // The unreadable header has been reported as what it is.
            Err(_) if self.header.is_none() && at.line == 1 => self.pieces(scanner, at, bytes),
            Err(Refusal::Anonymous) => {
                self.report(at, Fault::Anonymous);
                self.tree.lose_unknown();
            }
            Err(Refusal::NotJson) => {
                let known = self.tree.len();
                let reported = self.damage.len();
                self.pieces(scanner, at, bytes);
                let fault = match (self.tree.len() > known, terminated) {
                    (true, _) => Fault::Joined,
                    (false, true) => Fault::Unreadable,
                    (false, false) => Fault::Torn,
                };
                self.damage.insert(reported, Damage::new(at, fault));
            }
        }
    }

    /// Takes what can be had from a line that is not one JSON value.
    fn pieces(&mut self, scanner: &Scanner, at: At, bytes: &[u8]) {
        let pieces = scanner.pieces(bytes);
        if pieces.is_empty() && at.line > 1 {
            self.tree.lose_unknown();
        }
        for piece in pieces {
            match piece {
                Piece::Entry {
                    start,
                    len,
                    scanned,
                } => {
                    let offset = at.offset + start as u64;
                    self.entry(At { offset, ..at }, &bytes[start..start + len], &scanned);
                }
                Piece::Remains { id, parent } => self.tree.lose(id, parent),
            }
        }
    }

    fn entry(&mut self, at: At, bytes: &[u8], scanned: &Scanned<'_>) {
        let Ok(len) = u32::try_from(bytes.len()) else {
            self.tree.lose(&scanned.id, scanned.parent.as_deref());
            return self.report(at, Fault::Unreadable);
        };
        let last = self.tree.nodes().last();
        let time = scanned.time.or(last.map(|node| node.time)).unwrap_or(0);
        let kind = scanned.kind();
        let leaf = Leaf {
            id: &scanned.id,
            time,
            kind,
            role: scanned.facts.role,
            silent: scanned.facts.silent,
            span: Span {
                offset: at.offset,
                len,
            },
        };
        if let Some(fault) = self.tree.add(scanned.parent.as_deref(), leaf) {
            self.report(at, fault);
        }
        match kind {
            Kind::Message => self.totals.add(&scanned.facts),
            Kind::Compaction | Kind::BranchSummary => {
                self.totals.add_summary(scanned.facts.usage.as_ref());
            }
            Kind::SessionInfo => self.session_info(bytes),
            Kind::Label => self.label(bytes, time),
            _ => {}
        }
    }

    fn session_info(&mut self, bytes: &[u8]) {
        let entry = read::value(bytes).unwrap_or_default();
        let name = entry["name"].as_str().unwrap_or_default().trim();
        self.name = (!name.is_empty()).then(|| name.to_string());
    }

    fn label(&mut self, bytes: &[u8], time: Millis) {
        let entry = read::value(bytes).unwrap_or_default();
        let target = entry["targetId"].as_str();
        let Some(target) = target.and_then(|id| self.tree.find(id)) else {
            return;
        };
        match entry["label"].as_str() {
            Some(label) if !label.is_empty() => {
                self.labels.insert(target, (label.to_string(), time));
            }
            _ => {
                self.labels.remove(&target);
            }
        }
    }

    fn report(&mut self, at: At, fault: Fault) {
        self.damage.push(Damage::new(at, fault));
    }
}

impl Damage {
    fn new(at: At, fault: Fault) -> Self {
        Damage {
            line: at.line,
            offset: at.offset,
            fault,
        }
    }
}

/// Whether a line is a JSON object at all; what is not cannot be carried over by a migration.
pub(super) fn object(line: &[u8]) -> Option<serde_json::Map<String, Value>> {
    match read::value(line) {
        Some(Value::Object(fields)) => Some(fields),
        _ => None,
    }
}

fn trim_end(line: &[u8]) -> &[u8] {
    line.trim_ascii_end()
}

/// One line of a file, without its newline.
pub(super) struct Line<'a> {
    pub bytes: &'a [u8],
    pub offset: u64,
    pub terminated: bool,
}

/// The lines of a file, read in large pieces.
pub(super) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
}

impl<R: Read> Lines<R> {
    pub fn new(reader: R) -> Self {
        Lines {
            reader,
            buffer: vec![0; CHUNK],
            start: 0,
            end: 0,
            offset: 0,
        }
    }

    /// The next line; the last one may lack its newline.
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let mut searched = self.start;
        let (len, terminated) = loop {
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[searched..self.end]) {
                break (searched + at - self.start, true);
            }
            let known = self.end - self.start;
            if self.fill()? == 0 {
                break (known, false);
            }
            searched = self.start + known;
        };
        if len == 0 && !terminated {
            return Ok(None);
        }
        let (start, offset) = (self.start, self.offset);
        let whole = len + usize::from(terminated);
        self.start += whole;
        self.offset += whole as u64;
        Ok(Some(Line {
            bytes: &self.buffer[start..start + len],
            offset,
            terminated,
        }))
    }

    /// Reads more behind what is there, making room first.
    fn fill(&mut self) -> io::Result<usize> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(read) => {
                    self.end += read;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
