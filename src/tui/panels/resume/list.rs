//! What is known of the sessions: the parts of the list that came, the last words, what is under way.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::ResumePanel;
use crate::store::Removed;
use crate::store::index::{Listed, Page, Snippet, Spoken, Voice, Wanted};
use crate::tui::look::Token;
use crate::tui::shelf::{Answer, Request};

/// Sessions in one part of the list.
const PART: usize = 100;
/// Sessions whose last words are kept.
const KEPT: usize = 64;

/// What is known.
#[derive(Default)]
pub(super) struct Sessions {
    /// In order, from the first.
    pub listed: Vec<Listed>,
    /// Those that do not match by their names, but in which the words were said.
    pub spoken: Vec<Spoken>,
    /// What these are of, without bounds, and what they are asked for.
    spoken_of: Option<Wanted>,
    spoken_asked: Option<Wanted>,
    /// Whether there are more.
    pub more: bool,
    /// Why there is no list.
    pub failed: Option<String>,
    /// What the list is of, without its bounds; `None` before the first answer.
    of: Option<Wanted>,
    /// The part that is being read.
    asked: Option<Wanted>,
    /// Something has changed on disk.
    stale: bool,
    said: HashMap<PathBuf, Vec<(Voice, String)>>,
    listening: Option<PathBuf>,
}

impl Sessions {
    /// Whether what is wanted has not come yet.
    pub fn is_behind(&self, wanted: &Wanted) -> bool {
        self.of.as_ref() != Some(wanted)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.listed.len() + self.spoken.len()
    }

    /// The session in a row, and where it was found in what was said.
    pub fn row(&self, at: usize) -> Option<(&Listed, Option<&Snippet>)> {
        if let Some(listed) = self.listed.get(at) {
            return Some((listed, None));
        }
        let spoken = self.spoken.get(at - self.listed.len())?;
        Some((&spoken.listed, Some(&spoken.snippet)))
    }

    /// The entry that the session in a row was found by.
    pub fn entry(&self, at: usize) -> Option<&str> {
        let spoken = self.spoken.get(at.checked_sub(self.listed.len())?)?;
        spoken.entry.as_deref()
    }

    /// Whether what was said is still looked through.
    pub fn is_listening(&self, wanted: &Wanted) -> bool {
        !wanted.words.is_empty() && self.spoken_of.as_ref() != Some(wanted)
    }

    /// Leaves out those that are listed by their names.
    fn part_spoken(&mut self) {
        let listed = &self.listed;
        let is_listed = |path: &Path| listed.iter().any(|it| it.path == path);
        self.spoken.retain(|it| !is_listed(&it.listed.path));
    }

    /// The last words of a session; `None` while they are read.
    pub fn said(&self, path: &Path) -> Option<&[(Voice, String)]> {
        self.said.get(path).map(Vec::as_slice)
    }

    /// What to ask for now.
    pub fn asks(&mut self, wanted: &Wanted, selected: usize, page: usize) -> Vec<Request> {
        let mut asks = Vec::new();
        if self.asked.is_none()
            && let Some((offset, limit)) = self.next_part(wanted, selected, page)
        {
            let part = Wanted {
                offset,
                limit,
                ..wanted.clone()
            };
            self.asked = Some(part.clone());
            asks.push(Request::Page(part));
        }
        let path = self.row(selected).map(|(listed, _)| listed.path.clone());
        if self.listening.is_none()
            && let Some(path) = path
            && !self.said.contains_key(&path)
        {
            self.listening = Some(path.clone());
            asks.push(Request::Said(path));
        }
        // After the names, which are found sooner.
        if self.spoken_asked.is_none() && !self.is_behind(wanted) && self.is_listening(wanted) {
            self.spoken_asked = Some(wanted.clone());
            asks.push(Request::Spoken(wanted.clone()));
        }
        asks
    }

    fn next_part(&self, wanted: &Wanted, selected: usize, page: usize) -> Option<(usize, usize)> {
        let len = self.listed.len();
        if self.is_behind(wanted) {
            return Some((0, PART));
        }
        if self.stale {
            return Some((0, len.max(PART)));
        }
        (self.more && selected + 2 * page >= len).then_some((len, PART))
    }

