//! What a word is: what Unicode says one is (UAX 29), but ASCII signs end it; a run of signs is a word of
//! its own, and so is a paste.
//!
//! Where Unicode wants a dictionary, for scripts without blanks between words, a run of hiragana or of one
//! of the scripts of South-East Asia is one word.

use unicode_segmentation::UnicodeSegmentation;

use super::units;

/// What a unit belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Blank,
    Word,
    Sign,
    Paste,
}

impl Class {
    fn of(unit: &str) -> Self {
        match unit.chars().next() {
            None => Class::Blank,
            Some(c) if c.is_whitespace() => Class::Blank,
            Some(c) if units::is_stand_in(c) => Class::Paste,
            Some(c) if c.is_alphanumeric() || c == '_' => Class::Word,
            Some(_) => Class::Sign,
        }
    }
}

/// Where the last word of a line begins; its blanks behind it belong to it.
pub fn start_of_last(line: &str) -> usize {
    let words = spans(line);
    words.last().map_or(0, |(start, _)| *start)
}

/// Where the first word of a line ends; its blanks before it belong to it.
pub fn end_of_first(line: &str) -> usize {
    let words = spans(line);
    words.first().map_or(line.len(), |(_, end)| *end)
}

/// The words of a line, without blanks.
fn spans(line: &str) -> Vec<(usize, usize)> {
    let mut bounds = line.split_word_bound_indices().map(|(at, _)| at).peekable();
    let mut words: Vec<(usize, usize)> = Vec::new();
    let mut before: Option<(Class, &str)> = None;
    for (at, unit) in units::units(line) {
        while bounds.next_if(|bound| *bound < at).is_some() {}
        let is_bound = bounds.peek() == Some(&at);
        let class = Class::of(unit);
        let joins = before.is_some_and(|(class_before, unit_before)| {
            class_before == class
                && match class {
                    Class::Word => !is_bound || is_run(unit_before, unit),
                    Class::Sign => true,
                    Class::Blank | Class::Paste => false,
                }
        });
        let end = at + unit.len();
        match words.last_mut() {
            Some(word) if joins => word.1 = end,
            _ if class != Class::Blank => words.push((at, end)),
            _ => {}
        }
        before = Some((class, unit));
    }
    words
}

/// Whether two units are of one script that has no blanks between words and no ideographs.
fn is_run(before: &str, unit: &str) -> bool {
    let script = |unit: &str| match unit.chars().next()? {
        '\u{3040}'..='\u{309f}' => Some("hiragana"),
        '\u{0e00}'..='\u{0e7f}' => Some("thai"),
        '\u{0e80}'..='\u{0eff}' => Some("lao"),
        '\u{1000}'..='\u{109f}' => Some("myanmar"),
        '\u{1780}'..='\u{17ff}' => Some("khmer"),
        _ => None,
    };
    script(before).is_some() && script(before) == script(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<&str> {
        spans(line)
            .into_iter()
            .map(|(start, end)| &line[start..end])
            .collect()
    }

    #[test]
    fn words_are_those_of_readers_of_any_script() {
        assert_eq!(
            words("größe naïve e\u{301}te"),
            ["größe", "naïve", "e\u{301}te"]
        );
        assert_eq!(words("漢字かなカタカナ"), ["漢", "字", "かな", "カタカナ"]);
        assert_eq!(words("한국어 문장"), ["한국어", "문장"]);
        assert_eq!(words("สวัสดี ครับ"), ["สวัสดี", "ครับ"]);
        assert_eq!(words("مرحبا بالعالم"), ["مرحبا", "بالعالم"]);
        assert_eq!(words("שלום עולם"), ["שלום", "עולם"]);
        assert_eq!(words("a👩‍👩‍👧🇩🇪 b"), ["a", "👩‍👩‍👧🇩🇪", "b"]);
    }

    #[test]
    fn ascii_signs_end_words_and_are_words_together() {
        assert_eq!(
            words("foo_bar.baz(3.14, can't) -> x"),
            [
                "foo_bar", ".", "baz", "(", "3", ".", "14", ",", "can", "'", "t", ")", "->", "x"
            ]
        );
    }
}
