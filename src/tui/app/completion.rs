//! The popup of completions: it follows the editor, takes keys and the mouse, and stands above the editor.

use std::path::PathBuf;

use ratatui::text::{Line, Span};

use super::App;
use crate::agent::Lane;
use crate::config::KeyChord;
use crate::session::Command;
use crate::tui::completion::{Facts, Found, Lookup, Need, Taken};
use crate::tui::look::Token;
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::{text_width, truncate};
use crate::tui::mouse::{Button, Mouse, MouseAct};
use crate::tui::msg::{Asked, Effect};

/// What entries are called takes at least so many columns, and at most so many.
const NARROWEST: usize = 20;
const WIDEST: usize = 44;

impl App {
    /// Follows what is typed; asked after whatever happened.
    pub(super) fn complete(&mut self) -> Vec<Effect> {
        let levels = self.view.model.thinking_levels();
        let facts = Facts {
            thinking: &levels,
            models: self.models.as_deref(),
        };
        let need = self.completion.follow(&self.editor, &facts);
        if !self.completion.is_on() {
            // Whoever asks again wants them as they are then.
            self.models = None;
        }
        self.fetch(need)
    }

    /// Tab, while nothing is offered.
    pub(super) fn complete_now(&mut self) -> Vec<Effect> {
        let levels = self.view.model.thinking_levels();
        let facts = Facts {
            thinking: &levels,
            models: self.models.as_deref(),
        };
        let need = self.completion.ask(&self.editor, &facts);
        self.fetch(need)
    }

    fn fetch(&mut self, need: Option<Need>) -> Vec<Effect> {
        match need {
            None => Vec::new(),
            Some(Need::Models) => vec![Effect::Send(Command::Models, Asked::Completion)],
            Some(Need::Answer(id, is_first, what)) => vec![Effect::Find(Lookup {
                id,
                root: self.view.cwd.clone(),
                home: self.settings.home.as_ref().map(PathBuf::from),
                is_first,
                what,
            })],
        }
    }

    /// What was looked for was found.
    pub(super) fn found(&mut self, found: Found) -> Vec<Effect> {
        if self.panel.is_none() && self.completion.hear(found) {
            self.completion.take_only(&mut self.editor);
        }
        Vec::new()
    }

    /// The models that may follow a command.
    pub(super) fn found_models(&mut self, models: Vec<std::sync::Arc<crate::ai::Model>>) {
        self.models = Some(models);
        let levels = self.view.model.thinking_levels();
        let facts = Facts {
            thinking: &levels,
            models: self.models.as_deref(),
        };
        self.completion.told_models(&self.editor, &facts);
    }

    /// `None` when the key is not for the popup.
    pub(super) fn completion_key(&mut self, chord: KeyChord) -> Option<Vec<Effect>> {
        let is = |id: &str| self.settings.keymap.matches(id, chord);
        match () {
            () if is("tui.select.up") => self.completion.go(-1),
            () if is("tui.select.down") => self.completion.go(1),
            () if is("tui.select.pageUp") => self.completion.page(false),
            () if is("tui.select.pageDown") => self.completion.page(true),
            () if is("app.interrupt") || is("tui.select.cancel") && !is("app.clear") => {
                self.completion.close(&self.editor);
            }
            () if is("tui.input.tab") => return Some(self.take_completion(true)),
            () if is("tui.input.submit") || is("tui.select.confirm") => {
                return Some(self.take_completion(false));
            }
            () => return None,
        }
        Some(Vec::new())
    }

    fn take_completion(&mut self, goes_on: bool) -> Vec<Effect> {
        match self.completion.take(&mut self.editor, goes_on) {
            Taken::Put => Vec::new(),
            Taken::Send => self.submit(Lane::Steering),
        }
    }

    /// The mouse over the popup: the entry under it is taken as with Tab.
    pub(super) fn completion_mouse(&mut self, mouse: Mouse) -> Vec<Effect> {
        let is_press = mouse.act == MouseAct::Press(Button::Left);
        if is_press && self.completion.point(usize::from(mouse.row)) {
            return self.take_completion(true);
        }
        Vec::new()
    }

    /// The rows of the popup, at most `room`.
    pub(super) fn completion_rows(&mut self, width: usize, room: usize) -> Vec<Line<'static>> {
        if self.panel.is_some() || !self.completion.is_open() {
            return Vec::new();
        }
        let look = &self.settings.look;
        let position = self.completion.position();
        let (shown, count) = self.completion.show(self.settings.completions.min(room));
        let labels = shown.iter().map(|entry| text_width(&entry.item.label));
        let most = WIDEST.min(width / 2).max(1);
        let column = labels.max().unwrap_or(0).max(NARROWEST).min(most);
        let last = shown.len().saturating_sub(1);
        let mut rows = Vec::new();
        for (at, entry) in shown.into_iter().enumerate() {
            let (mark, style) = match entry.is_selected {
                true => (" › ", look.bold(Token::Accent)),
                false => ("   ", look.fg(Token::Text)),
            };
            let label = Span::styled(sanitize_line(&entry.item.label).into_owned(), style);
            let has_detail = !entry.item.detail.is_empty();
            let label_room = if has_detail { column } else { width };
            let mut spans = vec![Span::styled(mark, look.fg(Token::Accent))];
            let label = truncate(&[label], label_room);
            let taken: usize = label.iter().map(|span| text_width(&span.content)).sum();
            spans.extend(label);
            let mut dim = String::new();
            if has_detail {
                dim.push_str(&" ".repeat((column + 1).saturating_sub(taken)));
                dim.push_str(&sanitize_line(&entry.item.detail));
            }
            // How far down the list this is, where it goes on.
            if at == last && count > last + 1 {
                dim.push_str(&format!(" ({position}/{count})"));
            }
            spans.push(Span::styled(dim, look.fg(Token::Dim)));
            rows.push(Line::from(truncate(&spans, width)));
        }
        rows
    }
}
