//! How much a model may answer: its own limit, as far as the context window has room behind the request,
//! and the tokens of thinking out of it.
//!
//! Vendors refuse requests whose input and limit together exceed the window, and count tokens in ways
//! of their own; so there is a margin, and where the window is nearly full a small limit.

use crate::ai::message::{Body, Content, Message, SharedMessage, StopReason};
use crate::ai::model::{Model, ThinkingLevel};
use crate::ai::provider::Request;

/// Tokens that a limit on thinking leaves for the answer.
pub const LEAST_ANSWER: u64 = 1024;

/// What is asked for when neither the caller nor the model names a limit.
const USUAL: u64 = 32_000;
/// The margin: so many tokens, or so many hundredths of the input.
const MARGIN: u64 = 4096;
const MARGIN_PERCENT: u64 = 15;
/// Below this much room only the fixed margin is kept, and no more than this is asked for.
const TIGHT: u64 = 32_768;
/// Bytes of text that are surely a token or more, in halves.
const HALF_BYTES_A_TOKEN: usize = 7;
const IMAGE_BYTES: usize = 4_800;

/// The limit of the answer, thinking included.
pub fn answer_tokens(model: &Model, request: &Request) -> u64 {
    let asked = request.max_tokens.filter(|tokens| *tokens > 0);
    let own = Some(model.max_tokens).filter(|tokens| *tokens > 0);
    fit(model, request, asked.or(own).unwrap_or(USUAL))
}

/// `limit`, as far as the window has room for it.
pub fn fit(model: &Model, request: &Request, limit: u64) -> u64 {
    if model.context_window == 0 {
        return limit.max(1);
    }
    let input = input_tokens(request);
    let behind = |margin: u64| {
        let window = model.context_window.saturating_sub(input);
        window.saturating_sub(margin)
    };
    let mut room = behind(MARGIN.max(input.saturating_mul(MARGIN_PERCENT).div_ceil(100)));
    if room < TIGHT {
        room = behind(MARGIN).min(TIGHT);
    }
    limit.min(room.max(1))
}

/// Tokens of thinking at a level; vendors that count them know no level above high.
pub fn thinking_tokens(request: &Request, level: ThinkingLevel) -> u64 {
    let level = level.min(ThinkingLevel::High);
    let set = request.thinking_budgets.get(&level);
    set.copied().unwrap_or(level.usual_budget())
}

/// The tokens of the request, about: what the last answer says of itself, and what came after it.
fn input_tokens(request: &Request) -> u64 {
    let messages = &request.messages;
    let (known, from) = last_usage(messages).unwrap_or_else(|| {
        let system = of_bytes(request.system.len());
        (system + of_bytes(tool_bytes(request)), 0)
    });
    let rest = messages.get(from..).unwrap_or_default();
    rest.iter()
        .fold(known, |sum, m| sum.saturating_add(of_bytes(bytes(m))))
}

/// The tools as JSON, about.
fn tool_bytes(request: &Request) -> usize {
    const FRAME: usize = r#"{"name":"","description":"","parameters":},"#.len();
    let tools = request.tools.iter().map(|tool| {
        let words = tool.name.len() + tool.description.len();
        FRAME + words + tool.parameters.to_string().len()
    });
    match tools.sum::<usize>() {
        0 => 0,
        sum => sum + 1,
    }
}

/// The size of the context behind the last answer that knows it, and the place after it. A message that
/// is newer than an answer behind it was put before it later, as a summary is: that answer's figures
/// are of another context.
fn last_usage(messages: &[SharedMessage]) -> Option<(u64, usize)> {
    let mut newest = i64::MIN;
    let mut found = None;
    for (index, message) in messages.iter().enumerate() {
        if let Message::Assistant(answer) = &**message {
            let tokens = answer.usage.context_tokens();
            let failed = matches!(answer.stop_reason, StopReason::Error | StopReason::Aborted);
            if answer.timestamp >= newest && tokens > 0 && !failed {
                found = Some((tokens, index + 1));
            }
        }
        newest = newest.max(message.timestamp());
    }
    found
}

fn bytes(message: &Message) -> usize {
    match message {
        Message::User(user) => match &user.content {
            Body::Text(text) => text.len(),
            Body::Blocks(content) => blocks(content),
        },
        Message::Assistant(answer) => blocks(&answer.content),
        Message::ToolResult(result) => blocks(&result.content),
        Message::Custom(custom) => blocks(&custom.content.to_blocks()),
        Message::BashExecution(bash) => bash.command.len() + bash.output.len(),
        Message::BranchSummary(branch) => branch.summary.len(),
        Message::CompactionSummary(compaction) => compaction.summary.len(),
    }
}

fn blocks(content: &[Content]) -> usize {
    let size = |block: &Content| match block {
        Content::Text { text, .. } => text.len(),
        Content::Thinking { thinking, .. } => thinking.len(),
        Content::Image { .. } => IMAGE_BYTES,
        Content::ToolCall(call) => call.name.len() + call.arguments.to_string().len(),
    };
    content.iter().map(size).sum()
}

fn of_bytes(bytes: usize) -> u64 {
    (bytes * 2).div_ceil(HALF_BYTES_A_TOKEN) as u64
}
