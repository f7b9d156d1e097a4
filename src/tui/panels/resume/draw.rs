//! Paints the list of sessions: what is typed, the rows, the last words of the selected one.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::row::{Drawing, short, title};
use super::{Mode, ResumePanel};
use crate::store::index::{Sort, Voice};
use crate::tui::look::{Look, Token};
use crate::tui::markdown::wrap::{text_width, truncate, wrap_words};
use crate::tui::markdown::{sanitize, sanitize_line};
use crate::tui::panels::frame;

/// A panel of so many columns has room for the last words.
const WIDE: u16 = 100;

impl ResumePanel {
    pub(super) fn paint(
        &mut self,
        area: Rect,
        buffer: &mut Buffer,
        look: &Look,
    ) -> Option<Position> {
        // The rows first: the hint says where in the list they are.
        let framed = area.width >= 8 && area.height >= 4;
        self.page = usize::from(area.height.saturating_sub(if framed { 3 } else { 1 })).max(1);
        self.first = self
            .first
            .clamp((self.selected + 1).saturating_sub(self.page), self.selected);
        let hint = self.hint(usize::from(area.width.saturating_sub(4)));
        let inside = frame(area, buffer, look, &self.title(), &hint);
        if inside.is_empty() {
            return None;
        }
        let head = Rect {
            height: 1,
            ..inside
        };
        let mut rows = Rect {
            y: inside.y + 1,
            height: inside.height - 1,
            ..inside
        };
        let caret = self.paint_head(head, buffer, look);
        // A path says more than words beside it.
        if area.width >= WIDE && !self.with_paths {
            let width = rows.width * 2 / 5;
            let right = Rect {
                x: rows.right() - width,
                width,
                ..rows
            };
            rows.width -= width + 1;
            self.paint_said(right, buffer, look);
        }
        self.area = Rect {
            x: rows.x - area.x,
            y: rows.y - area.y,
            ..rows
        };
        self.paint_rows(rows, buffer, look);
        caret
    }

    fn title(&self) -> String {
        let scope = match self.all_projects {
            true => "All projects",
            false => "This project",
        };
        let sort = match self.sort {
            Sort::Recent => "recent",
            Sort::Created => "created",
            Sort::Name => "by name",
            Sort::Length => "longest",
        };
        let named = if self.named { " · named only" } else { "" };
        let is_looking = self.is_behind() || self.sessions.is_listening(&self.wanted());
        let reading = if is_looking { " · …" } else { "" };
        format!("{scope} · {sort}{named}{reading}")
    }

    /// Where in the list, and as many keys as there is room for.
    fn hint(&self, width: usize) -> String {
        let keys = &self.hints;
        let (confirm, cancel) = (&keys.confirm, &keys.cancel);
        match self.mode {
            Mode::Rename(..) => return format!("{confirm} names it · {cancel} goes back"),
            Mode::Confirm(_) => return format!("{confirm} deletes it · {cancel} keeps it"),
            Mode::List => {}
        }
        let len = self.sessions.len();
        let more = if self.sessions.more { "+" } else { "" };
        let up = if self.first > 0 { "↑" } else { "" };
        let is_down = self.first + self.page < len || self.sessions.more;
        let down = if is_down { "↓" } else { "" };
        let at = (self.selected + 1).min(len);
        let mut hint = format!("{at}/{len}{more} {up}{down}").trim_end().to_owned();
        let scope = match self.all_projects {
            true => "this project",
            false => "all projects",
        };
        for (key, what) in [
            (confirm, "opens"),
            (&keys.scope, scope),
            (cancel, "closes"),
            (&keys.sort, "sorts"),
            (&keys.named, "named"),
            (&keys.rename, "renames"),
            (&keys.delete, "deletes"),
            (&keys.paths, "paths"),
        ] {
            let next = format!(" · {key} {what}");
            if key.is_empty() || text_width(&hint) + text_width(&next) > width {
                continue;
            }
            hint.push_str(&next);
        }
        hint
    }

