//! An app whose frames go to both terminals, with what they should show kept beside them.

use pi::config::settings::TuiMode;
use pi::session::View;
use pi::tui::app::Settings;
use pi::tui::screen::{Painter, Rows};
use ratatui::buffer::{Buffer, CellWidth};
use ratatui::text::Line;

use super::grid::{Cutting, Grid, Reflowing, without_blanks};
use crate::support::screen::{Screen, settings, view};

pub struct Bench {
    pub screen: Screen,
    pub grids: [Box<dyn Grid>; 2],
    pub painter: Painter,
    pub columns: u16,
    pub rows: u16,
    /// Whether the size has changed since the last frame.
    pub stale: bool,
    /// The rows that came to stay, below what the shell left.
    printed: Vec<String>,
    /// How often everything began again.
    pub begun: usize,
    /// Bytes written.
    pub bytes: usize,
}

impl Bench {
    pub fn new(columns: u16, rows: u16) -> Self {
        Bench::over(view(Vec::new()), columns, rows)
    }

    pub fn over(view: View, columns: u16, rows: u16) -> Self {
        Bench::with(view, settings(), columns, rows)
    }

    pub fn with(view: View, settings: Settings, columns: u16, rows: u16) -> Self {
        let mut screen = Screen::with(view, settings, columns, rows);
        screen.app.set_mode(TuiMode::Regular);
        let mut bench = Bench {
            screen,
            grids: [
                Box::new(Reflowing::new(columns, rows)),
                Box::new(Cutting::new(columns, rows)),
            ],
            painter: Painter::default(),
            columns,
            rows,
            stale: false,
            printed: Vec::new(),
            begun: 0,
            bytes: 0,
        };
        bench.shell(&["$ ls", "engine", "$ pi"]);
        bench
    }

    /// What the shell prints.
    pub fn shell(&mut self, rows: &[&str]) {
        for row in rows {
            for grid in &mut self.grids {
                grid.feed(format!("{row}\r\n").as_bytes());
            }
            self.printed.push((*row).to_owned());
        }
    }

    /// The terminal gets another size, and may get more before the next frame.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        for grid in &mut self.grids {
            grid.resize(columns, rows);
        }
        (self.columns, self.rows) = (columns, rows);
        self.stale = true;
    }

    /// Paints a frame; both terminals show what they should, and nothing else.
    #[track_caller]
    pub fn paint(&mut self) {
        let rows = self.frame();
        let below = below(&rows);
        self.printed.extend(rows.lasting.iter().map(text));
        let caret = rows.caret;
        let at = caret.map(|caret| usize::from(rows.block.area.height - caret.y));
        self.feed(rows);
        let expected: Vec<String> = self.printed.iter().cloned().chain(below).collect();
        let caret_row = at.map(|at| expected[expected.len() - at].clone());
        let expected = without_blanks(expected);
        for grid in &mut self.grids {
            let seen = grid.rows();
            assert!(seen == expected, "{}", difference(&seen, &expected));
            if let (Some(row), Some(caret)) = (&caret_row, caret) {
                let column = grid.caret().1.min(self.columns - 1);
                assert_eq!((&grid.caret().0, column), (row, caret.x));
            }
        }
    }

    /// What the terminals show is the conversation as it is, and the block; another frame writes nothing.
    #[track_caller]
    pub fn assert_settled(&mut self) {
        self.paint();
        let rows = self.frame();
        let columns = self.columns;
        assert!(!rows.again && rows.lasting.is_empty() && rows.live.is_empty());
        let below = below(&rows);
        assert_eq!(self.painter.paint((self.columns, self.rows), rows), b"");
        let (transcript, look) = self.screen.app.transcript();
        let (all, _) = transcript.last_rows(columns, look, usize::MAX);
        let all: Vec<String> = all.iter().map(text).chain(below).collect();
        let all = without_blanks(all);
        for grid in &mut self.grids {
            let mut seen = grid.rows();
            seen.retain(|row| !is_shells(row));
            assert!(seen == all, "{}", difference(&seen, &all));
        }
    }

    /// The rows of the shell that are above ours.
    pub fn above(&mut self) -> Vec<String> {
        let seen = self.grids[0].rows();
        seen.into_iter().take_while(|row| is_shells(row)).collect()
    }

    /// pi gives the terminal back for a while.
    pub fn close(&mut self) {
        let bytes = self.painter.close().to_vec();
        for grid in &mut self.grids {
            grid.feed(&bytes);
        }
    }

    pub fn frame(&mut self) -> Rows {
        let rows = self.screen.app.rows(self.columns, self.rows, self.stale);
        if rows.again {
            self.stale = false;
            if self.painter.has_begun() {
                self.printed.clear();
                self.begun += 1;
            }
        }
        rows
    }

    pub fn feed(&mut self, rows: Rows) {
        let bytes = self.painter.paint((self.columns, self.rows), rows);
        self.bytes += bytes.len();
        for grid in &mut self.grids {
            grid.feed(bytes);
        }
    }
}

fn is_shells(row: &str) -> bool {
    row.starts_with('$') || row == "engine"
}

/// The rows below those that stay.
fn below(rows: &Rows) -> Vec<String> {
    let live = rows.live.iter().map(text);
    live.chain(block(&rows.block)).collect()
}

fn text(line: &Line<'_>) -> String {
    line.to_string().trim_end().to_owned()
}

fn block(buffer: &Buffer) -> Vec<String> {
    let rows = buffer.content.chunks(usize::from(buffer.area.width));
    let text = |cells: &[ratatui::buffer::Cell]| {
        let mut text = String::new();
        let mut at = 0;
        while at < cells.len() {
            text.push_str(cells[at].symbol());
            at += usize::from(cells[at].cell_width()).max(1);
        }
        text.trim_end().to_owned()
    };
    rows.map(text).collect()
}

fn difference(seen: &[String], expected: &[String]) -> String {
    let same = seen.iter().zip(expected).take_while(|(a, b)| a == b);
    let at = same.count();
    let part = |rows: &[String]| {
        let from = at.saturating_sub(2).min(rows.len());
        rows[from..rows.len().min(at + 12)].join("\n")
    };
    format!(
        "from row {at} of {} seen and {} expected:\n{}\n--- expected\n{}",
        seen.len(),
        expected.len(),
        part(seen),
        part(expected)
    )
}
