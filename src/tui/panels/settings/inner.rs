//! What is opened over the settings: a list of values, a line to type one in.

use serde_json::Value;

use super::table::{Entry, Kind};
use super::{SettingsPanel, parse};
use crate::ai::ThinkingLevel;
use crate::tui::look::Token;
use crate::tui::panels::{Choice, InputPanel, Item, ListPanel, Panel, Step};
use crate::tui::preferences::Change;

/// What is opened.
pub(super) enum Inner {
    List(ListPanel, Of),
    Line(InputPanel),
}

/// What a list is of.
pub(super) enum Of {
    /// Values of the setting, as JSON.
    Values,
    Themes,
    /// Models, for the default.
    Models,
    /// Models, to choose one whose level is to be set.
    ModelsWithLevels,
    /// Levels of this model.
    Levels(String),
}

/// Said in a list of levels: no level of its own.
const AS_OTHERS: &str = "as other models";

impl Inner {
    pub fn panel(&self) -> &dyn Panel {
        match self {
            Inner::List(list, _) => list,
            Inner::Line(line) => line,
        }
    }

    pub fn panel_mut(&mut self) -> &mut dyn Panel {
        match self {
            Inner::List(list, _) => list,
            Inner::Line(line) => line,
        }
    }
}

impl SettingsPanel {
    /// Opens what the selected setting is changed with.
    pub(super) fn open(&mut self) {
        let Some(entry) = self.selected() else { return };
        if self.standing.is_none() {
            return;
        }
        let now = self.value(entry).cloned();
        self.inner = Some(match entry.kind {
            Kind::Choice(choices) => {
                let items = choices.iter().map(|(json, shown)| {
                    item(
                        shown,
                        "",
                        parse(json) == now,
                        Choice::Answer((*json).into()),
                    )
                });
                Inner::List(
                    ListPanel::new(entry.label, "", items.collect(), ""),
                    Of::Values,
                )
            }
            Kind::Number(least, most) => self.line(
                &format!("{} ({least} to {most})", entry.label),
                entry,
                "empty for the default",
            ),
            Kind::Text => self.line(entry.label, entry, "empty for the default"),
            Kind::Theme => {
                let names = self.standing.iter().flat_map(|now| &now.themes);
                let items = names.map(|name| {
                    let is_current = now.as_ref().and_then(Value::as_str) == Some(name);
                    item(name, "", is_current, Choice::Answer(name.clone()))
                });
                let list = ListPanel::new(entry.label, "there is no theme", items.collect(), "");
                Inner::List(list, Of::Themes)
            }
            Kind::Model => Inner::List(self.models_list(entry.label), Of::Models),
            Kind::ModelLevels => Inner::List(self.models_list("The model"), Of::ModelsWithLevels),
        });
    }

    fn line(&self, title: &str, entry: &Entry, hint: &str) -> Inner {
        let now = match self.value(entry) {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        };
        Inner::Line(InputPanel::new(title, hint, &now, false))
    }

    fn models_list(&self, title: &str) -> ListPanel {
        let held = self.standing.as_ref().map(|now| &now.held);
        let text = |name: &str| held?.get(name)?.value.as_ref()?.as_str();
        let default = text("defaultProvider").zip(text("defaultModel"));
        let levels = held.and_then(|held| held.get("modelThinkingLevels")?.value.as_ref());
        let items = self.models.iter().map(|model| {
            let full = model.full_id();
            let own = levels.and_then(|levels| levels.get(&full)?.as_str());
            let detail = match own {
                Some(level) => format!("{} · thinks: {level}", model.provider),
                None => model.provider.clone(),
            };
            let is_default = default == Some((&model.provider, &model.id));
            item(&model.id, &detail, is_default, Choice::Answer(full))
        });
        let empty = "no model is connected; /login connects one";
        ListPanel::new(title, empty, items.collect(), "")
    }

