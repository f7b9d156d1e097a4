//! The lines of a file that the model asked for, picked out of a stream: memory follows what is shown,
//! not the file's size.

use super::truncate::{self, MAX_BYTES, MAX_LINES, Truncation};

/// Picks `limit` lines from line `start` (counted from 0) on.
pub(super) struct Window {
    start: u64,
    end: u64,
    /// The line that the next byte belongs to.
    line: u64,
    kept: String,
    kept_lines: u64,
    selected_bytes: u64,
    first_line_bytes: u64,
}

/// What was picked.
pub(super) struct View {
    /// Whole lines within the limits.
    pub text: String,
    /// What was cut.
    pub truncation: Truncation,
    /// Lines of the file; a newline at its end opens one more.
    pub file_lines: u64,
    /// Lines asked for that exist.
    pub selected_lines: u64,
    /// The length of the first line asked for.
    pub first_line_bytes: u64,
}

impl Window {
    pub(super) fn new(start: usize, limit: Option<usize>) -> Self {
        let start = start as u64;
        Window {
            start,
            end: limit.map_or(u64::MAX, |limit| start.saturating_add(limit as u64)),
            line: 0,
            kept: String::new(),
            kept_lines: 0,
            selected_bytes: 0,
            first_line_bytes: 0,
        }
    }

    /// Takes the next piece of the file.
    pub(super) fn feed(&mut self, text: &str) {
        let mut from = 0;
        for newline in memchr::memchr_iter(b'\n', text.as_bytes()) {
            self.take(&text[from..=newline]);
            self.line += 1;
            from = newline + 1;
        }
        self.take(&text[from..]);
    }

    /// The file has ended; `None` when it ended before the window began.
    pub(super) fn finish(mut self) -> Option<View> {
        let file_lines = self.line + 1;
        if self.start >= file_lines {
            return None;
        }
        let selected_lines = self.end.min(file_lines) - self.start;
        if self.end < file_lines && selected_lines > 0 {
            // The newline after the last line asked for is not part of it.
            self.selected_bytes -= 1;
            if self.kept.len() as u64 > self.selected_bytes {
                self.kept.pop();
            }
        }
        let (kept, mut truncation) = truncate::head(&self.kept, MAX_LINES);
        truncation.total_lines = selected_lines;
        truncation.total_bytes = self.selected_bytes;
        Some(View {
            text: kept.to_string(),
            truncation,
            file_lines,
            selected_lines,
            first_line_bytes: self.first_line_bytes,
        })
    }

    /// Takes a piece of the current line, with its newline if that has come.
    fn take(&mut self, piece: &str) {
        if self.line < self.start || self.line >= self.end {
            return;
        }
        self.selected_bytes += piece.len() as u64;
        if self.line == self.start {
            self.first_line_bytes += piece.trim_end_matches('\n').len() as u64;
        }
        if self.kept.len() <= MAX_BYTES && self.kept_lines <= MAX_LINES {
            self.kept.push_str(piece);
            self.kept_lines += u64::from(piece.ends_with('\n'));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(text: &str, start: usize, limit: Option<usize>) -> Option<(String, u64, bool)> {
        let mut window = Window::new(start, limit);
        for piece in text.split_inclusive('e') {
            window.feed(piece);
        }
        window
            .finish()
            .map(|view| (view.text, view.selected_lines, view.truncation.truncated))
    }

    #[test]
    fn lines_are_picked_as_if_the_file_had_been_split() {
        let text = "one\ntwo\nthree\n";
        assert_eq!(view(text, 0, None), Some((text.into(), 4, false)));
        assert_eq!(view(text, 1, Some(1)), Some(("two".into(), 1, false)));
        assert_eq!(
            view(text, 1, Some(2)),
            Some(("two\nthree".into(), 2, false))
        );
        assert_eq!(view(text, 2, Some(9)), Some(("three\n".into(), 2, false)));
        assert_eq!(view(text, 3, None), Some(("".into(), 1, false)));
        assert_eq!(view(text, 4, None), None);
        assert_eq!(view("", 0, None), Some(("".into(), 1, false)));
        assert_eq!(view(text, 0, Some(0)), Some(("".into(), 0, false)));
    }

    #[test]
    fn a_long_file_is_cut_at_the_limits() {
        let text = "x\n".repeat(10_000);
        let mut window = Window::new(10, None);
        window.feed(&text);
        let view = window.finish().unwrap();
        assert_eq!(view.text.lines().count() as u64, MAX_LINES);
        assert_eq!(view.file_lines, 10_001);
        assert_eq!(view.truncation.total_lines, 9_991);

        let mut window = Window::new(0, None);
        window.feed(&"long ".repeat(20_000));
        let view = window.finish().unwrap();
        assert!(view.truncation.first_line_exceeds_limit);
        assert_eq!(view.first_line_bytes, 100_000);
    }
}
