//! The frame, from the top: transcript, what waits, status, popup, editor or panel, footer. Whatever
//! the size, something useful is shown: what matters least gives way first.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Borders, Widget};

use super::App;
use super::activity::STEP;
use crate::session::Level;
use crate::tui::footer::{self, thinking_token};
use crate::tui::look::Token;
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::truncate;

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// How many waiting messages are shown.
const WAITING: usize = 4;

/// The rows of the footer on a screen of that height.
pub(super) fn footer_height(height: u16) -> u16 {
    match height {
        8.. => 2,
        6..8 => 1,
        _ => 0,
    }
}

impl App {
    /// Paints the frame.
    pub fn draw(&mut self, frame: &mut Frame) {
        let area = frame.area();
        if area.is_empty() {
            return;
        }
        let footer_rows = footer_height(area.height);
        let mut bottom = area.bottom() - footer_rows;
        self.draw_footer(
            Rect {
                y: bottom,
                height: footer_rows,
                ..area
            },
            frame.buffer_mut(),
        );

        let room = bottom - area.y;
        let height = self.input_height(area.width, room);
        bottom -= height;
        let input = Rect {
            y: bottom,
            height,
            ..area
        };
        self.areas.input = input;
        if let Some(caret) = self.draw_input(input, frame.buffer_mut()) {
            frame.set_cursor_position(caret);
        }
        // The transcript keeps at least three rows.
        let room = usize::from((bottom - area.y).saturating_sub(3));
        let popup = self.completion_rows(usize::from(area.width), room);
        let height = u16::try_from(popup.len()).unwrap_or(0);
        self.areas.popup = Rect {
            y: bottom - height,
            height,
            ..area
        };
        let mut rows = self.rows_above(usize::from(area.width));
        rows.extend(popup);
        for line in rows.into_iter().rev().take(room) {
            bottom -= 1;
            line.render(
                Rect {
                    y: bottom,
                    height: 1,
                    ..area
                },
                frame.buffer_mut(),
            );
        }
        let height = bottom - area.y;
        self.areas.transcript = Rect { height, ..area };
        let width = area.width - self.bar_columns(area.width);
        let rows = self.transcript.viewport(width, height, &self.settings.look);
        for (y, row) in (area.y..bottom).zip(rows) {
            let area = Rect {
                y,
                height: 1,
                ..area
            };
            frame.buffer_mut().set_style(area, row.style);
            row.render(area, frame.buffer_mut());
        }
        self.draw_over(frame.buffer_mut());
    }

    /// Draws the editor or what stands in its place; returns where the caret is.
    pub(super) fn draw_input(&mut self, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        match &mut self.panel {
            Some(open) => open.panel.draw(area, buffer, &self.settings.look),
            None if self.finder.is_some() => self.draw_finder(area, buffer),
            None => self.draw_editor(area, buffer),
        }
    }

    /// How many rows the editor or the panel gets.
    pub(super) fn input_height(&mut self, width: u16, room: u16) -> u16 {
        if let Some(open) = &self.panel {
            let most = room.saturating_sub(3).max(room / 2);
            return open.panel.height(width).min(most).max(1).min(room);
        }
        if let Some(height) = self.finder_height(room) {
            return height;
        }
        let border = if room >= 6 { 2 } else { 0 };
        let most = (room / 3).max(1);
        self.editor.resize(self.editor_width(width), most);
        let rows = u16::try_from(self.editor.height()).unwrap_or(u16::MAX);
        (rows.clamp(1, most) + border).min(room)
    }

    fn editor_width(&self, width: u16) -> u16 {
        let padding = self.padding(width);
        // The caret behind a full row needs a column of its own.
        let caret = u16::from(padding == 0 && width > 1);
        width - padding * 2 - caret
    }

    /// What is left free on either side of the editor's text; a narrow screen has no columns to spare.
    fn padding(&self, width: u16) -> u16 {
        self.settings.padding.min(width / 4)
    }

    fn draw_editor(&mut self, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        let look = &self.settings.look;
        let token = if self.editor.is_shell() {
            Token::BashMode
        } else {
            thinking_token(self.view.thinking)
        };
        let style = look.fg(token);
        let mut inside = area;
        if area.height >= 3 {
            let block = Block::new()
                .borders(Borders::TOP | Borders::BOTTOM)
                .border_type(BorderType::Plain)
                .border_style(style);
            inside = block.inner(area);
            block.render(area, buffer);
        }
        let padding = self.padding(inside.width);
        let width = self.editor_width(area.width);
        inside.x += padding;
        // The caret may stand behind the last column of the text.
        inside.width = (width + 1).min(area.width - padding);
        self.areas.text = inside;
        self.editor.resize(width, inside.height);
        let (text, marker) = (look.fg(Token::Text), look.fg(Token::Accent));
        let drawn = self.editor.draw(inside, buffer, text, marker);
        if area.height >= 3 {
            let mut hidden = |rows: usize, y: u16, sign: &str| {
                if rows > 0 && area.width > 16 {
                    let note = format!(" {sign} {rows} more ");
                    buffer.set_string(area.x + 2, y, note, style);
                }
            };
            hidden(drawn.above, area.y, "↑");
            hidden(drawn.below, area.bottom() - 1, "↓");
        }
        drawn.caret
    }

