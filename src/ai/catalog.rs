//! The models that pi knows out of the box: an embedded table of some 1,600 of them, read as far as a
//! question needs and no further. Looking one model up parses one line of the table; listing a provider
//! parses that provider's lines, once. Nothing is read before the first question.
//!
//! The table's layout is part of this module's contract and held by a test: a line `"<provider>": [`
//! opens a provider, every model is one line that starts with its id, and `]` closes.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use memchr::memmem;
use serde::Deserialize;

use super::model::Model;

const MODELS: &str = include_str!("models.json");
const PROVIDERS: &str = include_str!("providers.json");

/// When the table was made, in milliseconds since 1970: what a newer table may replace.
pub const MADE_AT: u64 = 1_794_312_337_628;

/// What pi knows of a provider besides its models.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderFacts {
    /// For people.
    pub name: String,
    /// Environment variables that may hold its key, in the order in which they are tried.
    pub env: Vec<String>,
    /// The model to start with.
    pub default_model: String,
    /// The wire APIs that its models speak.
    pub apis: Vec<String>,
    /// Where requests go.
    pub base_urls: Vec<String>,
}

/// A provider's part of the table.
struct Shelf {
    provider: &'static str,
    lines: &'static str,
    models: OnceLock<Vec<Arc<Model>>>,
}

static SHELVES: LazyLock<Vec<Shelf>> = LazyLock::new(|| shelves(MODELS));

// A test holds that the embedded facts parse.
static FACTS: LazyLock<BTreeMap<String, ProviderFacts>> =
    LazyLock::new(|| serde_json::from_str(PROVIDERS).unwrap_or_default());

/// The present id of a provider that was renamed; any other id as it is.
pub fn present_id(provider: &str) -> &str {
    match provider {
        "azure-openai-responses" => "azure",
        other => other,
    }
}

/// The ids of all providers, in the order of the table.
pub fn providers() -> impl Iterator<Item = &'static str> {
    FACTS.keys().map(String::as_str)
}

/// Whether there is a provider of this id; the table of models is not read for it.
pub fn has_provider(provider: &str) -> bool {
    facts(provider).is_some()
}

/// What is known of a provider.
pub fn facts(provider: &str) -> Option<&'static ProviderFacts> {
    FACTS.get(present_id(provider))
}

/// All models of a provider, in the order of the table; empty for an unknown provider.
pub fn models(provider: &str) -> &'static [Arc<Model>] {
    shelf(provider).map_or(&[], |shelf| {
        shelf.models.get_or_init(|| {
            let lines = shelf.lines.lines();
            lines
                .filter_map(|line| parse(shelf.provider, line))
                .map(Arc::new)
                .collect()
        })
    })
}

/// One model; only its line is parsed.
pub fn find(provider: &str, id: &str) -> Option<Arc<Model>> {
    let shelf = shelf(provider)?;
    if let Some(models) = shelf.models.get() {
        return models.iter().find(|model| model.id == id).cloned();
    }
    let opening = format!("{{\"id\":{},", serde_json::to_string(id).ok()?);
    let start = memmem::find(shelf.lines.as_bytes(), opening.as_bytes())?;
    let line = shelf.lines.get(start..)?.lines().next()?;
    parse(shelf.provider, line).map(Arc::new)
}

/// The first model of a provider.
pub fn first(provider: &str) -> Option<Arc<Model>> {
    let shelf = shelf(provider)?;
    let line = shelf.lines.lines().next()?;
    parse(shelf.provider, line).map(Arc::new)
}

/// Fills placeholders such as `{CLOUDFLARE_ACCOUNT_ID}` of a base URL from `lookup`. Placeholders
/// without a value stay.
pub fn fill_placeholders(url: &str, lookup: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = url.to_owned();
    for variable in placeholders(url) {
        if let Some(value) = lookup(variable) {
            filled = filled.replace(&format!("{{{variable}}}"), &value);
        }
    }
    filled
}

/// The environment variables that a base URL still waits for.
pub fn missing_variables(url: &str) -> Vec<&str> {
    placeholders(url).collect()
}

fn placeholders(url: &str) -> impl Iterator<Item = &str> {
    url.split('{').skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        // Vertex's location is more than a part of the host: its wire API sees to it.
        let is_variable = !matches!(name, "" | "location") && name.bytes().all(is_name);
        is_variable.then_some(name)
    })
}

fn shelf(provider: &str) -> Option<&'static Shelf> {
    let provider = present_id(provider);
    FACTS.get(provider)?;
    SHELVES.iter().find(|shelf| shelf.provider == provider)
}

fn parse(provider: &str, line: &str) -> Option<Model> {
    let json = line.trim().trim_end_matches(',');
    let mut model: Model = serde_json::from_str(json).ok()?;
    model.provider = provider.to_owned();
    Some(model)
}

fn shelves(table: &'static str) -> Vec<Shelf> {
    let mut shelves = Vec::new();
    // A provider's opening is the only place where a line ends with `[`.
    let mut rest = table;
    while let Some(at) = memmem::find(rest.as_bytes(), b"\": [\n") {
        let (before, after) = rest.split_at(at);
        let lines_start = "\": [\n".len();
        let name = before.rsplit('"').next().unwrap_or_default();
        let body = after.get(lines_start..).unwrap_or_default();
        let end = memmem::find(body.as_bytes(), b"\n]").unwrap_or(body.len());
        let (lines, next) = body.split_at(end);
        shelves.push(Shelf {
            provider: name,
            lines,
            models: OnceLock::new(),
        });
        rest = next;
    }
    shelves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_by_lines_finds_what_reading_the_whole_table_finds() {
        let whole: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(MODELS).unwrap();
        let table: Vec<&str> = SHELVES.iter().map(|shelf| shelf.provider).collect();
        assert_eq!(table, whole.keys().collect::<Vec<_>>());
        assert_eq!(table, providers().collect::<Vec<_>>());
        for (provider, listed) in &whole {
            let listed = listed.as_array().unwrap();
            // One by one first, so that nothing comes from the parsed list.
            for entry in listed {
                let id = entry["id"].as_str().unwrap();
                let found = find(provider, id).unwrap();
                let mut expected: Model = serde_json::from_value(entry.clone()).unwrap();
                expected.provider.clone_from(provider);
                assert_eq!(*found, expected);
            }
            assert_eq!(models(provider).len(), listed.len(), "{provider}");
            assert_eq!(models(provider).first(), first(provider).as_ref());
            assert!(find(provider, "no such model").is_none());
        }
    }

    #[test]
    fn every_provider_has_facts_and_its_default_model_exists() {
        assert_eq!(FACTS.len(), 41);
        for (provider, facts) in FACTS.iter() {
            assert!(has_provider(provider), "{provider}");
            assert!(find(provider, &facts.default_model).is_some(), "{provider}");
        }
    }
}
