//! Bytes from the keyboard → what the person did. Understands the old encodings, xterm's
//! modifyOtherKeys, rxvt's and the kitty protocol, all at once, since nobody asked which one is spoken.
//! Any bytes are allowed: what is no input is skipped. Knows no clock: its owner says when the rest of a
//! key took too long.

mod answer;
mod code;
mod csi;
mod plain;
#[cfg(test)]
mod tests;

use memchr::memmem;

use crate::config::KeyChord;
use crate::tui::abilities::Answer;
use crate::tui::mouse::Mouse;

/// What the person did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key went down, or repeats.
    Key(KeyChord),
    /// Text was pasted; its lines end with `\n`.
    Paste(String),
    /// The terminal has these columns and rows now.
    Resize(u16, u16),
    /// A button of the mouse was used, or its wheel.
    Mouse(Mouse),
    /// The window got the keyboard.
    FocusGained,
    /// The window lost the keyboard.
    FocusLost,
    /// The terminal says something of itself, because it was asked.
    Answer(Answer),
}

/// What the first bytes are.
enum Step {
    /// So many bytes are this.
    Input(usize, Input),
    /// So many bytes are nothing.
    Skip(usize),
    /// More is to come.
    Wait,
}

const PASTE_BEGINS: &[u8] = b"\x1b[200~";
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// What is half there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    /// A key: the rest comes at once or not at all.
    Key,
    /// More than a person can have typed: its rest comes, over a slow line a good while later.
    Sequence,
}

/// A string of the terminal that is longer than this has no end.
const LONGEST: usize = 4096;

/// Bytes in, inputs out.
#[derive(Default)]
pub(super) struct Decoder {
    buffer: Vec<u8>,
    /// What is before this is done.
    at: usize,
    /// How much of an unfinished paste was searched for its end.
    searched: usize,
    /// Nothing more comes for what is there.
    late: bool,
}

impl Decoder {
    /// More bytes have come.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.extend_from_slice(bytes);
        self.late = false;
    }

    /// The rest of a key did not come.
    pub(super) fn give_up(&mut self) {
        self.late = true;
    }

    /// What the rest may still come of. A paste may take any time.
    pub(super) fn half(&self) -> Option<Half> {
        match self.rest() {
            [] => None,
            rest if rest.starts_with(PASTE_BEGINS) => None,
            [0x1b, b'[', 0x20..0x40, ..] => Some(Half::Sequence),
            [0x1b, after @ ..] if plain::begins_string(after) => Some(Half::Sequence),
            _ => Some(Half::Key),
        }
    }

    /// The next input, if all of it is there.
    pub(super) fn next(&mut self) -> Option<Input> {
        while !self.rest().is_empty() {
            let step = match self.rest().strip_prefix(PASTE_BEGINS) {
                Some(_) => self.paste(),
                None => plain::step(self.rest(), self.late),
            };
            match step {
                Step::Input(length, input) => {
                    self.at += length;
                    return Some(input);
                }
                Step::Skip(length) => self.at += length.max(1),
                Step::Wait => return None,
            }
        }
        None
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.at..).unwrap_or_default()
    }

    fn paste(&mut self) -> Step {
        let body = self.rest().get(PASTE_BEGINS.len()..).unwrap_or_default();
        let unsearched = body.get(self.searched..).unwrap_or_default();
        let Some(found) = memmem::find(unsearched, PASTE_ENDS) else {
            // The end may be half there.
            self.searched = body.len().saturating_sub(PASTE_ENDS.len());
            return Step::Wait;
        };
        let length = self.searched + found;
        let body = body.get(..length).unwrap_or_default();
        let has_returns = memchr::memchr(b'\r', body).is_some();
        let mut text = String::from_utf8_lossy(body).into_owned();
        // Each look costs a copy, which is felt in ten megabytes.
        if has_returns {
            text = text.replace("\r\n", "\n").replace('\r', "\n");
        }
        self.searched = 0;
        let whole = PASTE_BEGINS.len() + length + PASTE_ENDS.len();
        Step::Input(whole, Input::Paste(text))
    }
}
