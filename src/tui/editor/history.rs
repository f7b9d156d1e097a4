//! What was sent before, to be sent again. In memory: whoever owns the editor keeps it on disk.

use std::collections::{HashSet, VecDeque};

/// How many prompts are kept.
const DEPTH: usize = 1000;

/// Sent prompts, oldest first, and which of them is shown.
#[derive(Debug, Default)]
pub struct History {
    prompts: VecDeque<String>,
    known: HashSet<String>,
    shown: Option<usize>,
    // What was being typed before the first step back.
    draft: String,
}

impl History {
    /// Keeps a prompt, unless it is blank or repeats the newest.
    pub fn add(&mut self, prompt: &str) {
        self.leave();
        if prompt.trim().is_empty() || self.prompts.back().is_some_and(|last| last == prompt) {
            return;
        }
        if self.prompts.len() == DEPTH {
            self.prompts.pop_front();
        }
        self.known.insert(prompt.to_owned());
        self.prompts.push_back(prompt.to_owned());
    }

    /// Keeps a prompt as the oldest, while there is room.
    pub fn add_before(&mut self, prompt: &str) {
        let repeats = self.prompts.front().is_some_and(|first| first == prompt);
        if self.prompts.len() < DEPTH && !prompt.trim().is_empty() && !repeats {
            self.known.insert(prompt.to_owned());
            self.prompts.push_front(prompt.to_owned());
            self.shown = self.shown.map(|shown| shown + 1);
        }
    }

    /// The prompt before the one shown; `typed` is kept for the way back.
    pub fn older(&mut self, typed: &str) -> Option<&str> {
        let next = match self.shown {
            None => {
                let newest = self.prompts.len().checked_sub(1)?;
                self.draft = typed.to_owned();
                newest
            }
            Some(index) => index.checked_sub(1)?,
        };
        self.shown = Some(next);
        self.prompts.get(next).map(String::as_str)
    }

    /// The prompt after the one shown; after the newest, what was being typed.
    pub fn newer(&mut self) -> Option<&str> {
        let next = self.shown? + 1;
        if next < self.prompts.len() {
            self.shown = Some(next);
            return self.prompts.get(next).map(String::as_str);
        }
        self.shown = None;
        Some(&self.draft)
    }

    /// Whether it has this prompt, or once had.
    pub fn knows(&self, prompt: &str) -> bool {
        self.known.contains(prompt)
    }

    /// All prompts, oldest first.
    pub fn prompts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.prompts.iter().map(String::as_str)
    }

    /// Whether an old prompt is shown.
    pub fn is_browsing(&self) -> bool {
        self.shown.is_some()
    }

    /// The shown prompt has become the person's own text.
    pub fn leave(&mut self) {
        self.shown = None;
    }

    /// Whether a character is in any prompt.
    pub fn mentions(&self, character: char) -> bool {
        self.prompts.iter().any(|prompt| prompt.contains(character))
    }
}
