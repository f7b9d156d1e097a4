//! Compaction: the older part of a conversation gives way to a summary of it. And the summaries of
//! branches that are left.
//!
//! [`limits`] says when it is due, [`plan`] what goes and what stays, [`write`] has the summary written;
//! here is the story, in which nothing changes until the summary is whole. What is told to whom and when
//! it is called is left to `session::turn` and `session::branch`. Reference: `docs/compaction.md`.

mod cut;
pub(in crate::session) mod estimate;
mod files;
mod left;
mod limits;
mod plan;
mod request;
mod serialise;
pub(in crate::session) mod supplied;
mod tell;
mod words;
mod write;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::FutureExt;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::budget::Budget;
use super::command::Compacted;
use super::event::{Event, Reason};
use super::ledger::Ledger;
use super::retry::Retry;
use crate::agent::hooks::{CompactionPlan, SessionChange, SessionDecision, Unanswered, ask};
use crate::agent::{Choice, Hooks};
use crate::ai::{Model, Provider, Request, SharedMessage};
use crate::store::{self, Growth, Summary};
use estimate::{context_tokens, of_text};
use limits::Limits;
use plan::{DENSITY, Nothing, Plan};
use serialise::text_of;
use supplied::Supplied;
use tell::Busy;
use words::{Focus, Task, merged};
use write::{Writer, Written};

pub(super) use limits::SummarySettings;

/// Makes room in a conversation, and summarises branches.
#[derive(Clone)]
pub(super) struct Compactor {
    pub ledger: Arc<Ledger>,
    pub provider: Arc<dyn Provider>,
    pub hooks: Arc<dyn Hooks>,
    pub choice: watch::Receiver<Choice>,
    /// What a request carries besides messages, tools and thinking.
    pub request: Request,
    pub retry: Arc<Retry>,
    pub budget: Arc<Budget>,
    pub settings: SummarySettings,
    /// Whether to compact without being asked.
    pub auto: Arc<AtomicBool>,
    pub memory: Arc<Memory>,
}

/// What is remembered so that nothing is tried, or told, again and again.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Compacting by itself has failed in this run.
    has_failed: AtomicBool,
    /// The person knows that the context is full of what cannot be summarised.
    has_told: AtomicBool,
}

/// Why nothing was compacted; the audience has been told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotCompacted {
    /// The person stopped it.
    Aborted,
    /// A hook was against it.
    Cancelled(String),
    /// It failed, or there was nothing to do.
    Failed(String),
}

/// A summary that is ready to be kept.
struct Ready {
    summary: Summary,
    first_kept: String,
    tokens_before: u64,
}

impl Compactor {
    /// Whether compaction happens without being asked.
    pub fn is_auto(&self) -> bool {
        self.auto.load(Ordering::Relaxed)
    }

    /// A run begins: what failed in the last one may be tried again.
    pub fn begin_run(&self) {
        self.memory.has_failed.store(false, Ordering::Relaxed);
    }

    /// Whether `messages`, the current branch's, nearly fill the model's context. Not again before the
    /// model has answered, nor after a failure in the same run.
    pub fn is_due(&self, model: &Model, messages: &[SharedMessage]) -> bool {
        if !self.is_auto() || self.memory.has_failed.load(Ordering::Relaxed) {
            return false;
        }
        let limits = Limits::of(&self.settings, model);
        let growth = self.ledger.with_store(|store| Ok(store.growth()));
        let Some(growth) = growth.filter(|_| limits.window > 0) else {
            return false;
        };
        let tokens = context_tokens(messages, &growth, self.request.system.len());
        if !limits.is_over(tokens) {
            return false;
        }
        if growth.is_compacted && !growth.has_answer {
            self.tell_full();
            return false;
        }
        true
    }

    /// Whether another model has room for `messages`, the current branch's, and for an answer.
    pub fn fits(&self, model: &Model, messages: &[SharedMessage]) -> bool {
        let growth = self.ledger.with_store(|store| Ok(store.growth()));
        let Some(growth) = growth else {
            return false;
        };
        let tokens = context_tokens(messages, &growth, self.request.system.len());
        !Limits::of(&self.settings, model).is_over(tokens)
    }

