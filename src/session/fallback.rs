//! Who goes on when the chosen model cannot: the chain of `fallbackModels`, one link at a time, within a run.
//! The next run begins with the chosen model again.
//!
//! What passes by waiting is `retry`'s, and comes first; what another model would be told too (a refusal, a
//! wrong key, a context that is too long) is nobody's business here.

use std::convert::Infallible;
use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::compact::Compactor;
use super::event::{Event, Fallback, Level};
use super::ledger::Ledger;
use super::models::Models;
use super::turn::Runner;
use crate::agent::Choice;
use crate::ai::failure::{Failure, Kind};
use crate::ai::local::Kind as Server;
use crate::ai::{AssistantMessage, Model, SharedMessage, ThinkingLevel};
use crate::config::resolve;

/// What of the chain a run has gone through.
#[derive(Default)]
pub(super) struct Descent {
    /// Who failed, and why; the chosen model first.
    failed: Vec<(Arc<Model>, String)>,
    /// Entries of the chain that nobody can be asked for, and why, as the last look found them.
    skipped: Vec<(String, &'static str)>,
    standing: Option<Standing>,
}

/// Who answers in the chosen model's place.
struct Standing {
    runner: Runner,
    choice: watch::Sender<Choice>,
    /// The person's own choice, for when they change it meanwhile.
    chosen: watch::Receiver<Choice>,
    /// What it was last.
    known: Choice,
}

/// Whether another model may do what this answer failed at.
pub(super) fn helps(answer: &AssistantMessage) -> bool {
    let kind = Failure::of(answer).map(|failure| failure.kind);
    matches!(
        kind,
        Some(Kind::Connection | Kind::Absent | Kind::Busy | Kind::Garbled | Kind::Quota)
    )
}

impl Descent {
    /// Whoever runs now: the one that stands in, else `usual`.
    pub fn runner(&self, usual: &Runner) -> Runner {
        let standing = self.standing.as_ref();
        standing.map_or(usual, |standing| &standing.runner).clone()
    }

    /// Does `round`; a model that the person chooses meanwhile answers from its next request on.
    pub async fn following<T>(&mut self, round: impl Future<Output = T>) -> T {
        let Some(standing) = &mut self.standing else {
            return round.await;
        };
        tokio::select! {
            // What was chosen in the pause before counts for this round.
            biased;
            never = follow(standing) => match never {},
            done = round => done,
        }
    }

    /// Whoever the person has chosen since the question of this `answer`, else the next of the chain that has
    /// a key and room for `context`; `None` when there is none, or none is wanted.
    pub async fn next(
        &mut self,
        usual: &Runner,
        answer: &AssistantMessage,
        context: &[SharedMessage],
        stop: &CancellationToken,
    ) -> Option<Choice> {
        if usual.fallback.is_empty() {
            return None;
        }
        let models = &usual.models;
        let current = self.runner(usual).choice.borrow().clone();
        let why = answer.error_message.clone().unwrap_or_default();
        let is_of = |model: &Model| model.provider == answer.provider && model.id == answer.model;
        // A server that answers under another name than it was asked by is blamed for it once.
        let is_blamed = self.failed.iter().any(|(failed, _)| is_of(failed));
        if !is_of(&current.model) && !is_blamed {
            let nameless = || {
                Arc::new(Model {
                    provider: answer.provider.clone(),
                    id: answer.model.clone(),
                    name: answer.model.clone(),
                    ..Model::clone(&current.model)
                })
            };
            let failed = models.find(&answer.provider, &answer.model);
            self.failed.push((failed.unwrap_or_else(nameless), why));
            return Some(current);
        }
        self.failed.push((current.model, why));
        let chosen = usual.choice.borrow().model.full_id();
        let registry = models.registry();
        let is_local = |pattern: &String| {
            Server::of_pattern(pattern).is_some() || !resolve::is_met(&registry, pattern)
        };
        if usual.fallback.iter().any(is_local) {
            models.look_for_local(stop).await;
        }
        if stop.is_cancelled() {
            return None;
        }
        let now = usual.choice.borrow().clone();
        if now.model.full_id() != chosen {
            return Some(now);
        }
        let wanted = now.thinking;
        let next = candidates(models, &usual.fallback).find(|(model, _)| {
            let id = model.full_id();
            let is_new = self.failed.iter().all(|(failed, _)| failed.full_id() != id);
            is_new && usual.compactor.fits(model, context)
        });
        if next.is_none() {
            let fits = |model: &Model| usual.compactor.fits(model, context);
            self.skipped = skipped(models, &usual.fallback, &self.failed, fits);
        }
        next.map(|(model, thinking)| Choice {
            thinking: model.clamp_thinking(thinking.unwrap_or(wanted)),
            model,
        })
    }

