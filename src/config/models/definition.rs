//! The fields of a model in `models.json`: of a model of the user's own, or changes to a known one.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::compat;
use super::fields::Fields;
use super::quick;
use crate::ai::model::{ImageLimits, ImageResize, InputLimits, PriceTier, PromptCache};
use crate::ai::{InputKind, ThinkingLevel};
use crate::config::problem::Problem;
use crate::config::value::ConfigValue;

/// A model of the file, or the changes to one; what is `None` or empty is not said. `Deserialize` is for
/// `quick` alone, which takes nothing that needs a word.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Definition {
    pub id: String,
    pub name: Option<String>,
    pub api: Option<String>,
    pub base_url: Option<String>,
    pub reasoning: Option<bool>,
    pub thinking_level_map: BTreeMap<ThinkingLevel, Option<String>>,
    pub input: Option<Vec<InputKind>>,
    #[serde(deserialize_with = "quick::input_limits")]
    pub input_limits: Option<InputLimits>,
    pub cost: Cost,
    #[serde(deserialize_with = "quick::prompt_cache")]
    pub prompt_cache: PromptCache,
    pub context_window: Option<u64>,
    pub max_tokens: Option<u64>,
    pub sampling_params: Map<String, Value>,
    pub sampling_params_by_thinking_level: BTreeMap<ThinkingLevel, Map<String, Value>>,
    #[serde(deserialize_with = "quick::once")]
    pub headers: BTreeMap<String, ConfigValue>,
    pub compat: Map<String, Value>,
}

/// Prices, as far as they are said.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Cost {
    pub input: Option<f64>,
    pub output: Option<f64>,
    pub cache_read: Option<f64>,
    pub cache_write: Option<f64>,
    /// Replace all that there were.
    #[serde(deserialize_with = "quick::tiers")]
    pub tiers: Option<Vec<PriceTier>>,
}

/// The fields of [`Cost`].
const COST_FIELDS: [&str; 5] = ["input", "output", "cacheRead", "cacheWrite", "tiers"];

const FIELDS: [&str; 16] = [
    "id",
    "name",
    "api",
    "baseUrl",
    "reasoning",
    "thinkingLevelMap",
    "input",
    "inputLimits",
    "cost",
    "promptCache",
    "contextWindow",
    "maxTokens",
    "samplingParams",
    "samplingParamsByThinkingLevel",
    "headers",
    "compat",
];

/// Reads a model of the user's own; `api` is what its provider says.
pub(super) fn of_model(
    fields: &mut Fields,
    needs_api: bool,
    api: Option<&str>,
) -> Result<Definition, Vec<Problem>> {
    let id = fields.string("id");
    if id.is_none() && fields.problems.is_empty() {
        fields.complain("id", "is needed");
    }
    if needs_api && fields.value("api").is_none() {
        fields.complain(
            "api",
            "is needed here or at the provider, such as \"openai-completions\"",
        );
    }
    let model = definition(fields, api)?;
    Ok(Definition {
        id: id.unwrap_or_default(),
        ..model
    })
}

/// Reads changes to a known model.
pub(super) fn of_change(fields: &mut Fields) -> Result<Definition, Vec<Problem>> {
    for name in ["id", "api", "baseUrl"] {
        if fields.value(name).is_some() {
            fields.warn_at(&[name], "has no effect in modelOverrides");
        }
    }
    definition(fields, None)
}

fn definition(fields: &mut Fields, api: Option<&str>) -> Result<Definition, Vec<Problem>> {
    fields.warn_of_slips(&FIELDS);
    let own_api = fields.string("api");
    let definition = Definition {
        id: String::new(),
        name: fields.string("name"),
        base_url: fields.url("baseUrl"),
        reasoning: fields.boolean("reasoning"),
        thinking_level_map: thinking_levels(fields),
        input: input(fields),
        input_limits: fields.nested("inputLimits", input_limits),
        cost: fields.nested("cost", cost).unwrap_or_default(),
        prompt_cache: fields
            .nested("promptCache", prompt_cache)
            .unwrap_or_default(),
        context_window: fields.tokens("contextWindow"),
        max_tokens: fields.tokens("maxTokens"),
        sampling_params: fields.object("samplingParams").cloned().unwrap_or_default(),
        sampling_params_by_thinking_level: fields
            .nested("samplingParamsByThinkingLevel", sampling_by_level)
            .unwrap_or_default(),
        headers: fields.headers("headers"),
        compat: compat::read(fields, own_api.as_deref().or(api)),
        api: own_api,
    };
    match fields.problems.is_empty() {
        true => Ok(definition),
        false => Err(std::mem::take(&mut fields.problems)),
    }
}

