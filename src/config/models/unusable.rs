//! What of the person's files cannot be used, where they name something that should answer.

use super::Registry;
use super::custom::CustomProvider;
use crate::ai::catalog;
use crate::config::problem::Problem;

impl Registry {
    /// Why nothing that `models.json` and `auth.json` name can answer, a reason each: files that cannot be read
    /// and entries that are wrong, as `problems` (of [`Registry::load`]) say, and providers without a credential.
    /// Empty where they name nothing, or what they name can be used.
    pub fn unusable(&self, problems: &[Problem]) -> Vec<String> {
        let models = &self.sources.models;
        let auth = &self.sources.auth;
        let is_telling = |problem: &&Problem| {
            let lost = |id: &String| {
                let field = problem.field.strip_prefix("providers.");
                let rest = field.and_then(|field| field.strip_prefix(id.as_str()));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            let of_models = || match &self.lost {
                None => true,
                Some(ids) => ids.iter().any(lost),
            };
            let of_auth = || {
                let name = problem.field.split('.').next().unwrap_or_default();
                self.auth.unreadable().is_some() || self.auth.is_broken(name)
            };
            (problem.file == *models && of_models()) || (problem.file == *auth && of_auth())
        };
        let mut why: Vec<String> = Vec::new();
        let mut add = |reason: String| {
            if !why.contains(&reason) {
                why.push(reason);
            }
        };
        problems
            .iter()
            .filter(is_telling)
            .for_each(|problem| add(problem.to_string()));
        let named = self.custom.iter().map(|custom| custom.id.as_str());
        let locked = named.chain(self.auth.providers()).filter_map(|provider| {
            let why = self.why_locked(provider)?;
            // Nobody has a key for those, and nobody may have looked for them.
            Some(match self.local_kind(provider) {
                Some(kind) => format!(
                    "{} is asked only where it is named (--provider {provider})",
                    kind.name()
                ),
                None if self.has_no_models(provider) => {
                    format!("models.json names no models of {provider}")
                }
                None => why,
            })
        });
        locked.for_each(add);
        why
    }

    /// Whether `models.json` says something of a provider that nobody lists models of.
    fn has_no_models(&self, provider: &str) -> bool {
        let is_empty = |custom: &CustomProvider| custom.models.is_empty();
        !catalog::has_provider(provider) && self.custom(provider).is_some_and(is_empty)
    }
}
