//! Inline Markdown: words with styles, before they are wrapped.

use std::iter::Peekable;

use pulldown_cmark::{Event, LinkType, Tag, TagEnd};
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use super::math::Formulas;
use super::wrap::Row;
use super::{Ink, linking, sanitize_line};
use crate::tui::links::Link as Place;
use crate::tui::look::Token;

/// A link whose text is being read.
struct Link {
    target: Option<String>,
    text: String,
    /// Its text leads there: the target need not be shown.
    linked: bool,
}

/// Reads inline events up to the next event that is not inline, into the lines that hard and soft
/// breaks make of them.
pub(super) fn read<'e>(
    events: &mut Peekable<impl Iterator<Item = Event<'e>>>,
    start: Style,
    formulas: &Formulas<'_>,
    ink: &Ink<'_>,
) -> Vec<Row> {
    let mut inline = Inline {
        lines: vec![Row::new()],
        styles: vec![start],
        links: Vec::new(),
        formulas,
    };
    while let Some(event) = events.next_if(is_inline) {
        inline.take(event, ink);
    }
    linking::link(inline.lines, ink)
}

/// Whether an event belongs to a paragraph's text.
pub(super) fn is_inline(event: &Event<'_>) -> bool {
    match event {
        Event::Text(_) | Event::Code(_) | Event::InlineMath(_) | Event::DisplayMath(_) => true,
        Event::InlineHtml(_) | Event::FootnoteReference(_) => true,
        Event::SoftBreak | Event::HardBreak | Event::TaskListMarker(_) => true,
        Event::Start(tag) => matches!(
            tag,
            Tag::Emphasis
                | Tag::Strong
                | Tag::Strikethrough
                | Tag::Superscript
                | Tag::Subscript
                | Tag::Link { .. }
                | Tag::Image { .. }
        ),
        Event::End(tag) => matches!(
            tag,
            TagEnd::Emphasis
                | TagEnd::Strong
                | TagEnd::Strikethrough
                | TagEnd::Superscript
                | TagEnd::Subscript
                | TagEnd::Link
                | TagEnd::Image
        ),
        Event::Html(_) | Event::Rule => false,
    }
}

struct Inline<'f> {
    formulas: &'f Formulas<'f>,
    lines: Vec<Row>,
    styles: Vec<Style>,
    links: Vec<Link>,
}

impl Inline<'_> {
    fn take(&mut self, event: Event<'_>, ink: &Ink<'_>) {
        match event {
            Event::Text(text) => self.formulas(&text, ink),
            Event::InlineHtml(text) => self.text(&self.formulas.restore(&text), self.style()),
            Event::Code(code) | Event::InlineMath(code) | Event::DisplayMath(code) => {
                let style = self.style().patch(ink.look.fg(Token::MdCode));
                self.text(&self.formulas.restore(&code), style);
            }
            Event::FootnoteReference(name) => {
                let style = self.style().patch(ink.look.fg(Token::MdLink));
                self.text(&format!("[^{name}]"), style);
            }
            Event::TaskListMarker(done) => {
                let mark = if done { "[x] " } else { "[ ] " };
                let style = self.style().patch(ink.look.fg(Token::MdListBullet));
                self.text(mark, style);
            }
            // People and models break lines where they mean it.
            Event::SoftBreak | Event::HardBreak => self.lines.push(Row::new()),
            Event::Start(tag) => self.start(tag, ink),
            Event::End(tag) => self.end(tag, ink),
            Event::Html(_) | Event::Rule => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, ink: &Ink<'_>) {
        let style = self.style();
        let style = match tag {
            Tag::Emphasis => style.add_modifier(Modifier::ITALIC),
            Tag::Strong => style.add_modifier(Modifier::BOLD),
            Tag::Strikethrough => style.add_modifier(Modifier::CROSSED_OUT),
            Tag::Link {
                dest_url,
                link_type,
                ..
            } => {
                let place = self.open_link(link_type, &self.formulas.restore(&dest_url), ink);
                let link = style.patch(ink.look.fg(Token::MdLink));
                let link = link.add_modifier(Modifier::UNDERLINED);
                place.map_or(link, |place| place.on(link))
            }
            Tag::Image { dest_url, .. } => {
                let place =
                    self.open_link(LinkType::Inline, &self.formulas.restore(&dest_url), ink);
                let link = style.patch(ink.look.fg(Token::MdLink));
                place.map_or(link, |place| place.on(link))
            }
            _ => style,
        };
        self.styles.push(style);
    }

    fn end(&mut self, tag: TagEnd, ink: &Ink<'_>) {
        if self.styles.len() > 1 {
            self.styles.pop();
        }
        if !matches!(tag, TagEnd::Link | TagEnd::Image) {
            return;
        }
        let Some(link) = self.links.pop() else { return };
        let Some(target) = link.target else { return };
        let is_shown = link.linked && !link.text.trim().is_empty();
        if is_shown || link.text == target || target.is_empty() {
            return;
        }
        let style = self.style().patch(ink.look.fg(Token::MdLinkUrl));
        let shown = if link.text.is_empty() {
            target
        } else {
            format!(" ({target})")
        };
        self.text(&shown, style);
    }

    /// An autolink's text is its target already.
    fn open_link(&mut self, kind: LinkType, target: &str, ink: &Ink<'_>) -> Option<Place> {
        let shown = !matches!(kind, LinkType::Autolink | LinkType::Email);
        let place = ink.manner.linker.as_ref().and_then(|linker| match kind {
            LinkType::Email => linker.address(&format!("mailto:{target}")),
            _ => linker.target(target),
        });
        self.links.push(Link {
            target: shown.then(|| sanitize_line(target).into_owned()),
            text: String::new(),
            linked: place.is_some(),
        });
        place
    }

    /// Text with the formulas in it.
    fn formulas(&mut self, text: &str, ink: &Ink<'_>) {
        let formulas = self.formulas;
        for (piece, is_formula) in formulas.shown(text) {
            let style = match is_formula {
                true => self.style().patch(ink.look.fg(Token::MdCode)),
                false => self.style(),
            };
            for (at, line) in piece.split('\n').enumerate() {
                if at > 0 {
                    self.lines.push(Row::new());
                }
                self.text(line, style);
            }
        }
    }

    fn text(&mut self, text: &str, style: Style) {
        let text = sanitize_line(text);
        if text.is_empty() {
            return;
        }
        if let Some(link) = self.links.last_mut() {
            link.text.push_str(&text);
        }
        let Some(line) = self.lines.last_mut() else {
            return;
        };
        match line.last_mut() {
            Some(last) if last.style == style => last.content.to_mut().push_str(&text),
            _ => line.push(Span::styled(text.into_owned(), style)),
        }
    }

    fn style(&self) -> Style {
        self.styles.last().copied().unwrap_or_default()
    }
}
