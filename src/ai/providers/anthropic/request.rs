//! A conversation as the Messages API wants it: body, headers, cache breakpoints, thinking.

use serde_json::{Value, json};

use super::super::exchange::{Outgoing, join, object};
use super::super::headers::Headers;
use crate::ai::handoff;
use crate::ai::message::{AssistantMessage, Body, Content, Message, joined_text};
use crate::ai::model::{Model, ThinkingLevel};
use crate::ai::provider::{CacheRetention, Request, ToolSpec};

const VERSION: &str = "2023-06-01";
const TOOL_STREAMING: &str = "fine-grained-tool-streaming-2025-05-14";
const INTERLEAVED_THINKING: &str = "interleaved-thinking-2025-05-14";
const OAUTH: &str = "oauth-2025-04-20";
/// What is asked for unless the caller says otherwise; the model's own limit may be lower.
const USUAL_MAX_TOKENS: u64 = 32_000;
/// Room that a thinking budget leaves for the answer.
const LEAST_ANSWER: u64 = 1024;

/// The request as it goes over the wire.
pub fn outgoing(model: &Model, request: &Request) -> Outgoing {
    Outgoing::new(
        join(&model.base_url, "/v1/messages"),
        headers(model, request),
        body(model, request),
    )
}

fn headers(model: &Model, request: &Request) -> Vec<(String, String)> {
    let mut headers = Headers::default();
    headers.set("accept", "application/json");
    headers.set("content-type", "application/json");
    headers.set("anthropic-version", VERSION);
    let mut betas = Vec::new();
    let key = request.auth.api_key.as_deref().unwrap_or_default();
    let oauth = key.contains("sk-ant-oat");
    match model.provider.as_str() {
        _ if key.is_empty() => {}
        "cloudflare-ai-gateway" => headers.set("cf-aig-authorization", format!("Bearer {key}")),
        "github-copilot" => headers.set("authorization", format!("Bearer {key}")),
        _ if oauth => {
            headers.set("authorization", format!("Bearer {key}"));
            betas.push(OAUTH);
        }
        _ => headers.set("x-api-key", key),
    }
    if !request.tools.is_empty() && !switch(model, "supportsEagerToolInputStreaming") {
        betas.push(TOOL_STREAMING);
    }
    if !thinks_adaptively(&model.id) {
        betas.push(INTERLEAVED_THINKING);
    }
    if !betas.is_empty() {
        headers.set("anthropic-beta", betas.join(","));
    }
    headers.finish(model, request)
}

/// A compat switch of this API; all are on unless turned off.
fn switch(model: &Model, name: &str) -> bool {
    let set = model.compat.get(name).and_then(Value::as_bool);
    set.unwrap_or(true)
}

fn body(model: &Model, request: &Request) -> Value {
    let cache = cache_control(model, request.cache);
    let asked = request.max_tokens.filter(|tokens| *tokens > 0);
    let max_tokens = match (asked, model.max_tokens) {
        (Some(asked), _) => asked,
        (None, 0) => USUAL_MAX_TOKENS,
        (None, limit) => limit.min(USUAL_MAX_TOKENS),
    };
    let mut body = json!({
        "model": model.id,
        "messages": messages(model, request, cache.as_ref()),
        "max_tokens": max_tokens,
        "stream": true,
    });
    if !request.system.is_empty() {
        let text = json!({"type": "text", "text": request.system});
        body["system"] = json!([with_cache(text, cache.as_ref())]);
    }
    if !request.tools.is_empty() {
        body["tools"] = tools(model, &request.tools, cache.as_ref());
    }
    if model.reasoning {
        think(model, request, max_tokens, &mut body);
    }
    body
}

