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
        let mut scanner = Scanner::new(source);
        let mut at = 0;
        while at < source.len() {
            let (length, formula) = scanner.step(at);
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

/// Reads a block from left to right. What it looks for ahead it remembers until it is passed, so that marks
/// that never close do not make it read the rest of the block again and again.
struct Scanner<'s> {
    source: &'s str,
    /// Nothing but the margin of a line is between its start and here.
    starts_line: bool,
    round: Ahead,
    square: Ahead,
    double: Ahead,
    single: Ahead,
    tick: Ahead,
    blank: Ahead,
    /// No run of one tick, or of two, closes a code span behind here.
    unclosed: [bool; 2],
    /// The bytes that were looked through.
    #[cfg(test)]
    looked: usize,
}

/// The next place of something.
#[derive(Clone, Copy, Default)]
enum Ahead {
    #[default]
    Unknown,
    At(usize, usize),
    Nowhere,
}

impl Ahead {
    /// Where it stands from `from` on, by a search that is made only when the place known is passed.
    fn from(
        &mut self,
        from: usize,
        search: impl FnOnce() -> Option<(usize, usize)>,
    ) -> Option<(usize, usize)> {
        match *self {
            Ahead::At(start, end) if start >= from => Some((start, end)),
            Ahead::Nowhere => None,
            Ahead::At(..) | Ahead::Unknown => {
                let found = search();
                *self = found.map_or(Ahead::Nowhere, |(start, end)| Ahead::At(start, end));
                found
            }
        }
    }
}

