//! Text → words, as the index keeps them and as queries are matched.
//!
//! A word is a run of letters and digits, folded: lower case, without accents, compatibility forms
//! made plain. Scripts that are written without spaces (Chinese, Japanese, Thai and their like) and
//! Korean, whose particles stick to words, count one word a character: a query in them is found
//! wherever its characters stand side by side.

use std::ops::Range;

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Bytes of a folded word that count; longer runs are data, not words.
const LONGEST: usize = 48;

/// The words of a text, one after the other.
pub(super) struct Words<'t> {
    text: &'t str,
    at: usize,
    folded: String,
}

impl<'t> Words<'t> {
    pub fn new(text: &'t str) -> Self {
        Words {
            text,
            at: 0,
            folded: String::new(),
        }
    }

    /// Where the next word stands; [`Words::folded`] is what it is.
    pub fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let start = self.start()?;
            self.folded.clear();
            self.at = self.take_plain(start);
            self.take_rest(start);
            // A lone mark folds to nothing.
            if !self.folded.is_empty() {
                return Some(start..self.at);
            }
        }
    }

    /// The word that [`Words::next`] found last.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// Where the next run of letters and digits begins.
    fn start(&self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while let Some(byte) = bytes.get(at) {
            if byte.is_ascii_alphanumeric() {
                return Some(at);
            }
            if byte.is_ascii() {
                at += 1;
                continue;
            }
            let char = self.text[at..].chars().next()?;
            if char.is_alphanumeric() {
                return Some(at);
            }
            at += char.len_utf8();
        }
        None
    }

    /// Takes ASCII letters and digits; returns where they end.
    fn take_plain(&mut self, start: usize) -> usize {
        let rest = &self.text.as_bytes()[start..];
        let len = rest.iter().position(|byte| !byte.is_ascii_alphanumeric());
        let end = start + len.unwrap_or(rest.len());
        let kept = &self.text[start..end.min(start + LONGEST)];
        self.folded.push_str(kept);
        self.folded.make_ascii_lowercase();
        end
    }

    /// Takes what is not ASCII, and what follows it, up to the word's end.
    fn take_rest(&mut self, start: usize) {
        for char in self.text[self.at..].chars() {
            let alone = stands_alone(char);
            if alone && self.at > start {
                return;
            }
            if !char.is_alphanumeric() && !is_combining_mark(char) {
                return;
            }
            self.at += char.len_utf8();
            if alone {
                self.folded.push(char);
                return;
            }
            if self.folded.len() < LONGEST {
                fold(char, &mut self.folded);
            }
        }
    }
}

fn fold(char: char, folded: &mut String) {
    if char.is_ascii() {
        folded.push(char.to_ascii_lowercase());
        return;
    }
    decompose_compatible(char, |part| {
        if !is_combining_mark(part) && part.is_alphanumeric() {
            let lower = part.to_lowercase().filter(|c| !is_combining_mark(*c));
            folded.extend(lower.map(|c| if c == 'ς' { 'σ' } else { c }));
        }
    });
}

/// Whether a character is a word by itself.
fn stands_alone(char: char) -> bool {
    matches!(char,
        // Thai, Lao, Myanmar, Khmer.
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        // Kana, bopomofo, Hangul, Han.
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}'
        | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        && char.is_alphanumeric()
}

/// All words of a text, folded.
pub(super) fn folded(text: &str) -> Vec<String> {
    let mut words = Words::new(text);
    let mut all = Vec::new();
    while words.next().is_some() {
        all.push(words.folded().to_owned());
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_folded_runs_of_letters_and_digits() {
        assert_eq!(
            folded("Store::open(path) – naïve Straße, ΟΔΟΣ"),
            ["store", "open", "path", "naive", "straße", "οδοσ"]
        );
        assert_eq!(
            folded("cafe\u{301} ﬁle Ｆｕｌｌ İ"),
            ["cafe", "file", "full", "i"]
        );
        assert_eq!(folded("a_b x1.5"), ["a", "b", "x1", "5"]);
    }

    #[test]
    fn scripts_without_spaces_count_a_word_a_character() {
        assert_eq!(folded("修复db的错误"), ["修", "复", "db", "的", "错", "误"]);
        assert_eq!(folded("검색을 カナ"), ["검", "색", "을", "カ", "ナ"]);
    }

    #[test]
    fn a_word_says_where_it_stands() {
        let text = "«Über» 日本";
        let mut words = Words::new(text);
        let mut found = Vec::new();
        while let Some(range) = words.next() {
            found.push(&text[range]);
        }
        assert_eq!(found, ["Über", "日", "本"]);
    }

    proptest! {
        #[test]
        fn any_text_has_words_at_its_character_boundaries(text in "\\PC{0,40}") {
            let mut words = Words::new(&text);
            let mut end = 0;
            while let Some(range) = words.next() {
                prop_assert!(range.start >= end && range.end > range.start);
                prop_assert!(text.get(range.clone()).is_some());
                prop_assert!(!words.folded().is_empty());
                end = range.end;
            }
        }
    }
}
