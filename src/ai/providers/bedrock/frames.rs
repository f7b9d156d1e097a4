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
