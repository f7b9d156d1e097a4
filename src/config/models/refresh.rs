//! Newer catalogues: what was fetched is looked through before anything of it is kept, then written to
//! `models-store.json` beside what is there of other providers. Who fetches it, and from where, is not
//! known here.
//!
//! A catalogue names the places that keys are sent to. So it may only name those that pi knows of that
//! provider already: a model elsewhere is left out.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::compat;
use super::overlay::{CLOSING, OPENING, is_newer};
use crate::ai::{Model, catalog};
use crate::config::edit::{self, Privacy};
use crate::config::jsonc;
use crate::config::problem::Problem;

/// What was fetched of one provider, looked through.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Checked {
    /// The provider.
    pub provider: String,
    /// Its models, as they were written.
    models: Vec<Map<String, Value>>,
    /// What is left out, each with the reason.
    pub left_out: Vec<String>,
}

/// A catalogue to keep.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// The models.
    pub checked: Checked,
    /// When it was asked for, in milliseconds since 1970.
    pub checked_at: u64,
    /// When it was made, likewise.
    pub made_at: u64,
    /// Where it is from.
    pub source: String,
    /// What the server calls this state of it, if all of it is kept: what was left out is told again.
    pub tag: Option<String>,
}

/// What is different from before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Difference {
    /// Models that were not known.
    pub new: usize,
    /// Models that are different now.
    pub changed: usize,
    /// Models as they were.
    pub same: usize,
}

/// Parts a document about all providers into those of single ones, of which the known ones are looked
/// through. The error says why it is no such document.
pub fn read_all(document: &Value) -> Result<Vec<Result<Checked, String>>, String> {
    let Value::Object(providers) = document else {
        return Err("it is no object of providers".to_owned());
    };
    let known = providers
        .iter()
        .filter(|(provider, _)| catalog::has_provider(provider));
    let checked: Vec<_> = known.map(|(provider, list)| read(provider, list)).collect();
    match checked.is_empty() {
        true => Err("it has no provider that this version knows".to_owned()),
        false => Ok(checked),
    }
}

/// Looks through what was fetched of one provider: a list of models, an object with such a list in
/// `models`, or an object of models. The error says why nothing of it can be used.
pub fn read(provider: &str, list: &Value) -> Result<Checked, String> {
    let provider = catalog::present_id(provider);
    let listed: Vec<&Value> = match list {
        Value::Array(models) => models.iter().collect(),
        Value::Object(fields) => match fields.get("models") {
            Some(Value::Array(models)) => models.iter().collect(),
            Some(_) => return Err(format!("{provider}: \"models\" is no array")),
            None => fields.values().collect(),
        },
        _ => {
            return Err(format!(
                "{provider}: there is neither a list nor an object of models"
            ));
        }
    };
    let mut checked = Checked {
        provider: provider.to_owned(),
        ..Checked::default()
    };
    for (at, value) in listed.into_iter().enumerate() {
        if is_for_something_else(value) {
            continue;
        }
        let name = value.get("id").and_then(Value::as_str);
        match model(provider, value) {
            Ok(model) => checked.models.push(model),
            Err(reason) => checked.left_out.push(match name {
                Some(id) => format!("{provider}/{id}: {reason}"),
                None => format!("{provider}: model {}: {reason}", at + 1),
            }),
        }
    }
    match (checked.models.is_empty(), checked.left_out.first()) {
        (false, _) => Ok(checked),
        (true, Some(first)) => Err(format!("none of its models can be used: {first}")),
        (true, None) => Err(format!("{provider}: there are no models in it")),
    }
}

/// Models that paint or classify are listed beside those that talk.
fn is_for_something_else(value: &Value) -> bool {
    let kind = value.get("type").and_then(Value::as_str);
    kind.is_some_and(|kind| kind != "chat")
}

