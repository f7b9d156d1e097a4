//! A flowchart that has been laid out, on a canvas.

use super::layout::{Item, Kind, Layout, Piece};
use super::parse::{Chart, Shape};
use crate::tui::look::Token;
use crate::tui::markdown::mermaid::canvas::{Canvas, Weight};
use crate::tui::markdown::mermaid::label;
use crate::tui::markdown::wrap::text_width;

pub(super) fn paint(chart: &Chart, layout: &Layout, width: usize) -> Canvas {
    let mut canvas = Canvas::default();
    for item in &layout.items {
        put(chart, layout, item, &mut canvas);
    }
    for piece in &layout.links {
        if !chart.edges[piece.edge].hidden {
            lead(chart, layout, piece, &mut canvas);
        }
    }
    for piece in &layout.links {
        heads(chart, layout, piece, &mut canvas);
    }
    notes(chart, width, &mut canvas);
    canvas
}

/// Columns and rows of a place.
fn point(layout: &Layout, along: usize, across: usize) -> (usize, usize) {
    match layout.sideways {
        true => (along, across),
        false => (across, along),
    }
}

fn put(chart: &Chart, layout: &Layout, item: &Item, canvas: &mut Canvas) {
    let (x, y) = point(layout, item.along, item.across);
    let (width, height) = match layout.sideways {
        true => (item.long, item.wide),
        false => (item.wide, item.long),
    };
    match item.kind {
        Kind::Node(number) => {
            let corners = match chart.nodes[number].shape {
                Shape::Square => ["┌", "┐", "└", "┘"],
                Shape::Round => ["╭", "╮", "╰", "╯"],
                Shape::Pointed => ["╱", "╲", "╲", "╱"],
            };
            canvas.frame((x, y), (width, height), corners);
            for (line, text) in item.lines.iter().enumerate() {
                let spare = (width - 4).saturating_sub(text_width(text));
                canvas.text(x + 2 + spare / 2, y + 1 + line, text, Token::MdCodeBlock);
            }
        }
        Kind::Point(_) => {
            for (line, text) in item.lines.iter().enumerate() {
                let spare = width.saturating_sub(text_width(text));
                canvas.text(x + spare / 2, y + line, text, Token::MdLinkUrl);
            }
        }
    }
}

/// Draws a piece of an edge: along, across where it bends, along.
fn lead(chart: &Chart, layout: &Layout, piece: &Piece, canvas: &mut Canvas) {
    let (from, to) = (&layout.items[piece.from], &layout.items[piece.to]);
    let weight = chart.edges[piece.edge].weight;
    let (start, end) = layout.ports(piece);
    // Boxes are joined at their frames, texts and points at their last cell.
    let begin = from.along + from.long - 1;
    let edge = &chart.edges[piece.edge];
    let has_head = if piece.reversed {
        edge.heads.1
    } else {
        edge.heads.0
    };
    let is_node = matches!(to.kind, Kind::Node(_));
    let stop = to.along - usize::from(has_head && is_node && to.along > 0);
    let at = |along, across| point(layout, along, across);
    if start == end {
        canvas.line(at(begin, start), at(stop, end), weight);
    } else {
        canvas.line(at(begin, start), at(piece.bend, start), weight);
        canvas.line(at(piece.bend, start), at(piece.bend, end), weight);
        canvas.line(at(piece.bend, end), at(stop, end), weight);
    }
    if let Kind::Point(_) = to.kind
        && to.lines.is_empty()
    {
        canvas.line(at(to.along, end), at(to.along + to.long - 1, end), weight);
    }
}

fn heads(chart: &Chart, layout: &Layout, piece: &Piece, canvas: &mut Canvas) {
    let edge = &chart.edges[piece.edge];
    if edge.hidden {
        return;
    }
    let (mut at_end, mut at_start) = edge.heads;
    if piece.reversed {
        std::mem::swap(&mut at_end, &mut at_start);
    }
    let (from, to) = (&layout.items[piece.from], &layout.items[piece.to]);
    let (start, end) = layout.ports(piece);
    let (forward, backward) = match layout.sideways {
        true => ("▶", "◀"),
        false => ("▼", "▲"),
    };
    if at_end && matches!(to.kind, Kind::Node(_)) && to.along > 0 {
        let (x, y) = point(layout, to.along - 1, end);
        canvas.sign(x, y, forward);
    }
    if at_start && matches!(from.kind, Kind::Node(_)) {
        let (x, y) = point(layout, from.along + from.long, start);
        canvas.sign(x, y, backward);
    }
}

/// What is no line between two boxes, in words below.
fn notes(chart: &Chart, width: usize, canvas: &mut Canvas) {
    let name = |number: usize| label::lines(&chart.nodes[number].text, usize::MAX).join(" ");
    let mut notes: Vec<String> = Vec::new();
    for edge in chart.edges.iter().filter(|edge| edge.from == edge.to) {
        notes.push(format!("↺ {} {}", name(edge.from), edge.text));
    }
    for group in chart.groups.iter().filter(|group| !group.nodes.is_empty()) {
        let names: Vec<String> = group.nodes.iter().map(|node| name(*node)).collect();
        notes.push(format!("{}: {}", group.title, names.join(", ")));
    }
    if !notes.is_empty() {
        canvas.line((0, canvas.height()), (0, canvas.height()), Weight::Light);
    }
    for note in notes {
        for line in label::lines(&note, width) {
            canvas.text(0, canvas.height(), &line, Token::MdLinkUrl);
        }
    }
}
