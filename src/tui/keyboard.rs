//! Which keys a terminal can send. The old encoding has one byte for several keys, and none for others;
//! two newer ones, xterm's modifyOtherKeys and kitty's protocol, tell them apart.
//!
//! Pure: what the terminal is like is found out elsewhere.

use crate::config::{KeyChord, KeyName};

/// How a terminal tells keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keyboard {
    /// The old way: control bytes and escapes.
    Legacy,
    /// xterm's modifyOtherKeys, level 2.
    ModifyOtherKeys,
    /// The kitty keyboard protocol.
    Kitty,
    /// It did not say.
    #[default]
    Unknown,
}

impl Keyboard {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Keyboard::Legacy => "old encoding",
            Keyboard::ModifyOtherKeys => "modifyOtherKeys",
            Keyboard::Kitty => "kitty protocol",
            Keyboard::Unknown => "not known",
        }
    }
}

/// Whether a terminal with this keyboard sends `chord` as itself, and not as another key or not at all.
/// Where nothing is known of the terminal it is taken to be an old one.
pub fn can_send(chord: KeyChord, keyboard: Keyboard) -> bool {
    match keyboard {
        Keyboard::Kitty => true,
        Keyboard::ModifyOtherKeys => !chord.logo,
        Keyboard::Legacy | Keyboard::Unknown => is_old(chord),
    }
}

/// Whether the old encoding has a sequence of its own for it.
fn is_old(chord: KeyChord) -> bool {
    let KeyChord {
        ctrl,
        shift,
        alt,
        logo,
        key,
    } = chord;
    if logo {
        return false;
    }
    match key {
        // These have a place for modifiers in their sequences.
        KeyName::Up
        | KeyName::Down
        | KeyName::Left
        | KeyName::Right
        | KeyName::Home
        | KeyName::End
        | KeyName::PageUp
        | KeyName::PageDown
        | KeyName::Insert
        | KeyName::Delete
        | KeyName::F(_) => true,
        // Alt is an escape before it; Ctrl and Shift change nothing.
        KeyName::Enter | KeyName::Backspace => !ctrl && !shift,
        KeyName::Tab => !(ctrl || alt && shift),
        KeyName::Escape | KeyName::Clear => !ctrl && !shift && !alt,
        KeyName::Space => !shift,
        KeyName::Char(_) if !ctrl => true,
        // Ctrl with a letter is one of 26 bytes, of which some are other keys; with Shift it is the same.
        KeyName::Char(c) if c.is_ascii_lowercase() => !shift && !matches!(c, 'i' | 'm'),
        KeyName::Char(c) => matches!(c, '\\' | ']' | '^' | '-'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sends(keyboard: Keyboard, chord: &str) -> bool {
        can_send(chord.parse().unwrap(), keyboard)
    }

    #[test]
    fn an_old_terminal_sends_what_has_bytes_of_its_own() {
        for chord in [
            "a",
            "shift+a",
            "alt+shift+a",
            "ctrl+j",
            "ctrl+alt+]",
            "ctrl+-",
            "shift+tab",
            "alt+enter",
            "alt+backspace",
            "ctrl+space",
            "ctrl+shift+up",
            "alt+pageDown",
            "shift+f5",
            "escape",
            "?",
        ] {
            assert!(sends(Keyboard::Legacy, chord), "{chord}");
            assert!(sends(Keyboard::Unknown, chord), "{chord}");
        }
        for chord in [
            "shift+enter",
            "ctrl+enter",
            "ctrl+shift+p",
            "ctrl+i",
            "ctrl+m",
            "ctrl+1",
            "ctrl+.",
            "ctrl+backspace",
            "ctrl+tab",
            "shift+space",
            "alt+escape",
            "super+k",
        ] {
            assert!(!sends(Keyboard::Legacy, chord), "{chord}");
            assert!(sends(Keyboard::Kitty, chord), "{chord}");
        }
    }

    #[test]
    fn modify_other_keys_lacks_the_logo_key_alone() {
        assert!(sends(Keyboard::ModifyOtherKeys, "ctrl+shift+p"));
        assert!(sends(Keyboard::ModifyOtherKeys, "ctrl+i"));
        assert!(!sends(Keyboard::ModifyOtherKeys, "super+k"));
    }
}
