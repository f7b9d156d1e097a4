//! One line → the few facts that the tree needs, without parsing what is not needed.
//!
//! Lines begin, as a rule, with `type`, `id`, `parentId`, `timestamp` in this order: those are read
//! byte by byte and the body is not looked at. Any other order goes through serde. Inside a JSON
//! string every quote is escaped, so a quoted key found in the raw bytes is a key of some object.

use std::borrow::Cow;

use memchr::memmem;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::ai::{Millis, Usage};

use super::entry::{Kind, Role};
use super::read;
use super::time;
use super::totals::Facts;

/// What a line says.
#[derive(Debug, PartialEq)]
pub(super) struct Scanned<'a> {
    pub kind: Cow<'a, str>,
    pub id: Cow<'a, str>,
    pub parent: Option<Cow<'a, str>>,
    pub time: Option<Millis>,
    pub facts: Facts,
}

impl Scanned<'_> {
    /// The entry's kind.
    pub fn kind(&self) -> Kind {
        Kind::of(&self.kind)
    }
}

/// Why a line is not an entry.
#[derive(Debug, PartialEq)]
pub(super) enum Refusal {
    /// Not one whole JSON value.
    NotJson,
    /// JSON, but without type or id.
    Anonymous,
    /// A header in the middle of the file; the reference passes over it.
    Header,
}

const CALL: &[u8] = b"\"toolCall\",\"id\":\"";

/// How many times the length of a damaged line is read in it, at most.
const EFFORT: usize = 64;

/// Searches that are prepared once for a whole file.
pub(super) struct Scanner {
    parent_key: memmem::Finder<'static>,
    call_word: memmem::Finder<'static>,
    text: memmem::Finder<'static>,
    usage: memmem::FinderRev<'static>,
    object: memmem::Finder<'static>,
}

impl Scanner {
    pub fn new() -> Self {
        Scanner {
            parent_key: memmem::Finder::new(b"\"parentId\":"),
            call_word: memmem::Finder::new(b"\"toolCall\""),
            text: memmem::Finder::new(b"{\"type\":\"text\",\"text\":\""),
            usage: memmem::FinderRev::new(b"\"usage\":{"),
            object: memmem::Finder::new(b"{\"type\":\""),
        }
    }

