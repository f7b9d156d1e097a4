//! JSON that is still arriving: a best-effort value at any moment, in time linear in all that arrived;
//! and the final reading of a tool call's arguments.
//!
//! The value so far holds every finished part, strings as far as they came, and leaves out a number
//! or a word that may still grow and a key without a value. Nesting deeper than [`MAX_DEPTH`] and
//! malformed text freeze the value; nothing panics. Reporting bad JSON is the loop's business.

use serde_json::{Map, Value};

/// Containers within containers, at most; the same as `serde_json` reads.
pub const MAX_DEPTH: usize = 127;

/// Reads a whole call's arguments. Nothing at all is `{}`; slips that models make inside strings (raw
/// control characters, wrong escapes) are mended; whatever is still no JSON comes back as
/// `Value::String` of the text, so that the loop can tell the model.
pub fn arguments(json: &str) -> Value {
    if json.trim().is_empty() {
        return Value::Object(Map::new());
    }
    if let Ok(value) = serde_json::from_str(json) {
        return value;
    }
    serde_json::from_str(&mended(json)).unwrap_or_else(|_| Value::String(json.to_owned()))
}

/// Escapes raw control characters inside strings and doubles backslashes that begin no escape.
fn mended(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 16);
    let mut in_string = false;
    let mut rest = json.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' => {
                in_string = !in_string;
                out.push(c);
            }
            '\\' if in_string => mend_escape(&mut rest, &mut out),
            c if in_string && c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out
}

fn mend_escape(rest: &mut std::str::Chars<'_>, out: &mut String) {
    let after = rest.as_str();
    let four_digits =
        |s: &str| s.len() >= 5 && s.as_bytes()[1..5].iter().all(u8::is_ascii_hexdigit);
    match after.chars().next() {
        Some('u') if !four_digits(after) => out.push_str("\\\\"),
        Some(c @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u')) => {
            out.push('\\');
            out.push(c);
            rest.next();
        }
        _ => out.push_str("\\\\"),
    }
}
