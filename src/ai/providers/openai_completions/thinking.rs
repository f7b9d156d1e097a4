//! How hard to think, in each of the ways in which servers want to be told.

use serde_json::{Map, Value, json};

use super::super::limits;
use super::compat::Compat;
use crate::ai::model::{Model, ThinkingLevel};
use crate::ai::provider::Request;

/// Adds to `body` what tells the server how hard to think. `limit` is that of the whole answer.
pub fn ask(
    model: &Model,
    request: &Request,
    compat: &Compat,
    limit: u64,
    body: &mut Map<String, Value>,
) {
    if !model.reasoning {
        return;
    }
    let asked = Asked::of(model, request.thinking, limit, request);
    let on = asked.on;
    let effort = asked.effort();
    // Where a server takes both a switch and an effort.
    let graded = on && compat.reasoning_effort;
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    match compat.thinking_format.as_str() {
        "zai" => {
            let thinking = match on {
                true => json!({"type": "enabled", "clear_thinking": false}),
                false => json!({"type": "disabled"}),
            };
            set("thinking", Some(thinking));
            set("reasoning_effort", effort.filter(|_| graded));
        }
        "qwen" => {
            set("enable_thinking", Some(json!(on)));
            set(
                "reasoning_effort",
                asked.effort_or_level().filter(|_| graded),
            );
        }
        "qwen-chat-template" => {
            let switches = json!({"enable_thinking": on, "preserve_thinking": true});
            set("chat_template_kwargs", Some(switches));
        }
        "chat-template" => {
            let kwargs = asked.template(&compat.chat_template_kwargs);
            set("chat_template_kwargs", kwargs);
        }
        "baseten" => {
            set(
                "chat_template_args",
                asked.template(&compat.chat_template_args),
            );
            set(
                "reasoning_effort",
                effort.filter(|_| compat.reasoning_effort),
            );
        }
        "deepseek" => {
            let kind = if on { "enabled" } else { "disabled" };
            let told = on || !asked.is_unswitchable();
            set("thinking", told.then(|| json!({"type": kind})));
            set(
                "reasoning_effort",
                asked.effort_or_level().filter(|_| graded),
            );
        }
        "openrouter" => {
            let effort = asked.effort_or_none();
            set("reasoning", effort.map(|effort| json!({"effort": effort})));
        }
        "ant-ling" => {
            let mapped = asked.mapped.clone().flatten().filter(|_| on);
            set("reasoning", mapped.map(|effort| json!({"effort": effort})));
        }
        "together" => {
            set("reasoning", Some(json!({"enabled": on})));
            set(
                "reasoning_effort",
                asked.effort_or_level().filter(|_| graded),
            );
        }
        "string-thinking" => set("thinking", asked.effort_or_none()),
        _ if !compat.reasoning_effort => {}
        _ if on => set("reasoning_effort", asked.effort_or_level()),
        _ => set("reasoning_effort", effort),
    }
    if let Some(field) = &compat.thinking_budget_field {
        set(field, asked.budget.map(|tokens| json!(tokens)));
    }
}

/// What is asked for.
struct Asked {
    on: bool,
    level: ThinkingLevel,
    // The model's own word for the level; `Some(None)` says that it does not have it.
    mapped: Option<Option<String>>,
    budget: Option<u64>,
}

impl Asked {
    fn of(model: &Model, level: ThinkingLevel, limit: u64, request: &Request) -> Self {
        let on = level != ThinkingLevel::Off;
        let room = limit.saturating_sub(limits::LEAST_ANSWER);
        let budget = limits::thinking_tokens(request, level).min(room);
        Asked {
            on,
            level,
            mapped: model.thinking_level_map.get(&level).cloned(),
            budget: Some(budget).filter(|tokens| on && *tokens > 0),
        }
    }

    /// The model cannot be told not to think.
    fn is_unswitchable(&self) -> bool {
        !self.on && self.mapped == Some(None)
    }

    /// The model's word, or the level's own; nothing for a level that it does not have, and for "off"
    /// without a word.
    fn effort(&self) -> Option<Value> {
        match &self.mapped {
            Some(word) => word.as_ref().map(|word| json!(word)),
            None => self.on.then(|| json!(self.level.as_str())),
        }
    }

    /// The model's word, else the level's own.
    fn effort_or_level(&self) -> Option<Value> {
        let word = self.mapped.clone().flatten();
        Some(json!(
            word.unwrap_or_else(|| self.level.as_str().to_owned())
        ))
    }

    /// The same, and "none" for off.
    fn effort_or_none(&self) -> Option<Value> {
        match (&self.mapped, self.on) {
            (_, true) => self.effort_or_level(),
            (Some(off), false) => off.as_ref().map(|word| json!(word)),
            (None, false) => Some(json!("none")),
        }
    }

    /// A template's values, with those filled in that are pi's to know.
    fn template(&self, values: &Map<String, Value>) -> Option<Value> {
        let filled: Map<String, Value> = values
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), self.value(value)?)))
            .collect();
        (!filled.is_empty()).then_some(Value::Object(filled))
    }

    fn value(&self, value: &Value) -> Option<Value> {
        let Value::Object(variable) = value else {
            return Some(value.clone());
        };
        if !self.on && variable.get("omitWhenOff") == Some(&Value::Bool(true)) {
            return None;
        }
        match variable.get("$var").and_then(Value::as_str) {
            Some("thinking.enabled") => Some(json!(self.on)),
            Some("thinking.budget") => self.budget.map(|tokens| json!(tokens)),
            _ => self.effort(),
        }
    }
}
