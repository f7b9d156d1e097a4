//! Finds the places that edits mean, and replaces them: all against the same original text, exactly
//! first, then forgiving what models get wrong (typographic quotes and dashes, Unicode spaces,
//! compatibility forms, whitespace at line ends).
//!
//! Only what was found is replaced, also when it was found forgivingly: everything else of the file
//! stays byte for byte, with its byte-order mark and each line's own ending. New text gets the ending
//! of the file's first line.

use std::ops::Range;

use memchr::memmem;

use super::fold::Fold;

/// One replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub old: String,
    pub new: String,
}

/// A text after its edits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Edited {
    /// The whole file.
    pub file: String,
    /// Before and after with plain newlines and no byte-order mark, for a diff.
    pub before: String,
    pub after: String,
}

/// Why an edit cannot be made; `index` counts from 0.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LocateError {
    #[error("edits[{index}].oldText is empty")]
    Empty { index: usize },
    #[error("edits[{index}].oldText was not found")]
    NotFound { index: usize },
    #[error("edits[{index}].oldText occurs {count} times")]
    NotUnique { index: usize, count: usize },
    #[error("edits[{first}] and edits[{second}] overlap")]
    Overlap { first: usize, second: usize },
    #[error("the edits change nothing")]
    NoChange,
}

/// Makes all the edits, or none.
pub(super) fn apply(file: &str, edits: &[Edit]) -> Result<Edited, LocateError> {
    let (mark, text) = match file.strip_prefix('\u{feff}') {
        Some(text) => ("\u{feff}", text),
        None => ("", file),
    };
    let plain = Plain::new(text);
    let edits: Vec<Edit> = edits
        .iter()
        .map(|edit| Edit {
            old: plain_newlines(&edit.old),
            new: plain_newlines(&edit.new),
        })
        .collect();
    let places = locate_all(&plain.text, &edits)?;

    let ending = plain.ending(text);
    let mut after = String::with_capacity(plain.text.len());
    let mut out = String::with_capacity(file.len());
    out.push_str(mark);
    let mut done = 0;
    for (index, place) in &places {
        let new = &edits[*index].new;
        after.push_str(&plain.text[done..place.start]);
        after.push_str(new);
        out.push_str(&text[plain.original(done)..plain.original(place.start)]);
        match ending {
            "\n" => out.push_str(new),
            ending => out.push_str(&new.replace('\n', ending)),
        }
        done = place.end;
    }
    after.push_str(&plain.text[done..]);
    out.push_str(&text[plain.original(done)..]);
    if after == plain.text {
        return Err(LocateError::NoChange);
    }
    Ok(Edited {
        file: out,
        before: plain.text,
        after,
    })
}

/// Where each edit's old text is, in the order of the places.
fn locate_all(text: &str, edits: &[Edit]) -> Result<Vec<(usize, Range<usize>)>, LocateError> {
    if let Some(index) = edits.iter().position(|edit| edit.old.is_empty()) {
        return Err(LocateError::Empty { index });
    }
    let mut folded: Option<Fold> = None;
    let mut places = Vec::with_capacity(edits.len());
    for (index, edit) in edits.iter().enumerate() {
        let exact = memmem::find_iter(text.as_bytes(), &edit.old);
        let mut found = all(exact.map(|at| at..at + edit.old.len()));
        if found.1 == 0 {
            let folded = folded.get_or_insert_with(|| Fold::new(text));
            found = all(folded.find_all(&edit.old));
        }
        match found {
            (Some(place), 1) => places.push((index, place)),
            (_, 0) => return Err(LocateError::NotFound { index }),
            (_, count) => return Err(LocateError::NotUnique { index, count }),
        }
    }
    places.sort_by_key(|(_, place)| place.start);
    for pair in places.windows(2) {
        if let [(first, a), (second, b)] = pair
            && a.end > b.start
        {
            return Err(LocateError::Overlap {
                first: *first.min(second),
                second: *first.max(second),
            });
        }
    }
    Ok(places)
}

/// The first of them, and how many there are.
fn all(mut places: impl Iterator<Item = Range<usize>>) -> (Option<Range<usize>>, usize) {
    let first = places.next();
    let count = usize::from(first.is_some()) + places.count();
    (first, count)
}

/// A text with plain newlines that knows where its carriage returns were.
struct Plain {
    text: String,
    /// The places of the newlines that were CR LF.
    pairs: Vec<usize>,
}

impl Plain {
    fn new(original: &str) -> Self {
        let mut pairs = Vec::new();
        let mut text = String::with_capacity(original.len());
        let mut rest = original;
        while let Some(at) = memchr::memchr(b'\r', rest.as_bytes()) {
            text.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            rest = match after.strip_prefix('\n') {
                Some(after) => {
                    pairs.push(text.len());
                    after
                }
                None => after,
            };
            text.push('\n');
        }
        text.push_str(rest);
        Plain { text, pairs }
    }

