//! One key with its modifiers: `ctrl+shift+x`. Parsing and writing are each other's inverse, and two
//! spellings of the same key (`esc`, `Shift+Ctrl+P`, `shift+?`) are equal once parsed.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A key with its modifiers, in normal form: letters are lower case with `shift` set apart; a symbol
/// that is typed with Shift (such as `?`) stands for itself, without `shift`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyChord {
    /// Control is held.
    pub ctrl: bool,
    /// Shift is held.
    pub shift: bool,
    /// Alt (Option) is held.
    pub alt: bool,
    /// Super (Command, the logo key) is held.
    pub logo: bool,
    /// The key itself.
    pub key: KeyName,
}

/// A key without modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyName {
    /// A character that is not a blank.
    Char(char),
    /// Escape.
    Escape,
    /// Enter, Return.
    Enter,
    /// Tab.
    Tab,
    /// The space bar.
    Space,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Clear (keypad 5).
    Clear,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// F1 to F12.
    F(u8),
}

/// Why a key could not be parsed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChordError {
    /// Nothing is there.
    #[error("an empty string is not a key")]
    Empty,
    /// A part before the last `+` is no modifier.
    #[error("unknown modifier \"{0}\" (there are ctrl, shift, alt and super)")]
    Modifier(String),
    /// The last part is no key.
    #[error("unknown key \"{0}\"")]
    Key(String),
}

/// Names in files, the preferred spelling of a key first.
const NAMES: [(&str, KeyName); 19] = [
    ("escape", KeyName::Escape),
    ("esc", KeyName::Escape),
    ("enter", KeyName::Enter),
    ("return", KeyName::Enter),
    ("tab", KeyName::Tab),
    ("space", KeyName::Space),
    ("backspace", KeyName::Backspace),
    ("delete", KeyName::Delete),
    ("insert", KeyName::Insert),
    ("clear", KeyName::Clear),
    ("home", KeyName::Home),
    ("end", KeyName::End),
    ("pageUp", KeyName::PageUp),
    ("pageDown", KeyName::PageDown),
    ("up", KeyName::Up),
    ("down", KeyName::Down),
    ("left", KeyName::Left),
    ("right", KeyName::Right),
    (" ", KeyName::Space),
];

/// Symbols that a US keyboard gives only with Shift: for them, Shift tells nothing.
const SHIFTED: &str = "~!@#$%^&*()_+{}|:\"<>?";

impl KeyChord {
    /// A key without modifiers.
    pub fn plain(key: KeyName) -> Self {
        KeyChord {
            ctrl: false,
            shift: false,
            alt: false,
            logo: false,
            key,
        }
        .normal()
    }

    /// The same in normal form; whoever builds a chord from an event calls this.
    pub fn normal(mut self) -> Self {
        match self.key {
            KeyName::Char(' ') => self.key = KeyName::Space,
            KeyName::Char(c) if c.is_uppercase() => {
                let mut lower = c.to_lowercase();
                // Some capitals, such as ẞ, do not come back from lower case: they stand for themselves.
                if let (Some(lower), None) = (lower.next(), lower.next())
                    && lower.to_uppercase().eq([c])
                {
                    self.key = KeyName::Char(lower);
                    self.shift = true;
                }
            }
            KeyName::Char(c) if SHIFTED.contains(c) => self.shift = false,
            _ => {}
        }
        self
    }

    /// With Control held.
    pub fn with_ctrl(self) -> Self {
        KeyChord { ctrl: true, ..self }.normal()
    }

    /// With Shift held.
    pub fn with_shift(self) -> Self {
        let shift = true;
        KeyChord { shift, ..self }.normal()
    }

    /// With Alt held.
    pub fn with_alt(self) -> Self {
        KeyChord { alt: true, ..self }.normal()
    }
}

impl FromStr for KeyChord {
    type Err = ChordError;

