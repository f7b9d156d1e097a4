//! The models that cycling goes round: in or out, in which order. Every change holds in the session at
//! once; the settings are written when the person says so.
//!
//! Models of the round come first, in its order, then the others. Names in the settings that mean no model
//! now stay in the round, marked, until they are taken out.

mod draw;
mod round;

use std::collections::BTreeMap;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use serde_json::Value;

use super::roll::{Roll, Rolled};
use super::{Choice, Panel, Step, dismisses};
use crate::ai::{Model, ThinkingLevel};
use crate::config::resolve::ScopedModel;
use crate::config::{KeyChord, Keymap};
use crate::tui::look::{Look, Token};
use crate::tui::mouse::Mouse;
use crate::tui::preferences::{Answer, Change, Request, Source};
use round::Round;

/// The models that cycling goes round.
pub struct ScopedPanel {
    roll: Roll,
    models: BTreeMap<String, Arc<Model>>,
    /// All that can be used, in the order of the registry.
    all: Vec<String>,
    /// Levels that single models of the round are thought at.
    levels: BTreeMap<String, ThinkingLevel>,
    round: Round,
    /// The rows, as ids.
    rows: Vec<String>,
    is_unsaved: bool,
    note: Option<(String, Token)>,
    wishes: Vec<Request>,
    keys: Keys,
}

/// The names of keys.
struct Keys {
    confirm: String,
    all: String,
    none: String,
    provider: String,
    up: String,
    down: String,
    save: String,
    cancel: String,
}

/// The setting.
const SETTING: &str = "enabledModels";

impl ScopedPanel {
    /// All models, and those that cycling goes round; none of them means all.
    pub fn new(all: &[Arc<Model>], scope: &[ScopedModel], keymap: &Keymap) -> Self {
        let key = |id: &str| {
            let keys = keymap.describe(id);
            keys.split('/').next().unwrap_or_default().to_owned()
        };
        let ids = scope.iter().map(|scoped| scoped.model.full_id());
        let levels = scope
            .iter()
            .filter_map(|scoped| Some((scoped.model.full_id(), scoped.thinking?)));
        let known = all.iter().chain(scope.iter().map(|scoped| &scoped.model));
        let mut panel = ScopedPanel {
            roll: Roll::new(""),
            models: known
                .map(|model| (model.full_id(), model.clone()))
                .collect(),
            all: all.iter().map(|model| model.full_id()).collect(),
            levels: levels.collect(),
            round: Round((!scope.is_empty()).then(|| ids.collect())),
            rows: Vec::new(),
            is_unsaved: false,
            note: None,
            wishes: vec![Request::Standing],
            keys: Keys {
                confirm: key("tui.select.confirm"),
                all: key("app.models.enableAll"),
                none: key("app.models.clearAll"),
                provider: key("app.models.toggleProvider"),
                up: key("app.models.reorderUp"),
                down: key("app.models.reorderDown"),
                save: key("app.models.save"),
                cancel: key("tui.select.cancel"),
            },
        };
        panel.search();
        panel
    }

    fn search(&mut self) {
        self.rows = self.round.rows(&self.all);
        let texts = self.rows.iter().map(|id| match self.models.get(id) {
            Some(model) => format!("{id} {}", model.name),
            None => id.clone(),
        });
        let texts: Vec<String> = texts.collect();
        self.roll.search(texts.into_iter());
    }

    fn selected(&self) -> Option<String> {
        let at = self.roll.selected()?;
        self.rows.get(at).cloned()
    }

    /// What is shown, while something is typed; else all.
    fn targets(&self) -> Vec<String> {
        match self.roll.filter.trim().is_empty() {
            true => self.all.clone(),
            false => {
                let shown = self.roll.shown().iter();
                shown.filter_map(|at| self.rows.get(*at).cloned()).collect()
            }
        }
    }

    /// The round has changed: the list is put in order, and the session is told.
    fn changed(&mut self, follow: Option<&str>) -> Step {
        let at = self.roll.at();
        self.is_unsaved = true;
        self.note = None;
        self.search();
        match follow.and_then(|id| self.rows.iter().position(|row| row == id)) {
            Some(place) => self.roll.select(place),
            None => self.roll.select_shown(at),
        }
        Step::Do(Choice::Scope(self.scope()))
    }

