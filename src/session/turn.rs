//! One run, from the person's words to rest: hooks, context, the loop, and what is done by itself around
//! it: further attempts after a failure, room made where the context is full, the end of a budget.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::budget::Budget;
use super::compact::Compactor;
use super::event::Reason;
use super::fallback::{self, Descent};
use super::ledger::Ledger;
use super::models::Models;
use super::retry::{Attempts, Retry};
use crate::agent::hooks::ask;
use crate::agent::{
    AgentEvent, Checkpoint, Choice, Ending, Hooks, Limits, Pace, Passage, Queues, Run, Tool,
};
use crate::ai::{
    AssistantMessage, Body, Content, Message, Provider, Request, SharedMessage, StopReason,
    UserMessage, overflow,
};
use crate::store::Store;

/// What the audience is told when what stands before an attempt, such as a pause, uses up a budget.
const OUT_OF_BUDGET: &str = "a budget was used up before another attempt";

/// What every run of a conversation has in common.
#[derive(Clone)]
pub(super) struct Runner {
    pub ledger: Arc<Ledger>,
    pub provider: Arc<dyn Provider>,
    pub tools: Vec<Arc<dyn Tool>>,
    pub hooks: Arc<dyn Hooks>,
    pub queues: Queues,
    pub limits: Limits,
    pub request: Request,
    pub choice: watch::Receiver<Choice>,
    pub pace: Pace,
    pub compactor: Arc<Compactor>,
    pub retry: Arc<Retry>,
    pub budget: Arc<Budget>,
    /// Whether the run under way has told its last `agent_end`: what follows is not part of it.
    pub is_over: Arc<AtomicBool>,
    /// Patterns of the models that go on when the chosen one cannot.
    pub fallback: Vec<String>,
    /// What can be chosen.
    pub models: Arc<Models>,
}

/// What became of it.
pub(super) struct Rest {
    /// How the run ended.
    pub ending: Ending,
    /// The context as it is now, for the next run.
    pub context: Vec<SharedMessage>,
}

/// One round of the loop: from `agent_start` to before `agent_end`.
struct Round {
    ending: Ending,
    added: Vec<SharedMessage>,
    /// Whether the context was compacted meanwhile.
    is_compacted: bool,
}

/// What follows a round by itself.
enum Next {
    /// Nothing.
    Rest,
    /// The failed request again, after a pause.
    Retry(super::retry::Pause),
    /// The failed request again, once there is room.
    Recover,
    /// The failed request again, from another model.
    Fall(Choice),
}

impl Runner {
    /// Runs `prompts` to rest. `context` is the conversation so far, read from the store when not given.
    pub async fn run(
        &self,
        prompts: Vec<Message>,
        context: Option<Vec<SharedMessage>>,
        stop: CancellationToken,
    ) -> Rest {
        let model = self.choice.borrow().model.clone();
        let counting = self.budget.begin_run(&model, &self.ledger).await;
        let mut descent = Descent::default();
        let rest = self.work(prompts, context, &mut descent, stop).await;
        descent.end(self);
        self.budget.settle(&self.ledger).await;
        drop(counting);
        rest
    }

