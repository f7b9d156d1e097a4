//! The demo model: answers when no model is connected, so that a newcomer sees pi at work.
//!
//! It is embedded, works offline and understands a handful of sentences (`rules`); each becomes
//! calls of the real tools, which the real loop runs on the real directory. Anything else it answers
//! with how to connect a model. It has no memory of its own: everything follows from the messages.

mod rules;
mod stand_in;

use std::sync::Arc;
use std::time::Duration;

use futures::future;
use futures::stream::{self, BoxStream, StreamExt};
use tokio_util::sync::CancellationToken;

use self::rules::{Step, plan};
pub use self::stand_in::{READS, is_stand_in, stand_in};
use super::delta::{Delta, Draft, empty_message};
use super::message::{AssistantMessage, Content, Message, SharedMessage, StopReason, ToolCall};
use super::model::{InputKind, Model, ThinkingLevel};
use super::provider::{Provider, Request};

/// The demo's provider id and wire API.
pub const PROVIDER: &str = "demo";

/// Between two pieces, so that streaming can be seen.
const PAUSE: Duration = Duration::from_millis(8);

/// However long the answer, it streams in about this many pieces.
const PIECES: usize = 120;

/// The demo as an entry of the catalogue.
pub fn model() -> Model {
    Model {
        id: "demo".into(),
        name: "Demo, no model connected".into(),
        api: PROVIDER.into(),
        provider: PROVIDER.into(),
        base_url: String::new(),
        reasoning: true,
        thinking_level_map: [
            (ThinkingLevel::Minimal, None),
            (ThinkingLevel::Low, None),
            (ThinkingLevel::High, None),
        ]
        .into(),
        input: vec![InputKind::Text],
        cost: Default::default(),
        context_window: 128_000,
        max_tokens: 16_384,
        ..Model::default()
    }
}

/// Answers by rule.
#[derive(Debug, Clone, Copy, Default)]
pub struct Demo;

impl Provider for Demo {
    fn stream(
        &self,
        model: &Model,
        mut request: Request,
        stop: CancellationToken,
    ) -> BoxStream<'static, Delta> {
        if is_stand_in(model) {
            stand_in::confine(&mut request);
            if let Some(refused) = stand_in::refusal(model, &request) {
                return stream::once(future::ready(Delta::Done(Arc::new(refused)))).boxed();
            }
        }
        let reply = reply_to(&request);
        let mut message = empty_message(model, request.clock.now());
        let mut script = vec![(Duration::ZERO, Delta::Start)];
        if request.thinking != ThinkingLevel::Off {
            add_block(&mut script, &mut message, &reply.thought, Kind::Thinking);
        }
        add_block(&mut script, &mut message, &reply.text, Kind::Text);
        if let Some(call) = reply.call {
            add_call(&mut script, &mut message, call);
        }
        play(script, message, reply.pause, stop)
    }
}

/// What the demo says to a conversation.
struct Reply {
    thought: String,
    text: String,
    call: Option<ToolCall>,
    pause: Duration,
}

fn reply_to(request: &Request) -> Reply {
    let (said, results) = latest(&request.messages);
    let has = |name: &str| request.tools.iter().any(|tool| tool.name == name);
    let steps = plan(&said, &has);
    let mut text = String::new();
    if let Some(result) = results.last() {
        text.push_str(&rules::report(result));
    }
    let next = steps.get(results.len());
    let (thought, call, pause) = match next {
        Some(Step::Call {
            name,
            arguments,
            why,
        }) => {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(why);
            let call = ToolCall {
                id: format!("demo-{}", request.messages.len()),
                name: name.clone(),
                arguments: arguments.clone(),
                thought_signature: None,
            };
            (
                format!("By my rules this asks for the tool `{name}`."),
                Some(call),
                PAUSE,
            )
        }
        Some(Step::Say(words)) => {
            text.push_str(words);
            (
                "By my rules this needs no tool.".to_owned(),
                None,
                PAUSE * 4,
            )
        }
        None if results.is_empty() => {
            text.push_str(rules::HELP);
            ("None of my rules fits.".to_owned(), None, PAUSE)
        }
        None => ("The result is in; I report it.".to_owned(), None, PAUSE),
    };
    Reply {
        thought,
        text,
        call,
        pause,
    }
}

