//! The settings: a list to search, values that change with a key, lists and lines where there is more to
//! choose. It reads and writes nothing itself: [`Panel::wishes`] says what it wants done, and
//! [`Panel::learn`] takes what came of it. `table` says what there is, `draw` paints, `inner` holds what is
//! opened over the list.

mod draw;
mod inner;
mod table;

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use serde_json::Value;

use super::roll::{Roll, Rolled};
use super::{Panel, Step, dismisses};
use crate::ai::Model;
use crate::config::{KeyChord, KeyName, Keymap};
use crate::tui::look::{Look, Token};
use crate::tui::mouse::Mouse;
use crate::tui::preferences::{Answer, Change, Request, Source, Standing};
use inner::Inner;

pub use table::{ENTRIES, Entry, Kind, When};

/// The settings.
pub struct SettingsPanel {
    roll: Roll,
    standing: Option<Standing>,
    /// What can be a default model.
    models: Vec<Arc<Model>>,
    inner: Option<Inner>,
    /// The theme that is looked at while it is not chosen.
    previewed: Option<String>,
    wishes: Vec<Request>,
    /// Said until the next key.
    note: Option<(String, Token)>,
    keys: Keys,
}

/// The names of keys.
struct Keys {
    confirm: String,
    cancel: String,
    reset: String,
}

impl SettingsPanel {
    /// The settings, with this typed already.
    pub fn new(models: Vec<Arc<Model>>, keymap: &Keymap, filter: &str) -> Self {
        let key = |id: &str| {
            let keys = keymap.describe(id);
            keys.split('/').next().unwrap_or_default().to_owned()
        };
        let mut panel = SettingsPanel {
            roll: Roll::new(filter),
            standing: None,
            models,
            inner: None,
            previewed: None,
            wishes: vec![Request::Standing],
            note: None,
            keys: Keys {
                confirm: key("tui.select.confirm"),
                cancel: key("tui.select.cancel"),
                reset: key("tui.editor.deleteCharForward"),
            },
        };
        panel.search();
        panel
    }

    fn search(&mut self) {
        let names = |entry: &Entry| format!("{} {}", entry.label, entry.name);
        let does = |entry: &Entry| entry.does().to_owned();
        self.roll
            .search_words(ENTRIES.iter().map(|entry| [names(entry), does(entry)]));
        if self.roll.shown().is_empty() {
            self.roll.search(ENTRIES.iter().map(names));
        }
    }

    fn selected(&self) -> Option<&'static Entry> {
        self.roll.selected().and_then(|at| ENTRIES.get(at))
    }

    /// What a setting is now; what the file says when that makes no sense is not.
    fn value(&self, entry: &Entry) -> Option<&Value> {
        let held = self.standing.as_ref()?.held.get(entry.name)?;
        held.value.as_ref().filter(|value| entry.takes(value))
    }

    fn source(&self, name: &str) -> &Source {
        let held = self.standing.as_ref().and_then(|now| now.held.get(name));
        held.map_or(&Source::Default, |held| &held.source)
    }

    /// The next or the previous of a few values; opens what has more.
    fn cycle(&mut self, by: isize) {
        let Some(entry) = self.selected() else { return };
        let values: Vec<Value> = match entry.kind {
            Kind::Choice(choices) => choices.iter().filter_map(|(json, _)| parse(json)).collect(),
            Kind::Theme => {
                let themes = self.standing.iter().flat_map(|now| &now.themes);
                themes.map(|name| Value::from(name.as_str())).collect()
            }
            _ => return self.open(),
        };
        let Ok(count) = isize::try_from(values.len()) else {
            return;
        };
        let now = self.value(entry);
        let at = values.iter().position(|value| Some(value) == now);
        let next = match at.and_then(|at| isize::try_from(at).ok()) {
            Some(at) => (at + by).rem_euclid(count.max(1)),
            None => 0,
        };
        if let Some(value) = usize::try_from(next).ok().and_then(|next| values.get(next)) {
            self.set(vec![Change::of(entry.name, Some(value.clone()))]);
        }
    }

    fn confirm(&mut self) {
        match self.selected().map(|entry| &entry.kind) {
            Some(Kind::Choice(choices)) if choices.len() <= 3 => self.cycle(1),
            Some(_) => self.open(),
            None => {}
        }
    }

    /// Puts the default back.
    fn reset(&mut self) {
        let Some(entry) = self.selected() else { return };
        let mut changes = vec![Change::of(entry.name, None)];
        if let Kind::Model = entry.kind {
            changes.push(Change::of("defaultModel", None));
        }
        self.set(changes);
    }

    fn set(&mut self, changes: Vec<Change>) {
        if self.standing.is_none() {
            return;
        }
        for change in &changes {
            let name = change.path.join(".");
            if let Some(now) = &mut self.standing
                && let Some(held) = now.held.get_mut(&name)
                && !matches!(held.source, Source::Run(_))
                && change.value.is_some()
            {
                // Seen before it is written; the truth follows.
                held.value.clone_from(&change.value);
                if held.source == Source::Default {
                    held.source = Source::User;
                }
            }
        }
        self.wishes.push(Request::Set(changes));
    }

    fn said(&mut self, changes: &[Change]) {
        let name = changes.first().map(|change| change.path.join("."));
        let entry = ENTRIES.iter().find(|entry| {
            name.as_deref()
                .is_some_and(|name| name.starts_with(entry.name))
        });
        let Some(entry) = entry else { return };
        let when = match entry.when {
            When::Now => "it holds now",
            When::NextRun => "it holds from the next run on",
            When::NextStart => "it holds from the next start on",
        };
        self.note = Some(match self.source(entry.name) {
            Source::Run(what) => (
                format!("saved; in this run {what} wins over it"),
                Token::Warning,
            ),
            _ => (format!("saved; {when}"), Token::Success),
        });
    }
}

