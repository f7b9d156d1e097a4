//! What has only moved: rows that stand elsewhere than in the frame before need not be written again,
//! the terminal moves them itself (DECSTBM and SU or SD, as in ECMA-48 and DEC's VT100).
//!
//! An answer that streams moves all rows above it with every new one; without this a frame is most of the
//! screen, with it a row.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use ratatui::buffer::{Buffer, Cell};

/// Fewer rows than this are written again sooner than moved.
const WORTH: usize = 3;

/// Rows that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shift {
    /// The rows that the terminal moves within.
    pub rows: Range<u16>,
    /// By how many; up when positive.
    pub up: i32,
}

impl Shift {
    /// What moved between two frames of one size, if moving it is worth it.
    pub fn between(before: &Buffer, now: &Buffer) -> Option<Shift> {
        if before.area != now.area || before.area.is_empty() {
            return None;
        }
        let changed = rows(before).zip(rows(now)).filter(|(was, is)| was != is);
        if changed.take(WORTH).count() < WORTH {
            return None;
        }
        let (before, now) = (prints(before), prints(now));
        let up = (1..now.len()).map(|by| (best_run(&before, &now, by), by, true));
        let down = (1..now.len()).map(|by| (best_run(&now, &before, by), by, false));
        let ((saved, run), by, is_up) = up.chain(down).max_by_key(|((saved, _), by, is_up)| {
            // Of equals the smaller motion, and up before down.
            (*saved, usize::MAX - by, *is_up)
        })?;
        if saved < WORTH {
            return None;
        }
        let rows = u16::try_from(run.start).ok()?..u16::try_from(run.end + by).ok()?;
        let by = i32::try_from(by).ok()?;
        Some(Shift {
            rows,
            up: if is_up { by } else { -by },
        })
    }

    /// The frame as it is once the terminal has moved the rows: those that came in are blank.
    pub fn apply(&self, buffer: &mut Buffer) {
        let width = usize::from(buffer.area.width);
        let cell = |row: u16| usize::from(row - buffer.area.y) * width;
        let moved = cell(self.rows.start)..cell(self.rows.end);
        let Some(content) = buffer.content.get_mut(moved) else {
            return;
        };
        let by = (self.up.unsigned_abs() as usize * width).min(content.len());
        let blank = if self.up > 0 {
            content.rotate_left(by);
            content.len() - by..content.len()
        } else {
            content.rotate_right(by);
            0..by
        };
        for cell in &mut content[blank] {
            cell.reset();
        }
    }

    /// Where a row stands after the motion; `None` when it is gone.
    pub fn place(&self, row: u16) -> Option<u16> {
        if !self.rows.contains(&row) {
            return Some(row);
        }
        let row = u16::try_from(i32::from(row) - self.up).ok()?;
        self.rows.contains(&row).then_some(row)
    }
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buffer.content.chunks(usize::from(buffer.area.width).max(1))
}

/// A number for each row; equal rows have equal ones. Blank rows have none.
fn prints(buffer: &Buffer) -> Vec<Option<u64>> {
    let print = |row: &[Cell]| {
        if row.iter().all(|cell| *cell == Cell::EMPTY) {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        row.hash(&mut hasher);
        Some(hasher.finish())
    };
    rows(buffer).map(print).collect()
}

/// The rows of `low` that are those of `high` moved up by so many: the run that saves most, and how many
/// rows it saves writing.
fn best_run(high: &[Option<u64>], low: &[Option<u64>], by: usize) -> (usize, Range<usize>) {
    let mut best = (0, 0..0);
    let mut run = (0, 0..0);
    for at in 0..low.len().saturating_sub(by) {
        if low[at] == high[at + by] {
            run.1.end = at + 1;
            if low[at].is_some() && low[at] != high[at] {
                run.0 += 1;
            }
        } else {
            run = (0, at + 1..at + 1);
        }
        if run.0 > best.0 {
            best = run.clone();
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn buffer(rows: &[&str]) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, rows.len() as u16));
        for (y, row) in (0..).zip(rows) {
            buffer.set_string(0, y, row, Style::new());
        }
        buffer
    }

    fn shift(before: &[&str], now: &[&str]) -> Option<(Range<u16>, i32)> {
        let shift = Shift::between(&buffer(before), &buffer(now))?;
        Some((shift.rows, shift.up))
    }

    #[test]
    fn rows_that_moved_up_above_rows_that_stay_are_found() {
        let before = ["a", "b", "", "c", "d", "---", "foot"];
        let now = ["b", "", "c", "d", "e", "---", "foot"];
        assert_eq!(shift(&before, &now), Some((0..5, 1)));
        let mut moved = buffer(&before);
        Shift { rows: 0..5, up: 1 }.apply(&mut moved);
        assert_eq!(moved, buffer(&["b", "", "c", "d", "", "---", "foot"]));
    }

    #[test]
    fn rows_that_moved_down_are_found_too() {
        let before = ["a", "b", "c", "d", "foot"];
        let now = ["y", "z", "a", "b", "foot"];
        assert_eq!(shift(&before, &now), None, "two rows are not worth it");
        let before = ["a", "b", "c", "d", "e", "foot"];
        let now = ["z", "a", "b", "c", "d", "foot"];
        assert_eq!(shift(&before, &now), Some((0..5, -1)));
        let mut moved = buffer(&before);
        Shift { rows: 0..5, up: -1 }.apply(&mut moved);
        assert_eq!(moved, buffer(&["", "a", "b", "c", "d", "foot"]));
    }

    #[test]
    fn what_stands_still_or_is_new_is_not_moved() {
        let rows = ["a", "b", "c", "d"];
        assert_eq!(shift(&rows, &rows), None);
        assert_eq!(shift(&rows, &["e", "f", "g", "h"]), None);
        assert_eq!(shift(&["", "", "", ""], &rows), None);
        assert_eq!(shift(&["x", "x", "x", "x"], &["x", "x", "x", "y"]), None);
    }

    #[test]
    fn a_row_is_followed_to_its_new_place() {
        let up = Shift { rows: 2..6, up: 2 };
        assert_eq!(
            [1, 2, 4, 6].map(|row| up.place(row)),
            [Some(1), None, Some(2), Some(6)]
        );
    }
}
