//! Finds what is shaped like a secret: literals first, then the rule that each of them stands for.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};
use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input};

use super::pem;
use super::rules::{PEM_BEGIN, RULES, Rule, Test};

/// Finds what is shaped like a secret. Cheap to clone.
#[derive(Clone)]
pub(super) struct Finder(Arc<Inner>);

struct Inner {
    /// All anchors; `None` when they cannot be searched for, which no input can bring about.
    anchors: Option<AhoCorasick>,
    /// Per anchor: its text, and which rule; `None` for a private key.
    rules: Vec<(&'static str, Option<Shape>)>,
}

#[derive(Clone)]
struct Shape {
    rule: &'static Rule,
    lead: Regex,
    value: Regex,
}

/// Bytes by which a secret is told from what is none.
const TOLD: usize = 1024;

impl Finder {
    /// The same for everyone: the patterns are compiled once in a process.
    pub fn new() -> Self {
        static FINDER: LazyLock<Finder> = LazyLock::new(Finder::compile);
        FINDER.clone()
    }

    fn compile() -> Self {
        let mut rules: Vec<(&'static str, Option<Shape>)> = vec![(PEM_BEGIN, None)];
        for rule in RULES {
            // A test holds that all of them compile.
            let (Ok(lead), Ok(value)) = (Regex::new(rule.lead), Regex::new(rule.value)) else {
                continue;
            };
            let shape = Shape { rule, lead, value };
            let own = rule.anchors.iter();
            rules.extend(own.map(|anchor| (*anchor, Some(shape.clone()))));
        }
        let anchors = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(rules.iter().map(|(anchor, _)| anchor))
            .ok();
        Finder(Arc::new(Inner { anchors, rules }))
    }

    /// How many anchors are searched for.
    #[cfg(test)]
    pub fn anchors(&self) -> Option<usize> {
        self.0.anchors.as_ref().map(AhoCorasick::patterns_len)
    }

    /// The ranges that are to be masked, in order, without overlaps.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let Some(anchors) = &self.0.anchors else {
            return Vec::new();
        };
        let mut spans = Vec::new();
        let mut from = 0;
        while let Some(found) = anchors.find(aho_corasick::Input::new(text).span(from..text.len()))
        {
            let (_, shape) = &self.0.rules[found.pattern().as_usize()];
            let secret = match shape {
                Some(shape) => shape.secret(text, found.start(), found.end()),
                None => pem::body(text, found.start()),
            };
            // What an anchor does not begin may be begun by a shorter one within it.
            from = secret
                .as_ref()
                .map_or(found.start() + 1, |secret| secret.end);
            spans.extend(secret);
        }
        spans
    }

    /// How long the vendor's prefix of a secret is, when the rest is long enough to be one still.
    pub fn prefix_of(&self, secret: &str) -> usize {
        let prefixes = self.0.rules.iter().filter(|(_, shape)| {
            shape
                .as_ref()
                .is_some_and(|shape| shape.rule.is_prefix && shape.rule.anchors != ["SG."])
        });
        let fitting = prefixes.filter(|(anchor, _)| {
            secret.starts_with(anchor) && secret.len() >= anchor.len() + super::SHORTEST
        });
        fitting.map(|(anchor, _)| anchor.len()).max().unwrap_or(0)
    }
}

impl Shape {
    /// The secret behind the anchor that stands at `start..end`.
    fn secret(&self, text: &str, start: usize, end: usize) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        if self.rule.is_prefix {
            let inside = start > 0 && bytes[start - 1].is_ascii_alphanumeric();
            if inside || !self.rule.anchors.contains(&&text[start..end]) {
                return None;
            }
        }
        let from = if self.rule.lead.is_empty() {
            end
        } else {
            end_of(&self.lead, text, end..text.len())?
        };
        // What is no secret by then is none: looking to the end behind every anchor would never end.
        let near = text.len().min(from + TOLD);
        let to = end_of(&self.value, text, from..near)?;
        let (value, next) = (&text[from..to], bytes.get(to).copied());
        let fits = match self.rule.test {
            Test::Shape => true,
            Test::Whole => !next.is_some_and(|next| next.is_ascii_alphanumeric()),
            Test::Random => has_random_run(value),
            Test::Literal if self.rule.anchors == ["://"] => next == Some(b'@'),
            Test::Literal => is_literal(value, bytes.get(from.wrapping_sub(1)).copied(), next),
        };
        if fits && to == near {
            return Some(from..end_of(&self.value, text, from..text.len())?);
        }
        fits.then_some(from..to)
    }
}

/// Where a match that begins where `place` does ends.
fn end_of(regex: &Regex, text: &str, place: Range<usize>) -> Option<usize> {
    let input = Input::new(text).range(place).anchored(Anchored::Yes);
    regex.find(input).map(|found| found.end())
}

/// Sixteen letters and digits in a row, both among them: no name of a thing has that.
fn has_random_run(value: &str) -> bool {
    value
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|run| {
            run.len() >= 16
                && run.bytes().any(|byte| byte.is_ascii_digit())
                && run.bytes().any(|byte| byte.is_ascii_alphabetic())
        })
}

/// Whether what is assigned is a secret itself rather than the code or the words that stand for one.
fn is_literal(value: &str, before: Option<u8>, next: Option<u8>) -> bool {
    let is_quoted = matches!(before, Some(b'"' | b'\'' | b'`'));
    // A call, an index, a path, a template: code.
    if matches!(next, Some(b'(' | b'[' | b'{' | b'<' | b':' | b'$')) {
        return false;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_name = value
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b'-' | b'/'));
    if is_name || digits == 0 || letters == 0 {
        return false;
    }
    // `process.env.KEY_2`, `config/keys/v2.json`: names with a digit in them.
    let words: Vec<&str> = value.split(['.', '/']).collect();
    let is_path = words.len() > 1 && words.iter().all(|word| !has_mixed_run(word));
    !is_path && (is_quoted || value.len() >= 16) && has_mixed_run(value)
}

/// Letters and digits that take turns within eight characters in a row.
fn has_mixed_run(value: &str) -> bool {
    value
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|run| {
            let kinds = run.bytes().map(|byte| byte.is_ascii_digit());
            let turns = kinds.clone().zip(kinds.skip(1)).filter(|(a, b)| a != b);
            run.len() >= 8 && turns.count() >= 2
        })
}
