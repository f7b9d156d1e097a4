//! `ESC [ … final`: named keys, keys by number, the wheel, the focus.

use super::code::{self, Modifiers};
use super::{Input, Step, answer};
use crate::config::{KeyChord, KeyName};
use crate::tui::mouse::{Button, Mouse, MouseAct};

/// What `bytes` (`ESC [` and at least one more) begin with.
pub(super) fn step(bytes: &[u8], late: bool) -> Step {
    let Some(body) = bytes.get(2..) else {
        return Step::Wait;
    };
    let Some(end) = body.iter().position(|byte| !(0x20..0x40).contains(byte)) else {
        return if late {
            Step::Skip(bytes.len())
        } else {
            Step::Wait
        };
    };
    let parameters = body.get(..end).unwrap_or_default();
    let last = body.get(end).copied().unwrap_or_default();
    let length = 2 + end + 1;
    match last {
        // The Linux console's F1 to F5, and the old report of the mouse, go on after the final byte.
        b'[' if parameters.is_empty() => longer(bytes, length, 1, late),
        b'M' if parameters.is_empty() => longer(bytes, length, 3, late),
        0x40..0x7f => match input(parameters, last) {
            Some(input) => Step::Input(length, input),
            None => Step::Skip(length),
        },
        // Broken off: what follows is something else.
        _ => Step::Skip(length - 1),
    }
}

fn longer(bytes: &[u8], length: usize, more: usize, late: bool) -> Step {
    let whole = length + more;
    match bytes.get(length..whole) {
        Some([number @ b'A'..=b'E']) => {
            let name = KeyName::F(1 + number - b'A');
            Step::Input(whole, Input::Key(KeyChord::plain(name)))
        }
        Some(_) => Step::Skip(whole),
        None if late => Step::Skip(bytes.len()),
        None => Step::Wait,
    }
}

fn input(parameters: &[u8], last: u8) -> Option<Input> {
    if let Some(mouse) = parameters.strip_prefix(b"<") {
        return self::mouse(mouse, last);
    }
    // Other private sequences are answers, and so is the size of a cell.
    if parameters.first().is_some_and(|first| *first >= b'<') || last == b't' {
        return answer::of_csi(parameters, last).map(Input::Answer);
    }
    let numbers = Numbers::parse(parameters);
    match last {
        b'I' if parameters.is_empty() => return Some(Input::FocusGained),
        b'O' if parameters.is_empty() => return Some(Input::FocusLost),
        b'~' if numbers.first() == 27 => {
            let code = code::chord(numbers.at(2, 0)?, &[], numbers.modifiers())?;
            return Some(Input::Key(code));
        }
        _ => {}
    }
    let modifiers = numbers.modifiers();
    if modifiers.released {
        return None;
    }
    let chord = match last {
        b'u' => {
            let others = [numbers.at(0, 1), numbers.at(0, 2)];
            return code::chord(numbers.first(), &others, modifiers).map(Input::Key);
        }
        b'~' => modifiers.on(by_number(numbers.first())?),
        b'^' => modifiers.on(by_number(numbers.first())?).with_ctrl(),
        b'$' => modifiers.on(by_number(numbers.first())?).with_shift(),
        b'@' => modifiers
            .on(by_number(numbers.first())?)
            .with_ctrl()
            .with_shift(),
        b'Z' => modifiers.on(KeyName::Tab).with_shift(),
        b'a'..=b'd' => modifiers
            .on(by_letter(last.to_ascii_uppercase())?)
            .with_shift(),
        _ => modifiers.on(by_letter(last)?),
    };
    Some(Input::Key(chord))
}

fn by_letter(letter: u8) -> Option<KeyName> {
    Some(match letter {
        b'A' => KeyName::Up,
        b'B' => KeyName::Down,
        b'C' => KeyName::Right,
        b'D' => KeyName::Left,
        b'E' => KeyName::Clear,
        b'F' => KeyName::End,
        b'H' => KeyName::Home,
        b'P'..=b'S' => KeyName::F(1 + letter - b'P'),
        _ => return None,
    })
}

fn by_number(number: u32) -> Option<KeyName> {
    let function = |first: u32, name: u32| u8::try_from(number - first + name).map(KeyName::F).ok();
    match number {
        1 | 7 => Some(KeyName::Home),
        2 => Some(KeyName::Insert),
        3 => Some(KeyName::Delete),
        4 | 8 => Some(KeyName::End),
        5 => Some(KeyName::PageUp),
        6 => Some(KeyName::PageDown),
        11..=15 => function(11, 1),
        17..=21 => function(17, 6),
        23 | 24 => function(23, 11),
        57427 => Some(KeyName::Clear),
        _ => None,
    }
}

/// `button ; column ; row`, as xterm's mode 1006 tells it: the lowest two bits name the button, 4, 8 and
/// 16 are shift, alt and ctrl, 32 is a motion, 64 a wheel; a small final letter is a release.
fn mouse(parameters: &[u8], last: u8) -> Option<Input> {
    let numbers = Numbers::parse(parameters);
    let code = numbers.at(0, 0)?;
    let place = |group| u16::try_from(numbers.at(group, 0)?.saturating_sub(1)).ok();
    let button = match code & 0b11 {
        0 => Some(Button::Left),
        1 => Some(Button::Middle),
        2 => Some(Button::Right),
        _ => None,
    };
    let act = match code & !0b1_1111 {
        0 if last == b'm' => MouseAct::Release(button?),
        0 => MouseAct::Press(button?),
        32 => MouseAct::Drag(button?),
        64 if code & 0b11 == 0 => MouseAct::Wheel(-1),
        64 if code & 0b11 == 1 => MouseAct::Wheel(1),
        _ => return None,
    };
    Some(Input::Mouse(Mouse {
        act,
        column: place(1)?,
        row: place(2)?,
        shift: code & 4 != 0,
        alt: code & 8 != 0,
        ctrl: code & 16 != 0,
    }))
}

/// `a:b:c;d:e;…`: up to three numbers, each with up to three parts.
#[derive(Default)]
struct Numbers([[Option<u32>; 3]; 3]);

impl Numbers {
    fn parse(parameters: &[u8]) -> Self {
        let mut numbers = Numbers::default();
        let groups = parameters.split(|byte| *byte == b';');
        for (group, slots) in groups.zip(&mut numbers.0) {
            for (part, slot) in group.split(|byte| *byte == b':').zip(slots) {
                *slot = str::from_utf8(part).ok().and_then(|part| part.parse().ok());
            }
        }
        numbers
    }

    fn at(&self, group: usize, part: usize) -> Option<u32> {
        *self.0.get(group)?.get(part)?
    }

    fn first(&self) -> u32 {
        self.at(0, 0).unwrap_or(1)
    }

    fn modifiers(&self) -> Modifiers {
        Modifiers::new(self.at(1, 0).unwrap_or(1), self.at(1, 1))
    }
}
