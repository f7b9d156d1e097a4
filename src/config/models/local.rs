//! The models of local servers among the others: as facts that somebody has found out; nobody is asked here.
//! A provider of `models.json` with models of its own comes before the server of its name; one with an
//! address alone says where that server is.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::{AuthSource, Registry, merge};
use crate::ai::Model;
use crate::ai::local::{Kind, Server, Trouble, astray, longest_answer, presumed, servers_at};
use crate::config::auth::Credential;

/// What is known of local servers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LocalModels {
    /// Of servers that have answered: these are offered.
    pub present: Vec<Arc<Model>>,
    /// Of servers that answered some time: these are found by their names alone.
    pub known: Vec<Arc<Model>>,
    /// Of servers that were asked last and have none: why.
    pub troubles: Vec<(Server, Trouble)>,
}

/// Finds out what is known, without asking anybody.
type Recall = Arc<dyn Fn(&Registry) -> LocalModels + Send + Sync>;

/// What is known, or the way to find it out with the first question.
#[derive(Clone, Default)]
pub(super) struct Memory {
    known: OnceLock<LocalModels>,
    recall: Option<Recall>,
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Memory").field(&self.known.get()).finish()
    }
}

impl Registry {
    /// What is known of local servers.
    pub fn local(&self) -> &LocalModels {
        let recall = || match &self.local.recall {
            Some(recall) => recall(self),
            None => LocalModels::default(),
        };
        self.local.known.get_or_init(recall)
    }

    /// Finds out what is known in this way when a question first needs it. It must not ask this registry for
    /// [`Registry::local`] or for models.
    pub fn recall_local(
        &mut self,
        recall: impl Fn(&Registry) -> LocalModels + Send + Sync + 'static,
    ) {
        self.local = Memory {
            known: OnceLock::new(),
            recall: Some(Arc::new(recall)),
        };
    }

    /// Knows what another registry knows, without looking.
    pub fn share_local(&mut self, other: &Registry) {
        self.local = other.local.clone();
    }

    /// Puts other knowledge in its place.
    pub fn set_local(&mut self, local: LocalModels) {
        self.local = Memory {
            known: OnceLock::from(local),
            recall: None,
        };
    }

    /// Takes a local model for known that was chosen once, as far as its name says it; what is known
    /// already stays.
    pub fn presume_local(&mut self, provider: &str, id: &str) {
        let Some(kind) = self.local_kind(provider) else {
            return;
        };
        if self.find_local(provider, id).is_some() {
            return;
        }
        let servers = self.local_servers(kind);
        let model = servers.first().and_then(|server| presumed(server, id));
        let mut local = self.local().clone();
        local.known.extend(model.map(Arc::new));
        self.set_local(local);
    }

    /// Where a kind of server may be, by the environment and by what `auth.json` and `models.json` have of it.
    pub fn local_servers(&self, kind: Kind) -> Vec<Server> {
        let env = &self.sources.env;
        let written = self.address_of(kind);
        let mut found = servers_at(kind, written, |name| self.variable_of(kind, name));
        let stored = match self.auth.credential(kind.id()) {
            Some(Credential::ApiKey(key)) => key.resolve_quietly(env),
            _ => None,
        };
        let custom = self.custom(kind.id());
        let own = custom.and_then(|custom| custom.api_key.as_ref()?.resolve_quietly(env));
        for server in &mut found {
            let of_environment = server.api_key.take();
            server.api_key = stored.clone().or(of_environment).or_else(|| own.clone());
        }
        found
    }

    /// What the variables say of these kinds, as far as they are looked for, that makes no sense; in words.
    pub fn local_complaints(&self, kinds: &[Kind]) -> Vec<String> {
        let looked_for = self.local_kinds().into_iter();
        let complaint = |kind: Kind| {
            let name = match self.address_of(kind) {
                Some(_) => {
                    let is_nowhere = self.local_servers(kind).is_empty();
                    is_nowhere.then(|| format!("the baseUrl of {} in models.json", kind.id()))?
                }
                None => astray(kind, |name| self.variable_of(kind, name))?.to_owned(),
            };
            Some(format!(
                "{name} is no address of a server, so {} is not looked for; it may be a host, a host:port or an http:// address",
                kind.name()
            ))
        };
        looked_for
            .filter(|kind| kinds.contains(kind))
            .filter_map(complaint)
            .collect()
    }

    /// Where `models.json` says that a kind of server is.
    fn address_of(&self, kind: Kind) -> Option<&str> {
        self.custom(kind.id())?.base_url.as_deref()
    }

    /// Why a kind of server has no models, in words: what came of asking it, or why nobody asks it. `None`
    /// where it has some, or was not asked.
    pub fn local_trouble(&self, kind: Kind) -> Option<String> {
        let of_it = |(server, _): &&(Server, Trouble)| server.kind == kind;
        let troubles: Vec<_> = self.local().troubles.iter().filter(of_it).collect();
        // Of several places the one where somebody is says more.
        let is_somebody = |(_, trouble): &&&(Server, Trouble)| *trouble != Trouble::Nobody;
        let told = troubles.iter().find(is_somebody).or(troubles.first());
        told.map(|(server, trouble)| trouble.tell(server))
            .or_else(|| self.local_complaints(&[kind]).pop())
    }

