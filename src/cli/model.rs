//! Which model answers, and how hard it thinks.

use std::sync::Arc;

use super::args::Mode;
use super::world::World;
use super::{Args, CliError, is_interactive, local};
use crate::ai::{Model, ThinkingLevel, demo, providers};
use crate::config::Registry;
use crate::config::problem::Problem;
use crate::config::resolve::{self, Choice, Credentials, Refusal, ScopedModel};
use crate::store::Store;

/// Who answers, what cycling goes round, and what the person should know of it.
pub(super) struct ModelChoice {
    pub model: Arc<Model>,
    pub thinking: ThinkingLevel,
    pub scope: Vec<ScopedModel>,
    pub warnings: Vec<String>,
}

/// Chooses by the flags, the session and the settings; the demo when there is nothing to choose from.
pub(super) fn choose(
    args: &Args,
    world: &World,
    registry: &mut Registry,
    problems: &[Problem],
    store: &Store,
) -> Result<ModelChoice, CliError> {
    let mut warnings = Vec::new();
    let thinking = wanted_level(args, &mut warnings);
    let key = args.api_key.as_ref();
    if key.is_some_and(|key| key.trim().is_empty()) {
        return Err(CliError::usage("--api-key is empty")
            .hint("give it a key, or leave it out: then the provider's stored key or its environment variable counts"));
    }
    let is_demo = |name: &str| matches!(name, "demo" | "demo/demo");
    if args.provider.as_deref() == Some(demo::PROVIDER)
        || args.model.as_deref().is_some_and(is_demo)
    {
        return Ok(demo_choice(demo::model(), thinking, warnings));
    }
    // A key for a provider that is named outright makes that provider's models available.
    if let (Some(key), Some(provider)) = (&args.api_key, &args.provider) {
        registry.set_api_key(provider, key);
    }
    let mut named = args.models.iter();
    if !args.models.is_empty() && named.all(|pattern| resolve::names_nothing(pattern)) {
        let give = resolve::GIVE;
        return Err(CliError::usage(format!("--models is empty: {give}")));
    }
    let patterns = if args.models.is_empty() {
        world.settings.enabled_models.clone().unwrap_or_default()
    } else {
        args.models.clone()
    };
    let (scope, scope_warnings) = resolve::scope(registry, &patterns);
    let servers = local::known(world);
    let continuing = store.totals().counts.messages > 0;
    let is_named = args.model.is_some() || args.provider.is_some();
    let mut unusable = None;
    if !args.models.is_empty() && scope.is_empty() && !is_named {
        if !is_interactive(args) {
            let why = resolve::none_usable(registry, &patterns, servers);
            let error = CliError::usage(format!("--models: {why}"));
            return Err(match why.contains("--list-models") {
                true => error,
                false => error.hint("--list-models shows those that can be used"),
            });
        }
        // As with --model, it can be connected while pi runs.
        let is_known = |pattern: &&String| resolve::resolve(registry, None, pattern).is_ok();
        unusable = patterns.iter().filter(|_| !continuing).find(is_known);
    }
    if unusable.is_none() {
        warnings.extend(scope_warnings);
    }
    let named = args.model.as_ref().or(unusable).map(String::as_str);
    let session_model = store.model().filter(|_| continuing);
    let was_demo = session_model
        .as_ref()
        .is_some_and(|model| model.provider == demo::PROVIDER);
    let session_model = session_model.filter(|_| !was_demo);
    // Where a local server answered last, its model is believed to be there still.
    if world.settings.local_servers.enabled {
        let settings = &world.settings;
        let saved = settings
            .default_provider
            .as_deref()
            .zip(settings.default_model.as_deref());
        let of_session = session_model.as_ref();
        let of_session = of_session.map(|model| (model.provider.as_str(), model.id.as_str()));
        for (provider, id) in saved.into_iter().chain(of_session) {
            registry.presume_local(provider, id);
        }
    }
    let choice = Choice {
        provider: args.provider.as_deref(),
        model: named,
        credentials: match args.api_key {
            Some(_) => Credentials::Coming,
            None => Credentials::Count,
        },
        thinking,
        scope: &scope,
        continuing,
        session_model: session_model
            .as_ref()
            .map(|model| (model.provider.as_str(), model.id.as_str())),
        session_thinking: store
            .thinking()
            .filter(|_| continuing)
            .and_then(|level| ThinkingLevel::parse(&level)),
    };
    let chosen = resolve::choose(registry, &world.settings, choice).map_err(|why| {
        let pattern = named.filter(|_| args.provider.is_none());
        match pattern {
            Some(pattern) => refused(resolve::unknown(registry, pattern, why, servers)),
            None => CliError::usage(why),
        }
    })?;
    warnings.extend(chosen.warnings);
    let Some(model) = chosen.model else {
        match chosen.missed {
            // Nobody is there to see that the demo answers in place of what was wanted.
            Some(missed) if !is_interactive(args) => {
                let pattern = world.settings.default_model.as_deref().unwrap_or_default();
                let tried = resolve::tried(registry, pattern, servers);
                let hint = tried
                    .filter(|_| world.asked_all)
                    .map(|tried| format!("{tried}; {NOBODY}"));
                return Err(CliError::usage(missed).hint(hint.unwrap_or_else(|| NOBODY.into())));
            }
            missed => warnings.extend(missed.map(|missed| format!("{missed}; the demo answers"))),
        }
        let settings = &world.settings;
        let is_wanted = match settings.default_provider.as_deref() {
            Some(provider) => provider == demo::PROVIDER,
            None => settings.default_model.as_deref().is_some_and(is_demo),
        };
        if is_interactive(args) || is_wanted {
            return Ok(demo_choice(demo::model(), thinking, warnings));
        }
        let why = registry.unusable(problems);
        if !why.is_empty() {
            let why = format!("no model can be used: {}", why.join("; "));
            return Err(CliError::usage(why).hint(NOBODY));
        }
        warnings.push(STANDS_IN.into());
        return Ok(demo_choice(demo::stand_in(), thinking, warnings));
    };
    // Only a flag can have named such a model: what was saved gives way to what can answer.
    if !providers::is_spoken(&model.api) {
        let spoken: Vec<&str> = providers::spoken().collect();
        return Err(CliError::usage(resolve::not_spoken(&model)).hint(format!(
            "this version speaks {}; --list-models shows what can be used",
            spoken.join(" and ")
        )));
    }
    if let Some(key) = &args.api_key {
        if args.model.is_none() && args.provider.is_none() && args.models.is_empty() {
            return Err(CliError::usage("--api-key needs a model that it is for")
                .hint("name it with --model, --provider or --models"));
        }
        registry.set_api_key(&model.provider, key);
    }
    let bare = named.filter(|_| args.provider.is_none());
    if let Some(refusal) = resolve::refusal(registry, &model, bare, servers) {
        // Where a provider can be connected while pi runs, that is the way on.
        match is_interactive(args) || args.mode == Some(Mode::Rpc) {
            true => warnings.push(refusal.to_string()),
            false => return Err(refused(refusal)),
        }
    }
    Ok(ModelChoice {
        thinking: chosen.thinking,
        model,
        scope,
        warnings,
    })
}

