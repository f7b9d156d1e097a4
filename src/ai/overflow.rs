//! Recognises that a conversation no longer fits into the model's context, by what vendors say about
//! it and, for the two that say nothing, by the token counts.

use super::failure::Kind;
use super::message::{AssistantMessage, StopReason};

/// What vendors say, in lower case. `#` stands for a number, with or without commas between its
/// thousands; parts between `*` come in this order.
const PATTERNS: &[&str] = &[
    "prompt is too long",                                    // Anthropic
    "prompt too long",                                       // z.ai, Ollama
    "prompt exceeds max length",                             // z.ai in China
    "request_too_large",                                     // Anthropic, by bytes
    "input is too long for requested model",                 // Bedrock
    "exceeds the context window",                            // OpenAI
    "input token count*exceeds the maximum",                 // Google
    "maximum prompt length is #",                            // xAI
    "reduce the length of the messages",                     // Groq
    "maximum context length is # tokens",                    // OpenRouter, vLLM
    "exceeds the limit of #",                                // GitHub Copilot
    "exceeds the available context size",                    // llama.cpp
    "greater than the context length",                       // LM Studio
    "context window exceeds limit",                          // MiniMax
    "exceeded model token limit",                            // Kimi
    "too large for model with # maximum context",            // Mistral
    "model_context_window_exceeded",                         // z.ai
    "context window exceeded",                               // LiteLLM, before it asks
    "exceeds*maximum context length of # token",             // LiteLLM
    "exceeds*maximum context length (#)",                    // LiteLLM
    "exceeds*maximum allowed input length of # token",       // Poolside
    "longer than the model's context length",                // Together, SGLang
    "longer than the model context length",                  // the same
    "prompt has # token*configured context size is # token", // DS4
    "range of input length should be",                       // DashScope
    "context_length_exceeded",
    "context length exceeded",
];

/// The same, unless a server says it that is busy: it may count the tokens of a minute.
const GENERAL_PATTERNS: &[&str] = &["too many tokens", "token limit exceeded"];

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
        StopReason::Error => {
            let kind = message.failure.map(|failure| failure.kind);
            let words = message.error_message.as_deref();
            message.failure.is_some_and(|failure| failure.is_overflow)
                || words.is_some_and(|words| says_overflow(words, kind))
        }
        // z.ai reads more than it can and says nothing.
        StopReason::Stop => context_window > 0 && read > context_window,
        // Xiaomi fills the window to the brim and has no room left to answer.
        StopReason::Length => {
            context_window > 0 && usage.output == 0 && read as f64 >= context_window as f64 * 0.99
        }
        StopReason::ToolUse | StopReason::Aborted => false,
    }
}

/// Whether a vendor's words mean that; `kind` is what else is known of its failure.
pub fn is_said(words: &str, kind: Option<Kind>) -> bool {
    let words = words.to_lowercase();
    !is_other_limit(&words, kind) && is_named(&words, kind)
}

/// The same for what we and others make of a vendor's words.
fn says_overflow(error: &str, kind: Option<Kind>) -> bool {
    let error = error.to_lowercase();
    let is_said = || is_named(&error, kind) || is_bare_refusal(&error) || is_too_large(&error);
    !is_other_limit(&error, kind) && is_said()
}

fn is_other_limit(error: &str, kind: Option<Kind>) -> bool {
    // An account's limit is one of tokens, too: of a day, or of all.
    kind == Some(Kind::Quota) || OTHER_LIMITS.iter().any(|limit| error.contains(limit))
}

fn is_named(error: &str, kind: Option<Kind>) -> bool {
    let general = match kind {
        Some(Kind::Busy) => &[],
        _ => GENERAL_PATTERNS,
    };
    let mut patterns = PATTERNS.iter().chain(general);
    patterns.any(|pattern| says(error, pattern))
}

