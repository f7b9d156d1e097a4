//! Where formulas stand in Markdown: `$…$`, `$$…$$`, `\(…\)`, `\[…\]`, outside of code.
//!
//! Each is taken out and a placeholder put in its place, so that Markdown's own marks in it mean nothing.
//! A dollar that stands for money is left alone.

use std::borrow::Cow;

use super::parse::unicode;

/// Around the number of a formula: code points that are no characters and are in no text.
const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';

/// The formulas of a block, taken out of it.
#[derive(Default)]
pub(in crate::tui::markdown) struct Formulas<'s> {
    found: Vec<Formula<'s>>,
}

struct Formula<'s> {
    /// With its dollars.
    source: &'s str,
    /// As it is shown; several lines where it has them.
    shown: String,
}

impl<'s> Formulas<'s> {
    /// Takes the formulas out of a block.
    pub fn take(source: &'s str) -> (Cow<'s, str>, Formulas<'s>) {
        let mut formulas = Formulas::default();
        let may_have = source.contains('$') || source.contains("\\(") || source.contains("\\[");
        if !may_have || source.contains([OPEN, CLOSE]) {
            return (source.into(), formulas);
        }
        let mut out = String::with_capacity(source.len());
        let mut at = 0;
        while at < source.len() {
            let (length, formula) = step(source, at);
            let piece = &source[at..at + length];
            match formula.and_then(unicode) {
                Some(shown) => {
                    out.push_str(&format!("{OPEN}{}{CLOSE}", formulas.found.len()));
                    formulas.found.push(Formula {
                        source: piece,
                        shown,
                    });
                }
                None => out.push_str(piece),
            }
            at += length;
        }
        (out.into(), formulas)
    }

    /// The lines of a block that is one formula and nothing else.
    pub fn alone(&self, block: &str) -> Option<&str> {
        let [formula] = &*self.found else { return None };
        let is_display = formula.source.starts_with("$$") || formula.source.starts_with("\\[");
        let is_alone = block.trim().strip_prefix(OPEN)?.strip_suffix(CLOSE)? == "0";
        (is_display && is_alone).then_some(&formula.shown)
    }

    /// The text with its formulas as they are shown: pieces, and whether each is a formula.
    pub fn shown<'t>(&'t self, text: &'t str) -> Vec<(&'t str, bool)> {
        self.pieces(text, |formula| &formula.shown)
    }

    /// The text with its formulas as they were typed.
    pub fn restore<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.found.is_empty() || !text.contains(OPEN) {
            return text.into();
        }
        let pieces = self.pieces(text, |formula| formula.source);
        pieces.iter().map(|(piece, _)| *piece).collect()
    }

    fn pieces<'t>(
        &'t self,
        text: &'t str,
        choose: impl Fn(&'t Formula<'s>) -> &'t str,
    ) -> Vec<(&'t str, bool)> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, number, behind)) = placeholder(rest) {
            pieces.push((before, false));
            pieces.extend(self.found.get(number).map(|found| (choose(found), true)));
            rest = behind;
        }
        pieces.push((rest, false));
        pieces.retain(|(piece, _)| !piece.is_empty());
        pieces
    }
}

fn placeholder(text: &str) -> Option<(&str, usize, &str)> {
    let (before, rest) = text.split_once(OPEN)?;
    let (number, behind) = rest.split_once(CLOSE)?;
    Some((before, number.parse().ok()?, behind))
}

/// How far the next piece goes, and the formula in it if it is one.
fn step(source: &str, at: usize) -> (usize, Option<&str>) {
    let rest = &source[at..];
    let line_start = source[..at].rfind('\n').map_or(0, |end| end + 1);
    let starts_line = source[line_start..at]
        .bytes()
        .all(|byte| matches!(byte, b' ' | b'>' | b'\t'));
    if starts_line && rest.starts_with("~~~") {
        let end = rest[3..]
            .find("\n~~~")
            .map_or(rest.len(), |end| 3 + end + 4);
        return (end, None);
    }
    match rest.as_bytes()[0] {
        b'`' => (code(rest), None),
        b'\\' => match rest.as_bytes().get(1) {
            Some(b'(') => between(rest, "\\(", "\\)"),
            Some(b'[') => between(rest, "\\[", "\\]"),
            _ => (1 + char_length(&rest[1..]), None),
        },
        b'$' if rest.starts_with("$$") => between(rest, "$$", "$$"),
        b'$' => dollars(source, at),
        _ => {
            let plain = rest.find(['`', '\\', '$', '\n']).unwrap_or(rest.len());
            (plain.max(char_length(rest)), None)
        }
    }
}

fn char_length(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

/// A code span with its ticks; the ticks alone where it does not end.
fn code(rest: &str) -> usize {
    let ticks = rest.len() - rest.trim_start_matches('`').len();
    let mut at = ticks;
    while let Some(start) = rest[at..].find('`').map(|start| at + start) {
        let run = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        at = start + run;
        if run == ticks {
            return at;
        }
    }
    match ticks {
        1 | 2 => ticks,
        // An open fence.
        _ => rest.len(),
    }
}

fn between<'s>(rest: &'s str, open: &str, close: &str) -> (usize, Option<&'s str>) {
    let inside = &rest[open.len()..];
    let found = inside.find(close).map(|end| &inside[..end]);
    match found.filter(|inside| !inside.trim().is_empty() && !has_blank_line(inside)) {
        Some(inside) => (open.len() + inside.len() + close.len(), Some(inside)),
        None => (open.len(), None),
    }
}

/// `$…$`, by the rules that tell it from money: nothing but the formula beside the dollars, no letter or
/// digit next to them outside.
fn dollars(source: &str, at: usize) -> (usize, Option<&str>) {
    let inside = &source[at + 1..];
    let before = source[..at].chars().next_back();
    let nothing = (1, None);
    if before.is_some_and(char::is_alphanumeric) || inside.starts_with(char::is_whitespace) {
        return nothing;
    }
    let mut end = 0;
    loop {
        let Some(next) = inside[end..].find('$') else {
            return nothing;
        };
        end += next;
        if !inside[..end].ends_with('\\') {
            break;
        }
        end += 1;
    }
    let (formula, behind) = (&inside[..end], &inside[end + 1..]);
    let refused = formula.is_empty()
        || formula.ends_with(char::is_whitespace)
        || formula.contains('`')
        || behind.starts_with(char::is_alphanumeric)
        || has_blank_line(formula)
        || is_prose(formula);
    match refused {
        true => nothing,
        false => (end + 2, Some(formula)),
    }
}

fn has_blank_line(text: &str) -> bool {
    let lines = text.split('\n').count();
    let inner = text.split('\n').skip(1).take(lines.saturating_sub(2));
    inner.into_iter().any(|line| line.trim().is_empty())
}

/// Words and nothing of mathematics between them.
fn is_prose(text: &str) -> bool {
    let is_word = |word: &str| word.chars().filter(|char| char.is_alphabetic()).count() > 3;
    !text.contains(['\\', '^', '_', '=', '<', '>']) && text.split_whitespace().any(is_word)
}
