//! A grid of characters: lines that join where they meet, and text.

use ratatui::text::Span;
use unicode_segmentation::UnicodeSegmentation;

use crate::tui::look::Token;
use crate::tui::markdown::Ink;
use crate::tui::markdown::wrap::{Row, text_width};

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Weight {
    #[default]
    Light,
    Dotted,
    Heavy,
}

/// A grid that grows as it is drawn on.
#[derive(Default)]
pub(super) struct Canvas {
    rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Default)]
enum Cell {
    #[default]
    Empty,
    Line(Arms, Weight),
    /// One character, which stays whatever line is drawn over it.
    Text(String, Token),
    /// Behind a character of two columns.
    Covered,
}

/// The sides that lines leave a cell by.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Arms(u8);

const UP: u8 = 1;
const RIGHT: u8 = 2;
const DOWN: u8 = 4;
const LEFT: u8 = 8;

impl Canvas {
    pub fn width(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or(0)
    }

    pub fn height(&self) -> usize {
        self.rows.len()
    }

    fn cell(&mut self, x: usize, y: usize) -> &mut Cell {
        if self.rows.len() <= y {
            self.rows.resize_with(y + 1, Vec::new);
        }
        let row = &mut self.rows[y];
        if row.len() <= x {
            row.resize(x + 1, Cell::Empty);
        }
        &mut row[x]
    }

    /// Writes text over what is there.
    pub fn text(&mut self, x: usize, y: usize, text: &str, token: Token) {
        let mut x = x;
        for grapheme in text.graphemes(true) {
            let width = text_width(grapheme);
            if width == 0 {
                continue;
            }
            *self.cell(x, y) = Cell::Text(grapheme.to_owned(), token);
            for behind in 1..width {
                *self.cell(x + behind, y) = Cell::Covered;
            }
            x += width;
        }
    }

    /// A sign of the lines, such as an arrow's head.
    pub fn sign(&mut self, x: usize, y: usize, sign: &str) {
        self.text(x, y, sign, Token::MdCodeBlockBorder);
    }

    /// A line from one cell to another in the same row or column, joined to what is there.
    pub fn line(&mut self, from: (usize, usize), to: (usize, usize), weight: Weight) {
        let ((x0, y0), (x1, y1)) = (from.min(to), from.max(to));
        if y0 == y1 {
            for x in x0..=x1 {
                let left = if x > x0 { LEFT } else { 0 };
                let right = if x < x1 { RIGHT } else { 0 };
                self.join(x, y0, left | right, weight);
            }
        } else {
            let (y0, y1) = (y0.min(y1), y0.max(y1));
            for y in y0..=y1 {
                let up = if y > y0 { UP } else { 0 };
                let down = if y < y1 { DOWN } else { 0 };
                self.join(x0, y, up | down, weight);
            }
        }
    }

    fn join(&mut self, x: usize, y: usize, arms: u8, weight: Weight) {
        let cell = self.cell(x, y);
        match cell {
            Cell::Empty => *cell = Cell::Line(Arms(arms), weight),
            Cell::Line(there, _) => there.0 |= arms,
            Cell::Text(..) | Cell::Covered => {}
        }
    }

    /// A frame with the corners of its kind.
    pub fn frame(&mut self, at: (usize, usize), size: (usize, usize), corners: [&str; 4]) {
        let ((x, y), (width, height)) = (at, size);
        let (right, bottom) = (x + width - 1, y + height - 1);
        self.line((x, y), (right, y), Weight::Light);
        self.line((x, bottom), (right, bottom), Weight::Light);
        self.line((x, y), (x, bottom), Weight::Light);
        self.line((right, y), (right, bottom), Weight::Light);
        let places = [(x, y), (right, y), (x, bottom), (right, bottom)];
        for ((x, y), corner) in places.into_iter().zip(corners) {
            self.sign(x, y, corner);
        }
    }

    /// Takes everything away there.
    pub fn clear(&mut self, at: (usize, usize), size: (usize, usize)) {
        for y in at.1..at.1 + size.1 {
            for x in at.0..at.0 + size.0 {
                *self.cell(x, y) = Cell::Empty;
            }
        }
    }

    /// The rows in colours.
    pub fn rows(&self, ink: &Ink<'_>) -> Vec<Row> {
        let row = |cells: &Vec<Cell>| {
            let mut row = Row::new();
            for cell in cells {
                let (text, token) = match cell {
                    Cell::Covered => continue,
                    Cell::Empty => (" ", Token::MdCodeBlockBorder),
                    Cell::Line(arms, weight) => (arms.sign(*weight), Token::MdCodeBlockBorder),
                    Cell::Text(text, token) => (text.as_str(), *token),
                };
                let style = ink.fg(token);
                match row.last_mut() {
                    Some(last) if last.style == style => last.content.to_mut().push_str(text),
                    _ => row.push(Span::styled(text.to_owned(), style)),
                }
            }
            row
        };
        self.rows.iter().map(row).collect()
    }
}

impl Arms {
    fn sign(self, weight: Weight) -> &'static str {
        const SIGNS: [&str; 16] = [
            " ", "│", "─", "└", "│", "│", "┌", "├", "─", "┘", "─", "┴", "┐", "┤", "┬", "┼",
        ];
        let upright = self.0 & (LEFT | RIGHT) == 0;
        let flat = self.0 & (UP | DOWN) == 0;
        match weight {
            Weight::Dotted if flat => "┄",
            Weight::Dotted if upright => "┆",
            Weight::Heavy if flat => "━",
            Weight::Heavy if upright => "┃",
            _ => SIGNS[usize::from(self.0 & 15)],
        }
    }
}
