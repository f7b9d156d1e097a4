//! How hard to think, in the words of the Responses API, and what comes back of it: a summary to read,
//! and the encrypted whole to send again.

use serde_json::{Map, Value, json};

use crate::ai::model::{Model, ThinkingLevel};
use crate::ai::provider::Request;

/// The word for a level of thinking; `None` when the model has none for it.
pub fn effort(model: &Model, level: ThinkingLevel) -> Option<String> {
    let usual = || match level {
        ThinkingLevel::Off => "none".to_owned(),
        level => level.as_str().to_owned(),
    };
    match model.thinking_level_map.get(&level) {
        Some(Some(word)) => Some(word.clone()),
        // A level was asked for all the same: its own name.
        Some(None) if level != ThinkingLevel::Off => Some(usual()),
        Some(None) => None,
        None => Some(usual()),
    }
}

/// What the request itself says where the conversation says how hard to think.
pub const STEADY: &str = "medium";

/// Sets `reasoning` and `include`.
pub fn think(model: &Model, request: &Request, body: &mut Map<String, Value>) {
    if !model.reasoning {
        return;
    }
    let level = request.thinking;
    let on = level != ThinkingLevel::Off;
    // Copilot is not told to think not at all.
    let told = on || model.provider != "github-copilot";
    if let Some(effort) = effort(model, level).filter(|_| told) {
        let mut reasoning = json!({"effort": effort});
        if on {
            reasoning["summary"] = json!("auto");
        }
        body.insert("reasoning".into(), reasoning);
    }
    // xAI's models may think although they are told not to.
    if on || model.provider == "xai" {
        body.insert("include".into(), json!(["reasoning.encrypted_content"]));
    }
}
