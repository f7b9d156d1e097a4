//! How hard to think: a budget, an effort beside the conversation, or one within it.

use serde_json::{Value, json};

use super::super::limits;
use super::compat::Compat;
use crate::ai::message::AssistantMessage;
use crate::ai::model::{Model, ThinkingLevel};
use crate::ai::provider::Request;

/// The smallest budget that the API accepts; the limit of the answer must exceed it.
const LEAST_BUDGET: u64 = 1024;
/// What the request itself says where the conversation says how hard to think. It is part of what is
/// cached, so it stays; the lowest, because an organization may forbid higher ones.
const STEADY: &str = "low";
const EFFORTS: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];

/// Adds to `body` what tells the model how hard to think.
pub fn ask(model: &Model, request: &Request, compat: &Compat, body: &mut Value) {
    if !model.reasoning {
        return;
    }
    if is_switched_off(model, request) {
        body["thinking"] = json!({"type": "disabled"});
    } else if compat.effort_in_conversation {
        let binding = json!({"prefix_mismatch_behavior": "drop_block"});
        body["thinking"] =
            json!({"type": "adaptive", "display": "summarized", "block_binding": binding});
        body["output_config"] = json!({"effort": STEADY});
    } else if request.thinking == ThinkingLevel::Off {
        // This model cannot be told not to think.
    } else if compat.adaptive {
        body["thinking"] = json!({"type": "adaptive", "display": "summarized"});
        body["output_config"] = json!({"effort": effort(model, request.thinking)});
    } else {
        ask_by_budget(model, request, body);
    }
}

/// The effort that the conversation itself says, for models that are told there.
pub fn in_conversation(model: &Model, request: &Request, compat: &Compat) -> Option<String> {
    let told = compat.effort_in_conversation && model.reasoning;
    let told = told && !is_switched_off(model, request);
    told.then(|| effort(model, request.thinking))
}

/// What the conversation said before `answer`, if that is to be said again.
pub fn said_before<'a>(model: &Model, answer: &'a AssistantMessage) -> Option<&'a str> {
    let own = answer.api == model.api && answer.provider == model.provider;
    let said = answer.provider_thinking_level.as_deref();
    said.filter(|effort| own && EFFORTS.contains(effort))
}

/// A message that says how hard to think from here on.
pub fn message(effort: &str) -> Value {
    json!({"role": "system", "content": [], "output_config": {"effort": effort}})
}

fn is_switched_off(model: &Model, request: &Request) -> bool {
    let off = ThinkingLevel::Off;
    request.thinking == off && model.thinking_level_map.get(&off) != Some(&None)
}

fn effort(model: &Model, level: ThinkingLevel) -> String {
    let mapped = model.thinking_level_map.get(&level).cloned().flatten();
    let usual = match level {
        ThinkingLevel::Minimal | ThinkingLevel::Low => "low",
        ThinkingLevel::Medium => "medium",
        _ => "high",
    };
    mapped.unwrap_or_else(|| usual.to_owned())
}

fn ask_by_budget(model: &Model, request: &Request, body: &mut Value) {
    let mut budget = limits::thinking_tokens(request, request.thinking);
    let wanted = limits::answer_tokens(model, request).saturating_add(budget);
    let own = Some(model.max_tokens).filter(|tokens| *tokens > 0);
    let most = limits::fit(model, request, own.map_or(wanted, |own| own.min(wanted)));
    budget = budget.min(most.saturating_sub(limits::LEAST_ANSWER));
    body["max_tokens"] = json!(most);
    if budget < LEAST_BUDGET {
        // No room, or less asked for than the API accepts.
        budget = LEAST_BUDGET;
        if most <= budget {
            body["thinking"] = json!({"type": "disabled"});
            return;
        }
    }
    body["thinking"] = json!({"type": "enabled", "budget_tokens": budget, "display": "summarized"});
}
