//! Anthropic's cache breakpoints in Chat Completions' clothes, for gateways that pass them on: behind
//! the system prompt, behind the last tool, behind the last message of user or assistant with text.

use serde_json::{Map, Value, json};

/// Sets the breakpoints in a finished body.
pub fn mark(body: &mut Map<String, Value>, long: bool) {
    let cache = match long {
        true => json!({"type": "ephemeral", "ttl": "1h"}),
        false => json!({"type": "ephemeral"}),
    };
    if let Some(Value::Array(messages)) = body.get_mut("messages") {
        let role = |message: &Value, roles: [&str; 2]| {
            message["role"]
                .as_str()
                .is_some_and(|role| roles.contains(&role))
        };
        let system = messages
            .iter_mut()
            .find(|m| role(m, ["system", "developer"]));
        if let Some(system) = system {
            mark_text(system, &cache);
        }
        for message in messages.iter_mut().rev() {
            if role(message, ["user", "assistant"]) && mark_text(message, &cache) {
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

/// Marks the last text of a message; false when it has none.
fn mark_text(message: &mut Value, cache: &Value) -> bool {
    let is_text = |part: &&mut Value| part["type"] == "text";
    match &mut message["content"] {
        Value::String(text) if !text.is_empty() => {
            let text = std::mem::take(text);
            message["content"] = json!([{"type": "text", "text": text, "cache_control": cache}]);
            true
        }
        Value::Array(parts) => match parts.iter_mut().rev().find(is_text) {
            Some(part) => {
                part["cache_control"] = cache.clone();
                true
            }
            None => false,
        },
        _ => false,
    }
}
