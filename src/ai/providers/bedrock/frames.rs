//! AWS's event-stream framing (`application/vnd.amazon.eventstream`): bytes in, events out, however
//! they are cut.
//!
//! ```text
//! total length u32 │ headers length u32 │ CRC-32 of these u32 │ headers │ payload │ CRC-32 of all before u32
//! ```
//!
//! All big-endian; a header is a name (length u8), a type (u8) and a value. Source: "Event stream
//! encoding" in Amazon's Smithy and Transcribe documentation. Both checksums are verified, and the
//! first of them before any byte is waited for on the word of a length. Time is linear in the bytes.

use serde_json::json;

use super::super::exchange::Framing;
use crate::ai::sse::SseEvent;

/// The vendor's limit for one message is 24 MiB.
const MAX_MESSAGE: usize = 24 * 1024 * 1024;
/// The vendor's limit for the headers of one message.
const MAX_HEADERS: usize = 128 * 1024;
const PRELUDE: usize = 12;
const CHECKSUM: usize = 4;

/// The event that an error outside the API's own model becomes: its data has `type` and `message`.
pub const ERROR: &str = "error";

/// Cuts a body into messages.
#[derive(Debug, Default)]
pub struct Frames {
    // What is not a whole message yet.
    held: Vec<u8>,
}

impl Framing for Frames {
    fn push(&mut self, bytes: &[u8], events: &mut Vec<SseEvent>) -> Result<(), String> {
        if self.held.is_empty() {
            let read = take_all(bytes, events)?;
            self.held.extend_from_slice(&bytes[read..]);
            return Ok(());
        }
        self.held.extend_from_slice(bytes);
        let read = take_all(&self.held, events)?;
        self.held.drain(..read);
        Ok(())
    }

    fn finish(&mut self, _events: &mut Vec<SseEvent>) {
        // A message that was cut off is no message; the decoder knows whether the answer was whole.
        self.held.clear();
    }
}

/// Takes the whole messages at the start of `bytes`; returns how many bytes they were.
fn take_all(bytes: &[u8], events: &mut Vec<SseEvent>) -> Result<usize, String> {
    let mut read = 0;
    while let Some(message) = first(&bytes[read..])? {
        read += message.len();
        if let Some(event) = event(message)? {
            events.push(event);
        }
    }
    Ok(read)
}

/// The message at the start of `bytes`, if it is whole.
fn first(bytes: &[u8]) -> Result<Option<&[u8]>, String> {
    let Some(prelude) = bytes.get(..PRELUDE) else {
        return Ok(None);
    };
    if crc32fast::hash(&prelude[..8]) != number(&prelude[8..]) {
        return Err("sent a message whose beginning is damaged (its checksum differs)".into());
    }
    let length = number(prelude) as usize;
    let headers = number(&prelude[4..]) as usize;
    if length > MAX_MESSAGE || headers > MAX_HEADERS {
        return Err(format!(
            "sent a message of {length} bytes, which is too much"
        ));
    }
    if length < PRELUDE + headers + CHECKSUM {
        return Err("sent a message that is shorter than its parts".into());
    }
    let Some(message) = bytes.get(..length) else {
        return Ok(None);
    };
    let (body, checksum) = message.split_at(length - CHECKSUM);
    if crc32fast::hash(body) != number(checksum) {
        return Err("sent a damaged message (its checksum differs)".into());
    }
    Ok(Some(message))
}

/// What a message says; `None` for one that is of no known kind.
fn event(message: &[u8]) -> Result<Option<SseEvent>, String> {
    let headers_end = PRELUDE + number(&message[4..]) as usize;
    let payload = &message[headers_end..message.len() - CHECKSUM];
    let names = Names::read(&message[PRELUDE..headers_end])
        .ok_or("sent a message whose headers make no sense")?;
    let (event, data) = match names.kind {
        "event" => (names.event, text(payload)),
        "exception" => (names.exception, text(payload)),
        "error" => {
            let error = json!({"type": names.code, "message": names.message});
            (ERROR, error.to_string())
        }
        _ => return Ok(None),
    };
    Ok(Some(SseEvent {
        event: event.to_owned(),
        data,
    }))
}

