//! Takes out of a command's output what is meant for a terminal: escape sequences (ECMA-48: CSI, OSC,
//! DCS and the rest), control characters other than tab and newline, carriage returns, interlinear
//! annotation marks. Works piece by piece; a sequence may be split anywhere. The result is for a model;
//! what goes to a terminal passes through [`super::sanitize`].

/// A string such as a title, or a sequence's parameters, longer than this is taken for text that
/// merely looks like one, so that a stray byte cannot swallow the rest of the output.
const LONGEST: usize = 4096;

/// Cleans piece by piece.
#[derive(Default)]
pub(super) struct Cleaner {
    place: Place,
    /// How long the current sequence is already.
    length: usize,
}

#[derive(Default, Clone, Copy, PartialEq)]
enum Place {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// After ESC and intermediate bytes.
    Intermediate,
    /// In a control sequence's parameters.
    Parameters,
    /// In an operating system command, a device control string or the like.
    String,
    /// After ESC in such a string.
    StringEscape,
}

impl Cleaner {
    /// Appends what remains of `text` to `out`.
    pub(super) fn feed(&mut self, text: &str, out: &mut String) {
        let mut rest = text;
        while !rest.is_empty() {
            if self.place == Place::Text {
                let plain = plain_length(rest.as_bytes());
                out.push_str(&rest[..plain]);
                rest = &rest[plain..];
            }
            let mut characters = rest.chars();
            if let Some(c) = characters.next() {
                self.step(c, out);
                rest = characters.as_str();
            }
        }
    }

    fn step(&mut self, c: char, out: &mut String) {
        self.length += 1;
        if self.place != Place::Text && self.length > LONGEST {
            self.place = Place::Text;
        }
        self.place = match (self.place, c) {
            (Place::Text, '\u{1b}') => self.begin(Place::Escape),
            (Place::Text, '\u{9b}') => self.begin(Place::Parameters),
            (Place::Text, '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}') => self.begin(Place::String),
            (Place::Text, c) => {
                if is_text(c) {
                    out.push(c);
                }
                Place::Text
            }
            (Place::Escape, '[') => Place::Parameters,
            (Place::Escape, ']' | 'P' | 'X' | '^' | '_') => Place::String,
            (Place::Escape | Place::Intermediate, ' '..='/') => Place::Intermediate,
            (Place::Escape | Place::Intermediate, '0'..='~') => Place::Text,
            (Place::Parameters, ' '..='?') => Place::Parameters,
            (Place::Parameters, '@'..='~') => Place::Text,
            (Place::String, '\u{7}' | '\u{9c}') => Place::Text,
            (Place::String, '\u{1b}') => Place::StringEscape,
            (Place::String, _) => Place::String,
            (Place::StringEscape, '\\') => Place::Text,
            (Place::StringEscape, '[') => Place::Parameters,
            (Place::StringEscape, _) => Place::String,
            (_, '\u{1b}') => self.begin(Place::Escape),
            // Broken off: what does not belong to a sequence is text.
            (_, c) => {
                if is_text(c) {
                    out.push(c);
                }
                Place::Text
            }
        };
    }

    fn begin(&mut self, place: Place) -> Place {
        self.length = 0;
        place
    }
}

fn is_text(c: char) -> bool {
    matches!(c, '\n' | '\t') || !(c.is_control() || ('\u{fff9}'..='\u{fffb}').contains(&c))
}

/// How many bytes from the start are certainly text; ends on a character boundary.
fn plain_length(bytes: &[u8]) -> usize {
    let special = |&byte: &u8| {
        (byte < 0x20 && byte != b'\n' && byte != b'\t') || matches!(byte, 0x7f | 0xc2 | 0xef)
    };
    bytes.iter().position(special).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str, size: usize) -> String {
        let (mut cleaner, mut out) = (Cleaner::default(), String::new());
        let characters: Vec<char> = text.chars().collect();
        for piece in characters.chunks(size) {
            cleaner.feed(&piece.iter().collect::<String>(), &mut out);
        }
        out
    }

    #[test]
    fn only_text_is_left_however_it_is_cut() {
        let cases = [
            ("plain\ttext\n", "plain\ttext\n"),
            ("\u{1b}[1;31mred\u{1b}[0m \u{9b}2Kline", "red line"),
            (
                "\u{1b}]0;title\u{7}after \u{1b}]8;;http://x\u{1b}\\link",
                "after link",
            ),
            ("\u{1b}Pq#0\u{1b}\\six \u{1b}_apc\u{9c}el", "six el"),
            ("\u{1b}(B\u{1b}7\u{1b}=x", "x"),
            ("a\r\nb\u{8}\u{0}c\u{7f}\u{fff9}d", "a\nbcd"),
            ("é£ 日本 \u{feff}", "é£ 日本 \u{feff}"),
            ("\u{1b}[12\nnext", "\nnext"),
            ("\u{1b}\u{1b}[mx", "x"),
        ];
        for (raw, text) in cases {
            for size in 1..=raw.chars().count() {
                assert_eq!(cleaned(raw, size), text, "{raw:?} in pieces of {size}");
            }
        }
    }

    #[test]
    fn a_string_without_an_end_does_not_swallow_the_rest() {
        let raw = format!("\u{1b}]{}\nthe end", "x".repeat(2 * LONGEST));
        assert!(cleaned(&raw, 100).ends_with("x\nthe end"));
    }
}