    /// Reads a whole line. `terminated` says that a newline followed: only then is a line that begins
    /// and ends like an entry believed without being parsed.
    pub fn line<'a>(&self, line: &'a [u8], terminated: bool) -> Result<Scanned<'a>, Refusal> {
        let quick = terminated.then(|| self.quick(line)).flatten();
        match quick {
            Some(scanned) => Ok(scanned),
            None => slow(line),
        }
    }

    /// The entries and the remains of entries on a line that is not one whole JSON value.
    pub fn pieces<'a>(&self, line: &'a [u8]) -> Vec<Piece<'a>> {
        let mut pieces = Vec::new();
        let mut effort = line.len().saturating_mul(EFFORT);
        let mut from = 0;
        while let Some(at) = self.object.find(&line[from..]) {
            let start = from + at;
            let piece = &line[start..];
            let stem = stem(piece).map(|(stem, _)| stem);
            from = start + 1;
            // An extension's entries have their id behind their data.
            if stem.is_none() && !piece.starts_with(b"{\"type\":\"custom") {
                continue;
            }
            let mut values = serde_json::Deserializer::from_slice(piece).into_iter();
            // What is read again and again is no line that anybody wrote.
            let read = (effort > 0).then(|| values.next()).flatten();
            let whole = matches!(read, Some(Ok(IgnoredAny)));
            let len = values.byte_offset();
            effort = effort.saturating_sub(match read {
                Some(Err(error)) => error.column(),
                _ => len,
            });
            let entry = whole.then(|| slow(&piece[..len]).ok()).flatten();
            if let Some(scanned) = entry {
                pieces.push(Piece::Entry {
                    start,
                    len,
                    scanned,
                });
                from = start + len;
            } else if let Some(stem) = stem {
                pieces.push(Piece::Remains {
                    id: stem.id,
                    parent: stem.parent,
                });
            }
        }
        pieces
    }

    fn quick<'a>(&self, line: &'a [u8]) -> Option<Scanned<'a>> {
        let (stem, rest) = stem(line)?;
        if line.last() != Some(&b'}') || self.parent_key.find(rest).is_some() {
            return None;
        }
        let mut scanned = Scanned {
            kind: Cow::Borrowed(stem.kind),
            id: Cow::Borrowed(stem.id),
            parent: stem.parent.map(Cow::Borrowed),
            time: time::parse(stem.timestamp),
            facts: Facts::default(),
        };
        let is_summary = matches!(stem.kind, "compaction" | "branch_summary");
        if is_summary && self.usage.rfind(rest).is_some() {
            return None;
        }
        if stem.kind == "message" {
            let message = rest.strip_prefix(b",\"message\":{\"role\":\"")?;
            let (role, message) = string(message)?;
            scanned.facts.role = Role::of(role);
            if scanned.facts.role == Role::Assistant {
                let (usage, stop) = self.usage(message)?;
                scanned.facts.usage = Some(usage);
                let (calls, first_call) = self.calls(message)?;
                scanned.facts.tool_calls = calls;
                scanned.facts.silent =
                    is_orderly(stop) && !self.says_something(message, first_call)?;
            }
        }
        Some(scanned)
    }

    /// The usage of an assistant message, near the line's end, and the stop reason that follows it.
    fn usage<'a>(&self, message: &'a [u8]) -> Option<(Usage, &'a str)> {
        let start = self.usage.rfind(message)? + b"\"usage\":".len();
        let mut values = serde_json::Deserializer::from_slice(&message[start..]).into_iter();
        let usage = values.next()?.ok()?;
        let rest = &message[start + values.byte_offset()..];
        let (stop, _) = string(rest.strip_prefix(b",\"stopReason\":\"")?)?;
        Some((usage, stop))
    }

    /// Whether a message has a text block that is not blank; `None` when the bytes alone do not tell.
    fn says_something(&self, message: &[u8], first_call: Option<usize>) -> Option<bool> {
        // What looks like a text behind the first call may be an argument.
        let (before, behind) = message.split_at(first_call.unwrap_or(message.len()));
        for at in self.text.find_iter(before) {
            if !is_blank(&before[at + self.text.needle().len()..])? {
                return Some(true);
            }
        }
        self.text.find(behind).is_none().then_some(false)
    }

    /// How many tool calls a message has, and where the first one is named; `None` when the bytes
    /// alone do not tell.
    fn calls(&self, message: &[u8]) -> Option<(usize, Option<usize>)> {
        let mut first = None;
        let mut count = 0;
        for at in self.call_word.find_iter(message) {
            let (before, from) = message.split_at(at);
            if !before.ends_with(b"{\"type\":") || !from.starts_with(CALL) {
                return None;
            }
            first.get_or_insert(at);
            count += 1;
        }
        Some((count, first))
    }
}

/// A part of a damaged line.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'a> {
    /// A whole entry.
    Entry {
        start: usize,
        len: usize,
        scanned: Scanned<'a>,
    },
    /// The beginning of one.
    Remains {
        id: &'a str,
        parent: Option<&'a str>,
    },
}

struct Stem<'a> {
    kind: &'a str,
    id: &'a str,
    parent: Option<&'a str>,
    timestamp: &'a [u8],
}

/// The four fields that begin a line in the usual order, and what follows them.
fn stem(line: &[u8]) -> Option<(Stem<'_>, &[u8])> {
    let (kind, rest) = string(line.strip_prefix(b"{\"type\":\"")?)?;
    let (id, rest) = string(rest.strip_prefix(b",\"id\":\"")?)?;
    let rest = rest.strip_prefix(b",\"parentId\":")?;
    let (parent, rest) = match rest.strip_prefix(b"null") {
        Some(rest) => (None, rest),
        None => {
            let (parent, rest) = string(rest.strip_prefix(b"\"")?)?;
            (Some(parent), rest)
        }
    };
    let (timestamp, rest) = string(rest.strip_prefix(b",\"timestamp\":\"")?)?;
    if kind == "session" || id.is_empty() || !matches!(rest.first(), Some(b',' | b'}')) {
        return None;
    }
    let timestamp = timestamp.as_bytes();
    Some((
        Stem {
            kind,
            id,
            parent,
            timestamp,
        },
        rest,
    ))
}

