//! Runs the tool calls of one message: checks them, asks the hooks, runs them beside one another or
//! in order, and gives every call exactly one result, whatever happens.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::stream::{FuturesUnordered, StreamExt};
use futures::{FutureExt, future};
use serde_json::Value;
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::event::AgentEvent;
use super::hooks::{CallDecision, Hooks, Unanswered, ask};
use super::pace::Pace;
use super::schema;
use super::tool::{CallContext, Concurrency, Outcome, Progress, Tool};
use crate::ai::model::ImageResize;
use crate::ai::{Clock, Message, SharedMessage, ToolCall, ToolResultMessage};

/// How long a tool may take to end itself after an abort before it is dropped.
const GRACE: Duration = Duration::from_millis(500);

/// What the model is told of a call that an abort kept from running or finishing.
pub const ABORTED: &str = "Aborted by the user before it finished.";

/// What the calls run with.
pub(super) struct Batch<'a> {
    pub tools: &'a [Arc<dyn Tool>],
    pub hooks: &'a dyn Hooks,
    pub clock: &'a Clock,
    pub stop: &'a CancellationToken,
    pub pace: &'a Pace,
    /// How the model wants new pictures.
    pub image_resize: Option<ImageResize>,
}

/// The calls' results, in the order of the calls.
pub(super) struct Results {
    pub messages: Vec<SharedMessage>,
    /// True when every call asked to end the run.
    pub terminate: bool,
}

/// A call that has been checked and may run.
struct Ready {
    tool: Arc<dyn Tool>,
    args: Value,
}

/// One line of the batch: the call and the shared words that its events repeat.
struct Line {
    call: ToolCall,
    id: Arc<str>,
    name: Arc<str>,
    args: Arc<Value>,
}

