//! A conversation as Mistral's API wants it: body, headers, thinking. Mistral refuses fields that it
//! does not know.

use serde_json::{Map, Value, json};

use super::super::exchange::{Outgoing, join};
use super::super::headers::Headers;
use super::super::limits;
use super::messages::messages;
use crate::ai::model::{Model, ThinkingLevel};
use crate::ai::provider::{CacheRetention, Request, ToolSpec};

/// The request as it goes over the wire.
pub fn outgoing(model: &Model, request: &Request) -> Outgoing {
    let base = model.base_url.trim_end_matches('/');
    let base = base.strip_suffix("/v1").unwrap_or(base);
    Outgoing::new(
        join(base, "/v1/chat/completions"),
        headers(model, request),
        body(model, request),
    )
}

fn headers(model: &Model, request: &Request) -> Vec<(String, String)> {
    let mut headers = Headers::default();
    headers.set("accept", "text/event-stream");
    headers.set("content-type", "application/json");
    if let Some(key) = request.auth.api_key.as_deref().filter(|k| !k.is_empty()) {
        headers.set("authorization", format!("Bearer {key}"));
    }
    if let Some(id) = conversation(request) {
        // Where its prompts are cached already.
        headers.set("x-affinity", id);
    }
    headers.finish(model, request)
}

/// The conversation's id, where its prompts are to be cached.
fn conversation(request: &Request) -> Option<&str> {
    match request.cache {
        CacheRetention::None => None,
        _ => request.session_id.as_deref(),
    }
}

fn body(model: &Model, request: &Request) -> Value {
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
    set("model", json!(model.id));
    set("stream", json!(true));
    set("messages", messages(model, request));
    if !request.tools.is_empty() {
        set("tools", request.tools.iter().map(tool_json).collect());
    }
    set("max_tokens", json!(limits::answer_tokens(model, request)));
    match thinking(model, request.thinking) {
        Thinking::Unsaid => {}
        Thinking::Prompt => {
            set("prompt_mode", json!("reasoning"));
        }
        Thinking::Effort(effort) => {
            set("reasoning_effort", json!(effort));
        }
    }
    if let Some(id) = conversation(request) {
        set("prompt_cache_key", json!(id));
    }
    Value::Object(body)
}

fn tool_json(tool: &ToolSpec) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": *tool.parameters,
            "strict": false,
        },
    })
}

/// How a request says how hard to think.
enum Thinking<'a> {
    /// Not at all.
    Unsaid,
    /// By a prompt of Mistral's own, for models that know no efforts.
    Prompt,
    /// By a word.
    Effort(&'a str),
}

fn thinking(model: &Model, level: ThinkingLevel) -> Thinking<'_> {
    let map = &model.thinking_level_map;
    let on = level != ThinkingLevel::Off;
    let mapped = map.get(&level).and_then(Option::as_deref);
    match mapped {
        _ if !model.reasoning => Thinking::Unsaid,
        _ if map.is_empty() && on => Thinking::Prompt,
        Some(word) => Thinking::Effort(word),
        None if !map.is_empty() && on => Thinking::Effort("high"),
        None => Thinking::Unsaid,
    }
}
