//! What a command has printed so far, in bounded memory: counts of everything, text of the tail.

use super::clean::Cleaner;
use super::truncate::{self, Limit, MAX_BYTES, MAX_LINES, Truncation};
use super::utf8::Utf8Decoder;

/// The tail that is kept: enough to cut whole lines from.
const KEEP: usize = 2 * MAX_BYTES;

/// Takes output and remembers its end.
pub(super) struct Capture {
    decoder: Utf8Decoder,
    cleaner: Cleaner,
    decoded: String,
    tail: String,
    /// Whether the tail begins where a line begins.
    whole_first_line: bool,
    total_lines: u64,
    total_bytes: u64,
    raw_bytes: u64,
    line_bytes: u64,
    previous_line_bytes: u64,
}

impl Capture {
    pub(super) fn new() -> Self {
        Capture {
            decoder: Utf8Decoder::default(),
            cleaner: Cleaner::default(),
            decoded: String::new(),
            tail: String::new(),
            whole_first_line: true,
            total_lines: 1,
            total_bytes: 0,
            raw_bytes: 0,
            line_bytes: 0,
            previous_line_bytes: 0,
        }
    }

    /// Takes a piece of output.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.raw_bytes += bytes.len() as u64;
        self.decoded.clear();
        self.decoder.feed(bytes, &mut self.decoded);
        self.take_decoded();
    }

    /// Nothing more comes.
    pub(super) fn finish(&mut self) {
        self.decoded.clear();
        self.decoder.finish(&mut self.decoded);
        self.take_decoded();
    }

    /// Whether there is more than the tail can show.
    pub(super) fn is_over(&self) -> bool {
        self.raw_bytes > MAX_BYTES as u64
            || self.total_bytes > MAX_BYTES as u64
            || self.total_lines > MAX_LINES
    }

    /// The number and the bytes of the last line; a newline at the end opens no line here.
    pub(super) fn last_line(&self) -> (u64, u64) {
        match self.line_bytes {
            0 if self.total_lines > 1 => (self.total_lines - 1, self.previous_line_bytes),
            bytes => (self.total_lines, bytes),
        }
    }

    /// The end of the output within the limits, and what was cut for it.
    pub(super) fn snapshot(&self) -> (&str, Truncation) {
        let lines = match self.tail.find('\n') {
            Some(at) if !self.whole_first_line && at + 1 < self.tail.len() => &self.tail[at + 1..],
            _ => &self.tail,
        };
        let (text, mut facts) = truncate::tail(lines);
        facts.total_lines = self.total_lines;
        facts.total_bytes = self.total_bytes;
        facts.truncated = self.total_lines > MAX_LINES || self.total_bytes > MAX_BYTES as u64;
        if facts.truncated && facts.truncated_by.is_none() {
            facts.truncated_by = Some(Limit::Bytes);
        }
        (text, facts)
    }

    fn take_decoded(&mut self) {
        let before = self.tail.len();
        self.cleaner.feed(&self.decoded, &mut self.tail);
        self.count(before);
        if self.tail.len() > 2 * KEEP {
            let wanted = self.tail.len() - KEEP;
            let start = (wanted..=self.tail.len())
                .find(|&at| self.tail.is_char_boundary(at))
                .unwrap_or(self.tail.len());
            self.whole_first_line = self.tail.as_bytes()[start - 1] == b'\n';
            self.tail.drain(..start);
        }
    }

    fn count(&mut self, from: usize) {
        let added = &self.tail.as_bytes()[from..];
        self.total_bytes += added.len() as u64;
        // Counted in one go and not line by line: lines can be two bytes short, and gigabytes of them.
        let newlines = added.iter().filter(|&&byte| byte == b'\n').count();
        self.total_lines += newlines as u64;
        let Some(last) = memchr::memrchr(b'\n', added) else {
            self.line_bytes += added.len() as u64;
            return;
        };
        self.previous_line_bytes = match memchr::memrchr(b'\n', &added[..last]) {
            Some(before) => (last - before - 1) as u64,
            None => self.line_bytes + last as u64,
        };
        self.line_bytes = (added.len() - last - 1) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_everything_and_keeps_the_end() {
        let mut capture = Capture::new();
        for n in 0..100_000 {
            capture.push(format!("line {n}\n").as_bytes());
        }
        capture.finish();
        let (text, facts) = capture.snapshot();
        assert_eq!(text.lines().next(), Some("line 98001"));
        assert!(text.ends_with("line 99999\n"));
        assert_eq!(facts.total_lines, 100_001);
        assert_eq!(facts.total_bytes, 1_088_890);
        assert!(capture.tail.len() <= 2 * KEEP);
    }

    #[test]
    fn one_endless_line_shows_its_end() {
        let mut capture = Capture::new();
        for _ in 0..1000 {
            capture.push(&[b'z'; 1000]);
        }
        capture.push(b"!\n");
        let (text, facts) = capture.snapshot();
        assert!(text.ends_with("zz!\n"));
        assert!(facts.last_line_partial);
        assert_eq!(capture.last_line(), (1, 1_000_001));
    }
}
