//! Long text, folded: its head or its tail, and how much more there is.

use std::collections::VecDeque;

use ratatui::text::Span;

use super::paint::Paint;
use crate::tui::look::Token;
use crate::tui::markdown::sanitize;
use crate::tui::markdown::wrap::{Row, truncate, wrap_hard};

/// The first `limit` rows of a text, and a hint at the rest. `line` gives a clean line its style.
pub(super) fn head(
    text: &str,
    limit: usize,
    width: usize,
    paint: &Paint<'_>,
    mut line: impl FnMut(&str) -> Row,
) -> Vec<Row> {
    let clean = sanitize(text.trim_end());
    if clean.is_empty() {
        return Vec::new();
    }
    let limit = if paint.expanded { usize::MAX } else { limit };
    let mut rows = Vec::new();
    let mut lines = clean.split('\n');
    for text in lines.by_ref() {
        let mut wrapped = wrap_hard(&line(text), width);
        let room = limit - rows.len();
        if wrapped.len() > room {
            wrapped.truncate(room);
            rows.append(&mut wrapped);
            rows.push(more(lines.count() + 1, "more", width, paint));
            return rows;
        }
        rows.append(&mut wrapped);
        if rows.len() == limit {
            break;
        }
    }
    match lines.count() {
        0 => {}
        rest => rows.push(more(rest, "more", width, paint)),
    }
    rows
}

/// The last `limit` rows of a text, below a hint at what came before.
pub(super) fn tail(
    text: &str,
    limit: usize,
    width: usize,
    token: Token,
    paint: &Paint<'_>,
) -> Vec<Row> {
    let clean = sanitize(text.trim_end().trim_start_matches(['\n', '\r']));
    if clean.is_empty() {
        return Vec::new();
    }
    let limit = if paint.expanded { usize::MAX } else { limit };
    let style = paint.look.fg(token);
    let mut rows: VecDeque<Row> = VecDeque::new();
    let mut hidden = 0;
    let mut lines = clean.rsplit('\n');
    for text in lines.by_ref() {
        for row in wrap_hard(&[Span::styled(text.to_owned(), style)], width)
            .into_iter()
            .rev()
        {
            if rows.len() == limit {
                hidden = 1;
                break;
            }
            rows.push_front(row);
        }
        if rows.len() == limit {
            break;
        }
    }
    hidden += lines.count();
    if hidden > 0 {
        rows.push_front(more(hidden, "earlier", width, paint));
    }
    rows.into()
}

/// `… 12 more lines (ctrl+o to expand)`
fn more(count: usize, which: &str, width: usize, paint: &Paint<'_>) -> Row {
    let lines = if count == 1 { "line" } else { "lines" };
    let hint = [
        Span::styled(
            format!("… {count} {which} {lines} "),
            paint.look.fg(Token::Muted),
        ),
        Span::styled(
            format!("({} to expand)", sanitize(&paint.setup.keys.expand)),
            paint.look.fg(Token::Dim),
        ),
    ];
    truncate(&hint, width)
}