    /// Compacts the current branch of the store. Publishes start and end; a failure changes nothing.
    pub async fn compact(
        &self,
        reason: Reason,
        instructions: Option<&str>,
        will_retry: bool,
        stop: &CancellationToken,
    ) -> Result<Arc<Compacted>, NotCompacted> {
        let choice = self.choice.borrow().clone();
        let limits = Limits::of(&self.settings, &choice.model);
        let plan = self.plan(reason, limits).await;
        if let (Reason::Threshold, Err(nothing)) = (reason, &plan) {
            self.tell_full();
            self.memory.has_failed.store(true, Ordering::Relaxed);
            return Err(NotCompacted::Failed(nothing.as_str().into()));
        }
        self.ledger.publish(Event::CompactionStart { reason });
        let busy = Busy::new(&self.ledger);
        let work = async {
            let plan = plan.map_err(|nothing| self.hopeless(nothing, reason))?;
            let ready = self
                .ready(
                    &plan,
                    choice,
                    limits,
                    reason,
                    instructions,
                    will_retry,
                    stop,
                )
                .await?;
            self.keep(ready, stop)
        };
        let made = AssertUnwindSafe(work).catch_unwind().await;
        let made = made.unwrap_or_else(|_| {
            let why = "compacting crashed; this is a defect in pi";
            Err(NotCompacted::Failed(why.into()))
        });
        drop(busy);
        let failed = matches!(made, Err(NotCompacted::Failed(_)));
        self.memory.has_failed.store(failed, Ordering::Relaxed);
        self.tell_end(reason, will_retry, &made);
        made
    }

    /// A summary of the branch from where it parts from `target` to `leaf`; `None` when there is nothing
    /// on it.
    pub async fn summarise_branch(
        &self,
        leaf: &str,
        target: &str,
        instructions: Option<&str>,
        replace: bool,
        stop: &CancellationToken,
    ) -> Result<Option<Summary>, NotCompacted> {
        let _busy = Busy::new(&self.ledger);
        let choice = self.choice.borrow().clone();
        let range = self
            .ledger
            .try_store(|store| store.left_range(leaf, target))
            .map_err(|error| NotCompacted::Failed(error.to_string()))?;
        let most = Limits::branch(&self.settings, &choice.model);
        let left = beside(move || left::left(&range, most)).await?;
        if left.parts.is_empty() {
            return Ok(None);
        }
        let limits = Limits::of(&self.settings, &choice.model);
        let focus = Focus::of(instructions, replace);
        let writer = Writer::new(self, choice, limits, DENSITY, None, stop);
        let written = writer.write(Task::Branch, &left.parts, None, focus).await?;
        if stop.is_cancelled() {
            return Err(NotCompacted::Aborted);
        }
        let files = left.files.to_text(list_bytes(&limits));
        Ok(Some(Summary {
            text: format!("{}{files}", written.text),
            details: Some(left.files.details()),
            usage: Some(written.usage),
            from_hook: Some(false),
        }))
    }

    async fn plan(&self, reason: Reason, limits: Limits) -> Result<Plan, Nothing> {
        let look = self
            .ledger
            .with_store(|store| Ok((store.seen(), store.growth())));
        let (seen, growth) = look.ok_or(Nothing::Small)?;
        let system = self.request.system.len();
        let work = move || plan::plan(&seen, &growth, &limits, reason, system);
        beside(work).await.unwrap_or(Err(Nothing::Small))
    }

