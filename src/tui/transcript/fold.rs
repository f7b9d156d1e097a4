//! Long text, folded: its head or its tail, and how much more there is.

use std::collections::VecDeque;

use ratatui::text::Span;

use super::paint::Paint;
use crate::tui::look::Token;
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::{Row, truncate, wrap_hard};

/// The first `limit` rows of a text, and a hint at the rest. `line` gives a clean line its style.
/// Costs what is shown, and a count of line ends.
pub(super) fn head(
    text: &str,
    limit: usize,
    width: usize,
    paint: &Paint<'_>,
    mut line: impl FnMut(&str) -> Row,
) -> Vec<Row> {
    let text = text.trim_end();
    if text.is_empty() {
        return Vec::new();
    }
    let limit = if paint.expanded { usize::MAX } else { limit };
    let mut rows: Vec<Row> = Vec::new();
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (first, behind) = match text.split_once('\n') {
            Some((first, behind)) => (first, Some(behind)),
            None => (text, None),
        };
        let mut wrapped = wrap_hard(&line(&sanitize_line(first)), width);
        let room = limit - rows.len();
        if wrapped.len() > room {
            wrapped.truncate(room);
            rows.append(&mut wrapped);
            break;
        }
        rows.append(&mut wrapped);
        rest = behind;
        if rows.len() == limit {
            break;
        }
    }
    if let Some(rest) = rest {
        rows.push(more(count_lines(rest), "more", width, paint));
    }
    rows
}

/// The last `limit` rows of what a program printed, below a hint at what came before. What it wrote
/// over on a line is not shown. Costs what is shown, and a count of line ends.
pub(super) fn tail(
    text: &str,
    limit: usize,
    width: usize,
    token: Token,
    paint: &Paint<'_>,
) -> Vec<Row> {
    let text = text.trim_end().trim_start_matches(['\n', '\r']);
    if text.is_empty() {
        return Vec::new();
    }
    let limit = if paint.expanded { usize::MAX } else { limit };
    let style = paint.look.fg(token);
    let mut rows: VecDeque<Row> = VecDeque::new();
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (before, last) = match text.rsplit_once('\n') {
            Some((before, last)) => (Some(before), last),
            None => (None, text),
        };
        let last = last
            .trim_end_matches('\r')
            .rsplit('\r')
            .next()
            .unwrap_or_default();
        let last = sanitize_line(last).into_owned();
        let wrapped = wrap_hard(&[Span::styled(last, style)], width);
        let room = limit - rows.len();
        let fits = wrapped.len() <= room;
        for row in wrapped.into_iter().rev().take(room) {
            rows.push_front(row);
        }
        if !fits {
            break;
        }
        rest = before;
        if rows.len() == limit {
            break;
        }
    }
    if let Some(rest) = rest {
        rows.push_front(more(count_lines(rest), "earlier", width, paint));
    }
    rows.into()
}

fn count_lines(text: &str) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes()).count() + 1
}

/// `… 12 more lines (ctrl+o to expand)`
pub(super) fn more(count: usize, which: &str, width: usize, paint: &Paint<'_>) -> Row {
    let lines = if count == 1 { "line" } else { "lines" };
    let hint = [
        Span::styled(
            format!("… {count} {which} {lines} "),
            paint.look.fg(Token::Muted),
        ),
        Span::styled(
            format!("({} to expand)", sanitize_line(&paint.setup.keys.expand)),
            paint.look.fg(Token::Dim),
        ),
    ];
    truncate(&hint, width)
}
