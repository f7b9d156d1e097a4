//! What can be taken back: states of the text before edits. Letters of one word count as one edit.

/// How many edits are kept.
const DEPTH: usize = 300;

/// What kind of edit is about to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// Letters of a word: joins the letters before it.
    Typing,
    /// A blank: the next letter begins a new edit.
    Break,
    /// Anything else stands alone.
    Other,
}

/// States before edits, oldest first.
#[derive(Debug, Default)]
pub struct UndoStack {
    states: Vec<(String, usize)>,
    last: Option<Edit>,
}

impl UndoStack {
    /// Keeps the state before an edit.
    pub fn remember(&mut self, edit: Edit, text: &str, caret: usize) {
        let joins = edit == Edit::Typing && self.last == Some(Edit::Typing);
        self.last = Some(edit);
        if joins {
            return;
        }
        if self.states.len() == DEPTH {
            self.states.remove(0);
        }
        self.states.push((text.to_owned(), caret));
    }

    /// The caret was moved: the next letter begins a new edit.
    pub fn pause(&mut self) {
        self.last = None;
    }

    /// The state before the last edit, as text and caret.
    pub fn pop(&mut self) -> Option<(String, usize)> {
        self.last = None;
        self.states.pop()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.states.clear();
        self.last = None;
    }
}
