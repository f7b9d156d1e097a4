//! Tables: columns that share the width there is, cells that wrap; where even that does not fit, a
//! list of rows with the headings beside the values.

use std::iter::Peekable;

use pulldown_cmark::{Alignment, Event, Tag, TagEnd};
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use super::math::Formulas;
use super::wrap::{Row, row_width, wrap_words};
use super::{Ink, inline, render};
use crate::tui::look::Token;

/// Narrower columns are not worth drawing.
const NARROWEST: usize = 4;
/// ` │ ` between columns.
const BETWEEN: usize = 3;

/// Reads a table to its end and lays it out.
pub(super) fn read<'e>(
    events: &mut Peekable<impl Iterator<Item = Event<'e>>>,
    alignments: Vec<Alignment>,
    width: usize,
    style: Style,
    formulas: &Formulas<'_>,
    ink: &Ink<'_>,
) -> Vec<Row> {
    let mut cells: Vec<Vec<Row>> = Vec::new();
    while let Some(event) = events.next() {
        match event {
            end if render::ends_table(&end) => break,
            Event::Start(Tag::TableHead | Tag::TableRow) => cells.push(Vec::new()),
            Event::Start(Tag::TableCell) => {
                let start = match cells.len() {
                    1 => style.add_modifier(Modifier::BOLD),
                    _ => style,
                };
                let cell = inline::read(events, start, formulas, ink)
                    .into_iter()
                    .flatten()
                    .collect();
                if let Some(row) = cells.last_mut() {
                    row.push(cell);
                }
                events.next_if(|event| matches!(event, Event::End(TagEnd::TableCell)));
            }
            _ => {}
        }
    }
    let border = ink.fg(Token::Muted);
    let columns = alignments.len();
    for row in &mut cells {
        row.resize(columns, Row::new());
    }
    match widths(&cells, columns, width) {
        Some(widths) => grid(&cells, &alignments, &widths, border),
        None => list(&cells, width, style),
    }
}

/// What each column gets: what it wants where all fit, else the narrow ones what they want and the
/// wide ones equal shares of the rest.
fn widths(cells: &[Vec<Row>], columns: usize, width: usize) -> Option<Vec<usize>> {
    if columns == 0 {
        return None;
    }
    let mut wanted = vec![1; columns];
    for row in cells {
        for (wish, cell) in wanted.iter_mut().zip(row) {
            *wish = row_width(cell).max(*wish);
        }
    }
    let mut room = width.checked_sub(BETWEEN * (columns - 1))?;
    if wanted.iter().sum::<usize>() <= room {
        return Some(wanted);
    }
    let mut granted = vec![0; columns];
    let mut order: Vec<usize> = (0..columns).collect();
    order.sort_by_key(|column| wanted[*column]);
    for (served, column) in order.into_iter().enumerate() {
        let share = room / (columns - served);
        granted[column] = wanted[column].min(share);
        room -= granted[column];
    }
    let cramped = |(granted, wanted): (&usize, &usize)| granted < wanted && *granted < NARROWEST;
    (!granted.iter().zip(&wanted).any(cramped)).then_some(granted)
}

fn grid(cells: &[Vec<Row>], alignments: &[Alignment], widths: &[usize], border: Style) -> Vec<Row> {
    let wrapped: Vec<Vec<Vec<Row>>> = cells
        .iter()
        .map(|row| {
            let cells = row.iter().zip(widths);
            cells
                .map(|(cell, width)| wrap_words(cell, *width))
                .collect()
        })
        .collect();
    // Rows of several lines need a rule between them to be told apart.
    let ruled = wrapped
        .iter()
        .skip(1)
        .any(|row| row.iter().any(|cell| cell.len() > 1));
    let mut rows = Vec::new();
    for (at, cells) in wrapped.iter().enumerate() {
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..height {
            let cells = cells
                .iter()
                .map(|cell| cell.get(line).cloned().unwrap_or_default());
            rows.push(joined(cells, alignments, widths, border));
        }
        if at == 0 || (ruled && at + 1 < wrapped.len()) {
            let rules: Vec<_> = widths.iter().map(|width| "─".repeat(*width)).collect();
            rows.push(vec![Span::styled(rules.join("─┼─"), border)]);
        }
    }
    rows
}

/// One row of the grid.
fn joined(
    cells: impl Iterator<Item = Row>,
    alignments: &[Alignment],
    widths: &[usize],
    border: Style,
) -> Row {
    let mut row = Row::new();
    for (column, cell) in cells.enumerate() {
        if column > 0 {
            row.push(Span::styled(" │ ", border));
        }
        let spare = widths[column].saturating_sub(row_width(&cell));
        let before = match alignments.get(column) {
            Some(Alignment::Right) => spare,
            Some(Alignment::Center) => spare / 2,
            _ => 0,
        };
        let last = column + 1 == widths.len();
        let after = if last { 0 } else { spare - before };
        if before > 0 {
            row.push(Span::raw(" ".repeat(before)));
        }
        row.extend(cell);
        if after > 0 {
            row.push(Span::raw(" ".repeat(after)));
        }
    }
    row
}

/// Every value on a line of its own, behind its heading.
fn list(cells: &[Vec<Row>], width: usize, style: Style) -> Vec<Row> {
    let Some((head, body)) = cells.split_first() else {
        return Vec::new();
    };
    let mut rows: Vec<Row> = Vec::new();
    if body.is_empty() {
        return head
            .iter()
            .flat_map(|cell| wrap_words(cell, width))
            .collect();
    }
    for (at, row) in body.iter().enumerate() {
        if at > 0 {
            rows.push(Row::new());
        }
        for (heading, cell) in head.iter().zip(row) {
            let mut line = heading.clone();
            if !line.is_empty() {
                line.push(Span::styled(": ", style));
            }
            line.extend(cell.iter().cloned());
            rows.extend(wrap_words(&line, width));
        }
    }
    rows
}
