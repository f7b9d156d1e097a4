//! Private keys in their armour (RFC 7468): `-----BEGIN … PRIVATE KEY-----` to its `-----END`, or as
//! far as the body goes when the end was cut off.

use std::ops::Range;

use super::rules::{PEM_BEGIN, PEM_LENGTH};

/// The body of the private key whose armour begins at `start`; `None` for a certificate or the like.
pub(super) fn body(text: &str, start: usize) -> Option<Range<usize>> {
    let label = &text[start + PEM_BEGIN.len()..];
    let dashes = label.bytes().take(64).position(|byte| byte == b'-')?;
    let name = &label[..dashes];
    if !label[dashes..].starts_with("-----") || !name.contains("PRIVATE KEY") {
        return None;
    }
    let from = start + PEM_BEGIN.len() + dashes + 5;
    let rest = &text.as_bytes()[from..];
    let near = &rest[..rest.len().min(PEM_LENGTH)];
    if let Some(end) = memchr::memmem::find(near, b"-----END ") {
        return Some(from..from + end);
    }
    // Lines of base64; a line of anything else is no longer the key.
    let mut length = 0;
    for line in near.split_inclusive(|byte| *byte == b'\n') {
        let is_body = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=\\ \t\r\n".contains(byte);
        let has_words = line.trim_ascii().contains(&b' ');
        if length > 0 && has_words {
            break;
        }
        let whole = line.iter().position(|byte| !is_body(byte));
        length += whole.unwrap_or(line.len());
        if whole.is_some() {
            break;
        }
    }
    (length > 0).then_some(from..from + length)
}
