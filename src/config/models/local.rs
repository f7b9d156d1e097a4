//! The models of local servers among the others: as facts that somebody has found out; nobody is asked here.
//! A provider of `models.json` with models or an address of its own comes before the server of its name.

use std::sync::Arc;

use super::{AuthSource, Registry, merge};
use crate::ai::Model;
use crate::ai::local::{Kind, Server, longest_answer, presumed, servers};
use crate::config::auth::Credential;

/// What is known of local servers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LocalModels {
    /// Of servers that have answered: these are offered.
    pub present: Vec<Arc<Model>>,
    /// Of servers that answered some time: these are found by their names alone.
    pub known: Vec<Arc<Model>>,
}

impl Registry {
    /// What is known of local servers.
    pub fn local(&self) -> &LocalModels {
        &self.local
    }

    /// Puts other knowledge in its place.
    pub fn set_local(&mut self, local: LocalModels) {
        self.local = local;
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
        self.local.known.extend(model.map(Arc::new));
    }

    /// Where a kind of server may be, by the environment and by what `auth.json` has of it.
    pub fn local_servers(&self, kind: Kind) -> Vec<Server> {
        let env = &self.sources.env;
        let own: Vec<_> = self.auth.variables(kind.id()).collect();
        let mut found = servers(kind, |name| {
            let own = own.iter().find(|(known, _)| known == name);
            let own = own.and_then(|(_, value)| value.resolve_quietly(env));
            own.or_else(|| env.get(name).map(str::to_owned))
        });
        if let Some(Credential::ApiKey(key)) = self.auth.credential(kind.id())
            && let Some(key) = key.resolve_quietly(env)
        {
            for server in &mut found {
                server.api_key = Some(key.clone());
            }
        }
        found
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
        let is_taken = self
            .custom(provider)
            .is_some_and(|custom| !custom.models.is_empty() || custom.base_url.is_some());
        (!is_taken).then_some(kind)
    }

    /// The providers among local servers that have models.
    pub(super) fn local_providers(&self) -> impl Iterator<Item = &'static str> + '_ {
        let all = Kind::ALL.into_iter();
        all.filter(|kind| {
            let both = self.local.present.iter().chain(&self.local.known);
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
        let present = self.local.present.iter();
        let of_it = present.filter(|model| model.provider == provider);
        of_it.map(|model| self.local_changed(model)).collect()
    }

    /// One model of a local server, also of one that has not answered now.
    pub(super) fn find_local(&self, provider: &str, id: &str) -> Option<Arc<Model>> {
        self.local_kind(provider)?;
        let mut both = self.local.present.iter().chain(&self.local.known);
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
        let mut changed = merge::changed(model, custom);
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