    /// The same place in the original.
    fn original(&self, at: usize) -> usize {
        at + self.pairs.partition_point(|&pair| pair < at)
    }

    /// How the original ends its first line.
    fn ending(&self, original: &str) -> &'static str {
        let newline = original.find('\n');
        match newline {
            Some(at) if at > 0 && original.as_bytes()[at - 1] == b'\r' => "\r\n",
            _ => "\n",
        }
    }
}

fn plain_newlines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(file: &str, edits: &[(&str, &str)]) -> Result<String, LocateError> {
        let edits: Vec<Edit> = edits
            .iter()
            .map(|(old, new)| Edit {
                old: (*old).into(),
                new: (*new).into(),
            })
            .collect();
        apply(file, &edits).map(|edited| edited.file)
    }

    #[test]
    fn all_edits_are_matched_against_the_original() {
        let swapped = edited("one two", &[("one", "two"), ("two", "one")]);
        assert_eq!(swapped.as_deref(), Ok("two one"));
    }

    #[test]
    fn endings_and_the_byte_order_mark_stay_as_they_are() {
        let file = "\u{feff}a\r\nb\r\nmixed\nc\r\n";
        let after = edited(file, &[("a\nb", "a\nB\nB2")]);
        assert_eq!(after.as_deref(), Ok("\u{feff}a\r\nB\r\nB2\r\nmixed\nc\r\n"));
        let after = edited(file, &[("mixed\nc", "x")]);
        assert_eq!(after.as_deref(), Ok("\u{feff}a\r\nb\r\nx\r\n"));
        let after = edited("a\rb\n", &[("b", "c\r\nd")]);
        assert_eq!(after.as_deref(), Ok("a\rc\nd\n"));
    }

    #[test]
    fn a_forgiving_match_changes_nothing_else() {
        let file = "say(“héllo” — x);  \nkeep “this”   \nend\u{a0}here\n";
        let after = edited(file, &[("say(\"héllo\" - x);\nkeep", "said();\nkeep")]);
        assert_eq!(
            after.as_deref(),
            Ok("said();\nkeep “this”   \nend\u{a0}here\n")
        );
        let after = edited(file, &[("end here", "END")]);
        assert_eq!(
            after.as_deref(),
            Ok("say(“héllo” — x);  \nkeep “this”   \nEND\n")
        );
        let after = edited("cafe\u{301} ﬁn", &[("café fin", "x")]);
        assert_eq!(after.as_deref(), Ok("x"));
    }

    #[test]
    fn part_of_a_character_is_no_match() {
        let after = edited("the ﬁn", &[("the f", "x")]);
        assert_eq!(after, Err(LocateError::NotFound { index: 0 }));
    }

    #[test]
    fn what_cannot_be_done_is_told_by_its_place_in_the_list() {
        let file = "aa\nbb\naa\n";
        let errors = [
            (
                vec![("bb", "x"), ("", "y")],
                LocateError::Empty { index: 1 },
            ),
            (
                vec![("bb", "x"), ("cc", "y")],
                LocateError::NotFound { index: 1 },
            ),
            (
                vec![("aa", "x")],
                LocateError::NotUnique { index: 0, count: 2 },
            ),
            (
                vec![("bb\naa", "x"), ("b\na", "y")],
                LocateError::Overlap {
                    first: 0,
                    second: 1,
                },
            ),
            (vec![("bb", "bb")], LocateError::NoChange),
        ];
        for (edits, error) in errors {
            assert_eq!(edited(file, &edits), Err(error));
        }
    }

    /// Text of what makes editing hard: endings, typography, combining and composed characters.
    fn hard_text(longest: usize) -> impl proptest::strategy::Strategy<Value = String> {
        let parts = [
            "a", "b", " ", "  \n", "\n", "\r\n", "\r", "“", "'", "—", "\u{a0}", "e\u{301}", "ﬁ",
            "日", "\t",
        ];
        let part = proptest::sample::select(parts.to_vec());
        proptest::strategy::Strategy::prop_map(
            proptest::collection::vec(part, 0..longest),
            |parts| parts.concat(),
        )
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_replaced_the_rest_of_the_file_stays(
            before in hard_text(12), old in hard_text(4), after in hard_text(12), sloppy: bool,
        ) {
            // Marks keep the old text unique and apart from what is around it.
            let file = format!("{before}<{old}>{after}");
            let wanted = format!("<{old}>");
            let wanted = match sloppy {
                true => wanted.replace('“', "\"").replace('—', "-").replace('\u{a0}', " "),
                false => wanted,
            };
            let edited = edited(&file, &[(&wanted, "NEW")]);
            proptest::prop_assert_eq!(edited, Ok(format!("{before}NEW{after}")));
        }
    }
}
