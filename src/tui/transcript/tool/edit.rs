//! `edit src/main.rs`, and what has changed.

use ratatui::text::Span;
use serde_json::Value;

use super::super::paint::Paint;
use super::{ToolCall, View, diff};
use crate::tui::look::Token;

const SHOWN: usize = 10;

pub(super) fn view(call: &ToolCall, width: usize, paint: &Paint<'_>) -> View {
    let mut title = vec![call.name_span(paint), Span::raw(" "), call.path_span(paint)];
    let edits = call.args().get("edits").and_then(Value::as_array);
    let count = edits.map_or(0, Vec::len);
    let diff = call
        .details()
        .and_then(|details| details.get("diff"))
        .and_then(Value::as_str);
    let body = match (call.is_error(), diff) {
        (Some(false), Some(diff)) => {
            let (added, removed) = diff::count(diff);
            let mut tally = |text, token| title.push(Span::styled(text, paint.look.fg(token)));
            tally(format!(" +{added}"), Token::ToolDiffAdded);
            tally(format!(" -{removed}"), Token::ToolDiffRemoved);
            diff::rows(diff, width, paint)
        }
        (None, _) => {
            if count > 1 {
                let text = format!(" ({count} changes)");
                title.push(Span::styled(text, paint.look.fg(Token::Muted)));
            }
            Vec::new()
        }
        _ => call.output(SHOWN, width, paint),
    };
    View {
        title: vec![title],
        body,
    }
}
