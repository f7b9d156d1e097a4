//! Settings that change while a conversation lives: at once where nothing runs by them, else from the
//! next run on. A run is never changed under way, but for where its model is and what it takes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::actor::Actor;
use super::command::Reply;
use super::compact::{Compactor, SummarySettings};
use super::event::Event;
use super::models::Models;
use super::retry::Retry;
use super::setup::Place;
use super::turn::Runner;
use crate::agent::{Choice, Drain, Lane, Limits};
use crate::ai::{Model, ThinkingLevel, Timeouts, Transport, demo};
use crate::config::resolve::{self, ScopedModel};
use crate::config::settings::{BranchSummarySettings, CompactionSettings, RetrySettings};

/// What the settings say of a conversation, as [`super::Setup`] has it.
#[derive(Clone)]
pub struct Renewal {
    /// Put in front of the person's shell commands.
    pub shell_prefix: Option<String>,
    /// When a run stops by itself.
    pub limits: Limits,
    /// When and how the conversation is compacted.
    pub compaction: CompactionSettings,
    /// How the summary of a branch is written.
    pub branch_summary: BranchSummarySettings,
    /// How often and after which pauses a failed request is tried again.
    pub retry: RetrySettings,
    /// Patterns of the models that go on when the chosen one cannot.
    pub fallback: Vec<String>,
    /// How the queues are drained: steering, follow-ups.
    pub drains: (Drain, Drain),
    /// Tokens of thinking per level.
    pub thinking_budgets: BTreeMap<ThinkingLevel, u64>,
    /// Waiting limits of requests.
    pub timeouts: Timeouts,
    /// How to reach vendors that offer more than one way.
    pub transport: Transport,
    /// Whether the person is told of prompt caches that were missed.
    pub cache_notices: bool,
    /// What belongs to the working directory: tools, system prompt, context files. `None` leaves it.
    pub place: Option<Place>,
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewal").finish_non_exhaustive()
    }
}

impl Actor {
    /// Takes new settings. What can change in a run does so now, the rest before the next one.
    pub(super) fn renew(&mut self, renewal: Renewal) -> Reply {
        let compaction = renewal.compaction.enabled;
        let retry = renewal.retry.enabled;
        self.runner
            .compactor
            .auto
            .store(compaction, Ordering::Relaxed);
        self.runner.retry.auto.store(retry, Ordering::Relaxed);
        let told = renewal.cache_notices;
        self.ledger.tells_misses.store(told, Ordering::Relaxed);
        self.queues.set_drain(Lane::Steering, renewal.drains.0);
        self.queues.set_drain(Lane::FollowUp, renewal.drains.1);
        self.ledger.update_view(|view| {
            view.auto_compaction = compaction;
            view.auto_retry = retry;
            view.drains = renewal.drains;
        });
        self.setup.shell_prefix.clone_from(&renewal.shell_prefix);
        // A place that waits already is not forgotten for a later change that has none.
        let waiting = self.renewal.take().and_then(|waiting| waiting.place);
        self.take_up_models();
        let renewal = Renewal {
            place: renewal.place.or(waiting),
            ..renewal
        };
        match self.run {
            Some(_) => self.renewal = Some(renewal),
            None => self.put_in_force(renewal),
        }
        Reply::Done
    }

    /// Takes what the files say now of the models in use: where requests go, what they cost, what they
    /// take. Of one that the files do not have, nothing but the place.
    pub(super) fn take_up_models(&mut self) {
        let (models, brought) = (&self.setup.models, &self.setup.brought);
        let now = |model: &Arc<Model>| {
            let fresh = || known(models, model).filter(|known| known != model);
            // No file has the demo.
            let is_own = model.provider == demo::PROVIDER || brought.contains(model);
            (!is_own).then(fresh)?
        };
        let chosen = self.choice.borrow().model.clone();
        if let Some(fresh) = now(&chosen) {
            let before = self.choice.borrow().thinking;
            let thinking = fresh.clamp_thinking(before);
            self.choice.send_replace(Choice {
                model: fresh.clone(),
                thinking,
            });
            self.ledger.update_view(|view| {
                // Another model may stand in.
                if view.model.full_id() == fresh.full_id() {
                    view.model = fresh.clone();
                    view.thinking = thinking;
                }
            });
            if thinking != before {
                self.ledger.publish(Event::ThinkingChanged(thinking));
            }
        }
        let mut is_changed = false;
        for scoped in &mut self.setup.scope {
            if let Some(fresh) = now(&scoped.model) {
                scoped.model = fresh;
                is_changed = true;
            }
        }
        if is_changed {
            let scope = Arc::new(self.setup.scope.clone());
            self.ledger.update_view(|view| view.scope = scope);
        }
    }

    /// Before a run: what was changed during the last one.
    pub(super) fn renew_now(&mut self) {
        self.take_up_models();
        if let Some(renewal) = self.renewal.take() {
            self.put_in_force(renewal);
        }
    }

    fn put_in_force(&mut self, renewal: Renewal) {
        let mut runner = Runner::clone(&self.runner);
        runner.limits = renewal.limits;
        runner.fallback = renewal.fallback;
        runner.request.thinking_budgets = renewal.thinking_budgets;
        runner.request.timeouts = renewal.timeouts;
        runner.request.transport = renewal.transport;
        runner.retry = Arc::new(Retry::new(renewal.retry, self.ledger.view().id.as_str()));
        if let Some(place) = renewal.place {
            self.ledger.update_view(|view| {
                let names = place.tools.iter().map(|tool| tool.spec().name.clone());
                view.tools = names.collect();
                view.context_files.clone_from(&place.context_files);
            });
            self.setup.workspace = place.workspace;
            runner.tools = place.tools;
            runner.request.system = place.system;
        }
        runner.compactor = Arc::new(Compactor {
            request: runner.request.clone(),
            retry: runner.retry.clone(),
            settings: SummarySettings {
                compaction: renewal.compaction,
                branch_summary: renewal.branch_summary,
            },
            ..Compactor::clone(&runner.compactor)
        });
        self.runner = Arc::new(runner);
    }

    /// What cycling goes round from now on; empty for all models with credentials.
    pub(super) fn set_scope(&mut self, scope: Vec<ScopedModel>) -> Reply {
        self.ledger.update_view(|view| {
            view.scoped = !scope.is_empty();
            view.scope = Arc::new(scope.clone());
        });
        self.setup.scope = scope;
        Reply::Done
    }
}

/// Those of which the files say something else from the beginning: whoever holds the session brought them,
/// and means them as they are.
pub(super) fn brought<'a>(
    models: &Models,
    all: impl Iterator<Item = &'a Arc<Model>>,
) -> Vec<Arc<Model>> {
    let differs = |model: &&Arc<Model>| known(models, model).is_some_and(|known| known != **model);
    all.filter(differs).cloned().collect()
}

/// What the files say of a model.
fn known(models: &Models, model: &Model) -> Option<Arc<Model>> {
    let found = models.find(&model.provider, &model.id);
    found.or_else(|| resolve::unlisted(&models.registry(), model))
}
