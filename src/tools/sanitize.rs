//! The one door for text from outside (models, tools, file names): what could steer a terminal or
//! hide text stays out.
//!
//! Promises that the result holds no control character but `\n`. Escape sequences go with their whole
//! body, carriage returns become line ends, tabs become spaces, bidirectional overrides and invisible
//! format characters are dropped. Joiners, variation selectors and combining marks stay: scripts and
//! emoji need them. A sequence never reaches past the end of its line, so cutting text at line ends
//! and cleaning the pieces gives what cleaning the whole gives.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;

use unicode_width::UnicodeWidthChar;

/// Columns between tab stops.
const TAB: usize = 4;

/// `text` without anything that could steer the terminal; lines stay lines.
pub fn sanitize(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n');
    if text.bytes().all(plain) || !text.chars().any(is_unwanted) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut column = 0;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\u{1b}' => skip_escape(&mut chars),
            '\u{9b}' => skip_csi(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut chars),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                clean.push('\n');
                column = 0;
            }
            '\t' => {
                let spaces = TAB - column % TAB;
                clean.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            char if is_unwanted(char) => {}
            char => {
                clean.push(char);
                column += char.width().unwrap_or(0);
            }
        }
    }
    Cow::Owned(clean)
}

/// The same on one line: line ends become spaces.
pub fn sanitize_line(text: &str) -> Cow<'_, str> {
    match sanitize(text) {
        clean if !clean.contains('\n') => clean,
        clean => Cow::Owned(clean.trim_end_matches('\n').replace('\n', " ")),
    }
}

/// Everything that [`sanitize`] changes.
fn is_unwanted(char: char) -> bool {
    match char {
        '\n' => false,
        ' '..='~' => false,
        // Soft hyphen, zero-width space, word joiner and invisible operators, bidirectional
        // embeddings, overrides and isolates, line and paragraph separators, deprecated controls,
        // byte order mark, interlinear annotation.
        '\u{ad}'
        | '\u{200b}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' => true,
        char => char.is_control(),
    }
}

/// Past what follows an ESC.
fn skip_escape(chars: &mut Peekable<Chars<'_>>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            skip_csi(chars);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            chars.next();
            skip_string(chars);
        }
        Some(' '..='/') => {
            while chars.next_if(|char| matches!(char, ' '..='/')).is_some() {}
            chars.next_if(|char| matches!(char, '0'..='~'));
        }
        Some('0'..='~') => {
            chars.next();
        }
        _ => {}
    }
}

/// Past parameters, intermediates and the final byte of a control sequence.
fn skip_csi(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|char| matches!(char, ' '..='?')).is_some() {}
    chars.next_if(|char| matches!(char, '@'..='~'));
}

/// Past a control string and its terminator. One that is not closed before another control character,
/// such as the end of its line, hides nothing: only its introducer is dropped.
fn skip_string(chars: &mut Peekable<Chars<'_>>) {
    let mut ahead = chars.clone();
    while let Some(char) = ahead.next() {
        match char {
            '\u{7}' | '\u{9c}' => {
                *chars = ahead;
                return;
            }
            '\u{1b}' => {
                if ahead.next() == Some('\\') {
                    *chars = ahead;
                }
                return;
            }
            char if char.is_control() => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escape_sequences_go_with_their_body() {
        assert_eq!(sanitize("\u{1b}[31;1mred\u{1b}[0m"), "red");
        assert_eq!(sanitize("a\u{1b}]0;title\u{7}b"), "ab");
        assert_eq!(sanitize("a\u{1b}]8;;http://x\u{1b}\\b"), "ab");
        assert_eq!(sanitize("a\u{1b}Pq#0\u{1b}\\b\u{1b}c\u{1b}(Bc"), "abc");
        assert_eq!(sanitize("\u{9b}2Jgone"), "gone");
    }

    #[test]
    fn an_open_sequence_cannot_hide_what_follows() {
        assert_eq!(sanitize("a\u{1b}]0;rest\nnext"), "a0;rest\nnext");
        assert_eq!(sanitize("a\u{1b}["), "a");
        assert_eq!(
            sanitize("answer \u{1b}]0;evil then text that matters \u{1b}[2J end"),
            "answer 0;evil then text that matters  end"
        );
        // However many there are, each is looked at once.
        let many = "\u{9d}".repeat(200_000);
        assert_eq!(sanitize(&many), "");
    }

    #[test]
    fn overrides_and_invisible_characters_are_dropped_and_emoji_kept() {
        assert_eq!(sanitize("ab\u{202e}cd\u{2066}e\u{200b}f"), "abcdef");
        assert_eq!(sanitize("👩\u{200d}💻 e\u{301}"), "👩\u{200d}💻 e\u{301}");
    }

    #[test]
    fn tabs_reach_the_next_stop_and_line_ends_are_one_kind() {
        assert_eq!(sanitize("a\tb\n\tc"), "a   b\n    c");
        assert_eq!(sanitize("a\r\nb\rc"), "a\nb\nc");
        assert_eq!(sanitize_line("a\nb\n"), "a b");
    }

    proptest! {
        #[test]
        fn nothing_but_line_ends_is_left_of_controls(text in "(\\PC|[\\x00-\\x1f\\x7f-\\u{9f}\\u{2028}-\\u{202e}]){0,60}") {
            let clean = sanitize(&text);
            prop_assert!(!clean.chars().any(|char| char != '\n' && char.is_control()));
            let again = sanitize(&clean).into_owned();
            prop_assert_eq!(again, clean);
        }
    }
}
