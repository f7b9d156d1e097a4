//! The kill ring: what was cut, newest last.

/// How many cuts are kept.
const DEPTH: usize = 60;

/// On which side of the caret a cut was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Before it.
    Backward,
    /// Behind it.
    Forward,
}

/// Cut texts.
#[derive(Debug, Default)]
pub struct KillRing {
    cuts: Vec<String>,
}

impl KillRing {
    /// Keeps a cut; one that follows another at once grows it.
    pub fn push(&mut self, text: &str, side: Side, follows: bool) {
        if text.is_empty() {
            return;
        }
        if let (true, Some(last)) = (follows, self.cuts.last_mut()) {
            match side {
                Side::Backward => last.insert_str(0, text),
                Side::Forward => last.push_str(text),
            }
            return;
        }
        if self.cuts.len() == DEPTH {
            self.cuts.remove(0);
        }
        self.cuts.push(text.to_owned());
    }

    /// The newest cut.
    pub fn newest(&self) -> Option<&str> {
        self.cuts.last().map(String::as_str)
    }

    /// Makes the cut before the newest the newest.
    pub fn rotate(&mut self) {
        if !self.cuts.is_empty() {
            self.cuts.rotate_right(1);
        }
    }

    /// Whether a character is in any cut.
    pub fn mentions(&self, character: char) -> bool {
        self.cuts.iter().any(|cut| cut.contains(character))
    }
}