    /// What stands between transcript and popup.
    pub(super) fn rows_above(&self, width: usize) -> Vec<Line<'static>> {
        let look = &self.settings.look;
        let row = |spans: Vec<Span<'static>>| Line::from(truncate(&spans, width));
        let mut rows = Vec::new();
        let waiting = [
            ("steers", &self.view.steering),
            ("follows", &self.view.follow_up),
        ];
        let count: usize = waiting.iter().map(|(_, texts)| texts.len()).sum();
        let each = waiting
            .iter()
            .flat_map(|(word, texts)| texts.iter().map(move |text| (word, text)));
        for (word, text) in each.take(WAITING) {
            rows.push(row(vec![
                Span::styled(format!(" {word}: "), look.fg(Token::Dim)),
                Span::styled(sanitize_line(text).to_string(), look.fg(Token::Muted)),
            ]));
        }
        if count > 0 {
            let more = count.saturating_sub(WAITING);
            let more = if more > 0 {
                format!("{more} more · ")
            } else {
                String::new()
            };
            let key = self.settings.keymap.describe("app.message.dequeue");
            let text = format!("   {more}{key} takes them back");
            rows.push(row(vec![Span::styled(text, look.fg(Token::Dim))]));
        }
        if let Some(status) = self.status() {
            rows.push(row(status));
        }
        rows
    }

    /// What is going on, and the latest short message.
    fn status(&self) -> Option<Vec<Span<'static>>> {
        let look = &self.settings.look;
        let summary = self.activity.compacting.or(self.activity.summarising);
        let since = summary.or(self.since);
        let mut spans = match self.activity.waiting(self.now) {
            Some((words, why)) if !self.stopping => self.waiting(&words, why),
            _ => since.map(|since| self.working(since)).unwrap_or_default(),
        };
        if let Some((text, level, _)) = &self.flash {
            let token = match level {
                Level::Info => Token::Muted,
                Level::Warning => Token::Warning,
                Level::Error => Token::Error,
            };
            let lead = if spans.is_empty() { " " } else { " · " };
            spans.push(Span::styled(lead, look.fg(Token::Dim)));
            spans.push(Span::styled(
                sanitize_line(text).to_string(),
                look.fg(token),
            ));
        }
        (!spans.is_empty()).then_some(spans)
    }

    /// What is waited for; nothing in it moves but the seconds.
    fn waiting(&self, words: &str, why: &str) -> Vec<Span<'static>> {
        let look = &self.settings.look;
        let key = self.settings.keymap.describe("app.interrupt");
        vec![
            Span::styled(" • ", look.fg(Token::Warning)),
            Span::styled(words.to_owned(), look.fg(Token::Warning)),
            Span::styled(format!(" · {key} stops · "), look.fg(Token::Dim)),
            Span::styled(sanitize_line(why).to_string(), look.fg(Token::Muted)),
        ]
    }

    fn working(&self, since: i64) -> Vec<Span<'static>> {
        let look = &self.settings.look;
        let step = usize::try_from(self.now / STEP).unwrap_or(0) % SPINNER.len();
        let key = self.settings.keymap.describe("app.interrupt");
        let seconds = (self.now - since).max(0) / 1000;
        let time = match seconds {
            0..60 => format!("{seconds}s"),
            _ => format!("{}m {:02}s", seconds / 60, seconds % 60),
        };
        let word = match &self.activity {
            _ if self.stopping => "Stopping…",
            activity if activity.compacting.is_some() => "Compacting…",
            activity if activity.summarising.is_some() => "Summarising the branch…",
            _ => "Working…",
        };
        let hint = match self.stopping {
            true => time,
            false => format!("{time} · {key} stops"),
        };
        let mut spans = vec![
            Span::styled(format!(" {} ", SPINNER[step]), look.fg(Token::Accent)),
            Span::styled(word, look.fg(Token::Muted)),
            Span::styled(format!(" {hint}"), look.fg(Token::Dim)),
        ];
        if !self.transcript.is_following() {
            let key = self.settings.keymap.describe("tui.altScreen.bottom");
            spans.push(Span::styled(
                format!(" · {key} to the end"),
                look.fg(Token::Dim),
            ));
        }
        spans
    }

    pub(super) fn draw_footer(&self, area: Rect, buffer: &mut Buffer) {
        let look = &self.settings.look;
        let home = self.settings.home.as_deref();
        let rows = footer::rows(
            &self.view,
            home,
            self.branch.as_deref(),
            usize::from(area.width),
            look,
        );
        // Where there is one row only, the figures and the model are worth more than the place.
        let hidden = rows.len().saturating_sub(usize::from(area.height));
        for (y, row) in (area.y..area.bottom()).zip(rows.into_iter().skip(hidden)) {
            buffer.set_style(
                Rect {
                    y,
                    height: 1,
                    ..area
                },
                Style::default(),
            );
            row.render(
                Rect {
                    y,
                    height: 1,
                    ..area
                },
                buffer,
            );
        }
    }
}
