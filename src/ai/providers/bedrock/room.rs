//! How long an answer may be, so that it and the conversation fit into the model's context together.
//!
//! The last answer's own count stands for all before it; what came since is estimated from its length.

use crate::ai::message::{Body, Content, Message, StopReason};
use crate::ai::model::Model;
use crate::ai::provider::Request;

/// Characters of a token, on average of what conversations are made of.
const CHARS_PER_TOKEN: f64 = 3.5;
/// Characters that a picture stands for.
const PICTURE: usize = 4800;
/// Always left free, for estimates are estimates.
const LEAST_MARGIN: u64 = 4096;
/// Part of the estimate that is left free where room is plenty.
const MARGIN: f64 = 0.15;
/// Where less than this is left, only the least margin is.
const PLENTY: u64 = 32_768;

/// `wanted`, or as much of it as the context has room for.
pub fn fitted(wanted: u64, model: &Model, request: &Request) -> u64 {
    let window = model.context_window;
    if window == 0 {
        return wanted.max(1);
    }
    let used = used(request);
    let margin = LEAST_MARGIN.max((used as f64 * MARGIN).ceil() as u64);
    let free = window.saturating_sub(used);
    let mut room = free.saturating_sub(margin);
    if room < PLENTY {
        room = PLENTY.min(free.saturating_sub(LEAST_MARGIN));
    }
    wanted.min(room.max(1))
}

/// Tokens that the conversation takes.
fn used(request: &Request) -> u64 {
    let mut newest_before = i64::MIN;
    let mut counted = None;
    for (at, message) in request.messages.iter().enumerate() {
        if let Message::Assistant(answer) = &**message {
            let ended = !matches!(answer.stop_reason, StopReason::Error | StopReason::Aborted);
            let tokens = answer.usage.context_tokens();
            // What was put in front of it later, such as a summary, it has not counted.
            if ended && tokens > 0 && answer.timestamp >= newest_before {
                counted = Some((tokens, at + 1));
            }
        }
        newest_before = newest_before.max(message.timestamp());
    }
    let (tokens, since) = counted.unwrap_or_else(|| (of_beginning(request), 0));
    let rest = request.messages[since..].iter();
    tokens + rest.map(|message| tokens_of(length(message))).sum::<u64>()
}

/// The system prompt and the tools.
fn of_beginning(request: &Request) -> u64 {
    let tools = request
        .tools
        .iter()
        .map(|tool| tool.name.len() + tool.description.len() + tool.parameters.to_string().len());
    tokens_of(chars(&request.system)) + tokens_of(tools.sum())
}

fn length(message: &Message) -> usize {
    match message {
        Message::User(user) => match &user.content {
            Body::Text(text) => chars(text),
            Body::Blocks(blocks) => blocks.iter().map(block).sum(),
        },
        Message::Assistant(answer) => answer.content.iter().map(block).sum(),
        Message::ToolResult(result) => result.content.iter().map(block).sum(),
        _ => 0,
    }
}

fn block(block: &Content) -> usize {
    match block {
        Content::Text { text, .. } => chars(text),
        Content::Thinking { thinking, .. } => chars(thinking),
        Content::Image { .. } => PICTURE,
        Content::ToolCall(call) => call.name.len() + call.arguments.to_string().len(),
    }
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

fn tokens_of(chars: usize) -> u64 {
    (chars as f64 / CHARS_PER_TOKEN).ceil() as u64
}
