//! Any other tool: its arguments as JSON, and its result.

use ratatui::text::Span;
use serde_json::Value;

use super::super::fold;
use super::super::paint::Paint;
use super::{ToolCall, View};
use crate::tui::look::Token;
use crate::tui::markdown::wrap::Row;

const SHOWN: usize = 10;
/// Bytes of half-written arguments that are looked at.
const RAW: usize = 2_000;

pub(super) fn view(call: &ToolCall, width: usize, paint: &Paint<'_>) -> View {
    let style = paint.look.fg(Token::Muted);
    let mut body = match call.args() {
        Value::Null => raw(call, width, paint),
        Value::Object(args) if args.is_empty() => Vec::new(),
        args => {
            let json = serde_json::to_string_pretty(args).unwrap_or_default();
            fold::head(&json, SHOWN, width, paint, |line| {
                vec![Span::styled(line.to_owned(), style)]
            })
        }
    };
    body.extend(call.output(SHOWN, width, paint));
    body.extend(call.warning(width, paint));
    View {
        title: vec![vec![call.name_span(paint)]],
        body,
    }
}

/// The end of arguments that are still being written and tell nothing yet.
pub(super) fn raw(call: &ToolCall, width: usize, paint: &Paint<'_>) -> Vec<Row> {
    let Some(json) = call.raw() else {
        return Vec::new();
    };
    let start = json.len().saturating_sub(RAW);
    let start = (start..=json.len()).find(|at| json.is_char_boundary(*at));
    let end = start
        .and_then(|start| json.get(start..))
        .unwrap_or_default();
    let folded = Paint {
        expanded: false,
        ..*paint
    };
    let mut rows = fold::tail(end, 3, width, Token::Dim, &folded);
    if rows.len() > 3 {
        rows.remove(0);
    }
    rows
}
