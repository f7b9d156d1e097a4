//! `grep`, `find` and `ls`: what was looked for and where, and what was found.

use ratatui::text::Span;

use super::super::paint::Paint;
use super::{ToolCall, View};
use crate::tui::look::Token;
use crate::tui::markdown::sanitize_line;

pub(super) fn view(call: &ToolCall, width: usize, paint: &Paint<'_>) -> View {
    let look = paint.look;
    let accent = |text: String| Span::styled(text, look.fg(Token::Accent));
    let plain = |text: String| Span::styled(text, look.fg(Token::ToolOutput));
    let clean = |name: &str| {
        call.text_arg(name)
            .map(|text| sanitize_line(text).into_owned())
    };
    let place = clean("path").filter(|path| !path.is_empty());
    let place = place.map_or(".".to_owned(), |path| paint.short_path(&path));
    let mut title = vec![call.name_span(paint), Span::raw(" ")];
    match call.name.as_str() {
        "ls" => title.push(accent(place)),
        name => {
            let pattern = clean("pattern").unwrap_or_else(|| "…".into());
            title.push(accent(match name {
                "grep" => format!("/{pattern}/"),
                _ => pattern,
            }));
            title.push(plain(format!(" in {place}")));
        }
    }
    title.extend(clean("glob").map(|glob| plain(format!(" ({glob})"))));
    title.extend(
        call.number_arg("limit")
            .map(|limit| plain(format!(" limit {limit}"))),
    );
    let shown = if call.name == "grep" { 15 } else { 20 };
    let mut body = call.output(shown, width, paint);
    body.extend(call.warning(width, paint));
    View {
        title: vec![title],
        body,
    }
}
