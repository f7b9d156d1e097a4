//! The best of many files, by their likeness to some words.
//!
//! A name that is the words comes before one that begins with them, that before one that has them in it,
//! that before a path that has them, and that before one that has their letters in this order (where
//! letters next to each other, and at the beginning of names, count for more). Among likes, folders and
//! what is less deep come first. Without words, what is least deep does, by name.

use std::cmp::Ordering;
use std::sync::Arc;
use std::sync::atomic::{self, AtomicUsize};
use std::time::Instant;

use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::tree::{Chunk, Entry};
use super::{Item, Style};

/// How many entries are offered at most.
const MOST: usize = 50;

/// At most so many threads rank.
const RANKERS: usize = 4;

/// What is looked for.
#[derive(Debug)]
pub(super) struct Query {
    /// Only what is below this folder of the tree, which ends with a slash, or is none.
    below: String,
    /// Stands before the paths that are offered, in place of that.
    shown: String,
    words: String,
    /// Without capitals, capitals do not matter.
    has_capitals: bool,
}

/// The best so far.
#[derive(Debug, Default)]
pub(super) struct Ranking {
    best: Vec<Place>,
    /// How many chunks have been looked at.
    seen: usize,
}

/// One of the best: its rank, the greater the better, and where it is.
#[derive(Debug, Clone, Copy)]
struct Place {
    rank: u32,
    length: u16,
    chunk: usize,
    entry: Entry,
}

impl Query {
    pub fn new(shown: &str, words: &str) -> Self {
        Query {
            below: String::new(),
            shown: shown.to_owned(),
            words: words.to_owned(),
            has_capitals: words.contains(char::is_uppercase),
        }
    }

    pub fn below(self, below: String) -> Self {
        Query { below, ..self }
    }

    /// The rank of a file; `None` when it is not one of those looked for.
    fn rank(&self, judge: &mut Judge, path: &str, entry: Entry) -> Option<u32> {
        let path_below = path.strip_prefix(self.below.as_str())?;
        let shallow = u32::from(u8::MAX - entry.depth);
        let folder = u32::from(entry.is_folder);
        let Some(atom) = &judge.atom else {
            let visible = u32::from(!path_below.starts_with('.'));
            return (!path_below.is_empty()).then_some(shallow << 2 | folder << 1 | visible);
        };
        let text = match entry.is_ascii {
            true => Utf32Str::Ascii(path_below.as_bytes()),
            false => Utf32Str::new(path_below, &mut judge.letters),
        };
        let score = u32::from(atom.score(text, &mut judge.matcher)?);
        let name = path.get(usize::from(entry.name)..).unwrap_or_default();
        let likeness = match self.find(name) {
            Some(0) if name.len() == self.words.len() => 4,
            Some(0) => 3,
            Some(_) => 2,
            None => match self.find(path_below) {
                Some(0) => 3,
                Some(_) => 1,
                None => 0,
            },
        };
        let rest = match likeness {
            0 | 1 => folder << 24 | score.min(0xffff) << 8 | shallow,
            _ => folder << 24 | shallow << 16 | score.min(0xffff),
        };
        Some(likeness << 25 | rest)
    }

    /// Where the words stand in a text.
    fn find(&self, text: &str) -> Option<usize> {
        if self.has_capitals || !self.words.is_ascii() {
            return text.find(&self.words);
        }
        let (text, words) = (text.as_bytes(), self.words.as_bytes());
        let mut windows = text.windows(words.len().max(1));
        windows.position(|window| window.eq_ignore_ascii_case(words))
    }
}

/// What one thread judges with.
struct Judge {
    atom: Option<Atom>,
    matcher: Matcher,
    letters: Vec<char>,
}

