//! What stands before the caret, taken apart.

use super::{Quoting, Style};

/// Blanks and signs that end a path.
const ENDS: [char; 5] = [' ', '\t', '"', '\'', '='];

/// Signs that a path may follow without belonging to it.
const OPENS: [char; 5] = ['(', '[', '{', '<', '`'];

/// What stands before the caret.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    /// The caret's line up to the caret.
    pub line: &'a str,
    /// Whether that is the first line.
    pub is_first: bool,
    /// Whether a shell command is being typed.
    pub is_shell: bool,
    /// Whether completion was asked for, with a key of its own.
    pub is_asked: bool,
}

/// The path that is being typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    /// Where it begins, its sign and quote included.
    pub start: usize,
    /// Whether an `@` stands before it.
    pub is_attached: bool,
    /// The quote that was opened before it.
    pub quote: Option<char>,
    /// The path itself.
    pub path: &'a str,
}

impl<'a> Before<'a> {
    /// The path before the caret, which may be empty.
    pub(super) fn token(&self) -> Token<'a> {
        // The signs of a shell line belong to no path.
        let signs = match self.is_shell && self.is_first {
            true => self.line.len() - self.line.trim_start_matches([' ', '!']).len(),
            false => 0,
        };
        let token = token(&self.line[signs..]);
        Token {
            start: signs + token.start,
            ..token
        }
    }

    /// How a path is to be written here.
    pub(super) fn style(&self, token: &Token<'_>) -> Style {
        let quoting = match (self.is_shell, token.quote) {
            (true, _) => Quoting::Shell,
            (false, Some(_)) => Quoting::Always,
            (false, None) => Quoting::ForBlanks,
        };
        Style {
            is_attached: token.is_attached,
            quoting,
        }
    }
}

fn token(line: &str) -> Token<'_> {
    if let Some(token) = quoted(line) {
        return token;
    }
    let start = line.rfind(is_end).map_or(0, |at| at + width_at(line, at));
    let opened = line[start..].find(|c| !OPENS.contains(&c));
    let start = start + opened.unwrap_or(line.len() - start);
    let (is_attached, path) = attached(&line[start..]);
    Token {
        start,
        is_attached,
        quote: None,
        path,
    }
}

fn is_end(c: char) -> bool {
    ENDS.contains(&c)
}

fn width_at(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

fn attached(text: &str) -> (bool, &str) {
    match text.strip_prefix('@') {
        Some(path) => (true, path),
        None => (false, text),
    }
}

/// The path behind a quote that is still open, where a path may begin.
fn quoted(line: &str) -> Option<Token<'_>> {
    let mut open: Option<(usize, char)> = None;
    for (at, c) in line.char_indices() {
        match open {
            Some((_, quote)) if quote == c => open = None,
            Some(_) => {}
            // An apostrophe within a word is none.
            None if matches!(c, '"' | '\'') && may_begin(line, at) => open = Some((at, c)),
            None => {}
        }
    }
    let (at, quote) = open?;
    let is_attached = line[..at].ends_with('@');
    Some(Token {
        start: at - usize::from(is_attached),
        is_attached,
        quote: Some(quote),
        path: &line[at + 1..],
    })
}

fn may_begin(line: &str, at: usize) -> bool {
    let before = &line[..at];
    let before = before.strip_suffix('@').unwrap_or(before);
    let last = before.chars().next_back();
    last.is_none_or(|c| is_end(c) || OPENS.contains(&c) || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(line: &str) -> (usize, bool, Option<char>, &str) {
        let before = Before {
            line,
            is_first: true,
            is_shell: false,
            is_asked: false,
        };
        let token = before.token();
        (token.start, token.is_attached, token.quote, token.path)
    }

    #[test]
    fn a_path_begins_behind_blanks_quotes_and_brackets() {
        assert_eq!(token("see @src/ma"), (4, true, None, "src/ma"));
        assert_eq!(token("see src/ma"), (4, false, None, "src/ma"));
        assert_eq!(token("(@a"), (1, true, None, "a"));
        assert_eq!(token("a=@b"), (2, true, None, "b"));
        assert_eq!(token("me@home"), (0, false, None, "me@home"));
        assert_eq!(token(""), (0, false, None, ""));
        assert_eq!(token("é (("), (5, false, None, ""));
        assert_eq!(token("日本 @日"), (7, true, None, "日"));
    }

    #[test]
    fn a_quote_that_is_open_holds_blanks() {
        assert_eq!(token("see @\"my do"), (4, true, Some('"'), "my do"));
        assert_eq!(token("see \"my do"), (4, false, Some('"'), "my do"));
        assert_eq!(token("cat 'my do"), (4, false, Some('\''), "my do"));
        assert_eq!(token("see @\"my do\" an"), (13, false, None, "an"));
        assert_eq!(token("don't @a b"), (9, false, None, "b"));
    }
}
