//! `models.json`: the user's own providers and models, and changes to the catalogue's. What is wrong with
//! a provider costs that provider; what is wrong with a model costs that model. What a model's fields
//! are is said in `definition`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::compat;
use super::definition::{self, Definition};
use super::fields::Fields;
use super::quick;
use crate::ai::local::Kind;
use crate::ai::{catalog, demo, providers};
use crate::config::jsonc::{self, Document, kind_of};
use crate::config::problem::Problem;
use crate::config::value::ConfigValue;

/// One provider of the file. `Deserialize` is for `quick` alone.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct CustomProvider {
    #[serde(skip)]
    pub id: String,
    pub name: Option<String>,
    pub base_url: Option<String>,
    pub api: Option<String>,
    pub api_key: Option<ConfigValue>,
    pub auth_header: bool,
    #[serde(deserialize_with = "quick::once")]
    pub headers: BTreeMap<String, ConfigValue>,
    pub compat: Map<String, Value>,
    pub models: Vec<Definition>,
    #[serde(rename = "modelOverrides", deserialize_with = "quick::once")]
    pub overrides: BTreeMap<String, Definition>,
}

/// What was read, and what was not for something wrong in it.
#[derive(Debug, Default)]
pub(super) struct Reading<'a> {
    /// What was read before: it stays in the place of what has become wrong.
    before: &'a [CustomProvider],
    pub providers: Vec<CustomProvider>,
    pub problems: Vec<Problem>,
    /// Providers that could not be used.
    pub lost: Vec<String>,
}

const PROVIDER_FIELDS: [&str; 10] = [
    "name",
    "baseUrl",
    "api",
    "apiKey",
    "authHeader",
    "oauth",
    "headers",
    "compat",
    "models",
    "modelOverrides",
];

/// What is in these is handed on, and looked at no further.
const AS_IT_IS: [&str; 4] = [
    "compat",
    "samplingParams",
    "samplingParamsByThinkingLevel",
    "thinkingLevelMap",
];

/// Reads the file, the quick way when nothing has to be said of it.
/// Of what has become wrong since, `before` is kept.
pub(super) fn read_file<'a>(
    file: &Path,
    speaks: fn(&str) -> bool,
    before: &'a [CustomProvider],
) -> Result<Reading<'a>, Problem> {
    let Some(text) = jsonc::text_of(file)? else {
        return Ok(Reading::default());
    };
    match quick::read(jsonc::without_mark(&text), speaks) {
        Some(providers) => Ok(Reading {
            providers,
            ..Reading::default()
        }),
        None => read(&Document::parse(file, text)?, speaks, before),
    }
}

/// Reads all providers of a document; an API that `speaks` does not know is warned of. An `Err` says why there are none to read.
pub(super) fn read<'a>(
    document: &Document,
    speaks: fn(&str) -> bool,
    before: &'a [CustomProvider],
) -> Result<Reading<'a>, Problem> {
    let mut reading = Reading {
        before,
        ..Reading::default()
    };
    let root = document.root();
    let entries = match root.get("providers") {
        Some(Value::Object(entries)) => entries,
        None if root.keys().all(|name| name == "$schema") => return Ok(reading),
        _ => return Err(document.problem(&["providers"], "should be an object of providers")),
    };
    match root.get("$schema") {
        None | Some(Value::String(_)) => {}
        Some(other) => {
            let message = format!("should be a string, is {}", kind_of(other));
            reading
                .problems
                .push(document.problem(&["$schema"], message));
        }
    }
    for path in document.twins() {
        let steps: Vec<&str> = path.iter().map(String::as_str).collect();
        if !steps.iter().any(|step| AS_IT_IS.contains(step)) {
            let message = "is there twice; the last one counts";
            reading.problems.push(document.problem(&steps, message));
        }
    }
    for (name, value) in entries {
        let path = vec!["providers".to_owned(), name.clone()];
        let provider = Fields::of(document, path, value)
            .map_err(|problem| reading.problems.push(problem))
            .ok()
            .and_then(|fields| reading.provider(name, fields, speaks));
        match provider {
            Some(provider) => reading.providers.push(provider),
            None => reading.lose(name),
        }
    }
    // As they stand in the file, whatever was looked at first.
    let place = |problem: &Problem| problem.place.map(|place| (place.line, place.column));
    reading.problems.sort_by_key(place);
    Ok(reading)
}

/// A model whose API nobody speaks stays known and is not offered, which has to be explained.
fn warn_of_api(fields: &mut Fields, speaks: fn(&str) -> bool) {
    let api = fields.value("api").and_then(Value::as_str);
    if api.is_some_and(|api| !api.is_empty() && !speaks(api)) {
        let spoken: Vec<&str> = providers::spoken().collect();
        let message = format!("should be one of {}", spoken.join(", "));
        fields.warn_at(&["api"], message);
    }
}

