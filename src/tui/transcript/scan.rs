//! Reading a whole session beside the screen: for words that are searched, for the list of prompts.
//!
//! Goes through the messages one by one and keeps none, so that memory does not follow the session's
//! length; tells what it finds in portions, so that the nearest come first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memchr::memmem;

use super::needle::Needle;
use crate::ai::message::{Message, Millis};
use crate::session::History;

/// Messages that are looked through before something is told.
const PORTION: usize = 4096;

/// A search to be done beside the loop.
#[derive(Clone)]
pub struct Scan {
    pub(super) id: u64,
    pub(super) needle: Needle,
    pub(super) history: Arc<dyn History>,
    /// The message that is looked at first; then those behind it, then those before it, backwards.
    pub(super) from: usize,
    pub(super) thinking: bool,
    /// The search that is wanted: another one ends this.
    pub(super) wanted: Arc<AtomicU64>,
}

/// What a search has found since the last time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hits {
    pub(super) id: u64,
    /// Messages that show it, and how often.
    pub(super) hits: Vec<(usize, usize)>,
    /// Whether everything from the window down has been looked through, and everything.
    pub(super) below: bool,
    pub(super) all: bool,
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scan({:?})", self.needle)
    }
}

impl Scan {
    /// Searches, and tells what it finds, until it is not wanted any more.
    pub fn run(&self, mut tell: impl FnMut(Hits)) {
        let from = self.from.min(self.history.len());
        let order = (from..self.history.len()).chain((0..from).rev());
        let last = self.history.len().saturating_sub(1);
        let mut hits = Vec::new();
        let mut seen = 0;
        for at in order {
            if self.wanted.load(Ordering::Relaxed) != self.id {
                return;
            }
            hits.extend(self.look(at));
            seen += 1;
            // The end of what is below, then the first that is above, are waited for.
            let nearest = at < from && !hits.is_empty() && seen % 64 == 0;
            if at == last || seen % PORTION == 0 || nearest {
                tell(Hits {
                    id: self.id,
                    hits: std::mem::take(&mut hits),
                    below: at == last || at < from,
                    all: false,
                });
            }
        }
        tell(Hits {
            id: self.id,
            hits,
            below: true,
            all: true,
        });
    }

    /// The message that shows what this one says, and how often it has the words.
    fn look(&self, at: usize) -> Option<(usize, usize)> {
        let may = |line: &mut [u8]| self.needle.may_be_in(line);
        if !self.history.may_say(at, &may) {
            return None;
        }
        let message = self.history.message(at)?;
        let count = self.needle.count(&message, self.thinking);
        (count > 0).then(|| (shown_in(&*self.history, at, &message), count))
    }
}

/// A result is shown with its call.
fn shown_in(history: &dyn History, at: usize, message: &Message) -> usize {
    if !matches!(message, Message::ToolResult(_)) {
        return at;
    }
    let before = (0..at).rev().take(128);
    let is_call =
        |at: &usize| matches!(history.message(*at).as_deref(), Some(Message::Assistant(_)));
    before.into_iter().find(is_call).unwrap_or(at)
}

/// The prompts of a session, to be read beside the loop.
#[derive(Clone)]
pub struct PromptScan {
    pub(super) history: Arc<dyn History>,
    /// What has been said since the history was taken.
    pub(super) since: Vec<Prompt>,
}

/// A prompt: its place among the messages, what it begins with, when it was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Its place among the messages.
    pub at: usize,
    /// What it begins with.
    pub text: String,
    /// When it was said.
    pub time: Millis,
}

impl std::fmt::Debug for PromptScan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PromptScan")
    }
}

impl PromptScan {
    /// Reads them, oldest first.
    pub fn run(self) -> Vec<Prompt> {
        let history = &self.history;
        let role = memmem::Finder::new("\"user\"");
        let may = |line: &mut [u8]| role.find(line).is_some();
        let places = (0..history.len()).filter(|at| history.may_say(*at, &may));
        let read = places.filter_map(|at| prompt(at, &*history.message(at)?));
        read.chain(self.since.clone()).collect()
    }
}

/// The prompt that a message is.
pub(super) fn prompt(at: usize, message: &Message) -> Option<Prompt> {
    let Message::User(message) = message else {
        return None;
    };
    let text = message.content.to_text();
    let words = text
        .split_whitespace()
        .take(40)
        .collect::<Vec<_>>()
        .join(" ");
    Some(Prompt {
        at,
        text: words.chars().take(200).collect(),
        time: message.timestamp,
    })
}
