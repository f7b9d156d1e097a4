//! How a server departs from Anthropic's own: known from its provider id, its URL and the model's id,
//! overridden by the model's `compat` (the models page lists the switches).

use super::super::billing::is_openrouter;
use super::super::switches::Switches;
use crate::ai::model::Model;

/// Models that decide for themselves how much to think, where `compat` does not say it.
const ADAPTIVE: [&str; 6] = [
    "opus-4-6",
    "opus-4.6",
    "opus-4-7",
    "opus-4.7",
    "sonnet-4-6",
    "sonnet-4.6",
];

/// The departures of one model's server.
#[derive(Debug, Clone, PartialEq)]
pub struct Compat {
    /// Takes `eager_input_streaming` in tools.
    pub eager_tools: bool,
    /// Keeps prompts for an hour.
    pub long_cache: bool,
    /// Takes breakpoints in tools.
    pub cache_on_tools: bool,
    /// The header that it routes by.
    pub session_header: Option<&'static str>,
    /// Takes an effort in place of a budget.
    pub adaptive: bool,
    /// Takes back thinking whose signature is empty.
    pub empty_signature: bool,
    /// Is told in the conversation how hard to think, so that a change leaves what is cached.
    pub effort_in_conversation: bool,
}

impl Compat {
    /// What holds for `model`.
    pub fn of(model: &Model) -> Self {
        let set = Switches::of(model);
        let openrouter = is_openrouter(model);
        let affinity = set.on("sendSessionAffinityHeaders").unwrap_or(openrouter);
        let usual = if openrouter { "openrouter" } else { "" };
        let header = match set.word("sessionAffinityFormat").unwrap_or(usual) {
            "openrouter" => "x-session-id",
            _ => "x-session-affinity",
        };
        let by_id = || ADAPTIVE.iter().any(|name| model.id.contains(name));
        Compat {
            eager_tools: set.on("supportsEagerToolInputStreaming").unwrap_or(true),
            long_cache: set.on("supportsLongCacheRetention").unwrap_or(true),
            cache_on_tools: set.on("supportsCacheControlOnTools").unwrap_or(true),
            session_header: affinity.then_some(header),
            adaptive: set.on("forceAdaptiveThinking").unwrap_or_else(by_id),
            empty_signature: set.on("allowEmptySignature").unwrap_or(false),
            effort_in_conversation: set.on("supportsMidConvoEffort").unwrap_or(false),
        }
    }
}
