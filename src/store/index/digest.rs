//! A session file → what a listing says of it, and the texts that can be searched, read from any point
//! on: a file that has grown costs what it has grown by.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use super::unit::{self, Unit};
use crate::ai::Millis;
use crate::store::encode::{id_in_name, time_in_name};
use crate::store::entry::{Kind, Role};
use crate::store::header::Header;
use crate::store::load::Lines;
use crate::store::read;
use crate::store::scan::{Piece, Scanned, Scanner};
use crate::store::time;
use crate::tools::sanitize_line;

/// Characters of the first message that a listing keeps.
const FIRST: usize = 240;
/// Bytes before the end of what was read, by which it is told again.
const TAIL: u64 = 64;

/// What a listing says of a session.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Digest {
    /// The session's id.
    pub id: String,
    /// The directory that it worked in; empty when its header is lost.
    pub cwd: String,
    /// The file that it was forked from.
    pub parent: Option<String>,
    /// When it was begun; 0 when it does not say.
    pub created: Millis,
    /// When its last entry was written; 0 when it has none.
    pub active: Millis,
    /// How many messages it has.
    pub messages: u64,
    /// The name that the person gave, on one line without control sequences.
    pub name: Option<String>,
    /// The beginning of the person's first message, cleaned in the same way; empty without one.
    pub first: String,
    /// Tokens of all answers.
    pub tokens: u64,
    /// What they cost, in US dollars.
    pub cost: f64,
}

/// How far a file has been read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Bytes that need not be read again.
    pub done: u64,
    /// What the last of them were.
    pub tail: i64,
}

/// An entry's text and where the entry stands.
pub(super) struct Placed {
    pub offset: u64,
    pub len: u32,
    pub time: Millis,
    pub unit: Unit,
}

/// Reads a session file from a mark on.
pub(super) struct Reader {
    file: File,
    scanner: Scanner,
    // What the file's name says of when it was begun.
    begun: Millis,
    pub digest: Digest,
    pub mark: Mark,
}

impl Reader {
    /// Opens a file at its beginning.
    pub fn open(path: &Path) -> io::Result<Self> {
        let id = id_in_name(path).or(path.file_stem().and_then(|stem| stem.to_str()));
        let begun = time_in_name(path).and_then(|time| time::parse(time.as_bytes()));
        Ok(Reader {
            file: File::open(path)?,
            scanner: Scanner::new(),
            begun: begun.unwrap_or(0),
            digest: Digest {
                id: id.unwrap_or_default().to_owned(),
                ..Digest::default()
            },
            mark: Mark::default(),
        })
    }

    /// Goes on where an earlier reader was, if the file still holds what that one read.
    pub fn resume(&mut self, digest: Digest, mark: Mark) -> io::Result<bool> {
        let is_same = self.tail(mark.done)? == Some(mark.tail);
        if is_same {
            self.digest = digest;
            self.mark = mark;
        }
        Ok(is_same)
    }

    /// Reads on, some `budget` bytes; false at the end. `wanted` chooses lines by their bytes, `each` is
    /// handed what can be searched in them. A last line that is not whole is left for another time.
    pub fn read(
        &mut self,
        budget: u64,
        mut wanted: impl FnMut(&[u8]) -> bool,
        mut each: impl FnMut(Placed),
    ) -> io::Result<bool> {
        let base = self.mark.done;
        let mut source = &self.file;
        source.seek(SeekFrom::Start(base))?;
        let mut lines = Lines::new(source);
        let mut more = false;
        while let Some(line) = lines.next()? {
            more = self.mark.done - base >= budget;
            if more {
                break;
            }
            let bytes = line.bytes.trim_ascii_end();
            let offset = base + line.offset;
            let end = offset + line.bytes.len() as u64 + u64::from(line.terminated);
            let is_first = self.digest.created == 0 && self.mark.done == 0;
            let whole = 0..bytes.len();
            let pieces = match self.scanner.line(bytes, line.terminated) {
                _ if is_first && self.digest.begin(bytes) => Vec::new(),
                Ok(scanned) => {
                    self.digest.count(bytes, &scanned);
                    vec![whole]
                }
                Err(_) if serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok() => {
                    self.digest.count_old(bytes);
                    vec![whole]
                }
                Err(_) if !line.terminated => break,
                Err(_) => self.digest.count_pieces(&self.scanner, bytes),
            };
            self.mark.done = end;
            for piece in pieces {
                let at = piece.start as u64 + offset;
                let bytes = &bytes[piece];
                let Ok(len) = u32::try_from(bytes.len()) else {
                    continue;
                };
                if !wanted(bytes) {
                    continue;
                }
                let Some(unit) = unit::of_line(&self.scanner, bytes) else {
                    continue;
                };
                let placed = Placed {
                    offset: at,
                    len,
                    time: unit.time.unwrap_or(self.digest.active),
                    unit,
                };
                each(placed);
            }
        }
        if self.digest.created == 0 && self.digest.messages > 0 {
            self.digest.created = self.begun;
        }
        self.mark.tail = self.tail(self.mark.done)?.unwrap_or_default();
        Ok(more)
    }

