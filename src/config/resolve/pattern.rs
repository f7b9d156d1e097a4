//! One model from what a person writes: an id, `provider/id`, a part of an id or a name, each with
//! `:thinking` behind it if they like.

use std::sync::Arc;

use super::collate::collate;
use super::here::{self, Parted, parted};
use super::saved::nobody;
use super::vendor;
use crate::ai::{Model, ThinkingLevel, catalog};
use crate::config::models::{Registry, nearest};
use crate::tools::sanitize_line;

/// A model, and what else its pattern said.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// The model.
    pub model: Arc<Model>,
    /// The thinking level that the pattern named.
    pub thinking: Option<ThinkingLevel>,
    /// Something the person should know.
    pub warning: Option<String>,
}

/// What to make of a suffix that is no thinking level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Suffix {
    /// It belongs to the id.
    Strict,
    /// It is dropped with a warning.
    Lenient,
}

/// Whether the credentials that are there may say which provider is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Credentials {
    /// Who has one comes first.
    #[default]
    Count,
    /// A key comes with the same command line, for whichever provider the model is of: those of others must
    /// not choose it.
    Coming,
}

/// Resolves `--model`, with `--provider` if it was given. All models count, also those without a
/// credential: a key may come with the same command line. An id that a known provider does not list is
/// believed, with a warning. An `Err` is what to tell the person.
pub fn resolve(
    registry: &Registry,
    provider: Option<&str>,
    pattern: &str,
) -> Result<Resolved, String> {
    resolve_with(registry, provider, pattern, Credentials::Count)
}

/// The same, with a word on what credentials count for.
pub(super) fn resolve_with(
    registry: &Registry,
    provider: Option<&str>,
    pattern: &str,
    credentials: Credentials,
) -> Result<Resolved, String> {
    let named = match provider {
        Some(name) => match known_provider(registry, name) {
            Some(provider) => Some(provider),
            None => {
                let hint = "--list-models shows those that can be used";
                return Err(format!("{} ({hint})", nobody(registry, name)));
            }
        },
        None => None,
    };
    // A known provider before the first slash means that provider, even where an id of another provider
    // looks the same.
    let inferred = match (&named, pattern.split_once('/')) {
        (None, Some((name, id))) => known_provider(registry, name).map(|provider| (provider, id)),
        _ => None,
    };
    let (provider, within) = match (&named, &inferred) {
        (Some(provider), _) => (Some(provider), strip_provider(pattern, provider)),
        (None, Some((provider, id))) => (Some(provider), *id),
        (None, None) => (None, pattern),
    };
    if names_nothing(within) {
        return Err(nothing_named(pattern));
    }
    let Some(provider) = provider else {
        let found = anywhere(registry, pattern, credentials)?;
        return found.ok_or_else(|| {
            let all = registry.all();
            match no_level(pattern, &all) {
                Some(why) => format!("{why}, and {}", not_found(pattern, &all)),
                None => not_found(pattern, &all),
            }
        });
    };
    let candidates = registry.models_of(provider);
    let (written, here): (&[Arc<Model>], &[Arc<Model>]) = match registry.local_kind(provider) {
        Some(_) => (&[], &candidates),
        None => (&candidates, &[]),
    };
    if let Some(found) = parse(within, written, here, Suffix::Strict) {
        let is_locked = || registry.auth_source(provider).is_none();
        if inferred.is_some() && credentials == Credentials::Count && is_locked() {
            // Somebody else may have an id that only looks like this provider's (as in the newest reference).
            let exact = exact_anywhere(pattern, &registry.available());
            return Ok(exact.unwrap_or(found));
        }
        return Ok(found);
    }
    if inferred.is_some()
        && let Ok(Some(found)) = anywhere(registry, pattern, credentials)
    {
        return Ok(found);
    }
    one_of_several(within, here)?;
    custom_id(provider, within, &candidates).ok_or_else(|| match registry.local_kind(provider) {
        Some(_) if here.is_empty() => nobody(registry, provider),
        _ => not_found(&format!("{provider}/{within}"), &candidates),
    })
}

/// What there is to write for a model.
pub const GIVE: &str =
    "give it an id, a part of one or provider/id (--list-models shows those that can be used)";

/// What is missing in a pattern that names no model.
fn nothing_named(pattern: &str) -> String {
    let pattern = pattern.trim();
    let what = match pattern.rsplit_once(':') {
        Some((front, level)) if ThinkingLevel::parse(level).is_some() => match front.trim() {
            "" => format!("--model {pattern:?} is a thinking level and no model"),
            _ => format!("--model {pattern:?} names no model before the thinking level"),
        },
        _ if pattern.is_empty() => "--model is empty".to_owned(),
        _ => format!("--model {pattern:?} names no model behind the slash"),
    };
    format!("{what}: {GIVE}")
}

