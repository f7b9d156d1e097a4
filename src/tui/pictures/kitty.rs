//! Kitty's graphics protocol: how a picture is sent whose cells the terminal itself takes for it.
//! <https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders>

use std::fmt::Write;

use ratatui::style::Color;

use super::table::{Tell, untold};

/// The character that stands for a part of a picture.
pub const PLACEHOLDER: char = '\u{10eeee}';

/// Bytes that are sent at once.
const PIECE: usize = 4096;

/// What the terminal is to be sent before it shows a cell of this text and colour, if anything: the
/// picture, once.
pub fn transmission(symbol: &str, color: Color) -> Option<String> {
    if !symbol.starts_with(PLACEHOLDER) {
        return None;
    }
    let Color::Rgb(red, green, blue) = color else {
        return None;
    };
    let number = u32::from_be_bytes([0, red, green, blue]);
    let (png, (columns, rows)) = match untold(number)? {
        Tell::Picture(png, size) => (png, size),
        Tell::Size((columns, rows)) => {
            let place = format!("a=p,U=1,q=2,i={number},p=1,c={columns},r={rows}");
            return Some(format!("\x1b_G{place}\x1b\\"));
        }
    };
    let mut out = String::with_capacity(png.len() + png.len() / 200 + 100);
    let mut head = format!("a=T,U=1,q=2,f=100,i={number},p=1,c={columns},r={rows},");
    let mut rest: &str = &png;
    loop {
        let (piece, more) = rest.split_at(rest.len().min(PIECE));
        let is_more = u8::from(!more.is_empty());
        let _ = write!(out, "\x1b_G{head}m={is_more};{piece}\x1b\\");
        if is_more == 0 {
            return Some(out);
        }
        head = "q=2,".into();
        rest = more;
    }
}
