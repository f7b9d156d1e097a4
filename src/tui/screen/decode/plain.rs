//! Characters, control bytes, and what follows an escape.

use super::{Input, LONGEST, Step, answer, csi};
use crate::config::{KeyChord, KeyName};

const ESCAPE: u8 = 0x1b;

/// What the bytes (at least one) begin with. `late`: nothing more comes.
pub(super) fn step(bytes: &[u8], late: bool) -> Step {
    match bytes {
        [ESCAPE] if late => key(1, KeyChord::plain(KeyName::Escape)),
        [ESCAPE] => Step::Wait,
        [ESCAPE, after @ ..] => escaped(bytes, after, late),
        [byte, ..] if byte.is_ascii() => key(1, ascii(*byte)),
        _ => character(bytes, late),
    }
}

fn key(length: usize, chord: KeyChord) -> Step {
    Step::Input(length, Input::Key(chord))
}

fn ascii(byte: u8) -> KeyChord {
    let ctrl = |char: u8| KeyChord::plain(KeyName::Char(char.into())).with_ctrl();
    match byte {
        0 => KeyChord::plain(KeyName::Space).with_ctrl(),
        b'\t' => KeyChord::plain(KeyName::Tab),
        b'\r' => KeyChord::plain(KeyName::Enter),
        0x7f => KeyChord::plain(KeyName::Backspace),
        1..=26 => ctrl(b'a' + byte - 1),
        27 => KeyChord::plain(KeyName::Escape),
        28 => ctrl(b'\\'),
        29 => ctrl(b']'),
        30 => ctrl(b'^'),
        // The byte of Ctrl with the key that has both `-` and `_`.
        31 => ctrl(b'-'),
        printable => KeyChord::plain(KeyName::Char(printable.into())),
    }
}

/// A character beyond ASCII.
fn character(bytes: &[u8], late: bool) -> Step {
    let start = bytes.get(..4).unwrap_or(bytes);
    let valid = match str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() > 0 => {
            str::from_utf8(start.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(error) => match error.error_len() {
            Some(length) => return Step::Skip(length),
            None if late => return Step::Skip(start.len()),
            None => return Step::Wait,
        },
    };
    match valid.chars().next() {
        Some(char) if char.is_control() => Step::Skip(char.len_utf8()),
        Some(char) => key(char.len_utf8(), KeyChord::plain(KeyName::Char(char))),
        None => Step::Skip(1),
    }
}

/// After an escape: a sequence, or a key with Alt.
fn escaped(bytes: &[u8], after: &[u8], late: bool) -> Step {
    match after {
        [b'[' | b'O' | b']' | b'P' | b'_'] if !late => Step::Wait,
        [b'[', _, ..] => csi::step(bytes, late),
        [b'O', kind, ..] if let Some(name) = keypad(*kind) => key(3, KeyChord::plain(name)),
        [kind @ (b']' | b'P' | b'_'), body @ ..] if begins_string(after) => {
            string(*kind, body, late)
        }
        // Alt with a key that is a sequence itself, or Escape twice.
        [ESCAPE] if !late => Step::Wait,
        [ESCAPE, b'[' | b'O', ..] => with_alt(after, late),
        [ESCAPE, ..] => key(1, KeyChord::plain(KeyName::Escape)),
        _ => with_alt(after, late),
    }
}

fn with_alt(after: &[u8], late: bool) -> Step {
    match step(after, late) {
        Step::Input(length, Input::Key(chord)) => key(length + 1, chord.with_alt()),
        Step::Input(length, other) => Step::Input(length + 1, other),
        Step::Skip(length) => Step::Skip(length + 1),
        Step::Wait => Step::Wait,
    }
}

/// The keys that come as `ESC O` and a letter.
fn keypad(kind: u8) -> Option<KeyName> {
    Some(match kind {
        b'A' => KeyName::Up,
        b'B' => KeyName::Down,
        b'C' => KeyName::Right,
        b'D' => KeyName::Left,
        b'E' => KeyName::Clear,
        b'F' => KeyName::End,
        b'H' => KeyName::Home,
        b'M' => KeyName::Enter,
        b'P'..=b'S' => KeyName::F(1 + kind - b'P'),
        b'j'..=b'o' => KeyName::Char((b'*' + kind - b'j').into()),
        b'p'..=b'y' => KeyName::Char((b'0' + kind - b'p').into()),
        _ => return None,
    })
}

/// Whether what follows an escape is a string rather than a key with Alt and another one right after it.
pub(super) fn begins_string(after: &[u8]) -> bool {
    match after {
        [b']', first, ..] => first.is_ascii_digit(),
        [b'P', first, ..] => first.is_ascii_digit() || b">!$+".contains(first),
        [b'_', first, ..] => *first == b'G',
        _ => false,
    }
}

/// A string that the terminal sends: an answer, over after a bell or after `ESC \`. Where it breaks off, it is
/// nothing, and what follows is something else.
fn string(kind: u8, body: &[u8], late: bool) -> Step {
    let end = body.iter().position(|byte| *byte < 0x20);
    let Some(end) = end else {
        return match late || body.len() > LONGEST {
            true => Step::Skip(2 + body.len()),
            false => Step::Wait,
        };
    };
    let whole = match body.get(end..) {
        Some([0x07, ..]) => 2 + end + 1,
        Some([ESCAPE, b'\\', ..]) => 2 + end + 2,
        Some([ESCAPE]) if !late => return Step::Wait,
        _ => return Step::Skip(2 + end),
    };
    let text = body.get(..end).unwrap_or_default();
    match answer::of_string(kind, text) {
        Some(answer) => Step::Input(whole, Input::Answer(answer)),
        None => Step::Skip(whole),
    }
}
