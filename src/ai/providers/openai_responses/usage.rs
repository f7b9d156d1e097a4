//! Tokens and money of a Responses answer.

use serde_json::Value;

use super::super::lean;
use crate::ai::message::Usage;
use crate::ai::model::Model;

/// What a tier of service costs, as a multiple of the model's price.
pub type TierFactor = fn(&Model, &str) -> f64;

/// OpenAI's tiers.
pub fn tier_factor(model: &Model, tier: &str) -> f64 {
    match tier {
        "flex" => 0.5,
        "priority" | "fast" if model.id == "gpt-5.5" => 2.5,
        "priority" | "fast" => 2.0,
        _ => 1.0,
    }
}

/// Input tokens are split into fresh, read from a cache and written to it; output tokens hold those of
/// thinking already.
pub fn usage(counts: &Value, model: &Model, factor: f64) -> Usage {
    let count = |value: &Value| lean::count(value).unwrap_or_default();
    let details = &counts["input_tokens_details"];
    let cache_read = count(&details["cached_tokens"]);
    let cache_write = count(&details["cache_write_tokens"]);
    let cached = cache_read + cache_write;
    let input = count(&counts["input_tokens"]).saturating_sub(cached);
    let output = count(&counts["output_tokens"]);
    let total = lean::count(&counts["total_tokens"]).filter(|total| *total > 0);
    let mut usage = Usage {
        input,
        output,
        cache_read,
        cache_write,
        total_tokens: total.unwrap_or(input + output + cached),
        ..Usage::default()
    };
    model.price(&mut usage);
    if factor != 1.0 {
        let cost = &mut usage.cost;
        for part in [
            &mut cost.input,
            &mut cost.output,
            &mut cost.cache_read,
            &mut cost.cache_write,
        ] {
            *part *= factor;
        }
        cost.total = cost.input + cost.output + cost.cache_read + cost.cache_write;
    }
    usage
}
