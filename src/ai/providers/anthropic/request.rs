//! A conversation as the Messages API wants it: body, headers, cache breakpoints, thinking.

use serde_json::{Value, json};

use super::super::exchange::{Outgoing, join};
use super::super::headers::Headers;
use super::super::limits;
use super::compat::Compat;
use super::identity;
use super::messages::messages;
use crate::ai::model::{Model, ThinkingLevel};
use crate::ai::provider::{CacheRetention, Request, ToolSpec};

const VERSION: &str = "2023-06-01";
const TOOL_STREAMING: &str = "fine-grained-tool-streaming-2025-05-14";
const INTERLEAVED_THINKING: &str = "interleaved-thinking-2025-05-14";
/// The smallest budget that the API accepts; the limit of the answer must exceed it.
const LEAST_BUDGET: u64 = 1024;

/// The request as it goes over the wire.
pub fn outgoing(model: &Model, request: &Request) -> Outgoing {
    let compat = Compat::of(model);
    Outgoing::new(
        join(&model.base_url, "/v1/messages"),
        headers(model, request, &compat),
        body(model, request, &compat),
    )
}

fn headers(model: &Model, request: &Request, compat: &Compat) -> Vec<(String, String)> {
    let mut headers = Headers::default();
    headers.set("accept", "application/json");
    headers.set("content-type", "application/json");
    headers.set("anthropic-version", VERSION);
    let mut betas = Vec::new();
    let key = request.auth.api_key.as_deref().unwrap_or_default();
    let bearer = || format!("Bearer {key}");
    let mut subscription = false;
    match model.provider.as_str() {
        _ if key.is_empty() => {}
        "cloudflare-ai-gateway" => headers.set("cf-aig-authorization", bearer()),
        "github-copilot" => headers.set("authorization", bearer()),
        _ if identity::is_subscription(request) => {
            subscription = true;
            headers.set("authorization", bearer());
            betas.extend(identity::BETAS);
            for (name, value) in identity::HEADERS {
                headers.set(name, value);
            }
        }
        _ => headers.set("x-api-key", key),
    }
    if let (Some(name), Some(id), false) =
        (compat.session_header, &request.session_id, subscription)
        && request.cache != CacheRetention::None
        && model.provider != "github-copilot"
    {
        headers.set(name, id.as_str());
    }
    if !request.tools.is_empty() && !compat.eager_tools {
        betas.push(TOOL_STREAMING);
    }
    if model.reasoning && request.thinking != ThinkingLevel::Off && !compat.adaptive {
        betas.push(INTERLEAVED_THINKING);
    }
    if !betas.is_empty() {
        headers.set("anthropic-beta", betas.join(","));
    }
    headers.finish(model, request)
}

fn body(model: &Model, request: &Request, compat: &Compat) -> Value {
    let cache = cache_control(compat, request.cache);
    let cache = cache.as_ref();
    let mut body = json!({
        "model": model.id,
        "messages": messages(model, request, compat, cache),
        "max_tokens": limits::answer_tokens(model, request),
        "stream": true,
    });
    let subscription = identity::is_subscription(request);
    let first = subscription.then_some(identity::FIRST_WORDS);
    let own = Some(request.system.as_str()).filter(|words| !words.is_empty());
    let system: Vec<Value> = first
        .into_iter()
        .chain(own)
        .map(|words| with_cache(json!({"type": "text", "text": words}), cache))
        .collect();
    if !system.is_empty() {
        body["system"] = Value::Array(system);
    }
    if !request.tools.is_empty() {
        body["tools"] = tools(request, compat, subscription, cache);
    }
    if model.reasoning {
        think(model, request, compat, &mut body);
    }
    body
}

fn cache_control(compat: &Compat, retention: CacheRetention) -> Option<Value> {
    match retention {
        CacheRetention::None => None,
        CacheRetention::Long if compat.long_cache => {
            Some(json!({"type": "ephemeral", "ttl": "1h"}))
        }
        CacheRetention::Short | CacheRetention::Long => Some(json!({"type": "ephemeral"})),
    }
}

fn with_cache(mut block: Value, cache: Option<&Value>) -> Value {
    if let Some(cache) = cache {
        block["cache_control"] = cache.clone();
    }
    block
}

fn tools(request: &Request, compat: &Compat, subscription: bool, cache: Option<&Value>) -> Value {
    let cache = cache.filter(|_| compat.cache_on_tools);
    let last = request.tools.len().saturating_sub(1);
    let list = request.tools.iter().enumerate().map(|(index, tool)| {
        let name = match subscription {
            true => identity::spelled(&tool.name),
            false => &tool.name,
        };
        let mut spec = json!({"name": name, "description": tool.description});
        if compat.eager_tools {
            spec["eager_input_streaming"] = json!(true);
        }
        spec["input_schema"] = schema(tool);
        with_cache(spec, cache.filter(|_| index == last))
    });
    list.collect()
}

/// What the API takes of a schema: at its root no more than properties and what they refer to.
fn schema(tool: &ToolSpec) -> Value {
    let part = |name: &str, empty: Value| tool.parameters.get(name).cloned().unwrap_or(empty);
    let mut schema = json!({
        "type": "object",
        "properties": part("properties", json!({})),
        "required": part("required", json!([])),
    });
    for shared in ["$defs", "definitions"] {
        if let Some(definitions) = tool.parameters.get(shared) {
            schema[shared] = definitions.clone();
        }
    }
    schema
}

fn think(model: &Model, request: &Request, compat: &Compat, body: &mut Value) {
    let level = request.thinking;
    let mapped = model.thinking_level_map.get(&level).cloned();
    if level == ThinkingLevel::Off {
        // Some models cannot be told not to think.
        if mapped != Some(None) {
            body["thinking"] = json!({"type": "disabled"});
        }
        return;
    }
    if compat.adaptive {
        let effort = mapped.flatten();
        let effort = effort.unwrap_or_else(|| usual_effort(level).to_owned());
        body["thinking"] = json!({"type": "adaptive", "display": "summarized"});
        body["output_config"] = json!({"effort": effort});
        return;
    }
    let mut budget = limits::thinking_tokens(request, level);
    let wanted = limits::answer_tokens(model, request).saturating_add(budget);
    let own = Some(model.max_tokens).filter(|tokens| *tokens > 0);
    let most = limits::fit(model, request, own.map_or(wanted, |own| own.min(wanted)));
    budget = budget.min(most.saturating_sub(limits::LEAST_ANSWER));
    body["max_tokens"] = json!(most);
    if budget < LEAST_BUDGET {
        // No room, or less asked for than the API accepts.
        budget = LEAST_BUDGET;
        if most <= budget {
            body["thinking"] = json!({"type": "disabled"});
            return;
        }
    }
    body["thinking"] = json!({"type": "enabled", "budget_tokens": budget, "display": "summarized"});
}

fn usual_effort(level: ThinkingLevel) -> &'static str {
    match level {
        ThinkingLevel::Minimal | ThinkingLevel::Low => "low",
        ThinkingLevel::Medium => "medium",
        _ => "high",
    }
}
