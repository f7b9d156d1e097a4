//! The model to start with.

use std::sync::Arc;

use super::pattern::resolve;
use super::scope::ScopedModel;
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
    /// What the person should know.
    pub warnings: Vec<String>,
}

/// Providers in the order in which their default models are tried.
const PREFERENCE: [&str; 41] = [
    "amazon-bedrock",
    "ant-ling",
    "anthropic",
    "openai",
    "azure",
    "openai-codex",
    "nvidia",
    "deepseek",
    "google",
    "google-vertex",
    "github-copilot",
    "openrouter",
    "vercel-ai-gateway",
    "xai",
    "groq",
    "cerebras",
    "zai",
    "zai-coding-cn",
    "mistral",
    "minimax",
    "minimax-cn",
    "moonshotai",
    "moonshotai-cn",
    "huggingface",
    "fireworks",
    "together",
    "baseten",
    "opencode",
    "opencode-go",
    "kimi-coding",
    "meta",
    "cloudflare-workers-ai",
    "cloudflare-ai-gateway",
    "qwen-token-plan",
    "qwen-token-plan-cn",
    "qwen-token-plan-individual",
    "qwen-token-plan-individual-cn",
    "xiaomi",
    "xiaomi-token-plan-cn",
    "xiaomi-token-plan-ams",
    "xiaomi-token-plan-sgp",
];

/// Chooses: the command line's model, else the scope's (the saved default if it is in it, else its
/// first) for a new session, else the session's own, else the saved default, else the default model of
/// the first provider with a credential, else any model with one. What was saved for an API that is not
/// spoken is passed over with a warning; what the command line names is not. An `Err` is what to tell
/// the person.
pub fn choose(registry: &Registry, settings: &Settings, choice: Choice) -> Result<Chosen, String> {
    let mut warnings = Vec::new();
    let mut thinking = None;
    let mut model = None;
    if let Some(pattern) = choice.model {
        let found = resolve(registry, choice.provider, pattern)?;
        warnings.extend(found.warning);
        thinking = found.thinking;
        model = Some(found.model);
    } else if let Some(provider) = choice.provider {
        model = Some(default_of(registry, provider)?);
    }
    if model.is_none() && !choice.continuing {
        let scoped = from_scope(registry, settings, choice.scope);
        thinking = scoped.and_then(|scoped| scoped.thinking);
        model = scoped.map(|scoped| scoped.model.clone());
    }
    let mut passed_over = Vec::new();
    if model.is_none()
        && let Some((provider, id)) = choice.session_model
    {
        let found = registry.find(provider, id);
        match found.filter(|_| registry.auth_source(provider).is_some()) {
            Some(mute) if !registry.speaks(&mute) => {
                passed_over.push(format!("this session's model {}", not_spoken(&mute)));
            }
            Some(found) => model = Some(found),
            None => passed_over.push(format!(
                "this session's model {provider}/{id} cannot be used now"
            )),
        }
    }
    if model.is_none() {
        match saved_default(registry, settings) {
            Some(mute) if !registry.speaks(&mute) => {
                passed_over.push(format!("the saved default model {}", not_spoken(&mute)));
            }
            saved => model = saved,
        }
    }
    let model = model.or_else(|| first_available(registry));
    let instead = model.as_ref().map(|model| model.full_id());
    let instead = instead.as_deref().unwrap_or("the demo");
    warnings.extend(
        passed_over
            .into_iter()
            .map(|what| format!("{what}; {instead} answers")),
    );
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

fn from_scope<'a>(
    registry: &Registry,
    settings: &Settings,
    scope: &'a [ScopedModel],
) -> Option<&'a ScopedModel> {
    let first = scope.first()?;
    let saved = saved_default(registry, settings);
    let is_saved = |scoped: &&ScopedModel| {
        saved.as_ref().is_some_and(|saved| {
            saved.provider == scoped.model.provider && saved.id == scoped.model.id
        })
    };
    scope.iter().find(is_saved).or(Some(first))
}

fn saved_default(registry: &Registry, settings: &Settings) -> Option<Arc<Model>> {
    let provider = settings.default_provider.as_deref()?;
    registry.find(provider, settings.default_model.as_deref()?)
}

/// The default model of a provider that was named without a model.
fn default_of(registry: &Registry, provider: &str) -> Result<Arc<Model>, String> {
    let listed = || registry.models_of(provider).into_iter().next();
    let default =
        catalog::facts(provider).and_then(|facts| registry.find(provider, &facts.default_model));
    default
        .or_else(listed)
        .ok_or_else(|| format!("there is no provider \"{provider}\""))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_of_the_catalogue_has_its_place() {
        let mut known: Vec<&str> = catalog::providers().collect();
        let mut preferred = PREFERENCE.to_vec();
        known.sort_unstable();
        preferred.sort_unstable();
        assert_eq!(known, preferred);
    }
}
