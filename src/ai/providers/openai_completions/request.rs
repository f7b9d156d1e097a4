//! A conversation as the Chat Completions API wants it: body, headers, thinking, routing.

use serde_json::{Map, Value, json};

use super::super::exchange::{Outgoing, join};
use super::super::headers::Headers;
use super::super::{cache_key, limits, sampling};
use super::cache;
use super::compat::{CacheKey, Compat};
use super::messages::messages;
use super::thinking;
use crate::ai::message::Message;
use crate::ai::model::Model;
use crate::ai::provider::{CacheRetention, Request, ToolSpec};

/// The request as it goes over the wire.
pub fn outgoing(model: &Model, request: &Request) -> Outgoing {
    let compat = Compat::of(model);
    Outgoing::new(
        join(&model.base_url, "/chat/completions"),
        headers(model, request, &compat),
        body(model, request, &compat),
    )
}

fn headers(model: &Model, request: &Request, compat: &Compat) -> Vec<(String, String)> {
    let mut headers = Headers::default();
    headers.set("accept", "application/json");
    headers.set("content-type", "application/json");
    if let Some(key) = request.auth.api_key.as_deref().filter(|k| !k.is_empty()) {
        let name = match model.provider.as_str() {
            "cloudflare-ai-gateway" => "cf-aig-authorization",
            _ => "authorization",
        };
        headers.set(name, format!("Bearer {key}"));
    }
    if let Some(id) = &request.session_id
        && request.cache != CacheRetention::None
    {
        for name in compat.session_headers {
            headers.set(name, id.as_str());
        }
    }
    headers.finish(model, request)
}

fn body(model: &Model, request: &Request, compat: &Compat) -> Value {
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
    set("model", json!(model.id));
    set("messages", Value::Array(messages(model, request, compat)));
    set("stream", json!(true));
    let long = request.cache == CacheRetention::Long && compat.long_cache;
    let keyed = match compat.cache_key {
        CacheKey::Auto => long || model.base_url.contains("api.openai.com"),
        CacheKey::Enabled => true,
        CacheKey::Disabled => false,
    };
    if let Some(key) = cache_key::of(request).filter(|_| keyed) {
        set("prompt_cache_key", json!(key));
    }
    if long {
        set("prompt_cache_retention", json!("24h"));
    }
    if compat.usage_in_streaming {
        set("stream_options", json!({"include_usage": true}));
    }
    if compat.store {
        set("store", json!(false));
    }
    let limit = limits::answer_tokens(model, request);
    set(&compat.max_tokens_field, json!(limit));
    if !request.tools.is_empty() {
        let list = request.tools.iter().map(|tool| tool_json(tool, compat));
        set("tools", list.collect());
        if compat.zai_tool_stream {
            set("tool_stream", json!(true));
        }
    } else if compat.tools_with_history
        && model.takes_tools()
        && request.messages.iter().any(|m| has_calls(m))
    {
        set("tools", json!([]));
    }
    if let Some(priority) = &compat.vllm_priority {
        set("priority", priority.clone());
    }
    if compat.anthropic_cache && request.cache != CacheRetention::None {
        cache::mark(&mut body, long);
    }
    thinking::ask(model, request, compat, limit, &mut body);
    route(compat, &mut body);
    sampling::merge(model, request.thinking, &mut body);
    Value::Object(body)
}

fn has_calls(message: &Message) -> bool {
    match message {
        Message::ToolResult(_) => true,
        Message::Assistant(assistant) => assistant.tool_calls().next().is_some(),
        _ => false,
    }
}

fn tool_json(tool: &ToolSpec, compat: &Compat) -> Value {
    let mut function = json!({
        "name": tool.name,
        "description": tool.description,
        "parameters": *tool.parameters,
    });
    if compat.strict_mode {
        function["strict"] = json!(false);
    }
    json!({"type": "function", "function": function})
}

fn route(compat: &Compat, body: &mut Map<String, Value>) {
    if let Some(routing) = &compat.openrouter_routing {
        body.insert("provider".into(), routing.clone());
    }
    if let Some(routing) = &compat.vercel_routing {
        let chosen: Map<String, Value> = ["only", "order"]
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), routing.get(*name)?.clone())))
            .collect();
        if !chosen.is_empty() {
            body.insert("providerOptions".into(), json!({"gateway": chosen}));
        }
    }
}
