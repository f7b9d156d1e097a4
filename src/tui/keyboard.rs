//! Which keys a terminal can send so that they are told apart.

use crate::config::{KeyChord, KeyName};

/// Which keys arrive distinguishable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keyboard {
    /// The terminal has not answered.
    #[default]
    Unknown,
    /// The old encoding alone: Shift+Enter is Enter, Ctrl+I is Tab, Ctrl+Shift+P is Ctrl+P.
    Legacy,
    /// xterm's modifyOtherKeys.
    ModifyOtherKeys,
    /// The kitty keyboard protocol.
    Kitty,
}

impl Keyboard {
    /// Whether a key arrives as itself; `None` while nothing is known.
    pub fn sends(self, chord: KeyChord) -> Option<bool> {
        match self {
            Keyboard::Unknown => None,
            Keyboard::Kitty => Some(true),
            Keyboard::ModifyOtherKeys => Some(!chord.logo),
            Keyboard::Legacy => Some(!chord.logo && legacy(chord)),
        }
    }
}

/// Whether the old encoding has a sequence for the key. Alt is an escape before it, which everything can have.
fn legacy(chord: KeyChord) -> bool {
    let KeyChord { ctrl, shift, .. } = chord;
    match chord.key {
        // Shift is in the character; a control character has no room for it.
        KeyName::Char(c) if ctrl => !shift && control(c),
        KeyName::Char(_) => true,
        KeyName::Tab => !ctrl,
        KeyName::Space => !shift,
        KeyName::Enter | KeyName::Backspace | KeyName::Escape | KeyName::Clear => !ctrl && !shift,
        // Arrows and their like carry their modifiers as a number.
        _ => true,
    }
}

/// The characters that have a control character of their own: `i`, `m` and `[` have those of Tab, Enter and
/// Escape.
fn control(c: char) -> bool {
    match c {
        'i' | 'm' | '[' => false,
        'a'..='z' => true,
        _ => "\\]^-".contains(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_terminal_lacks_what_has_no_control_character() {
        let sends = |keyboard: Keyboard, key: &str| keyboard.sends(key.parse().unwrap());
        for key in [
            "ctrl+p",
            "alt+enter",
            "shift+tab",
            "ctrl+left",
            "ctrl+shift+up",
            "alt+y",
            "ctrl+]",
            "ctrl+alt+]",
            "ctrl+-",
            "shift+l",
            "ctrl+end",
            "f5",
            "ctrl+space",
            "?",
            "alt+up",
        ] {
            assert_eq!(sends(Keyboard::Legacy, key), Some(true), "{key}");
        }
        for key in [
            "shift+enter",
            "ctrl+i",
            "ctrl+m",
            "ctrl+shift+p",
            "ctrl+backspace",
            "super+k",
            "ctrl+1",
            "ctrl+enter",
            "shift+space",
            "ctrl+tab",
        ] {
            assert_eq!(sends(Keyboard::Legacy, key), Some(false), "{key}");
            assert_eq!(sends(Keyboard::Kitty, key), Some(true), "{key}");
            let other = !key.starts_with("super");
            assert_eq!(sends(Keyboard::ModifyOtherKeys, key), Some(other), "{key}");
            assert_eq!(sends(Keyboard::Unknown, key), None);
        }
    }
}
