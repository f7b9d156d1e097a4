//! Searching the conversation: what was found, which of it is shown, and what of it is in the window.
//!
//! Messages are read beside the loop (see [`super::scan`]) and counted as they were written; where they
//! are looked at, their rows are, and the count is put right. What is folded is unfolded while a match
//! within it is looked at.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::folds::Block;
use super::needle::{Match, Needle};
use super::paint::Paint;
use super::scan::{Hits, PromptScan, Scan, prompt};
use super::scroll::{Place, Stand};
use super::view::{Transcript, paint};
use crate::tui::look::Look;

/// A search that is going on.
#[derive(Default)]
pub(super) struct Search {
    needle: Option<Needle>,
    /// Where the window was.
    origin: Option<Stand>,
    /// The first slot of the window where the words were typed.
    from: usize,
    /// How often each slot has it.
    hits: BTreeMap<usize, usize>,
    /// The slot of the match that is shown, and which of the slot's it is.
    current: Option<(usize, usize)>,
    /// Where it is drawn.
    pieces: Match,
    /// What was unfolded to show it.
    opened: Vec<Block>,
    /// Messages that are looked through beside the loop, or have been looked through here.
    seen: usize,
    below: bool,
    all: bool,
    wanted: Arc<AtomicU64>,
    /// The number of the match that is shown, of so many.
    count: (usize, usize),
}

/// How far a search has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The number of the match that is shown, from 1; 0 for none.
    pub at: usize,
    /// How many there are, as far as is known.
    pub of: usize,
    /// Whether all has been looked through.
    pub all: bool,
}

impl Transcript {
    /// Searches for these words from where the window is; nothing for no words. The result is to be
    /// run beside the loop, and what it tells given to [`Transcript::found`].
    pub fn search(&mut self, words: &str) -> Option<Scan> {
        self.fold_again();
        let before = std::mem::take(&mut self.search);
        let origin = before.origin.unwrap_or_else(|| self.scroll.stand());
        let id = before.wanted.fetch_add(1, Ordering::Relaxed) + 1;
        let at_current = before.current.map(|(slot, _)| slot);
        let top = self.scroll.places().first().map_or(0, |place| place.slot);
        let from = at_current.unwrap_or(top);
        let needle = Needle::new(words);
        let history = self.list.history().clone();
        self.search = Search {
            needle: needle.clone(),
            origin: Some(origin),
            from,
            seen: history.len(),
            wanted: before.wanted,
            ..Search::default()
        };
        Some(Scan {
            id,
            needle: needle?,
            // The header has the first slot.
            from: from.saturating_sub(1),
            history,
            thinking: self.thinking,
            wanted: self.search.wanted.clone(),
        })
    }

    /// Takes what a search has found.
    pub fn found(&mut self, found: Hits, look: &Look) {
        if found.id != self.search.wanted.load(Ordering::Relaxed) || self.search.needle.is_none() {
            return;
        }
        for (message, count) in found.hits {
            if let Some(slot) = self.list.slot_of(message) {
                *self.search.hits.entry(slot).or_default() += count;
            }
        }
        self.search.below |= found.below;
        self.search.all |= found.all;
        self.search_since();
        if self.search.current.is_none() {
            self.choose(look);
        }
        self.search.recount();
    }

    /// Goes to the next match, or to the one before; around the ends.
    pub fn search_on(&mut self, forward: bool, look: &Look) {
        self.search_since();
        let hits = &self.search.hits;
        let Some((slot, nth)) = self.search.current else {
            self.choose(look);
            return self.search.recount();
        };
        let count = hits.get(&slot).copied().unwrap_or(0);
        let next = match forward {
            true if nth + 1 < count => Some((slot, nth + 1)),
            true => {
                let behind = hits.range(slot + 1..).next().or_else(|| hits.iter().next());
                behind.map(|(slot, _)| (*slot, 0))
            }
            false if nth > 0 => Some((slot, nth - 1)),
            false => {
                let before = hits.range(..slot).next_back();
                let before = before.or_else(|| hits.iter().next_back());
                before.map(|(slot, count)| (*slot, count.saturating_sub(1)))
            }
        };
        if let Some((slot, nth)) = next {
            self.show_match(slot, nth, !forward, look);
        }
        self.search.recount();
    }

