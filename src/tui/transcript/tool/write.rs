//! `write src/main.rs`, and the beginning of what is written.

use ratatui::text::Span;

use super::super::paint::Paint;
use super::{ToolCall, View, read};

const SHOWN: usize = 10;

pub(super) fn view(call: &ToolCall, width: usize, paint: &Paint<'_>) -> View {
    let title = vec![call.name_span(paint), Span::raw(" "), call.path_span(paint)];
    let mut body = match call.text_arg("content") {
        // All of what still grows is not worth colouring over and over; its beginning is.
        Some(content) if call.is_writing() && paint.expanded => {
            read::code(content, "", SHOWN, width, paint)
        }
        Some(content) => read::code(content, call.language(), SHOWN, width, paint),
        None => Vec::new(),
    };
    if call.is_error() == Some(true) {
        body.extend(call.output(SHOWN, width, paint));
    }
    View {
        title: vec![title],
        body,
    }
}
