//! Styles and links as the terminal wants them (SGR, OSC 8). Remembers what is set, and writes only a
//! change. The colour of underlines is a link's number and never a colour.

use std::io::Write;

use ratatui::style::{Color, Modifier, Style};

use crate::tui::links::Link;

/// What the terminal will write with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Pen {
    foreground: Color,
    background: Color,
    modifier: Modifier,
    link: Option<Link>,
}

impl Default for Pen {
    fn default() -> Self {
        Pen::new(Color::Reset, Color::Reset, Modifier::empty())
    }
}

impl Pen {
    pub(super) fn new(foreground: Color, background: Color, modifier: Modifier) -> Self {
        Pen {
            foreground,
            background,
            modifier,
            link: None,
        }
    }

    /// The pen that writes a link besides; `color` is that of the underline.
    pub(super) fn linked(self, color: Color) -> Self {
        Pen {
            link: Link::of_color(color),
            ..self
        }
    }

    /// The pen of a style; what the style leaves open is the terminal's own.
    pub(super) fn of(style: Style) -> Self {
        Pen::new(
            style.fg.unwrap_or(Color::Reset),
            style.bg.unwrap_or(Color::Reset),
            style.add_modifier - style.sub_modifier,
        )
        .linked(style.underline_color.unwrap_or(Color::Reset))
    }

    /// Changes this pen to `next`.
    pub(super) fn change(&mut self, next: Pen, out: &mut Vec<u8>) {
        if self.link != next.link {
            link(next.link, out);
            self.link = next.link;
        }
        if *self == next {
            return;
        }
        out.extend_from_slice(b"\x1b[");
        let start = out.len();
        if self.modifier != next.modifier {
            out.extend_from_slice(b"0;");
            *self = Pen {
                link: self.link,
                ..Pen::default()
            };
            for (flag, code) in ATTRIBUTES {
                if next.modifier.contains(flag) {
                    let _ = write!(out, "{code};");
                }
            }
        }
        if self.foreground != next.foreground {
            color(next.foreground, 30, out);
        }
        if self.background != next.background {
            color(next.background, 40, out);
        }
        // Each parameter brought a separator; the last one becomes the end.
        if out.len() > start {
            out.pop();
        }
        out.push(b'm');
        *self = next;
    }
}

const ATTRIBUTES: [(Modifier, u8); 9] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::RAPID_BLINK, 6),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

/// Begins a link, or ends the one that is open. Rows of one link have its number in common, so that
/// the terminal shows them as one.
fn link(link: Option<Link>, out: &mut Vec<u8>) {
    let address = link.and_then(|link| Some((link.number(), link.address()?)));
    let _ = match address {
        Some((number, address)) => write!(out, "\x1b]8;id=pi{number};{address}\x1b\\"),
        None => write!(out, "\x1b]8;;\x1b\\"),
    };
}

/// `base` is 30 for the foreground, 40 for the background; writing to memory cannot fail.
fn color(color: Color, base: u8, out: &mut Vec<u8>) {
    let basic = |number: u8| base + number;
    let bright = |number: u8| base + 60 + number;
    let code = match color {
        Color::Reset => base + 9,
        Color::Black => basic(0),
        Color::Red => basic(1),
        Color::Green => basic(2),
        Color::Yellow => basic(3),
        Color::Blue => basic(4),
        Color::Magenta => basic(5),
        Color::Cyan => basic(6),
        Color::Gray => basic(7),
        Color::DarkGray => bright(0),
        Color::LightRed => bright(1),
        Color::LightGreen => bright(2),
        Color::LightYellow => bright(3),
        Color::LightBlue => bright(4),
        Color::LightMagenta => bright(5),
        Color::LightCyan => bright(6),
        Color::White => bright(7),
        Color::Indexed(index) => {
            let _ = write!(out, "{};5;{index};", base + 8);
            return;
        }
        Color::Rgb(red, green, blue) => {
            let _ = write!(out, "{};2;{red};{green};{blue};", base + 8);
            return;
        }
    };
    let _ = write!(out, "{code};");
}
