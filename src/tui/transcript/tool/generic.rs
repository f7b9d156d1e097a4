//! Any other tool: its arguments as JSON, and its result.

use ratatui::text::Span;
use serde_json::Value;

use super::super::fold;
use super::super::paint::Paint;
use super::{ToolCall, View};
use crate::tui::look::Token;
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::text_width;

const SHOWN: usize = 10;
/// Characters of a string that is still being written.
const GLIMPSE: usize = 200;

pub(super) fn view(call: &ToolCall, width: usize, paint: &Paint<'_>) -> View {
    let style = paint.look.fg(Token::Muted);
    let args = match call.args() {
        args if call.is_writing() => sketch(args),
        Value::Null => String::new(),
        Value::Object(args) if args.is_empty() => String::new(),
        args => json(args, width),
    };
    let mut body = fold::head(&args, SHOWN, width, paint, |line| {
        vec![Span::styled(line.to_owned(), style)]
    });
    body.extend(call.output(SHOWN, width, paint));
    body.extend(call.warning(width, paint));
    View {
        title: vec![vec![call.name_span(paint)]],
        body,
    }
}

/// The arguments in one line where they fit, else in as many as they have.
fn json(args: &Value, width: usize) -> String {
    let lines = serde_json::to_string_pretty(args).unwrap_or_default();
    let short: Vec<&str> = lines.lines().map(str::trim).collect();
    let short = short.join(" ");
    match text_width(&sanitize_line(&short)) <= width {
        true => short,
        false => lines,
    }
}

/// What there is of the arguments while they are being written, at a cost that does not grow with them.
fn sketch(args: &Value) -> String {
    let Value::Object(args) = args else {
        return String::new();
    };
    let lines = args.iter().take(SHOWN).map(|(name, value)| match value {
        Value::String(text) => {
            let glimpse: String = text.chars().take(GLIMPSE).collect();
            format!("{name}: {glimpse}")
        }
        Value::Array(_) | Value::Object(_) => format!("{name}: …"),
        value => format!("{name}: {value}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}