/// Whether a pattern is empty, but for a slash or a thinking level behind it: it would match all models.
pub fn names_nothing(pattern: &str) -> bool {
    let pattern = pattern.trim();
    match pattern.rsplit_once(':') {
        Some((front, level)) if ThinkingLevel::parse(level).is_some() => names_nothing(front),
        _ => pattern.is_empty() || pattern.ends_with('/'),
    }
}

/// A model of any provider. Where several fit, one that can be used now comes before one that cannot (as
/// in the newest reference; the older one takes whichever sorts last), and of those that cannot, who makes
/// the model. An `Err` where local servers have several and nothing says which.
fn anywhere(
    registry: &Registry,
    pattern: &str,
    credentials: Credentials,
) -> Result<Option<Resolved>, String> {
    if credentials == Credentials::Count {
        let usable = parted(registry, registry.available());
        if let Some(found) = among(pattern, &usable) {
            return Ok(Some(found));
        }
        one_of_several(pattern, &usable.here)?;
    }
    Ok(obvious(pattern, &registry.all()))
}

/// An `Err` that names them where several models of local servers have this in their names.
fn one_of_several(pattern: &str, here: &[Arc<Model>]) -> Result<(), String> {
    let having = here::having(pattern, here);
    if having.len() < 2 {
        return match pattern.rsplit_once(':') {
            Some((front, level)) if ThinkingLevel::parse(level).is_some() => {
                one_of_several(front, here)
            }
            _ => Ok(()),
        };
    }
    let names: Vec<String> = having.iter().map(|model| model.full_id()).collect();
    Err(format!(
        "\"{pattern}\" may be several models of local servers: {}",
        names.join(", ")
    ))
}

/// The one that is meant among those that can be used.
fn among(pattern: &str, usable: &Parted) -> Option<Resolved> {
    if let Some(found) = exact_anywhere(pattern, &usable.written) {
        return Some(found);
    }
    let model = here::exact(pattern, &usable.here)
        .or_else(|| behind_maker(pattern, &usable.written))
        .cloned()
        .or_else(|| best_match(pattern, &usable.written))
        .or_else(|| here::only(pattern, &usable.here).cloned());
    model
        .map(plain)
        .or_else(|| with_level(pattern, |front| among(front, usable)))
}

/// The model with this id behind its maker's name (`openai/gpt-5` at a reseller).
fn behind_maker<'a>(pattern: &str, models: &'a [Arc<Model>]) -> Option<&'a Arc<Model>> {
    let lower = pattern.to_lowercase();
    let same = models.iter().filter(|model| is_same(&model.id, &lower));
    same.min_by_key(|model| vendor::rank(model))
}

/// Whether an id is this one in small letters, with or without a maker in front.
pub(super) fn is_same(other: &str, id: &str) -> bool {
    let other = other.to_lowercase();
    let front = other.strip_suffix(id);
    front.is_some_and(|front| front.is_empty() || front.ends_with(['/', '.']))
}

/// The one that comes to mind first, by whose it is.
fn obvious(pattern: &str, all: &[Arc<Model>]) -> Option<Resolved> {
    let lower = pattern.to_lowercase();
    let is_it = |model: &&Arc<Model>| {
        model.id.to_lowercase() == lower || model.full_id().to_lowercase() == lower
    };
    let exact = all
        .iter()
        .filter(is_it)
        .min_by_key(|model| vendor::rank(model));
    if let Some(model) = exact {
        return Some(plain(model.clone()));
    }
    let having = having(pattern, all);
    if let Some(first) = having.iter().map(|model| vendor::rank(model)).min() {
        let of_first = having
            .into_iter()
            .filter(|model| vendor::rank(model) == first);
        let of_first: Vec<Arc<Model>> = of_first.cloned().collect();
        return best_match(pattern, &of_first).map(plain);
    }
    with_level(pattern, |front| obvious(front, all))
}

fn plain(model: Arc<Model>) -> Resolved {
    Resolved {
        model,
        thinking: None,
        warning: None,
    }
}

/// What is found without the thinking level at the end.
fn with_level(pattern: &str, find: impl FnOnce(&str) -> Option<Resolved>) -> Option<Resolved> {
    let (front, level) = pattern.rsplit_once(':')?;
    let level = ThinkingLevel::parse(level)?;
    let found = find(front)?;
    Some(Resolved {
        thinking: Some(level),
        ..found
    })
}

