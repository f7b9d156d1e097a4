//! The quick way through JSON as people write it: what stands in comments and behind last elements is
//! blanked out, and a plain reader does the rest. It remembers no places and explains no mistakes: for
//! those there is [`super::jsonc`], which also has the last word on what is valid.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The object in `text`; `None` when it is not plainly one, whatever the reason.
pub(super) fn object(text: &str) -> Option<Map<String, Value>> {
    read(text)
}

/// What a text says; `None` when it is not plainly that, whatever the reason.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    match serde_json::from_str(text) {
        Ok(value) => Some(value),
        // As JSON it was fine.
        Err(error) if error.is_data() => None,
        Err(_) => {
            let mut bytes = text.as_bytes().to_vec();
            blank(&mut bytes)?;
            serde_json::from_slice(&bytes).ok()
        }
    }
}

/// Puts spaces in place of comments, and of commas that nothing follows. `None` when a comment or a
/// string does not end, and when a comma follows nothing: that is a mistake, and not ours to explain.
fn blank(bytes: &mut [u8]) -> Option<()> {
    let mut at = 0;
    while let Some(found) = memchr::memchr3(b'"', b'/', b',', bytes.get(at..)?) {
        at += found;
        match bytes.get(at)? {
            b'"' => at = past_string(bytes, at + 1)?,
            b'/' => {
                let end = comment_end(bytes, at)?;
                bytes.get_mut(at..end)?.fill(b' ');
                at = end;
            }
            _ => {
                if matches!(next(bytes, at + 1)?, Some(b']' | b'}')) {
                    // Comments before it are blank by now.
                    let before = bytes.get(..at)?.trim_ascii_end().last()?;
                    if matches!(before, b'{' | b'[' | b',' | b':') {
                        return None;
                    }
                    *bytes.get_mut(at)? = b' ';
                }
                at += 1;
            }
        }
    }
    Some(())
}

/// What comes next, behind spaces and comments; `None` when a comment does not end.
fn next(bytes: &[u8], from: usize) -> Option<Option<u8>> {
    let mut at = from;
    loop {
        match bytes.get(at) {
            Some(byte) if byte.is_ascii_whitespace() => at += 1,
            Some(b'/') => at = comment_end(bytes, at)?,
            other => return Some(other.copied()),
        }
    }
}

/// The byte behind the quote that closes a string.
fn past_string(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

/// The byte behind a comment that begins here.
fn comment_end(bytes: &[u8], from: usize) -> Option<usize> {
    let inside = bytes.get(from + 2..)?;
    match bytes.get(from + 1)? {
        b'/' => {
            Some(memchr::memchr2(b'\n', b'\r', inside).map_or(bytes.len(), |end| from + 2 + end))
        }
        b'*' => Some(from + 4 + memchr::memmem::find(inside, b"*/")?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::config::jsonc::Document;

    #[test]
    fn comments_and_last_commas_are_passed_over_but_not_in_strings() {
        let text =
            "{ // why, [\n \"a\": [1, 2, /* , */ ], /* and\n */ \"b\": \"x//y,]\\\"/*\", }// end";
        let expected = json!({"a": [1, 2], "b": "x//y,]\"/*"});
        assert_eq!(object(text).map(Value::Object), Some(expected));
        // A carriage return ends a line, as for the slow way.
        let text = "{\"a\": [ //x\r 1, //\n 2 ]}";
        let expected = json!({"a": [1, 2]});
        assert_eq!(object(text).map(Value::Object), Some(expected));
        for bad in [
            "",
            "[1]",
            "{",
            "{\"a\":1 /* }",
            "{\"a\" \"b\"}",
            "{,}",
            "/",
            "{\"a\":\"}",
            "{\"\\",
        ] {
            assert_eq!(object(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_the_quick_way_finds_the_slow_one_finds_too(
            parts in prop::collection::vec(prop::sample::select(vec![
                "{", "}", "[", "]", ",", ":", "\"a\"", "\"ä/\\\"\"", "1", "null", "//x\n", "//x\r", "/*,*/", " ", "\\", "/", "\"",
            ]), 0..24),
        ) {
            let text = format!("{{\"k\": [{}]}}", parts.concat());
            let quick = object(&text);
            if let Some(quick) = quick {
                prop_assert_eq!(Some(quick), Document::parse_slowly(&text).ok());
            }
        }
    }
}
