//! Who answers and how hard it thinks: changed by the person, recorded, remembered, told.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;

use super::actor::Actor;
use super::command::{NO_OTHER_MODEL, Reply};
use super::event::{Event, Level};
use super::local::caution;
use super::setup::Remember;
use crate::agent::Choice;
use crate::ai::{Model, ThinkingLevel, demo};
use crate::config::resolve::ScopedModel;
use crate::store::Store;

impl Actor {
    pub(super) async fn cycle_model(&mut self, forward: bool) -> Reply {
        let round: Vec<ScopedModel> = if self.setup.scope.is_empty() {
            let all = self.setup.models.choices();
            all.into_iter()
                .map(|model| ScopedModel {
                    model,
                    thinking: None,
                })
                .collect()
        } else {
            self.setup.scope.clone()
        };
        let current = self.choice.borrow().model.full_id();
        let at = round
            .iter()
            .position(|scoped| scoped.model.full_id() == current);
        let next = match (at, round.len()) {
            (_, 0) => None,
            (Some(_), 1) => None,
            (None, _) => Some(0),
            (Some(at), count) if forward => Some((at + 1) % count),
            (Some(at), count) => Some((at + count - 1) % count),
        };
        match next {
            Some(next) => {
                self.choose(round[next].model.clone(), round[next].thinking)
                    .await
            }
            None => Reply::Refused(NO_OTHER_MODEL.into()),
        }
    }

    pub(super) async fn choose(
        &mut self,
        model: Arc<Model>,
        thinking: Option<ThinkingLevel>,
    ) -> Reply {
        if !self.setup.models.is_connected(&model.provider) {
            return Reply::Refused(format!(
                "there is no key for {}; /login says how to connect it",
                model.provider
            ));
        }
        let (provider, id) = (model.provider.clone(), model.id.clone());
        self.ledger
            .with_store(|store| store.append_model_change(&provider, &id));
        let before = self.choice.borrow().clone();
        // A level that could not be chosen freely says nothing about the next model.
        let was_free = before.model.reasoning && before.model.provider != demo::PROVIDER;
        let wanted = match thinking {
            Some(level) => level,
            None if was_free => before.thinking,
            None => (self.setup.thinking_for)(&model),
        };
        let before = before.thinking;
        let thinking = model.clamp_thinking(wanted);
        self.choice.send_replace(Choice {
            model: model.clone(),
            thinking,
        });
        let demo = model.provider == demo::PROVIDER;
        self.ledger.update_view(|view| {
            view.model = model.clone();
            view.demo = demo;
        });
        let (hooks, selected) = (self.runner.hooks.clone(), model.clone());
        self.errand(async move { hooks.model_selected(&selected).await });
        if !demo {
            self.remember(Remember::Model { provider, id });
        }
        if let Some(caution) = caution(&model) {
            self.notice(Level::Warning, &caution);
        }
        self.ledger.publish(Event::ModelChanged(model));
        if thinking != before {
            self.thinking_changed(thinking).await;
        }
        Reply::Done
    }

    pub(super) async fn cycle_thinking(&mut self) -> Reply {
        let choice = self.choice.borrow().clone();
        let levels = choice.model.thinking_levels();
        let at = levels.iter().position(|level| *level == choice.thinking);
        match levels.len() {
            0 | 1 => Reply::Refused(format!("{} does not think", choice.model.name)),
            count => self.think(levels[(at.unwrap_or(0) + 1) % count]).await,
        }
    }

    pub(super) async fn think(&mut self, level: ThinkingLevel) -> Reply {
        let choice = self.choice.borrow().clone();
        let thinking = choice.model.clamp_thinking(level);
        if thinking != choice.thinking {
            self.choice.send_replace(Choice { thinking, ..choice });
            self.thinking_changed(thinking).await;
            self.remember(Remember::Thinking(thinking));
        }
        Reply::Done
    }

    async fn thinking_changed(&mut self, level: ThinkingLevel) {
        self.ledger
            .with_store(|store| store.append_thinking_change(level));
        self.ledger.update_view(|view| view.thinking = level);
        let hooks = self.runner.hooks.clone();
        self.errand(async move { hooks.thinking_selected(level).await });
        self.ledger.publish(Event::ThinkingChanged(level));
    }

    fn remember(&self, choice: Remember) {
        if let Err(why) = (self.setup.remember)(choice) {
            self.notice(Level::Warning, &why);
        }
    }

    /// Tells a hook; one that takes its time is not waited for.
    fn errand(&mut self, hook: impl Future<Output = ()> + Send + 'static) {
        let mut hook = Box::pin(AssertUnwindSafe(hook).catch_unwind());
        if (&mut hook).now_or_never().is_none() {
            self.errands.spawn(async move {
                // A crash of a hook that only watches changes nothing.
                let _ = hook.await;
            });
        }
    }
}

/// Writes model and thinking level where they differ from what the record says.
pub(super) fn begin_record(store: &mut Store, choice: &Choice) {
    let known = store.model();
    let same = known.is_some_and(|known| {
        known.provider == choice.model.provider && known.id == choice.model.id
    });
    // A refusal by the disk comes again, and is told, with the first message.
    if !same {
        let _ = store.append_model_change(&choice.model.provider, &choice.model.id);
    }
    if store.thinking().as_deref() != Some(choice.thinking.as_str()) {
        let _ = store.append_thinking_change(choice.thinking);
    }
}
