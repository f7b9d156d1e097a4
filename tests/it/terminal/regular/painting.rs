//! Frames without an app: what is written, and what is left alone.

use pi::tui::screen::{Painter, Rows};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Line;

use super::grid::{Cutting, Grid, Reflowing};

const SIZE: (u16, u16) = (20, 6);

fn rows(lasting: &[&str], live: &[&str], block: &[&str]) -> Rows {
    let lines = |rows: &[&str]| -> Vec<Line<'static>> {
        rows.iter()
            .map(|row| Line::from((*row).to_owned()))
            .collect()
    };
    let height = u16::try_from(block.len()).unwrap();
    let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, height));
    for (y, row) in (0..).zip(block) {
        buffer.set_string(0, y, row, Style::new());
    }
    Rows {
        again: false,
        lasting: lines(lasting),
        live: lines(live),
        block: buffer,
        caret: (height > 0).then_some(Position { x: 2, y: 0 }),
    }
}

struct Stage {
    painter: Painter,
    grids: [Box<dyn Grid>; 2],
}

impl Stage {
    fn new() -> Self {
        let (columns, rows) = SIZE;
        let mut grids: [Box<dyn Grid>; 2] = [
            Box::new(Reflowing::new(columns, rows)),
            Box::new(Cutting::new(columns, rows)),
        ];
        for grid in &mut grids {
            grid.feed(b"$ pi\r\n");
        }
        Stage {
            painter: Painter::default(),
            grids,
        }
    }

    fn paint(&mut self, rows: Rows) -> String {
        let bytes = self.painter.paint(SIZE, rows).to_vec();
        self.feed(&bytes);
        String::from_utf8(bytes).unwrap()
    }

    fn feed(&mut self, bytes: &[u8]) {
        for grid in &mut self.grids {
            grid.feed(bytes);
        }
    }

    #[track_caller]
    fn shows(&mut self, expected: &[&str]) {
        for grid in &mut self.grids {
            assert_eq!(grid.rows(), expected);
        }
    }
}

#[test]
fn what_stays_scrolls_away_and_what_changes_is_written_where_it_stands() {
    let mut stage = Stage::new();
    stage.paint(rows(&["one"], &["two…"], &["> edit", "foot"]));
    stage.shows(&["$ pi", "one", "two…", "> edit", "foot"]);
    stage.paint(rows(&["two"], &["three…"], &["> edit", "foot"]));
    stage.shows(&["$ pi", "one", "two", "three…", "> edit", "foot"]);
    stage.paint(rows(
        &["three", "four", "five"],
        &["six…"],
        &["> edit", "foot"],
    ));
    stage.shows(&[
        "$ pi", "one", "two", "three", "four", "five", "six…", "> edit", "foot",
    ]);
    let same = stage.paint(rows(&[], &["six…"], &["> edit", "foot"]));
    assert_eq!(same, "");
    // The cursor goes up two rows from the caret, says what is new, and goes back.
    let one = stage.paint(rows(&[], &["six or"], &["> edit", "foot"]));
    assert_eq!(
        one,
        "\x1b[?2026h\x1b[?25l\x1b[?7l\x1b[1A\x1b[4G or\x1b[1B\x1b[3G\x1b[?25h\x1b[?7h\x1b[?2026l"
    );
}

#[test]
fn more_rows_at_once_than_the_screen_has_are_all_there() {
    let mut stage = Stage::new();
    stage.paint(rows(&[], &["live"], &["> edit"]));
    let many: Vec<String> = (0..50).map(|row| format!("row {row}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    stage.paint(rows(&many, &["live"], &["> edit"]));
    let expected = [&["$ pi"], &many[..], &["live", "> edit"]].concat();
    stage.shows(&expected);
}

#[test]
fn a_block_that_was_higher_leaves_nothing_behind() {
    let mut stage = Stage::new();
    stage.paint(rows(&["one", "two"], &[], &["> edit"]));
    let panel = ["panel", "a", "b", "c", "d", "e"];
    stage.paint(rows(&[], &[], &panel));
    stage.shows(&[&["$ pi", "one", "two"], &panel[..]].concat());
    stage.paint(rows(&["three"], &[], &["> edit"]));
    stage.shows(&["$ pi", "one", "two", "three", "> edit"]);
    // What is free below is used before anything scrolls.
    stage.paint(rows(&["four", "five"], &["…"], &["> edit"]));
    stage.shows(&["$ pi", "one", "two", "three", "four", "five", "…", "> edit"]);
}

#[test]
fn what_may_change_never_scrolls_away() {
    let mut stage = Stage::new();
    let live = ["1", "2", "3", "4", "5", "6", "7"];
    stage.paint(rows(&["one"], &live, &["> edit"]));
    stage.shows(&["$ pi", "one", "3", "4", "5", "6", "7", "> edit"]);
    stage.paint(rows(&live, &[], &["> edit"]));
    stage.shows(&[&["$ pi", "one"], &live[..], &["> edit"]].concat());
}

#[test]
fn beginning_again_clears_the_scrollback_and_the_first_time_does_not() {
    let mut stage = Stage::new();
    let mut first = rows(&["one"], &[], &["> edit"]);
    first.again = true;
    stage.paint(first);
    stage.shows(&["$ pi", "one", "> edit"]);
    let mut again = rows(&["uno", "dos"], &[], &["> edit"]);
    again.again = true;
    stage.paint(again);
    stage.shows(&["uno", "dos", "> edit"]);
}

#[test]
fn what_is_given_back_has_what_stays_and_goes_on_below_the_shell() {
    let mut stage = Stage::new();
    stage.paint(rows(&["one"], &["live"], &["> edit", "foot"]));
    let bytes = stage.painter.close().to_vec();
    stage.feed(&bytes);
    stage.feed(b"[1]+ Stopped\r\n$ fg\r\n");
    stage.shows(&["$ pi", "one", "[1]+ Stopped", "$ fg"]);
    stage.paint(rows(&["two"], &["live"], &["> edit"]));
    stage.shows(&[
        "$ pi",
        "one",
        "[1]+ Stopped",
        "$ fg",
        "two",
        "live",
        "> edit",
    ]);
    // The last frame is what stays alone.
    stage.paint(rows(&["live"], &[], &[]));
    let bytes = stage.painter.close().to_vec();
    stage.feed(&bytes);
    stage.feed(b"$ ");
    stage.shows(&["$ pi", "one", "[1]+ Stopped", "$ fg", "two", "live", "$"]);
}

#[test]
fn a_row_that_terminals_draw_wider_than_we_count_does_not_wrap() {
    let mut stage = Stage::new();
    // A flag in the last columns, which the one terminal takes for two wide characters.
    let row = format!("{}🇩🇪", "x".repeat(18));
    stage.paint(rows(&[&row], &[], &["> edit"]));
    for grid in &mut stage.grids {
        let seen = grid.rows();
        assert_eq!(seen.len(), 3, "{seen:?}");
        assert_eq!(seen[2], "> edit");
    }
}