    /// Does what the list or the line has come to.
    pub(super) fn inner_step(&mut self, step: Step) -> Step {
        match step {
            Step::Stay | Step::Do(_) => self.preview(),
            Step::Choose(Choice::Answer(said)) => {
                self.said_in(said);
                Step::Stay
            }
            Step::Dismiss | Step::Choose(_) => self.close(),
        }
    }

    /// Looks at the theme that is selected.
    fn preview(&mut self) -> Step {
        let Some(Inner::List(list, Of::Themes)) = &self.inner else {
            return Step::Stay;
        };
        match list.selected() {
            Some(Choice::Answer(name)) if self.previewed.as_ref() != Some(name) => {
                self.previewed = Some(name.clone());
                Step::Do(Choice::Look(Some(name.clone())))
            }
            _ => Step::Stay,
        }
    }

    fn close(&mut self) -> Step {
        self.inner = None;
        match self.previewed.take() {
            Some(_) => Step::Do(Choice::Look(None)),
            None => Step::Stay,
        }
    }

    fn said_in(&mut self, said: String) {
        let (Some(inner), Some(entry)) = (self.inner.take(), self.selected()) else {
            return;
        };
        self.previewed = None;
        match inner {
            Inner::List(_, Of::Values) => self.set(vec![Change::of(entry.name, parse(&said))]),
            Inner::List(_, Of::Themes) => {
                self.set(vec![Change::of(entry.name, Some(said.into()))]);
            }
            Inner::List(_, Of::Models) => {
                let (provider, id) = said.split_once('/').unwrap_or(("", &said));
                self.set(vec![
                    Change::of("defaultProvider", Some(provider.into())),
                    Change::of("defaultModel", Some(id.into())),
                ]);
            }
            Inner::List(_, Of::ModelsWithLevels) => self.open_levels(said),
            Inner::List(_, Of::Levels(model)) => {
                let level = ThinkingLevel::parse(&said).map(|level| Value::from(level.as_str()));
                self.set_level(model, level);
            }
            Inner::Line(_) => self.typed_in(entry, said.trim()),
        }
    }

    fn open_levels(&mut self, model: String) {
        let known = self.models.iter().find(|known| known.full_id() == model);
        let Some(known) = known else { return };
        let held = self.standing.as_ref().map(|now| &now.held);
        let own = held.and_then(|held| {
            let levels = held.get("modelThinkingLevels")?.value.as_ref()?;
            levels.get(&model)?.as_str()
        });
        let mut items: Vec<Item> = known
            .thinking_levels()
            .into_iter()
            .map(|level| {
                let name = level.as_str();
                item(name, "", own == Some(name), Choice::Answer(name.into()))
            })
            .collect();
        if own.is_some() {
            items.push(item(AS_OTHERS, "", false, Choice::Answer(AS_OTHERS.into())));
        }
        let list = ListPanel::new(&format!("How hard {} thinks", known.name), "", items, "");
        self.inner = Some(Inner::List(list, Of::Levels(model)));
    }

    fn set_level(&mut self, model: String, level: Option<Value>) {
        let change = Change {
            path: vec!["modelThinkingLevels".into(), model],
            value: level,
        };
        self.set(vec![change]);
    }

    fn typed_in(&mut self, entry: &'static Entry, said: &str) {
        let value = match entry.kind {
            _ if said.is_empty() => None,
            Kind::Number(least, most) => {
                let number = said.parse::<u64>().ok();
                match number.filter(|number| (least..=most).contains(number)) {
                    Some(number) => Some(number.into()),
                    None => {
                        let title = format!("{} must be {least} to {most}", entry.label);
                        self.inner = Some(Inner::Line(InputPanel::new(&title, "", said, false)));
                        self.note = Some((title, Token::Error));
                        return;
                    }
                }
            }
            _ => Some(said.into()),
        };
        self.set(vec![Change::of(entry.name, value)]);
    }
}

fn item(label: &str, detail: &str, current: bool, choice: Choice) -> Item {
    Item {
        label: label.into(),
        detail: detail.into(),
        current,
        choice,
    }
}
