//! How a server departs from OpenAI's own Responses API: the model's `compat` (the models page lists
//! the switches), and what its address tells.
//!
//! Switches about things that pi's requests do not hold are not read: tools with a grammar, and tools
//! that are searched for.

use super::super::billing::is_openrouter;
use super::super::switches::Switches;
use crate::ai::model::Model;

/// The departures of one model's server.
#[derive(Debug, Clone, PartialEq)]
pub struct Compat {
    /// Takes the role `developer` for the system prompt of thinking models.
    pub developer_role: bool,
    /// The headers that keep a session with one server.
    pub affinity: Affinity,
    /// Takes `prompt_cache_key`.
    pub cache_key: bool,
    /// Keeps prompts for long.
    pub long_cache: bool,
    /// Is told of caching by `prompt_cache_options`.
    pub cache_options: bool,
    /// Takes `strict` in tools; `None` where nobody says, and the API's own default holds.
    pub strict_mode: Option<bool>,
    /// Takes `max_output_tokens`.
    pub output_limit: bool,
    /// Is told in the conversation how hard to think, so that a change leaves what is cached.
    pub effort_as_item: bool,
    /// Takes tools, and system messages, anywhere in the conversation.
    pub tools_as_item: bool,
}

/// The headers that keep a session with one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Affinity {
    /// `session-id` and `x-client-request-id`.
    OpenAi,
    /// `x-client-request-id` alone.
    NoSession,
    /// `x-session-id`.
    OpenRouter,
}

impl Compat {
    /// What holds for `model`.
    pub fn of(model: &Model) -> Self {
        let set = Switches::of(model);
        let on = |name: &str| set.on(name).unwrap_or(true);
        let openrouter = is_openrouter(model);
        Compat {
            developer_role: on("supportsDeveloperRole"),
            affinity: match set.word("sessionAffinityFormat") {
                Some("openrouter") => Affinity::OpenRouter,
                Some("openai-nosession") => Affinity::NoSession,
                Some("openai") => Affinity::OpenAi,
                // The name of the reference 0.73.1 for the same.
                _ if set.on("sendSessionIdHeader") == Some(false) => Affinity::NoSession,
                _ if openrouter => Affinity::OpenRouter,
                _ => Affinity::OpenAi,
            },
            cache_key: set.word("promptCacheKeyMode") != Some("disabled"),
            long_cache: on("supportsLongCacheRetention"),
            cache_options: set.on("supportsExplicitPromptCacheMode") == Some(true),
            strict_mode: set.on("supportsStrictMode"),
            output_limit: on("supportsMaxOutputTokens"),
            effort_as_item: set.on("supportsMidConvoEffort") == Some(true),
            tools_as_item: set.on("supportsAdditionalTools") == Some(true)
                && set.on("supportsMidConvoSystemMessages") == Some(true),
        }
    }
}
