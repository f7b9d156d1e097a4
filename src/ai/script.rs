//! The scripted model: answers with what a test or a demonstration wrote down beforehand.
//!
//! Turns are played in order, one per request; the requests are kept for inspection. Waiting is done
//! by [`Gate`]s that somebody opens, never by sleeping. Nothing in here touches the network.
//!
//! ```
//! use pi::ai::script::{ScriptedProvider, Turn};
//! use serde_json::json;
//!
//! let model = ScriptedProvider::new([
//!     Turn::new().thinking("hm").call("c1", "ls", json!({"path": "."})),
//!     Turn::text("Two files."),
//! ]);
//! # let _ = model;
//! ```

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::stream::{self, BoxStream, StreamExt};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::answer::Answer;
use super::delta::Delta;
use super::message::{StopReason, Usage};
use super::model::{InputKind, Model, Price};
use super::provider::{Provider, Request};

/// A model that plays a script. Clones share the script and the record.
#[derive(Clone, Default)]
pub struct ScriptedProvider(Arc<Mutex<State>>);

// Held for a push or a pop only.
#[derive(Default)]
struct State {
    turns: VecDeque<Turn>,
    requests: Vec<Request>,
}

/// One answer of the script.
#[derive(Debug, Clone, Default)]
pub struct Turn {
    steps: VecDeque<Step>,
    usage: Usage,
    stop_reason: Option<StopReason>,
}

#[derive(Debug, Clone)]
enum Step {
    Text(Vec<String>),
    Thinking(Vec<String>),
    Call {
        id: String,
        name: String,
        json: Vec<String>,
    },
    Wait(Gate),
    Stall,
    Fail(String),
}

/// A closed gate that a turn waits at until somebody opens it. Clones are the same gate.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    open: CancellationToken,
    reached: CancellationToken,
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Gate::default()
    }

    /// Opens it, for ever.
    pub fn open(&self) {
        self.open.cancel();
    }

    /// Stands at the gate until it is open.
    pub async fn pass(&self) {
        self.reached.cancel();
        self.open.cancelled().await;
    }

    /// Returns when a turn stands at the gate (or has passed it).
    pub async fn reached(&self) {
        self.reached.cancelled().await;
    }
}

impl Turn {
    /// An empty answer, to be filled.
    pub fn new() -> Self {
        Turn::default()
    }

    /// An answer of text alone, streamed word by word.
    pub fn text(text: &str) -> Self {
        Turn::new().say(text)
    }

    /// An answer that is one tool call.
    pub fn tool(id: &str, name: &str, arguments: Value) -> Self {
        Turn::new().call(id, name, arguments)
    }

    /// An answer that fails before it begins.
    pub fn error(message: &str) -> Self {
        Turn::new().fail(message)
    }

    /// Adds a text block, streamed word by word.
    pub fn say(self, text: &str) -> Self {
        self.say_chunks(words(text))
    }

    /// Adds a text block, streamed in these pieces.
    pub fn say_chunks<S: Into<String>>(self, chunks: impl IntoIterator<Item = S>) -> Self {
        self.step(Step::Text(chunks.into_iter().map(Into::into).collect()))
    }

    /// Adds a thinking block, streamed word by word.
    pub fn thinking(self, text: &str) -> Self {
        self.step(Step::Thinking(words(text)))
    }

    /// Adds a tool call, its arguments streamed in small pieces.
    pub fn call(self, id: &str, name: &str, arguments: Value) -> Self {
        let json = arguments.to_string();
        let letters: Vec<char> = json.chars().collect();
        let pieces: Vec<String> = letters.chunks(8).map(|c| c.iter().collect()).collect();
        self.call_chunks(id, name, pieces)
    }

    /// Adds a tool call whose arguments are these pieces of JSON text, right or wrong.
    pub fn call_chunks<S: Into<String>>(
        self,
        id: &str,
        name: &str,
        json: impl IntoIterator<Item = S>,
    ) -> Self {
        self.step(Step::Call {
            id: id.to_owned(),
            name: name.to_owned(),
            json: json.into_iter().map(Into::into).collect(),
        })
    }

    /// Waits at `gate`, or for the abort.
    pub fn wait(self, gate: &Gate) -> Self {
        self.step(Step::Wait(gate.clone()))
    }

