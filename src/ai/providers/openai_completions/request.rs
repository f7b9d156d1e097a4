//! A conversation as the Chat Completions API wants it: body, headers, thinking, routing.

use serde_json::{Map, Value, json};

use super::super::exchange::{Outgoing, join};
use super::super::headers::Headers;
use super::cache;
use super::compat::Compat;
use super::messages::messages;
use crate::ai::message::Message;
use crate::ai::model::{Model, ThinkingLevel};
use crate::ai::provider::{CacheRetention, Request, ToolSpec};

/// What is asked for unless the caller says otherwise; the model's own limit may be lower.
const USUAL_MAX_TOKENS: u64 = 32_000;

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
        && compat.session_headers
        && request.cache != CacheRetention::None
    {
        headers.set("session_id", id.as_str());
        headers.set("x-client-request-id", id.as_str());
        headers.set("x-session-affinity", id.as_str());
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
    let openai = model.base_url.contains("api.openai.com");
    if let Some(id) = &request.session_id
        && (long || openai && request.cache != CacheRetention::None)
    {
        set("prompt_cache_key", json!(id));
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
    if let Some(limit) = max_tokens(model, request) {
        let old = compat.max_tokens_field == "max_tokens";
        let name = if old {
            "max_tokens"
        } else {
            "max_completion_tokens"
        };
        set(name, json!(limit));
    }
    if !request.tools.is_empty() {
        let list = request.tools.iter().map(|tool| tool_json(tool, compat));
        set("tools", list.collect());
        if compat.zai_tool_stream {
            set("tool_stream", json!(true));
        }
    } else if model.takes_tools() && request.messages.iter().any(|message| has_calls(message)) {
        // Proxies in front of Anthropic's models want the field when the history has calls.
        set("tools", json!([]));
    }
    if compat.anthropic_cache && request.cache != CacheRetention::None {
        cache::mark(&mut body, long);
    }
    if model.reasoning {
        think(model, request.thinking, compat, &mut body);
    }
    route(model, compat, &mut body);
    Value::Object(body)
}

fn max_tokens(model: &Model, request: &Request) -> Option<u64> {
    let usual = model.max_tokens.min(USUAL_MAX_TOKENS);
    Some(request.max_tokens.unwrap_or(usual)).filter(|limit| *limit > 0)
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

fn think(model: &Model, level: ThinkingLevel, compat: &Compat, body: &mut Map<String, Value>) {
    let on = level != ThinkingLevel::Off;
    let mapped = model.thinking_level_map.get(&level).cloned();
    let effort = || {
        json!(
            mapped
                .clone()
                .flatten()
                .unwrap_or(level.as_str().to_owned())
        )
    };
    let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
    match compat.thinking_format.as_str() {
        "zai" | "qwen" => {
            set("enable_thinking", json!(on));
        }
        "qwen-chat-template" => {
            let switches = json!({"enable_thinking": on, "preserve_thinking": true});
            set("chat_template_kwargs", switches);
        }
        "deepseek" => {
            let kind = if on { "enabled" } else { "disabled" };
            set("thinking", json!({"type": kind}));
            if on {
                set("reasoning_effort", effort());
            }
        }
        "openrouter" if on => {
            set("reasoning", json!({"effort": effort()}));
        }
        "openrouter" => match mapped {
            // This model cannot be told not to think.
            Some(None) => {}
            Some(Some(off)) => {
                set("reasoning", json!({"effort": off}));
            }
            None => {
                set("reasoning", json!({"effort": "none"}));
            }
        },
        _ if !compat.reasoning_effort => {}
        _ if on => {
            set("reasoning_effort", effort());
        }
        _ => {
            if let Some(Some(off)) = mapped {
                set("reasoning_effort", json!(off));
            }
        }
    }
}

fn route(model: &Model, compat: &Compat, body: &mut Map<String, Value>) {
    if let Some(routing) = &compat.openrouter_routing
        && model.base_url.contains("openrouter.ai")
    {
        body.insert("provider".into(), routing.clone());
    }
    if let Some(routing) = &compat.vercel_routing
        && model.base_url.contains("ai-gateway.vercel.sh")
    {
        let chosen: Map<String, Value> = ["only", "order"]
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), routing.get(*name)?.clone())))
            .collect();
        if !chosen.is_empty() {
            body.insert("providerOptions".into(), json!({"gateway": chosen}));
        }
    }
}
