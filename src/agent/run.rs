//! The story of a run, top to bottom: ask the model, run its tools, feed the results back, until it
//! has nothing more to call, the queues are empty, a limit is reached or the person stops it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::calls::Batch;
use super::event::AgentEvent;
use super::hooks::{Hooks, ask};
use super::pace::Pace;
use super::queue::{Lane, Queues};
use super::tool::Tool;
use crate::ai::delta::{empty_message, failed_message};
use crate::ai::{ABORTED, handoff};
use crate::ai::{
    AssistantMessage, Content, Delta, Draft, Message, Millis, Model, Provider, Request,
    SharedMessage, StopReason, ThinkingLevel, ToolCall, WireTap,
};

/// How long a provider may take to end its stream after an abort before it is left behind.
const GRACE: Duration = Duration::from_millis(100);

/// Everything a run needs; it keeps nothing when it ends.
pub struct Run {
    /// Who answers.
    pub provider: Arc<dyn Provider>,
    /// Model and thinking level, looked at before each request.
    pub choice: watch::Receiver<Choice>,
    /// What each request carries besides messages, tools and thinking.
    pub request: Request,
    /// The tools that are on.
    pub tools: Vec<Arc<dyn Tool>>,
    /// Who may step in.
    pub hooks: Arc<dyn Hooks>,
    /// What the person says meanwhile.
    pub queues: Queues,
    /// When to stop by ourselves.
    pub limits: Limits,
    /// Cancelled by the person.
    pub stop: CancellationToken,
    /// Held back by readers that do not keep up.
    pub pace: Pace,
    /// Looks at the conversation between two turns.
    pub checkpoint: Option<Arc<dyn Checkpoint>>,
}

/// Looks at the conversation between two turns, when another request is about to follow.
#[async_trait]
pub trait Checkpoint: Send + Sync {
    /// Says whether the run may go on with `messages` as its context. Ends soon after `stop`.
    async fn between_turns(&self, messages: &[SharedMessage], stop: &CancellationToken) -> Passage;
}

/// What a [`Checkpoint`] says.
#[derive(Debug, Clone, PartialEq)]
pub enum Passage {
    /// Go on.
    Go,
    /// Go on with these messages as the context.
    GoWith(Vec<SharedMessage>),
    /// End here: [`Ending::Halted`].
    Halt,
}

/// Who answers next, and how hard it thinks.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The model.
    pub model: Arc<Model>,
    /// Already clamped to it.
    pub thinking: ThinkingLevel,
}

/// When a run stops by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Answers of the model; `None` for as many as it takes.
    pub max_turns: Option<u32>,
    /// Rounds of the same calls with the same results; zero for as many as it likes.
    pub max_repeats: u32,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The model had no more to do.
    Finished,
    /// The tools asked to end it.
    Terminated,
    /// The request failed; the last message says how.
    Failed,
    /// The person stopped it.
    Aborted,
    /// [`Limits::max_turns`] was reached with calls still answered.
    TurnLimit(u32),
    /// The [`Checkpoint`] said so.
    Halted,
    /// [`Limits::max_repeats`] was reached.
    Repeating {
        /// The tools that were called again and again.
        tools: Vec<String>,
        /// How many rounds.
        rounds: u32,
    },
}

type Emit<'a> = &'a mut (dyn FnMut(AgentEvent) + Send);

impl Run {
    /// Runs `prompts` on top of `context` to the end and tells `emit` everything on the way.
    pub async fn run(
        self,
        context: Vec<SharedMessage>,
        prompts: Vec<Message>,
        emit: Emit<'_>,
    ) -> Ending {
        let mut conversation = Conversation {
            messages: context,
            added: Vec::new(),
        };
        emit(AgentEvent::AgentStart);
        emit(AgentEvent::TurnStart);
        for prompt in prompts {
            conversation.say(prompt, emit);
        }
        let ending = self.turns(&mut conversation, emit).await;
        emit(AgentEvent::AgentEnd {
            messages: conversation.added,
            will_retry: false,
        });
        ending
    }