    /// Says nothing more until the abort.
    pub fn stall(self) -> Self {
        self.step(Step::Stall)
    }

    /// Fails here with this message; what came before is kept.
    pub fn fail(self, message: &str) -> Self {
        self.step(Step::Fail(message.to_owned()))
    }

    /// Sets the token counts; the cost is computed from the model's price.
    pub fn usage(mut self, input: u64, output: u64) -> Self {
        self.usage.input = input;
        self.usage.output = output;
        self.usage.total_tokens = input + output;
        self
    }

    /// Tokens of the prompt that were read from a cache and written to it, besides those of
    /// [`Turn::usage`].
    pub fn cached(mut self, read: u64, write: u64) -> Self {
        self.usage.cache_read = read;
        self.usage.cache_write = write;
        self.usage.total_tokens += read + write;
        self
    }

    /// Ends with this stop reason in place of `toolUse` after calls and `stop` otherwise.
    pub fn stop_reason(mut self, reason: StopReason) -> Self {
        self.stop_reason = Some(reason);
        self
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push_back(step);
        self
    }
}

impl ScriptedProvider {
    /// A model that gives these answers, one per request. After the last one it answers with errors.
    pub fn new(turns: impl IntoIterator<Item = Turn>) -> Self {
        let provider = ScriptedProvider::default();
        provider.state().turns.extend(turns);
        provider
    }

    /// Adds an answer at the end of the script.
    pub fn push(&self, turn: Turn) {
        self.state().turns.push_back(turn);
    }

    /// The requests so far, oldest first.
    pub fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    /// How many answers are left.
    pub fn remaining(&self) -> usize {
        self.state().turns.len()
    }

    /// Drops the answers that are left.
    pub fn clear(&self) {
        self.state().turns.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The fact sheet of a model for tests: reads text and images, thinks, costs nothing.
pub fn model() -> Model {
    Model {
        id: "scripted".into(),
        name: "Scripted".into(),
        api: "scripted".into(),
        provider: "script".into(),
        base_url: String::new(),
        reasoning: true,
        thinking_level_map: BTreeMap::new(),
        input: vec![InputKind::Text, InputKind::Image],
        cost: Price::default(),
        context_window: 200_000,
        max_tokens: 32_000,
        ..Model::default()
    }
}

impl Provider for ScriptedProvider {
    fn stream(
        &self,
        model: &Model,
        request: Request,
        stop: CancellationToken,
    ) -> BoxStream<'static, Delta> {
        let mut answer = Answer::new(model, &request.clock);
        let mut state = self.state();
        let turn = state
            .turns
            .pop_front()
            .unwrap_or_else(|| Turn::error("the script has no further answer"));
        state.requests.push(request);
        *answer.usage_mut() = turn.usage;
        model.price(answer.usage_mut());
        let play = Play {
            answer,
            turn,
            stop,
            phase: Phase::Before,
        };
        stream::unfold(play, |mut play| async {
            let deltas = play.next().await?;
            Some((stream::iter(deltas), play))
        })
        .flatten()
        .boxed()
    }
}

struct Play {
    answer: Answer,
    turn: Turn,
    stop: CancellationToken,
    phase: Phase,
}

#[derive(PartialEq)]
enum Phase {
    Before,
    During,
    After,
}

impl Play {
    async fn next(&mut self) -> Option<Vec<Delta>> {
        if self.phase == Phase::After {
            return None;
        }
        if self.stop.is_cancelled() {
            return Some(self.abort());
        }
        let starts = !matches!(self.turn.steps.front(), Some(Step::Fail(_)));
        if self.phase == Phase::Before && starts {
            self.answer.start();
        }
        self.phase = Phase::During;
        match self.turn.steps.pop_front() {
            None => self.finish(),
            Some(Step::Text(pieces)) => self.say(&pieces),
            Some(Step::Thinking(pieces)) => self.think(&pieces),
            Some(Step::Call { id, name, json }) => self.call(&id, &name, &json),
            Some(Step::Fail(message)) => {
                self.phase = Phase::After;
                self.answer.fail(StopReason::Error, message, None);
            }
            Some(Step::Wait(gate)) => {
                gate.reached.cancel();
                // What the answer says before the gate has been handed out by now.
                tokio::select! {
                    () = gate.open.cancelled() => {}
                    () = self.stop.cancelled() => return Some(self.abort()),
                }
            }
            Some(Step::Stall) => {
                self.stop.cancelled().await;
                return Some(self.abort());
            }
        }
        Some(self.answer.take_deltas())
    }

