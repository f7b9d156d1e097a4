//! The editor: what the person is typing.
//!
//! Pure: text in, text out, no terminal. [`buffer`] holds the text and the caret, [`units`] says what one
//! step of the caret is, `words` what a word is, [`wrap`] folds lines into rows, [`undo`], [`kill`] and [`history`] remember,
//! [`paste`] stands in for large pastes and for pictures, `act` maps actions to edits, `draw` paints rows.

mod act;
pub mod buffer;
mod draw;
pub mod history;
pub mod kill;
pub mod paste;
mod place;
pub mod undo;
pub mod units;
mod words;
pub mod wrap;

use std::ops::Range;

use buffer::TextBuffer;
use history::History;
use kill::KillRing;
use paste::Pastes;
use undo::{Edit, UndoStack};
use wrap::Layout;

use crate::ai::Content;
use crate::session::Saying;

pub use act::typed;
pub use draw::Drawn;

/// A text longer than this never enters the editor letter by letter: it becomes a paste marker.
const LONGEST_PLAIN: usize = 100_000;

/// A multi-line editor with soft wrap, undo, kill ring, history and paste markers.
#[derive(Debug)]
pub struct Editor {
    buffer: TextBuffer,
    pastes: Pastes,
    undo: UndoStack,
    kills: KillRing,
    history: History,
    width: u16,
    page: u16,
    // The column that vertical motion aims at, kept over shorter rows.
    wanted_column: Option<u16>,
    jump: Option<Jump>,
    // The range of the text that the last yank put in, for yank-pop.
    yanked: Option<(usize, usize)>,
    last_was_kill: bool,
    scroll: usize,
    layout: Option<Layout>,
    revision: u64,
    // What was taken and nobody has asked for yet.
    taken: Vec<String>,
}

/// The next character typed is a place to go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Jump {
    Forward,
    Backward,
}

impl Default for Editor {
    fn default() -> Self {
        Editor {
            buffer: TextBuffer::default(),
            pastes: Pastes::default(),
            undo: UndoStack::default(),
            kills: KillRing::default(),
            history: History::default(),
            width: 80,
            page: 5,
            wanted_column: None,
            jump: None,
            yanked: None,
            last_was_kill: false,
            scroll: 0,
            layout: None,
            revision: 0,
            taken: Vec::new(),
        }
    }
}

impl Editor {
    /// Sets how wide rows may be and how many are shown.
    pub fn resize(&mut self, width: u16, page: u16) {
        if self.width != width {
            self.width = width;
            self.layout = None;
        }
        self.page = page.max(1);
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.buffer.text().is_empty()
    }

    /// What is typed, with every paste marker replaced by what was pasted.
    pub fn text(&self) -> String {
        self.pastes.expand(self.buffer.text())
    }

    /// What is typed as it stands in the buffer: one stand-in character for a large paste.
    pub fn raw(&self) -> &str {
        self.buffer.text()
    }

    /// A number that grows whenever the text changes.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Where the caret is in [`Editor::raw`], in bytes; always between two units.
    pub fn caret(&self) -> usize {
        self.buffer.caret()
    }

    /// Whether a shell command is being typed.
    pub fn is_shell(&self) -> bool {
        self.buffer.text().trim_start().starts_with('!')
    }

    /// Types `text` at the caret.
    pub fn insert(&mut self, text: &str) {
        let clean = units::clean(text);
        if clean.is_empty() {
            return;
        }
        if clean.len() > LONGEST_PLAIN {
            self.paste(&clean);
            return;
        }
        let kind = match clean.chars().all(char::is_whitespace) {
            true => Edit::Break,
            false => Edit::Typing,
        };
        self.remember(kind);
        self.buffer.insert(&clean);
        self.changed();
    }

    /// Puts a paste in: as it is when small, as a marker when large. A path is set apart from a word that
    /// it would run into.
    pub fn paste(&mut self, text: &str) {
        let mut clean = units::plain(&paste::decoded(text));
        if clean.is_empty() {
            return;
        }
        self.remember(Edit::Other);
        if clean.starts_with(['/', '~', '.']) && self.buffer.is_behind_word() {
            clean.insert(0, ' ');
        }
        match self.pastes.keep(&clean) {
            Some(stand_in) => self.buffer.insert(stand_in.encode_utf8(&mut [0; 4])),
            None => self.buffer.insert(&units::clean(&clean)),
        }
        self.changed();
    }

    /// The pictures that are in it, in order.
    pub fn images(&self) -> Vec<Content> {
        self.pastes.pictures(self.buffer.text()).cloned().collect()
    }

    /// Replaces everything, undoably; the caret goes to the end. Pictures stay, behind the text.
    pub fn replace(&mut self, text: &str) {
        self.remember(Edit::Other);
        let pictures = self.images();
        self.buffer.set("");
        let clean = self.whole(text, &pictures);
        self.buffer.insert(&clean);
        self.changed();
    }

    /// Puts texts in front of what is typed, with a blank line between.
    pub fn put_back(&mut self, texts: &[String]) {
        let spoken: Vec<Saying> = texts.iter().map(Saying::from).collect();
        self.bring_back(&spoken);
    }

