//! The cells that stand for a picture: a character that text never has, with two marks that number its row
//! and column, in a colour that is the picture's number. Kitty takes such cells for the picture; on other
//! terminals they are blanks here, over which the picture is drawn.
//! <https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders>

use ratatui::style::{Color, Style};
use ratatui::text::Span;

use super::protocol::Protocol;
use super::table::Size;
use crate::tui::markdown::wrap::Row;

/// A cell's width and height in pixels, where nothing better is known.
pub(super) const CELL: Pixels = (9, 18);
/// Rows of a picture, at most.
const MOST_ROWS: usize = 32;

/// Width and height in pixels.
pub(super) type Pixels = (u32, u32);

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
pub(super) fn size(pixels: Pixels, most: usize, cell: Pixels) -> Size {
    let columns = |rows: usize| {
        let width = rows as f64 * f64::from(pixels.0) / f64::from(pixels.1);
        width * f64::from(cell.1) / f64::from(cell.0)
    };
    let natural = pixels.0.div_ceil(cell.0) as usize;
    let wide = natural.min(most).min(NUMBERS.len()).max(1);
    let wide = (wide as f64).min(columns(MOST_ROWS)).max(1.0);
    let rows = wide * f64::from(cell.0) * f64::from(pixels.1);
    let rows = (rows / f64::from(cell.1) / f64::from(pixels.0)).round() as usize;
    (wide as usize, rows.clamp(1, MOST_ROWS))
}

/// The cells of a picture.
pub(super) fn rows(protocol: Protocol, number: u32, (columns, rows): Size) -> Vec<Row> {
    let placeholder = protocol.placeholder();
    let [_, red, green, blue] = number.to_be_bytes();
    let style = Style::new().fg(Color::Rgb(red, green, blue));
    let mark = |at: usize| NUMBERS.get(at).copied().and_then(char::from_u32);
    let row = |row: usize| {
        let cells = (0..columns).flat_map(|column| [Some(placeholder), mark(row), mark(column)]);
        vec![Span::styled(cells.flatten().collect::<String>(), style)]
    };
    (0..rows).map(row).collect()
}

/// The number, row and column that a cell of this text and colour stands for.
pub(super) fn place(symbol: &str, color: Color) -> Option<(Protocol, u32, u16, u16)> {
    let mut chars = symbol.chars();
    let protocol = Protocol::of(chars.next()?)?;
    let Color::Rgb(red, green, blue) = color else {
        return None;
    };
    let mut number = || {
        let at = NUMBERS.binary_search(&u32::from(chars.next()?)).ok()?;
        u16::try_from(at).ok()
    };
    let (row, column) = (number()?, number()?);
    let number = u32::from_be_bytes([0, red, green, blue]);
    Some((protocol, number, row, column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_shape_and_is_not_enlarged() {
        let size = |pixels, most| super::size(pixels, most, CELL);
        assert_eq!(size((1200, 800), 60), (60, 20));
        assert_eq!(size((90, 90), 60), (10, 5));
        assert_eq!(size((100, 10_000), 60), (1, 32));
        assert_eq!(size((10_000, 1), 60), (60, 1));
        assert_eq!(size((1, 1), 1), (1, 1));
        assert_eq!(super::size((90, 90), 60, (10, 10)), (9, 9), "square cells");
    }

    #[test]
    fn a_cell_tells_which_part_it_stands_for() {
        let rows = rows(Protocol::Sixel, 0x01_02_03, (3, 40));
        let text: Vec<char> = rows[39][0].content.chars().collect();
        let cell: String = text[6..].iter().collect();
        let color = Color::Rgb(1, 2, 3);
        assert_eq!(
            place(&cell, color),
            Some((Protocol::Sixel, 0x01_02_03, 39, 2))
        );
        assert_eq!(place("x", color), None);
        assert_eq!(place(&cell[..4], color), None, "without its marks");
        assert_eq!(place(&cell, Color::Red), None);
    }
}