    fn add(&mut self, part: &Wanted, page: &Page) {
        if part.offset == 0 {
            self.listed.clear();
            self.said.clear();
            self.stale = false;
        }
        // Another process may have written one meanwhile, which moves the others on.
        let is_new = |listed: &&Listed| !self.listed.iter().any(|it| it.path == listed.path);
        let new: Vec<Listed> = page.sessions.iter().filter(is_new).cloned().collect();
        self.more = page.more && !page.sessions.is_empty();
        self.listed.extend(new);
        self.part_spoken();
    }
}

impl ResumePanel {
    /// What is wanted now, without bounds.
    pub(super) fn wanted(&self) -> Wanted {
        Wanted {
            sort: self.sort,
            project: (!self.all_projects).then(|| self.at.project.clone()),
            named: self.named,
            words: self.filter.trim().to_owned(),
            ..Wanted::default()
        }
    }

    /// The session that is selected.
    pub(super) fn chosen(&self) -> Option<&Listed> {
        self.sessions.row(self.selected).map(|(listed, _)| listed)
    }

    pub(super) fn go(&mut self, by: isize) {
        let last = self.sessions.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
    }

    pub(super) fn take(&mut self, answer: &Answer) {
        match answer {
            Answer::Page(part, page) => self.take_part(part, page),
            Answer::Spoken(wanted, spoken) => self.take_spoken(wanted, spoken),
            Answer::Said(path, said) => {
                self.sessions.listening = None;
                if self.sessions.said.len() >= KEPT {
                    self.sessions.said.clear();
                }
                let said = said.clone().unwrap_or_default();
                self.sessions.said.insert(path.clone(), said);
            }
            // Nobody asks for it here.
            Answer::Held(..) => {}
            Answer::Renamed(_, Ok(())) => {
                self.sessions.stale = true;
                self.say("it has its new name", Token::Success);
            }
            Answer::Removed(path, Ok(removed)) => {
                self.sessions.listed.retain(|listed| listed.path != *path);
                self.sessions.spoken.retain(|it| it.listed.path != *path);
                self.sessions.stale = true;
                self.go(0);
                let what = match removed {
                    Removed::ToTrash => "moved to the trash",
                    Removed::ForGood => "deleted",
                };
                self.say(what, Token::Success);
            }
            Answer::Renamed(_, Err(why)) | Answer::Removed(_, Err(why)) => {
                self.say(why.clone(), Token::Error);
            }
        }
    }

    fn take_spoken(&mut self, of: &Wanted, spoken: &Result<Vec<Spoken>, String>) {
        let sessions = &mut self.sessions;
        sessions.spoken_asked = None;
        if *of != self.wanted() {
            return;
        }
        let sessions = &mut self.sessions;
        sessions.spoken_of = Some(of.clone());
        // Why nothing could be looked through is what the list itself says.
        sessions.spoken = spoken.clone().unwrap_or_default();
        sessions.part_spoken();
    }

    fn take_part(&mut self, part: &Wanted, page: &Result<Page, String>) {
        let wanted = self.wanted();
        self.sessions.asked = None;
        let of = Wanted {
            offset: 0,
            limit: 0,
            ..part.clone()
        };
        if of != wanted {
            return;
        }
        let kept = self.chosen().map(|listed| listed.path.clone());
        let before = self.sessions.of.replace(of);
        let is_again = before.as_ref() == Some(&wanted);
        let is_same_search = before.is_some_and(|before| before.words == wanted.words);
        match page {
            Ok(page) => {
                self.sessions.failed = None;
                self.sessions.add(part, page);
            }
            Err(why) => {
                self.sessions.failed = Some(why.clone());
                self.sessions.listed.clear();
                self.sessions.more = false;
                self.sessions.stale = false;
            }
        }
        if !is_again {
            self.sessions.spoken.clear();
        }
        let mut listed = self.sessions.listed.iter();
        let again = kept.and_then(|kept| listed.position(|it| it.path == kept));
        self.selected = match again {
            Some(at) if is_same_search => at,
            // Where the selected one was, when it has gone.
            None if is_again => self.selected,
            _ => 0,
        };
        self.go(0);
    }
}