    /// The first row: what is typed, a question, or what was done.
    fn paint_head(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        let width = usize::from(area.width);
        let delete = match &self.mode {
            Mode::Confirm(path) => {
                let session = self.chosen().filter(|listed| listed.path == *path);
                Some(format!(
                    "delete {:?}?",
                    session.map(title).unwrap_or_default()
                ))
            }
            _ => None,
        };
        let (lead, typed) = match &mut self.mode {
            Mode::Rename(_, editor) => {
                let lead = Span::styled("name: ", look.fg(Token::Dim));
                let taken = 6.min(area.width);
                Line::from(lead).render(area, buffer);
                let rest = Rect {
                    x: area.x + taken,
                    width: area.width - taken,
                    ..area
                };
                editor.resize(rest.width, 1);
                let (text, marker) = (look.fg(Token::Text), look.fg(Token::Accent));
                return editor.draw(rest, buffer, text, marker).caret;
            }
            Mode::Confirm(_) => (
                Span::styled(delete.unwrap_or_default(), look.fg(Token::Error)),
                String::new(),
            ),
            Mode::List => match &self.note {
                Some((text, token)) => (
                    Span::styled(sanitize_line(text).into_owned(), look.fg(*token)),
                    String::new(),
                ),
                None => (
                    Span::styled("/ ", look.fg(Token::Dim)),
                    sanitize_line(&self.filter).into_owned(),
                ),
            },
        };
        let is_typed = matches!(self.mode, Mode::List) && self.note.is_none();
        let used = 2 + text_width(&typed);
        let row = [lead, Span::styled(typed, look.fg(Token::Text))];
        Line::from(truncate(&row, width)).render(area, buffer);
        is_typed.then(|| Position {
            x: area.x + u16::try_from(used).unwrap_or(u16::MAX).min(area.width - 1),
            y: area.y,
        })
    }

    fn paint_rows(&self, area: Rect, buffer: &mut Buffer, look: &Look) {
        let drawing = Drawing {
            at: &self.at,
            look,
            width: usize::from(area.width).max(1),
            sort: self.sort,
            with_directory: self.all_projects,
            with_path: self.with_paths,
        };
        if self.sessions.len() == 0 {
            let (text, token) = self.empty();
            let line = [Span::styled(text, look.fg(token))];
            let rows = wrap_words(&line, drawing.width);
            for (y, row) in (area.y..area.bottom()).zip(rows) {
                Line::from(row).render(
                    Rect {
                        y,
                        height: 1,
                        ..area
                    },
                    buffer,
                );
            }
            return;
        }
        for (y, index) in (area.y..area.bottom()).zip(self.first..self.sessions.len()) {
            let Some((listed, found)) = self.sessions.row(index) else {
                break;
            };
            let line = drawing.row(listed, found, index == self.selected);
            let area = Rect {
                y,
                height: 1,
                ..area
            };
            buffer.set_style(area, line.style);
            line.render(area, buffer);
        }
    }

    /// Why there is nothing to choose from, and what can be done.
    fn empty(&self) -> (String, Token) {
        let keys = &self.hints;
        let text = match &self.sessions.failed {
            _ if self.is_behind() => "reading the list of sessions…".to_owned(),
            None if self.sessions.is_listening(&self.wanted()) => {
                "looking through what was said…".to_owned()
            }
            Some(why) => return (sanitize_line(why).into_owned(), Token::Error),
            None if !self.filter.trim().is_empty() => match self.all_projects {
                true => "nothing matches; backspace widens".into(),
                false => format!(
                    "nothing matches; backspace widens, {} looks in all projects",
                    keys.scope
                ),
            },
            None if self.named => format!("no session has a name; {} shows all", keys.named),
            None if self.all_projects => "there are no sessions yet".into(),
            None => format!(
                "there are no sessions of this project yet; {} shows those of all projects",
                keys.scope
            ),
        };
        (text, Token::Muted)
    }

    /// Where the selected session was, and its last words, the latest at the bottom.
    fn paint_said(&self, area: Rect, buffer: &mut Buffer, look: &Look) {
        let width = usize::from(area.width.saturating_sub(2)).max(1);
        for y in area.y..area.bottom() {
            buffer.set_string(area.x, y, "│", look.fg(Token::BorderMuted));
        }
        let Some(session) = self.chosen() else {
            return;
        };
        let place = short(&session.digest.cwd, self.at.home.as_deref());
        let mut rows = vec![truncate(
            &[Span::styled(place, look.fg(Token::Muted))],
            width,
        )];
        let room = usize::from(area.height).saturating_sub(rows.len());
        let mut words = Vec::new();
        for (voice, text) in self.sessions.said(&session.path).unwrap_or_default() {
            let token = match voice {
                Voice::User => Token::Accent,
                _ => Token::Text,
            };
            let text = sanitize(text);
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            for line in lines {
                let line = [Span::styled(line.to_owned(), look.fg(token))];
                words.extend(wrap_words(&line, width));
            }
        }
        rows.extend(words.drain(words.len().saturating_sub(room)..));
        for (y, row) in (area.y..area.bottom()).zip(rows) {
            let area = Rect {
                x: area.x + 2,
                y,
                width: area.width.saturating_sub(2),
                height: 1,
            };
            Line::from(row).render(area, buffer);
        }
    }
}
