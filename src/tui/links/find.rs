//! Addresses and paths in text that says nothing of links.

use std::ops::Range;

use super::table::LONGEST;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'t> {
    /// An address on the web.
    Address(&'t str),
    /// A path that names a file, and a line of it.
    File(&'t str, Option<u64>),
}

/// The addresses and paths in a text, in order, and where they stand.
pub fn find(text: &str) -> Vec<(Range<usize>, Found<'_>)> {
    let mut found = Vec::new();
    if !text.contains(['/', ':']) {
        return found;
    }
    let mut at = 0;
    while let Some((start, end)) = next_word(text, at) {
        at = end;
        let word = &text[start..end];
        if let Some(begin) = address_start(word) {
            let address = trimmed(&word[begin..]);
            let empty = address.find("://").map_or(0, |end| end + 3);
            if address.len() > empty && address.len() <= LONGEST {
                let from = start + begin;
                found.push((from..from + address.len(), Found::Address(address)));
            }
            continue;
        }
        let lead = word.len() - word.trim_start_matches(OPENING).len();
        let word = word[lead..].trim_end_matches(CLOSING);
        if let Some((length, file)) = file(word) {
            found.push((start + lead..start + lead + length, file));
        }
    }
    found
}

const OPENING: [char; 8] = ['(', '[', '{', '"', '\'', '`', '<', '*'];
const CLOSING: [char; 14] = [
    ')', ']', '}', '"', '\'', '`', '>', '*', '.', ',', ';', ':', '!', '?',
];

/// The next run without spaces.
fn next_word(text: &str, from: usize) -> Option<(usize, usize)> {
    let rest = text.get(from..)?;
    let start = from + rest.find(|char: char| !char.is_whitespace())?;
    let length = text[start..].find(char::is_whitespace);
    Some((start, length.map_or(text.len(), |length| start + length)))
}

fn address_start(word: &str) -> Option<usize> {
    let schemes = ["https://", "http://"];
    let starts = schemes.iter().filter_map(|scheme| word.find(scheme));
    let start = starts.min()?;
    let before = word[..start].chars().next_back();
    before
        .is_none_or(|char| !char.is_alphanumeric())
        .then_some(start)
}

/// An address without what belongs to the sentence around it.
fn trimmed(word: &str) -> &str {
    let end = word.find(['<', '>', '"', '`', '|']).unwrap_or(word.len());
    let word = &word[..end];
    // How many of each bracket close and were not opened: counted once, for a word may end in very many.
    let count = |bracket: char| word.matches(bracket).count();
    let mut unopened = BRACKETS.map(|(open, close)| count(close).saturating_sub(count(open)));
    let goes = |last: char| {
        let bracket = BRACKETS.iter().position(|(_, close)| *close == last);
        match bracket.map(|bracket| &mut unopened[bracket]) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            Some(_) => false,
            None => matches!(last, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*'),
        }
    };
    word.trim_end_matches(goes)
}

const BRACKETS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('{', '}')];

/// The path that a word is, if it looks like one that names a file: `src/a.rs`, `./a`, `a.rs:12`.
fn file(word: &str) -> Option<(usize, Found<'_>)> {
    let end = word
        .find(|char: char| !(char.is_alphanumeric() || "/._-~+@".contains(char)))
        .unwrap_or(word.len());
    let (path, rest) = word.split_at(end);
    let mut length = path.len();
    let mut line = None;
    if let Some(number) = rest.strip_prefix(':') {
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        line = number[..digits].parse().ok().filter(|line| *line > 0);
        if line.is_some() {
            length += 1 + digits;
        }
    } else if !rest.is_empty() {
        return None;
    }
    let name = path.rsplit('/').next()?;
    let has_kind = name.rsplit_once('.').is_some_and(|(stem, kind)| {
        (1..=10).contains(&kind.len())
            && kind.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && (!stem.is_empty() || path.contains('/'))
            && kind.bytes().any(|byte| byte.is_ascii_alphabetic())
    });
    let has_place = ["./", "../", "~/"]
        .iter()
        .any(|start| path.starts_with(start))
        || path.starts_with('/') && path.matches('/').count() > 1;
    let is_file = match path.contains('/') {
        true => (has_kind || has_place || line.is_some()) && !path.contains("//"),
        false => has_kind && line.is_some(),
    };
    let has_letter = path.chars().any(char::is_alphabetic);
    (is_file && has_letter && !name.is_empty()).then_some((length, Found::File(path, line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a text, as it stands there.
    fn in_text(text: &str) -> Vec<&str> {
        find(text)
            .into_iter()
            .map(|(range, _)| &text[range])
            .collect()
    }

    #[test]
    fn addresses_end_where_the_sentence_goes_on() {
        assert_eq!(
            in_text("See https://a.example/x(y), (http://b.example/?q=1). \"https://c.example\""),
            [
                "https://a.example/x(y)",
                "http://b.example/?q=1",
                "https://c.example"
            ]
        );
        assert_eq!(in_text("https:// http://. xhttps://y"), [""; 0]);
    }

    #[test]
    fn paths_that_name_files_are_found_with_their_lines() {
        assert_eq!(
            in_text("in src/a.rs:12, ./run `~/.config/pi/x` (main.rs:3:7) and /etc/hosts."),
            [
                "src/a.rs:12",
                "./run",
                "~/.config/pi/x",
                "main.rs:3",
                "/etc/hosts"
            ]
        );
        assert_eq!(
            find("src/a.rs:12"),
            [(0..11, Found::File("src/a.rs", Some(12)))]
        );
    }

    #[test]
    fn words_with_slashes_and_dots_are_not_files() {
        let text =
            "and/or 1/2 GET/POST /model e.g. foo.bar() a::b 10:30 1.2/3.4 // x/y/ ./ node.js";
        assert_eq!(in_text(text), [""; 0]);
    }

    #[test]
    fn an_address_with_any_number_of_closing_brackets_is_found() {
        // Counted anew for each, these would be looked at more than a hundred thousand million times.
        let brackets = ")]}.".repeat(100_000);
        assert_eq!(
            in_text(&format!("https://a/(b){brackets}")),
            ["https://a/(b)"]
        );
        assert_eq!(
            in_text("https://a/[b]](c)) https://a/{)}"),
            ["https://a/[b]](c)", "https://a/{)}"]
        );
    }

    #[test]
    fn an_address_too_long_for_a_link_is_none() {
        let long = format!("https://a/{}", "b".repeat(LONGEST));
        assert_eq!(
            in_text(&format!("{} {long} src/a.rs", &long[..LONGEST])),
            [&long[..LONGEST], "src/a.rs"]
        );
    }
}