impl<'s> Scanner<'s> {
    fn new(source: &'s str) -> Scanner<'s> {
        Scanner {
            source,
            starts_line: true,
            round: Ahead::Unknown,
            square: Ahead::Unknown,
            double: Ahead::Unknown,
            single: Ahead::Unknown,
            tick: Ahead::Unknown,
            blank: Ahead::Unknown,
            unclosed: [false; 2],
            #[cfg(test)]
            looked: 0,
        }
    }

    /// How far the next piece goes, and the formula in it if it is one.
    fn step(&mut self, at: usize) -> (usize, Option<&'s str>) {
        let (length, formula) = self.piece(at);
        let piece = &self.source[at..at + length];
        self.looked(length);
        let line = piece.rfind('\n').map_or(0, |end| end + 1);
        let is_margin = |byte| matches!(byte, b' ' | b'>' | b'\t');
        self.starts_line = (self.starts_line || line > 0) && piece[line..].bytes().all(is_margin);
        (length, formula)
    }

    fn piece(&mut self, at: usize) -> (usize, Option<&'s str>) {
        let rest = &self.source[at..];
        if self.starts_line && rest.starts_with("~~~") {
            let end = rest[3..]
                .find("\n~~~")
                .map_or(rest.len(), |end| 3 + end + 4);
            return (end, None);
        }
        match rest.as_bytes()[0] {
            b'`' => (self.code(at), None),
            b'\\' => match rest.as_bytes().get(1) {
                Some(b'(') => self.between(at, "\\)"),
                Some(b'[') => self.between(at, "\\]"),
                _ => (1 + char_length(&rest[1..]), None),
            },
            b'$' if rest.starts_with("$$") => self.between(at, "$$"),
            b'$' => self.dollars(at),
            _ => {
                let plain = rest.find(['`', '\\', '$', '\n']).unwrap_or(rest.len());
                (plain.max(char_length(rest)), None)
            }
        }
    }

    /// A code span with its ticks; the ticks alone where it does not end.
    fn code(&mut self, at: usize) -> usize {
        let rest = &self.source[at..];
        let ticks = run(rest);
        let known = self.unclosed.get(ticks - 1).copied();
        if known != Some(true) {
            let mut end = ticks;
            while let Some(start) = rest[end..].find('`').map(|start| end + start) {
                let run = run(&rest[start..]);
                end = start + run;
                if run == ticks {
                    return end;
                }
            }
            self.looked(rest.len());
        }
        match self.unclosed.get_mut(ticks - 1) {
            Some(unclosed) => {
                *unclosed = true;
                ticks
            }
            // An open fence.
            None => rest.len(),
        }
    }

    fn between(&mut self, at: usize, close: &str) -> (usize, Option<&'s str>) {
        const OPEN: usize = 2;
        let (source, from) = (self.source, at + OPEN);
        let ahead = match close {
            "\\)" => &mut self.round,
            "\\]" => &mut self.square,
            _ => &mut self.double,
        };
        let mut looked = 0;
        let found = ahead.from(from, || {
            let found = source[from..].find(close);
            looked = found.unwrap_or(source.len() - from);
            found.map(|start| (from + start, from + start + close.len()))
        });
        self.looked(looked);
        let Some((start, end)) = found else {
            return (OPEN, None);
        };
        let inside = &source[from..start];
        match inside.trim().is_empty() || self.has_blank_line(from, start) {
            true => (OPEN, None),
            false => (end - at, Some(inside)),
        }
    }

    /// `$…$`, by the rules that tell it from money: nothing but the formula beside the dollars, no letter
    /// or digit next to them outside.
    fn dollars(&mut self, at: usize) -> (usize, Option<&'s str>) {
        let (source, from) = (self.source, at + 1);
        let before = source[..at].chars().next_back();
        let nothing = (1, None);
        if before.is_some_and(char::is_alphanumeric)
            || source[from..].starts_with(char::is_whitespace)
        {
            return nothing;
        }
        let mut looked = 0;
        let close = self.single.from(from, || {
            let mut dollars = source[from..].match_indices('$');
            let found = dollars.find(|(dollar, _)| !source[..from + dollar].ends_with('\\'));
            let found = found.map(|(dollar, _)| from + dollar);
            looked = found.unwrap_or(source.len()) - from;
            found.map(|dollar| (dollar, dollar + 1))
        });
        self.looked(looked);
        let Some((end, behind)) = close else {
            return nothing;
        };
        let formula = &source[from..end];
        let refused = formula.is_empty()
            || formula.ends_with(char::is_whitespace)
            || source[behind..].starts_with(char::is_alphanumeric)
            || self.has_tick(from, end)
            || self.has_blank_line(from, end)
            || is_prose(formula);
        match refused {
            true => nothing,
            false => (behind - at, Some(formula)),
        }
    }

    fn has_tick(&mut self, from: usize, end: usize) -> bool {
        let (source, mut looked) = (self.source, 0);
        let tick = self.tick.from(from, || {
            let tick = source[from..].find('`');
            looked = tick.unwrap_or(source.len() - from);
            tick.map(|tick| (from + tick, from + tick + 1))
        });
        self.looked(looked);
        tick.is_some_and(|(tick, _)| tick < end)
    }

    /// Whether a line between the first and the last of this piece is blank.
    fn has_blank_line(&mut self, from: usize, end: usize) -> bool {
        let (source, mut looked) = (self.source, 0);
        let blank = self.blank.from(from, || {
            let found = blank_line(&source[from..]);
            looked = found.map_or(source.len() - from, |(_, behind)| behind);
            found.map(|(start, behind)| (from + start, from + behind))
        });
        self.looked(looked);
        blank.is_some_and(|(_, behind)| behind <= end)
    }

    #[cfg(test)]
    fn looked(&mut self, bytes: usize) {
        self.looked += bytes;
    }

    #[cfg(not(test))]
    fn looked(&mut self, _bytes: usize) {}
}

/// The ticks that a text begins with.
fn run(text: &str) -> usize {
    text.len() - text.trim_start_matches('`').len()
}

fn char_length(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

/// The first blank line that has an end of a line before it and one behind, with both of them.
fn blank_line(text: &str) -> Option<(usize, usize)> {
    let mut start = text.find('\n')?;
    loop {
        let line = &text[start + 1..];
        let length = line.find('\n')?;
        let behind = start + 1 + length;
        if line[..length].trim().is_empty() {
            return Some((start, behind + 1));
        }
        start = behind;
    }
}

/// Words and nothing of mathematics between them.
fn is_prose(text: &str) -> bool {
    let is_word = |word: &str| word.chars().filter(|char| char.is_alphabetic()).count() > 3;
    !text.contains(['\\', '^', '_', '=', '<', '>']) && text.split_whitespace().any(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many bytes are looked through to read all of a text.
    fn looked(source: &str) -> usize {
        let mut scanner = Scanner::new(source);
        let mut at = 0;
        while at < source.len() {
            at += scanner.step(at).0;
        }
        scanner.looked
    }

    #[test]
    fn what_never_closes_is_looked_for_once() {
        for piece in [
            r"\(", r"\[", "$a ", "$$a ", r"$a\", r"\\$a", r"\```", "`a``b```", "> $ ", "  \n$a ",
        ] {
            for end in ["", r"\)", "$", "`$", "\n\n$", "\n \n\\)"] {
                let source = format!("{}{end}", piece.repeat(2_000));
                let looked = looked(&source);
                assert!(looked <= 8 * source.len(), "{piece:?} {end:?}: {looked}");
            }
        }
    }

    #[test]
    fn a_blank_line_ends_what_is_open_and_a_later_one_does_not() {
        let shown = |source: &str| Formulas::take(source).1.found.len();
        assert_eq!(shown("\\(a\n \nb\\) \\(c\\)"), 1);
        assert_eq!(shown("$x$\n\n$y$\n\n$$\nz\n$$"), 3);
        assert_eq!(shown("$x `$ $y$"), 1);
        assert_eq!(shown("  > ~~~\n$x$\n~~~\n$y$"), 1);
    }
}