    /// A variable that is meant for a kind of server, of `auth.json` or of the environment.
    fn variable_of(&self, kind: Kind, name: &str) -> Option<String> {
        let env = &self.sources.env;
        let mut own = self.auth.variables(kind.id());
        let own = own.find(|(known, _)| *known == name);
        let own = own.and_then(|(_, value)| value.resolve_quietly(env));
        own.or_else(|| env.get(name).map(str::to_owned))
    }

    /// The kinds that are looked for: those whose names are not taken.
    pub fn local_kinds(&self) -> Vec<Kind> {
        let all = Kind::ALL.into_iter();
        all.filter(|kind| self.local_kind(kind.id()).is_some())
            .collect()
    }

    /// The kind of local server that a provider is, unless `models.json` says otherwise.
    pub fn local_kind(&self, provider: &str) -> Option<Kind> {
        let kind = Kind::of(provider)?;
        let custom = self.custom(provider);
        let is_taken = custom.is_some_and(|custom| !custom.models.is_empty());
        (!is_taken).then_some(kind)
    }

    /// The providers among local servers that have models.
    pub(super) fn local_providers(&self) -> impl Iterator<Item = &'static str> + '_ {
        let all = Kind::ALL.into_iter();
        all.filter(|kind| {
            let local = self.local();
            let both = local.present.iter().chain(&local.known);
            let mut of_it = both.filter(|model| model.provider == kind.id());
            of_it.next().is_some() && self.local_kind(kind.id()).is_some()
        })
        .map(Kind::id)
    }

    /// The models that a local server offers, with the person's changes.
    pub(super) fn local_models(&self, provider: &str) -> Vec<Arc<Model>> {
        if self.local_kind(provider).is_none() {
            return Vec::new();
        }
        let present = self.local().present.iter();
        let of_it = present.filter(|model| model.provider == provider);
        of_it.map(|model| self.local_changed(model)).collect()
    }

    /// One model of a local server, also of one that has not answered now.
    pub(super) fn find_local(&self, provider: &str, id: &str) -> Option<Arc<Model>> {
        self.local_kind(provider)?;
        let local = self.local();
        let mut both = local.present.iter().chain(&local.known);
        let found = both.find(|model| model.provider == provider && model.id == id)?;
        Some(self.local_changed(found))
    }

    /// A key for a local server, where there is one; most want none.
    pub(super) fn local_source(&self, provider: &str) -> Option<AuthSource> {
        let kind = self.local_kind(provider)?;
        let variable = kind.key_variable();
        if let Some(variable) = variable.filter(|name| self.sources.env.get(name).is_some()) {
            return Some(AuthSource::Environment(variable.to_owned()));
        }
        let custom = self.custom(provider);
        if custom.is_some_and(|custom| custom.api_key.is_some()) {
            return None;
        }
        let mut local = self.local_providers();
        local
            .any(|known| known == provider)
            .then_some(AuthSource::Keyless)
    }

    fn local_changed(&self, model: &Arc<Model>) -> Arc<Model> {
        let Some(custom) = self.custom(&model.provider) else {
            return model.clone();
        };
        // Where it is was taken from there already.
        let mut changed = match custom.base_url {
            None => merge::changed(model, custom),
            Some(_) => {
                let mut custom = custom.clone();
                custom.base_url = None;
                merge::changed(model, &custom)
            }
        };
        let change = custom.overrides.get(&model.id);
        let window = change
            .filter(|change| change.max_tokens.is_none())
            .and_then(|change| change.context_window);
        // How long an answer may be was drawn from the window that the server told.
        if let Some(window) = window {
            Arc::make_mut(&mut changed).max_tokens = longest_answer(window);
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::Sources;
    use super::*;
    use crate::config::{Env, Renewals};

    #[test]
    fn what_is_remembered_is_read_with_the_first_question_about_local_models() {
        let nowhere = PathBuf::from("/nowhere/at/all");
        let (mut registry, _) = Registry::load(Sources {
            auth: nowhere.clone(),
            models: nowhere.clone(),
            newer: nowhere.clone(),
            settings: nowhere,
            renewals: Renewals::default(),
            env: Env::default(),
            clock: crate::ai::Clock::fixed(0),
            speaks: |_| true,
        });
        let reads = Arc::new(AtomicUsize::new(0));
        let counted = reads.clone();
        registry.recall_local(move |registry| {
            counted.fetch_add(1, Ordering::Relaxed);
            let server = registry.local_servers(Kind::Ollama).remove(0);
            LocalModels {
                known: presumed(&server, "m").map(Arc::new).into_iter().collect(),
                ..LocalModels::default()
            }
        });
        let times = || reads.load(Ordering::Relaxed);
        let (registry, _) = registry.reload();
        assert!(registry.find("anthropic", "claude-opus-5-5").is_some());
        assert!(registry.auth_source("anthropic").is_none());
        assert!(!registry.models_of("groq").is_empty());
        assert_eq!(times(), 0);
        assert!(registry.find("ollama", "m").is_some());
        assert!(registry.providers().contains(&"ollama".to_owned()));
        assert_eq!(times(), 1);
    }
}
