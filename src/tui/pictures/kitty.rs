//! Kitty's graphics protocol: how a picture is sent, and the cells that stand for it.
//! <https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders>

use std::fmt::Write;

use ratatui::style::{Color, Style};
use ratatui::text::Span;

use super::table::{Size, Tell, untold};
use crate::tui::markdown::wrap::Row;

/// The character that stands for a part of a picture.
pub const PLACEHOLDER: char = '\u{10eeee}';

/// A cell's width and height in pixels, where nothing better is known.
const CELL: (u32, u32) = (9, 18);
/// Rows of a picture, at most.
const MOST_ROWS: usize = 32;
/// Bytes that are sent at once.
const PIECE: usize = 4096;

/// The marks that number rows and columns, as the protocol lists them.
const NUMBERS: [u32; 120] = [
    0x305, 0x30d, 0x30e, 0x310, 0x312, 0x33d, 0x33e, 0x33f, 0x346, 0x34a, 0x34b, 0x34c, 0x350,
    0x351, 0x352, 0x357, 0x35b, 0x363, 0x364, 0x365, 0x366, 0x367, 0x368, 0x369, 0x36a, 0x36b,
    0x36c, 0x36d, 0x36e, 0x36f, 0x483, 0x484, 0x485, 0x486, 0x487, 0x592, 0x593, 0x594, 0x595,
    0x597, 0x598, 0x599, 0x59c, 0x59d, 0x59e, 0x59f, 0x5a0, 0x5a1, 0x5a8, 0x5a9, 0x5ab, 0x5ac,
    0x5af, 0x5c4, 0x610, 0x611, 0x612, 0x613, 0x614, 0x615, 0x616, 0x617, 0x657, 0x658, 0x659,
    0x65a, 0x65b, 0x65d, 0x65e, 0x6d6, 0x6d7, 0x6d8, 0x6d9, 0x6da, 0x6db, 0x6dc, 0x6df, 0x6e0,
    0x6e1, 0x6e2, 0x6e4, 0x6e7, 0x6e8, 0x6eb, 0x6ec, 0x730, 0x732, 0x733, 0x735, 0x736, 0x73a,
    0x73d, 0x73f, 0x740, 0x741, 0x743, 0x745, 0x747, 0x749, 0x74a, 0x7eb, 0x7ec, 0x7ed, 0x7ee,
    0x7ef, 0x7f0, 0x7f1, 0x7f3, 0x816, 0x817, 0x818, 0x819, 0x81b, 0x81c, 0x81d, 0x81e, 0x81f,
    0x820, 0x821, 0x822,
];

/// The columns and rows of a picture of so many pixels: never larger than it is.
pub(super) fn size(pixels: (u32, u32), most: usize) -> Size {
    let columns = |rows: usize| {
        let width = rows as f64 * f64::from(pixels.0) / f64::from(pixels.1);
        width * f64::from(CELL.1) / f64::from(CELL.0)
    };
    let natural = pixels.0.div_ceil(CELL.0) as usize;
    let wide = natural.min(most).min(NUMBERS.len()).max(1);
    let wide = (wide as f64).min(columns(MOST_ROWS)).max(1.0);
    let rows = wide * f64::from(CELL.0) * f64::from(pixels.1);
    let rows = (rows / f64::from(CELL.1) / f64::from(pixels.0)).round() as usize;
    (wide as usize, rows.clamp(1, MOST_ROWS))
}

/// The cells of a picture.
pub(super) fn rows(number: u32, (columns, rows): Size) -> Vec<Row> {
    let [_, red, green, blue] = number.to_be_bytes();
    let style = Style::new().fg(Color::Rgb(red, green, blue));
    let mark = |at: usize| NUMBERS.get(at).copied().and_then(char::from_u32);
    let row = |row: usize| {
        let cells = (0..columns).flat_map(|column| [Some(PLACEHOLDER), mark(row), mark(column)]);
        vec![Span::styled(cells.flatten().collect::<String>(), style)]
    };
    (0..rows).map(row).collect()
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_shape_and_is_not_enlarged() {
        assert_eq!(size((1200, 800), 60), (60, 20));
        assert_eq!(size((90, 90), 60), (10, 5));
        assert_eq!(size((100, 10_000), 60), (1, 32));
        assert_eq!(size((10_000, 1), 60), (60, 1));
        assert_eq!(size((1, 1), 1), (1, 1));
    }
}
