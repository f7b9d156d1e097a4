//! The search through what was sent before: newest first, type to narrow it down.

use std::collections::HashSet;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::{Choice, News, Panel, Step, dismisses, frame};
use crate::config::{KeyChord, KeyName, Keymap};
use crate::tui::editor::typed;
use crate::tui::look::{Look, Token};
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::{text_width, truncate};
use crate::tui::mouse::{Button, Mouse, MouseAct};

/// The most rows of prompts that are worth their room.
const ROWS: usize = 10;

/// What was sent before, to pick from.
pub struct HistoryPanel {
    prompts: Vec<Prompt>,
    filter: String,
    shown: Vec<usize>,
    selected: usize,
    first: usize,
    page: usize,
    /// Where the prompts were painted, from the panel's top left.
    rows: Rect,
    hint: String,
}

struct Prompt {
    /// As it stands in the editor.
    raw: String,
    /// On one line, clean.
    line: String,
    /// That without capitals, for the search.
    folded: String,
}

impl HistoryPanel {
    /// Over prompts, newest first: as they stand in the editor, and as they read. Of those that are alike
    /// the newest counts.
    pub fn new(prompts: Vec<(String, String)>, keymap: &Keymap) -> Self {
        let key = keymap.describe("app.history.search");
        let key = key.split('/').next().unwrap_or_default();
        let mut panel = HistoryPanel {
            prompts: distinct(prompts),
            filter: String::new(),
            shown: Vec::new(),
            selected: 0,
            first: 0,
            page: 1,
            rows: Rect::default(),
            hint: format!("enter takes it · {key} an older one · escape"),
        };
        panel.search();
        panel
    }

    fn search(&mut self) {
        let filter = self.filter.to_lowercase();
        let words: Vec<&str> = filter.split_whitespace().collect();
        let all = self.prompts.iter().enumerate();
        let fits = |prompt: &Prompt| words.iter().all(|word| prompt.folded.contains(word));
        self.shown = all
            .filter(|(_, prompt)| fits(prompt))
            .map(|(at, _)| at)
            .collect();
        self.selected = 0;
        self.first = 0;
    }

    fn go(&mut self, by: isize) {
        let last = self.shown.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
    }

    fn chosen(&self) -> Step {
        match self.shown.get(self.selected) {
            Some(at) => Step::Choose(Choice::Prompt(self.prompts[*at].raw.clone())),
            None => Step::Stay,
        }
    }

    /// A prompt, from a little before the first word that was searched for.
    fn row(&self, at: usize, is_selected: bool, width: usize, look: &Look) -> Line<'static> {
        let prompt = &self.prompts[at];
        let (mark, style) = match is_selected {
            true => ("› ", look.bold(Token::Accent)),
            false => ("  ", look.fg(Token::Text)),
        };
        let word = self.filter.split_whitespace().next().unwrap_or_default();
        let found = prompt.folded.find(&word.to_lowercase()).unwrap_or(0);
        // Lower case may have other lengths: characters are counted, not bytes.
        let before = prompt.folded[..found].chars().count();
        let skipped = match before + word.chars().count() + 2 > width {
            true => before.saturating_sub(width / 3),
            false => 0,
        };
        let mut text: String = prompt.line.chars().skip(skipped).collect();
        if skipped > 0 {
            text.insert(0, '…');
        }
        let spans = [
            Span::styled(mark, look.fg(Token::Accent)),
            Span::styled(text, style),
        ];
        let line = Line::from(truncate(&spans, width));
        match is_selected {
            true => line.style(look.bg(Token::SelectedBg)),
            false => line,
        }
    }
}

impl Panel for HistoryPanel {
    fn height(&self, _width: u16) -> u16 {
        u16::try_from(self.prompts.len().clamp(1, ROWS) + 3).unwrap_or(u16::MAX)
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        let inside = frame(area, buffer, look, "What you sent", &self.hint);
        if inside.is_empty() {
            return None;
        }
        let width = usize::from(inside.width);
        let filter = [
            Span::styled("/ ", look.fg(Token::Dim)),
            Span::styled(self.filter.clone(), look.fg(Token::Text)),
        ];
        let top = Rect {
            height: 1,
            ..inside
        };
        Line::from(truncate(&filter, width)).render(top, buffer);
        let rows = Rect {
            y: inside.y + 1,
            height: inside.height - 1,
            ..inside
        };
        self.rows = Rect {
            x: rows.x - area.x,
            y: rows.y - area.y,
            ..rows
        };
        self.page = usize::from(rows.height).max(1);
        let lowest = (self.selected + 1).saturating_sub(self.page);
        self.first = self.first.clamp(lowest, self.selected);
        if self.shown.is_empty() {
            let text = match self.prompts.is_empty() {
                true => "nothing has been sent from here yet",
                false => "nothing matches; backspace widens",
            };
            let line = [Span::styled(text, look.fg(Token::Muted))];
            Line::from(truncate(&line, width)).render(rows, buffer);
        }
        let shown = self.shown.iter().enumerate().skip(self.first);
        for (y, (at, index)) in (rows.y..rows.bottom()).zip(shown) {
            let line = self.row(*index, at == self.selected, width, look);
            let area = Rect {
                y,
                height: 1,
                ..rows
            };
            buffer.set_style(area, line.style);
            line.render(area, buffer);
        }
        let caret = u16::try_from(2 + text_width(&self.filter)).unwrap_or(u16::MAX);
        Some(Position {
            x: inside.x + caret.min(inside.width.saturating_sub(1)),
            y: inside.y,
        })
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        let is = |id: &str| keymap.matches(id, chord);
        let page = isize::try_from(self.page).unwrap_or(1);
        match () {
            () if dismisses(chord, keymap) => return Step::Dismiss,
            () if is("tui.select.confirm") => return self.chosen(),
            () if is("tui.select.up") => self.go(-1),
            () if is("tui.select.down") || is("app.history.search") => self.go(1),
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
                    self.narrow(&text);
                }
            }
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str) {
        self.narrow(sanitize_line(text).trim());
    }

    fn mouse(&mut self, mouse: Mouse) -> Step {
        let is_press = mouse.act == MouseAct::Press(Button::Left);
        let Some(mouse) = mouse.within(self.rows).filter(|_| is_press) else {
            return Step::Stay;
        };
        let at = self.first + usize::from(mouse.row);
        if at >= self.shown.len() {
            return Step::Stay;
        }
        self.selected = at;
        self.chosen()
    }

    fn scroll(&mut self, rows: i32) {
        self.go(isize::try_from(rows).unwrap_or(0));
    }

    fn told(&mut self, news: News) {
        if let News::Prompts(prompts) = news {
            self.prompts = distinct(prompts);
            let selected = self.selected;
            self.search();
            self.go(isize::try_from(selected).unwrap_or(0));
        }
    }
}

/// Those that differ, the newest of those that do not.
fn distinct(prompts: Vec<(String, String)>) -> Vec<Prompt> {
    let mut known = HashSet::new();
    let prompts = prompts.into_iter().filter_map(|(raw, reads)| {
        let lines: Vec<&str> = reads.lines().map(str::trim).collect();
        let line = sanitize_line(&lines.join(" ⏎ ")).into_owned();
        known.insert(line.clone()).then(|| Prompt {
            raw,
            folded: line.to_lowercase(),
            line,
        })
    });
    prompts.collect()
}

impl HistoryPanel {
    fn narrow(&mut self, text: &str) {
        self.filter.push_str(text);
        self.search();
    }
}