impl Batch<'_> {
    /// Runs `calls` and emits their events.
    pub async fn run(
        &self,
        calls: Vec<ToolCall>,
        emit: &mut (dyn FnMut(AgentEvent) + Send),
    ) -> Results {
        let lines: Vec<Line> = calls.into_iter().map(Line::new).collect();
        let sequential = lines.iter().any(|line| {
            self.tool(&line.name)
                .is_some_and(|tool| tool.concurrency() == Concurrency::Sequential)
        });
        let outcomes = if sequential {
            self.run_in_order(&lines, emit).await
        } else {
            self.run_together(&lines, emit).await
        };
        let terminate =
            !outcomes.is_empty() && outcomes.iter().all(|(outcome, _)| outcome.terminate);
        let messages = outcomes.into_iter().map(|(_, message)| message).collect();
        Results {
            messages,
            terminate,
        }
    }

    /// One after the other, each with its result message before the next begins.
    async fn run_in_order(
        &self,
        lines: &[Line],
        emit: &mut (dyn FnMut(AgentEvent) + Send),
    ) -> Vec<(Arc<Outcome>, SharedMessage)> {
        let mut outcomes = Vec::with_capacity(lines.len());
        for line in lines {
            let mut finished = self.run_batch(std::slice::from_ref(line), emit).await;
            let Some(outcome) = finished.pop() else {
                continue;
            };
            outcomes.push(self.publish_result(line, outcome, emit));
        }
        outcomes
    }

    /// All beside one another; the result messages follow in the order of the calls.
    async fn run_together(
        &self,
        lines: &[Line],
        emit: &mut (dyn FnMut(AgentEvent) + Send),
    ) -> Vec<(Arc<Outcome>, SharedMessage)> {
        let outcomes = self.run_batch(lines, emit).await;
        lines
            .iter()
            .zip(outcomes)
            .map(|(line, outcome)| self.publish_result(line, outcome, emit))
            .collect()
    }

    /// Checks all lines in order, then runs those that may beside one another.
    async fn run_batch(
        &self,
        lines: &[Line],
        emit: &mut (dyn FnMut(AgentEvent) + Send),
    ) -> Vec<Arc<Outcome>> {
        let reports = Arc::new(Reports::new(lines.len()));
        let mut outcomes: Vec<Option<Arc<Outcome>>> = vec![None; lines.len()];
        let mut running = FuturesUnordered::new();
        let mut turns = FileTurns::default();
        for (index, line) in lines.iter().enumerate() {
            emit(line.started());
            match self.prepare(line).await {
                Err(refused) => finish(line, refused, None, &mut outcomes[index], emit),
                Ok(ready) => {
                    let (before, done) = turns.take(ready.tool.mutates(&ready.args));
                    let reports = reports.clone();
                    let progress = Progress::new(move |partial| reports.put(index, partial));
                    running.push(async move {
                        let (outcome, duration) = self.execute(line, ready, progress, before).await;
                        drop(done);
                        (index, outcome, duration)
                    });
                }
            }
        }
        loop {
            tokio::select! {
                biased;
                () = reports.fresh(self.pace) => {
                    for (index, partial) in reports.take() {
                        if outcomes[index].is_none() {
                            emit(lines[index].updated(partial));
                        }
                    }
                }
                next = running.next() => match next {
                    Some((index, outcome, duration)) => {
                        finish(&lines[index], outcome, duration, &mut outcomes[index], emit);
                    }
                    None => break,
                },
            }
        }
        outcomes
            .into_iter()
            .map(|outcome| outcome.unwrap_or_else(|| Arc::new(Outcome::error(ABORTED))))
            .collect()
    }

    /// The tool and its checked arguments, or what the model is told instead.
    async fn prepare(&self, line: &Line) -> Result<Ready, Outcome> {
        if self.stop.is_cancelled() {
            return Err(Outcome::error(ABORTED));
        }
        let Some(tool) = self.tool(&line.name) else {
            let names: Vec<&str> = self.tools.iter().map(|t| t.spec().name.as_str()).collect();
            return Err(Outcome::error(format!(
                "There is no tool named {:?}. The tools are: {}.",
                line.name,
                names.join(", ")
            )));
        };
        if let Value::String(raw) = &line.call.arguments {
            return Err(Outcome::error(bad_json(&line.name, raw)));
        }
        let args = tool.prepare(line.call.arguments.clone());
        let args = schema::check(args, &tool.spec().parameters).map_err(|faults| {
            Outcome::error(format!(
                "The arguments for {} are not valid, and it was not run:\n{}\nReceived: {}",
                line.name,
                faults
                    .iter()
                    .map(|f| format!("- {f}\n"))
                    .collect::<String>(),
                line.call.arguments
            ))
        })?;
        let decision = match ask(self.stop, self.hooks.before_call(&line.call, &args)).await {
            Ok(decision) => decision,
            Err(Unanswered::Stopped) => CallDecision::Block(ABORTED.into()),
            Err(Unanswered::Crashed) => {
                CallDecision::Block("A hook failed while it looked at this call.".into())
            }
        };
        match decision {
            CallDecision::Run => Ok(Ready { tool, args }),
            CallDecision::RunWith(args) => Ok(Ready { tool, args }),
            CallDecision::Block(reason) => Err(Outcome::error(reason)),
        }
    }

    /// Runs a checked call once the calls before it on the same file are done.
    async fn execute(
        &self,
        line: &Line,
        ready: Ready,
        progress: Progress,
        before: Option<CancellationToken>,
    ) -> (Outcome, Option<Duration>) {
        if let Some(before) = before {
            before.cancelled().await;
        }
        if self.stop.is_cancelled() {
            return (Outcome::error(ABORTED), None);
        }
        let begun = Instant::now();
        let cx = CallContext {
            id: line.call.id.clone(),
            stop: self.stop.clone(),
            progress,
            image_resize: self.image_resize,
        };
        let call = AssertUnwindSafe(ready.tool.call(ready.args.clone(), cx)).catch_unwind();
        let overdue = async {
            self.stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        let outcome = match future::select(call, std::pin::pin!(overdue)).await {
            future::Either::Left((Ok(outcome), _)) => outcome,
            future::Either::Left((Err(_), _)) => Outcome::error(format!(
                "The tool {} crashed. This is a defect in the tool.",
                line.name
            )),
            future::Either::Right(_) => Outcome::error(ABORTED),
        };
        let duration = Some(begun.elapsed());
        let hook = self
            .hooks
            .after_call(&line.call, &ready.args, outcome.clone());
        let outcome = match ask(self.stop, hook).await {
            Ok(changed) => changed,
            Err(Unanswered::Stopped) => outcome,
            Err(Unanswered::Crashed) => Outcome {
                is_error: outcome.is_error,
                ..Outcome::error("A hook failed while it looked at this result.")
            },
        };
        (outcome, duration)
    }

    fn publish_result(
        &self,
        line: &Line,
        outcome: Arc<Outcome>,
        emit: &mut (dyn FnMut(AgentEvent) + Send),
    ) -> (Arc<Outcome>, SharedMessage) {
        let message = Arc::new(Message::ToolResult(ToolResultMessage {
            tool_call_id: line.call.id.clone(),
            tool_name: line.call.name.clone(),
            content: outcome.content.clone(),
            details: outcome.details.clone(),
            is_error: outcome.is_error,
            timestamp: self.clock.now(),
        }));
        emit(AgentEvent::MessageStart {
            message: message.clone(),
        });
        emit(AgentEvent::MessageEnd {
            message: message.clone(),
        });
        (outcome, message)
    }

    fn tool(&self, name: &str) -> Option<Arc<dyn Tool>> {
        self.tools
            .iter()
            .find(|tool| tool.spec().name == name)
            .cloned()
    }
}

