//! Server-sent events, incrementally: bytes in, events out, however they are cut.
//!
//! Follows the WHATWG HTML standard, section 9.2 ("Server-sent events"): lines end with LF, CR or
//! CRLF, one BOM at the start is ignored, `data` lines are joined by LF, comments are dropped.
//! Differences, all in favour of broken servers: an event that the end of the stream cuts off is still
//! delivered, and invalid UTF-8 becomes U+FFFD. Time is linear in the bytes; an event that grows
//! beyond the cap is an error.

use memchr::memchr2;
use thiserror::Error;

/// The largest event that is accepted, in bytes.
pub const MAX_EVENT: usize = 64 * 1024 * 1024;

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SseEvent {
    /// The `event:` field; empty when there was none.
    pub event: String,
    /// The `data:` lines, joined by LF.
    pub data: String,
}

/// An event is larger than the reader accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the server sent an event of more than {0} bytes")]
pub struct EventTooLarge(pub usize);

/// Turns bytes into events.
#[derive(Debug)]
pub struct SseReader {
    // The line that is not whole yet.
    line: Vec<u8>,
    event: SseEvent,
    has_data: bool,
    // The last byte was CR: an LF right behind it belongs to it.
    after_cr: bool,
    at_start: bool,
    cap: usize,
}

impl Default for SseReader {
    fn default() -> Self {
        SseReader::with_cap(MAX_EVENT)
    }
}

impl SseReader {
    /// A reader that accepts events of up to `cap` bytes.
    pub fn with_cap(cap: usize) -> Self {
        SseReader {
            line: Vec::new(),
            event: SseEvent::default(),
            has_data: false,
            after_cr: false,
            at_start: true,
            cap,
        }
    }

    /// Takes the next bytes and adds the events that they complete to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<SseEvent>) -> Result<(), EventTooLarge> {
        let mut rest = bytes;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(at) = memchr2(b'\n', b'\r', rest) {
            let (line, end) = rest.split_at(at);
            self.check(line.len())?;
            if self.line.is_empty() {
                self.take_line(line, out);
            } else {
                let mut whole = std::mem::take(&mut self.line);
                whole.extend_from_slice(line);
                self.take_line(&whole, out);
                whole.clear();
                self.line = whole;
            }
            rest = match end {
                [b'\r', b'\n', rest @ ..] => rest,
                [b'\r'] => {
                    self.after_cr = true;
                    &[]
                }
                [_, rest @ ..] => rest,
                [] => &[],
            };
        }
        self.check(rest.len())?;
        self.line.extend_from_slice(rest);
        Ok(())
    }

    /// The stream is over: adds what it left unfinished.
    pub fn finish(&mut self, out: &mut Vec<SseEvent>) {
        if !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            self.take_line(&line, out);
        }
        self.dispatch(out);
    }

    fn check(&self, more: usize) -> Result<(), EventTooLarge> {
        let size = self.line.len() + self.event.data.len() + self.event.event.len();
        if size + more > self.cap {
            return Err(EventTooLarge(self.cap));
        }
        Ok(())
    }

    fn take_line(&mut self, line: &[u8], out: &mut Vec<SseEvent>) {
        let mut line = line;
        if self.at_start {
            self.at_start = false;
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if line.is_empty() {
            return self.dispatch(out);
        }
        let (name, value) = match memchr::memchr(b':', line) {
            Some(at) => (&line[..at], &line[at + 1..]),
            None => (line, &line[line.len()..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.has_data = true;
                self.event.data.push_str(&String::from_utf8_lossy(value));
            }
            b"event" => self.event.event = String::from_utf8_lossy(value).into_owned(),
            // Comments, `id`, `retry` and whatever else may come.
            _ => {}
        }
    }

    fn dispatch(&mut self, out: &mut Vec<SseEvent>) {
        let event = std::mem::take(&mut self.event);
        if std::mem::take(&mut self.has_data) {
            out.push(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(chunks: &[&[u8]]) -> Vec<SseEvent> {
        let mut reader = SseReader::default();
        let mut out = Vec::new();
        for chunk in chunks {
            reader.push(chunk, &mut out).unwrap();
        }
        reader.finish(&mut out);
        out
    }

    fn event(event: &str, data: &str) -> SseEvent {
        SseEvent {
            event: event.into(),
            data: data.into(),
        }
    }

    #[test]
    fn every_kind_of_line_end_ends_a_line() {
        let expected = [event("a", "1\n2"), event("", "3")];
        assert_eq!(
            read(&[b"event: a\ndata: 1\ndata: 2\n\ndata: 3\n\n"]),
            expected
        );
        assert_eq!(
            read(&[b"event: a\r\ndata: 1\r\ndata: 2\r\n\r\ndata: 3\r\n\r\n"]),
            expected
        );
        assert_eq!(
            read(&[b"event: a\rdata: 1\rdata: 2\r\rdata: 3\r\r"]),
            expected
        );
    }

    #[test]
    fn a_bom_comments_and_other_fields_are_no_data() {
        let bytes = "\u{feff}: hello\nid: 7\nretry: 1\ndata:no space\n\n:ping\n\n";
        assert_eq!(read(&[bytes.as_bytes()]), [event("", "no space")]);
    }

    #[test]
    fn the_end_of_the_stream_ends_the_last_event() {
        assert_eq!(read(&[b"data: {\"a\":1}"]), [event("", "{\"a\":1}")]);
        assert_eq!(read(&[b"event: x\n"]), []);
    }

    #[test]
    fn an_event_without_end_is_refused_at_the_cap() {
        let mut reader = SseReader::with_cap(100);
        let mut out = Vec::new();
        let mut push = |bytes: &[u8]| reader.push(bytes, &mut out);
        assert_eq!(push(&[b'd'; 60]), Ok(()));
        assert_eq!(push(&[b'd'; 60]), Err(EventTooLarge(100)));

        let mut reader = SseReader::with_cap(100);
        let line = b"data: 0123456789012345678901234567890123456789\n";
        assert!((0..10).any(|_| reader.push(line, &mut Vec::new()).is_err()));
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_events(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "data", ":", ": ", "event", "id", " ", "\r", "\n", "\r\n", "\n\n", "é", "🙈", "x",
                    "\u{feff}", "{\"a\":1}",
                ]),
                0..60,
            ),
            cuts in prop::collection::vec(0usize..200, 0..20),
        ) {
            let bytes = parts.concat().into_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(bytes.len())).collect();
            cuts.sort_unstable();
            let mut chunks = Vec::new();
            let mut from = 0;
            for cut in cuts {
                chunks.push(&bytes[from..cut]);
                from = cut;
            }
            chunks.push(&bytes[from..]);
            prop_assert_eq!(read(&chunks), read(&[&bytes]));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let singles: Vec<&[u8]> = bytes.chunks(1).collect();
            prop_assert_eq!(read(&singles), read(&[&bytes]));
        }
    }
}