    async fn work(
        &self,
        mut prompts: Vec<Message>,
        context: Option<Vec<SharedMessage>>,
        descent: &mut Descent,
        stop: CancellationToken,
    ) -> Rest {
        let mut context = match context {
            Some(context) => context,
            None => {
                // A pi that was killed left calls behind it; their results come before what is said now.
                self.ledger.with_store(Store::close_interrupted_calls);
                self.read_context().await
            }
        };
        self.compactor.begin_run();
        // Before the words, so that they are never part of what is summarised.
        context = self.with_room(context, &stop).await;
        let said = prompts
            .iter()
            .map(super::ledger::text_of)
            .collect::<Vec<_>>()
            .join("\n");
        let hook = self.hooks.before_agent_start(&said, &self.request.system);
        let change = ask(&stop, hook).await.unwrap_or_default();
        prompts.extend(change.messages);
        let mut request = self.request.clone();
        if let Some(system) = change.system {
            request.system = system;
        }
        let mut attempts = Attempts::default();
        let mut may_recover = true;
        loop {
            let prompts = std::mem::take(&mut prompts);
            // The one that stands in, if one does.
            let now = descent.runner(self);
            let round = now.round(&request, context.clone(), prompts, &mut attempts, &stop);
            let round = descent.following(round).await;
            // Between two refusals the model has answered: the second is another one.
            may_recover |= now.has_answered(&round);
            context = match round.is_compacted {
                true => self.read_context().await,
                false => {
                    context.extend(round.added.iter().cloned());
                    context
                }
            };
            let mut next = now.next(&round, &attempts, may_recover, &stop);
            if matches!(next, Next::Rest)
                && let Some(answer) = now.failed_for_good(&round, &stop)
            {
                let before = context.len().saturating_sub(1);
                let other = descent.next(self, answer, &context[..before], &stop).await;
                next = other.map_or(Next::Rest, Next::Fall);
            }
            // What was refused for its length is not asked about again.
            let refused = round.added.last().cloned();
            self.is_over
                .store(matches!(next, Next::Rest), Ordering::Relaxed);
            self.ledger.record(AgentEvent::AgentEnd {
                messages: round.added,
                will_retry: !matches!(next, Next::Rest),
            });
            match next {
                Next::Rest => {
                    self.give_up(&mut attempts, context.last().map(|last| &**last));
                    if !may_recover && now.is_refused_for_length(refused.as_ref()) {
                        self.compactor.tell_refused_again();
                    }
                    if round.ending == Ending::Finished {
                        context = now.with_room(context, &stop).await;
                    } else if round.ending == Ending::Failed && !stop.is_cancelled() {
                        descent.give_up(&self.ledger);
                    }
                    let ending = round.ending;
                    return Rest { ending, context };
                }
                Next::Retry(pause) => {
                    // The failed answer stays in the file, not in the context.
                    context.pop();
                    if !self
                        .retry
                        .wait(&mut attempts, pause, &self.ledger, &stop)
                        .await
                    {
                        let ending = match stop.is_cancelled() {
                            true => Ending::Aborted,
                            false => Ending::Failed,
                        };
                        return Rest { ending, context };
                    }
                    self.budget.settle(&self.ledger).await;
                    if self.budget.exceeded().is_some() {
                        attempts.failed(Some(OUT_OF_BUDGET.into()), &self.ledger);
                        let ending = Ending::Halted;
                        return Rest { ending, context };
                    }
                }
                Next::Fall(choice) => {
                    let failed = context.pop();
                    self.give_up(&mut attempts, failed.as_deref());
                    descent.stand_in(self, choice);
                    self.budget.settle(&self.ledger).await;
                    if self.budget.exceeded().is_some() {
                        let ending = Ending::Halted;
                        return Rest { ending, context };
                    }
                }
                Next::Recover => {
                    may_recover = false;
                    let refused = context.pop();
                    let made = now
                        .compactor
                        .compact(Reason::Overflow, None, true, &stop)
                        .await;
                    if made.is_err() {
                        self.give_up(&mut attempts, refused.as_deref());
                        let ending = round.ending;
                        return Rest { ending, context };
                    }
                    context = self.read_context().await;
                    // The refused answer is in the file.
                    if context.last() == refused.as_ref() {
                        context.pop();
                    }
                    if self.budget.exceeded().is_some() {
                        attempts.failed(Some(OUT_OF_BUDGET.into()), &self.ledger);
                        let ending = Ending::Halted;
                        return Rest { ending, context };
                    }
                }
            }
        }
    }

    /// The context, compacted when it is nearly full.
    async fn with_room(
        &self,
        context: Vec<SharedMessage>,
        stop: &CancellationToken,
    ) -> Vec<SharedMessage> {
        let model = self.choice.borrow().model.clone();
        if !self.compactor.is_due(&model, &context) || self.budget.exceeded().is_some() {
            return context;
        }
        let made = self
            .compactor
            .compact(Reason::Threshold, None, false, stop)
            .await;
        match made {
            Ok(_) => self.read_context().await,
            // It has been told; the request may still fit.
            Err(_) => context,
        }
    }

    async fn round(
        &self,
        request: &Request,
        context: Vec<SharedMessage>,
        prompts: Vec<Message>,
        attempts: &mut Attempts,
        stop: &CancellationToken,
    ) -> Round {
        let between = Arc::new(Between {
            runner: self.clone(),
            is_compacted: AtomicBool::new(false),
        });
        let run = Run {
            provider: self.provider.clone(),
            choice: self.choice.clone(),
            request: request.clone(),
            tools: self.tools.clone(),
            hooks: self.hooks.clone(),
            queues: self.queues.clone(),
            limits: self.limits,
            stop: stop.clone(),
            pace: self.pace.clone(),
            checkpoint: Some(between.clone()),
        };
        let ledger = self.ledger.clone();
        let budget = self.budget.clone();
        let mut added = Vec::new();
        let ending = run
            .run(context, prompts, &mut |event| {
                let answer = match &event {
                    // Told when it is known whether the conversation goes on by itself.
                    AgentEvent::AgentEnd { messages, .. } => {
                        added.clone_from(messages);
                        return;
                    }
                    AgentEvent::MessageEnd { message } => Some(message.clone()),
                    _ => None,
                };
                ledger.record(event);
                if let Some(answer) = answer.as_ref().and_then(|message| message.as_assistant()) {
                    budget.spend(&answer.usage, &ledger);
                    if !has_failed(answer) {
                        attempts.succeeded(&ledger);
                    }
                }
            })
            .await;
        Round {
            ending,
            added,
            is_compacted: between.is_compacted.load(Ordering::Relaxed),
        }
    }