impl CustomProvider {
    /// Whether it changes or adds anything.
    pub(super) fn says_something(&self) -> bool {
        self.has_known_models() && (self.api_key.is_some() || self.name.is_some())
            || self.base_url.is_some()
            || !self.headers.is_empty()
            || !self.compat.is_empty()
            || !self.models.is_empty()
            || !self.overrides.is_empty()
    }

    /// Whether it has models without this file.
    fn has_known_models(&self) -> bool {
        catalog::has_provider(&self.id) || Kind::of(&self.id).is_some()
    }
}

impl<'a> Reading<'a> {
    fn provider(
        &mut self,
        name: &str,
        mut fields: Fields,
        speaks: fn(&str) -> bool,
    ) -> Option<CustomProvider> {
        let id = catalog::present_id(name).to_owned();
        let known = catalog::has_provider(&id);
        let mut provider = CustomProvider {
            id,
            name: fields.string("name"),
            base_url: fields.url("baseUrl"),
            api: fields.string("api"),
            api_key: fields.string("apiKey").map(ConfigValue::new),
            auth_header: fields.boolean("authHeader").unwrap_or(false),
            headers: fields.headers("headers"),
            compat: compat::read(&mut fields, None),
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
        if provider.id == demo::PROVIDER {
            let message = "the name is taken by the demo; choose another one";
            let problem = fields.document().problem(&["providers", name], message);
            fields.problems.push(problem);
        }
        if let Some(flow) = fields.value("oauth") {
            let flow = flow.as_str().unwrap_or("this");
            let message = format!("the login \"{flow}\" is not offered here; give it an apiKey");
            fields.warn_at(&["oauth"], message);
        }
        warn_of_api(&mut fields, speaks);
        fields.warn_of_slips(&PROVIDER_FIELDS);
        self.problems.append(&mut fields.warnings);
        if !fields.problems.is_empty() {
            self.problems.append(&mut fields.problems);
            return None;
        }
        let needs_api = !known && provider.api.is_none();
        let before = self.before(&provider.id);
        for (index, value) in listed.iter().enumerate() {
            let mut path = fields.path_of("models");
            path.push(index.to_string());
            let model = Fields::of(fields.document(), path, value)
                .map_err(|problem| vec![problem])
                .and_then(|mut model| {
                    let api = provider.api.as_deref();
                    warn_of_api(&mut model, speaks);
                    let read = definition::of_model(&mut model, needs_api, api);
                    self.problems.append(&mut model.warnings);
                    read
                });
            match model {
                Ok(model) => provider.models.push(model),
                Err(wrong) => {
                    let id = value.get("id").and_then(Value::as_str);
                    let mut models = before.iter().flat_map(|before| &before.models);
                    let old = models.find(|model| Some(model.id.as_str()) == id);
                    provider.models.extend(old.cloned());
                    self.complain(wrong, old.map(|_| "the model"));
                }
            }
        }
        for (id, value) in overrides.into_iter().flatten() {
            let mut path = fields.path_of("modelOverrides");
            path.push(id.clone());
            let change = Fields::of(fields.document(), path, value)
                .map_err(|problem| vec![problem])
                .and_then(|mut change| {
                    let read = definition::of_change(&mut change);
                    self.problems.append(&mut change.warnings);
                    read
                });
            match change {
                Ok(change) => {
                    provider.overrides.insert(id.clone(), change);
                }
                Err(wrong) => {
                    let old = before.and_then(|before| before.overrides.get(id));
                    let kept = old.map(|old| (id.clone(), old.clone()));
                    provider.overrides.extend(kept);
                    self.complain(wrong, old.map(|_| "the change"));
                }
            }
        }
        let lists = !listed.is_empty() || overrides.is_some_and(|overrides| !overrides.is_empty());
        if !lists && !provider.says_something() {
            let path = ["providers", name];
            let message = match provider.has_known_models() {
                true => {
                    "says nothing: give it apiKey, baseUrl, headers, compat, models or modelOverrides"
                }
                false => "says nothing: give it baseUrl, headers, compat, models or modelOverrides",
            };
            self.problems
                .push(fields.document().problem(&path, message));
            return None;
        }
        Some(provider)
    }

    fn before(&self, id: &str) -> Option<&'a CustomProvider> {
        self.before.iter().rev().find(|before| before.id == id)
    }

    /// A provider cannot be used: the last problem said why.
    fn lose(&mut self, name: &str) {
        let id = catalog::present_id(name);
        self.lost.push(id.to_owned());
        if let Some(before) = self.before(id) {
            self.providers.push(before.clone());
            stays(self.problems.last_mut(), "the provider");
        }
    }

    fn complain(&mut self, mut wrong: Vec<Problem>, kept: Option<&str>) {
        if let Some(kept) = kept {
            stays(wrong.last_mut(), kept);
        }
        self.problems.append(&mut wrong);
    }
}

fn stays(problem: Option<&mut Problem>, what: &str) {
    if let Some(problem) = problem {
        problem.message += &format!("; {what} stays as it was before");
    }
}
