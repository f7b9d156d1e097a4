//! The tree panel on the screen: its frame, what is typed, and the entries in sight.

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::row::{self, Manner};
use super::{TreePanel, frame};
use crate::store::totals::grouped;
use crate::tui::look::{Look, Token};
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::{text_width, truncate};

/// Columns of the frame's edges that are kept for what is out of sight.
const MORE: usize = 13;

impl TreePanel {
    /// Draws all of the panel; returns where the caret is.
    pub(super) fn paint(
        &mut self,
        area: Rect,
        buffer: &mut Buffer,
        look: &Look,
    ) -> Option<Position> {
        // Room for what lies below, at the end of the same edge.
        let width = usize::from(area.width).saturating_sub(MORE);
        let fitting = |text: String| -> String {
            let spans = truncate(&[Span::raw(text)], width);
            spans.iter().map(|span| span.content.as_ref()).collect()
        };
        let (title, hint) = (fitting(self.title()), fitting(self.hint(width)));
        let mut rows = frame(area, buffer, look, &title, &hint);
        if rows.is_empty() {
            return None;
        }
        let mut caret = None;
        // A small panel is for the entries.
        let has_input = rows.height >= 6 || self.label.is_some() || !self.search.is_empty();
        if has_input {
            let input = Rect { height: 1, ..rows };
            caret = self.draw_input(input, buffer, look);
            rows.y += 1;
            rows.height -= 1;
        }
        self.page = usize::from(rows.height).max(1);
        let last = self.branches.len().saturating_sub(self.page);
        // Clicks leave the rows where they are; anything else brings the selected one to the middle.
        let is_seen = (self.first..self.first + self.page).contains(&self.selected);
        let first = match self.clicked.is_some() && is_seen {
            true => self.first.min(last),
            false => self.selected.saturating_sub(self.page / 2).min(last),
        };
        self.first = first;
        self.area = Rect {
            x: rows.x - area.x,
            y: rows.y - area.y,
            ..rows
        };
        let manner = Manner {
            look,
            width: rows.width.into(),
            times: self.times.then_some((self.now, &self.zone)),
        };
        if self.branches.len() == 0 && rows.height > 0 {
            let text = match self.search.is_empty() {
                true => "this view shows nothing",
                false => "nothing matches; backspace widens",
            };
            let line = [Span::styled(text, look.fg(Token::Muted))];
            Line::from(truncate(&line, manner.width)).render(rows, buffer);
        }
        for (y, at) in (rows.y..rows.bottom()).zip(first..self.branches.len()) {
            let line = row::draw(&self.branches, at, at == self.selected, &manner);
            let place = Rect {
                y,
                height: 1,
                ..rows
            };
            buffer.set_style(place, line.style);
            line.render(place, buffer);
        }
        if rows.width < area.width {
            self.draw_more(area, first, buffer, look);
        }
        caret
    }

    fn title(&self) -> String {
        let times = if self.times { " · label times" } else { "" };
        format!("Tree · {}{times}", self.filter.as_str())
    }

    /// The position and as many hints as there is room for.
    fn hint(&self, width: usize) -> String {
        let at = match self.branches.len() {
            0 => "0/0".to_owned(),
            count => format!("{}/{count}", self.selected + 1),
        };
        let mut hint = at;
        let unread = self.branches.unread();
        if !self.search.is_empty() && unread > 0 {
            let unread = grouped(unread as u64);
            return format!("{hint} · {unread} more are being read");
        }
        if let Some(word) = &self.word {
            return format!("{hint} · {}", sanitize_line(word));
        }
        for more in &self.hints {
            if text_width(&hint) + text_width(more) + 3 > width {
                break;
            }
            hint = format!("{hint} · {more}");
        }
        hint
    }

    /// What is typed, for a label or a search; returns where the caret is.
    fn draw_input(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        let (lead, token) = match self.label {
            Some(_) => ("label: ", Token::Warning),
            None => ("/ ", Token::Dim),
        };
        buffer.set_stringn(area.x, area.y, lead, area.width.into(), look.fg(token));
        let used = u16::try_from(text_width(lead)).unwrap_or(0).min(area.width);
        let rest = Rect {
            x: area.x + used,
            width: area.width - used,
            ..area
        };
        if let Some(label) = &mut self.label {
            label.editor.resize(rest.width, 1);
            let (text, marker) = (look.fg(Token::Text), look.fg(Token::Accent));
            if label.editor.is_empty() {
                let hint = Span::styled("empty takes it away", look.fg(Token::Dim));
                Line::from(truncate(&[hint], rest.width.into())).render(rest, buffer);
            }
            return label.editor.draw(rest, buffer, text, marker).caret;
        }
        let span = match self.search.is_empty() {
            true => Span::styled("type to search", look.fg(Token::Dim)),
            false => Span::styled(
                sanitize_line(&self.search).to_string(),
                look.fg(Token::Text),
            ),
        };
        Line::from(truncate(&[span], rest.width.into())).render(rest, buffer);
        let typed = u16::try_from(text_width(&self.search)).unwrap_or(u16::MAX);
        Some(Position {
            x: rest.x + typed.min(rest.width.saturating_sub(1)),
            y: rest.y,
        })
    }

    /// Says on the frame how much lies above and below.
    fn draw_more(&self, area: Rect, first: usize, buffer: &mut Buffer, look: &Look) {
        let below = self.branches.len().saturating_sub(first + self.page);
        for (y, sign, count) in [(area.y, '↑', first), (area.bottom() - 1, '↓', below)] {
            let note = Line::styled(format!(" {sign} {count} "), look.fg(Token::Dim));
            let width = u16::try_from(note.width()).unwrap_or(u16::MAX);
            if count > 0 && width + 4 < area.width {
                let place = Rect {
                    x: area.right() - width - 2,
                    y,
                    width,
                    height: 1,
                };
                note.alignment(Alignment::Right).render(place, buffer);
            }
        }
    }
}
