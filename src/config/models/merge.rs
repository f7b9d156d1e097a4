//! The catalogue's models and the user's made one: changes applied, new ones made.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::custom::CustomProvider;
use super::definition::{Cost, Definition};
use crate::ai::model::{ImageLimits, ImageResize, InputLimits, Price, PromptCache};
use crate::ai::{InputKind, Model};

/// Compat switches whose values are objects that merge in turn.
const NESTED: [&str; 4] = [
    "openRouterRouting",
    "vercelGatewayRouting",
    "chatTemplateKwargs",
    "chatTemplateArgs",
];

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
        cost: priced(Price::default(), &definition.cost),
        context_window: definition.context_window.unwrap_or(128_000),
        max_tokens: definition.max_tokens.unwrap_or(16_384),
        prompt_cache: definition.prompt_cache,
        input_limits: definition.input_limits.clone(),
        sampling_params: definition.sampling_params.clone(),
        sampling_params_by_thinking_level: definition.sampling_params_by_thinking_level.clone(),
        headers: BTreeMap::new(),
        compat,
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
    model.cost = priced(std::mem::take(&mut model.cost), &change.cost);
    model.prompt_cache = PromptCache {
        short: change.prompt_cache.short.or(model.prompt_cache.short),
        long: change.prompt_cache.long.or(model.prompt_cache.long),
    };
    if let Some(limits) = &change.input_limits {
        let known = model.input_limits.take().unwrap_or_default();
        model.input_limits = Some(limited(known, limits));
    }
    let params = change.sampling_params.clone();
    model.sampling_params.extend(params);
    for (level, params) in &change.sampling_params_by_thinking_level {
        let of_level = model.sampling_params_by_thinking_level.entry(*level);
        of_level.or_default().extend(params.clone());
    }
    merge_compat(&mut model.compat, &change.compat);
}

/// Prices with those that are said in their place; tiers are replaced all together.
fn priced(known: Price, said: &Cost) -> Price {
    Price {
        input: said.input.unwrap_or(known.input),
        output: said.output.unwrap_or(known.output),
        cache_read: said.cache_read.unwrap_or(known.cache_read),
        cache_write: said.cache_write.unwrap_or(known.cache_write),
        tiers: said.tiers.clone().unwrap_or(known.tiers),
    }
}

fn limited(known: InputLimits, said: &InputLimits) -> InputLimits {
    let images = &said.images;
    InputLimits {
        max_request_bytes: said.max_request_bytes.or(known.max_request_bytes),
        images: ImageLimits {
            resize: match (known.images.resize, images.resize) {
                (Some(known), Some(said)) => Some(ImageResize {
                    max_width: said.max_width.or(known.max_width),
                    max_height: said.max_height.or(known.max_height),
                    max_bytes: said.max_bytes.or(known.max_bytes),
                    jpeg_quality: said.jpeg_quality.or(known.jpeg_quality),
                }),
                (known, said) => said.or(known),
            },
            max_per_message: images.max_per_message.or(known.images.max_per_message),
            max_per_request: images.max_per_request.or(known.images.max_per_request),
        },
    }
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