    async fn turns(&self, conversation: &mut Conversation, emit: Emit<'_>) -> Ending {
        let mut repeats = Repeats::default();
        let mut turns: u32 = 0;
        let mut pending = self.queues.take(Lane::Steering);
        loop {
            if turns > 0 {
                emit(AgentEvent::TurnStart);
            }
            for message in pending.drain(..) {
                repeats = Repeats::default();
                conversation.say(message, emit);
            }
            let (answer, calls) = self.answer(conversation, emit).await;
            turns += 1;
            let failure = match answer.as_assistant().map(|message| message.stop_reason) {
                Some(StopReason::Error) => Some(Ending::Failed),
                Some(StopReason::Aborted) => Some(Ending::Aborted),
                _ => None,
            };
            if let Some(ending) = failure {
                emit(AgentEvent::TurnEnd {
                    message: answer,
                    tool_results: Vec::new(),
                });
                return ending;
            }
            let called = !calls.is_empty();
            let names: Vec<String> = calls.iter().map(|call| call.name.clone()).collect();
            let signature = signature_of(&calls);
            let results = self.batch().run(calls, emit).await;
            for result in &results.messages {
                conversation.keep(result.clone());
            }
            let same = repeats.count(signature, &results.messages);
            emit(AgentEvent::TurnEnd {
                message: answer,
                tool_results: results.messages,
            });

            let goes_on = called && !results.terminate;
            if (goes_on || self.queues.is_waiting()) && self.is_halted(conversation).await {
                return Ending::Halted;
            }
            pending = self.queues.take(Lane::Steering);
            if pending.is_empty()
                && goes_on
                && self.limits.max_repeats > 0
                && same >= self.limits.max_repeats
            {
                return Ending::Repeating {
                    tools: names,
                    rounds: same,
                };
            }
            if pending.is_empty() && !goes_on {
                pending = self.queues.take(Lane::FollowUp);
                if pending.is_empty() {
                    return if called {
                        Ending::Terminated
                    } else {
                        Ending::Finished
                    };
                }
            }
            if let Some(limit) = self.limits.max_turns.filter(|limit| turns >= *limit) {
                for message in pending {
                    conversation.say(message, emit);
                }
                return Ending::TurnLimit(limit);
            }
        }
    }

    /// Asks the checkpoint; the conversation is what it makes of it.
    async fn is_halted(&self, conversation: &mut Conversation) -> bool {
        let Some(checkpoint) = &self.checkpoint else {
            return false;
        };
        match checkpoint
            .between_turns(&conversation.messages, &self.stop)
            .await
        {
            Passage::Go => false,
            Passage::GoWith(messages) => {
                conversation.messages = messages;
                false
            }
            Passage::Halt => true,
        }
    }

    /// One request and its answer, kept in the conversation; and the calls that it asks for.
    async fn answer(
        &self,
        conversation: &mut Conversation,
        emit: Emit<'_>,
    ) -> (SharedMessage, Vec<ToolCall>) {
        let choice = self.choice.borrow().clone();
        let mut started = false;
        let answer = if self.stop.is_cancelled() {
            aborted(&choice.model, self.request.clock.now(), &Draft::default())
        } else {
            let hook = self.hooks.context(conversation.messages.clone());
            // Without its answer the messages go out as they are.
            let changed = ask(&self.stop, hook).await;
            let messages = changed.unwrap_or_else(|_| conversation.messages.clone());
            let request = Request {
                messages: handoff::to_model_messages(&messages),
                tools: match choice.model.takes_tools() {
                    true => self.tools.iter().map(|tool| tool.spec().clone()).collect(),
                    false => Vec::new(),
                },
                thinking: choice.thinking,
                tap: Some(Arc::new(HookTap(self.hooks.clone()))),
                ..self.request.clone()
            };
            self.stream(&choice.model, request, &mut started, emit)
                .await
        };
        let calls: Vec<ToolCall> = answer.tool_calls().cloned().collect();
        let message = Arc::new(Message::Assistant(answer));
        if !started {
            emit(AgentEvent::MessageStart {
                message: message.clone(),
            });
        }
        emit(AgentEvent::MessageEnd {
            message: message.clone(),
        });
        conversation.keep(message.clone());
        (message, calls)
    }

