//! A sequence diagram on a canvas.

use super::parse::{Scene, Step};
use crate::tui::look::Token;
use crate::tui::markdown::mermaid::canvas::{Canvas, Weight};
use crate::tui::markdown::mermaid::label;
use crate::tui::markdown::wrap::text_width;

/// Columns of a name.
const NAME: usize = 20;
/// Columns between two life lines, at least.
const APART: usize = 6;

const CORNERS: [&str; 4] = ["┌", "┐", "└", "┘"];

pub(super) fn paint(scene: &Scene, text: usize) -> Canvas {
    let names: Vec<Vec<String>> = scene
        .people
        .iter()
        .map(|(_, shown)| label::lines(shown, NAME.min(text.max(8))))
        .collect();
    let lines = columns(scene, &names, text);
    let height = names.iter().map(Vec::len).max().unwrap_or(1);
    let mut canvas = Canvas::default();
    for (name, x) in names.iter().zip(&lines) {
        let width = label::wide(name) + 4;
        let left = x - width / 2;
        canvas.frame((left, 0), (width, height + 2), CORNERS);
        for (at, line) in name.iter().enumerate() {
            let spare = (width - 4).saturating_sub(text_width(line));
            canvas.text(left + 2 + spare / 2, 1 + at, line, Token::MdCodeBlock);
        }
    }
    let mut drawing = Drawing {
        canvas,
        lines,
        text,
        y: height + 1,
    };
    for step in &scene.steps {
        drawing.step(step);
    }
    drawing.row(1);
    drawing.canvas
}

/// Where the life lines are: far enough from one another for names and for what is said between them.
fn columns(scene: &Scene, names: &[Vec<String>], text: usize) -> Vec<usize> {
    let half = |name: usize| (label::wide(&names[name]) + 4).div_ceil(2);
    let count = names.len();
    let mut gaps: Vec<usize> = (1..count)
        .map(|name| (half(name - 1) + half(name) + 1).max(APART))
        .collect();
    // Room behind the last, for what stands there.
    let mut spans: Vec<(usize, usize, usize)> = Vec::new();
    let mut before = half(0);
    for step in &scene.steps {
        match step {
            Step::Message {
                from,
                to,
                text: said,
                ..
            } if from != to => {
                let wide = label::wide(&label::lines(said, text)) + 4;
                spans.push((*from.min(to), *from.max(to), wide));
            }
            Step::Message {
                from, text: said, ..
            } if from + 1 < count => {
                let wide = label::wide(&label::lines(said, text)) + 6;
                spans.push((*from, from + 1, wide));
            }
            Step::Note {
                from,
                to,
                text: said,
            } => {
                let wide = label::wide(&label::lines(said, text)) + 4;
                match (from == to, *from) {
                    (false, _) => spans.push((*from, *to, wide.saturating_sub(4))),
                    (true, 0) => before = before.max(wide / 2 + 1),
                    (true, _) => spans.push((from - 1, *from, wide / 2 + 2)),
                }
                if from == to && from + 1 < count {
                    spans.push((*from, from + 1, wide / 2 + 2));
                }
            }
            _ => {}
        }
    }
    spans.sort_by_key(|(from, to, _)| to - from);
    for (from, to, wide) in spans {
        let there: usize = gaps[from..to].iter().sum();
        if let Some(missing) = wide.checked_sub(there).filter(|missing| *missing > 0) {
            let each = missing.div_ceil(to - from);
            gaps[from..to].iter_mut().for_each(|gap| *gap += each);
        }
    }
    let mut at = before;
    let mut lines = vec![at];
    for gap in gaps {
        at += gap;
        lines.push(at);
    }
    lines
}

struct Drawing {
    canvas: Canvas,
    lines: Vec<usize>,
    text: usize,
    /// The last row that is drawn.
    y: usize,
}

impl Drawing {
    /// Goes down so many rows, with all life lines.
    fn row(&mut self, rows: usize) {
        for x in &self.lines {
            self.canvas
                .line((*x, self.y), (*x, self.y + rows), Weight::Light);
        }
        self.y += rows;
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Message {
                from,
                to,
                text,
                weight,
                head,
            } => match from == to {
                true => self.own(*from, text, *weight),
                false => self.message((*from, *to), text, *weight, head),
            },
            Step::Note { from, to, text } => self.note(*from, *to, text),
            Step::Rule(text) => self.rule(text),
        }
    }

    fn message(&mut self, ends: (usize, usize), text: &str, weight: Weight, head: &str) {
        let (from, to) = (self.lines[ends.0], self.lines[ends.1]);
        let (left, right) = (from.min(to), from.max(to));
        self.words(text, left + 2, right - left - 3, true);
        self.row(1);
        let rightwards = from < to;
        let (start, end) = match rightwards {
            true => (left, right - 1),
            false => (left + 1, right),
        };
        self.canvas.line((start, self.y), (end, self.y), weight);
        let tip = if rightwards { right - 1 } else { left + 1 };
        match (head, rightwards) {
            ("x", _) => self.canvas.sign(tip, self.y, "×"),
            ("", _) => self.canvas.line((left, self.y), (right, self.y), weight),
            (_, true) => self.canvas.sign(tip, self.y, "▶"),
            (_, false) => self.canvas.sign(tip, self.y, "◀"),
        }
    }

    fn own(&mut self, who: usize, text: &str, weight: Weight) {
        let x = self.lines[who];
        self.words(text, x + 2, self.text, false);
        self.row(2);
        let (up, down) = (self.y - 1, self.y);
        self.canvas.line((x, up), (x + 3, up), weight);
        self.canvas.line((x + 3, up), (x + 3, down), weight);
        self.canvas.line((x + 2, down), (x + 3, down), weight);
        self.canvas.sign(x + 1, down, "◀");
    }

    fn note(&mut self, from: usize, to: usize, text: &str) {
        let lines = label::lines(text, self.text);
        let (left, right) = (self.lines[from], self.lines[to]);
        let width = (label::wide(&lines) + 4).max(right - left + 5);
        let x = (left + right).div_ceil(2).saturating_sub(width / 2);
        self.row(lines.len() + 2);
        let top = self.y - lines.len() - 1;
        let size = (width, lines.len() + 2);
        self.canvas.clear((x, top), size);
        for (at, line) in lines.iter().enumerate() {
            let spare = (width - 4).saturating_sub(text_width(line));
            let x = x + 2 + spare / 2;
            self.canvas.text(x, top + 1 + at, line, Token::MdQuote);
        }
        self.canvas.frame((x, top), size, CORNERS);
    }

    fn rule(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.row(1);
        let end = self.lines.last().copied().unwrap_or(0) + 3;
        self.canvas.line((0, self.y), (end, self.y), Weight::Dotted);
        let text = label::lines(text, end.saturating_sub(4).max(8));
        if let Some(text) = text.first() {
            self.canvas
                .text(2, self.y, &format!(" {text} "), Token::MdLinkUrl);
        }
    }

    /// What is said, in rows of its own.
    fn words(&mut self, text: &str, x: usize, room: usize, centred: bool) {
        if text.is_empty() {
            return;
        }
        for line in label::lines(text, self.text) {
            self.row(1);
            let spare = room.saturating_sub(text_width(&line));
            let x = if centred { x + spare / 2 } else { x };
            self.canvas.text(x, self.y, &line, Token::MdCodeBlock);
        }
    }
}
