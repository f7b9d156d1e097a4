//! Recognises that a conversation no longer fits into the model's context, by what vendors say about
//! it and, for the two that say nothing, by the token counts.

use super::message::{AssistantMessage, StopReason};

/// What vendors say, in lower case. `#` stands for a number; parts between `*` come in this order.
const PATTERNS: &[&str] = &[
    "prompt is too long",                           // Anthropic
    "request_too_large",                            // Anthropic, by bytes
    "input is too long for requested model",        // Bedrock
    "exceeds the context window",                   // OpenAI
    "input token count*exceeds the maximum",        // Google
    "maximum prompt length is #",                   // xAI
    "reduce the length of the messages",            // Groq
    "maximum context length is # tokens",           // OpenRouter, vLLM
    "exceeds the limit of #",                       // GitHub Copilot
    "exceeds the available context size",           // llama.cpp
    "greater than the context length",              // LM Studio
    "context window exceeds limit",                 // MiniMax
    "exceeded model token limit",                   // Kimi
    "too large for model with # maximum context",   // Mistral
    "model_context_window_exceeded",                // z.ai
    "prompt too long; exceeded context length",     // Ollama
    "prompt too long; exceeded max context length", // Ollama
    "context_length_exceeded",
    "context length exceeded",
    "too many tokens",
    "token limit exceeded",
];

/// Limits of another kind, which may use the same words.
const OTHER_LIMITS: &[&str] = &[
    "rate limit",
    "too many requests",
    "throttling error:",
    "throttlingexception",
];

/// Whether `message` says that its request did not fit into `context_window` tokens.
pub fn is_overflow(message: &AssistantMessage, context_window: u64) -> bool {
    let usage = &message.usage;
    let read = usage.input.saturating_add(usage.cache_read);
    match message.stop_reason {
        StopReason::Error => message.error_message.as_deref().is_some_and(says_overflow),
        // z.ai reads more than it can and says nothing.
        StopReason::Stop => context_window > 0 && read > context_window,
        // Xiaomi fills the window to the brim and has no room left to answer.
        StopReason::Length => {
            context_window > 0 && usage.output == 0 && read as f64 >= context_window as f64 * 0.99
        }
        StopReason::ToolUse | StopReason::Aborted => false,
    }
}

fn says_overflow(error: &str) -> bool {
    let error = error.to_lowercase();
    if OTHER_LIMITS.iter().any(|limit| error.contains(limit)) {
        return false;
    }
    PATTERNS.iter().any(|pattern| says(&error, pattern)) || is_bare_refusal(&error)
}

/// Cerebras refuses with 400 or 413 and nothing else.
fn is_bare_refusal(error: &str) -> bool {
    let has_status = error.split_whitespace().any(|w| w == "400" || w == "413");
    has_status && error.contains("(no body)")
}

fn says(error: &str, pattern: &str) -> bool {
    let mut rest = error;
    for part in pattern.split('*') {
        match find(rest, part) {
            Some(end) => rest = &rest[end..],
            None => return false,
        }
    }
    true
}

/// Where `part` ends in `text`; `#` in it is one or more digits.
fn find(text: &str, part: &str) -> Option<usize> {
    let (head, tail) = match part.split_once('#') {
        None => return text.find(part).map(|at| at + part.len()),
        Some(halves) => halves,
    };
    text.match_indices(head).find_map(|(at, _)| {
        let number = at + head.len();
        let digits = text[number..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        let end = number + digits;
        (digits > 0 && text[end..].starts_with(tail)).then_some(end + tail.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::delta::failed_message;
    use crate::ai::script::model;

    fn overflows(error: &str) -> bool {
        is_overflow(&failed_message(&model(), 0, StopReason::Error, error), 1000)
    }

    #[test]
    fn knows_what_vendors_say() {
        assert!(overflows(
            "anthropic answered 400: prompt is too long: 213462 tokens > 200000 maximum"
        ));
        assert!(overflows("Input token count (12) exceeds the maximum (10)"));
        assert!(overflows(
            "This endpoint's maximum context length is 4096 tokens. However"
        ));
        assert!(overflows(
            "cerebras answered 413 Payload Too Large (no body)"
        ));
        assert!(!overflows("maximum context length is unknown"));
        assert!(!overflows("Rate limit reached: too many tokens per minute"));
        assert!(!overflows("groq answered 500 (no body)"));
    }

    #[test]
    fn knows_silent_overflow_by_the_counts() {
        let mut message = failed_message(&model(), 0, StopReason::Stop, "");
        message.usage.input = 900;
        message.usage.cache_read = 101;
        assert!(is_overflow(&message, 1000));
        assert!(!is_overflow(&message, 0));
        message.stop_reason = StopReason::Length;
        assert!(is_overflow(&message, 1010));
        message.usage.output = 1;
        assert!(!is_overflow(&message, 1010));
    }
}