    /// Follows the provider's stream to its end, or leaves it behind when it does not end on abort.
    async fn stream(
        &self,
        model: &Model,
        request: Request,
        started: &mut bool,
        emit: Emit<'_>,
    ) -> AssistantMessage {
        let clock = request.clock.clone();
        let begun = clock.now();
        let mut draft = Draft::default();
        let stream = self.provider.stream(model, request, self.stop.clone());
        let mut stream = AssertUnwindSafe(stream).catch_unwind();
        let overdue = async {
            self.stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        let mut overdue = std::pin::pin!(overdue);
        loop {
            if self.pace.is_held() {
                tokio::select! {
                    () = self.pace.wait() => {}
                    () = self.stop.cancelled() => {}
                }
            }
            let next = tokio::select! {
                biased;
                next = stream.next() => next,
                () = &mut overdue => return aborted(model, begun, &draft),
            };
            match next {
                Some(Ok(Delta::Done(message))) => return consistent(Arc::unwrap_or_clone(message)),
                Some(Ok(Delta::Start)) => {
                    *started = true;
                    let message = Arc::new(Message::Assistant(empty_message(model, begun)));
                    emit(AgentEvent::MessageStart { message });
                }
                Some(Ok(delta)) => {
                    draft.apply(&delta);
                    emit(AgentEvent::MessageUpdate { delta });
                }
                Some(Err(_)) => {
                    return failed(
                        model,
                        begun,
                        &draft,
                        "The provider's code crashed. This is a defect in pi.",
                    );
                }
                None if self.stop.is_cancelled() => return aborted(model, begun, &draft),
                None => {
                    return failed(
                        model,
                        begun,
                        &draft,
                        "The stream ended without a final message.",
                    );
                }
            }
        }
    }

    fn batch(&self) -> Batch<'_> {
        Batch {
            tools: &self.tools,
            hooks: &*self.hooks,
            clock: &self.request.clock,
            stop: &self.stop,
            pace: &self.pace,
            image_resize: self.choice.borrow().model.image_resize(),
        }
    }
}

/// The conversation while the run lasts.
struct Conversation {
    messages: Vec<SharedMessage>,
    added: Vec<SharedMessage>,
}

impl Conversation {
    fn say(&mut self, message: Message, emit: Emit<'_>) {
        let message = Arc::new(message);
        emit(AgentEvent::MessageStart {
            message: message.clone(),
        });
        emit(AgentEvent::MessageEnd {
            message: message.clone(),
        });
        self.keep(message);
    }

    fn keep(&mut self, message: SharedMessage) {
        self.messages.push(message.clone());
        self.added.push(message);
    }
}

/// Rounds in a row with the same calls and the same results.
#[derive(Default)]
struct Repeats {
    last: Option<u64>,
    rounds: u32,
}

impl Repeats {
    /// Counts this round; returns how many in a row were like it, itself included.
    fn count(&mut self, calls: u64, results: &[SharedMessage]) -> u32 {
        let mut hasher = DefaultHasher::new();
        calls.hash(&mut hasher);
        for result in results {
            if let Message::ToolResult(result) = &**result {
                result.is_error.hash(&mut hasher);
                for block in &result.content {
                    match block {
                        Content::Text { text, .. } => text.hash(&mut hasher),
                        Content::Image { data, .. } => data.hash(&mut hasher),
                        _ => {}
                    }
                }
            }
        }
        let round = hasher.finish();
        self.rounds = if self.last == Some(round) {
            self.rounds + 1
        } else {
            1
        };
        self.last = Some(round);
        self.rounds
    }
}

fn signature_of(calls: &[ToolCall]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for call in calls {
        call.name.hash(&mut hasher);
        call.arguments.to_string().hash(&mut hasher);
    }
    hasher.finish()
}

fn aborted(model: &Model, begun: Millis, draft: &Draft) -> AssistantMessage {
    let message = failed_message(model, begun, StopReason::Aborted, ABORTED);
    consistent(AssistantMessage {
        content: draft.to_content(),
        ..message
    })
}

fn failed(model: &Model, begun: Millis, draft: &Draft, why: &str) -> AssistantMessage {
    let message = failed_message(model, begun, StopReason::Error, why);
    consistent(AssistantMessage {
        content: draft.to_content(),
        ..message
    })
}

/// An answer that failed or was aborted keeps its words, but not its calls: they will never run, and
/// a call without a result would make the conversation unacceptable to every vendor.
fn consistent(mut message: AssistantMessage) -> AssistantMessage {
    if matches!(message.stop_reason, StopReason::Error | StopReason::Aborted) {
        message
            .content
            .retain(|block| block.as_tool_call().is_none());
    }
    message
}

/// Shows the wire to the hooks.
struct HookTap(Arc<dyn Hooks>);

#[async_trait]
impl WireTap for HookTap {
    async fn before_request(&self, body: Value) -> Value {
        self.0.before_provider_request(body).await
    }

    async fn after_response(&self, status: u16, headers: &[(String, String)]) {
        self.0.after_provider_response(status, headers).await;
    }
}
