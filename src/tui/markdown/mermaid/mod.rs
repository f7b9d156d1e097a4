//! Mermaid diagrams drawn with text: flowcharts and sequence diagrams.
//!
//! [`draw`] is a function of source and width. It draws all of a diagram or nothing: what it does not
//! understand, and what does not fit, is shown as the code that it is.

mod canvas;
mod flow;
mod label;
mod sequence;

use super::Ink;
use super::wrap::Row;

/// Longer sources are not drawn.
pub(super) const LONGEST: usize = 20_000;

/// Whether a fence's info string names a diagram.
pub(super) fn is_meant(info: &str) -> bool {
    info.split_whitespace().next() == Some("mermaid")
}

/// The diagram, no wider than `width`; `None` when it is shown as code.
pub(super) fn draw(source: &str, width: usize, ink: &Ink<'_>) -> Option<Vec<Row>> {
    if source.len() > LONGEST || width < 8 {
        return None;
    }
    let mut lines = source
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("%%"))
        .peekable();
    let head = *lines.peek()?;
    let canvas = match head.split_whitespace().next()?.trim_end_matches(';') {
        "graph" | "flowchart" => flow::draw(lines, width),
        "sequenceDiagram" => sequence::draw(lines.skip(1), width),
        _ => None,
    }?;
    (canvas.width() <= width).then(|| canvas.rows(ink))
}

#[cfg(test)]
mod tests;
