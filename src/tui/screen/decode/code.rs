//! Keys that come as the number of a character with modifiers: the kitty protocol and modifyOtherKeys.
//! See <https://sw.kovidgoyal.net/kitty/keyboard-protocol/>.

use crate::config::{KeyChord, KeyName};

/// What is held, and whether the key went up.
#[derive(Clone, Copy)]
pub(super) struct Modifiers {
    shift: bool,
    alt: bool,
    ctrl: bool,
    logo: bool,
    pub(super) released: bool,
}

impl Modifiers {
    /// `mask` as sent (one more than the bits), `event` as the kitty protocol has it.
    pub(super) fn new(mask: u32, event: Option<u32>) -> Self {
        let bits = mask.saturating_sub(1);
        Modifiers {
            shift: bits & 1 != 0,
            // Meta is what Alt is called elsewhere.
            alt: bits & (2 | 32) != 0,
            ctrl: bits & 4 != 0,
            logo: bits & 8 != 0,
            released: event == Some(3),
        }
    }

    /// A key with these held.
    pub(super) fn on(self, key: KeyName) -> KeyChord {
        let Modifiers {
            shift,
            alt,
            ctrl,
            logo,
            ..
        } = self;
        KeyChord {
            shift,
            alt,
            ctrl,
            logo,
            key,
        }
        .normal()
    }
}

/// The key of a character's number. `others`: what it gives with Shift, and what a US keyboard has there.
pub(super) fn chord(code: u32, others: &[Option<u32>], mut held: Modifiers) -> Option<KeyChord> {
    if held.released {
        return None;
    }
    if let Some(name) = named(code) {
        return Some(held.on(name));
    }
    let other = |index: usize| {
        others
            .get(index)
            .copied()
            .flatten()
            .and_then(char::from_u32)
    };
    let mut char = char::from_u32(code).filter(|char| !char.is_control())?;
    // Shortcuts are by the place of the key where its character is not Latin.
    let is_text = !(held.ctrl || held.alt || held.logo);
    if let (false, false, Some(latin)) = (is_text, char.is_ascii(), other(1)) {
        char = latin;
    } else if let (true, Some(shifted)) = (held.shift, other(0)) {
        char = shifted;
    }
    if held.shift && !char.is_alphabetic() {
        // The symbol says it already.
        held.shift = false;
    } else if held.shift && is_text {
        char = upper(char);
    }
    if held.ctrl && char == '_' {
        char = '-';
    }
    Some(held.on(KeyName::Char(char))).filter(|_| !is_private(char))
}

fn named(code: u32) -> Option<KeyName> {
    Some(match code {
        8 | 127 => KeyName::Backspace,
        9 => KeyName::Tab,
        13 | 57414 => KeyName::Enter,
        27 => KeyName::Escape,
        32 => KeyName::Space,
        57399..=57408 => KeyName::Char(char::from_digit(code - 57399, 10)?),
        57409 => KeyName::Char('.'),
        57410 => KeyName::Char('/'),
        57411 => KeyName::Char('*'),
        57412 => KeyName::Char('-'),
        57413 => KeyName::Char('+'),
        57415 => KeyName::Char('='),
        57416 => KeyName::Char(','),
        57417 => KeyName::Left,
        57418 => KeyName::Right,
        57419 => KeyName::Up,
        57420 => KeyName::Down,
        57421 => KeyName::PageUp,
        57422 => KeyName::PageDown,
        57423 => KeyName::Home,
        57424 => KeyName::End,
        57425 => KeyName::Insert,
        57426 => KeyName::Delete,
        57427 => KeyName::Clear,
        _ => return None,
    })
}

/// Keys without a name here (media keys, lone modifiers) have numbers in this range.
fn is_private(char: char) -> bool {
    ('\u{e000}'..='\u{f8ff}').contains(&char)
}

fn upper(char: char) -> char {
    let mut upper = char.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => char,
    }
}
