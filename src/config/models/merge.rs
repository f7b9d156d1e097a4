//! The catalogue's models and the user's made one: changes applied, new ones made.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::custom::{CustomProvider, Definition};
use crate::ai::{InputKind, Model, Price};

/// Compat switches whose values are objects that merge in turn.
const NESTED: [&str; 2] = ["openRouterRouting", "vercelGatewayRouting"];

/// A model of the catalogue with the user's changes.
pub(super) fn changed(model: &Arc<Model>, provider: &CustomProvider) -> Arc<Model> {
    let change = provider.overrides.get(&model.id);
    if change.is_none() && provider.base_url.is_none() && provider.compat.is_empty() {
        return model.clone();
    }
    let mut model = Model::clone(model);
    if let Some(url) = &provider.base_url {
        model.base_url.clone_from(url);
    }
    merge_compat(&mut model.compat, &provider.compat);
    if let Some(change) = change {
        apply(&mut model, change);
    }
    Arc::new(model)
}

/// A model of the user's own; `like` is a model of the same provider to take the API and the place from
/// when they are not said. `None` when nothing says them.
pub(super) fn made(
    definition: &Definition,
    provider: &CustomProvider,
    like: Option<&Model>,
) -> Option<Model> {
    let api = definition
        .api
        .as_ref()
        .or(provider.api.as_ref())
        .or(like.map(|model| &model.api));
    let base_url = definition.base_url.as_ref().or(provider.base_url.as_ref());
    let base_url = base_url.or(like.map(|model| &model.base_url));
    let mut compat = provider.compat.clone();
    merge_compat(&mut compat, &definition.compat);
    let [input, output, cache_read, cache_write] = definition.cost.map(Option::unwrap_or_default);
    Some(Model {
        id: definition.id.clone(),
        name: definition
            .name
            .clone()
            .unwrap_or_else(|| definition.id.clone()),
        api: api?.clone(),
        provider: provider.id.clone(),
        base_url: base_url?.clone(),
        reasoning: definition.reasoning.unwrap_or(false),
        thinking_level_map: definition.thinking_level_map.clone(),
        input: definition
            .input
            .clone()
            .unwrap_or_else(|| vec![InputKind::Text]),
        cost: Price {
            input,
            output,
            cache_read,
            cache_write,
            tiers: Vec::new(),
        },
        context_window: definition.context_window.unwrap_or(128_000),
        max_tokens: definition.max_tokens.unwrap_or(16_384),
        compat,
        ..Model::default()
    })
}

fn apply(model: &mut Model, change: &Definition) {
    if let Some(name) = &change.name {
        model.name.clone_from(name);
    }
    if let Some(input) = &change.input {
        model.input.clone_from(input);
    }
    model.reasoning = change.reasoning.unwrap_or(model.reasoning);
    model.context_window = change.context_window.unwrap_or(model.context_window);
    model.max_tokens = change.max_tokens.unwrap_or(model.max_tokens);
    let levels = change
        .thinking_level_map
        .iter()
        .map(|(level, sent)| (*level, sent.clone()));
    model.thinking_level_map.extend(levels);
    let cost = &mut model.cost;
    let prices = [
        &mut cost.input,
        &mut cost.output,
        &mut cost.cache_read,
        &mut cost.cache_write,
    ];
    for (price, new) in prices.into_iter().zip(change.cost) {
        *price = new.unwrap_or(*price);
    }
    merge_compat(&mut model.compat, &change.compat);
}

fn merge_compat(base: &mut Map<String, Value>, over: &Map<String, Value>) {
    for (key, value) in over {
        match (base.get_mut(key), value) {
            (Some(Value::Object(old)), Value::Object(new)) if NESTED.contains(&key.as_str()) => {
                old.extend(new.clone());
            }
            _ => {
                base.insert(key.clone(), value.clone());
            }
        }
    }
}
