//! Anthropic's cache breakpoints in Chat Completions' clothes, for gateways that pass them on: behind
//! the system prompt, behind the last tool, behind the last message with text.
//!
//! A breakpoint stands in a list of parts, so with breakpoints every text is such a list: a text that
//! was one yesterday and a string today might not be found in the cache.

use serde_json::{Map, Value, json};

/// Sets the breakpoints in a finished body.
pub fn mark(body: &mut Map<String, Value>, long: bool) {
    let cache = match long {
        true => json!({"type": "ephemeral", "ttl": "1h"}),
        false => json!({"type": "ephemeral"}),
    };
    if let Some(Value::Array(messages)) = body.get_mut("messages") {
        messages.iter_mut().for_each(to_parts);
        let is_system = |message: &&mut Value| is_system(message);
        if let Some(system) = messages.iter_mut().find(is_system) {
            mark_text(system, &cache);
        }
        for message in messages.iter_mut().rev() {
            if !self::is_system(message) && mark_text(message, &cache) {
                break;
            }
        }
    }
    if let Some(Value::Array(tools)) = body.get_mut("tools")
        && let Some(last) = tools.last_mut()
    {
        last["cache_control"] = cache;
    }
}

fn is_system(message: &Value) -> bool {
    matches!(message["role"].as_str(), Some("system" | "developer"))
}

fn to_parts(message: &mut Value) {
    if let Value::String(text) = &mut message["content"]
        && !text.is_empty()
    {
        let text = std::mem::take(text);
        message["content"] = json!([{"type": "text", "text": text}]);
    }
}

/// Marks the last text of a message; false when it has none.
fn mark_text(message: &mut Value, cache: &Value) -> bool {
    let Value::Array(parts) = &mut message["content"] else {
        return false;
    };
    let is_text = |part: &&mut Value| part["type"] == "text";
    match parts.iter_mut().rfind(is_text) {
        Some(part) => {
            part["cache_control"] = cache.clone();
            true
        }
        None => false,
    }
}
