//! Settings and their like: asked for beside the loop, put in force when they come.

use std::sync::Arc;

use super::{App, setup, welcome};
use crate::ai::Model;
use crate::config::trust::Decision;
use crate::session::{Command, Level, View};
use crate::tui::msg::{Asked, Effect};
use crate::tui::panels::{self, SettingsPanel};
use crate::tui::preferences::{Answer, Change, Fresh, Reloaded, Request};

impl App {
    /// What the panel wants of the settings.
    pub(super) fn wish(&mut self) -> Vec<Effect> {
        let wishes = self.panel.as_mut().map(|open| open.panel.wishes());
        let wishes = wishes.unwrap_or_default().into_iter();
        wishes.map(Effect::Prefer).collect()
    }

    /// The conversation as it is now, where no event tells of it.
    pub fn look_at(&mut self, view: Arc<View>) {
        self.view = view;
        let header = welcome::header(&self.view, &self.settings);
        self.transcript.set_header(header);
    }

    pub(super) fn open_settings(&mut self, models: Vec<Arc<Model>>) {
        let filter = std::mem::take(&mut self.model_filter);
        let panel = SettingsPanel::new(models, &self.settings.keymap, &filter);
        self.open(panel);
    }

    /// Reads everything again; not in a run, which goes by what it began with.
    pub(super) fn reload(&mut self) -> Vec<Effect> {
        if self.is_at_work() || self.shell {
            let text = "the model is at work: /reload when it has finished, or stop it first";
            self.flash(Level::Warning, text);
            return Vec::new();
        }
        vec![Effect::Prefer(Request::Reload(self.view.cwd.clone()))]
    }

    /// What was asked of the settings has an answer.
    pub(super) fn preferred(&mut self, answer: Answer) -> Vec<Effect> {
        if let Some(open) = &mut self.panel {
            open.panel.learn(&answer);
        }
        match answer {
            Answer::Standing(_) => Vec::new(),
            Answer::Set(changes, Ok(fresh)) => {
                if let Some(text) = kept(&changes) {
                    self.flash(Level::Info, text);
                }
                self.adopt(*fresh)
            }
            Answer::Set(_, Err(why)) => {
                if self.panel.is_none() {
                    self.notice(Level::Error, &why);
                }
                Vec::new()
            }
            Answer::Reloaded(reloaded) => self.reloaded(*reloaded),
            Answer::Trust(trust) => {
                let home = self.settings.home.clone();
                self.open(panels::trust(&trust, home.as_deref()));
                Vec::new()
            }
            Answer::Decided(decision, Ok(())) => self.decided(decision),
            Answer::Decided(_, Err(why)) => {
                self.notice(Level::Error, &why);
                Vec::new()
            }
        }
    }

    /// Looks like this theme without wearing it; without one, like the one that is worn.
    pub(super) fn try_on(&mut self, theme: Option<&str>) {
        let mut wardrobe = self.settings.wardrobe.clone();
        // A theme that is gone looks like the one that is worn.
        let _ = theme.map(|theme| wardrobe.wear(theme));
        self.settings.look = wardrobe.dress(&self.abilities);
        if theme.is_none() {
            self.settings.wardrobe = wardrobe;
        }
    }

    /// Puts new settings in force, here and in the conversation.
    fn adopt(&mut self, fresh: Fresh) -> Vec<Effect> {
        let before = std::mem::replace(&mut self.settings, fresh.settings);
        if !fresh.redress {
            self.settings.wardrobe = before.wardrobe;
        }
        self.try_on(None);
        // What the person has folded by a key stays until the setting says otherwise.
        let hide = self.settings.hide_thinking;
        if before.hide_thinking != hide && self.transcript.thinking_shown() == hide {
            self.transcript.toggle_thinking();
        }
        self.fit_pictures();
        self.transcript.set_up(setup(&self.view, &self.settings));
        self.look_at(self.view.clone());
        let mode = self.settings.mode;
        let switch = (before.mode != mode).then_some(Effect::Mode(mode));
        let renew = fresh.renewal.map(Command::Renew);
        let scope = fresh.scope.map(Command::SetScope);
        renew
            .map(|command| Effect::Send(command, Asked::Renewed))
            .into_iter()
            .chain(scope.map(|command| Effect::Send(command, Asked::Nothing)))
            .chain(switch)
            .collect()
    }

    fn reloaded(&mut self, reloaded: Reloaded) -> Vec<Effect> {
        let Reloaded {
            fresh,
            news,
            problems,
        } = reloaded;
        let mut text = match news.as_slice() {
            [] => "Reloaded; nothing is different.".to_owned(),
            [one] => format!("Reloaded. {one}"),
            many => format!("Reloaded.\n{}", many.join("\n")),
        };
        for problem in &problems {
            text.push_str(&format!("\nnot right: {problem}"));
        }
        let level = match problems.is_empty() {
            true => Level::Info,
            false => Level::Warning,
        };
        self.notice(level, &text);
        self.adopt(fresh)
    }

    fn decided(&mut self, decision: Decision) -> Vec<Effect> {
        if self.is_at_work() || self.shell {
            let text = "that is remembered; /reload acts on it when the model has finished";
            self.flash(Level::Info, text);
            return Vec::new();
        }
        let word = match decision {
            Decision::Trust | Decision::TrustParent => "trusted from now on",
            Decision::TrustNow => "trusted in this run",
            Decision::Distrust => "not trusted from now on",
            Decision::DistrustNow => "not trusted in this run",
            Decision::Forget => "the decision is forgotten",
        };
        self.flash(Level::Info, word);
        self.reload()
    }
}

/// What to say when a default was kept outside the settings' panel.
fn kept(changes: &[Change]) -> Option<String> {
    let first = changes.first()?;
    let word = |change: &Change| change.value.as_ref()?.as_str().map(str::to_owned);
    match first.path.first()?.as_str() {
        "defaultProvider" => {
            let id = changes.get(1).and_then(word)?;
            Some(format!("{}/{id} is the default now", word(first)?))
        }
        "defaultThinkingLevel" => Some(format!("thinking {} is the default now", word(first)?)),
        "modelThinkingLevels" => Some(format!(
            "thinking {} is the default of {} now",
            word(first)?,
            first.path.get(1)?
        )),
        _ => None,
    }
}