/// 413 is about length whatever the body says. The status counts in front of it only: as we write it
/// (`copilot answered 413 …`), or others (`413: …`, `Copilot API error (413): …`).
fn is_too_large(error: &str) -> bool {
    let ours = error.split_once(" answered 413");
    let ours = ours.is_some_and(|(name, rest)| !name.contains(':') && ends_word(rest));
    let theirs = error.split_once(" api error (413):");
    let theirs = theirs.is_some_and(|(name, _)| !name.contains([':', '{', '(']));
    ours || theirs || error.strip_prefix("413").is_some_and(ends_word)
}

fn ends_word(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([' ', ':'])
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

/// Where `part` ends in `text`; each `#` in it is a number.
fn find(text: &str, part: &str) -> Option<usize> {
    let (head, tail) = match part.split_once('#') {
        None => return text.find(part).map(|at| at + part.len()),
        Some(halves) => halves,
    };
    text.match_indices(head).find_map(|(at, _)| {
        let number = at + head.len();
        let length = number_length(&text[number..])?;
        // What is behind the number begins there at once.
        let behind = &text[number + length..];
        let literal = tail.split('#').next().unwrap_or_default();
        let end = match behind.starts_with(literal) {
            true => find(behind, tail)?,
            false => return None,
        };
        Some(number + length + end)
    })
}

/// How long the number at the beginning is; commas stand between digits.
fn number_length(text: &str) -> Option<usize> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != ',');
    let number = text[..end.unwrap_or(text.len())].trim_end_matches(',');
    number
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some(number.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::delta::failed_message;
    use crate::ai::failure::Failure;
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
    fn knows_what_the_servers_in_between_and_those_of_ones_own_say() {
        for error in [
            "The input (40000 tokens) is longer than the model's context length (32768 tokens).",
            "InternalError.Algo.InvalidParameter: Range of input length should be [1, 98304]",
            r#"z answered 400: Prompt exceeds max length (1261)"#,
            r#"z answered 400: Prompt too long (1261)"#,
            "Requested token count exceeds the model's maximum context length of 131,072 tokens",
            "Input length (265330) exceeds model's maximum context length (262,144).",
            "litellm.ContextWindowExceededError: Context Window exceeded for given call.",
            "Input length 300000 exceeds the maximum allowed input length of 262,144 tokens.",
            "Prompt has 70,000 tokens, but the configured context size is 65,536 tokens",
            "This model's maximum prompt length is 131,072 but the request contains 537812 tokens",
            "copilot answered 413 Payload Too Large: failed to parse request",
            "github-copilot API error (413): {\"message\":\"failed to parse request\"}",
            "413: too much",
        ] {
            assert!(overflows(error), "{error}");
        }
        for error in [
            "x answered 400: maximum context length of , tokens",
            "x answered 400 Bad Request: upstream answered 413",
            "x answered 4130",
            "413s are bad",
            "prompt has no tokens, but the configured context size is 3 tokens",
        ] {
            assert!(!overflows(error), "{error}");
        }
    }

    #[test]
    fn a_server_that_is_asked_too_often_is_not_asked_too_much() {
        let words = "bedrock answered 400: Too many tokens, please wait before trying again.";
        let mut message = failed_message(&model(), 0, StopReason::Error, words);
        assert!(is_overflow(&message, 1000));
        for kind in [Kind::Busy, Kind::Quota] {
            message.failure = Some(Failure::new(kind));
            assert!(!is_overflow(&message, 1000), "{kind:?}");
        }
        message.failure = Some(Failure::new(Kind::Refused));
        assert!(is_overflow(&message, 1000));
    }

    #[test]
    fn a_server_that_stumbles_over_what_is_too_long_says_so_all_the_same() {
        let words = "x answered 500: prompt is too long: 213462 tokens > 200000 maximum";
        let mut message = failed_message(&model(), 0, StopReason::Error, words);
        message.failure = Some(Failure::new(Kind::Busy));
        assert!(is_overflow(&message, 1000));
        let words = "x answered 429 Too Many Requests: maximum context length is 9 tokens a minute";
        message.error_message = Some(words.into());
        assert!(!is_overflow(&message, 1000));
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
