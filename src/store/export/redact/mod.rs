//! Masks secrets in text: those that are known, wherever they stand, and whatever is shaped like one.
//!
//! Promises that no known secret is left in the result, and that a masked key keeps its vendor's
//! prefix, so that a reader sees what was there: `sk-ant-…[redacted]`. Git hashes, UUIDs and base64
//! are let be. One pass finds literals; only where one stands is anything looked at more closely.

mod find;
mod pem;
mod rules;

use std::borrow::Cow;
use std::fmt;

use aho_corasick::{AhoCorasick, MatchKind};

use find::Finder;

/// What stands for a secret.
pub const MARK: &str = "…[redacted]";
/// Shorter secrets are not looked for: they would be found everywhere.
pub const SHORTEST: usize = 8;
/// Values that stand where a server wants no key.
const PLACEHOLDERS: [&str; 6] = [
    "lm-studio",
    "not-needed",
    "not-required",
    "placeholder",
    "your-api-key",
    "your_api_key",
];

/// Masks secrets in text.
#[derive(Clone)]
pub struct Redactor {
    known: Option<AhoCorasick>,
    finder: Finder,
}

impl Redactor {
    /// Masks these, and whatever is shaped like a key. Secrets shorter than [`SHORTEST`] bytes are let
    /// be.
    pub fn new<S: AsRef<str>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let mut needles: Vec<String> = Vec::new();
        for secret in secrets {
            let secret = secret.as_ref().trim();
            if secret.len() < SHORTEST || PLACEHOLDERS.contains(&secret) || is_of_marks(secret) {
                continue;
            }
            needles.extend(written_forms(secret));
        }
        needles.sort();
        needles.dedup();
        let known = (!needles.is_empty()).then(|| {
            AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .build(&needles)
                .ok()
        });
        Redactor {
            known: known.flatten(),
            finder: Finder::new(),
        }
    }

    /// The text with every secret masked, and how many there were.
    pub fn redact<'t>(&self, text: &'t str) -> (Cow<'t, str>, usize) {
        let mut spans = self.finder.find(text);
        if let Some(known) = &self.known {
            spans.extend(known.find_iter(text).map(|found| {
                let prefix = self.finder.prefix_of(&text[found.range()]);
                found.start() + prefix..found.end()
            }));
        }
        if spans.is_empty() {
            return (Cow::Borrowed(text), 0);
        }
        spans.sort_by_key(|span| (span.start, span.end));
        let mut masked = String::with_capacity(text.len());
        let (mut at, mut count) = (0, 0);
        for span in spans {
            if span.start >= at {
                masked.push_str(&text[at..span.start]);
                masked.push_str(MARK);
                count += 1;
            }
            at = at.max(span.end);
        }
        masked.push_str(&text[at..]);
        (Cow::Owned(self.without_rest(masked)), count)
    }

    /// Whether one of the known secrets is in `text`.
    pub fn is_known_in(&self, text: &str) -> bool {
        self.known
            .as_ref()
            .is_some_and(|known| known.is_match(text))
    }

    /// Masks what is still known: a secret that the shown prefix of another one completes.
    fn without_rest(&self, mut masked: String) -> String {
        let Some(known) = &self.known else {
            return masked;
        };
        // Every round takes characters of the text away and adds none but marks.
        while let Some(found) = known.find(&masked) {
            masked.replace_range(found.range(), MARK);
        }
        masked
    }
}

impl fmt::Debug for Redactor {
    /// Says how much is known and nothing of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known.as_ref().map_or(0, AhoCorasick::patterns_len);
        f.debug_struct("Redactor").field("known", &known).finish()
    }
}

/// Whether it is nothing but a piece of marks in a row.
fn is_of_marks(secret: &str) -> bool {
    let marks = MARK.repeat(secret.len() / MARK.len() + 2);
    marks.contains(secret)
}

/// The secret as text, as a part of a JSON string and as a part of an address have it.
fn written_forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    if let Ok(json) = serde_json::to_string(secret) {
        forms.push(json[1..json.len() - 1].to_owned());
    }
    let mut percent = String::new();
    for byte in secret.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                percent.push(char::from(byte));
            }
            byte => percent.push_str(&format!("%{byte:02X}")),
        }
    }
    forms.push(percent);
    forms
}

#[cfg(test)]
mod tests;