/// A model among `models`, or else `here` among those of local servers. The whole pattern is tried first;
/// then a thinking level is taken off its end.
pub(super) fn parse(
    pattern: &str,
    models: &[Arc<Model>],
    here: &[Arc<Model>],
    suffix: Suffix,
) -> Option<Resolved> {
    let exact = || exact_match(pattern, models).or_else(|| here::exact(pattern, here));
    let found = exact().cloned().or_else(|| best_match(pattern, models));
    if let Some(model) = found.or_else(|| here::only(pattern, here).cloned()) {
        return Some(plain(model));
    }
    let (front, end) = pattern.rsplit_once(':')?;
    match (ThinkingLevel::parse(end), suffix) {
        (Some(level), _) => {
            let found = parse(front, models, here, suffix)?;
            let thinking = found.warning.is_none().then_some(level);
            Some(Resolved { thinking, ..found })
        }
        (None, Suffix::Strict) => None,
        (None, Suffix::Lenient) => {
            let found = parse(front, models, here, suffix)?;
            let warning = format!("\"{end}\" in \"{pattern}\" is no thinking level and is ignored");
            Some(Resolved {
                thinking: None,
                warning: Some(warning),
                ..found
            })
        }
    }
}

/// The provider of that name, whatever its case, also under a name that it had.
pub(super) fn known_provider(registry: &Registry, name: &str) -> Option<String> {
    let lower = name.trim().to_lowercase();
    let present = catalog::present_id(&lower);
    let is_it = |provider: &String| provider.to_lowercase() == present;
    let mut written = registry.written_providers().into_iter().rev();
    let local = || registry.providers().into_iter().find(is_it);
    written.find(is_it).or_else(local)
}

/// With `--provider p`, `--model p/id` means `id`.
fn strip_provider<'a>(pattern: &'a str, provider: &str) -> &'a str {
    match pattern.split_at_checked(provider.len()) {
        Some((front, rest)) if front.eq_ignore_ascii_case(provider) => {
            rest.strip_prefix('/').unwrap_or(pattern)
        }
        _ => pattern,
    }
}

/// The first model whose id or full id is the pattern.
fn exact_anywhere(pattern: &str, models: &[Arc<Model>]) -> Option<Resolved> {
    let lower = pattern.to_lowercase();
    let is_it = |model: &&Arc<Model>| {
        model.id.to_lowercase() == lower || model.full_id().to_lowercase() == lower
    };
    models.iter().find(is_it).cloned().map(plain)
}

/// The one exact match; else, among the models that have the pattern in id or name, the last alias in
/// dictionary order, else the last dated id.
fn best_match(pattern: &str, models: &[Arc<Model>]) -> Option<Arc<Model>> {
    if let Some(model) = exact_match(pattern, models) {
        return Some(model.clone());
    }
    let mut best: Option<&Arc<Model>> = None;
    for model in having(pattern, models) {
        let better = best.is_none_or(|best| {
            let alias = is_alias(&model.id).cmp(&is_alias(&best.id));
            alias.then_with(|| collate(&model.id, &best.id)).is_gt()
        });
        if better {
            best = Some(model);
        }
    }
    best.cloned()
}

/// All models that have the pattern in id or name.
pub(super) fn having<'a>(pattern: &str, models: &'a [Arc<Model>]) -> Vec<&'a Arc<Model>> {
    if names_nothing(pattern) {
        return Vec::new();
    }
    let lower = pattern.to_lowercase();
    let has_it = |model: &&Arc<Model>| {
        model.id.to_lowercase().contains(&lower) || model.name.to_lowercase().contains(&lower)
    };
    models.iter().filter(has_it).collect()
}

/// A match of `provider/id`, else of an id that only one provider has.
fn exact_match<'a>(pattern: &str, models: &'a [Arc<Model>]) -> Option<&'a Arc<Model>> {
    let wanted = pattern.trim().to_lowercase();
    if wanted.is_empty() {
        return None;
    }
    let full: Vec<_> = models
        .iter()
        .filter(|model| model.full_id().to_lowercase() == wanted)
        .collect();
    if !full.is_empty() {
        return only(full);
    }
    if let Some((provider, id)) = wanted.split_once('/') {
        let (provider, id) = (provider.trim(), id.trim());
        let is_it = |model: &&Arc<Model>| {
            model.provider.to_lowercase() == provider && model.id.to_lowercase() == id
        };
        let spaced: Vec<_> = models.iter().filter(is_it).collect();
        if !provider.is_empty() && !id.is_empty() && !spaced.is_empty() {
            return only(spaced);
        }
    }
    only(
        models
            .iter()
            .filter(|model| model.id.to_lowercase() == wanted)
            .collect(),
    )
}