    fn next(
        &self,
        round: &Round,
        attempts: &Attempts,
        may_recover: bool,
        stop: &CancellationToken,
    ) -> Next {
        let last = round.added.last().and_then(|last| last.as_assistant());
        let Some(answer) = last.filter(|_| !stop.is_cancelled()) else {
            return Next::Rest;
        };
        if self.budget.exceeded().is_some() {
            return Next::Rest;
        }
        if self.is_refused_for_length(round.added.last()) {
            let recovers = may_recover && self.compactor.is_auto();
            return if recovers { Next::Recover } else { Next::Rest };
        }
        if round.ending != Ending::Failed {
            return Next::Rest;
        }
        match self.retry.pause_for(answer, attempts) {
            Some(pause) => Next::Retry(pause),
            None => Next::Rest,
        }
    }

    /// The failed answer, when another model may do better and may be asked.
    fn failed_for_good<'a>(
        &self,
        round: &'a Round,
        stop: &CancellationToken,
    ) -> Option<&'a AssistantMessage> {
        let last = round.added.last();
        let is_over = stop.is_cancelled() || self.budget.exceeded().is_some();
        if round.ending != Ending::Failed || is_over || self.is_refused_for_length(last) {
            return None;
        }
        let answer = last.and_then(|last| last.as_assistant());
        answer.filter(|answer| fallback::helps(answer))
    }

    fn has_answered(&self, round: &Round) -> bool {
        round.added.iter().any(|message| {
            let answer = message.as_assistant();
            answer.is_some_and(|answer| !has_failed(answer))
                && !self.is_refused_for_length(Some(message))
        })
    }

    /// Whether an answer is none because the context was too long for it. One that was given all the same
    /// stands.
    fn is_refused_for_length(&self, message: Option<&SharedMessage>) -> bool {
        let Some(answer) = message.and_then(|message| message.as_assistant()) else {
            return false;
        };
        let window = self.choice.borrow().model.context_window;
        let is_none = matches!(answer.stop_reason, StopReason::Error | StopReason::Length);
        is_none && overflow::is_overflow(answer, window)
    }

    /// Tells that the attempts are over, if there were any.
    fn give_up(&self, attempts: &mut Attempts, last: Option<&Message>) {
        let last = last.and_then(|last| last.as_assistant());
        let why = last.and_then(|answer| answer.error_message.clone());
        attempts.failed(why, &self.ledger);
    }

    /// All messages of the branch, read beside the conversation rather than in its way.
    pub(super) async fn read_context(&self) -> Vec<SharedMessage> {
        let Some(branch) = self.ledger.with_store(|store| Ok(store.branch())) else {
            return Vec::new();
        };
        if branch.is_empty() {
            return Vec::new();
        }
        let read = move || {
            (0..branch.len())
                .filter_map(|index| branch.message(index))
                .collect()
        };
        tokio::task::spawn_blocking(read).await.unwrap_or_default()
    }
}

/// Looks at a run between two turns: is the budget used up, is the context nearly full?
struct Between {
    runner: Runner,
    is_compacted: AtomicBool,
}

#[async_trait]
impl Checkpoint for Between {
    async fn between_turns(&self, messages: &[SharedMessage], stop: &CancellationToken) -> Passage {
        let runner = &self.runner;
        runner.budget.settle(&runner.ledger).await;
        if runner.budget.exceeded().is_some() {
            return Passage::Halt;
        }
        let model = runner.choice.borrow().model.clone();
        if stop.is_cancelled() || !runner.compactor.is_due(&model, messages) {
            return Passage::Go;
        }
        let made = runner
            .compactor
            .compact(Reason::Threshold, None, false, stop)
            .await;
        if made.is_err() {
            return Passage::Go;
        }
        self.is_compacted.store(true, Ordering::Relaxed);
        if runner.budget.exceeded().is_some() {
            return Passage::Halt;
        }
        Passage::GoWith(runner.read_context().await)
    }
}

fn has_failed(answer: &AssistantMessage) -> bool {
    matches!(answer.stop_reason, StopReason::Error | StopReason::Aborted)
}

/// The person's words and pictures as a message.
pub(super) fn user_message(text: String, images: Vec<Content>, timestamp: i64) -> Message {
    let mut blocks = vec![Content::text(text)];
    blocks.extend(images);
    Message::User(UserMessage {
        content: Body::Blocks(blocks),
        timestamp,
    })
}