/// The headers that matter here; empty where they are not there.
#[derive(Default)]
struct Names<'a> {
    kind: &'a str,
    event: &'a str,
    exception: &'a str,
    code: &'a str,
    message: &'a str,
}

impl<'a> Names<'a> {
    fn read(mut bytes: &'a [u8]) -> Option<Self> {
        let mut names = Names::default();
        while !bytes.is_empty() {
            let length = usize::from(*bytes.first()?);
            let name = bytes.get(1..1 + length)?;
            let value = Value::read(bytes.get(1 + length..)?)?;
            bytes = value.rest;
            let Some(text) = value.text else {
                continue;
            };
            match name {
                b":message-type" => names.kind = text,
                b":event-type" => names.event = text,
                b":exception-type" => names.exception = text,
                b":error-code" => names.code = text,
                b":error-message" => names.message = text,
                _ => {}
            }
        }
        Some(names)
    }
}

/// A header's value, if it is a text, and what is behind it.
struct Value<'a> {
    text: Option<&'a str>,
    rest: &'a [u8],
}

impl<'a> Value<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let length = match kind {
            // True and false are their own values.
            0 | 1 => 0,
            2 => 1,
            3 => 2,
            4 => 4,
            // A long, a time.
            5 | 8 => 8,
            // Bytes, a text.
            6 | 7 => {
                let length = usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?));
                let value = rest.get(2..2 + length)?;
                let text = (*kind == 7).then(|| std::str::from_utf8(value).ok());
                return Some(Value {
                    text: text.flatten(),
                    rest: rest.get(2 + length..)?,
                });
            }
            // A UUID.
            9 => 16,
            _ => return None,
        };
        Some(Value {
            text: None,
            rest: rest.get(length..)?,
        })
    }
}

fn text(payload: &[u8]) -> String {
    String::from_utf8_lossy(payload).into_owned()
}