/// A value of the table.
fn parse(json: &str) -> Option<Value> {
    serde_json::from_str(json).ok()
}

impl Panel for SettingsPanel {
    fn height(&self, width: u16) -> u16 {
        match &self.inner {
            Some(inner) => inner.panel().height(width),
            None => u16::try_from(ENTRIES.len().min(16) + 5).unwrap_or(u16::MAX),
        }
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        match &mut self.inner {
            Some(inner) => inner.panel_mut().draw(area, buffer, look),
            None => self.paint(area, buffer, look),
        }
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        self.note = None;
        if let Some(inner) = &mut self.inner {
            let step = inner.panel_mut().key(chord, keymap);
            return self.inner_step(step);
        }
        let is = |id: &str| keymap.matches(id, chord);
        match () {
            () if dismisses(chord, keymap) => return Step::Dismiss,
            () if is("tui.select.confirm") => self.confirm(),
            () if chord == KeyChord::plain(KeyName::Space) => self.cycle(1),
            () if is("tui.editor.cursorRight") => self.cycle(1),
            () if is("tui.editor.cursorLeft") => self.cycle(-1),
            () if is("tui.editor.deleteCharForward") => self.reset(),
            () => {
                if self.roll.key(chord, keymap) == Rolled::Typed {
                    self.search();
                }
            }
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str) {
        match &mut self.inner {
            Some(inner) => inner.panel_mut().paste(text),
            None => {
                self.roll.paste(text);
                self.search();
            }
        }
    }

    fn mouse(&mut self, mouse: Mouse) -> Step {
        self.note = None;
        if let Some(inner) = &mut self.inner {
            let step = inner.panel_mut().mouse(mouse);
            return self.inner_step(step);
        }
        if self.roll.mouse(mouse).is_some() {
            self.confirm();
        }
        Step::Stay
    }

    fn scroll(&mut self, rows: i32) {
        match &mut self.inner {
            Some(inner) => inner.panel_mut().scroll(rows),
            None => self.roll.go(isize::try_from(rows).unwrap_or(0)),
        }
    }

    fn wishes(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.wishes)
    }

    fn learn(&mut self, answer: &Answer) {
        match answer {
            Answer::Standing(standing) => self.standing = Some((**standing).clone()),
            Answer::Set(changes, Ok(_)) => {
                self.said(changes);
                self.wishes.push(Request::Standing);
            }
            Answer::Set(_, Err(why)) => {
                self.note = Some((why.clone(), Token::Error));
                self.wishes.push(Request::Standing);
            }
            _ => {}
        }
    }
}
