//! The key by which OpenAI's APIs, and those like them, find the prompts of one session again.

use crate::ai::provider::{CacheRetention, Request};

/// The longest key that OpenAI takes, in characters.
const LONGEST: usize = 64;

/// The key that the prompts of a session share; `None` when nothing is to be cached.
pub fn of(request: &Request) -> Option<String> {
    let id = request.session_id.as_ref()?;
    let caches = request.cache != CacheRetention::None;
    caches.then(|| id.chars().take(LONGEST).collect())
}