    /// Puts what was said in front of what is typed, with a blank line between, its pictures as markers
    /// behind their words: what came back from the queue.
    pub fn bring_back(&mut self, spoken: &[Saying]) {
        let mut parts: Vec<&Saying> = spoken.iter().collect();
        parts.retain(|part| !part.text.trim().is_empty() || !part.images.is_empty());
        if parts.is_empty() {
            return;
        }
        let typed = self.buffer.text().to_owned();
        self.remember(Edit::Other);
        self.buffer.set("");
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.buffer.insert("\n\n");
            }
            let clean = self.whole(&part.text, &part.images);
            self.buffer.insert(&clean);
        }
        if !typed.trim().is_empty() {
            self.buffer.insert("\n\n");
            self.buffer.insert(&typed);
        }
        self.changed();
    }

    /// Prompts from before the first one that was taken, oldest first, for the history.
    pub fn recall(&mut self, prompts: Vec<String>) {
        for prompt in prompts.into_iter().rev() {
            let clean = self.kept(&prompt);
            self.history.add_before(&clean);
        }
    }

    /// Puts `text` in place of a range of [`Editor::raw`], undoably; the caret ends up so many bytes before
    /// its end. A range that cuts through a character is none.
    pub fn splice(&mut self, range: Range<usize>, text: &str, back: usize) {
        if self.buffer.text().get(range.clone()).is_none() {
            return;
        }
        self.remember(Edit::Other);
        self.buffer.move_to(range.end);
        self.buffer.cut(range.start);
        let clean = units::clean(text);
        self.buffer.insert(&clean);
        self.buffer
            .move_to(self.buffer.caret().saturating_sub(back));
        self.changed();
    }

    /// Prompts that were sent elsewhere before all of those, oldest first; what is known is left out.
    pub fn recall_others(&mut self, prompts: Vec<String>) {
        for prompt in prompts.into_iter().rev() {
            let clean = self.kept(&prompt);
            if !self.history.knows(&clean) {
                self.history.add_before(&clean);
            }
        }
    }

    /// What was taken since this was asked last.
    pub fn taken(&mut self) -> Vec<String> {
        std::mem::take(&mut self.taken)
    }

    /// The prompts of the history, newest first: as they stand in the editor, and as they read.
    pub fn old_prompts(&self) -> Vec<(String, String)> {
        let prompts = self.history.prompts().rev();
        let read = prompts.map(|prompt| (prompt.to_owned(), self.pastes.named(prompt)));
        read.collect()
    }

    /// Puts an old prompt in place of everything, undoably.
    pub fn choose(&mut self, prompt: &str) {
        self.remember(Edit::Other);
        self.buffer.set(prompt);
        self.changed();
    }

    /// Empties it, undoably.
    pub fn clear(&mut self) {
        if self.is_empty() {
            return;
        }
        self.remember(Edit::Other);
        self.kills
            .push(self.buffer.text(), kill::Side::Forward, false);
        self.buffer.set("");
        self.changed();
    }

    /// Takes what is typed, expanded, into the history and leaves the editor empty.
    pub fn take(&mut self) -> String {
        let text = self.text();
        self.history.add(self.buffer.text());
        self.taken.push(text.clone());
        self.empty();
        text
    }

    /// The same, and nothing remembers it.
    pub fn take_unkept(&mut self) -> String {
        let text = self.text();
        self.history.leave();
        self.empty();
        text
    }

    fn empty(&mut self) {
        self.buffer.set("");
        self.undo.clear();
        let history = &self.history;
        let kills = &self.kills;
        self.pastes
            .forget_unless(|stand_in| history.mentions(stand_in) || kills.mentions(stand_in));
        self.changed();
    }

    // A text as it stands in the buffer, and its pictures behind it.
    fn whole(&mut self, text: &str, pictures: &[Content]) -> String {
        let mut clean = self.kept(text);
        for picture in pictures {
            if let Some(stand_in) = self.pastes.attach(picture) {
                if !clean.is_empty() {
                    clean.push(' ');
                }
                clean.push(stand_in);
            }
        }
        clean
    }

    // A text as it stands in the buffer: itself, or a stand-in when it is very long.
    fn kept(&mut self, text: &str) -> String {
        let plain = units::plain(text);
        if units::has_stand_in(&plain) || plain.len() > LONGEST_PLAIN {
            return self.known_or_kept(plain);
        }
        self.pastes.recognise(&plain).into_owned()
    }

    // What was pasted before and no more is no new paste.
    fn known_or_kept(&mut self, plain: String) -> String {
        if let Some(stand_in) = self.pastes.known(&plain) {
            return stand_in.into();
        }
        if !units::has_stand_in(&plain) {
            let recognised = self.pastes.recognise(&plain);
            if recognised.len() <= LONGEST_PLAIN {
                return recognised.into_owned();
            }
        }
        match self.pastes.keep(&plain) {
            Some(stand_in) => stand_in.into(),
            None => units::clean(&plain),
        }
    }

    fn remember(&mut self, edit: Edit) {
        self.undo
            .remember(edit, self.buffer.text(), self.buffer.caret());
    }

    /// Whether an old prompt is shown as it was sent.
    pub fn is_browsing(&self) -> bool {
        self.history.is_browsing()
    }

    /// Forgets that the next character typed is a place to go to.
    pub fn leave_jump(&mut self) {
        self.jump = None;
    }

    // Whatever changes an old prompt makes it the person's own.
    fn changed(&mut self) {
        self.history.leave();
        self.shown();
    }

    fn shown(&mut self) {
        self.revision += 1;
        self.layout = None;
        self.moved();
    }

    fn moved(&mut self) {
        self.jump = None;
        self.wanted_column = None;
        self.yanked = None;
        self.last_was_kill = false;
    }

    fn layout(&mut self) -> &Layout {
        let (text, width, pastes) = (self.buffer.text(), self.width, &self.pastes);
        self.layout
            .get_or_insert_with(|| Layout::new(text, width, |unit| pastes.width(unit)))
    }
}

#[cfg(test)]
mod tests;
