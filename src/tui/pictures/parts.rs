//! The pictures in a frame that are to be drawn over blank cells: which rows of which, and where.

use std::collections::BTreeMap;
use std::ops::Range;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;

use super::protocol::Protocol;
use super::{cells, drawn};

/// The rows of a picture that are seen, one below the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    number: u32,
    rows: Range<usize>,
    /// The cells that it takes.
    pub area: Rect,
}

/// Whether a cell of this text stands for a part of a picture that is drawn over it: it is blank then.
pub fn is_drawn_over(symbol: &str) -> bool {
    let protocol = symbol.chars().next().and_then(Protocol::of);
    protocol.is_some_and(|protocol| protocol != Protocol::Kitty)
}

/// The parts of pictures in a frame. A row that is not seen from one side to the other is left blank, and
/// so is one in the last row of the screen: terminals scroll when a picture ends there.
pub fn parts(frame: &Buffer) -> Vec<Part> {
    // By number and where its first cell would be, the rows and how many cells are seen of each.
    let mut seen: BTreeMap<(u32, i32, i32), BTreeMap<u16, usize>> = BTreeMap::new();
    let area = frame.area;
    let rows = frame.content.chunks(usize::from(area.width).max(1));
    for (y, row) in (area.y..area.bottom().saturating_sub(1)).zip(rows) {
        for (x, cell) in (area.x..).zip(row) {
            if let Some((number, row, column)) = place(cell) {
                let left = i32::from(x) - i32::from(column);
                let top = i32::from(y) - i32::from(row);
                let rows = seen.entry((number, left, top)).or_default();
                *rows.entry(row).or_default() += 1;
            }
        }
    }
    let part = |((number, left, top), rows)| part(number, (left, top), &rows);
    seen.into_iter().filter_map(part).collect()
}

fn part(number: u32, (left, top): (i32, i32), rows: &BTreeMap<u16, usize>) -> Option<Part> {
    let (columns, _) = drawn::size(number)?;
    let mut whole = rows.iter().filter(|(_, cells)| **cells == columns);
    let first = *whole.next()?.0;
    let more = (first + 1..)
        .zip(whole)
        .take_while(|(next, (row, _))| next == *row);
    let height = u16::try_from(more.count()).ok()? + 1;
    let area = Rect {
        x: u16::try_from(left).ok()?,
        y: u16::try_from(top + i32::from(first)).ok()?,
        width: u16::try_from(columns).ok()?,
        height,
    };
    Some(Part {
        number,
        rows: usize::from(first)..usize::from(first + height),
        area,
    })
}

fn place(cell: &Cell) -> Option<(u32, u16, u16)> {
    let (protocol, number, row, column) = cells::place(cell.symbol(), cell.fg)?;
    (protocol != Protocol::Kitty).then_some((number, row, column))
}

impl Part {
    /// What draws it, the cursor being in its first cell.
    pub fn drawing(&self) -> Option<String> {
        drawn::drawing(self.number, self.rows.clone())
    }
}
