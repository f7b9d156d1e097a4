//! The sessions there are, as the terminal asks for them: never on the thread that hears keys.
//!
//! The terminal does not know where sessions or their index are; whoever begins it hands a [`Shelf`] in.

use std::path::{Path, PathBuf};

use crate::store::Removed;
use crate::store::index::{Page, Spoken, Voice, Wanted};

/// How many of the last messages are shown of a session.
const SAID: usize = 12;

/// So many sessions are shown in which something was said.
const SPOKEN: usize = 30;

/// All sessions. Its methods read files and may take their time; failures come in words.
pub trait Shelf: Send + Sync {
    /// A part of the list.
    fn page(&self, wanted: &Wanted) -> Result<Page, String>;

    /// At most so many sessions in which the words were said that are wanted.
    fn spoken(&self, wanted: &Wanted, most: usize) -> Result<Vec<Spoken>, String>;

    /// What was said last, at most `count` messages.
    fn said(&self, path: &Path, count: usize) -> Result<Vec<(Voice, String)>, String>;

    /// Whether somebody writes a session, here or in another pi.
    fn is_in_use(&self, path: &Path) -> bool;

    /// Gives a session a name that nobody has open.
    fn rename(&self, path: &Path, name: &str) -> Result<(), String>;

    /// Takes a session away that nobody has open.
    fn remove(&self, path: &Path) -> Result<Removed, String>;
}

/// What is asked of a shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// A part of the list.
    Page(Wanted),
    /// The sessions in which these words were said.
    Spoken(Wanted),
    /// What was said last in this session.
    Said(PathBuf),
    /// Whether somebody writes this session.
    Held(PathBuf),
    /// This session is to have this name.
    Rename(PathBuf, String),
    /// This session is to go.
    Remove(PathBuf),
}

/// What a shelf answers; beside it what was asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// That part of the list.
    Page(Wanted, Result<Page, String>),
    /// The sessions in which those words were said.
    Spoken(Wanted, Result<Vec<Spoken>, String>),
    /// The last words of that session.
    Said(PathBuf, Result<Vec<(Voice, String)>, String>),
    /// Whether somebody writes that session.
    Held(PathBuf, bool),
    /// That session has its name.
    Renamed(PathBuf, Result<(), String>),
    /// That session is gone.
    Removed(PathBuf, Result<Removed, String>),
}

impl Request {
    /// Asks and waits: for a thread that may wait.
    pub fn ask(self, shelf: &dyn Shelf) -> Answer {
        match self {
            Request::Page(wanted) => {
                let page = shelf.page(&wanted);
                Answer::Page(wanted, page)
            }
            Request::Spoken(wanted) => {
                let spoken = shelf.spoken(&wanted, SPOKEN);
                Answer::Spoken(wanted, spoken)
            }
            Request::Said(path) => {
                let said = shelf.said(&path, SAID);
                Answer::Said(path, said)
            }
            Request::Held(path) => {
                let is_held = shelf.is_in_use(&path);
                Answer::Held(path, is_held)
            }
            Request::Rename(path, name) => {
                let renamed = shelf.rename(&path, &name);
                Answer::Renamed(path, renamed)
            }
            Request::Remove(path) => {
                let removed = shelf.remove(&path);
                Answer::Removed(path, removed)
            }
        }
    }
}