fn cache_control(model: &Model, retention: CacheRetention) -> Option<Value> {
    match retention {
        CacheRetention::None => None,
        CacheRetention::Long if switch(model, "supportsLongCacheRetention") => {
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

fn tools(model: &Model, tools: &[ToolSpec], cache: Option<&Value>) -> Value {
    let eager = switch(model, "supportsEagerToolInputStreaming");
    let last = tools.len() - 1;
    let list = tools.iter().enumerate().map(|(index, tool)| {
        let part = |name: &str, empty: Value| tool.parameters.get(name).cloned().unwrap_or(empty);
        let mut spec = json!({"name": tool.name, "description": tool.description});
        if eager {
            spec["eager_input_streaming"] = json!(true);
        }
        spec["input_schema"] = json!({
            "type": "object",
            "properties": part("properties", json!({})),
            "required": part("required", json!([])),
        });
        with_cache(spec, cache.filter(|_| index == last))
    });
    list.collect()
}

/// Models that decide for themselves how much to think, and take an effort in place of a budget.
fn thinks_adaptively(id: &str) -> bool {
    let names = [
        "opus-4-6",
        "opus-4.6",
        "opus-4-7",
        "opus-4.7",
        "sonnet-4-6",
        "sonnet-4.6",
    ];
    names.iter().any(|name| id.contains(name))
}

fn think(model: &Model, request: &Request, base: u64, body: &mut Value) {
    let level = request.thinking;
    if level == ThinkingLevel::Off {
        body["thinking"] = json!({"type": "disabled"});
        return;
    }
    if thinks_adaptively(&model.id) {
        let mapped = model.thinking_level_map.get(&level).cloned().flatten();
        let effort = mapped.unwrap_or_else(|| usual_effort(level).to_owned());
        body["thinking"] = json!({"type": "adaptive", "display": "summarized"});
        body["output_config"] = json!({"effort": effort});
        return;
    }
    let mut budget = budget(request, level);
    let max_tokens = model.max_tokens.min(base + budget);
    if max_tokens <= budget {
        budget = max_tokens.saturating_sub(LEAST_ANSWER);
    }
    let budget = if budget == 0 { LEAST_ANSWER } else { budget };
    body["max_tokens"] = json!(max_tokens);
    body["thinking"] = json!({"type": "enabled", "budget_tokens": budget, "display": "summarized"});
}

fn usual_effort(level: ThinkingLevel) -> &'static str {
    match level {
        ThinkingLevel::Minimal | ThinkingLevel::Low => "low",
        ThinkingLevel::Medium => "medium",
        _ => "high",
    }
}

fn budget(request: &Request, level: ThinkingLevel) -> u64 {
    let level = level.min(ThinkingLevel::High);
    let set = request.thinking_budgets.get(&level);
    set.copied().unwrap_or(level.usual_budget())
}

/// The API's form of a call id: letters, digits, `_` and `-`, at most 64.
fn tool_id(id: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let chars = id.chars().map(|c| if fits(c) { c } else { '_' });
    chars.take(64).collect()
}

fn messages(model: &Model, request: &Request, cache: Option<&Value>) -> Value {
    let history = handoff::for_model(&request.messages, model, tool_id);
    let mut out: Vec<Value> = Vec::with_capacity(history.len());
    // Results of one answer's calls go out as one message.
    let mut results: Vec<Value> = Vec::new();
    for message in &history {
        if let Message::ToolResult(result) = &**message {
            results.push(json!({
                "type": "tool_result",
                "tool_use_id": result.tool_call_id,
                "content": result_content(&result.content),
                "is_error": result.is_error,
            }));
            continue;
        }
        push(&mut out, "user", std::mem::take(&mut results));
        match &**message {
            Message::User(user) => match &user.content {
                Body::Text(text) if text.trim().is_empty() => {}
                Body::Text(text) => out.push(json!({"role": "user", "content": text})),
                Body::Blocks(blocks) => push(&mut out, "user", user_blocks(blocks)),
            },
            Message::Assistant(assistant) => {
                push(&mut out, "assistant", assistant_blocks(assistant));
            }
            _ => {}
        }
    }
    push(&mut out, "user", results);
    if let (Some(cache), Some(last)) = (cache, out.last_mut()) {
        mark_last(last, cache);
    }
    Value::Array(out)
}

fn push(out: &mut Vec<Value>, role: &str, blocks: Vec<Value>) {
    if !blocks.is_empty() {
        out.push(json!({"role": role, "content": blocks}));
    }
}

/// Puts the breakpoint behind the last block of the last message, if that is the user's.
fn mark_last(message: &mut Value, cache: &Value) {
    if message["role"] != "user" {
        return;
    }
    let content = message["content"].take();
    message["content"] = match content {
        Value::String(text) => {
            json!([{"type": "text", "text": text, "cache_control": cache}])
        }
        Value::Array(mut blocks) => {
            if let Some(last) = blocks.last_mut() {
                last["cache_control"] = cache.clone();
            }
            Value::Array(blocks)
        }
        other => other,
    };
}

fn user_blocks(blocks: &[Content]) -> Vec<Value> {
    let spoken = |block: &&Content| block.as_text().is_none_or(|text| !text.trim().is_empty());
    blocks.iter().filter(spoken).filter_map(plain).collect()
}

/// A text or an image.
fn plain(block: &Content) -> Option<Value> {
    match block {
        Content::Text { text, .. } => Some(json!({"type": "text", "text": text})),
        Content::Image { data, mime_type } => Some(json!({
            "type": "image",
            "source": {"type": "base64", "media_type": mime_type, "data": data},
        })),
        _ => None,
    }
}

/// A string when there is only text, blocks when there are pictures.
fn result_content(blocks: &[Content]) -> Value {
    let is_image = |block: &Content| matches!(block, Content::Image { .. });
    if !blocks.iter().any(is_image) {
        return Value::String(joined_text(blocks));
    }
    let mut out: Vec<Value> = blocks.iter().filter_map(plain).collect();
    if !blocks.iter().any(|block| block.as_text().is_some()) {
        out.insert(
            0,
            json!({"type": "text", "text": "(the result is this image)"}),
        );
    }
    Value::Array(out)
}

fn assistant_blocks(message: &AssistantMessage) -> Vec<Value> {
    let block = |block: &Content| match block {
        Content::Text { text, .. } if text.trim().is_empty() => None,
        Content::Text { text, .. } => Some(json!({"type": "text", "text": text})),
        Content::Thinking {
            thinking_signature,
            redacted: true,
            ..
        } => Some(json!({"type": "redacted_thinking", "data": thinking_signature})),
        Content::Thinking { thinking, .. } if thinking.trim().is_empty() => None,
        Content::Thinking {
            thinking,
            thinking_signature,
            ..
        } => match thinking_signature.as_deref().map(str::trim) {
            // Without its signature the API would refuse it as thinking.
            None | Some("") => Some(json!({"type": "text", "text": thinking})),
            Some(_) => Some(json!({
                "type": "thinking", "thinking": thinking, "signature": thinking_signature,
            })),
        },
        Content::ToolCall(call) => Some(json!({
            "type": "tool_use",
            "id": call.id,
            "name": call.name,
            "input": object(&call.arguments),
        })),
        Content::Image { .. } => None,
    };
    message.content.iter().filter_map(block).collect()
}
