//! `models.json`: the user's own providers and models, and changes to the catalogue's. What is wrong with
//! a provider costs that provider; what is wrong with a model costs that model.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::fields::Fields;
use crate::ai::{InputKind, ThinkingLevel, catalog};
use crate::config::jsonc::Document;
use crate::config::problem::Problem;
use crate::config::value::ConfigValue;

/// One provider of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct CustomProvider {
    pub id: String,
    pub name: Option<String>,
    pub base_url: Option<String>,
    pub api: Option<String>,
    pub api_key: Option<ConfigValue>,
    pub auth_header: bool,
    pub headers: BTreeMap<String, ConfigValue>,
    pub compat: Map<String, Value>,
    pub models: Vec<Definition>,
    pub overrides: BTreeMap<String, Definition>,
}

/// A model of the file, or the changes to one; what is `None` is not said.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Definition {
    pub id: String,
    pub name: Option<String>,
    pub api: Option<String>,
    pub base_url: Option<String>,
    pub reasoning: Option<bool>,
    pub thinking_level_map: BTreeMap<ThinkingLevel, Option<String>>,
    pub input: Option<Vec<InputKind>>,
    /// Input, output, cache read, cache write.
    pub cost: [Option<f64>; 4],
    pub context_window: Option<u64>,
    pub max_tokens: Option<u64>,
    pub headers: BTreeMap<String, ConfigValue>,
    pub compat: Map<String, Value>,
}

const PRICES: [&str; 4] = ["input", "output", "cacheRead", "cacheWrite"];

/// Reads all providers of the file.
pub(super) fn read(document: &Document) -> (Vec<CustomProvider>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut providers: Vec<CustomProvider> = Vec::new();
    let entries = match document.root().get("providers") {
        Some(Value::Object(entries)) => entries,
        None if document.root().is_empty() => return (providers, problems),
        _ => {
            problems.push(document.problem(&["providers"], "should be an object of providers"));
            return (providers, problems);
        }
    };
    for (name, value) in entries {
        let path = vec!["providers".to_owned(), name.clone()];
        match Fields::of(document, path, value) {
            Ok(fields) => providers.extend(provider(name, fields, &mut problems)),
            Err(problem) => problems.push(problem),
        }
    }
    (providers, problems)
}

fn provider(name: &str, mut fields: Fields, problems: &mut Vec<Problem>) -> Option<CustomProvider> {
    let id = catalog::present_id(name).to_owned();
    let known = catalog::has_provider(&id);
    let mut provider = CustomProvider {
        id,
        name: fields.string("name"),
        base_url: fields.string("baseUrl"),
        api: fields.string("api"),
        api_key: fields.string("apiKey").map(ConfigValue::new),
        auth_header: fields.boolean("authHeader").unwrap_or(false),
        headers: fields.headers("headers"),
        compat: fields.object("compat").cloned().unwrap_or_default(),
        ..CustomProvider::default()
    };
    let listed = fields.list("models").map_or(&[][..], Vec::as_slice);
    let overrides = fields.object("modelOverrides");
    if !known && !listed.is_empty() && provider.base_url.is_none() {
        let has_own = |model: &Value| model.get("baseUrl").is_some_and(Value::is_string);
        if fields.value("baseUrl").is_none() && !listed.iter().all(has_own) {
            fields.complain("baseUrl", "is needed for a provider with models of its own");
        }
    }
    if !fields.problems.is_empty() {
        problems.append(&mut fields.problems);
        return None;
    }
    for (index, value) in listed.iter().enumerate() {
        let mut path = fields.path_of("models");
        path.push(index.to_string());
        let needs_api = !known && provider.api.is_none();
        let model = Fields::of(fields.document(), path, value)
            .map_err(|problem| vec![problem])
            .and_then(|model| new_model(model, needs_api));
        match model {
            Ok(model) => provider.models.push(model),
            Err(mut wrong) => problems.append(&mut wrong),
        }
    }
    for (id, value) in overrides.into_iter().flatten() {
        let mut path = fields.path_of("modelOverrides");
        path.push(id.clone());
        let change = Fields::of(fields.document(), path, value)
            .map_err(|problem| vec![problem])
            .and_then(definition);
        match change {
            Ok(change) => {
                provider.overrides.insert(id.clone(), change);
            }
            Err(mut wrong) => problems.append(&mut wrong),
        }
    }
    let says_something = provider.base_url.is_some()
        || !provider.headers.is_empty()
        || !provider.compat.is_empty()
        || !listed.is_empty()
        || overrides.is_some_and(|overrides| !overrides.is_empty());
    if !says_something {
        let path = ["providers", name];
        let message = "says nothing: give it baseUrl, headers, compat, models or modelOverrides";
        problems.push(fields.document().problem(&path, message));
        return None;
    }
    Some(provider)
}

fn new_model(mut fields: Fields, needs_api: bool) -> Result<Definition, Vec<Problem>> {
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
    let model = definition(fields)?;
    Ok(Definition {
        id: id.unwrap_or_default(),
        ..model
    })
}

fn definition(mut fields: Fields) -> Result<Definition, Vec<Problem>> {
    let mut definition = Definition {
        name: fields.string("name"),
        api: fields.string("api"),
        base_url: fields.string("baseUrl"),
        reasoning: fields.boolean("reasoning"),
        context_window: fields.tokens("contextWindow"),
        max_tokens: fields.tokens("maxTokens"),
        headers: fields.headers("headers"),
        compat: fields.object("compat").cloned().unwrap_or_default(),
        input: input(&mut fields),
        thinking_level_map: thinking_levels(&mut fields),
        ..Definition::default()
    };
    if let Some(value) = fields.value("cost") {
        match Fields::of(fields.document(), fields.path_of("cost"), value) {
            Ok(mut cost) => {
                definition.cost = PRICES.map(|price| cost.number(price));
                fields.problems.append(&mut cost.problems);
            }
            Err(problem) => fields.problems.push(problem),
        }
    }
    if fields.problems.is_empty() {
        Ok(definition)
    } else {
        Err(fields.problems)
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
            None => fields.complain(
                "thinkingLevelMap",
                format!("\"{name}\" is no thinking level"),
            ),
        }
    }
    levels
}
