//! The model to start with.

use std::sync::Arc;

use super::pattern::{Credentials, known_provider, resolve_with};
use super::saved::{Saved, default_of, saved, usable, usual};
use super::scope::ScopedModel;
use super::vendor::PREFERENCE;
use crate::ai::{Model, ThinkingLevel, catalog};
use crate::config::models::Registry;
use crate::config::settings::Settings;

/// What there is to choose by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choice<'a> {
    /// `--provider`.
    pub provider: Option<&'a str>,
    /// `--model`.
    pub model: Option<&'a str>,
    /// What credentials count for where `model` says no provider.
    pub credentials: Credentials,
    /// `--thinking`.
    pub thinking: Option<ThinkingLevel>,
    /// `--models`, or the `enabledModels` setting, resolved.
    pub scope: &'a [ScopedModel],
    /// Whether a session with messages is taken up.
    pub continuing: bool,
    /// The provider and id of that session's model.
    pub session_model: Option<(&'a str, &'a str)>,
    /// The thinking level of that session.
    pub session_thinking: Option<ThinkingLevel>,
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// The model; `None` when no model can be used (the demo's hour).
    pub model: Option<Arc<Model>>,
    /// The level to think at, clamped to the model.
    pub thinking: ThinkingLevel,
    /// What was saved and cannot be used, and why, where nothing else can be used either.
    pub missed: Option<String>,
    /// What the person should know.
    pub warnings: Vec<String>,
}

/// Chooses: the command line's model, else the scope's (the saved default if it is in it, else its
/// first) for a new session, else the session's own, else the saved default, else the default model of
/// the first provider with a credential, else any model with one. What was saved and cannot be used is
/// passed over with one warning, for another model of its provider if there is one; what the command line
/// names is not. An `Err` is what to tell the person.
pub fn choose(registry: &Registry, settings: &Settings, choice: Choice) -> Result<Chosen, String> {
    let mut warnings = Vec::new();
    let mut thinking = None;
    let mut model = None;
    if let Some(pattern) = choice.model {
        let found = resolve_with(registry, choice.provider, pattern, choice.credentials)?;
        warnings.extend(found.warning);
        thinking = found.thinking;
        model = Some(found.model);
    } else if let Some(provider) = choice.provider {
        let known = known_provider(registry, provider);
        model = Some(default_of(registry, known.as_deref().unwrap_or(provider))?);
    }
    if model.is_none() && !choice.continuing {
        let scoped = from_scope(registry, settings, choice.scope);
        thinking = scoped.and_then(|scoped| scoped.thinking);
        model = scoped.map(|scoped| scoped.model.clone());
    }
    let mut missed = None;
    if model.is_none() {
        let kept = kept(registry, settings, choice.session_model);
        missed = in_vain(&kept.missed);
        thinking = kept.thinking;
        let vendors = || kept.vendors.iter();
        model = kept
            .model
            .or_else(|| vendors().find_map(|vendor| usual(registry, vendor).ok()))
            .or_else(|| first_available(registry));
    }
    if let Some((missed, model)) = missed.as_ref().zip(model.as_ref()) {
        warnings.push(format!("{missed}; {} answers", model.full_id()));
    }
    let wanted = choice
        .thinking
        .or(thinking)
        .or(choice.session_thinking)
        .or_else(|| {
            let own = |model: &Arc<Model>| settings.thinking_level_for(&model.provider, &model.id);
            model.as_ref().map_or(settings.default_thinking_level, own)
        });
    let wanted = wanted.unwrap_or(ThinkingLevel::Medium);
    Ok(Chosen {
        thinking: model
            .as_ref()
            .map_or(wanted, |model| model.clamp_thinking(wanted)),
        missed: missed.filter(|_| model.is_none()),
        model,
        warnings,
    })
}

/// Why a model whose API is not spoken cannot be used.
pub fn not_spoken(model: &Model) -> String {
    format!(
        "{} speaks {}, which this version of pi does not",
        model.full_id(),
        model.api
    )
}

/// What was kept from before: by the session, else in the settings.
#[derive(Default)]
struct Kept {
    model: Option<Arc<Model>>,
    thinking: Option<ThinkingLevel>,
    /// What cannot be used, and why.
    missed: Vec<(String, String)>,
    /// Whose that is.
    vendors: Vec<String>,
}

fn kept(registry: &Registry, settings: &Settings, of_session: Option<(&str, &str)>) -> Kept {
    let mut kept = Kept::default();
    if let Some((provider, id)) = of_session {
        match usable(registry, provider, id) {
            Ok(found) => kept.model = Some(found),
            Err(why) => {
                let what = format!("this session's model {provider}/{id}");
                kept.missed.push((what, why));
                kept.vendors.push(provider.to_owned());
            }
        }
    }
    if kept.model.is_some() {
        return kept;
    }
    match saved(registry, settings) {
        Some(Saved::Usable(found, level)) => {
            kept.model = Some(found);
            kept.thinking = level;
        }
        Some(Saved::Missed {
            name,
            provider,
            why,
        }) => {
            kept.missed.push((format!("the saved default {name}"), why));
            kept.vendors.extend(provider);
        }
        None => {}
    }
    kept
}

/// What was wanted in vain, and why.
fn in_vain(missed: &[(String, String)]) -> Option<String> {
    let ((what, why), others) = missed.split_first()?;
    let mut text = format!("{what} cannot be used ({why})");
    for (what, why) in others {
        text.push_str(&format!(", nor can {what} ({why})"));
    }
    Some(text)
}

fn from_scope<'a>(
    registry: &Registry,
    settings: &Settings,
    scope: &'a [ScopedModel],
) -> Option<&'a ScopedModel> {
    let first = scope.first()?;
    let saved = saved(registry, settings);
    let is_saved = |scoped: &&ScopedModel| {
        let is_it =
            |saved: &Model| saved.provider == scoped.model.provider && saved.id == scoped.model.id;
        matches!(&saved, Some(Saved::Usable(saved, _)) if is_it(saved))
    };
    scope.iter().find(is_saved).or(Some(first))
}

fn first_available(registry: &Registry) -> Option<Arc<Model>> {
    let preferred = PREFERENCE.into_iter().find_map(|provider| {
        registry.auth_source(provider)?;
        let default = &catalog::facts(provider)?.default_model;
        let model = registry.find(provider, default)?;
        registry.speaks(&model).then_some(model)
    });
    preferred.or_else(|| registry.available().into_iter().next())
}
