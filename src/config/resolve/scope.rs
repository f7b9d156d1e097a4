//! The models to step through: `--models` and the `enabledModels` setting, a list of patterns.

use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};

use super::here::{Parted, parted};
use super::pattern::{Suffix, parse};
use super::refusal::{Servers, resolve_usable};
use crate::ai::{Model, ThinkingLevel};
use crate::config::models::Registry;

/// A model of the scope.
#[derive(Debug, Clone, PartialEq)]
pub struct ScopedModel {
    /// The model.
    pub model: Arc<Model>,
    /// The level to think at with it; `None` leaves the level as it is.
    pub thinking: Option<ThinkingLevel>,
}

/// The usable models that the patterns mean, in their order and each once, and what the person should
/// know. A pattern with `*`, `?` or `[` matches ids and `provider/id` as a path would be matched (`*`
/// does not cross a slash); any other means one model, and an empty one none.
pub fn scope(registry: &Registry, patterns: &[String]) -> (Vec<ScopedModel>, Vec<String>) {
    // Looking at what is usable parses the catalogue of every connected provider.
    let is_blank = |pattern: &String| pattern.trim().is_empty();
    if patterns.iter().all(is_blank) {
        return (Vec::new(), Vec::new());
    }
    let available = registry.available();
    let usable = parted(registry, available.clone());
    let mut scoped: Vec<ScopedModel> = Vec::new();
    let mut warnings = Vec::new();
    for pattern in patterns.iter().filter(|pattern| !is_blank(pattern)) {
        let found = if is_glob(pattern) {
            by_glob(pattern, &available)
        } else {
            let found = parse(pattern, &usable.written, &usable.here, Suffix::Lenient);
            warnings.extend(found.as_ref().and_then(|found| found.warning.clone()));
            let found = found.map(|found| ScopedModel {
                model: found.model,
                thinking: found.thinking,
            });
            found.into_iter().collect()
        };
        if found.is_empty() {
            warnings.push(format!("no usable model matches \"{pattern}\""));
        }
        for one in found {
            let same = |known: &ScopedModel| {
                known.model.provider == one.model.provider && known.model.id == one.model.id
            };
            if !scoped.iter().any(same) {
                scoped.push(one);
            }
        }
    }
    (scoped, warnings)
}

/// In words why none of the patterns means a model that can be used.
pub fn none_usable(registry: &Registry, patterns: &[String], servers: Servers) -> String {
    let named = patterns.iter().filter(|it| !it.trim().is_empty());
    let why = named.map(|pattern| {
        let nothing = || format!("no usable model matches \"{pattern}\"");
        match is_glob(pattern) {
            true => nothing(),
            false => match resolve_usable(registry, pattern, servers) {
                Err(refusal) => format!("{pattern}: {}", refusal.why),
                Ok(_) => nothing(),
            },
        }
    });
    why.collect::<Vec<_>>().join("; ")
}

/// Whether a pattern as for [`scope`] means a model that can be used, so that nobody else has to be asked.
pub fn is_met(registry: &Registry, pattern: &str) -> bool {
    let available = registry.available();
    if is_glob(pattern) {
        return !by_glob(pattern, &available).is_empty();
    }
    let Parted { written, here } = parted(registry, available);
    pattern.trim().is_empty() || parse(pattern, &written, &here, Suffix::Strict).is_some()
}

pub(super) fn is_glob(pattern: &str) -> bool {
    pattern.contains(['*', '?', '['])
}

pub(super) fn by_glob(pattern: &str, models: &[Arc<Model>]) -> Vec<ScopedModel> {
    let suffixed = pattern.rsplit_once(':');
    let suffixed = suffixed.and_then(|(glob, level)| Some((glob, ThinkingLevel::parse(level)?)));
    let (glob, thinking) = match suffixed {
        Some((glob, level)) => (glob, Some(level)),
        None => (pattern, None),
    };
    let (glob, negated) = match glob.strip_prefix('!') {
        Some(rest) => (rest, true),
        None => (glob, false),
    };
    let Some(matcher) = matcher(glob) else {
        return Vec::new();
    };
    // A negated pattern holds when either form fails to match, as in the reference.
    let holds = |text: &str| matcher.is_match(text) != negated;
    let matching = models
        .iter()
        .filter(|model| holds(&model.full_id()) || holds(&model.id));
    matching
        .map(|model| ScopedModel {
            model: model.clone(),
            thinking,
        })
        .collect()
}

fn matcher(glob: &str) -> Option<GlobMatcher> {
    let mut builder = GlobBuilder::new(glob);
    builder.literal_separator(true).case_insensitive(true);
    Some(builder.build().ok()?.compile_matcher())
}
