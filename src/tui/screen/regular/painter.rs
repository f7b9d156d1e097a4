//! Frames as bytes for a terminal that scrolls. Knows which rows the screen shows and moves only among
//! those; where on the screen they are it need not know.
//!
//! ```text
//!   ┆ scrolled away         ┆   never touched again
//!   ├ shown[0] ─────────────┤   the highest row that is certainly on the screen
//!   │ … lasting rows        │
//!   ├ shown[lasting] ───────┤
//!   │ live rows, the block  │   rewritten where they differ
//!   ├ shown.len() ──────────┤
//!   │ blank                 │   where a higher block has been
//!   └ reach ────────────────┘   the next new row scrolls, if this is the screen's last
//! ```

use std::collections::VecDeque;
use std::io::Write;

use ratatui::layout::Position;

use super::frame::Rows;
use super::row::{Row, column};

/// Nothing half done is shown, nothing wraps by itself, no caret flickers.
const BEGIN: &[u8] = b"\x1b[?2026h\x1b[?25l\x1b[?7l";
const END: &[u8] = b"\x1b[?7h\x1b[?2026l";

/// The screen and what has scrolled off it.
pub(in crate::tui::screen) const CLEAR: &[u8] = b"\x1b[0m\x1b[H\x1b[2J\x1b[3J";

/// Fewer rows than this are written again sooner than moved.
const WORTH: usize = 2;

/// What the terminal shows of us.
#[derive(Debug)]
pub struct Painter {
    shown: VecDeque<Row>,
    /// So many of them stay.
    lasting: usize,
    /// The row that the cursor is in.
    at: usize,
    /// Rows that there are, the blank ones at the end too.
    reach: usize,
    /// Where the caret shows.
    caret: Option<(usize, u16)>,
    /// Whether anything of ours is, or was, above the cursor.
    begun: bool,
    /// Whether what is below the cursor is ours.
    ours: bool,
    out: Vec<u8>,
}

impl Default for Painter {
    fn default() -> Self {
        Painter {
            shown: VecDeque::new(),
            lasting: 0,
            at: 0,
            reach: 1,
            caret: None,
            begun: false,
            ours: false,
            out: Vec::new(),
        }
    }
}

impl Painter {
    /// Whether rows of ours may be in the scrollback.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// The bytes of a frame on a screen of this size; none when nothing changes.
    pub fn paint(&mut self, (width, height): (u16, u16), rows: Rows) -> &[u8] {
        let height = usize::from(height).max(1);
        self.out.clear();
        self.out.extend_from_slice(BEGIN);
        if rows.again && self.begun {
            self.forget();
            self.out.extend_from_slice(CLEAR);
        } else if !self.ours {
            self.out.extend_from_slice(b"\r\x1b[J");
        }
        self.begun = true;
        self.ours = true;
        let caret = self.write(width, height, rows);
        let moved = std::mem::replace(&mut self.caret, caret) != caret;
        if self.out.len() == BEGIN.len() && !moved {
            return &[];
        }
        if let Some((row, x)) = caret {
            self.go_to(row);
            column(usize::from(x), &mut self.out);
            self.out.extend_from_slice(b"\x1b[?25h");
        }
        self.out.extend_from_slice(END);
        &self.out
    }

    /// Writes the rows; returns where the caret belongs.
    fn write(&mut self, width: u16, height: usize, rows: Rows) -> Option<(usize, u16)> {
        let live = rows.live.into_iter().map(|line| Row::of(line, width));
        let mut below: Vec<Row> = live.chain(Row::all_of(&rows.block)).collect();
        // They must not scroll away.
        below.drain(..below.len().saturating_sub(height));
        let mut before = std::mem::take(&mut self.shown);
        self.shown = before.drain(..self.lasting.min(before.len())).collect();
        let first = self.shown.len();
        self.lasting = first + rows.lasting.len();
        let end = self.lasting + below.len();
        self.make_room(first, &mut before, &below, end, height);
        let lines = rows.lasting.into_iter().map(|line| Row::of(line, width));
        for (at, row) in (first..).zip(lines.chain(below)) {
            let old = before.pop_front();
            let is_same = match &old {
                Some(old) => *old == row,
                None => at < self.reach && row == Row::default(),
            };
            if !is_same {
                self.go_to(at);
                row.write_over(&old.unwrap_or_default(), width, &mut self.out);
            }
            self.shown.push_back(row);
            if self.shown.len() > height {
                self.shown.pop_front();
            }
        }
        if !before.is_empty() {
            self.go_to(end);
            self.out.extend_from_slice(b"\r\x1b[J");
        }
        self.scroll(end, height);
        let Position { x, y } = rows.caret?;
        let from_end = usize::from(rows.block.area.height.saturating_sub(y));
        Some((self.shown.len().checked_sub(from_end)?, x))
    }

    /// Rows at the end that only move down are moved by the terminal: new rows are made at the end, and
    /// as many blank ones above those that move. `before` is what the screen shows behind the `first`
    /// rows, which stay.
    fn make_room(
        &mut self,
        first: usize,
        before: &mut VecDeque<Row>,
        below: &[Row],
        end: usize,
        height: usize,
    ) {
        let more = end.saturating_sub(first + before.len());
        let same = before.iter().rev().zip(below.iter().rev());
        let moving = same.take_while(|(was, is)| was == is).count();
        // What is not yet as it will be must not scroll away.
        let reach = self.reach.max(end);
        if more == 0 || moving < WORTH || reach - reach.min(height) > first {
            return;
        }
        self.go_to(end - 1);
        let moved = before.split_off(before.len() - moving);
        self.go_to(first + before.len());
        // Writing to memory cannot fail.
        let _ = write!(self.out, "\x1b[{more}L");
        before.extend(std::iter::repeat_n(Row::default(), more));
        before.extend(moved);
    }

    /// Counts from the highest row that is certainly on the screen; `end` rows were counted from the
    /// one before.
    fn scroll(&mut self, end: usize, height: usize) {
        let gone = self.reach.saturating_sub(height);
        let held = end - self.shown.len();
        self.shown
            .drain(..gone.saturating_sub(held).min(self.shown.len()));
        self.reach -= gone;
        self.at = self.at.saturating_sub(gone);
        self.lasting = self.lasting.saturating_sub(gone);
    }

    /// Takes away what does not stay; the cursor is where other programs may go on.
    pub fn close(&mut self) -> &[u8] {
        self.out.clear();
        if self.ours {
            self.out.extend_from_slice(BEGIN);
            self.go_to(self.lasting);
            self.out.extend_from_slice(b"\r\x1b[J");
            self.out.extend_from_slice(END);
        }
        self.forget();
        &self.out
    }

    /// What is on the screen is no longer known.
    fn forget(&mut self) {
        self.shown.clear();
        self.lasting = 0;
        self.at = 0;
        self.reach = 1;
        self.caret = None;
        self.ours = false;
    }

    /// Goes to a row, and makes it when it is below all there are.
    fn go_to(&mut self, row: usize) {
        let near = row.min(self.reach - 1);
        // Writing to memory cannot fail.
        let _ = match near.cmp(&self.at) {
            std::cmp::Ordering::Less => write!(self.out, "\x1b[{}A", self.at - near),
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => write!(self.out, "\x1b[{}B", near - self.at),
        };
        for _ in near..row {
            self.out.extend_from_slice(b"\r\n");
        }
        self.reach = self.reach.max(row + 1);
        self.at = row;
    }
}
