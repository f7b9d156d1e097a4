//! `thinkingConfig`: how hard the model is asked to think, and that its thoughts are shown.

use serde_json::{Value, json};

use super::family::{Budgets, Dial, dial};
use crate::ai::model::{Model, ThinkingLevel};
use crate::ai::provider::Request;

/// What the request says about thinking; `None` for models that do not think.
pub fn config(model: &Model, request: &Request) -> Option<Value> {
    if !model.reasoning {
        return None;
    }
    let level = request.thinking;
    Some(match (dial(model), level) {
        (Dial::Budget(budgets), ThinkingLevel::Off) => json!({"thinkingBudget": budgets.least}),
        (Dial::Budget(budgets), _) => json!({
            "includeThoughts": true,
            "thinkingBudget": tokens(model, request, budgets),
        }),
        (Dial::Level, ThinkingLevel::Off) => match model.clamp_thinking(ThinkingLevel::Off) {
            ThinkingLevel::Off => json!({"thinkingBudget": 0}),
            // It cannot be told not to think: as little as it can, and nothing of it is shown.
            least => json!({"thinkingLevel": word(model, least)}),
        },
        (Dial::Level, level) => json!({
            "includeThoughts": true,
            "thinkingLevel": word(model, level),
        }),
    })
}

/// Google's word for a level, or the one that the model's own map has for it.
fn word(model: &Model, level: ThinkingLevel) -> String {
    let mapped = model.thinking_level_map.get(&level).cloned().flatten();
    let word = mapped.unwrap_or_else(|| level.min(ThinkingLevel::High).as_str().to_owned());
    word.to_ascii_uppercase()
}

/// Tokens for the level, as the person or the family sets them; -1 lets the model decide.
fn tokens(model: &Model, request: &Request, budgets: Budgets) -> i64 {
    let mapped = model.thinking_level_map.get(&request.thinking).cloned();
    let named = mapped
        .flatten()
        .and_then(|word| ThinkingLevel::parse(&word.to_ascii_lowercase()));
    let level = named.unwrap_or(request.thinking).min(ThinkingLevel::High);
    let place = match level {
        ThinkingLevel::Off | ThinkingLevel::Minimal => 0,
        ThinkingLevel::Low => 1,
        ThinkingLevel::Medium => 2,
        _ => 3,
    };
    let usual = budgets.levels.map(|levels| levels[place]);
    let set = request.thinking_budgets.get(&level).copied().or(usual);
    set.map_or(-1, |tokens| i64::try_from(tokens).unwrap_or(-1))
}
