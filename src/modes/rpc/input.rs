//! Bytes → lines, at LF and nowhere else: U+2028 and its kin are data. A line that is too long is
//! thrown away as it comes, so that memory stays bounded.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest line that is read, in bytes: room for the largest pictures that a model takes.
pub const MAX_LINE: usize = 64 * 1024 * 1024;

/// What is read at once.
const CHUNK: usize = 64 * 1024;

/// A line of input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Its bytes, without the LF and a CR before it.
    Whole(Vec<u8>),
    /// More than [`MAX_LINE`].
    TooLong,
}

/// The lines of a reader.
pub struct Lines<R> {
    reader: R,
    max: usize,
    buffer: Vec<u8>,
    /// Up to where the buffer has been looked through.
    seen: usize,
    /// The rest of a line that was too long is on its way.
    skipping: bool,
    ended: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// The lines of `reader`.
    pub fn new(reader: R) -> Self {
        Lines::with_max(reader, MAX_LINE)
    }

    /// The same with another limit.
    pub fn with_max(reader: R, max: usize) -> Self {
        Lines {
            reader,
            max,
            buffer: Vec::new(),
            seen: 0,
            skipping: false,
            ended: false,
        }
    }

    /// The next line; `None` at the end. A last line may lack its LF. May be dropped at any time: nothing
    /// is lost.
    pub async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            if let Some(line) = self.take() {
                return Ok(Some(line));
            }
            if self.ended {
                return Ok(None);
            }
            self.buffer.reserve(CHUNK);
            if self.reader.read_buf(&mut self.buffer).await? == 0 {
                self.ended = true;
            }
        }
    }

    /// A line that is there already.
    fn take(&mut self) -> Option<Line> {
        loop {
            let found = memchr::memchr(b'\n', &self.buffer[self.seen..]);
            let end = match found {
                Some(at) => self.seen + at,
                None if self.ended && !self.buffer.is_empty() => self.buffer.len(),
                None if self.buffer.len() > self.max => {
                    self.buffer = Vec::new();
                    self.seen = 0;
                    self.skipping = true;
                    return None;
                }
                None => {
                    self.seen = self.buffer.len();
                    if self.ended && std::mem::take(&mut self.skipping) {
                        return Some(Line::TooLong);
                    }
                    return None;
                }
            };
            let rest = self.buffer.split_off((end + 1).min(self.buffer.len()));
            let mut line = std::mem::replace(&mut self.buffer, rest);
            self.seen = 0;
            line.truncate(end);
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            if std::mem::take(&mut self.skipping) || line.len() > self.max {
                return Some(Line::TooLong);
            }
            if !line.is_empty() {
                return Some(Line::Whole(line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(bytes: &[u8], max: usize) -> Vec<Line> {
        let mut lines = Lines::with_max(bytes, max);
        let mut found = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(async {
            while let Some(line) = lines.next().await.unwrap() {
                found.push(line);
            }
        });
        found
    }

    fn whole(text: &str) -> Line {
        Line::Whole(text.into())
    }

    #[test]
    fn lines_end_at_lf_and_nowhere_else() {
        let text = "one\u{2028}still\u{85}one\r\n\n\r\ntwo\rtwo\nlast";
        let expected = ["one\u{2028}still\u{85}one", "two\rtwo", "last"];
        assert_eq!(lines(text.as_bytes(), 99), expected.map(whole));
    }

    #[test]
    fn a_line_that_is_too_long_costs_no_other() {
        let text = format!("a\n{}\nb\n{}", "x".repeat(500_000), "y".repeat(500_000));
        let expected = [whole("a"), Line::TooLong, whole("b"), Line::TooLong];
        assert_eq!(lines(text.as_bytes(), 100), expected);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_split_at_its_lfs(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let expected = bytes.split(|byte| *byte == b'\n').filter_map(|line| {
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                (!line.is_empty()).then(|| Line::Whole(line.to_vec()))
            });
            prop_assert_eq!(lines(&bytes, 1000), expected.collect::<Vec<_>>());
        }
    }
}