/// A model as it is kept, its id first.
fn model(provider: &str, value: &Value) -> Result<Map<String, Value>, String> {
    let Value::Object(fields) = value else {
        return Err("it is no object".to_owned());
    };
    let model: Model = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    if model.id.is_empty() || model.api.is_empty() {
        return Err("it has no id or no api".to_owned());
    }
    if model.context_window == 0 || model.max_tokens == 0 {
        return Err("contextWindow and maxTokens should be more than 0".to_owned());
    }
    if let Some(wrong) = compat::first_wrong(&model.compat) {
        return Err(wrong);
    }
    let places = &catalog::facts(provider)
        .ok_or("nobody knows its provider")?
        .base_urls;
    if !places.iter().any(|place| is_at(&model.base_url, place)) {
        return Err(format!(
            "it is at {:?}, where this version knows nothing of {provider}",
            model.base_url
        ));
    }
    let mut kept = Map::new();
    kept.insert("id".to_owned(), json!(model.id));
    kept.insert("provider".to_owned(), json!(provider));
    let others = fields
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "id" | "provider" | "type"));
    kept.extend(others.map(|(name, value)| (name.clone(), value.clone())));
    Ok(kept)
}

/// Whether a URL is at the same host as a known one (another region of it counts) and waits for no variable.
/// Where the known one waits for some, its path says whose place it is, so it has to be that very URL: at the
/// same host there are the places of others.
fn is_at(url: &str, known: &str) -> bool {
    if known.contains('{') {
        return url == known;
    }
    if url.contains('{') {
        return false;
    }
    match (host(url), host(known)) {
        (Some(one), Some(other)) => one == other || is_other_region(one, other),
        // Where the table leaves the place to the person.
        (None, None) => url == known,
        _ => false,
    }
}

/// The host, with its port, of an `https:` URL that names nobody.
fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://")?;
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let host = rest.get(..end)?;
    (!host.is_empty() && !host.contains('@')).then_some(host)
}

/// `bedrock-runtime.us-east-1.amazonaws.com` and `bedrock-runtime.eu-west-1.amazonaws.com`.
fn is_other_region(one: &str, other: &str) -> bool {
    let (one, other): (Vec<&str>, Vec<&str>) =
        (one.split('.').collect(), other.split('.').collect());
    let [service, region, domain @ ..] = one.as_slice() else {
        return false;
    };
    let [known_service, _, known_domain @ ..] = other.as_slice() else {
        return false;
    };
    let is_region = region
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    known_domain == ["amazonaws", "com"]
        && domain == known_domain
        && service == known_service
        && is_region
}

impl Checked {
    /// What is different from these models.
    pub fn difference(&self, before: &[std::sync::Arc<Model>]) -> Difference {
        let mut difference = Difference::default();
        for fields in &self.models {
            let now: Option<Model> = serde_json::from_value(Value::Object(fields.clone())).ok();
            let Some(now) = now else { continue };
            match before.iter().find(|model| model.id == now.id) {
                None => difference.new += 1,
                Some(known) if **known == now => difference.same += 1,
                Some(_) => difference.changed += 1,
            }
        }
        difference
    }
}

impl Kept {
    /// Whether it comes after the catalogue that this version brings; else that one is used.
    pub fn is_newer(&self) -> bool {
        is_newer(Some(self.made_at as f64))
    }
}

/// What servers called the states that are kept.
#[derive(Debug, Default)]
pub struct Tags(Vec<(String, String)>);

impl Tags {
    /// Of what is kept in this file and came from this source.
    pub fn read(file: &Path, source: &str) -> Self {
        let kept = jsonc::text_of(file).ok().flatten().unwrap_or_default();
        let entries: Map<String, Value> = serde_json::from_str(&kept).unwrap_or_default();
        let tags = entries.iter().filter_map(|(provider, entry)| {
            let is_useful = is_newer(entry.get("lastModified").and_then(Value::as_f64));
            let is_from = entry.get("source").and_then(Value::as_str) == Some(source);
            let tag = entry.get("tag").and_then(Value::as_str)?;
            (is_useful && is_from).then(|| (provider.clone(), tag.to_owned()))
        });
        Tags(tags.collect())
    }

    /// That of one provider, or of a document about all of them.
    pub fn of(&self, provider: Option<&str>) -> Option<&str> {
        let wanted = |name: &str| provider.is_none_or(|provider| provider == name);
        let mut tags = self.0.iter();
        tags.find_map(|(name, tag)| wanted(name).then_some(tag.as_str()))
    }
}

