//! What the terminal says of itself, when it was asked. Anything that is no answer that is known is
//! nothing.

use crate::config::Appearance;
use crate::tui::abilities::{Answer, Rgb};

/// A name longer than this is none.
const LONGEST_NAME: usize = 64;

/// `ESC [ parameters last`, where the parameters may end with intermediate bytes.
pub(super) fn of_csi(parameters: &[u8], last: u8) -> Option<Answer> {
    let text = str::from_utf8(parameters).ok()?;
    match last {
        b'u' => Some(Answer::KittyKeyboard(text.strip_prefix('?')?.parse().ok()?)),
        b'c' => {
            let mut attributes = text.strip_prefix('?')?.split(';');
            let sixel = attributes.any(|attribute| attribute == "4");
            Some(Answer::Attributes { sixel })
        }
        b'm' => {
            let level = text.strip_prefix(">4;")?;
            Some(Answer::ModifyOtherKeys(level.parse().ok()?))
        }
        b'y' => {
            let state = text.strip_prefix("?2026;")?.strip_suffix('$')?;
            Some(Answer::Synchronized(matches!(state, "1" | "2" | "3")))
        }
        b't' => {
            let (height, width) = text.strip_prefix("6;")?.split_once(';')?;
            let (width, height) = (width.parse().ok()?, height.parse().ok()?);
            (width > 0 && height > 0).then_some(Answer::CellSize(width, height))
        }
        b'n' => match text {
            "?997;1" => Some(Answer::Scheme(Appearance::Dark)),
            "?997;2" => Some(Answer::Scheme(Appearance::Light)),
            _ => None,
        },
        _ => None,
    }
}

/// `ESC kind body terminator`.
pub(super) fn of_string(kind: u8, body: &[u8]) -> Option<Answer> {
    let text = str::from_utf8(body).ok()?;
    if kind == b'P' {
        let name = text.strip_prefix(">|")?.trim();
        let is_fine = !name.is_empty() && !name.chars().any(char::is_control);
        let short = name.chars().take(LONGEST_NAME).collect();
        return is_fine.then_some(Answer::Name(short));
    }
    if kind != b']' {
        return None;
    }
    let (what, rest) = text.split_once(';')?;
    match what {
        "10" => Some(Answer::Foreground(color(rest)?)),
        "11" => Some(Answer::Background(color(rest)?)),
        "4" => {
            let (index, value) = rest.split_once(';')?;
            let index = index.parse().ok().filter(|index| *index < 16)?;
            Some(Answer::Palette(index, color(value)?))
        }
        "7501" => rest.starts_with('?').then_some(Answer::Watched),
        _ => None,
    }
}

/// `rgb:r/g/b` with one to four digits each, `rgba:` with a fourth that is passed over, or `#rrggbb`.
fn color(text: &str) -> Option<Rgb> {
    if let Some(digits) = text.strip_prefix('#') {
        let each = digits.len() / 3;
        if digits.len() % 3 != 0 || !digits.is_ascii() {
            return None;
        }
        let part = |at: usize| channel(digits.get(at * each..(at + 1) * each)?);
        return Some((part(0)?, part(1)?, part(2)?));
    }
    let parts = text
        .strip_prefix("rgb:")
        .or_else(|| text.strip_prefix("rgba:"))?;
    let mut parts = parts.split('/').map(channel);
    Some((parts.next()??, parts.next()??, parts.next()??))
}

fn channel(digits: &str) -> Option<u8> {
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hex || !(1..=4).contains(&digits.len()) {
        return None;
    }
    let value = u32::from_str_radix(digits, 16).ok()?;
    let most = (1 << (4 * digits.len())) - 1;
    u8::try_from((value * 255 + most / 2) / most).ok()
}
