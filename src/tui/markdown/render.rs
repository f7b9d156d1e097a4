//! One top-level block: parsed, and laid out in rows of a given width.
//!
//! Promises rows no wider than asked, whatever is nested in whatever: margins give way before text
//! does, and nesting past a depth that no reader could follow is drawn flat.

use std::collections::HashMap;
use std::iter::Peekable;

use pulldown_cmark::{
    BrokenLink, CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd,
};
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use super::math::Formulas;
use super::wrap::{Row, row_width, wrap_words};
use super::written::drawn;
use super::{Ink, code, inline, mermaid, sanitize, table};
use crate::config::settings::Mermaid;
use crate::tui::look::Token;

/// Deeper nesting is drawn flat.
const DEEPEST: usize = 12;

/// The targets of links by label, as far as they have been defined.
pub(super) type Definitions = HashMap<String, String>;

/// The rows of one block. `number` overrides the first number of an ordered list.
pub(super) fn block(
    source: &str,
    number: Option<u64>,
    definitions: &Definitions,
    width: usize,
    ink: &Ink<'_>,
) -> Vec<Row> {
    let sound = sanitize(source);
    let (clean, formulas) = Formulas::take(&sound);
    if let Some(lines) = formulas.alone(&clean) {
        return display(lines, width, ink);
    }
    let resolve = |link: BrokenLink<'_>| {
        let target = definitions.get(&label(&link.reference))?;
        Some((CowStr::from(target.clone()), CowStr::from("")))
    };
    let parser = Parser::new_with_broken_link_callback(&clean, options(), Some(resolve));
    let mut page = Page {
        events: parser.peekable(),
        ink,
        formulas: &formulas,
        depth: 0,
        number,
    };
    let rows = page.blocks(width.max(1), ink.base);
    if rows.is_empty() && !clean.trim().is_empty() {
        // Definitions alone: they are text too, or they would be nowhere to be seen.
        return plain(&sound, width, ink.fg(Token::MdLinkUrl));
    }
    rows
}

/// Adds the link definitions of a block.
pub(super) fn define(source: &str, definitions: &mut Definitions) {
    if !source.contains("]:") {
        return;
    }
    let clean = sanitize(source);
    let parser = Parser::new_ext(&clean, options());
    for (name, definition) in parser.reference_definitions().iter() {
        definitions
            .entry(label(name))
            .or_insert_with(|| definition.dest.to_string());
    }
}

fn label(name: &str) -> String {
    let words: Vec<_> = name.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
}

/// A formula on lines of its own.
fn display(lines: &str, width: usize, ink: &Ink<'_>) -> Vec<Row> {
    let margin = if width > 8 { 2 } else { 0 };
    let lines = lines.split('\n').flat_map(|line| {
        let line = Span::styled(line.to_owned(), ink.fg(Token::MdCode));
        wrap_words(&[line], width - margin)
    });
    let indent = vec![Span::styled(" ".repeat(margin), ink.base)];
    beside(lines.collect(), width, indent.clone(), indent)
}

/// Text as it is, line by line.
pub(super) fn plain(text: &str, width: usize, style: Style) -> Vec<Row> {
    text.trim_end()
        .lines()
        .flat_map(|line| wrap_words(&[Span::styled(line.to_owned(), style)], width))
        .collect()
}

struct Page<'a, 'i, I: Iterator> {
    events: Peekable<I>,
    ink: &'a Ink<'i>,
    formulas: &'a Formulas<'a>,
    depth: usize,
    number: Option<u64>,
}

impl<'e, I: Iterator<Item = Event<'e>>> Page<'_, '_, I> {
    /// The blocks up to the end of the one that holds them, one empty row between them.
    fn blocks(&mut self, width: usize, style: Style) -> Vec<Row> {
        let mut rows = Vec::new();
        // Containers that are drawn flat and whose ends are still to come.
        let mut flat = 0usize;
        let mut snug = true;
        while let Some(event) = self.events.peek() {
            if inline::is_inline(event) {
                let lines = inline::read(&mut self.events, style, self.formulas, self.ink);
                append(&mut rows, wrap(&lines, width), false);
                snug = true;
                continue;
            }
            let Some(event) = self.events.next() else {
                break;
            };
            let block = match event {
                Event::Start(tag) if self.depth >= DEEPEST && is_container(&tag) => {
                    flat += 1;
                    continue;
                }
                Event::End(_) if flat > 0 => {
                    flat -= 1;
                    continue;
                }
                Event::End(_) => break,
                Event::Start(tag) => {
                    let list = matches!(tag, Tag::List(_));
                    let block = self.start(tag, width, style);
                    append(&mut rows, block, !(snug && list));
                    snug = false;
                    continue;
                }
                Event::Rule => {
                    let rule = "─".repeat(width.min(80));
                    vec![vec![Span::styled(rule, self.ink.fg(Token::MdHr))]]
                }
                Event::Html(html) => plain(&sanitize(&self.formulas.restore(&html)), width, style),
                _ => continue,
            };
            append(&mut rows, block, !snug);
            snug = false;
        }
        rows
    }

