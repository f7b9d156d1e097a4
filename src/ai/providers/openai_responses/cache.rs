//! What the Responses API is told of caching: the key that prompts of one session share, and how long
//! to keep them. Older models are told by `prompt_cache_retention`, newer ones by
//! `prompt_cache_options`.

use serde_json::{Map, Value, json};

use super::super::cache_key;
use super::compat::Compat;
use crate::ai::provider::{CacheRetention, Request};

/// The key that the prompts of a session share; `None` when nothing is to be cached.
pub fn key(request: &Request, compat: &Compat) -> Option<String> {
    cache_key::of(request).filter(|_| compat.cache_key)
}

/// Says how long to keep the prompt.
pub fn keep(request: &Request, compat: &Compat, body: &mut Map<String, Value>) {
    let long = request.cache == CacheRetention::Long && compat.long_cache;
    match (compat.cache_options, request.cache) {
        (true, CacheRetention::None) => {
            body.insert("prompt_cache_options".into(), json!({"mode": "explicit"}));
        }
        (true, _) if long => {
            body.insert("prompt_cache_options".into(), json!({"ttl": "30m"}));
        }
        (false, _) if long => {
            body.insert("prompt_cache_retention".into(), json!("24h"));
        }
        _ => {}
    }
}
