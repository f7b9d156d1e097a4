//! What a vendor says that an answer cost, where it says so: OpenRouter bills by the server that it
//! chose, which the table cannot know.

use serde_json::Value;

use crate::ai::message::Usage;
use crate::ai::model::Model;

/// Whether OpenRouter answers for `model`.
pub fn is_openrouter(model: &Model) -> bool {
    model.provider == "openrouter" || model.base_url.contains("openrouter.ai")
}

/// Puts OpenRouter's own figure in the place of the sum by the table, if `counts` has a whole one. With
/// a key of one's own for the server behind, that server's bill is added.
pub fn reported(model: &Model, counts: &Value, usage: &mut Usage) {
    if !is_openrouter(model) {
        return;
    }
    let money = |value: &Value| value.as_f64().filter(|d| d.is_finite() && *d >= 0.0);
    let Some(cost) = money(&counts["cost"]) else {
        return;
    };
    let details = &counts["cost_details"];
    let upstream = match counts["is_byok"].as_bool() {
        Some(false) => Some(0.0),
        Some(true) if details["upstream_inference_cost"].is_null() => {
            let prompt = money(&details["upstream_inference_prompt_cost"]);
            let answer = money(&details["upstream_inference_completions_cost"]);
            prompt.zip(answer).map(|(prompt, answer)| prompt + answer)
        }
        Some(true) => money(&details["upstream_inference_cost"]),
        None => None,
    };
    if let Some(upstream) = upstream {
        usage.cost.total = cost + upstream;
    }
}
