//! Text of the session on its way into a document: what steers terminals or hides text is taken out,
//! then secrets are masked. A [`Clean`] is made here only, and documents are made of nothing else.

use std::borrow::Cow;
use std::cell::Cell;

use serde_json::Value;

use super::redact::Redactor;
use crate::tools::sanitize;

/// Text without control sequences and without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clean<'t>(Cow<'t, str>);

impl Clean<'_> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Cleans text, and counts what it masks.
pub(super) struct Cleaner<'o> {
    redactor: Option<&'o Redactor>,
    masked: Cell<usize>,
}

impl<'o> Cleaner<'o> {
    pub fn new(redactor: Option<&'o Redactor>) -> Self {
        Cleaner {
            redactor,
            masked: Cell::new(0),
        }
    }

    /// How often a secret was masked.
    pub fn masked(&self) -> usize {
        self.masked.get()
    }

    /// Cleans a text; its lines and tabs stay.
    pub fn clean<'t>(&self, text: &'t str) -> Clean<'t> {
        // Colours that a command put into a key must not hide it: they go first.
        let plain = plain(text);
        let Some(redactor) = self.redactor else {
            return Clean(plain);
        };
        let (text, count) = match plain {
            Cow::Borrowed(text) => redactor.redact(text),
            Cow::Owned(text) => {
                let (masked, count) = redactor.redact(&text);
                (Cow::Owned(masked.into_owned()), count)
            }
        };
        self.masked.set(self.masked.get() + count);
        Clean(text)
    }

    /// Cleans a text and puts it on one line.
    pub fn line(&self, text: &str) -> Clean<'static> {
        let clean = self.clean(text);
        let words: Vec<&str> = clean.as_str().split_whitespace().collect();
        Clean(Cow::Owned(words.join(" ")))
    }

    /// The beginning of a text on one line. All of `text` is cleaned first, so that no secret is cut
    /// into something that nobody knows.
    pub fn beginning(&self, text: &str, length: usize) -> Clean<'static> {
        // Enough for the words that are shown and for a secret that begins among them.
        let mut end = text.len().min(length * 8 + 4096);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.masked.get();
        let line = self.line(&text[..end]);
        // The text itself is in the document too, and counted there.
        self.masked.set(before);
        let mut chars = line.as_str().chars();
        let mut short: String = chars.by_ref().take(length).collect();
        if chars.next().is_some() {
            short.push('…');
        }
        Clean(Cow::Owned(short))
    }

    /// A JSON value with every string in it cleaned, on several lines.
    pub fn json(&self, value: &Value) -> Clean<'static> {
        let mut value = value.clone();
        self.clean_values(&mut value, 0);
        let text = serde_json::to_string_pretty(&value).unwrap_or_default();
        // Once more as a whole: `"password": "…"` is told by its name.
        Clean(Cow::Owned(self.clean(&text).0.into_owned()))
    }

    /// Whether a known secret is in a text that cannot be masked.
    pub fn is_known_in(&self, text: &str) -> bool {
        self.redactor
            .is_some_and(|redactor| redactor.is_known_in(text))
    }

    fn clean_values(&self, value: &mut Value, depth: usize) {
        match value {
            Value::String(text) => {
                if let Clean(Cow::Owned(clean)) = self.clean(text) {
                    *text = clean;
                }
            }
            // Deeper than any parser lets through.
            _ if depth > 200 => {}
            Value::Array(values) => {
                for value in values {
                    self.clean_values(value, depth + 1);
                }
            }
            Value::Object(fields) => {
                for value in fields.values_mut() {
                    self.clean_values(value, depth + 1);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// The text without control characters but line ends and tabs.
fn plain(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\t', text.as_bytes()).is_none() {
        return sanitize(text);
    }
    let pieces: Vec<Cow<'_, str>> = text.split('\t').map(sanitize).collect();
    if pieces.iter().all(|piece| matches!(piece, Cow::Borrowed(_))) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(pieces.join("\t"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_in_the_middle_of_a_key_do_not_hide_it() {
        let redactor = Redactor::new(["correct-horse"]);
        let cleaner = Cleaner::new(Some(&redactor));
        let clean = cleaner.clean("a\tcorrect\u{1b}[31m-horse\u{1b}[0m");
        assert_eq!(clean.as_str(), "a\t…[redacted]");
        assert_eq!(cleaner.masked(), 1);
    }

    #[test]
    fn a_beginning_does_not_cut_a_secret_open() {
        let redactor = Redactor::new(["correct-horse"]);
        let cleaner = Cleaner::new(Some(&redactor));
        assert_eq!(
            cleaner.beginning("is\ncorrect-horse", 8).as_str(),
            "is …[red…"
        );
    }

    #[test]
    fn json_is_masked_by_the_names_of_its_fields() {
        let redactor = Redactor::new([""; 0]);
        let cleaner = Cleaner::new(Some(&redactor));
        let value = serde_json::json!({"password": "aB3dE6gH9jK2mN5pQ8", "n": 1});
        assert_eq!(
            cleaner.json(&value).as_str(),
            "{\n  \"password\": \"…[redacted]\",\n  \"n\": 1\n}"
        );
    }
}
