//! The text and its caret. Promises that the caret always lies between two units.

use super::{units, words};

/// A text with a caret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextBuffer {
    text: String,
    caret: usize,
}

impl TextBuffer {
    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The caret, in bytes.
    pub fn caret(&self) -> usize {
        self.caret
    }

    /// Replaces the text; the caret goes to its end.
    pub fn set(&mut self, text: &str) {
        self.text.clear();
        self.text.push_str(text);
        self.caret = self.text.len();
    }

    /// Moves the caret to `at`, or to the end of the unit that `at` lies in.
    pub fn move_to(&mut self, at: usize) {
        self.caret = units::snap(&self.text, at);
    }

    /// Puts `text` in at the caret, which ends up behind it.
    pub fn insert(&mut self, text: &str) {
        self.text.insert_str(self.caret, text);
        self.move_to(self.caret + text.len());
    }

    /// Takes out what lies between the caret and `to`.
    pub fn cut(&mut self, to: usize) -> String {
        let to = units::snap(&self.text, to);
        let (start, end) = (self.caret.min(to), self.caret.max(to));
        let cut: String = self.text.drain(start..end).collect();
        self.move_to(start);
        cut
    }

    /// Whether a letter, a digit or an underscore stands right before the caret.
    pub fn is_behind_word(&self) -> bool {
        let before = self.text[..self.caret].chars().next_back();
        before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
    }

    /// One unit to the left of the caret.
    pub fn left(&self) -> usize {
        units::before(&self.text, self.caret)
    }

    /// One unit to the right of the caret.
    pub fn right(&self) -> usize {
        units::after(&self.text, self.caret)
    }

    /// The start of the caret's line.
    pub fn line_start(&self) -> usize {
        units::line_start(&self.text, self.caret)
    }

    /// The end of the caret's line.
    pub fn line_end(&self) -> usize {
        units::line_end(&self.text, self.caret)
    }

    /// The start of the word before the caret; from a line's start, the end of the line above.
    pub fn word_left(&self) -> usize {
        let start = self.line_start();
        if self.caret == start {
            return start.saturating_sub(1);
        }
        start + words::start_of_last(&self.text[start..self.caret])
    }

    /// The end of the word after the caret; from a line's end, the start of the line below.
    pub fn word_right(&self) -> usize {
        let end = self.line_end();
        if self.caret == end {
            return (end + 1).min(self.text.len());
        }
        self.caret + words::end_of_first(&self.text[self.caret..end])
    }

    /// The next place of `wanted` behind the caret.
    pub fn find_forward(&self, wanted: &str) -> Option<usize> {
        let from = self.right();
        let found = self.text.get(from..)?.find(wanted)?;
        Some(from + found)
    }

    /// The last place of `wanted` before the caret.
    pub fn find_backward(&self, wanted: &str) -> Option<usize> {
        self.text.get(..self.caret)?.rfind(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, caret: usize) -> TextBuffer {
        let mut buffer = TextBuffer::default();
        buffer.set(text);
        buffer.move_to(caret);
        buffer
    }

    #[test]
    fn a_step_is_what_a_reader_calls_a_character() {
        let family = "👩‍👩‍👧";
        let text = format!("e\u{301}{family}🇩🇪x");
        let mut buffer = at(&text, 0);
        let mut steps = Vec::new();
        while buffer.caret() < text.len() {
            let from = buffer.caret();
            buffer.move_to(buffer.right());
            steps.push(&text[from..buffer.caret()]);
        }
        assert_eq!(steps, ["e\u{301}", family, "🇩🇪", "x"]);
    }

    #[test]
    fn words_end_where_letters_meet_symbols_or_blanks() {
        let text = "foo_bar(baz)  qux\nnext";
        let stops = |mut buffer: TextBuffer, next: fn(&TextBuffer) -> usize| {
            let mut stops = Vec::new();
            for _ in 0..7 {
                buffer.move_to(next(&buffer));
                stops.push(buffer.caret());
            }
            stops
        };
        assert_eq!(
            stops(at(text, 0), TextBuffer::word_right),
            [7, 8, 11, 12, 17, 18, 22]
        );
        assert_eq!(
            stops(at(text, 22), TextBuffer::word_left),
            [18, 17, 14, 11, 8, 7, 0]
        );
    }

    #[test]
    fn a_mark_typed_before_a_letter_never_leaves_the_caret_inside_a_cluster() {
        let mut buffer = at("👧", 0);
        buffer.insert("👩");
        buffer.insert("\u{200d}");
        assert_eq!(buffer.caret(), buffer.text().len());
    }
}