    /// Lets this one answer, and tells of it.
    pub fn stand_in(&mut self, usual: &Runner, next: Choice) {
        let ledger = &usual.ledger;
        ledger.update_view(|view| {
            view.model = next.model.clone();
            view.thinking = next.thinking;
        });
        if let Some((from, error)) = self.failed.last() {
            ledger.publish(Event::Fallback(Fallback::To {
                from: from.clone(),
                to: next.model.clone(),
                error: error.clone(),
            }));
        }
        usual.budget.meet(&next.model, ledger);
        let (choice, choices) = watch::channel(next);
        let compactor = Compactor {
            choice: choices.clone(),
            ..Compactor::clone(&usual.compactor)
        };
        let mut chosen = usual.choice.clone();
        let known = chosen.borrow_and_update().clone();
        self.standing = Some(Standing {
            runner: Runner {
                choice: choices,
                compactor: Arc::new(compactor),
                ..usual.clone()
            },
            choice,
            chosen,
            known,
        });
    }

    /// Tells that nobody of the chain is left.
    pub fn give_up(&mut self, ledger: &Ledger) {
        match self.failed.len() {
            0 => {}
            1 => ledger.publish(Event::Notice {
                level: Level::Warning,
                text: self.nobody(),
            }),
            _ => {
                let failed = std::mem::take(&mut self.failed);
                ledger.publish(Event::Fallback(Fallback::Exhausted {
                    failed,
                    skipped: std::mem::take(&mut self.skipped),
                }));
            }
        }
    }

    fn nobody(&self) -> String {
        let each = self.skipped.iter();
        let each: Vec<String> = each
            .map(|(entry, why)| format!("{entry} ({why})"))
            .collect();
        let mut text = "no model of fallbackModels can go on".to_owned();
        match each.is_empty() {
            true => text.push_str(": none is another one"),
            false => text.push_str(&format!(": {}", each.join("; "))),
        }
        text
    }

    /// The end of the run: the chosen model is the next one's again, and the session file says so.
    pub fn end(self, usual: &Runner) {
        if self.standing.is_none() {
            return;
        }
        let choice = usual.choice.borrow().clone();
        let (provider, id) = (&choice.model.provider, &choice.model.id);
        usual.ledger.with_store(|store| {
            let is_said = store
                .model()
                .is_some_and(|said| said.provider == *provider && said.id == *id);
            match is_said {
                true => Ok(()),
                false => store.append_model_change(provider, id).map(drop),
            }
        });
        usual.ledger.update_view(|view| {
            view.model = choice.model.clone();
            view.thinking = choice.thinking;
        });
    }
}

/// The models of the chain, in its order, and the level that a pattern names.
fn candidates(
    models: &Models,
    patterns: &[String],
) -> impl Iterator<Item = (Arc<Model>, Option<ThinkingLevel>)> {
    let (scope, _) = resolve::scope(&models.registry(), patterns);
    scope
        .into_iter()
        .map(|scoped| (scoped.model, scoped.thinking))
}

/// The entries of the chain that name nobody who could be asked, and why.
fn skipped(
    models: &Models,
    patterns: &[String],
    failed: &[(Arc<Model>, String)],
    fits: impl Fn(&Model) -> bool,
) -> Vec<(String, &'static str)> {
    let registry = models.registry();
    let why = |pattern: &String| {
        let one = std::slice::from_ref(pattern);
        let named: Vec<_> = candidates(models, one).collect();
        let has_failed = |model: &Model| {
            let id = model.full_id();
            failed.iter().any(|(failed, _)| failed.full_id() == id)
        };
        if named
            .iter()
            .any(|(model, _)| has_failed(model) || fits(model))
        {
            return None;
        }
        if !named.is_empty() {
            return Some("no room for this conversation");
        }
        if Server::of_pattern(pattern).is_some() {
            return Some("its server does not answer, or does not have it");
        }
        let (provider, id) = pattern.split_once('/').unwrap_or((pattern, ""));
        let bare = id.rsplit_once(':').map_or(id, |(bare, _)| bare);
        let is_known = [id, bare]
            .iter()
            .any(|id| registry.find(provider, id).is_some());
        match is_known && registry.auth_source(provider).is_none() {
            true => Some("no key"),
            false => Some("no such model can be used"),
        }
    };
    let each = patterns.iter();
    each.filter_map(|pattern| Some((pattern.clone(), why(pattern)?)))
        .collect()
}

/// Passes on what the person chooses. That their model has only been described anew is no choice.
async fn follow(standing: &mut Standing) -> Infallible {
    while standing.chosen.changed().await.is_ok() {
        let now = standing.chosen.borrow_and_update().clone();
        let before = std::mem::replace(&mut standing.known, now.clone());
        if now.model.full_id() != before.model.full_id() || now.thinking != before.thinking {
            standing.choice.send_replace(now);
        }
    }
    std::future::pending().await
}
