//! How thinking is asked for: each family of models has words of its own, which Bedrock passes on as
//! `additionalModelRequestFields`.

use serde_json::{Value, json};

use super::super::limits::{self, LEAST_ANSWER};
use super::family::Family;
use crate::ai::model::{Model, ThinkingLevel};
use crate::ai::provider::Request;

const INTERLEAVED: &str = "interleaved-thinking-2025-05-14";
const BINDING: &str = "thinking-binding-controls-2026-08-01";
/// The smallest budget that is accepted.
const LEAST_BUDGET: u64 = 1024;

/// How long the answer may be, and what asks for thinking.
pub struct Asked {
    /// Tokens.
    pub max_tokens: u64,
    /// The model's own fields.
    pub fields: Option<Value>,
}

/// What a request asks for of a model in `region`.
pub fn asked(model: &Model, request: &Request, family: Family, region: &str) -> Asked {
    let max_tokens = limits::answer_tokens(model, request);
    let level = request.thinking;
    let plain = Asked {
        max_tokens,
        fields: None,
    };
    if level == ThinkingLevel::Off || !model.reasoning {
        return plain;
    }
    let in_gov_cloud = is_gov_cloud(&model.id, region);
    let mapped = model.thinking_level_map.get(&level).cloned().flatten();
    let fields = if family.claude && family.adaptive {
        adaptive(level, mapped, family, in_gov_cloud)
    } else if family.claude {
        return budgeted(model, request, max_tokens, in_gov_cloud).unwrap_or(plain);
    } else if family.gpt_oss {
        json!({"reasoning_effort": three_grades(level)})
    } else if family.gpt {
        let effort = mapped.unwrap_or_else(|| match level {
            ThinkingLevel::Minimal => "low".to_owned(),
            level => level.as_str().to_owned(),
        });
        json!({"reasoning": {"effort": effort}})
    } else {
        return plain;
    };
    Asked {
        fields: Some(fields),
        ..plain
    }
}

fn adaptive(
    level: ThinkingLevel,
    mapped: Option<String>,
    family: Family,
    in_gov_cloud: bool,
) -> Value {
    let effort = match (level, mapped) {
        (ThinkingLevel::Xhigh, _) if family.newest => "xhigh".to_owned(),
        (_, Some(mapped)) => mapped,
        (level, None) => three_grades(level).to_owned(),
    };
    let mut fields = json!({
        "thinking": {"type": "adaptive"},
        "output_config": {"effort": effort},
    });
    // GovCloud does not know these.
    if !in_gov_cloud {
        fields["thinking"]["display"] = json!("summarized");
        if family.newest {
            // Thinking that was for another prompt or other tools is dropped, not refused.
            fields["thinking"]["block_binding"] = json!({"prefix_mismatch_behavior": "drop_block"});
            fields["anthropic_beta"] = json!([BINDING]);
        }
    }
    fields
}

/// `None` where there is no room to think.
fn budgeted(model: &Model, request: &Request, base: u64, in_gov_cloud: bool) -> Option<Asked> {
    let budget = limits::thinking_tokens(request, request.thinking).max(LEAST_BUDGET);
    // Thinking counts as answer.
    let both = base.saturating_add(budget).min(model.max_tokens.max(base));
    let max_tokens = limits::fit(model, request, both);
    let budget = budget.min(max_tokens.saturating_sub(LEAST_ANSWER));
    if budget < LEAST_BUDGET {
        return None;
    }
    let mut fields = json!({
        "thinking": {"type": "enabled", "budget_tokens": budget},
        "anthropic_beta": [INTERLEAVED],
    });
    if !in_gov_cloud {
        fields["thinking"]["display"] = json!("summarized");
    }
    Some(Asked {
        max_tokens,
        fields: Some(fields),
    })
}

fn three_grades(level: ThinkingLevel) -> &'static str {
    match level {
        ThinkingLevel::Minimal | ThinkingLevel::Low => "low",
        ThinkingLevel::Medium => "medium",
        _ => "high",
    }
}

fn is_gov_cloud(id: &str, region: &str) -> bool {
    let id = id.to_ascii_lowercase();
    let starts = ["us-gov.", "arn:aws-us-gov:"];
    region.to_ascii_lowercase().starts_with("us-gov-")
        || starts.iter().any(|start| id.starts_with(start))
}
