//! A colour as themes name it, and its nearest neighbour on terminals with 256 of them.

use crate::store::export::Rgb;

/// A colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Color {
    /// The terminal's own foreground or background.
    #[default]
    Default,
    /// The terminal's own foreground, faint; not in files.
    Faint,
    /// An entry of the terminal's 256.
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// The channel values of xterm's 6×6×6 cube, entries 16 to 231.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Color {
    /// `#rgb` or `#rrggbb`.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let number = u32::from_str_radix(digits, 16).ok()?;
        let channel = |shift: u32, bits: u32| ((number >> shift) & ((1 << bits) - 1)) as u8;
        match digits.len() {
            6 => Some(Color::Rgb(channel(16, 8), channel(8, 8), channel(0, 8))),
            3 => Some(Color::Rgb(
                channel(8, 4) * 17,
                channel(4, 4) * 17,
                channel(0, 4) * 17,
            )),
            _ => None,
        }
    }

    /// As red, green and blue; `None` for the terminal's own, and for its first 16, which every terminal
    /// has in a way of its own.
    pub fn to_rgb(self) -> Option<Rgb> {
        match self {
            Color::Rgb(red, green, blue) => Some(Rgb(red, green, blue)),
            Color::Indexed(index @ 16..=231) => {
                let at = usize::from(index - 16);
                Some(Rgb(CUBE[at / 36], CUBE[at / 6 % 6], CUBE[at % 6]))
            }
            Color::Indexed(index @ 232..) => {
                let grey = 8 + 10 * (index - 232);
                Some(Rgb(grey, grey, grey))
            }
            Color::Indexed(_) | Color::Default | Color::Faint => None,
        }
    }

    /// The same for a terminal without 24-bit colours: the nearest entry of the cube, or of the grey
    /// ramp (entries 232 to 255) when that is nearer.
    pub fn to_indexed(self) -> Self {
        let Color::Rgb(red, green, blue) = self else {
            return self;
        };
        let nearest = |value: u8| {
            let distance = |index: &usize| CUBE[*index].abs_diff(value);
            (0..CUBE.len()).min_by_key(distance).unwrap_or(0)
        };
        let (r, g, b) = (nearest(red), nearest(green), nearest(blue));
        let average = (u16::from(red) + u16::from(green) + u16::from(blue)) / 3;
        let step = average.saturating_sub(3).min(235) / 10;
        let grey = (8 + 10 * step.min(23)) as u8;
        let off = |to: [u8; 3]| -> u32 {
            let channels = [red, green, blue].into_iter().zip(to);
            channels
                .map(|(from, to)| u32::from(from.abs_diff(to)).pow(2))
                .sum()
        };
        if off([grey; 3]) < off([CUBE[r], CUBE[g], CUBE[b]]) {
            Color::Indexed(232 + step.min(23) as u8)
        } else {
            Color::Indexed((16 + 36 * r + 6 * g + b) as u8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_has_three_or_six_digits() {
        assert_eq!(Color::from_hex("#0af"), Some(Color::Rgb(0, 170, 255)));
        assert_eq!(Color::from_hex("#102030"), Some(Color::Rgb(16, 32, 48)));
        for bad in [
            "", "#", "102030", "#12", "#12345", "#+12", "#12345é", "#ggg",
        ] {
            assert_eq!(Color::from_hex(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_nearest_of_256_keeps_hues_and_greys() {
        assert_eq!(Color::Rgb(255, 0, 0).to_indexed(), Color::Indexed(196));
        assert_eq!(Color::Rgb(0, 0, 0).to_indexed(), Color::Indexed(16));
        assert_eq!(Color::Rgb(255, 255, 255).to_indexed(), Color::Indexed(231));
        assert_eq!(Color::Rgb(29, 29, 30).to_indexed(), Color::Indexed(234));
        assert_eq!(Color::Indexed(7).to_indexed(), Color::Indexed(7));
        assert_eq!(Color::Indexed(196).to_rgb(), Some(Rgb(255, 0, 0)));
        assert_eq!(Color::Indexed(255).to_rgb(), Some(Rgb(238, 238, 238)));
        assert_eq!(Color::Indexed(7).to_rgb(), None);
    }
}
