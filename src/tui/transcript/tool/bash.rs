//! `$ cargo test`, the tail of what it prints, and how long it takes.

use ratatui::text::Span;

use super::super::fold;
use super::super::paint::Paint;
use super::super::user::split_blocks;
use super::{ToolCall, View};
use crate::tui::look::Token;
use crate::tui::markdown::sanitize;
use crate::tui::markdown::wrap::Row;

/// Rows of output that are shown folded.
const SHOWN: usize = 5;
/// Lines of the command that are shown folded.
const COMMAND: usize = 4;

pub(super) fn view(call: &ToolCall, width: usize, paint: &Paint<'_>) -> View {
    let look = paint.look;
    let mut title = title(call, paint);
    if let (Some(seconds), Some(line)) = (call.number_arg("timeout"), title.last_mut()) {
        let text = format!(" (timeout {seconds}s)");
        line.push(Span::styled(text, look.fg(Token::Muted)));
    }
    let (text, _) = split_blocks(call.content());
    let mut body = fold::tail(&text, SHOWN, width, Token::ToolOutput, paint);
    body.extend(call.warning(width, paint));
    let time = match (call.running_since(), call.took()) {
        (Some(since), _) => Some(("elapsed", ((paint.now - since).max(0) / 1000) as f64, 0)),
        (None, Some(took)) => Some(("took", took.max(0) as f64 / 1000.0, 1)),
        (None, None) => None,
    };
    if let Some((word, seconds, digits)) = time {
        let text = format!("{word} {seconds:.digits$}s");
        body.push(vec![Span::styled(text, look.fg(Token::Muted))]);
    }
    View { title, body }
}

fn title(call: &ToolCall, paint: &Paint<'_>) -> Vec<Row> {
    let style = paint.look.bold(Token::ToolTitle);
    let command = call.text_arg("command").unwrap_or("…");
    let command = sanitize(command.trim());
    let lines: Vec<&str> = command.split('\n').collect();
    let shown = if paint.expanded { lines.len() } else { COMMAND };
    let mut rows: Vec<Row> = lines
        .iter()
        .take(shown)
        .enumerate()
        .map(|(at, line)| {
            let mark = if at == 0 { "$ " } else { "  " };
            vec![Span::styled(format!("{mark}{line}"), style)]
        })
        .collect();
    if lines.len() > shown
        && let Some(last) = rows.last_mut()
    {
        last.push(Span::styled(" …", paint.look.fg(Token::Muted)));
    }
    rows
}