fn only(mut found: Vec<&Arc<Model>>) -> Option<&Arc<Model>> {
    if found.len() == 1 { found.pop() } else { None }
}

/// Whether an id has no date (`-20250929`) at its end.
fn is_alias(id: &str) -> bool {
    let dated = id
        .rsplit_once('-')
        .is_some_and(|(_, end)| end.len() == 8 && end.bytes().all(|byte| byte.is_ascii_digit()));
    !dated
}

/// A pattern without the thinking level at its end, if there is one. Other ends stay: `qwen3:8b` is an id.
pub fn split_level(pattern: &str) -> (&str, Option<ThinkingLevel>) {
    match pattern.rsplit_once(':') {
        Some((front, level)) if !front.is_empty() => match ThinkingLevel::parse(level) {
            Some(level) => (front, Some(level)),
            None => (pattern, None),
        },
        _ => (pattern, None),
    }
}

/// A model that the provider does not list, made in the likeness of its default model. A level behind its
/// name says that it thinks (as in the newest reference; the older one takes it for a part of the id).
fn custom_id(provider: &str, pattern: &str, listed: &[Arc<Model>]) -> Option<Resolved> {
    let (id, thinking) = split_level(pattern);
    let mut model = Model::clone(usual_of(provider, listed)?);
    model.id = id.to_owned();
    model.name = id.to_owned();
    model.reasoning |= thinking.is_some_and(|level| level != ThinkingLevel::Off);
    let warning = match no_level(id, listed) {
        Some(why) => format!("{why}: {provider} lists no model \"{id}\", which is used as it is"),
        None => {
            let meant = meant(id, listed).map(|meant| format!(" (did you mean {meant}?)"));
            let meant = meant.unwrap_or_default();
            format!("{provider} lists no model \"{id}\"{meant}; it is used as it is")
        }
    };
    Some(Resolved {
        model: Arc::new(model),
        thinking,
        warning: Some(warning),
    })
}

/// In words that what stands behind the id of one of these models is no thinking level; `None` where nothing
/// does.
fn no_level(pattern: &str, models: &[Arc<Model>]) -> Option<String> {
    let (front, end) = pattern.rsplit_once(':')?;
    let lower = front.to_lowercase();
    let mut known = models.iter();
    known.find(|model| is_same(&model.id, &lower) || model.full_id().to_lowercase() == lower)?;
    let levels = ThinkingLevel::ALL.map(ThinkingLevel::as_str).join(", ");
    Some(format!("\"{end}\" is no thinking level ({levels})"))
}

fn usual_of<'a>(provider: &str, listed: &'a [Arc<Model>]) -> Option<&'a Arc<Model>> {
    let default = catalog::facts(provider).map(|facts| facts.default_model.as_str());
    let mut all = listed.iter();
    all.find(|model| Some(model.id.as_str()) == default)
        .or(listed.first())
}

/// A model that its provider does not list, at the place where the provider is now. What servers on this
/// machine do not have is nowhere.
pub fn unlisted(registry: &Registry, model: &Model) -> Option<Arc<Model>> {
    let listed = registry.models_of(&model.provider);
    let usual = usual_of(&model.provider, &listed)?;
    let is_like = usual.api == model.api && registry.local_kind(&model.provider).is_none();
    is_like.then(|| {
        Arc::new(Model {
            base_url: usual.base_url.clone(),
            headers: usual.headers.clone(),
            ..model.clone()
        })
    })
}

fn not_found(what: &str, among: &[Arc<Model>]) -> String {
    let hint = match meant(what, among) {
        Some(meant) => format!("did you mean {meant}?"),
        None => "--list-models shows those that can be used".into(),
    };
    format!("there is no model \"{what}\" in the catalogue or models.json ({hint})")
}

/// The id, or full id, that somebody may have meant.
fn meant(what: &str, among: &[Arc<Model>]) -> Option<String> {
    let (what, _) = split_level(what);
    let has_slash = what.contains('/');
    let full: Vec<String> = match has_slash {
        true => among.iter().map(|model| model.full_id()).collect(),
        false => Vec::new(),
    };
    let ids = among.iter().map(|model| model.id.as_str());
    let found = nearest(what, ids.chain(full.iter().map(String::as_str)))?;
    Some(sanitize_line(found).into_owned())
}