    fn say(&mut self, pieces: &[String]) {
        let index = self.answer.start_text();
        for piece in pieces {
            self.answer.push_text(index, piece);
        }
        self.answer.end(index);
    }

    fn think(&mut self, pieces: &[String]) {
        let index = self.answer.start_thinking(None);
        for piece in pieces {
            self.answer.push_thinking(index, piece);
        }
        self.answer.end(index);
    }

    fn call(&mut self, id: &str, name: &str, pieces: &[String]) {
        let index = self.answer.start_call(id, name);
        for piece in pieces {
            self.answer.push_json(index, piece);
        }
        self.answer.end(index);
    }

    fn finish(&mut self) {
        self.phase = Phase::After;
        let usual = if self.answer.has_calls() {
            StopReason::ToolUse
        } else {
            StopReason::Stop
        };
        self.answer.finish(self.turn.stop_reason.unwrap_or(usual));
    }

    fn abort(&mut self) -> Vec<Delta> {
        self.phase = Phase::After;
        self.answer.fail(StopReason::Aborted, super::ABORTED, None);
        self.answer.take_deltas()
    }
}

/// Splits behind every space, so that the pieces joined are the text.
fn words(text: &str) -> Vec<String> {
    text.split_inclusive(' ').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::{Auth, CacheRetention, Clock, Content, ThinkingLevel, Timeouts};
    use serde_json::json;

    fn request() -> Request {
        Request {
            system: String::new(),
            messages: Vec::new(),
            tools: Vec::new(),
            thinking: ThinkingLevel::Off,
            thinking_budgets: BTreeMap::new(),
            max_tokens: None,
            cache: CacheRetention::Short,
            session_id: None,
            auth: Auth::default(),
            timeouts: Timeouts::default(),
            transport: Default::default(),
            clock: Clock::fixed(7),
            tap: None,
        }
    }

    fn last(deltas: &[Delta]) -> &crate::ai::AssistantMessage {
        match deltas.last() {
            Some(Delta::Done(message)) => message,
            other => panic!("no end: {other:?}"),
        }
    }

    #[tokio::test]
    async fn plays_turns_in_order_and_remembers_requests() {
        let provider = ScriptedProvider::new([
            Turn::new()
                .thinking("a b")
                .call("c1", "ls", json!({"path": "/some/where"})),
            Turn::text("two words"),
        ]);
        let play = || provider.stream(&model(), request(), CancellationToken::new());
        let first: Vec<Delta> = play().collect().await;
        assert_eq!(first[0], Delta::Start);
        assert_eq!(last(&first).stop_reason, StopReason::ToolUse);
        assert_eq!(
            last(&first).content[1].as_tool_call().unwrap().arguments,
            json!({"path": "/some/where"})
        );
        let second: Vec<Delta> = play().collect().await;
        assert_eq!(last(&second).content, [Content::text("two words")]);
        let third: Vec<Delta> = play().collect().await;
        assert_eq!(last(&third).stop_reason, StopReason::Error);
        assert_eq!(provider.requests().len(), 3);
    }

    #[tokio::test]
    async fn a_gate_holds_the_answer_until_opened_or_aborted() {
        let gate = Gate::new();
        let provider = ScriptedProvider::new([
            Turn::text("before ").wait(&gate).say("after"),
            Turn::text("kept").stall(),
        ]);
        let stream = provider.stream(&model(), request(), CancellationToken::new());
        let opener = async {
            gate.reached().await;
            gate.open();
        };
        let (deltas, ()) = tokio::join!(stream.collect::<Vec<_>>(), opener);
        assert_eq!(last(&deltas).to_text(), "before \nafter");

        let stop = CancellationToken::new();
        let mut stream = provider.stream(&model(), request(), stop.clone());
        while !matches!(stream.next().await, Some(Delta::TextEnd { .. })) {}
        stop.cancel();
        let rest: Vec<Delta> = stream.collect().await;
        assert_eq!(last(&rest).stop_reason, StopReason::Aborted);
        assert_eq!(last(&rest).to_text(), "kept");
    }
}
