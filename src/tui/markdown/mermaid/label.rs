//! The text of a diagram's parts.

use ratatui::text::Span;

use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::{text_width, wrap_words};

/// What is written, in lines no wider than `width`.
pub(super) fn lines(text: &str, width: usize) -> Vec<String> {
    let text = text.trim().trim_matches('"').trim_matches('`');
    let text = text
        .replace("<br/>", "\n")
        .replace("<br />", "\n")
        .replace("<br>", "\n")
        .replace("\\n", "\n")
        .replace("#quot;", "\"")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    let wrap = |line: &str| {
        let line = sanitize_line(line.trim()).into_owned();
        wrap_words(&[Span::raw(line)], width)
    };
    let rows = text.split('\n').flat_map(wrap);
    rows.map(|row| row.iter().map(|span| &*span.content).collect())
        .collect()
}

/// The columns of the widest line.
pub(super) fn wide(lines: &[String]) -> usize {
    lines.iter().map(|line| text_width(line)).max().unwrap_or(0)
}
