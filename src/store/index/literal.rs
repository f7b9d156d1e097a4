//! What every match of a pattern has in it, so that most entries need not be read.
//!
//! Only what is certain: literal text in the pattern's outermost sequence. Whole words of it (with
//! something that is no letter on either side) are asked of the index; the longest piece is looked
//! for in raw lines. Case-insensitive letters are classes in a parsed pattern, so they never count.

use std::ops::Range;

use regex_syntax::hir::{Hir, HirKind, Look};

use super::words::Words;

/// What every match has in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Needs {
    /// Whole words, folded.
    pub words: Vec<String>,
    /// Bytes that stand the same in JSON.
    pub bytes: Option<Vec<u8>>,
}

/// Text that has to be there, and whether a word can go on beyond its ends.
struct Piece {
    text: String,
    opens: bool,
    ends: bool,
}

/// Reads a pattern; one that is not valid needs nothing.
pub(super) fn needs(pattern: &str) -> Needs {
    let mut parser = regex_syntax::ParserBuilder::new().multi_line(true).build();
    let Ok(hir) = parser.parse(pattern) else {
        return Needs::default();
    };
    let mut pieces = Vec::new();
    collect(&hir, (false, false), &mut pieces);
    let mut needs = Needs::default();
    for piece in &pieces {
        needs.words.extend(whole_words(piece));
        for part in piece.text.split(|c: char| !is_plain(c)) {
            let longest = needs.bytes.as_ref().map_or(2, Vec::len);
            if part.len() > longest {
                needs.bytes = Some(part.into());
            }
        }
    }
    needs
}

/// Literal text that has to be there. `bounds` says whether a word boundary is on either side.
fn collect(hir: &Hir, bounds: (bool, bool), pieces: &mut Vec<Piece>) {
    match hir.kind() {
        HirKind::Literal(literal) => {
            if let Ok(text) = std::str::from_utf8(&literal.0) {
                pieces.push(Piece {
                    text: text.to_owned(),
                    opens: bounds.0,
                    ends: bounds.1,
                });
            }
        }
        HirKind::Concat(parts) => {
            for (at, part) in parts.iter().enumerate() {
                let before = at.checked_sub(1).and_then(|at| parts.get(at));
                let left = before.map_or(bounds.0, is_boundary);
                let right = parts.get(at + 1).map_or(bounds.1, is_boundary);
                collect(part, (left, right), pieces);
            }
        }
        HirKind::Capture(capture) => collect(&capture.sub, bounds, pieces),
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            collect(&repetition.sub, (false, false), pieces);
        }
        _ => {}
    }
}

fn is_boundary(hir: &Hir) -> bool {
    let HirKind::Look(look) = hir.kind() else {
        return false;
    };
    matches!(
        look,
        Look::Start
            | Look::End
            | Look::StartLF
            | Look::EndLF
            | Look::WordUnicode
            | Look::WordStartUnicode
            | Look::WordEndUnicode
    )
}

/// The words of a piece that cannot go on beyond it.
fn whole_words(piece: &Piece) -> Vec<String> {
    let text = &piece.text;
    let mut all = Words::new(text);
    let mut whole = Vec::new();
    let closed = |range: &Range<usize>| {
        (range.start > 0 || piece.opens) && (range.end < text.len() || piece.ends)
    };
    while let Some(range) = all.next() {
        if closed(&range) {
            whole.push(all.folded().to_owned());
        }
    }
    whole
}

/// Whether a character stands for itself in any JSON.
fn is_plain(char: char) -> bool {
    matches!(char, ' '..='~') && !matches!(char, '"' | '\\' | '/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_every_match_has_is_needed() {
        let words = |pattern: &str| needs(pattern).words;
        assert_eq!(words("a lock file b"), ["lock", "file"]);
        assert_eq!(words("( x )+y"), ["x"]);
        assert!(words("lock|file").is_empty() && words("( x )?").is_empty());
        assert!(words("(?i) lock ").is_empty() && words("lock").is_empty());
        assert_eq!(words(r"\bfn (\bmain\b|x)"), ["fn"]);
        assert_eq!(words(r"^error: \d"), ["error"]);
        assert!(words("(").is_empty());
    }

    #[test]
    fn bytes_are_those_that_json_leaves_alone() {
        let bytes = |pattern: &str| {
            let bytes = needs(pattern).bytes;
            bytes.map(|bytes| String::from_utf8(bytes).unwrap())
        };
        assert_eq!(bytes("a/path to\\.\"x\""), Some("path to.".into()));
        assert_eq!(bytes("über.*fn main"), Some("fn main".into()));
        assert_eq!(bytes("\\d+"), None);
    }
}