/// The number in the first four bytes; 0 where there are fewer.
fn number(bytes: &[u8]) -> u32 {
    let four = bytes.get(..4).and_then(|bytes| bytes.try_into().ok());
    four.map(u32::from_be_bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(headers: &[u8], payload: &[u8]) -> Vec<u8> {
        let length = PRELUDE + headers.len() + payload.len() + CHECKSUM;
        let mut bytes = (length as u32).to_be_bytes().to_vec();
        bytes.extend((headers.len() as u32).to_be_bytes());
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        bytes.extend(headers);
        bytes.extend(payload);
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        bytes
    }

    fn text(name: &str, value: &str) -> Vec<u8> {
        let mut bytes = vec![name.len() as u8];
        bytes.extend(name.bytes());
        bytes.push(7);
        bytes.extend((value.len() as u16).to_be_bytes());
        bytes.extend(value.bytes());
        bytes
    }

    fn stream() -> Vec<u8> {
        let mut all = Vec::new();
        for (index, word) in ["one", "é🙈", ""].iter().enumerate() {
            let mut headers = text(":message-type", "event");
            // Headers of every other type, which say nothing here.
            for (kind, length) in [
                (0, 0),
                (1, 0),
                (2, 1),
                (3, 2),
                (4, 4),
                (5, 8),
                (8, 8),
                (9, 16),
            ] {
                headers.extend([1, b'h', kind]);
                headers.extend(vec![0xff; length]);
            }
            headers.extend([1, b'b', 6, 0, 2, 0xff, 0xfe]);
            headers.extend(text(":event-type", &format!("e{index}")));
            all.extend(message(&headers, word.as_bytes()));
        }
        let mut exception = text(":exception-type", "throttlingException");
        exception.extend(text(":message-type", "exception"));
        all.extend(message(&exception, b"{}"));
        let mut error = text(":message-type", "error");
        error.extend(text(":error-code", "InternalFailure"));
        error.extend(text(":error-message", "oh \"no\""));
        all.extend(message(&error, b""));
        all.extend(message(&text(":message-type", "news"), b"ignored"));
        all
    }

    fn read(chunks: &[&[u8]]) -> Result<Vec<(String, String)>, String> {
        let (mut frames, mut events) = (Frames::default(), Vec::new());
        for chunk in chunks {
            frames.push(chunk, &mut events)?;
        }
        frames.finish(&mut events);
        Ok(events.into_iter().map(|e| (e.event, e.data)).collect())
    }

    #[test]
    fn amazons_own_vectors_are_whole_messages() {
        // aws-c-event-stream and botocore: `empty_message`, `payload_no_headers`, `payload_one_str_header`.
        let empty = b"\0\0\0\x10\0\0\0\0\x05\xc2\x48\xeb\x7d\x98\xc8\xff".to_vec();
        let payload = b"\0\0\0\x1d\0\0\0\0\xfd\x52\x8c\x5a{'foo':'bar'}\xc3\x65\x39\x36".to_vec();
        let mut header = b"\0\0\0\x3d\0\0\0\x20\x07\xfd\x83\x96".to_vec();
        header.extend(b"\x0ccontent-type\x07\0\x10application/json{'foo':'bar'}");
        header.extend(b"\x8d\x9c\x08\xb1");
        for vector in [empty, payload, header] {
            assert_eq!(first(&vector).unwrap(), Some(&vector[..]));
        }
    }

    #[test]
    fn messages_are_read_however_they_are_cut() {
        let bytes = stream();
        let pair = |(name, data): (&str, &str)| (name.to_owned(), data.to_owned());
        let expected = [
            ("e0", "one"),
            ("e1", "é🙈"),
            ("e2", ""),
            ("throttlingException", "{}"),
            (
                "error",
                r#"{"type":"InternalFailure","message":"oh \"no\""}"#,
            ),
        ]
        .map(pair);
        for size in [1, 2, 3, 7, 11, 64, bytes.len()] {
            let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
            assert_eq!(read(&chunks).unwrap(), expected, "in chunks of {size}");
        }
    }

    #[test]
    fn a_damaged_byte_is_noticed_wherever_it_is() {
        let bytes = stream();
        let whole = read(&[&bytes]).unwrap();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert!(read(&[&damaged]).is_err(), "at {at}");
        }
        // What came before it counts.
        let (mut frames, mut events) = (Frames::default(), Vec::new());
        let mut damaged = bytes.clone();
        damaged[bytes.len() - 1] ^= 1;
        assert!(frames.push(&damaged, &mut events).is_err());
        assert_eq!(events.len(), whole.len());
    }

    #[test]
    fn no_length_is_believed_that_cannot_be() {
        let prelude = |length: u32, headers: u32| {
            let mut bytes = length.to_be_bytes().to_vec();
            bytes.extend(headers.to_be_bytes());
            bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
            read(&[&bytes]).map(|events| events.len())
        };
        assert_eq!(prelude(1000, 0), Ok(0));
        for (length, headers) in [(u32::MAX, 0), (0, 0), (15, 0), (100, u32::MAX), (100, 85)] {
            assert!(prelude(length, headers).is_err(), "{length} {headers}");
        }
        // Headers that end in the middle of a name, of a number, of a text; and of no known type.
        for headers in [
            &b"\x05ab"[..],
            b"\x01a\x05\0",
            b"\x01a\x07\0\x09x",
            b"\x01a\x0a",
            b"\x01a",
        ] {
            assert!(read(&[&message(headers, b"")]).is_err(), "{headers:?}");
        }
    }

    proptest! {
        #[test]
        fn bytes_of_any_kind_are_read_to_an_end(headers: Vec<u8>, payload: Vec<u8>, cut: usize) {
            let bytes = message(&headers, &payload);
            let cut = cut % bytes.len();
            let _ = read(&[&bytes[..cut], &bytes[cut..]]);
            let _ = read(&[&headers, &payload]);
        }
    }
}
