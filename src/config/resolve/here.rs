//! Models of local servers by what a person calls them. Their names are long (`qwen3:8b-q4_K_M`, a file, a
//! path), so a part will do as long as only one has it; of several none is guessed.

use std::sync::Arc;

use crate::ai::Model;
use crate::ai::local::Kind;
use crate::config::models::Registry;

/// The tag that Ollama puts behind a name without one.
const LATEST: &str = ":latest";

/// Parts what can be used into what is written somewhere and what a local server has said.
pub(super) fn parted(registry: &Registry, models: Vec<Arc<Model>>) -> Parted {
    let is_local = |model: &Arc<Model>| registry.local_kind(&model.provider).is_some();
    let (here, written) = models.into_iter().partition(is_local);
    Parted { written, here }
}

/// What can be used.
pub(super) struct Parted {
    /// Of the catalogue and of `models.json`.
    pub written: Vec<Arc<Model>>,
    /// Of local servers.
    pub here: Vec<Arc<Model>>,
}

/// What local servers had when they last answered, with the person's changes.
pub(super) fn remembered(registry: &Registry) -> Vec<Arc<Model>> {
    let known = registry.local().known.iter();
    known
        .filter(|model| registry.local_kind(&model.provider).is_some())
        .filter_map(|model| registry.find(&model.provider, &model.id))
        .collect()
}

/// The model of exactly this name; Ollama's `name` is its `name:latest`.
pub(super) fn exact<'a>(pattern: &str, models: &'a [Arc<Model>]) -> Option<&'a Arc<Model>> {
    let (kind, wanted) = wanted(pattern)?;
    let latest = format!("{wanted}{LATEST}");
    let named = |name: &str| {
        let mut of_it = models.iter().filter(|model| is_of(model, kind));
        of_it.find(|model| model.id.to_lowercase() == name)
    };
    named(&wanted).or_else(|| named(&latest))
}

/// The model that alone has this in its name.
pub(super) fn only<'a>(pattern: &str, models: &'a [Arc<Model>]) -> Option<&'a Arc<Model>> {
    match having(pattern, models)[..] {
        [one] => Some(one),
        _ => None,
    }
}

/// All that have this in their names.
pub(super) fn having<'a>(pattern: &str, models: &'a [Arc<Model>]) -> Vec<&'a Arc<Model>> {
    let Some((kind, wanted)) = wanted(pattern) else {
        return Vec::new();
    };
    let of_it = models.iter().filter(|model| is_of(model, kind));
    let has = |model: &&Arc<Model>| {
        model.id.to_lowercase().contains(&wanted) || model.name.to_lowercase().contains(&wanted)
    };
    of_it.filter(has).collect()
}

/// The one of these that a name means outright: by its id or `provider/id`, or as a local server's is meant
/// where nothing else has the name.
pub fn named<'a>(name: &str, models: &'a [Arc<Model>]) -> Option<&'a Arc<Model>> {
    let mut fit = models
        .iter()
        .filter(|model| model.full_id() == name || model.id == name);
    match (fit.next(), fit.next()) {
        (Some(one), None) => return Some(one),
        (Some(_), Some(_)) => return None,
        (None, _) => {}
    }
    let is_local = |model: &&Arc<Model>| Kind::of(&model.provider).is_some();
    let here: Vec<Arc<Model>> = models.iter().filter(is_local).cloned().collect();
    let found = exact(name, &here).or_else(|| {
        let is_elsewhere = having(name, models).iter().any(|model| !is_local(model));
        only(name, &here).filter(|_| !is_elsewhere)
    })?;
    models.iter().find(|model| *model == found)
}

fn is_of(model: &Model, kind: Option<Kind>) -> bool {
    kind.is_none_or(|kind| kind.id() == model.provider)
}

/// What is looked for, and at which kind of server if that is said.
fn wanted(pattern: &str) -> Option<(Option<Kind>, String)> {
    let lower = pattern.trim().to_lowercase();
    let (kind, name) = match (Kind::of_pattern(&lower), lower.split_once('/')) {
        (Some(kind), Some((_, name))) => (Some(kind), name.trim().to_owned()),
        _ => (None, lower),
    };
    (!name.is_empty()).then_some((kind, name))
}
