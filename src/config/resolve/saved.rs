//! What was saved, in the settings or in a session, and why it cannot be used where it cannot.

use std::sync::Arc;

use super::here::{exact, only, remembered};
use super::pattern::{names_nothing, resolve};
use super::vendor;
use crate::ai::local::Kind;
use crate::ai::{Model, ThinkingLevel, catalog, demo};
use crate::config::models::Registry;
use crate::config::settings::Settings;

/// The saved default.
pub(super) enum Saved {
    /// It can be used, at the level that it says if it says one.
    Usable(Arc<Model>, Option<ThinkingLevel>),
    /// It cannot.
    Missed {
        /// How the settings name it.
        name: String,
        /// The provider that it is of, where that is said.
        provider: Option<String>,
        /// Why not.
        why: String,
    },
}

/// The default of the settings: `defaultProvider` and `defaultModel`; the usual model of the first where it
/// stands alone; what the second means where that stands alone. `None` when nothing is said, or the demo.
pub(super) fn saved(registry: &Registry, settings: &Settings) -> Option<Saved> {
    let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let provider = said(&settings.default_provider);
    let id = said(&settings.default_model);
    if provider.as_deref() == Some(demo::PROVIDER) {
        return None;
    }
    let found = match (&provider, &id) {
        (None, None) => return None,
        (Some(provider), Some(id)) => usable(registry, provider, id).map(|model| (model, None)),
        (Some(provider), None) => usual(registry, provider).map(|model| (model, None)),
        (None, Some(pattern)) if names_nothing(pattern) => return None,
        (None, Some(pattern)) => meant(registry, pattern),
    };
    Some(match found {
        Ok((model, level)) => Saved::Usable(model, level),
        Err(mut why) => {
            let of = provider.as_deref().and_then(Kind::of);
            if of.is_some() && !settings.local_servers.enabled {
                why = "localServers.enabled leaves local servers alone".into();
            }
            let parts: Vec<String> = provider.iter().chain(&id).cloned().collect();
            Saved::Missed {
                name: parts.join("/"),
                provider,
                why,
            }
        }
    })
}

/// Whether local servers have to be asked before it is known what the saved default means.
pub fn is_default_unmet(registry: &Registry, settings: &Settings) -> bool {
    is_default_open(settings) && matches!(saved(registry, settings), Some(Saved::Missed { .. }))
}

/// Whether the saved default leaves open which model of which local server it is.
pub fn is_default_open(settings: &Settings) -> bool {
    let said = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    match &settings.default_provider {
        Some(provider) if said(&settings.default_provider) => {
            Kind::of(provider).is_some() && !said(&settings.default_model)
        }
        _ => settings.default_model.is_some(),
    }
}

/// The model of this name if it can be used, else in words why not.
pub fn usable(registry: &Registry, provider: &str, id: &str) -> Result<Arc<Model>, String> {
    let found = registry.find(provider, id);
    let Some(model) = found else {
        let is_known = registry.providers().contains(&provider.to_owned());
        return Err(match is_known || catalog::has_provider(provider) {
            true => format!("{provider} has no model \"{id}\""),
            false => nobody(registry, provider),
        });
    };
    can_answer(registry, &model)?;
    Ok(model)
}

/// The model that a provider usually begins with.
pub(super) fn usual(registry: &Registry, provider: &str) -> Result<Arc<Model>, String> {
    let model = default_of(registry, provider)?;
    can_answer(registry, &model)?;
    Ok(model)
}

/// The default model of a provider that was named without a model.
pub(super) fn default_of(registry: &Registry, provider: &str) -> Result<Arc<Model>, String> {
    let known = || catalog::facts(provider);
    let default = known().and_then(|facts| registry.find(provider, &facts.default_model));
    let listed = || registry.models_of(provider).into_iter().next();
    let here = || {
        let mut before = remembered(registry).into_iter();
        before.find(|model| model.provider == provider)
    };
    default
        .or_else(listed)
        .or_else(here)
        .ok_or_else(|| nobody(registry, provider))
}

/// That a provider has no models: what is wrong with a server of that name, or what else may be meant.
pub(super) fn nobody(registry: &Registry, provider: &str) -> String {
    if let Some(kind) = registry.local_kind(&provider.trim().to_lowercase()) {
        let why = registry.local_trouble(kind);
        return why.unwrap_or_else(|| format!("{} has not said what it has", kind.name()));
    }
    let known = registry.providers();
    let known = known.iter().map(String::as_str);
    let all = known.chain(Kind::ALL.map(Kind::id));
    let meant = vendor::meant(provider, all).map(|meant| format!(": did you mean {meant}?"));
    let meant = meant.unwrap_or_default();
    format!("there is no provider \"{provider}\"{meant}")
}

/// Whether a model has a credential and an API that is spoken; else in words what is missing.
pub(super) fn can_answer(registry: &Registry, model: &Model) -> Result<(), String> {
    if !registry.speaks(model) {
        let api = &model.api;
        return Err(format!(
            "it speaks {api}, which this version of pi does not"
        ));
    }
    match registry.why_locked(&model.provider) {
        Some(why) => Err(why),
        None => Ok(()),
    }
}

/// What a name without a provider means, also by what local servers once had.
fn meant(
    registry: &Registry,
    pattern: &str,
) -> Result<(Arc<Model>, Option<ThinkingLevel>), String> {
    let found = resolve(registry, None, pattern);
    let why = match found {
        Ok(found) => match can_answer(registry, &found.model) {
            Ok(()) => return Ok((found.model, found.thinking)),
            Err(why) => why,
        },
        Err(why) => why,
    };
    let before = remembered(registry);
    let here = |name: &str| {
        exact(name, &before)
            .or_else(|| only(name, &before))
            .cloned()
    };
    let level = pattern.rsplit_once(':');
    let level = level.and_then(|(front, level)| Some((front, ThinkingLevel::parse(level)?)));
    let with_level = || level.and_then(|(front, level)| Some((here(front)?, Some(level))));
    here(pattern)
        .map(|model| (model, None))
        .or_else(with_level)
        .ok_or(why)
}
