//! A cell: one thing of the conversation, and its rows.

use std::ops::Range;

use ratatui::text::Line;

use super::assistant::Assistant;
use super::custom::Custom;
use super::header::Header;
use super::notice::Notice;
use super::paint::{Key, Paint};
use super::shell::Shell;
use super::summary::Summary;
use super::tool::ToolCall;
use super::user::User;

/// One thing of the conversation.
pub(super) enum Cell {
    User(User),
    Assistant(Assistant),
    Tool(Box<ToolCall>),
    Shell(Box<Shell>),
    Summary(Summary),
    Custom(Custom),
    Notice(Notice),
    Header(Header),
}

impl Cell {
    fn render(&self, paint: &Paint<'_>) -> Vec<Line<'static>> {
        match self {
            Cell::User(cell) => cell.render(paint),
            // Keeps rows of its own, as it grows.
            Cell::Assistant(_) => Vec::new(),
            Cell::Tool(cell) => cell.render(paint),
            Cell::Shell(cell) => cell.render(paint),
            Cell::Summary(cell) => cell.render(paint),
            Cell::Custom(cell) => cell.render(paint),
            Cell::Notice(cell) => cell.render(paint),
            Cell::Header(cell) => cell.render(paint),
        }
    }
}

/// A cell and the rows it was last drawn as.
pub(super) struct CellBox {
    cell: Cell,
    drawn: Option<(Key, Vec<Line<'static>>)>,
    height: usize,
    /// Whether it stays as it is drawn although it changes.
    held: bool,
}

impl From<Cell> for CellBox {
    fn from(cell: Cell) -> Self {
        CellBox {
            cell,
            drawn: None,
            height: 0,
            held: false,
        }
    }
}

impl CellBox {
    pub fn cell(&self) -> &Cell {
        &self.cell
    }

    /// The cell, to be changed: it will be drawn again.
    pub fn change(&mut self) -> &mut Cell {
        if !self.held {
            self.drawn = None;
        }
        &mut self.cell
    }

    /// Has it stay as it is drawn, or has it drawn again.
    pub fn hold(&mut self, held: bool) {
        if std::mem::replace(&mut self.held, held) {
            self.drawn = None;
        }
    }

    /// Whether it stays as it is drawn.
    pub fn is_held(&self) -> bool {
        self.held
    }

    /// Brings the rows up to date and counts them.
    pub fn layout(&mut self, paint: &Paint<'_>) -> usize {
        self.height = match &mut self.cell {
            Cell::Assistant(assistant) => assistant.layout(paint),
            cell => match &self.drawn {
                Some((key, rows)) if *key == paint.key() => rows.len(),
                _ => {
                    let rows = cell.render(paint);
                    self.drawn.insert((paint.key(), rows)).1.len()
                }
            },
        };
        self.height
    }

    /// The rows counted last.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Copies some of the rows that [`CellBox::layout`] made.
    pub fn copy(&self, range: Range<usize>, rows: &mut Vec<Line<'static>>) {
        match (&self.cell, &self.drawn) {
            (Cell::Assistant(assistant), _) => assistant.copy(range, rows),
            (_, Some((_, drawn))) => {
                rows.extend(drawn.get(range).unwrap_or_default().iter().cloned())
            }
            _ => {}
        }
    }

    /// Forgets the rows.
    pub fn evict(&mut self) {
        if self.held {
            return;
        }
        self.drawn = None;
        if let Cell::Assistant(assistant) = &mut self.cell {
            assistant.evict();
        }
    }
}