/// Writes catalogues into the file, atomically; what it has of other providers stays.
pub fn write(file: &Path, kept: &[Kept]) -> Result<(), Problem> {
    edit::rewrite(file, Privacy::Shared, |text| {
        let mut entries: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        for catalogue in kept {
            let checked = &catalogue.checked;
            let mut entry = json!({
                "checkedAt": catalogue.checked_at,
                "lastModified": catalogue.made_at,
                "source": catalogue.source,
            });
            if let Some(tag) = &catalogue.tag {
                entry["tag"] = json!(tag);
            }
            entry["models"] = json!(checked.models);
            entries.insert(checked.provider.clone(), entry);
        }
        laid_out(entries)
    })
}

/// The text in pi's own layout.
fn laid_out(entries: Map<String, Value>) -> String {
    // Those of others first: the head of the next list takes them in.
    let (lists, others): (BTreeMap<_, _>, BTreeMap<_, _>) = entries
        .into_iter()
        .partition(|(_, entry)| entry.get("models").is_some_and(Value::is_array));
    let mut parts: Vec<String> = others
        .iter()
        .map(|(name, entry)| format!("{}: {entry}", json!(name)))
        .collect();
    for (provider, mut entry) in lists {
        let Some(Value::Array(models)) = entry
            .as_object_mut()
            .and_then(|fields| fields.shift_remove("models"))
        else {
            continue;
        };
        let head = entry.to_string();
        let head = head.strip_suffix('}').unwrap_or(&head);
        let comma = if head == "{" { "" } else { ", " };
        let lines: Vec<String> = models.iter().map(|model| format!("  {model}")).collect();
        let lines = lines.join(",\n");
        let closing = if lines.is_empty() { "]}" } else { CLOSING };
        parts.push(format!(
            "{}: {head}{comma}{OPENING}{lines}{closing}",
            json!(provider)
        ));
    }
    format!("{{\n{}\n}}\n", parts.join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_of_the_embedded_catalogue_could_have_been_fetched() {
        for provider in catalog::providers() {
            let list = json!(catalog::models(provider));
            let checked = read(provider, &list).unwrap();
            assert_eq!(checked.left_out, Vec::<String>::new());
            let same = checked.models.len();
            let difference = checked.difference(catalog::models(provider));
            assert_eq!(
                difference,
                Difference {
                    same,
                    ..Difference::default()
                }
            );
        }
    }

    #[test]
    fn keys_are_sent_to_known_places_only() {
        let bedrock = "https://bedrock-runtime.us-east-1.amazonaws.com";
        assert!(is_at(
            "https://bedrock-runtime.ap-south-1.amazonaws.com",
            bedrock
        ));
        assert!(is_at("https://api.x.ai/v9", "https://api.x.ai/v1"));
        assert!(is_at("", ""));
        let account = "https://gateway.ai.cloudflare.com/v1/{CLOUDFLARE_ACCOUNT_ID}/x";
        assert!(is_at(account, account));
        for of_others in [
            "https://gateway.ai.cloudflare.com/v1/0123456789abcdef/x",
            "https://gateway.ai.cloudflare.com/v1/another/{CLOUDFLARE_ACCOUNT_ID}/x",
            "https://gateway.ai.cloudflare.com/v1/{CLOUDFLARE_GATEWAY_ID}/x",
            "https://gateway.ai.cloudflare.com/v1/{CLOUDFLARE_ACCOUNT_ID}/../another/x",
            "https://gateway.ai.cloudflare.com/v1/{CLOUDFLARE_ACCOUNT_ID}/y",
            "https://gateway.ai.cloudflare.com/v1",
        ] {
            assert!(!is_at(of_others, account), "{of_others}");
        }
        for elsewhere in [
            "http://api.x.ai/v1",
            "https://api.x.ai.evil.example/v1",
            "https://api.x.ai@evil.example/v1",
            "https://evil.example/https://api.x.ai",
            "https://evil.example\\@api.x.ai/v1",
            "https://api.x.ai:8443/v1",
            "https://api.x.ai/{AWS_SECRET_ACCESS_KEY}",
            "",
        ] {
            assert!(!is_at(elsewhere, "https://api.x.ai/v1"), "{elsewhere}");
        }
        assert!(!is_at("https://s3.us-east-1.amazonaws.com", bedrock));
        assert!(!is_at("https://bedrock-runtime.a/b.amazonaws.com", bedrock));
        assert!(!is_at("https://bedrock-runtime.evil.example", bedrock));
    }
}
