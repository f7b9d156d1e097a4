//! A cell: one thing of the conversation, and its rows.

use std::ops::Range;

use ratatui::text::Line;

use super::assistant::Assistant;
use super::custom::Custom;
use super::folds::{Kind, SlotFolds};
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
    /// Whether it was laid out unfolded.
    open: bool,
}

/// A block that can be folded, in a cell that has been laid out.
pub(super) struct Foldable {
    pub part: usize,
    pub kind: Kind,
    pub open: bool,
    /// Its first row.
    pub top: usize,
}

impl From<Cell> for CellBox {
    fn from(cell: Cell) -> Self {
        CellBox {
            cell,
            drawn: None,
            height: 0,
            held: false,
            open: false,
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

    /// Brings the rows up to date and counts them; `at` is its place among the cells that `folds` are of.
    pub fn layout(&mut self, at: usize, folds: Option<&SlotFolds>, paint: &Paint<'_>) -> usize {
        let open = |part| folds?.get(&(at, part)).map(|(_, open)| *open);
        let paint = &Paint {
            expanded: open(0).unwrap_or(paint.expanded),
            ..*paint
        };
        self.open = paint.expanded;
        // Before the rows are drawn: what is made ready beside may come meanwhile.
        let key = paint.key();
        self.height = match &mut self.cell {
            Cell::Assistant(assistant) => assistant.layout(paint, open),
            cell => match &self.drawn {
                Some((drawn, rows)) if *drawn == key => rows.len(),
                _ => {
                    let rows = cell.render(paint);
                    self.drawn.insert((key, rows)).1.len()
                }
            },
        };
        self.height
    }

    /// What can be folded at a row that [`CellBox::layout`] counted.
    pub fn foldable(&self, row: usize) -> Option<Foldable> {
        match &self.cell {
            Cell::Assistant(assistant) => assistant.foldable(row),
            Cell::Custom(_) | Cell::Notice(_) | Cell::Header(_) => None,
            Cell::User(_) | Cell::Tool(_) | Cell::Shell(_) | Cell::Summary(_) => Some(Foldable {
                part: 0,
                kind: Kind::Output,
                open: self.open,
                top: 0,
            }),
        }
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
