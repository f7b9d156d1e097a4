//! One field of an entry's line changed, every other byte as it was.
//!
//! Entries that are copied keep what this program does not know of them; only what ties them to their
//! file (the parent's id, the first kept entry's) may have to be said anew.

use std::borrow::Cow;
use std::ops::Range;

/// The line with `name` being `value` (JSON); the line itself when that is so already.
pub(super) fn with_field<'a>(line: &'a [u8], name: &str, value: &str) -> Cow<'a, [u8]> {
    if let Some(place) = field(line, name) {
        if &line[place.clone()] == value.as_bytes() {
            return Cow::Borrowed(line);
        }
        let (before, after) = (&line[..place.start], &line[place.end..]);
        return Cow::Owned([before, value.as_bytes(), after].concat());
    }
    let Some((b'{', rest)) = line.split_first() else {
        return Cow::Borrowed(line);
    };
    let comma = if rest.trim_ascii_start().starts_with(b"}") {
        ""
    } else {
        ","
    };
    let first = format!("{{\"{name}\":{value}{comma}");
    Cow::Owned([first.as_bytes(), rest].concat())
}

/// Where the value of an object's own field is.
fn field(line: &[u8], name: &str) -> Option<Range<usize>> {
    let mut at = skip_space(line, 0);
    if line.get(at) != Some(&b'{') {
        return None;
    }
    loop {
        at = skip_space(line, at + 1);
        let key_end = string_end(line, at)?;
        let key = &line[at + 1..key_end - 1];
        at = skip_space(line, key_end);
        if line.get(at) != Some(&b':') {
            return None;
        }
        let start = skip_space(line, at + 1);
        let end = value_end(line, start)?;
        if key == name.as_bytes() {
            return Some(start..start + line[start..end].trim_ascii_end().len());
        }
        if line.get(end) != Some(&b',') {
            return None;
        }
        at = end;
    }
}

/// The comma or bracket behind a value.
fn value_end(line: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0usize;
    loop {
        match line.get(at)? {
            b'"' => {
                at = string_end(line, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return Some(at),
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

/// Behind the closing quote of the string that begins at `at`.
fn string_end(line: &[u8], at: usize) -> Option<usize> {
    if line.get(at) != Some(&b'"') {
        return None;
    }
    let mut from = at + 1;
    loop {
        let found = from + memchr::memchr2(b'"', b'\\', line.get(from..)?)?;
        if line[found] == b'"' {
            return Some(found + 1);
        }
        from = found + 2;
    }
}

fn skip_space(line: &[u8], at: usize) -> usize {
    let rest = line.get(at..).unwrap_or_default();
    at + (rest.len() - rest.trim_ascii_start().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(line: &str) -> String {
        let line = with_field(line.as_bytes(), "parentId", "\"p\"");
        String::from_utf8_lossy(&line).into_owned()
    }

    #[test]
    fn only_the_fields_own_bytes_change() {
        assert_eq!(
            patched(r#"{"a":{"parentId":1,"x":"}\""},"parentId" : null , "b":[1,{}]}"#),
            r#"{"a":{"parentId":1,"x":"}\""},"parentId" : "p" , "b":[1,{}]}"#
        );
        assert_eq!(patched(r#"{"parentId":"p"}"#), r#"{"parentId":"p"}"#);
        assert_eq!(patched(r#"{"parentId":{"q":[]}}"#), r#"{"parentId":"p"}"#);
    }

    #[test]
    fn an_absent_field_comes_first_and_what_is_no_object_stays() {
        assert_eq!(patched(r#"{"a":1}"#), r#"{"parentId":"p","a":1}"#);
        assert_eq!(patched("{ }"), r#"{"parentId":"p" }"#);
        for line in ["", "[1]", "\"x"] {
            assert_eq!(patched(line), line);
        }
    }
}
