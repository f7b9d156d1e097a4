//! Who answers and how hard it thinks: the lists, and what is chosen in them.

use std::sync::Arc;

use serde_json::Value;

use super::App;
use crate::ai::{Model, ThinkingLevel};
use crate::config::resolve::named;
use crate::session::{Command, Level};
use crate::tui::msg::{Asked, Effect};
use crate::tui::panels::{Choice, ModelsPanel, ScopedPanel, ThinkingPanel};
use crate::tui::preferences::{Change, Request};

impl App {
    /// Opens the list of models, or takes the one that was named outright.
    pub(super) fn open_models(&mut self, models: &[Arc<Model>]) -> Vec<Effect> {
        let typed = std::mem::take(&mut self.model_filter);
        if let Some(model) = named(&typed, models) {
            return set_model(model.provider.clone(), model.id.clone());
        }
        let view = &self.view;
        let keymap = &self.settings.keymap;
        let panel = |scope| ModelsPanel::new(models, scope, &view.model, keymap, &typed);
        if !typed.trim().is_empty() && panel(&[]).is_empty() {
            // There is nothing to show: a local server may have it, or there is a reason to tell.
            return vec![Effect::Send(Command::FindModel(typed), Asked::NamedModel)];
        }
        let panel = panel(&view.scope);
        self.open(panel);
        // It stands already: whoever is slow costs nobody anything.
        super::local::ask(Asked::LocalModels)
    }

    /// Takes the one that was found by its name.
    pub(super) fn take_named(&mut self, models: &[Arc<Model>]) -> Vec<Effect> {
        let found = models.first();
        found.map_or_else(Vec::new, |model| {
            set_model(model.provider.clone(), model.id.clone())
        })
    }

    pub(super) fn open_scoped_models(&mut self, models: &[Arc<Model>]) {
        let connected: Vec<Arc<Model>> = models
            .iter()
            .filter(|model| model.provider != crate::ai::demo::PROVIDER)
            .cloned()
            .collect();
        let panel = ScopedPanel::new(&connected, &self.view.scope, &self.settings.keymap);
        self.open(panel);
    }

    pub(super) fn thinking(&mut self, argument: &str) -> Vec<Effect> {
        let levels = self.view.model.thinking_levels();
        if !argument.is_empty() {
            let known = ThinkingLevel::parse(&argument.to_lowercase());
            if let Some(level) = known {
                return vec![Effect::Send(Command::SetThinking(level), Asked::Nothing)];
            }
            let names: Vec<&str> = levels.iter().map(|level| level.as_str()).collect();
            let text = format!(
                "{argument:?} is no thinking level; there are {}",
                names.join(", ")
            );
            self.flash(Level::Warning, text);
            return Vec::new();
        }
        let view = &self.view;
        let panel = ThinkingPanel::new(&view.model, view.thinking, &self.settings.keymap);
        self.open(panel);
        Vec::new()
    }

    /// Does what was chosen in a list of this kind.
    pub(super) fn chosen(&mut self, choice: Choice) -> Vec<Effect> {
        match choice {
            Choice::Model { provider, id } => set_model(provider, id),
            Choice::KeepModel { provider, id } => {
                let changes = vec![
                    Change::of("defaultProvider", Some(Value::from(provider.as_str()))),
                    Change::of("defaultModel", Some(Value::from(id.as_str()))),
                ];
                let mut effects = set_model(provider, id);
                effects.push(Effect::Prefer(Request::Set(changes)));
                effects
            }
            Choice::Thinking(level) => {
                vec![Effect::Send(Command::SetThinking(level), Asked::Nothing)]
            }
            Choice::KeepThinking {
                level,
                of_the_model,
            } => {
                let path = match of_the_model {
                    true => vec!["modelThinkingLevels".into(), self.view.model.full_id()],
                    false => vec!["defaultThinkingLevel".into()],
                };
                let value = Some(Value::from(level.as_str()));
                vec![
                    Effect::Send(Command::SetThinking(level), Asked::Nothing),
                    Effect::Prefer(Request::Set(vec![Change { path, value }])),
                ]
            }
            Choice::Trust(decision) => vec![Effect::Prefer(Request::Decide(decision))],
            choice => self.connect(choice),
        }
    }
}

fn set_model(provider: String, id: String) -> Vec<Effect> {
    let command = Command::SetModel { provider, id };
    vec![Effect::Send(command, Asked::Nothing)]
}