    /// A figure of the last bytes before `end`; `None` when the file is shorter.
    fn tail(&self, end: u64) -> io::Result<Option<i64>> {
        let mut file = &self.file;
        let start = end.saturating_sub(TAIL);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(end - start).read_to_end(&mut bytes)?;
        let is_whole = bytes.len() as u64 == end - start;
        Ok(is_whole.then(|| figure(&bytes).cast_signed()))
    }
}

/// FNV-1a: <http://www.isthe.com/chongo/tech/comp/fnv/>.
pub(super) fn figure(bytes: &[u8]) -> u64 {
    let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

impl Digest {
    /// Takes the header; false when the line is none.
    fn begin(&mut self, line: &[u8]) -> bool {
        let Some(header) = Header::parse(line) else {
            return false;
        };
        self.id = header.id;
        self.cwd = header.cwd;
        self.parent = header.parent_session;
        self.created = time::parse(header.timestamp.as_bytes()).unwrap_or(0);
        self.active = self.created;
        true
    }

    /// Counts an entry.
    fn count(&mut self, line: &[u8], scanned: &Scanned<'_>) {
        self.active = scanned.time.unwrap_or(self.active);
        if let Some(usage) = &scanned.facts.usage {
            self.tokens = self.tokens.saturating_add(usage.total_tokens);
            self.cost += usage.cost.total;
        }
        match scanned.kind() {
            Kind::Message => {
                self.messages += 1;
                if scanned.facts.role == Role::User {
                    self.first(line);
                }
            }
            Kind::SessionInfo => {
                let name = unit::session_name(line);
                self.name = name.map(|name| sanitize_line(&name).into_owned());
            }
            _ => {}
        }
    }

    /// Counts the entries on a damaged line; where they are.
    fn count_pieces(&mut self, scanner: &Scanner, line: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for piece in scanner.pieces(line) {
            if let Piece::Entry {
                start,
                len,
                scanned,
            } = piece
            {
                self.count(&line[start..start + len], &scanned);
                found.push(start..start + len);
            }
        }
        found
    }

    /// Counts an entry of the first version, which has no id.
    fn count_old(&mut self, line: &[u8]) {
        let Some(entry) = read::value(line) else {
            return;
        };
        let at = entry["timestamp"].as_str();
        let at = at.and_then(|at| time::parse(at.as_bytes()));
        self.active = at.unwrap_or(self.active);
        if entry["type"] == "message" {
            self.messages += 1;
            if entry["message"]["role"] == "user" {
                self.first(line);
            }
        }
    }

    fn first(&mut self, line: &[u8]) {
        if !self.first.is_empty() {
            return;
        }
        if let Ok(Some(message)) = read::message(line) {
            let (_, text) = unit::said(&message);
            // Twice as much, for what cleaning takes away.
            let some: String = text.trim_start().chars().take(2 * FIRST).collect();
            self.first = sanitize_line(&some).trim().chars().take(FIRST).collect();
        }
    }
}
