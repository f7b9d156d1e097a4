//! The wire APIs, one folder each: a request in the vendor's words, and the vendor's stream in ours.

mod anthropic;
mod exchange;
mod headers;
mod openai_completions;

use std::sync::Arc;

use super::http::HttpClient;
use super::provider::Provider;

pub use anthropic::Anthropic;
pub use openai_completions::OpenAiCompletions;

/// The provider that speaks `api`; `None` for an API that is not known.
pub fn provider_for(api: &str, http: &HttpClient) -> Option<Arc<dyn Provider>> {
    match api {
        "anthropic-messages" => Some(Arc::new(Anthropic::new(http.clone()))),
        "openai-completions" => Some(Arc::new(OpenAiCompletions::new(http.clone()))),
        _ => None,
    }
}

/// Whether [`provider_for`] knows `api`.
pub fn is_spoken(api: &str) -> bool {
    matches!(api, "anthropic-messages" | "openai-completions")
}
