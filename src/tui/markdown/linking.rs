//! Links in text that is laid out already: addresses and paths that stand there as they are.

use ratatui::style::Modifier;
use ratatui::text::Span;

use super::Ink;
use super::wrap::Row;
use crate::tui::links::{Found, Link, find};
use crate::tui::look::Token;

/// Finds addresses and paths in the lines of a paragraph. Addresses look like links, linked or not;
/// paths look as before.
pub(super) fn link(lines: Vec<Row>, ink: &Ink<'_>) -> Vec<Row> {
    lines.into_iter().map(|line| link_line(line, ink)).collect()
}

fn link_line(line: Row, ink: &Ink<'_>) -> Row {
    if !line.iter().any(|span| span.content.contains(['/', ':'])) {
        return line;
    }
    line.into_iter()
        .flat_map(|span| link_span(span, ink))
        .collect()
}

fn link_span(span: Span<'static>, ink: &Ink<'_>) -> Vec<Span<'static>> {
    let is_link =
        Link::of(span.style).is_some() || span.style.add_modifier.contains(Modifier::UNDERLINED);
    let found = match is_link {
        true => Vec::new(),
        false => find(&span.content),
    };
    if found.is_empty() {
        return vec![span];
    }
    let linker = ink.manner.linker.as_ref();
    let plain = span.style;
    let code = plain.fg == plain.patch(ink.look.fg(Token::MdCode)).fg;
    let mut spans = Vec::with_capacity(found.len() * 2 + 1);
    let mut at = 0;
    for (range, found) in found {
        let (link, style) = match found {
            Found::Address(_) if code => (None, plain),
            Found::Address(address) => (
                linker.and_then(|linker| linker.address(address)),
                plain
                    .patch(ink.look.fg(Token::MdLink))
                    .add_modifier(Modifier::UNDERLINED),
            ),
            Found::File(path, line) => (linker.and_then(|linker| linker.file(path, line)), plain),
        };
        if link.is_none() && style == plain {
            continue;
        }
        let style = link.map_or(style, |link| link.on(style));
        spans.push(Span::styled(
            span.content[at..range.start].to_owned(),
            plain,
        ));
        spans.push(Span::styled(span.content[range.clone()].to_owned(), style));
        at = range.end;
    }
    spans.push(Span::styled(span.content[at..].to_owned(), plain));
    spans.retain(|span| !span.content.is_empty());
    spans
}
