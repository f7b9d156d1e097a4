//! The look: theme tokens turned into terminal styles, at the colour depth that the terminal has.
//!
//! Promises that every colour on the screen comes from a token. Knows nothing of theme files (that is
//! `config`) and asks the terminal nothing: the depth is a value passed in.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use ratatui::style::{Color as Paint, Modifier, Style};

pub use crate::config::{Color, Theme, Token};

/// How many colours the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Depth {
    /// 24 bits.
    #[default]
    Truecolor,
    /// The 256-colour palette.
    Indexed,
    /// The 16 colours of the terminal's own palette; blocks get no background.
    Sixteen,
    /// None: bold, italic and reverse only.
    None,
}

/// Styles by token, for one theme at one depth.
#[derive(Debug, Clone)]
pub struct Look {
    foreground: Vec<Style>,
    background: Vec<Option<Paint>>,
    depth: Depth,
    revision: u64,
}

impl Look {
    /// The styles of `theme` on a terminal of that depth.
    pub fn new(theme: &Theme, depth: Depth) -> Self {
        let colors = || Token::ALL.iter().map(|token| theme.color(*token));
        let mut hasher = DefaultHasher::new();
        depth.hash(&mut hasher);
        for color in colors() {
            format!("{color:?}").hash(&mut hasher);
        }
        Look {
            foreground: colors().map(|color| text(color, depth)).collect(),
            background: colors().map(|color| ground(color, depth)).collect(),
            depth,
            revision: hasher.finish(),
        }
    }

    /// Names this look: equal looks have equal revisions. Caches of rendered rows are keyed by it.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The depth that it was made for.
    pub fn depth(&self) -> Depth {
        self.depth
    }

    /// Text in the token's colour.
    pub fn fg(&self, token: Token) -> Style {
        self.foreground
            .get(token as usize)
            .copied()
            .unwrap_or_default()
    }

    /// A block in the token's colour. Where there is none, a selection and what was found are reversed, and any
    /// other block is left plain.
    pub fn bg(&self, token: Token) -> Style {
        match self.background.get(token as usize).copied().flatten() {
            Some(color) => Style::new().bg(color),
            None if matches!(token, Token::SelectedBg | Token::SearchMatchBg) => {
                Style::new().add_modifier(Modifier::REVERSED)
            }
            None => Style::new(),
        }
    }

    /// Bold text in the token's colour.
    pub fn bold(&self, token: Token) -> Style {
        self.fg(token).add_modifier(Modifier::BOLD)
    }
}

/// The style of text.
fn text(color: Color, depth: Depth) -> Style {
    match (color, ink(color, depth)) {
        (Color::Faint, _) => Style::new().add_modifier(Modifier::DIM),
        (_, Some(paint)) => Style::new().fg(paint),
        (_, None) => Style::new(),
    }
}

/// The paint of a colour; `None` for the terminal's own.
fn ink(color: Color, depth: Depth) -> Option<Paint> {
    match (color, depth) {
        (Color::Default | Color::Faint, _) | (_, Depth::None) => None,
        (Color::Indexed(index), Depth::Sixteen) if index > 15 => {
            Some(Paint::Indexed(nearest_of_16(rgb_of(index))))
        }
        (Color::Indexed(index), _) => Some(Paint::Indexed(index)),
        (Color::Rgb(r, g, b), Depth::Truecolor) => Some(Paint::Rgb(r, g, b)),
        (Color::Rgb(..), Depth::Indexed) => ink(color.to_indexed(), depth),
        (Color::Rgb(r, g, b), Depth::Sixteen) => Some(Paint::Indexed(nearest_of_16((r, g, b)))),
    }
}

/// The colour of a block. Sixteen colours are too few for text and its ground to keep their contrast.
fn ground(color: Color, depth: Depth) -> Option<Paint> {
    match depth {
        Depth::Truecolor | Depth::Indexed => ink(color, depth),
        Depth::Sixteen | Depth::None => None,
    }
}

/// xterm's usual sixteen.
const SIXTEEN: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

fn nearest_of_16(color: (u8, u8, u8)) -> u8 {
    (0u8..16)
        .min_by_key(|i| distance(SIXTEEN[*i as usize], color))
        .unwrap_or(7)
}

fn rgb_of(index: u8) -> (u8, u8, u8) {
    match index {
        0..=15 => SIXTEEN[index as usize],
        16..=231 => {
            let cube = index - 16;
            let step = |i: u8| [0, 95, 135, 175, 215, 255][usize::from(i % 6)];
            (step(cube / 36), step(cube / 6), step(cube))
        }
        232..=255 => {
            let level = 8 + 10 * (index - 232);
            (level, level, level)
        }
    }
}

fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> u32 {
    let square = |x: u8, y: u8| u32::from(x.abs_diff(y)).pow(2);
    // The eye weighs green most and blue least.
    2 * square(a.0, b.0) + 4 * square(a.1, b.1) + 3 * square(a.2, b.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A theme of one colour.
    fn theme(color: &str) -> Theme {
        let colors: serde_json::Map<_, _> = Token::ALL
            .iter()
            .map(|token| (token.name().to_owned(), color.into()))
            .collect();
        Theme::parse(&serde_json::json!({ "name": "one", "colors": colors }).to_string()).unwrap()
    }

    #[test]
    fn a_colour_is_brought_down_to_what_the_terminal_has() {
        let orange = theme("#ff8700");
        let fg = |depth| Look::new(&orange, depth).fg(Token::Accent).fg;
        assert_eq!(fg(Depth::Truecolor), Some(Paint::Rgb(255, 135, 0)));
        assert_eq!(fg(Depth::Indexed), Some(Paint::Indexed(208)));
        assert_eq!(fg(Depth::Sixteen), Some(Paint::Indexed(3)));
        assert_eq!(fg(Depth::None), None);
    }

    #[test]
    fn blocks_have_a_ground_only_where_contrast_survives() {
        let dark = theme("#283228");
        let bg = |depth, token| Look::new(&dark, depth).bg(token);
        assert!(bg(Depth::Indexed, Token::ToolSuccessBg).bg.is_some());
        assert_eq!(bg(Depth::Sixteen, Token::ToolSuccessBg), Style::new());
        assert_eq!(
            bg(Depth::None, Token::SelectedBg),
            Style::new().add_modifier(Modifier::REVERSED)
        );
    }

    #[test]
    fn equal_looks_have_equal_revisions() {
        let a = Look::new(&theme("#030303"), Depth::Truecolor);
        let b = Look::new(&theme("#030303"), Depth::Truecolor);
        let c = Look::new(&theme("#040404"), Depth::Truecolor);
        assert_eq!(a.revision(), b.revision());
        assert_ne!(a.revision(), c.revision());
    }
}
