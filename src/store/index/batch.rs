//! What is written into the index at once.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::io;

use super::digest::{Digest, Mark, Placed, Reader, figure};
use super::keys::{key, voice_word};
use super::roots::{Facts, Seen};
use super::words::Words;

/// Bytes of session files in one batch: a few hundred milliseconds of work.
const BATCH: u64 = 8 * 1024 * 1024;

/// What is written into the index at once.
#[derive(Default)]
pub(super) struct Batch {
    pub files: Vec<Open>,
    pub entries: Vec<Pending>,
    bytes: u64,
    known: HashSet<u64, BuildHasherDefault<Itself>>,
}

/// A file as it will be known once the batch is written.
pub(super) struct Open {
    pub path: String,
    pub id: Option<i64>,
    /// Where reading began.
    pub before: u64,
    /// None for a file that has not been read to its end: it stays changed.
    pub facts: Facts,
    pub mark: Mark,
    pub digest: Digest,
}

/// An entry on its way into the index.
pub(super) struct Pending {
    pub key: i64,
    /// Which of the batch's files.
    pub file: usize,
    pub offset: u64,
    pub len: u32,
    pub words: String,
}

impl Batch {
    pub fn is_full(&self) -> bool {
        self.bytes >= BATCH
    }

    /// Reads on in a file until its end or until the batch is full; whether there is more.
    pub fn read(&mut self, seen: &Seen, id: Option<i64>, reader: &mut Reader) -> io::Result<bool> {
        let before = reader.mark.done;
        let (file, first) = (self.files.len(), self.entries.len());
        let (entries, known) = (&mut self.entries, &mut self.known);
        let keep = |placed: Placed| {
            entries.push(Pending {
                key: key(placed.time),
                file,
                offset: placed.offset,
                len: placed.len,
                words: distinct(&placed, known),
            });
        };
        let more = reader.read(BATCH - self.bytes, |_| true, keep);
        let Ok(more) = more else {
            self.entries.truncate(first);
            return more;
        };
        self.bytes += reader.mark.done - before;
        self.files.push(Open {
            path: seen.name.clone(),
            id,
            before,
            facts: if more { Facts::default() } else { seen.facts },
            mark: reader.mark,
            digest: reader.digest.clone(),
        });
        Ok(more)
    }
}

/// The words of an entry, each once: their places are not kept.
fn distinct(placed: &Placed, known: &mut HashSet<u64, BuildHasherDefault<Itself>>) -> String {
    known.clear();
    let mut distinct = voice_word(placed.unit.voice);
    let mut words = Words::new(&placed.unit.text);
    while words.next().is_some() {
        if known.insert(figure(words.folded().as_bytes())) {
            distinct.push(' ');
            distinct.push_str(words.folded());
        }
    }
    distinct
}

/// The hash of a figure that is a hash already.
#[derive(Default)]
struct Itself(u64);

impl Hasher for Itself {
    fn write(&mut self, bytes: &[u8]) {
        self.0 ^= figure(bytes);
    }

    fn write_u64(&mut self, figure: u64) {
        self.0 = figure;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