impl Judge {
    fn new(words: &str) -> Self {
        let atom = |words| {
            Atom::new(
                words,
                CaseMatching::Smart,
                Normalization::Smart,
                AtomKind::Fuzzy,
                false,
            )
        };
        Judge {
            atom: (!words.is_empty()).then(|| atom(words)),
            matcher: Matcher::new(Config::DEFAULT.match_paths()),
            letters: Vec::new(),
        }
    }
}

impl Ranking {
    /// How many chunks have been looked at.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// Whether nothing fits so far.
    pub fn is_empty(&self) -> bool {
        self.best.is_empty()
    }

    /// Looks at chunks that have not been looked at, until then or until all are; at one at least.
    pub fn go_on(
        &mut self,
        query: &Query,
        chunks: &[Arc<Chunk>],
        until: Instant,
        is_wanted: impl Fn() -> bool + Sync,
    ) {
        let next = AtomicUsize::new(self.seen);
        let first = self.seen;
        let look = || {
            let mut judge = Judge::new(&query.words);
            let mut best = Vec::new();
            loop {
                let at = next.load(atomic::Ordering::Relaxed);
                if at > first && Instant::now() >= until || !is_wanted() {
                    return best;
                }
                let at = next.fetch_add(1, atomic::Ordering::Relaxed);
                let Some(chunk) = chunks.get(at) else {
                    return best;
                };
                for entry in chunk.entries() {
                    let path = chunk.path(*entry);
                    if let Some(rank) = query.rank(&mut judge, path, *entry) {
                        best.push(Place {
                            rank,
                            length: judge.atom.as_ref().map_or(0, |_| entry.length()),
                            chunk: at,
                            entry: *entry,
                        });
                    }
                }
                cut(&mut best, chunks);
            }
        };
        let threads = std::thread::available_parallelism().map_or(1, |count| count.get());
        let threads = threads
            .min(RANKERS)
            .min(chunks.len() - first.min(chunks.len()));
        let parts: Vec<Vec<Place>> = std::thread::scope(|scope| {
            let helpers: Vec<_> = (1..threads).map(|_| scope.spawn(look)).collect();
            let own = look();
            let helped = helpers.into_iter().filter_map(|helper| helper.join().ok());
            std::iter::once(own).chain(helped).collect()
        });
        self.seen = next.into_inner().min(chunks.len());
        self.best.extend(parts.into_iter().flatten());
        cut(&mut self.best, chunks);
    }

    /// The best, best first.
    pub fn items(&self, query: &Query, chunks: &[Arc<Chunk>], style: Style) -> Vec<Item> {
        let mut best: Vec<Place> = self.best.clone();
        best.sort_by(|a, b| compare(a, b, chunks));
        let items = best.into_iter().map(|place| {
            let path = path(&place, chunks);
            let path = path.strip_prefix(query.below.as_str()).unwrap_or(path);
            let slash = if place.entry.is_folder { "/" } else { "" };
            let shown = format!("{}{path}", query.shown);
            let (folder, name) = match shown.rfind('/') {
                Some(slash) => shown.split_at(slash + 1),
                None => ("", shown.as_str()),
            };
            let label = format!("{name}{slash}");
            style.item(&format!("{shown}{slash}"), label, folder.to_owned())
        });
        items.collect()
    }
}

fn path<'a>(place: &Place, chunks: &'a [Arc<Chunk>]) -> &'a str {
    chunks
        .get(place.chunk)
        .map_or("", |chunk| chunk.path(place.entry))
}

fn compare(a: &Place, b: &Place, chunks: &[Arc<Chunk>]) -> Ordering {
    let by_rank = b.rank.cmp(&a.rank);
    by_rank
        .then_with(|| a.length.cmp(&b.length))
        .then_with(|| path(a, chunks).cmp(path(b, chunks)))
}

/// Keeps the best alone.
fn cut(best: &mut Vec<Place>, chunks: &[Arc<Chunk>]) {
    if best.len() > MOST {
        best.select_nth_unstable_by(MOST, |a, b| compare(a, b, chunks));
        best.truncate(MOST);
    }
}
