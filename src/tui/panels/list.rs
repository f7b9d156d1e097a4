//! A list to pick from: type to filter, arrows and pages to move, Enter to choose.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::{Choice, News, Panel, Step, dismisses, frame, with_seconds};
use crate::config::{KeyChord, KeyName, Keymap};
use crate::tui::editor::typed;
use crate::tui::look::{Look, Token};
use crate::tui::markdown::wrap::{row_width, text_width, truncate, wrap_words};
use crate::tui::markdown::{sanitize, sanitize_line};
use crate::tui::mouse::{Button, Mouse, MouseAct};

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    filter: String,
    shown: Vec<usize>,
    selected: usize,
    first: usize,
    page: usize,
    /// Where the entries were painted, from the panel's top left.
    rows: Rect,
    matcher: Matcher,
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
            filter: filter.into(),
            shown: Vec::new(),
            selected: 0,
            first: 0,
            page: 1,
            rows: Rect::default(),
            matcher: Matcher::new(Config::DEFAULT),
            has_filter: true,
        };
        panel.search();
        let current = panel.shown.iter().position(|at| panel.items[*at].current);
        panel.selected = current.filter(|_| panel.filter.is_empty()).unwrap_or(0);
        panel
    }

    /// With the last entry selected.
    pub fn from_the_end(mut self) -> Self {
        self.go(isize::MAX);
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
        self.selected = 0;
        self.first = 0;
        if self.filter.trim().is_empty() {
            self.shown = (0..self.items.len()).collect();
            return;
        }
        let pattern = Pattern::parse(&self.filter, CaseMatching::Smart, Normalization::Smart);
        let texts = self.items.iter().enumerate().map(|(at, item)| Candidate {
            at,
            text: format!("{} {}", item.label, item.detail),
        });
        let found = pattern.match_list(texts, &mut self.matcher);
        self.shown = found
            .into_iter()
            .map(|(candidate, _)| candidate.at)
            .collect();
    }

    fn go(&mut self, by: isize) {
        let Some(last) = self.shown.len().checked_sub(1) else {
            return;
        };
        self.selected = self.selected.saturating_add_signed(by).min(last);
    }

    fn draw_rows(&mut self, rows: Rect, area: Rect, buffer: &mut Buffer, look: &Look) {
        let width = usize::from(rows.width);
        self.rows = Rect {
            x: rows.x - area.x,
            y: rows.y - area.y,
            ..rows
        };
        self.page = usize::from(rows.height).max(1);
        self.first = self
            .first
            .clamp((self.selected + 1).saturating_sub(self.page), self.selected);
        if self.shown.is_empty() {
            let text = if self.items.is_empty() {
                &self.empty
            } else {
                "nothing matches; backspace widens"
            };
            let line = vec![Span::styled(text.to_owned(), look.fg(Token::Muted))];
            Line::from(truncate(&line, width)).render(rows, buffer);
        }
        for (y, index) in (rows.y..rows.bottom()).zip(self.first..self.shown.len()) {
            let line = self.row(self.shown[index], index == self.selected, width, look);
            let style = line.style;
            let area = Rect {
                y,
                height: 1,
                ..rows
            };
            buffer.set_style(area, style);
            line.render(area, buffer);
        }
    }

    fn row(&self, at: usize, is_selected: bool, width: usize, look: &Look) -> Line<'static> {
        let item = &self.items[at];
        let mark = if is_selected { "› " } else { "  " };
        let style = if is_selected {
            look.bold(Token::Accent)
        } else {
            look.fg(Token::Text)
        };
        let current = if item.current { " ✓" } else { "" };
        let mut left = vec![
            Span::styled(mark, look.fg(Token::Accent)),
            Span::styled(sanitize_line(&item.label).to_string(), style),
            Span::styled(current, look.fg(Token::Success)),
        ];
        let detail = vec![Span::styled(
            sanitize_line(&item.detail).to_string(),
            look.fg(Token::Dim),
        )];
        let used = row_width(&left);
        let room = width.saturating_sub(used + 2);
        if room >= 8 {
            let detail = truncate(&detail, room);
            left.push(Span::raw(" ".repeat(width - used - row_width(&detail))));
            left.extend(detail);
        }
        let line = Line::from(truncate(&left, width));
        if is_selected {
            line.style(look.bg(Token::SelectedBg))
        } else {
            line
        }
    }
}

struct Candidate {
    at: usize,
    text: String,
}

impl AsRef<str> for Candidate {
    fn as_ref(&self) -> &str {
        &self.text
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
            self.shown.len(),
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
        if !self.has_filter {
            self.draw_rows(inside, area, buffer, look);
            return None;
        }
        let prompt = vec![
            Span::styled("/ ", look.fg(Token::Dim)),
            Span::styled(
                sanitize_line(&self.filter).to_string(),
                look.fg(Token::Text),
            ),
        ];
        Line::from(truncate(&prompt, width)).render(
            Rect {
                height: 1,
                ..inside
            },
            buffer,
        );
        let caret = u16::try_from(2 + text_width(&self.filter))
            .unwrap_or(u16::MAX)
            .min(inside.width.saturating_sub(1));
        let rows = Rect {
            y: inside.y + 1,
            height: inside.height - 1,
            ..inside
        };
        self.draw_rows(rows, area, buffer, look);
        Some(Position {
            x: inside.x + caret,
            y: inside.y,
        })
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        let is = |id: &str| keymap.matches(id, chord);
        if dismisses(chord, keymap) {
            return Step::Dismiss;
        }
        if is("tui.select.confirm") {
            return match self.shown.get(self.selected) {
                Some(at) => Step::Choose(self.items[*at].choice.clone()),
                None => Step::Stay,
            };
        }
        let page = isize::try_from(self.page).unwrap_or(1);
        match () {
            () if is("tui.select.up") => self.go(-1),
            () if is("tui.select.down") => self.go(1),
            () if is("tui.select.pageUp") => self.go(-page),
            () if is("tui.select.pageDown") => self.go(page),
            () if chord == KeyChord::plain(KeyName::Home) => self.go(isize::MIN),
            () if chord == KeyChord::plain(KeyName::End) => self.go(isize::MAX),
            () if is("tui.editor.deleteCharBackward") => {
                self.filter.pop();
                self.search();
            }
            () if is("tui.editor.deleteToLineStart") || is("tui.editor.deleteWordBackward") => {
                self.filter.clear();
                self.search();
            }
            () => {
                if let Some(text) = typed(chord) {
                    self.filter.push_str(&text);
                    self.search();
                }
            }
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str) {
        self.filter.push_str(sanitize_line(text).trim());
        self.search();
    }

    fn mouse(&mut self, mouse: Mouse) -> Step {
        if mouse.act != MouseAct::Press(Button::Left) {
            return Step::Stay;
        }
        let Some(row) = mouse.within(self.rows).map(|mouse| usize::from(mouse.row)) else {
            return Step::Stay;
        };
        let Some(at) = self.shown.get(self.first + row) else {
            return Step::Stay;
        };
        self.selected = self.first + row;
        Step::Choose(self.items[*at].choice.clone())
    }

    fn scroll(&mut self, rows: i32) {
        self.go(isize::try_from(rows).unwrap_or(0));
    }

    fn told(&mut self, news: News) {
        if let News::Left(seconds) = news {
            self.left = Some(seconds);
        }
    }
}
