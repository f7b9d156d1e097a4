//! The search through what was sent before: newest first, type to narrow it down.

use std::collections::HashSet;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::roll::{Roll, Rolled};
use super::{Choice, News, Panel, Step, dismisses, frame};
use crate::config::{KeyChord, Keymap};
use crate::tui::look::{Look, Token};
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::truncate;
use crate::tui::mouse::Mouse;

/// The most rows of prompts that are worth their room.
const ROWS: usize = 10;

/// What was sent before, to pick from.
pub struct HistoryPanel {
    prompts: Vec<Prompt>,
    roll: Roll,
    hint: String,
}

struct Prompt {
    /// As it stands in the editor.
    raw: String,
    /// On one line, clean.
    line: String,
    /// That without capitals, to find where the words stand.
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
            roll: Roll::new(""),
            hint: format!("enter takes it · {key} an older one · escape"),
        };
        panel.search();
        panel
    }

    fn search(&mut self) {
        // The newest first, whatever was found in it.
        let lines = self.prompts.iter().map(|prompt| prompt.line.clone());
        self.roll
            .search_words(lines.map(|line| [line, String::new()]));
    }

    fn choose(&self, at: Option<usize>) -> Step {
        match at.and_then(|at| self.prompts.get(at)) {
            Some(prompt) => Step::Choose(Choice::Prompt(prompt.raw.clone())),
            None => Step::Stay,
        }
    }
}

impl Prompt {
    /// A prompt, from a little before the first word that was searched for.
    fn row(&self, filter: &str, is_selected: bool, width: usize, look: &Look) -> Line<'static> {
        let (mark, style) = match is_selected {
            true => ("› ", look.bold(Token::Accent)),
            false => ("  ", look.fg(Token::Text)),
        };
        let word = filter.split_whitespace().next().unwrap_or_default();
        let found = self.folded.find(&word.to_lowercase()).unwrap_or(0);
        // Lower case may have other lengths: characters are counted, not bytes.
        let before = self.folded[..found].chars().count();
        let skipped = match before + word.chars().count() + 2 > width {
            true => before.saturating_sub(width / 3),
            false => 0,
        };
        let mut text: String = self.line.chars().skip(skipped).collect();
        if skipped > 0 {
            text.insert(0, '…');
        }
        let spans = [
            Span::styled(mark, look.fg(Token::Accent)),
            Span::styled(text, style),
        ];
        Line::from(truncate(&spans, width))
    }
}

impl Panel for HistoryPanel {
    fn height(&self, _width: u16) -> u16 {
        u16::try_from(self.prompts.len().clamp(1, ROWS) + 3).unwrap_or(u16::MAX)
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        let inside = frame(area, buffer, look, "What you sent", &self.hint);
        let width = usize::from(inside.width);
        let (prompts, roll) = (&self.prompts, &mut self.roll);
        let filter = roll.filter.clone();
        let row = |at: usize, is_selected| prompts[at].row(&filter, is_selected, width, look);
        let caret = roll.draw((area, inside), buffer, look, Vec::new(), row);
        let empty = "nothing has been sent from here yet";
        roll.say_none(prompts.len(), empty, buffer, area, look);
        caret
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        let is = |id: &str| keymap.matches(id, chord);
        match () {
            () if dismisses(chord, keymap) => return Step::Dismiss,
            () if is("tui.select.confirm") => return self.choose(self.roll.selected()),
            () if is("app.history.search") => self.roll.go(1),
            () => {
                if self.roll.key(chord, keymap) == Rolled::Typed {
                    self.search();
                }
            }
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
        if let News::Prompts(prompts) = news {
            self.prompts = distinct(prompts);
            let selected = self.roll.at();
            self.search();
            self.roll.select_shown(selected);
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