fn finish(
    line: &Line,
    outcome: Outcome,
    duration: Option<Duration>,
    slot: &mut Option<Arc<Outcome>>,
    emit: &mut (dyn FnMut(AgentEvent) + Send),
) {
    let outcome = Arc::new(outcome);
    *slot = Some(outcome.clone());
    emit(AgentEvent::ToolEnd {
        id: line.id.clone(),
        name: line.name.clone(),
        outcome,
        duration,
    });
}

fn bad_json(name: &str, raw: &str) -> String {
    let why = match serde_json::from_str::<Value>(raw) {
        Ok(_) => "they are a JSON string, not an object".to_owned(),
        Err(error) => error.to_string(),
    };
    let shown: String = raw.chars().take(2000).collect();
    format!(
        "The arguments for {name} are not valid JSON, and it was not run: {why}\nReceived: {shown}"
    )
}

impl Line {
    fn new(call: ToolCall) -> Self {
        Line {
            id: call.id.as_str().into(),
            name: call.name.as_str().into(),
            args: Arc::new(call.arguments.clone()),
            call,
        }
    }

    fn started(&self) -> AgentEvent {
        AgentEvent::ToolStart {
            id: self.id.clone(),
            name: self.name.clone(),
            args: self.args.clone(),
        }
    }

    fn updated(&self, partial: Outcome) -> AgentEvent {
        AgentEvent::ToolUpdate {
            id: self.id.clone(),
            name: self.name.clone(),
            args: self.args.clone(),
            partial: Arc::new(partial),
        }
    }
}

/// The latest partial result of each call: one that nobody has looked at yet gives way to the next, so
/// that a tool cannot fill the memory however slow the readers are.
struct Reports {
    // Held to put or take pointers.
    latest: Mutex<Vec<Option<Outcome>>>,
    news: Notify,
}

impl Reports {
    fn new(calls: usize) -> Self {
        Reports {
            latest: Mutex::new(vec![None; calls]),
            news: Notify::new(),
        }
    }

    fn put(&self, index: usize, partial: Outcome) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = latest.get_mut(index) {
            *slot = Some(partial);
            self.news.notify_one();
        }
    }

    /// Returns when the readers keep up and there is news.
    async fn fresh(&self, pace: &Pace) {
        pace.wait().await;
        self.news.notified().await;
    }

    fn take(&self) -> Vec<(usize, Outcome)> {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = latest.iter_mut().enumerate();
        taken
            .filter_map(|(index, slot)| Some((index, slot.take()?)))
            .collect()
    }
}

/// Who may change a file next: each call waits for the one before it on the same path.
#[derive(Default)]
struct FileTurns(HashMap<PathBuf, CancellationToken>);

impl FileTurns {
    /// What to wait for, and what to drop when done.
    fn take(&mut self, path: Option<PathBuf>) -> (Option<CancellationToken>, Option<DropGuard>) {
        let Some(path) = path else {
            return (None, None);
        };
        let done = CancellationToken::new();
        let before = self.0.insert(path, done.clone());
        (before, Some(done.drop_guard()))
    }
}