    /// Case does not matter: `L` is the key `l`, as in the reference; write `shift+l` for a capital.
    fn from_str(text: &str) -> Result<Self, ChordError> {
        let lower = text.to_lowercase();
        if lower.is_empty() {
            return Err(ChordError::Empty);
        }
        // The key may itself be a plus: `+`, `ctrl++`.
        let (modifiers, name) = match lower.strip_suffix('+') {
            Some(rest) => (rest.strip_suffix('+').unwrap_or(rest), "+"),
            None => lower.rsplit_once('+').unwrap_or(("", lower.as_str())),
        };
        let mut chord = KeyChord::plain(parse_key(name)?);
        let mut shift = false;
        for modifier in modifiers.split('+').filter(|_| !modifiers.is_empty()) {
            match modifier.trim() {
                "ctrl" => chord.ctrl = true,
                "shift" => shift = true,
                "alt" => chord.alt = true,
                "super" => chord.logo = true,
                other => return Err(ChordError::Modifier(other.to_owned())),
            }
        }
        chord.shift |= shift;
        Ok(chord.normal())
    }
}

fn parse_key(name: &str) -> Result<KeyName, ChordError> {
    let name = if name == " " { name } else { name.trim() };
    let named = NAMES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    if let Some((_, key)) = named {
        return Ok(*key);
    }
    let mut characters = name.chars();
    if let (Some(c), None) = (characters.next(), characters.next())
        && !c.is_whitespace()
        && !c.is_control()
    {
        return Ok(KeyName::Char(c));
    }
    name.strip_prefix('f')
        .and_then(|number| number.parse().ok())
        .filter(|number| (1..=12).contains(number))
        .map(KeyName::F)
        .ok_or_else(|| ChordError::Key(name.to_owned()))
}

impl fmt::Display for KeyChord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let modifiers = [
            (self.ctrl, "ctrl+"),
            (self.shift, "shift+"),
            (self.alt, "alt+"),
            (self.logo, "super+"),
        ];
        for (_, name) in modifiers.iter().filter(|(held, _)| *held) {
            f.write_str(name)?;
        }
        self.key.fmt(f)
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyName::Char(c) => write!(f, "{c}"),
            KeyName::F(number) => write!(f, "f{number}"),
            other => {
                let name = NAMES.iter().find(|(_, key)| key == other);
                f.write_str(name.map_or("", |(name, _)| name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chord(text: &str) -> KeyChord {
        text.parse().unwrap()
    }

    #[test]
    fn spellings_of_the_same_key_are_equal() {
        for (one, other) in [
            ("esc", "escape"),
            ("return", "enter"),
            ("Ctrl+Shift+P", "shift+ctrl+p"),
            ("PAGEUP", "pageUp"),
            ("shift+?", "?"),
            ("G", "g"),
        ] {
            assert_eq!(chord(one), chord(other), "{one} and {other}");
        }
        assert_ne!(chord("shift+l"), chord("l"));
    }

    #[test]
    fn a_plus_can_be_a_key() {
        assert_eq!(chord("+"), KeyChord::plain(KeyName::Char('+')));
        assert_eq!(
            chord("ctrl++"),
            KeyChord::plain(KeyName::Char('+')).with_ctrl()
        );
        assert_eq!(chord("ctrl+-").to_string(), "ctrl+-");
    }

    #[test]
    fn a_capital_from_an_event_is_its_letter_with_shift() {
        assert_eq!(KeyChord::plain(KeyName::Char('L')), chord("shift+l"));
        assert_eq!(KeyChord::plain(KeyName::Char(' ')), chord("space"));
    }

    #[test]
    fn what_is_no_key_is_refused_with_its_part() {
        assert_eq!("".parse::<KeyChord>(), Err(ChordError::Empty));
        assert_eq!(
            "hyper+x".parse::<KeyChord>(),
            Err(ChordError::Modifier("hyper".into()))
        );
        assert_eq!(
            "ctrl+f13".parse::<KeyChord>(),
            Err(ChordError::Key("f13".into()))
        );
        assert_eq!(
            "ctrl+\n".parse::<KeyChord>(),
            Err(ChordError::Key("".into()))
        );
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_writing_is_its_inverse(text in "(ctrl\\+|alt\\+|shift\\+|super\\+){0,4}\\PC{0,6}") {
            if let Ok(chord) = text.parse::<KeyChord>() {
                prop_assert_eq!(chord.to_string().parse::<KeyChord>(), Ok(chord));
            }
        }
    }
}