    /// The summary, of a hook or of the model.
    #[expect(
        clippy::too_many_arguments,
        reason = "one call, whose caller has just made them all"
    )]
    async fn ready(
        &self,
        plan: &Plan,
        choice: Choice,
        limits: Limits,
        reason: Reason,
        instructions: Option<&str>,
        will_retry: bool,
        stop: &CancellationToken,
    ) -> Result<Ready, NotCompacted> {
        let offer = CompactionPlan {
            reason: reason.as_str(),
            will_retry,
            first_kept: &plan.first_kept,
            to_summarise: &plan.history,
            turn_start: &plan.turn_start,
            previous_summary: plan.previous.as_deref(),
            tokens_before: plan.tokens_before,
            read_files: plan.files.read_only(),
            modified_files: plan.files.modified(),
            reserve_tokens: limits.reserve,
            keep_recent_tokens: limits.keep,
        };
        let change = SessionChange::Compact {
            instructions,
            plan: &offer,
        };
        let supplied = match ask(stop, self.hooks.before_session(change)).await {
            Err(Unanswered::Stopped) => return Err(NotCompacted::Aborted),
            // A hook that crashed has no say.
            Err(Unanswered::Crashed) | Ok(SessionDecision::Continue) => None,
            Ok(SessionDecision::Cancel(why)) => return Err(NotCompacted::Cancelled(why)),
            Ok(SessionDecision::Supply(value)) => {
                let supplied = Supplied::read(&value, "compaction");
                let none = || NotCompacted::Failed("a hook supplied no summary".into());
                Some(supplied.ok_or_else(none)?)
            }
        };
        let (summary, first_kept, tokens_before) = match supplied {
            Some(supplied) => {
                let summary = Summary {
                    text: supplied.summary,
                    details: supplied.details,
                    usage: supplied.usage,
                    from_hook: Some(true),
                };
                (summary, supplied.first_kept, supplied.tokens_before)
            }
            None => {
                let written = self
                    .written(plan, choice, limits, reason, instructions, stop)
                    .await?;
                if reason == Reason::Overflow && of_text(written.text.len()) >= plan.goes() {
                    return Err(self.no_shorter());
                }
                let summary = Summary {
                    text: written.text,
                    details: Some(plan.files.details()),
                    usage: Some(written.usage),
                    from_hook: Some(false),
                };
                (summary, None, None)
            }
        };
        Ok(Ready {
            summary,
            first_kept: first_kept.unwrap_or_else(|| plan.first_kept.clone()),
            tokens_before: tokens_before.unwrap_or(plan.tokens_before),
        })
    }

    /// The model's summary: of what is older, then of the beginning of a split turn, one after the other.
    async fn written(
        &self,
        plan: &Plan,
        choice: Choice,
        limits: Limits,
        reason: Reason,
        instructions: Option<&str>,
        stop: &CancellationToken,
    ) -> Result<Written, NotCompacted> {
        let writer = Writer::new(self, choice, limits, plan.density, Some(reason), stop);
        let focus = Focus::of(instructions, false);
        let parts = |messages: &[SharedMessage]| -> Vec<String> {
            messages.iter().filter_map(text_of).collect()
        };
        let (history, turn) = (parts(&plan.history), parts(&plan.turn_start));
        let previous = plan.previous.as_deref();
        let mut written = writer
            .write(Task::History, &history, previous, focus)
            .await?;
        if !turn.is_empty() {
            let start = writer.write(Task::TurnStart, &turn, None, focus).await?;
            written.text = merged(&written.text, &start.text);
            written.usage.add(&start.usage);
        }
        written
            .text
            .push_str(&plan.files.to_text(list_bytes(&limits)));
        Ok(written)
    }

    /// Writes the summary into the session: from here on it is in force.
    fn keep(&self, ready: Ready, stop: &CancellationToken) -> Result<Arc<Compacted>, NotCompacted> {
        if stop.is_cancelled() {
            return Err(NotCompacted::Aborted);
        }
        let written = self.ledger.try_store(|store| {
            let tree = store.tree();
            let leaf = store.leaf().and_then(|leaf| tree.find(leaf.as_str()));
            let kept = tree.find(&ready.first_kept);
            if !tree.ancestors(leaf).any(|index| Some(index) == kept) {
                let id = ready.first_kept.clone();
                return Err(store::Error::NoSuchEntry { id });
            }
            store.append_compaction(&ready.summary, &ready.first_kept, ready.tokens_before)
        });
        match written {
            // A full disk has been told; the summary is in force all the same.
            Ok(_) | Err(store::Error::Write { .. } | store::Error::Changed { .. }) => {}
            Err(error) => return Err(NotCompacted::Failed(error.to_string())),
        }
        self.memory.has_told.store(false, Ordering::Relaxed);
        let look = self
            .ledger
            .with_store(|store| Ok((store.totals().usage, store.branch())));
        let (usage, branch) = look.unzip();
        // The history that faces begin with stays as it was at the last rest: what is new is told.
        self.ledger.update_view(|view| {
            view.context_tokens = None;
            if let (Some(usage), Some(branch)) = (usage, &branch) {
                view.usage = usage;
                view.so_far = Arc::new(branch.clone());
            }
        });
        let left: Vec<SharedMessage> = branch
            .iter()
            .flat_map(|branch| (0..branch.len()).filter_map(|at| branch.message(at)))
            .collect();
        let system = self.request.system.len();
        Ok(Arc::new(Compacted {
            usage: ready.summary.usage,
            summary: ready.summary.text,
            first_kept: ready.first_kept,
            tokens_before: ready.tokens_before,
            tokens_after: context_tokens(&left, &Growth::default(), system),
            details: ready.summary.details,
        }))
    }
}

/// Bytes of each list of files behind a summary.
fn list_bytes(limits: &Limits) -> usize {
    usize::try_from(limits.summary)
        .unwrap_or(usize::MAX)
        .max(1_000)
}

/// Reads beside the conversation rather than in its way.
async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NotCompacted> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|crash| NotCompacted::Failed(format!("the session cannot be read: {crash}")))
}
