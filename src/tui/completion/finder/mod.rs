//! Looks for files beside the loop. The newest question wins: an older one ends as soon as it notices.
//!
//! `tree` lists what is below a folder, `rank` picks the best of it, `place` says which folder is meant,
//! `folder` reads one folder.

mod folder;
mod place;
mod rank;
mod tree;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Found, Item, Lookup, Style, What};
use place::Place;
use rank::{Query, Ranking};
use tree::Tree;

/// A list of files that is older than this is made anew when somebody begins to look.
const FRESH: Duration = Duration::from_secs(2);

/// How long after the question the best so far is told.
const EARLY: Duration = Duration::from_millis(12);

/// How often the best so far is told while a list grows.
const AGAIN: Duration = Duration::from_millis(60);

/// At most so many files of the working directory are known, and so many of another folder.
const MAIN: usize = 500_000;
const ASIDE: usize = 50_000;

/// Looks for files. Whatever is under way ends when it is dropped.
#[derive(Default)]
pub struct Finder {
    desk: Arc<Desk>,
}

#[derive(Default)]
struct Desk {
    newest: AtomicU64,
    is_closed: AtomicBool,
    // Held while trees are looked up and exchanged, never while one is walked.
    trees: Mutex<Trees>,
}

/// The files of the working directory, and those of one other folder.
#[derive(Default)]
struct Trees {
    main: Option<Kept>,
    aside: Option<Kept>,
}

struct Kept {
    tree: Arc<Tree>,
    /// Takes its place when it is whole.
    next: Option<Arc<Tree>>,
}

impl Finder {
    /// Asks beside the loop; `tell` is told the best so far, at last the best of all.
    pub fn ask(&self, lookup: Lookup, tell: impl FnMut(Found) + Send + 'static) {
        let desk = self.desk.clone();
        desk.newest.store(lookup.id, Ordering::Release);
        tokio::task::spawn_blocking(move || desk.answer(&lookup, tell));
    }

    /// Asks and waits: for a thread that may wait.
    pub fn answer(&self, lookup: &Lookup, tell: impl FnMut(Found)) {
        self.desk.newest.store(lookup.id, Ordering::Release);
        self.desk.answer(lookup, tell);
    }
}

impl Drop for Finder {
    fn drop(&mut self) {
        self.desk.is_closed.store(true, Ordering::Release);
        let trees = self.desk.trees();
        for kept in [&trees.main, &trees.aside].into_iter().flatten() {
            kept.tree.stop();
            if let Some(next) = &kept.next {
                next.stop();
            }
        }
    }
}

impl Desk {
    fn answer(&self, lookup: &Lookup, mut tell: impl FnMut(Found)) {
        let id = lookup.id;
        let mut told = |items, is_whole| {
            if self.is_wanted(id) {
                tell(Found {
                    id,
                    items,
                    is_whole,
                });
            }
        };
        match &lookup.what {
            What::Folder(path, style) => {
                let items = folder::list(path, &lookup.root, lookup.home.as_deref(), *style);
                told(items, true);
            }
            What::Files(words, style) => self.files(lookup, words, *style, told),
        }
    }

    fn is_wanted(&self, id: u64) -> bool {
        self.newest.load(Ordering::Acquire) == id && !self.is_closed.load(Ordering::Acquire)
    }

    fn trees(&self) -> MutexGuard<'_, Trees> {
        self.trees.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn files(
        &self,
        lookup: &Lookup,
        words: &str,
        style: Style,
        mut tell: impl FnMut(Vec<Item>, bool),
    ) {
        let is_wanted = || self.is_wanted(lookup.id);
        let (mut tree, query) = self.place(words, lookup);
        let mut ranking = Ranking::default();
        let mut until = Instant::now() + EARLY;
        loop {
            let Some(grown) = tree.wait(ranking.seen(), until, is_wanted) else {
                return;
            };
            ranking.go_on(&query, &grown.chunks, until, is_wanted);
            if !is_wanted() {
                return;
            }
            let is_through = grown.is_whole && ranking.seen() == grown.chunks.len();
            // A newer list may be on its way.
            let next = is_through.then(|| self.successor(&tree)).flatten();
            tell(
                ranking.items(&query, &grown.chunks, style),
                is_through && next.is_none(),
            );
            match next {
                Some(next) => {
                    if !next.wait_until_whole(is_wanted) {
                        return;
                    }
                    tree = next;
                    ranking = Ranking::default();
                }
                None if is_through => return,
                None => {}
            }
            let pause = if ranking.is_empty() { EARLY } else { AGAIN };
            until = Instant::now() + pause;
        }
    }

    /// Where to look, and what for.
    fn place(&self, words: &str, lookup: &Lookup) -> (Arc<Tree>, Query) {
        let root = &lookup.root;
        match place::of(words, root, lookup.home.as_deref()) {
            Place::Main { below, query } => {
                let tree = self.main(root, lookup.is_first);
                if below.is_empty() || tree.holds(&below) {
                    return (tree, query.below(below));
                }
                // What is ignored is shown to whoever names its folder.
                (self.aside(&root.join(&below), lookup.is_first), query)
            }
            Place::Aside { folder, query } => (self.aside(&folder, lookup.is_first), query),
        }
    }

    fn main(&self, root: &Path, is_first: bool) -> Arc<Tree> {
        let mut trees = self.trees();
        kept(&mut trees.main, root.to_path_buf(), is_first, MAIN)
    }

    fn aside(&self, folder: &Path, is_first: bool) -> Arc<Tree> {
        let mut trees = self.trees();
        kept(&mut trees.aside, folder.to_path_buf(), is_first, ASIDE)
    }

    fn successor(&self, tree: &Arc<Tree>) -> Option<Arc<Tree>> {
        let trees = self.trees();
        let mut kept = [&trees.main, &trees.aside].into_iter().flatten();
        let kept = kept.find(|kept| Arc::ptr_eq(&kept.tree, tree))?;
        kept.next.clone()
    }
}

/// The tree of a folder: the one that is known, made anew beside it when it has aged, or a new one.
fn kept(place: &mut Option<Kept>, root: PathBuf, is_first: bool, most: usize) -> Arc<Tree> {
    if let Some(kept) = place
        && kept.tree.root() == root
    {
        if let Some(next) = kept.next.take_if(|next| next.age().is_some()) {
            kept.tree = next;
        }
        let has_aged = kept.tree.age().is_some_and(|age| age > FRESH);
        if is_first && has_aged && kept.next.is_none() {
            kept.next = Some(Tree::grow(root, most));
        }
        return kept.tree.clone();
    }
    if let Some(kept) = place.take() {
        kept.tree.stop();
        if let Some(next) = kept.next {
            next.stop();
        }
    }
    let tree = Tree::grow(root, most);
    *place = Some(Kept {
        tree: tree.clone(),
        next: None,
    });
    tree
}

#[cfg(test)]
mod tests;