/// What the person said last, and the tool results since.
fn latest(messages: &[SharedMessage]) -> (String, Vec<SharedMessage>) {
    let said = messages
        .iter()
        .rposition(|message| matches!(**message, Message::User(_)));
    let Some(said) = said else {
        return (String::new(), Vec::new());
    };
    let text = match &*messages[said] {
        Message::User(user) => user.content.to_text(),
        _ => String::new(),
    };
    let is_result = |message: &&SharedMessage| matches!(***message, Message::ToolResult(_));
    (
        text,
        messages[said..].iter().filter(is_result).cloned().collect(),
    )
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Thinking,
}

type Script = Vec<(Duration, Delta)>;

fn add_block(script: &mut Script, message: &mut AssistantMessage, text: &str, kind: Kind) {
    if text.is_empty() {
        return;
    }
    let index = message.content.len();
    let (start, end) = match kind {
        Kind::Text => (
            Delta::TextStart { index },
            Delta::TextEnd {
                index,
                text: text.into(),
            },
        ),
        Kind::Thinking => (
            Delta::ThinkingStart { index },
            Delta::ThinkingEnd {
                index,
                text: text.into(),
            },
        ),
    };
    script.push((Duration::ZERO, start));
    for piece in pieces(text) {
        let text: Arc<str> = piece.into();
        let delta = match kind {
            Kind::Text => Delta::Text { index, text },
            Kind::Thinking => Delta::Thinking { index, text },
        };
        script.push((PAUSE, delta));
    }
    script.push((Duration::ZERO, end));
    message.content.push(match kind {
        Kind::Text => Content::text(text),
        Kind::Thinking => Content::thinking(text),
    });
}

fn add_call(script: &mut Script, message: &mut AssistantMessage, call: ToolCall) {
    let index = message.content.len();
    let (id, name) = (call.id.as_str().into(), call.name.as_str().into());
    script.push((PAUSE, Delta::ToolCallStart { index, id, name }));
    for piece in pieces(&call.arguments.to_string()) {
        script.push((
            PAUSE,
            Delta::ToolCall {
                index,
                json: piece.into(),
            },
        ));
    }
    script.push((
        Duration::ZERO,
        Delta::ToolCallEnd {
            index,
            call: Arc::new(call.clone()),
        },
    ));
    message.content.push(Content::ToolCall(call));
    message.stop_reason = StopReason::ToolUse;
}

/// Words with the space behind them, several at a time when there are many.
fn pieces(text: &str) -> Vec<&str> {
    let words: Vec<&str> = text.split_inclusive([' ', '\n']).collect();
    let together = words.len().div_ceil(PIECES).max(1);
    let mut from = 0;
    words
        .chunks(together)
        .map(|chunk| {
            let length: usize = chunk.iter().map(|word| word.len()).sum();
            let piece = &text[from..from + length];
            from += length;
            piece
        })
        .collect()
}

/// Streams the script with its pauses; an abort ends it with what was said so far.
fn play(
    script: Script,
    message: AssistantMessage,
    pause: Duration,
    stop: CancellationToken,
) -> BoxStream<'static, Delta> {
    let slow_down = pause.as_millis() / PAUSE.as_millis();
    let state = (script.into_iter(), Some(message), Draft::default());
    stream::unfold(state, move |(mut script, message, mut draft)| {
        let stop = stop.clone();
        async move {
            let mut message = message?;
            let Some((pause, delta)) = script.next() else {
                return Some((Delta::Done(Arc::new(message)), (script, None, draft)));
            };
            let stopped = tokio::select! {
                biased;
                () = stop.cancelled() => true,
                () = tokio::time::sleep(pause * slow_down as u32) => false,
            };
            if stopped {
                message.content = draft.to_content();
                message.stop_reason = StopReason::Aborted;
                message.error_message = Some(super::ABORTED.into());
                return Some((Delta::Done(Arc::new(message)), (script, None, draft)));
            }
            draft.apply(&delta);
            Some((delta, (script, Some(message), draft)))
        }
    })
    .boxed()
}
