//! A list to pick from: type to filter, arrows and pages to move, Enter to choose.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::roll::{Roll, Rolled};
use super::{Choice, News, Panel, Step, dismisses, frame, with_seconds};
use crate::config::{KeyChord, Keymap};
use crate::tui::look::{Look, Token};
use crate::tui::markdown::wrap::{row_width, truncate, wrap_words};
use crate::tui::markdown::{sanitize, sanitize_line};
use crate::tui::mouse::Mouse;

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What it is called; searched.
    pub label: String,
    /// Something about it, to the right; searched.
    pub detail: String,
    /// Whether it is what is in force now.
    pub current: bool,
    /// What choosing it means.
    pub choice: Choice,
}

/// A list to pick from.
pub struct ListPanel {
    title: String,
    /// Seconds that are left to choose.
    left: Option<u64>,
    /// Said above the entries, whole.
    message: String,
    /// Said when the list has no entries at all.
    empty: String,
    items: Vec<Item>,
    roll: Roll,
    has_filter: bool,
}

impl ListPanel {
    /// A list with this filter typed already; the entry in force is selected.
    pub fn new(title: &str, empty: &str, items: Vec<Item>, filter: &str) -> Self {
        let mut panel = ListPanel {
            title: title.into(),
            left: None,
            message: String::new(),
            empty: empty.into(),
            items,
            roll: Roll::new(filter),
            has_filter: true,
        };
        panel.search();
        let current = panel.items.iter().position(|item| item.current);
        if let Some(at) = current.filter(|_| panel.roll.filter.is_empty()) {
            panel.roll.select(at);
        }
        panel
    }

    /// With what was typed and selected in `before`, a list of the same entries.
    pub fn as_it_stood(mut self, before: &ListPanel) -> Self {
        self.roll.filter.clone_from(&before.roll.filter);
        self.search();
        let choice = before.selected();
        let mut items = self.items.iter();
        if let Some(at) = items.position(|item| Some(&item.choice) == choice) {
            self.roll.select(at);
        }
        self
    }

    /// With the last entry selected.
    pub fn from_the_end(mut self) -> Self {
        self.roll.go(isize::MAX);
        self
    }

    /// Without the row for what is typed: for a few entries.
    pub fn unfiltered(mut self) -> Self {
        self.has_filter = false;
        self
    }

    /// With this above the entries.
    pub fn saying(mut self, message: &str) -> Self {
        self.message = message.into();
        self
    }

    /// What choosing the selected entry means.
    pub fn selected(&self) -> Option<&Choice> {
        Some(&self.items.get(self.roll.selected()?)?.choice)
    }

    fn choose(&self, at: Option<usize>) -> Step {
        match at.and_then(|at| self.items.get(at)) {
            Some(item) => Step::Choose(item.choice.clone()),
            None => Step::Stay,
        }
    }

    fn said(&self, width: u16, look: Option<&Look>) -> Vec<Line<'static>> {
        if self.message.is_empty() {
            return Vec::new();
        }
        let style = look.map(|look| look.fg(Token::Text)).unwrap_or_default();
        let text = sanitize(&self.message);
        let rows = text.lines().flat_map(|line| {
            let line = [Span::styled(line.to_owned(), style)];
            wrap_words(&line, usize::from(width).max(1))
        });
        rows.map(Line::from).collect()
    }

    fn search(&mut self) {
        let items = self.items.iter();
        self.roll
            .search(items.map(|item| format!("{} {}", item.label, item.detail)));
    }
}

impl Item {
    fn row(&self, is_selected: bool, width: usize, look: &Look) -> Line<'static> {
        let mark = if is_selected { "› " } else { "  " };
        let style = if is_selected {
            look.bold(Token::Accent)
        } else {
            look.fg(Token::Text)
        };
        let current = if self.current { " ✓" } else { "" };
        let mut left = vec![
            Span::styled(mark, look.fg(Token::Accent)),
            Span::styled(sanitize_line(&self.label).to_string(), style),
            Span::styled(current, look.fg(Token::Success)),
        ];
        let detail = vec![Span::styled(
            sanitize_line(&self.detail).to_string(),
            look.fg(Token::Dim),
        )];
        let used = row_width(&left);
        let room = width.saturating_sub(used + 2);
        if room >= 8 {
            let detail = truncate(&detail, room);
            left.push(Span::raw(" ".repeat(width - used - row_width(&detail))));
            left.extend(detail);
        }
        Line::from(truncate(&left, width))
    }
}

impl Panel for ListPanel {
    fn height(&self, width: u16) -> u16 {
        let said = self.said(width.saturating_sub(2), None).len();
        u16::try_from(self.items.len().clamp(1, 14) + 3 + said).unwrap_or(u16::MAX)
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        let hint = format!(
            "{}/{} · enter chooses · escape closes",
            self.roll.shown().len(),
            self.items.len()
        );
        let title = with_seconds(&self.title, self.left);
        let mut inside = frame(area, buffer, look, &title, &hint);
        if inside.is_empty() {
            return None;
        }
        // The entries keep what they need to be chosen from.
        let least = u16::try_from(self.items.len().min(2)).unwrap_or(2) + 1;
        for row in self.said(inside.width, Some(look)) {
            if inside.height <= least {
                break;
            }
            row.render(
                Rect {
                    height: 1,
                    ..inside
                },
                buffer,
            );
            inside.y += 1;
            inside.height -= 1;
        }
        let width = usize::from(inside.width);
        let (items, roll) = (&self.items, &mut self.roll);
        let row = |at: usize, is_selected| items[at].row(is_selected, width, look);
        let caret = match self.has_filter {
            true => roll.draw((area, inside), buffer, look, Vec::new(), row),
            false => {
                roll.draw_rows((area, inside), buffer, look, row);
                None
            }
        };
        roll.say_none(items.len(), &self.empty, buffer, area, look);
        caret
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        if dismisses(chord, keymap) {
            return Step::Dismiss;
        }
        if keymap.matches("tui.select.confirm", chord) {
            return self.choose(self.roll.selected());
        }
        if self.roll.key(chord, keymap) == Rolled::Typed {
            self.search();
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str) {
        self.roll.paste(text);
        self.search();
    }

    fn mouse(&mut self, mouse: Mouse) -> Step {
        let at = self.roll.mouse(mouse);
        self.choose(at)
    }

    fn scroll(&mut self, rows: i32) {
        self.roll.go(isize::try_from(rows).unwrap_or(0));
    }

    fn told(&mut self, news: News) {
        if let News::Left(seconds) = news {
            self.left = Some(seconds);
        }
    }
}
