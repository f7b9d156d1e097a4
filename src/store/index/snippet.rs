//! A line of text around what was found.

use std::ops::Range;

/// Characters in a snippet, about.
const LENGTH: usize = 160;
/// Characters before the first match.
const BEFORE: usize = 48;

/// A line of text around what was found, without control sequences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snippet {
    /// The line.
    pub text: String,
    /// Where in it the matches are, in order.
    pub matches: Vec<Range<usize>>,
}

impl Snippet {
    /// Cuts a line out of `text`, which has been cleaned, around the first of `matches`, which are in order.
    pub(super) fn cut(text: &str, matches: &[Range<usize>]) -> Self {
        let first = matches.first().map_or(0, |first| first.start);
        let start = back(text, first, BEFORE);
        let end = forth(text, start, LENGTH);
        let mut snippet = Snippet::default();
        if start > 0 {
            snippet.text.push('…');
        }
        let mut at = start;
        for found in matches {
            if found.start >= end {
                break;
            }
            let (from, to) = (found.start.max(at), found.end.min(end));
            snippet.push(&text[at..from]);
            let begins = snippet.text.len();
            snippet.push(&text[from..to]);
            if snippet.text.len() > begins {
                snippet.matches.push(begins..snippet.text.len());
            }
            at = to;
        }
        snippet.push(&text[at..end]);
        snippet.text.truncate(snippet.text.trim_end().len());
        let len = snippet.text.len();
        snippet.matches.retain_mut(|found| {
            found.end = found.end.min(len);
            found.start < found.end
        });
        if end < text.trim_end().len() {
            snippet.text.push('…');
        }
        snippet
    }

    /// Adds a piece with its blanks run together.
    fn push(&mut self, piece: &str) {
        for char in piece.chars() {
            let is_blank = char.is_whitespace() || char.is_control();
            if is_blank && (self.text.is_empty() || self.text.ends_with([' ', '…'])) {
                continue;
            }
            self.text.push(if is_blank { ' ' } else { char });
        }
    }
}

/// The place so many characters before `at`, or a little later where a word begins.
fn back(text: &str, at: usize, count: usize) -> usize {
    let before = &text[..at];
    let Some((start, _)) = before.char_indices().rev().nth(count) else {
        return 0;
    };
    let blank = text[start..at]
        .char_indices()
        .find(|(_, c)| c.is_whitespace());
    blank.map_or(start, |(after, char)| start + after + char.len_utf8())
}

/// The place so many characters after `at`.
fn forth(text: &str, at: usize, count: usize) -> usize {
    let found = text[at..].char_indices().nth(count);
    found.map_or(text.len(), |(after, _)| at + after)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str, word: &str) -> (String, Vec<String>) {
        let matches: Vec<_> = text.match_indices(word).collect();
        let matches: Vec<_> = matches.iter().map(|(at, m)| *at..at + m.len()).collect();
        let Snippet { text, matches } = Snippet::cut(text, &matches);
        let words = matches.into_iter().map(|at| text[at].to_owned()).collect();
        (text, words)
    }

    #[test]
    fn a_snippet_is_one_line_around_the_first_match() {
        let (text, words) = shown("a\n\n  b\thit c\nhit\n", "hit");
        assert_eq!(text, "a b hit c hit");
        assert_eq!(words, ["hit", "hit"]);
        let long = format!("{} hit {}", "word ".repeat(100), "more ".repeat(100));
        let (text, words) = shown(&long, "hit");
        assert!(text.starts_with("…word ") && text.ends_with('…'), "{text}");
        assert!(text.chars().count() < 170);
        assert_eq!(words, ["hit"]);
    }

    proptest! {
        #[test]
        fn any_text_gives_a_line(text in "(\\PC|[\\x00-\\x1f]){0,80}", from in 0usize..80, len in 1usize..20) {
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]).skip(from);
            let from = ends.next().unwrap_or(text.len());
            let to = ends.nth(len).unwrap_or(text.len());
            let snippet = Snippet::cut(&text, std::slice::from_ref(&(from..to)));
            prop_assert!(!snippet.text.chars().any(char::is_control));
            for found in snippet.matches {
                prop_assert!(snippet.text.get(found).is_some());
            }
        }
    }
}