    /// Ends the search; the window goes back to where it was, or stays.
    pub fn end_search(&mut self, stay: bool) {
        if !stay {
            self.fold_again();
        }
        let search = std::mem::take(&mut self.search);
        search.wanted.fetch_add(1, Ordering::Relaxed);
        if let Some(origin) = search.origin.filter(|_| !stay) {
            self.scroll.back_to(origin);
        }
        self.search.wanted = search.wanted;
    }

    /// How far the search has come; `None` when nothing is searched for.
    pub fn search_progress(&self) -> Option<Progress> {
        self.search.needle.as_ref()?;
        let (at, of) = self.search.count;
        let all = self.search.all;
        Some(Progress { at, of, all })
    }

    /// The prompts of the history, to be read beside the loop, and those since.
    pub fn prompts(&self) -> PromptScan {
        let history = self.list.history().clone();
        let read = history.len();
        let since = (read..self.list.messages()).filter_map(|at| {
            let (_, message) = self.list.said(at)?;
            prompt(at, &message)
        });
        PromptScan {
            since: since.collect(),
            history,
        }
    }

    /// Looks through what has been said since the search began.
    pub(super) fn search_since(&mut self) {
        let Some(needle) = &self.search.needle else {
            return;
        };
        if self.search.seen == self.list.messages() {
            return;
        }
        for at in self.search.seen..self.list.messages() {
            let Some((slot, message)) = self.list.said(at) else {
                continue;
            };
            let count = needle.count(&message, self.thinking);
            if count > 0 {
                *self.search.hits.entry(slot).or_default() += count;
            }
        }
        self.search.seen = self.list.messages();
        self.search.recount();
    }

    /// The matches in the window, and which is the one that is gone to.
    pub(super) fn matches_in(
        &self,
        rows: &[(Place, ratatui::text::Line<'static>)],
    ) -> Vec<(Match, bool)> {
        let Some(needle) = &self.search.needle else {
            return Vec::new();
        };
        let matches = needle.matches(rows).into_iter();
        matches
            .map(|found| {
                let is_current = found.iter().any(|piece| self.search.pieces.contains(piece));
                (found, is_current)
            })
            .collect()
    }

    /// The match to begin with: in the window or below, near; else the nearest above; else the first.
    fn choose(&mut self, look: &Look) {
        let search = &self.search;
        let end = self.scroll.places().last().map_or(0, |place| place.slot);
        let near = search.hits.range(search.from..=end.max(search.from)).next();
        let above = search.hits.range(..search.from).next_back();
        let far = search.hits.range(search.from..).next();
        let found = match (near, above) {
            (Some((slot, _)), _) => Some((*slot, 0)),
            (None, Some((slot, count))) if search.below => Some((*slot, count - 1)),
            _ if search.all => far.map(|(slot, _)| (*slot, 0)),
            _ => None,
        };
        if let Some((slot, nth)) = found {
            let is_last = slot < search.from;
            self.show_match(slot, nth, is_last, look);
        }
    }

    /// Brings a match into the window. `from_end` when it was counted from the slot's end.
    fn show_match(&mut self, slot: usize, nth: usize, from_end: bool, look: &Look) {
        self.fold_again();
        let Some(needle) = self.search.needle.clone() else {
            return;
        };
        let paint = paint!(self, self.scroll.columns(), look);
        let mut matches = needle.matches(&self.list.rows_of(slot, &paint));
        if matches.is_empty() {
            self.search.opened = self.list.unfold(slot);
            matches = needle.matches(&self.list.rows_of(slot, &paint));
        }
        let counted = self.search.hits.get(&slot).copied().unwrap_or(0);
        if !matches.is_empty() {
            self.search.hits.insert(slot, matches.len());
        }
        let nth = match from_end {
            // From the end the last is the last, however many were counted.
            true if nth + 1 == counted => matches.len().saturating_sub(1),
            _ => nth.min(matches.len().saturating_sub(1)),
        };
        self.search.current = Some((slot, nth));
        self.search.pieces = matches.into_iter().nth(nth).unwrap_or_default();
        let first = self.search.pieces.first();
        let place = first.map_or(Place { slot, row: 0 }, |(place, _)| *place);
        self.scroll.show(place);
    }

    fn fold_again(&mut self) {
        for block in std::mem::take(&mut self.search.opened) {
            self.list.folds.unset(block);
        }
    }
}

impl Search {
    fn recount(&mut self) {
        let all = self.hits.values().sum();
        let at = self.current.map_or(0, |(slot, nth)| {
            let before: usize = self.hits.range(..slot).map(|(_, count)| count).sum();
            before + nth + 1
        });
        self.count = (at, all);
    }
}
