//! The files below a folder, listed by threads of their own and known as they come.
//!
//! Ignore files are honoured with or without a git repository, hidden files are in, `.git` is not, links
//! are followed. What is right in the folder comes first. Names that cannot be typed are left out.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ignore::{DirEntry, WalkBuilder, WalkState};

/// Entries of a chunk.
const CHUNK: usize = 1024;

/// How often a wait looks whether it is still worth while.
const GLANCE: Duration = Duration::from_millis(5);

/// At most so many threads walk.
const WALKERS: usize = 4;

/// A list of files that may still grow.
pub(super) struct Tree {
    root: PathBuf,
    is_stopped: AtomicBool,
    count: AtomicUsize,
    most: usize,
    // Held for pushing a chunk and for taking a copy of the list of chunks.
    state: Mutex<Grown>,
    news: Condvar,
    ended: Mutex<Option<Instant>>,
}

/// What there is of it.
#[derive(Clone, Default)]
pub(super) struct Grown {
    /// Only ever grows.
    pub chunks: Vec<Arc<Chunk>>,
    /// Whether this is all.
    pub is_whole: bool,
}

/// Some of the files.
#[derive(Default)]
pub(super) struct Chunk {
    text: String,
    entries: Vec<Entry>,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    start: u32,
    length: u16,
    /// Where its name begins in its path.
    pub name: u16,
    /// How many folders it is in.
    pub depth: u8,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Whether its path is ASCII.
    pub is_ascii: bool,
}

impl Entry {
    /// Bytes of its path.
    pub fn length(&self) -> u16 {
        self.length
    }
}

impl Chunk {
    /// The files.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The path of one of them, from the folder; without a slash at its end.
    pub fn path(&self, entry: Entry) -> &str {
        let start = entry.start as usize;
        self.text
            .get(start..start + usize::from(entry.length))
            .unwrap_or_default()
    }

    fn push(&mut self, path: &str, is_folder: bool) {
        let (Ok(start), Ok(length)) = (u32::try_from(self.text.len()), u16::try_from(path.len()))
        else {
            return;
        };
        let name = path.rfind('/').map_or(0, |slash| slash + 1);
        let depth = path.bytes().filter(|byte| *byte == b'/').count();
        self.text.push_str(path);
        self.entries.push(Entry {
            start,
            length,
            name: u16::try_from(name).unwrap_or(0),
            depth: u8::try_from(depth).unwrap_or(u8::MAX),
            is_folder,
            is_ascii: path.is_ascii(),
        });
    }
}

impl Tree {
    /// Begins to list what is below `root`, at most so many.
    pub fn grow(root: PathBuf, most: usize) -> Arc<Self> {
        let tree = Arc::new(Tree {
            root,
            is_stopped: AtomicBool::new(false),
            count: AtomicUsize::new(0),
            most,
            state: Mutex::default(),
            news: Condvar::new(),
            ended: Mutex::new(None),
        });
        let walker = tree.clone();
        let begun = std::thread::Builder::new()
            .name("files".into())
            .spawn(move || {
                walker.walk();
                walker.end();
            });
        if begun.is_err() {
            tree.end();
        }
        tree
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Lists no more.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Release);
    }

    /// How long it has been whole.
    pub fn age(&self) -> Option<Duration> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.map(|ended| ended.elapsed())
    }

    #[cfg(test)]
    pub fn make_old(&self) {
        let long_ago = Instant::now().checked_sub(Duration::from_secs(60));
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = long_ago;
    }

    /// Whether it is whole and has anything below this folder, which ends with a slash.
    pub fn holds(&self, below: &str) -> bool {
        let Grown { chunks, is_whole } = self.state().clone();
        let has = |chunk: &Arc<Chunk>| {
            let mut entries = chunk.entries.iter();
            entries.any(|entry| chunk.path(*entry).starts_with(below))
        };
        is_whole && chunks.iter().any(has)
    }

    /// Waits until it is whole or, with more than `seen` chunks there, until then; without any, for the
    /// first. `None` when nobody wants to know any more.
    pub fn wait(&self, seen: usize, until: Instant, is_wanted: impl Fn() -> bool) -> Option<Grown> {
        let mut state = self.state();
        loop {
            let has_more = state.chunks.len() > seen;
            if state.is_whole || has_more && (seen == 0 || Instant::now() >= until) {
                return Some(state.clone());
            }
            if !is_wanted() {
                return None;
            }
            let waited = self.news.wait_timeout(state, GLANCE);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until it is whole; false when nobody wants to know any more.
    pub fn wait_until_whole(&self, is_wanted: impl Fn() -> bool) -> bool {
        let mut state = self.state();
        while !state.is_whole {
            if !is_wanted() {
                return false;
            }
            let waited = self.news.wait_timeout(state, GLANCE);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    fn state(&self) -> MutexGuard<'_, Grown> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn walk(&self) {
        // What is right here, before anything deeper is looked at.
        let mut here = Chunk::default();
        for entry in self.plan().max_depth(Some(1)).build().flatten() {
            if self.is_stopped.load(Ordering::Acquire) {
                return;
            }
            self.take(&mut here, &entry);
        }
        self.add(here);
        let threads = std::thread::available_parallelism().map_or(1, |count| count.get());
        let walk = self.plan().threads(threads.min(WALKERS)).build_parallel();
        walk.run(|| {
            let mut part = Part {
                tree: self,
                chunk: Chunk::default(),
            };
            Box::new(move |entry| {
                let Ok(entry) = entry else {
                    return WalkState::Continue;
                };
                if entry.depth() > 1 {
                    self.take(&mut part.chunk, &entry);
                    if part.chunk.entries.len() >= CHUNK {
                        self.add(std::mem::take(&mut part.chunk));
                    }
                }
                let is_full = self.count.load(Ordering::Relaxed) >= self.most;
                match is_full || self.is_stopped.load(Ordering::Relaxed) {
                    true => WalkState::Quit,
                    false => WalkState::Continue,
                }
            })
        });
    }

    fn plan(&self) -> WalkBuilder {
        let mut plan = WalkBuilder::new(&self.root);
        plan.hidden(false)
            .require_git(false)
            .follow_links(true)
            .filter_entry(|entry| entry.depth() == 0 || entry.file_name() != ".git");
        plan
    }

    fn take(&self, chunk: &mut Chunk, entry: &DirEntry) {
        let path = entry.path().strip_prefix(&self.root).ok();
        let Some(path) = path
            .and_then(Path::to_str)
            .filter(|path| can_be_typed(path))
        else {
            return;
        };
        chunk.push(path, entry.file_type().is_some_and(|kind| kind.is_dir()));
    }

    fn add(&self, chunk: Chunk) {
        if chunk.entries.is_empty() {
            return;
        }
        self.count.fetch_add(chunk.entries.len(), Ordering::Relaxed);
        self.state().chunks.push(Arc::new(chunk));
        self.news.notify_all();
    }

    fn end(&self) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.state().is_whole = true;
        self.news.notify_all();
    }
}

/// Whether a path can stand in a prompt.
pub(super) fn can_be_typed(path: &str) -> bool {
    !path.is_empty() && !path.contains(char::is_control)
}

/// What one thread has listed and not handed over.
struct Part<'a> {
    tree: &'a Tree,
    chunk: Chunk,
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        self.tree.add(std::mem::take(&mut self.chunk));
    }
}
