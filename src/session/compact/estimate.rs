//! How many tokens a context has: what the last answer's usage says, and an estimate of what came after.
//!
//! Four bytes of text are a token, and a picture is 1,200. Bytes rather than characters, because tokens
//! of other scripts than Latin have fewer characters.

use crate::ai::{Body, Content, Message, SharedMessage};
use crate::store::Growth;

const IMAGE_BYTES: usize = 4_800;

/// Tokens of one message, about.
pub(in crate::session) fn tokens_of(message: &Message) -> u64 {
    let bytes = match message {
        Message::User(user) => body(&user.content),
        Message::Assistant(answer) => blocks(&answer.content),
        Message::ToolResult(result) => blocks(&result.content),
        Message::BashExecution(bash) if bash.exclude_from_context => 0,
        Message::BashExecution(bash) => bash.command.len() + bash.output.len(),
        Message::Custom(custom) => body(&custom.content),
        Message::BranchSummary(branch) => branch.summary.len(),
        Message::CompactionSummary(compaction) => compaction.summary.len(),
    };
    of_text(bytes)
}

/// Tokens of so many bytes of text, about.
pub(in crate::session) fn of_text(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(4)
}

/// Tokens of a context. `growth` says whether the usage of its last answer still holds: one from before a
/// compaction does not. Without it everything is estimated, the system prompt of `system` bytes too.
pub(in crate::session) fn context_tokens(
    messages: &[SharedMessage],
    growth: &Growth,
    system: usize,
) -> u64 {
    let sum = |messages: &[SharedMessage]| messages.iter().map(|m| tokens_of(m)).sum::<u64>();
    let Some(usage) = growth.usage else {
        return of_text(system) + sum(messages);
    };
    let is_anchor = |message: &SharedMessage| {
        message
            .as_assistant()
            .is_some_and(|answer| answer.usage == usage)
    };
    let after = match messages.iter().rposition(is_anchor) {
        Some(at) => &messages[at + 1..],
        None => messages,
    };
    usage.context_tokens() + sum(after)
}

fn body(body: &Body) -> usize {
    match body {
        Body::Text(text) => text.len(),
        Body::Blocks(content) => blocks(content),
    }
}

fn blocks(content: &[Content]) -> usize {
    let sizes = content.iter().map(|block| match block {
        Content::Text { text, .. } => text.len(),
        Content::Thinking { thinking, .. } => thinking.len(),
        Content::Image { .. } => IMAGE_BYTES,
        Content::ToolCall(call) => call.name.len() + call.arguments.to_string().len(),
    });
    sizes.sum()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ai::Usage;
    use crate::ai::delta::empty_message;
    use crate::ai::script::model;

    fn said(bytes: usize) -> SharedMessage {
        Arc::new(Message::user("x".repeat(bytes), 0))
    }

    fn answer(usage: Usage) -> SharedMessage {
        let mut answer = empty_message(&model(), 0);
        answer.usage = usage;
        answer.content = vec![Content::text("y".repeat(400))];
        Arc::new(Message::Assistant(answer))
    }

    #[test]
    fn an_answers_usage_counts_and_what_came_after_it_is_estimated() {
        let usage = Usage {
            total_tokens: 5_000,
            ..Usage::default()
        };
        let messages = [said(4_000), answer(usage), said(41)];
        let growth = Growth {
            usage: Some(usage),
            has_answer: true,
            is_compacted: false,
        };
        assert_eq!(context_tokens(&messages, &growth, 4_000), 5_011);
        // The usage is of a context that has been compacted since.
        let stale = Growth::default();
        assert_eq!(
            context_tokens(&messages, &stale, 4_000),
            1_000 + 1_000 + 100 + 11
        );
    }

    #[test]
    fn a_picture_counts_as_much_whatever_its_size() {
        let image = |bytes: usize| Content::Image {
            data: "A".repeat(bytes),
            mime_type: "image/png".into(),
        };
        let message = |bytes| {
            Message::User(crate::ai::UserMessage {
                content: Body::Blocks(vec![image(bytes), Content::text("1234")]),
                timestamp: 0,
            })
        };
        assert_eq!(tokens_of(&message(10)), 1_201);
        assert_eq!(tokens_of(&message(1_000_000)), 1_201);
    }
}
