//! `grep`, `find` and `ls`: what was looked for and where, and what was found.

use std::path::Path;

use ratatui::text::Span;

use super::super::fold;
use super::super::paint::Paint;
use super::super::user::split_blocks;
use super::{ToolCall, View};
use crate::tui::look::Token;
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::Row;

pub(super) fn view(call: &ToolCall, width: usize, paint: &Paint<'_>) -> View {
    let look = paint.look;
    let accent = |text: String| Span::styled(text, look.fg(Token::Accent));
    let plain = |text: String| Span::styled(text, look.fg(Token::ToolOutput));
    let clean = |name: &str| {
        call.text_arg(name)
            .map(|text| sanitize_line(text).into_owned())
    };
    let place = clean("path").filter(|path| !path.is_empty());
    let place = place.unwrap_or_else(|| ".".to_owned());
    let mut title = vec![call.name_span(paint), Span::raw(" ")];
    match call.name.as_str() {
        "ls" => title.push(paint.path(&place, None, look.fg(Token::Accent))),
        name => {
            let pattern = clean("pattern").unwrap_or_else(|| "…".into());
            title.push(accent(match name {
                "grep" => format!("/{pattern}/"),
                _ => pattern,
            }));
            title.push(plain(" in ".to_owned()));
            title.push(paint.path(&place, None, look.fg(Token::ToolOutput)));
        }
    }
    title.extend(clean("glob").map(|glob| plain(format!(" ({glob})"))));
    title.extend(
        call.number_arg("limit")
            .map(|limit| plain(format!(" limit {limit}"))),
    );
    let shown = if call.name == "grep" { 15 } else { 20 };
    let mut body = hits(call, shown, width, paint);
    body.extend(call.warning(width, paint));
    View {
        title: vec![title],
        body,
    }
}

/// What was found; names of files lead to them, and to the line.
fn hits(call: &ToolCall, shown: usize, width: usize, paint: &Paint<'_>) -> Vec<Row> {
    let linker = paint.setup.manner.linker.as_ref();
    let (text, images) = split_blocks(call.content());
    let Some(linker) = linker.filter(|_| call.is_error() == Some(false) && images.is_empty())
    else {
        return call.output(shown, width, paint);
    };
    let style = paint.look.fg(Token::ToolOutput);
    let place = Path::new(call.text_arg("path").unwrap_or_default()).to_owned();
    fold::head(&text, shown, width, paint, |line| {
        let (name, number) = match call.name.as_str() {
            "grep" => hit(line),
            _ => (line, None),
        };
        let file = match place.ends_with(name) {
            // The one file that was searched.
            true => place.clone(),
            false => place.join(name),
        };
        let link = file.to_str().filter(|_| !name.is_empty());
        let link = link.and_then(|file| linker.file(file, number));
        let (name, rest) = line.split_at(name.len());
        vec![
            Span::styled(name.to_owned(), link.map_or(style, |link| link.on(style))),
            Span::styled(rest.to_owned(), style),
        ]
    })
}

/// The file of a line that grep gave (`src/a.rs:12: text`, or `src/a.rs-13- text` beside one), and the
/// number of the line in it.
fn hit(line: &str) -> (&str, Option<u64>) {
    for mark in [':', '-'] {
        for (at, _) in line.match_indices(mark) {
            let behind = &line[at + 1..];
            let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
            if digits > 0 && behind[digits..].starts_with(mark) {
                return (&line[..at], behind[..digits].parse().ok());
            }
        }
    }
    ("", None)
}
