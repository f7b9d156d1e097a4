//! Two terminals: one that wraps its rows anew when it is resized, and one that cuts them.

use std::num::NonZeroU16;

use alacritty_terminal::Term;
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::Config;
use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::vte::ansi::Processor;

/// More rows than any test writes.
const SCROLLBACK: usize = 100_000;

/// A terminal's rows.
pub trait Grid {
    fn feed(&mut self, bytes: &[u8]);
    fn resize(&mut self, columns: u16, rows: u16);
    /// All rows from the first in the scrollback on, without the blanks at their ends and without the
    /// blank ones below.
    fn rows(&mut self) -> Vec<String>;
    /// The text of the row with the cursor, and its column.
    fn caret(&mut self) -> (String, u16);
}

/// The rows are wrapped anew.
pub struct Reflowing {
    term: Term<VoidListener>,
    parser: Processor,
}

struct Size(usize, usize);

impl Dimensions for Size {
    fn total_lines(&self) -> usize {
        self.1
    }

    fn screen_lines(&self) -> usize {
        self.1
    }

    fn columns(&self) -> usize {
        self.0
    }
}

impl Reflowing {
    pub fn new(columns: u16, rows: u16) -> Self {
        let config = Config {
            scrolling_history: SCROLLBACK,
            ..Config::default()
        };
        let size = Size(columns.into(), rows.into());
        Reflowing {
            term: Term::new(config, &size, VoidListener),
            parser: Processor::new(),
        }
    }

    fn row(&self, line: i32) -> String {
        let row = &self.term.grid()[Line(line)];
        let mut text = String::new();
        for column in 0..self.term.columns() {
            let cell = &row[Column(column)];
            let spacers = Flags::WIDE_CHAR_SPACER | Flags::LEADING_WIDE_CHAR_SPACER;
            if !cell.flags.intersects(spacers) {
                text.push(cell.c);
                text.extend(cell.zerowidth().into_iter().flatten());
            }
        }
        text.truncate(text.trim_end().len());
        text
    }
}

impl Grid for Reflowing {
    fn feed(&mut self, bytes: &[u8]) {
        self.parser.advance(&mut self.term, bytes);
        assert_eq!(
            self.parser.sync_bytes_count(),
            0,
            "an update was not closed"
        );
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        self.term.resize(Size(columns.into(), rows.into()));
    }

    fn rows(&mut self) -> Vec<String> {
        let first = -i32::try_from(self.term.history_size()).unwrap();
        let last = i32::try_from(self.term.screen_lines()).unwrap();
        without_blanks((first..last).map(|line| self.row(line)).collect())
    }

    fn caret(&mut self) -> (String, u16) {
        let at = self.term.grid().cursor.point;
        (self.row(at.line.0), u16::try_from(at.column.0).unwrap())
    }
}

/// The rows are cut, and so are those at the bottom.
pub struct Cutting(vt100::Parser, u16, u16);

impl Cutting {
    pub fn new(columns: u16, rows: u16) -> Self {
        let parser = vt100::Parser::new(some(rows), some(columns), SCROLLBACK);
        Cutting(parser, columns, rows)
    }

    fn screen(&self) -> Vec<String> {
        let rows = self.0.screen().rows(0, self.1);
        rows.map(|row| row.trim_end().to_owned()).collect()
    }
}

impl Grid for Cutting {
    fn feed(&mut self, bytes: &[u8]) {
        self.0.process(bytes);
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        self.0.screen_mut().set_size(some(rows), some(columns));
        (self.1, self.2) = (columns, rows);
    }

    fn rows(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        let mut above = self.0.screen().scrollback_len();
        while above > 0 {
            self.0.screen_mut().set_scrollback(above);
            let shown = above.min(usize::from(self.2));
            all.extend(self.screen().into_iter().take(shown));
            above -= shown;
        }
        self.0.screen_mut().set_scrollback(0);
        all.extend(self.screen());
        without_blanks(all)
    }

    fn caret(&mut self) -> (String, u16) {
        let (row, column) = self.0.screen().cursor_position();
        (self.screen()[usize::from(row)].clone(), column)
    }
}

/// Rows without the blank ones at the end.
pub fn without_blanks(mut rows: Vec<String>) -> Vec<String> {
    let end = rows.iter().rposition(|row| !row.is_empty());
    rows.truncate(end.map_or(0, |last| last + 1));
    rows
}

fn some(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}
