//! Large pastes: kept aside, shown as a marker, put in whole when the text is sent. And pictures that came
//! back with their words: shown as a marker, sent beside the text.

use std::borrow::Cow;

use memchr::memmem;

use super::units::{self, STAND_INS};
use crate::ai::Content;

/// A paste of more lines than this becomes a marker.
const LINES: usize = 10;
/// A paste of more characters than this becomes a marker.
const CHARACTERS: usize = 1000;

/// The pastes that stand-ins in the text, its history and its cuts refer to.
#[derive(Debug, Default)]
pub struct Pastes {
    kept: Vec<Paste>,
    count: u32,
    images: u32,
}

/// What a terminal that sends keys as escape sequences made of the line ends and tabs of a paste.
pub fn decoded(text: &str) -> Cow<'_, str> {
    const BEGINS: &str = "\u{1b}[";
    const ENDS: &str = ";5u";
    if !text.contains(BEGINS) {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(BEGINS) {
        decoded.push_str(before);
        let digits = behind.len()
            - behind
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .len();
        let (number, tail) = behind.split_at(digits.min(3));
        let letter = number.parse::<u8>().ok().filter(u8::is_ascii_alphabetic);
        match (letter, tail.strip_prefix(ENDS)) {
            (Some(letter), Some(tail)) => {
                // Ctrl and a letter, as it once was.
                decoded.push(char::from(letter & 0x1f));
                rest = tail;
            }
            _ => {
                decoded.push_str(BEGINS);
                rest = behind;
            }
        }
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

#[derive(Debug)]
struct Paste {
    stand_in: char,
    marker: String,
    text: String,
    /// In place of a text.
    picture: Option<Content>,
}

impl Pastes {
    /// Keeps a large paste and returns the character that stands for it; `None` for a small one.
    pub fn keep(&mut self, text: &str) -> Option<char> {
        let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count() + 1;
        let many_characters = text.len() > CHARACTERS && text.chars().nth(CHARACTERS).is_some();
        // What looks like a stand-in cannot stand in the text.
        let is_odd = units::has_stand_in(text);
        if lines <= LINES && !many_characters && !is_odd {
            return None;
        }
        let stand_in = self.free_stand_in()?;
        self.count += 1;
        let number = self.count;
        let marker = match lines > LINES {
            true => format!("[paste #{number} +{lines} lines]"),
            false => format!("[paste #{number} {} chars]", text.chars().count()),
        };
        let text = text.to_owned();
        self.kept.push(Paste {
            stand_in,
            marker,
            text,
            picture: None,
        });
        Some(stand_in)
    }

    /// Keeps a picture and returns the character that stands for it; `None` when nothing more can be kept.
    pub fn attach(&mut self, picture: &Content) -> Option<char> {
        let mut kept = self.kept.iter();
        if let Some(known) = kept.find(|paste| paste.picture.as_ref() == Some(picture)) {
            return Some(known.stand_in);
        }
        let stand_in = self.free_stand_in()?;
        self.images += 1;
        self.kept.push(Paste {
            stand_in,
            marker: format!("[image {}]", self.images),
            text: String::new(),
            picture: Some(picture.clone()),
        });
        Some(stand_in)
    }

    /// The pictures that a text has stand-ins of.
    pub fn pictures(&self, text: &str) -> impl Iterator<Item = &Content> {
        text.chars().filter_map(|c| self.find(c)?.picture.as_ref())
    }

    /// The stand-in of exactly this paste.
    pub fn known(&self, text: &str) -> Option<char> {
        let mut kept = self.kept.iter();
        kept.find(|paste| paste.picture.is_none() && paste.text == text)
            .map(|paste| paste.stand_in)
    }

    /// Puts the stand-ins back into a text that has pastes in it word by word: one that was sent and comes
    /// back.
    pub fn recognise<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for paste in &self.kept {
            if text.len() < paste.text.len() || paste.picture.is_some() {
                continue;
            }
            let mut replaced = String::new();
            let mut behind = 0;
            for at in memmem::find_iter(text.as_bytes(), paste.text.as_bytes()) {
                replaced.push_str(&text[behind..at]);
                replaced.push(paste.stand_in);
                behind = at + paste.text.len();
            }
            if behind > 0 {
                replaced.push_str(&text[behind..]);
                text = Cow::Owned(replaced);
            }
        }
        text
    }

    /// Replaces every stand-in by what was pasted, that of a picture by nothing.
    pub fn expand(&self, text: &str) -> String {
        if !units::has_stand_in(text) {
            return text.to_owned();
        }
        let mut expanded = String::with_capacity(text.len());
        for c in text.chars() {
            match self.find(c) {
                // The blank before its marker came with it.
                Some(paste) if paste.picture.is_some() => {
                    expanded.truncate(expanded.strip_suffix(' ').unwrap_or(&expanded).len());
                }
                Some(paste) => expanded.push_str(&paste.text),
                None => expanded.push(c),
            }
        }
        expanded
    }

    /// The marker of a unit that stands for a paste.
    pub fn marker(&self, unit: &str) -> Option<&str> {
        let c = unit.chars().next()?;
        self.find(c).map(|paste| paste.marker.as_str())
    }

    /// Replaces every stand-in by its marker.
    pub fn named(&self, text: &str) -> String {
        let mut named = String::with_capacity(text.len());
        for c in text.chars() {
            match self.find(c) {
                Some(paste) => named.push_str(&paste.marker),
                None => named.push(c),
            }
        }
        named
    }

    /// Columns of a unit.
    pub fn width(&self, unit: &str) -> u16 {
        match self.marker(unit) {
            Some(marker) => u16::try_from(marker.len()).unwrap_or(u16::MAX),
            None => units::width(unit),
        }
    }

    /// Drops the pastes that nothing refers to any more.
    pub fn forget_unless(&mut self, mentioned: impl Fn(char) -> bool) {
        self.kept.retain(|paste| mentioned(paste.stand_in));
        if self.kept.is_empty() {
            self.count = 0;
            self.images = 0;
        }
    }

    fn find(&self, c: char) -> Option<&Paste> {
        if !STAND_INS.contains(&c) {
            return None;
        }
        self.kept.iter().find(|paste| paste.stand_in == c)
    }

    fn free_stand_in(&self) -> Option<char> {
        STAND_INS.into_iter().find(|c| self.find(*c).is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_has_a_paste_many_times_gets_it_back_each_time() {
        let mut pastes = Pastes::default();
        let paste = "\n".repeat(LINES);
        let stand_in = pastes.keep(&paste).expect("a large paste");
        // Each replaced by itself, the rest would be moved along a million times.
        let text = format!("é{paste}b").repeat(1_000_000);
        let recognised = pastes.recognise(&text);
        assert!(recognised == format!("é{stand_in}b").repeat(1_000_000));
        assert!(pastes.expand(&recognised) == text);
        assert!(matches!(pastes.recognise("éb"), Cow::Borrowed("éb")));
    }
}