    /// The round as the session takes it: nothing for all.
    fn scope(&self) -> Vec<ScopedModel> {
        let ids = match &self.round.0 {
            Some(ids) => ids.as_slice(),
            None => &[],
        };
        ids.iter()
            .filter_map(|id| {
                Some(ScopedModel {
                    model: self.models.get(id)?.clone(),
                    thinking: self.levels.get(id).copied(),
                })
            })
            .collect()
    }

    fn save(&mut self) {
        let value = match &self.round.0 {
            Some(ids) if !ids.is_empty() => {
                let written = ids.iter().map(|id| match self.levels.get(id) {
                    Some(level) => Value::from(format!("{id}:{}", level.as_str())),
                    None => Value::from(id.as_str()),
                });
                Some(Value::Array(written.collect()))
            }
            _ => None,
        };
        let change = Change::of(SETTING, value);
        self.wishes.push(Request::Set(vec![change]));
    }

    fn toggle(&mut self) -> Step {
        let Some(id) = self.selected() else {
            return Step::Stay;
        };
        self.round.toggle(&id, &self.all);
        self.changed(Some(&id))
    }

    fn toggle_provider(&mut self) -> Step {
        let model = self.selected().and_then(|id| self.models.get(&id).cloned());
        let Some(model) = model else {
            return Step::Stay;
        };
        let of_it = |id: &&String| {
            let known = self.models.get(*id);
            known.is_some_and(|known| known.provider == model.provider)
        };
        let ids: Vec<String> = self.all.iter().filter(of_it).cloned().collect();
        match ids.iter().all(|id| self.round.has(id)) {
            true => self.round.take_out(&ids, &self.all),
            false => self.round.take_in(&ids, &self.all),
        }
        self.changed(Some(&model.full_id()))
    }

    fn reorder(&mut self, by: isize) -> Step {
        match self.selected() {
            Some(id) if self.round.shift(&id, by) => self.changed(Some(&id)),
            _ => Step::Stay,
        }
    }
}

impl Panel for ScopedPanel {
    fn height(&self, _width: u16) -> u16 {
        u16::try_from(self.rows.len().clamp(1, 14) + 5).unwrap_or(u16::MAX)
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        self.paint(area, buffer, look)
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        let is = |id: &str| keymap.matches(id, chord);
        match () {
            () if dismisses(chord, keymap) => return Step::Dismiss,
            () if is("tui.select.confirm") => return self.toggle(),
            () if is("app.models.save") => self.save(),
            () if is("app.models.enableAll") => {
                let targets = self.targets();
                self.round.take_in(&targets, &self.all);
                return self.changed(None);
            }
            () if is("app.models.clearAll") => {
                let targets = self.targets();
                self.round.take_out(&targets, &self.all);
                return self.changed(None);
            }
            () if is("app.models.toggleProvider") => return self.toggle_provider(),
            () if is("app.models.reorderUp") => return self.reorder(-1),
            () if is("app.models.reorderDown") => return self.reorder(1),
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
        match self.roll.mouse(mouse) {
            Some(_) => self.toggle(),
            None => Step::Stay,
        }
    }

    fn scroll(&mut self, rows: i32) {
        self.roll.go(isize::try_from(rows).unwrap_or(0));
    }

    fn wishes(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.wishes)
    }

    fn learn(&mut self, answer: &Answer) {
        match answer {
            Answer::Standing(standing) if !self.is_unsaved => {
                let held = standing.held.get(SETTING);
                let is_of_files = held.is_some_and(|held| !matches!(held.source, Source::Run(_)));
                if is_of_files && !standing.unmatched.is_empty() {
                    self.round.keep(&standing.unmatched);
                    self.search();
                }
            }
            Answer::Set(_, Ok(_)) => {
                self.is_unsaved = false;
                let note = match self.scope().is_empty() {
                    true => "saved: with none ticked, all models take turns",
                    false => "saved to the settings",
                };
                self.note = Some((note.into(), Token::Success));
            }
            Answer::Set(_, Err(why)) => self.note = Some((why.clone(), Token::Error)),
            _ => {}
        }
    }
}