/// A string without escapes up to its closing quote, and what follows it.
fn string(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = memchr::memchr(b'"', bytes)?;
    let text = &bytes[..end];
    if text.iter().any(|byte| *byte == b'\\' || *byte < 0x20) {
        return None;
    }
    Some((std::str::from_utf8(text).ok()?, &bytes[end + 1..]))
}

/// Whether the rest of a string is blank; `None` when it has something rare in it.
fn is_blank(text: &[u8]) -> Option<bool> {
    let mut bytes = text.iter();
    loop {
        match bytes.next()? {
            b'"' => return Some(true),
            b' ' => {}
            b'\\' => match bytes.next()? {
                b'n' | b'r' | b't' => {}
                b'u' => return None,
                _ => return Some(false),
            },
            byte if byte.is_ascii() => return Some(false),
            _ => return None,
        }
    }
}

/// Whether an answer ended as it should.
fn is_orderly(stop: &str) -> bool {
    matches!(stop, "" | "stop" | "toolUse")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Slow<'a> {
    #[serde(default, borrow)]
    r#type: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    parent_id: Option<Cow<'a, str>>,
    #[serde(default)]
    timestamp: Option<Value>,
    #[serde(default)]
    message: Option<SlowMessage>,
    #[serde(default)]
    usage: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SlowMessage {
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    usage: Option<Value>,
    #[serde(default)]
    content: Option<Blocks>,
    #[serde(default)]
    stop_reason: Option<Value>,
}

fn slow(line: &[u8]) -> Result<Scanned<'_>, Refusal> {
    // Serde would take an array for a struct.
    let is_object = line.first() == Some(&b'{');
    let slow = is_object.then(|| serde_json::from_slice::<Slow<'_>>(line).ok());
    let Some(slow) = slow.flatten() else {
        let is_json = serde_json::from_slice::<IgnoredAny>(line).is_ok();
        return Err(if is_json {
            Refusal::Anonymous
        } else {
            Refusal::NotJson
        });
    };
    let (Some(kind), Some(id)) = (slow.r#type, slow.id) else {
        return Err(Refusal::Anonymous);
    };
    if kind == "session" {
        return Err(Refusal::Header);
    }
    if id.is_empty() {
        return Err(Refusal::Anonymous);
    }
    let time = slow.timestamp.as_ref().and_then(|at| match at {
        Value::String(at) => time::parse(at.as_bytes()),
        at => at.as_i64(),
    });
    let mut facts = Facts::default();
    if kind == "message" {
        let message = slow.message.unwrap_or_default();
        facts.role = Role::of(&message.role.unwrap_or_default());
        if facts.role == Role::Assistant {
            facts.usage = message.usage.map(|usage| read::usage(&usage));
            let blocks = message.content.unwrap_or_default();
            facts.tool_calls = blocks.calls;
            let stop = message.stop_reason.unwrap_or_default();
            facts.silent = is_orderly(stop.as_str().unwrap_or_default()) && !blocks.say_something;
        }
    }
    if matches!(&*kind, "compaction" | "branch_summary") {
        facts.usage = slow.usage.map(|usage| read::usage(&usage));
    }
    Ok(Scanned {
        kind,
        id,
        parent: slow.parent_id,
        time,
        facts,
    })
}

/// What is to be known of content, whatever its shape.
#[derive(Default)]
struct Blocks {
    calls: usize,
    say_something: bool,
}

impl<'de> Deserialize<'de> for Blocks {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let content = Value::deserialize(deserializer)?;
        let is_word = |text: &Value| text.as_str().is_some_and(|text| !text.trim().is_empty());
        let blocks = content.as_array().map_or(&[][..], Vec::as_slice);
        let calls = blocks.iter().filter(|block| block["type"] == "toolCall");
        let mut texts = blocks.iter().filter(|block| block["type"] == "text");
        Ok(Blocks {
            calls: calls.count(),
            say_something: is_word(&content) || texts.any(|block| is_word(&block["text"])),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = br#"{"type":"message","id":"0000000b","parentId":"0000000a","timestamp":"2026-01-01T00:00:00.000Z","message":{"role":"assistant","content":[{"type":"text","text":"\"usage\":{} \"parentId\":"},{"type":"toolCall","id":"c","name":"n","arguments":{"usage":{"input":7}}}],"usage":{"input":1,"output":2,"cacheRead":3,"cacheWrite":4,"totalTokens":10,"cost":{"input":0.5,"output":0,"cacheRead":0,"cacheWrite":0,"total":0.5}},"stopReason":"stop","timestamp":1}}"#;

    #[test]
    fn reading_only_the_beginning_and_the_end_says_the_same_as_parsing() {
        let scanner = Scanner::new();
        let lines: [&[u8]; 4] = [
            ANSWER,
            br#"{"type":"message","id":"a","parentId":null,"timestamp":"x","message":{"role":"user","content":"hi"}}"#,
            br#"{"type":"label","id":"a","parentId":"b","timestamp":"2026-01-01T00:00:00.000Z","targetId":"b"}"#,
            br#"{"type":"novel","id":"a","parentId":"b","timestamp":"2026-01-01T00:00:00.000Z"}"#,
        ];
        for line in lines {
            let quick = scanner.quick(line);
            assert_eq!(quick, slow(line).ok());
            assert!(quick.is_some());
        }
    }

    #[test]
    fn what_the_bytes_alone_do_not_tell_is_left_to_parsing() {
        let scanner = Scanner::new();
        let text = String::from_utf8_lossy(ANSWER).into_owned();
        for odd in [
            // An object that only looks like a call; usage that is not followed by the stop reason.
            text.replace(r#"{"input":7}"#, r#"["toolCall"]"#),
            text.replace(
                r#","stopReason":"stop","timestamp":1"#,
                r#","timestamp":1,"stopReason":"stop""#,
            ),
            text.replace(r#"{"input":7}"#, r#"{"parentId":7}"#),
        ] {
            assert_eq!(scanner.quick(odd.as_bytes()), None);
            let scanned = scanner.line(odd.as_bytes(), true);
            let facts = scanned.map(|scanned| scanned.facts);
            assert_eq!(facts.as_ref().map(|facts| facts.tool_calls), Ok(1));
            let total = facts.map(|facts| facts.usage.map(|usage| usage.total_tokens));
            assert_eq!(total, Ok(Some(10)));
        }
    }

    #[test]
    fn an_answer_is_silent_when_it_has_no_words_and_ended_in_order() {
        let scanner = Scanner::new();
        let answer = |content: &str, stop: &str| {
            let usage = r#"{"input":1,"output":2,"cacheRead":3,"cacheWrite":4,"totalTokens":10,"cost":{"input":0.5,"output":0,"cacheRead":0,"cacheWrite":0,"total":0.5}}"#;
            format!(
                r#"{{"type":"message","id":"0000000b","parentId":null,"timestamp":"2026-01-01T00:00:00.000Z","message":{{"role":"assistant","content":[{content}],"usage":{usage},"stopReason":"{stop}","timestamp":1}}}}"#
            )
        };
        let call = |arguments: &str| {
            format!(r#"{{"type":"toolCall","id":"c","name":"n","arguments":{arguments}}}"#)
        };
        let text = r#"{"type":"text","text":"hi"}"#;
        let blank = r#"{"type":"text","text":" \n"}"#;
        let rare = r#"{"type":"text","text":"\u00a0"}"#;
        let cases = [
            (call("{}"), "toolUse", true),
            (call(text), "toolUse", true),
            (format!("{},{text}", call("{}")), "toolUse", false),
            (format!("{text},{}", call("{}")), "toolUse", false),
            (format!("{blank},{}", call("{}")), "toolUse", true),
            (rare.to_string(), "stop", true),
            (call("{}"), "length", false),
            (String::new(), "aborted", false),
            (String::new(), "stop", true),
        ];
        for (content, stop, silent) in cases {
            let line = answer(&content, stop);
            let facts = scanner.line(line.as_bytes(), true).unwrap().facts;
            assert_eq!(facts.silent, silent, "{content} {stop}");
            assert_eq!(slow(line.as_bytes()).unwrap().facts, facts, "{content}");
        }
    }

    #[test]
    fn an_array_is_not_an_entry() {
        let scanner = Scanner::new();
        let array = br#"["message","0000000a",null,"x"]"#;
        assert_eq!(scanner.line(array, true), Err(Refusal::Anonymous));
    }

    #[test]
    fn a_damaged_line_of_objects_in_objects_does_not_take_for_ever() {
        let line = br#"{"type":"custom","a":"#.repeat(50_000);
        assert_eq!(Scanner::new().pieces(&line), []);
    }
}
