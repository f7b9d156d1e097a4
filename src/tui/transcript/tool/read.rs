//! `read src/main.rs:10-40`, and the beginning of what was read.

use ratatui::text::Span;

use super::super::fold;
use super::super::paint::Paint;
use super::super::user::split_blocks;
use super::{ToolCall, View};
use crate::tui::look::Token;
use crate::tui::markdown::wrap::Row;

const SHOWN: usize = 10;
/// Lines in colours: more of an unfolded file would keep the key that unfolded it waiting.
const COLORED: usize = 250;

pub(super) fn view(call: &ToolCall, width: usize, paint: &Paint<'_>) -> View {
    let mut title = vec![call.name_span(paint), Span::raw(" "), call.path_span(paint)];
    let lines = match (call.number_arg("offset"), call.number_arg("limit")) {
        (None, None) => None,
        (from, None) => Some(format!(":{}-", from.unwrap_or(1))),
        (from, Some(limit)) => {
            let from = from.unwrap_or(1);
            Some(format!(
                ":{from}-{}",
                from.saturating_add(limit).saturating_sub(1)
            ))
        }
    };
    title.extend(lines.map(|lines| Span::styled(lines, paint.look.fg(Token::Warning))));
    let (text, images) = split_blocks(call.content());
    let body = match call.is_error() {
        Some(false) if images.is_empty() => code(&text, call.language(), SHOWN, width, paint),
        _ => call.output(SHOWN, width, paint),
    };
    View {
        title: vec![title],
        body,
    }
}

/// The beginning of a file, in colours.
pub(super) fn code(
    text: &str,
    language: &str,
    limit: usize,
    width: usize,
    paint: &Paint<'_>,
) -> Vec<Row> {
    let ink = paint.ink(paint.look.fg(Token::ToolOutput));
    let mut painter = paint.setup.highlighter.painter(language);
    let mut lines = 0;
    fold::head(text, limit, width, paint, |line| match &mut painter {
        Some(painter) if lines < COLORED => {
            lines += 1;
            painter.line(line, &ink)
        }
        _ => vec![Span::styled(line.to_owned(), ink.base)],
    })
}