    fn start(&mut self, tag: Tag<'e>, width: usize, style: Style) -> Vec<Row> {
        match tag {
            Tag::Paragraph => {
                let lines = inline::read(&mut self.events, style, self.formulas, self.ink);
                self.skip_end();
                wrap(&lines, width)
            }
            Tag::Heading { level, .. } => self.heading(level, width, style),
            Tag::BlockQuote(_) => {
                let bar = drawn(Span::styled("│ ", self.ink.fg(Token::MdQuoteBorder)));
                let style = self.ink.fg(Token::MdQuote).add_modifier(Modifier::ITALIC);
                let rows = self.nested(width, 2, style);
                beside(rows, width, vec![bar.clone()], vec![bar])
            }
            Tag::CodeBlock(kind) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info,
                    CodeBlockKind::Indented => "".into(),
                };
                let text = self.text();
                let is_diagram =
                    mermaid::is_meant(&info) && self.ink.manner.mermaid != Mermaid::Off;
                let diagram = is_diagram.then(|| mermaid::draw(&text, width, self.ink));
                diagram
                    .flatten()
                    .unwrap_or_else(|| code::rows(&text, &info, width, self.ink))
            }
            Tag::HtmlBlock => {
                let text = self.text();
                plain(&sanitize(&text), width, style)
            }
            Tag::List(first) => self.list(first, width, style),
            Tag::FootnoteDefinition(name) => {
                let name = format!("[^{}]: ", super::sanitize_line(&name));
                let name = Span::styled(name, self.ink.fg(Token::MdLink));
                let wide = row_width(std::slice::from_ref(&name));
                let rows = self.nested(width, wide, style);
                let rest = Span::styled(" ".repeat(wide), style);
                beside(rows, width, vec![name], vec![rest])
            }
            Tag::Table(alignments) => table::read(
                &mut self.events,
                alignments,
                width,
                style,
                self.formulas,
                self.ink,
            ),
            _ => self.blocks(width, style),
        }
    }

    fn heading(&mut self, level: HeadingLevel, width: usize, style: Style) -> Vec<Row> {
        let mut style = style
            .patch(self.ink.look.fg(Token::MdHeading))
            .add_modifier(Modifier::BOLD);
        if level == HeadingLevel::H1 {
            style = style.add_modifier(Modifier::UNDERLINED);
        }
        let mut lines = inline::read(&mut self.events, style, self.formulas, self.ink);
        self.skip_end();
        let level = level as usize;
        if level >= 3
            && let Some(line) = lines.first_mut()
        {
            line.insert(0, Span::styled(format!("{} ", "#".repeat(level)), style));
        }
        wrap(&lines, width)
    }

    fn list(&mut self, first: Option<u64>, width: usize, style: Style) -> Vec<Row> {
        let mut number = first.map(|first| self.number.take().unwrap_or(first));
        let bullet = self.ink.fg(Token::MdListBullet);
        let mut rows = Vec::new();
        while let Some(Event::Start(Tag::Item)) = self.events.peek() {
            self.events.next();
            let mark = match number {
                Some(number) => format!("{number}. "),
                None => "- ".to_owned(),
            };
            number = number.map(|number| number.saturating_add(1));
            let loose = matches!(self.events.peek(), Some(Event::Start(Tag::Paragraph)));
            let wide = mark.len();
            let item = self.nested(width, wide, style);
            let item = if item.is_empty() {
                vec![Row::new()]
            } else {
                item
            };
            let rest = Span::styled(" ".repeat(wide), style);
            let item = beside(item, width, vec![Span::styled(mark, bullet)], vec![rest]);
            append(&mut rows, item, loose);
        }
        self.skip_end();
        rows
    }

    /// The blocks of a container that takes `margin` columns for itself.
    fn nested(&mut self, width: usize, margin: usize, style: Style) -> Vec<Row> {
        self.depth += 1;
        let rows = self.blocks(inner(width, margin), style);
        self.depth -= 1;
        rows
    }

    /// The text of a block that holds nothing else, with its end.
    fn text(&mut self) -> String {
        let mut text = String::new();
        for event in self.events.by_ref() {
            match event {
                Event::Text(piece) | Event::Html(piece) => {
                    text.push_str(&self.formulas.restore(&piece));
                }
                Event::End(_) => break,
                _ => {}
            }
        }
        text
    }

    fn skip_end(&mut self) {
        self.events.next_if(|event| matches!(event, Event::End(_)));
    }
}

fn is_container(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::BlockQuote(_) | Tag::List(_) | Tag::Item | Tag::FootnoteDefinition(_)
    )
}

/// The columns left beside a margin; a margin that leaves too few is not drawn.
fn inner(width: usize, margin: usize) -> usize {
    match width.checked_sub(margin) {
        Some(inner) if inner >= 4 => inner,
        _ => width,
    }
}

/// Rows with a margin: `first` before the first, `rest` before the others.
fn beside(rows: Vec<Row>, width: usize, first: Row, rest: Row) -> Vec<Row> {
    if inner(width, row_width(&first)) == width {
        return rows;
    }
    let margin = |at| if at == 0 { &first } else { &rest };
    let join = |(at, row): (usize, Row)| {
        let blank = row.is_empty() && margin(at).iter().all(|span| span.content.trim().is_empty());
        if blank {
            return row;
        }
        margin(at).iter().cloned().chain(row).collect()
    };
    rows.into_iter().enumerate().map(join).collect()
}

fn wrap(lines: &[Row], width: usize) -> Vec<Row> {
    lines
        .iter()
        .flat_map(|line| wrap_words(line, width))
        .collect()
}

fn append(rows: &mut Vec<Row>, block: Vec<Row>, gap: bool) {
    if block.is_empty() {
        return;
    }
    if gap && !rows.is_empty() {
        rows.push(Row::new());
    }
    rows.extend(block);
}

/// Whether an end closes a table's part.
pub(super) fn ends_table(event: &Event<'_>) -> bool {
    matches!(event, Event::End(TagEnd::Table))
}