fn cost(fields: &mut Fields) -> Cost {
    fields.warn_of_slips(&COST_FIELDS);
    Cost {
        input: fields.price("input"),
        output: fields.price("output"),
        cache_read: fields.price("cacheRead"),
        cache_write: fields.price("cacheWrite"),
        tiers: tiers(fields),
    }
}

fn tiers(fields: &mut Fields) -> Option<Vec<PriceTier>> {
    let list = fields.list("tiers")?;
    let mut tiers = Vec::new();
    for (at, value) in list.iter().enumerate() {
        let mut path = fields.path_of("tiers");
        path.push(at.to_string());
        match Fields::of(fields.document(), path, value) {
            Ok(mut inner) => {
                tiers.push(tier(&mut inner));
                fields.problems.append(&mut inner.problems);
                fields.warnings.append(&mut inner.warnings);
            }
            Err(problem) => fields.problems.push(problem),
        }
    }
    Some(tiers)
}

/// A tier says all prices: one that is missing would be taken for free.
fn tier(fields: &mut Fields) -> PriceTier {
    PriceTier {
        input_tokens_above: fields.needed_number("inputTokensAbove").max(0.0) as u64,
        input: fields.needed_price("input"),
        output: fields.needed_price("output"),
        cache_read: fields.needed_price("cacheRead"),
        cache_write: fields.needed_price("cacheWrite"),
    }
}

fn prompt_cache(fields: &mut Fields) -> PromptCache {
    fields.warn_of_slips(&["short", "long"]);
    PromptCache {
        short: fields.tokens("short"),
        long: fields.tokens("long"),
    }
}

fn input_limits(fields: &mut Fields) -> InputLimits {
    fields.warn_of_slips(&["maxRequestBytes", "images"]);
    InputLimits {
        max_request_bytes: fields.whole("maxRequestBytes", u64::MAX),
        images: fields.nested("images", image_limits).unwrap_or_default(),
    }
}

fn image_limits(fields: &mut Fields) -> ImageLimits {
    fields.warn_of_slips(&["resize", "maxPerMessage", "maxPerRequest"]);
    ImageLimits {
        resize: fields.nested("resize", image_resize),
        max_per_message: fields.whole("maxPerMessage", u64::MAX),
        max_per_request: fields.whole("maxPerRequest", u64::MAX),
    }
}

fn image_resize(fields: &mut Fields) -> ImageResize {
    fields.warn_of_slips(&["maxWidth", "maxHeight", "maxBytes", "jpegQuality"]);
    let side = |side: u64| u32::try_from(side).unwrap_or(u32::MAX);
    ImageResize {
        max_width: fields.whole("maxWidth", u64::MAX).map(side),
        max_height: fields.whole("maxHeight", u64::MAX).map(side),
        max_bytes: fields.whole("maxBytes", u64::MAX),
        jpeg_quality: fields
            .whole("jpegQuality", 100)
            .and_then(|quality| u8::try_from(quality).ok()),
    }
}

fn input(fields: &mut Fields) -> Option<Vec<InputKind>> {
    let list = fields.list("input")?;
    let kind = |value: &Value| match value.as_str() {
        Some("text") => Some(InputKind::Text),
        Some("image") => Some(InputKind::Image),
        _ => None,
    };
    let kinds: Option<Vec<InputKind>> = list.iter().map(kind).collect();
    if kinds.is_none() {
        fields.complain("input", "should hold \"text\" and \"image\" only");
    }
    kinds
}

fn thinking_levels(fields: &mut Fields) -> BTreeMap<ThinkingLevel, Option<String>> {
    let mut levels = BTreeMap::new();
    for (name, value) in fields.object("thinkingLevelMap").into_iter().flatten() {
        let sent = match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            _ => {
                let message = format!("\"{name}\" should be a string or null");
                fields.complain("thinkingLevelMap", message);
                continue;
            }
        };
        match ThinkingLevel::parse(name) {
            Some(level) => {
                levels.insert(level, sent);
            }
            None => fields.complain("thinkingLevelMap", no_level(name)),
        }
    }
    levels
}

fn sampling_by_level(fields: &mut Fields) -> BTreeMap<ThinkingLevel, Map<String, Value>> {
    let mut levels = BTreeMap::new();
    for name in fields.names() {
        match ThinkingLevel::parse(name) {
            Some(level) => {
                if let Some(params) = fields.object(name) {
                    levels.insert(level, params.clone());
                }
            }
            None => fields.complain(name, no_level(name)),
        }
    }
    levels
}

fn no_level(name: &str) -> String {
    let levels = ThinkingLevel::ALL.map(ThinkingLevel::as_str).join(", ");
    format!("\"{name}\" is no thinking level; there are {levels}")
}