/// What to do where nothing can be used.
const NOBODY: &str = "nothing else can answer: connect a provider with pi auth login or a key in the environment, or start a \
                      local server";

fn refused(refusal: Refusal) -> CliError {
    let error = CliError::usage(refusal.why);
    match refusal.hint.is_empty() {
        true => error,
        false => error.hint(refusal.hint),
    }
}

/// Where nothing is connected and nobody would see who answers.
const STANDS_IN: &str = "no model is connected: the demo answers, and only lists and reads files; connect a model with \
                         pi auth login or a key in the environment (ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY, \
                         OPENROUTER_API_KEY and others), or start a local server";

fn demo_choice(
    model: Model,
    thinking: Option<ThinkingLevel>,
    warnings: Vec<String>,
) -> ModelChoice {
    ModelChoice {
        thinking: model.clamp_thinking(thinking.unwrap_or_default()),
        model: Arc::new(model),
        scope: Vec::new(),
        warnings,
    }
}

fn wanted_level(args: &Args, warnings: &mut Vec<String>) -> Option<ThinkingLevel> {
    let name = args.thinking.as_deref()?;
    let level = ThinkingLevel::parse(name);
    if level.is_none() {
        let names = ThinkingLevel::ALL.map(ThinkingLevel::as_str).join(", ");
        warnings.push(format!(
            "{name:?} is no thinking level and is ignored; there are {names}"
        ));
    }
    level
}
