//! All models of this user. Their credentials are in `credentials`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::catalogue::Catalogue;
use super::custom::{self, CustomProvider};
use super::given::Given;
use super::local::Memory;
use super::merge;
use crate::ai::{Clock, Model, catalog};
use crate::config::auth::AuthFile;
use crate::config::paths::{Env, Paths};
use crate::config::problem::Problem;
use crate::config::renewal::Renewals;
use crate::config::value::{CommandCache, ConfigValue};

/// What a registry is made from.
#[derive(Debug, Clone)]
pub struct Sources {
    /// `auth.json`.
    pub auth: PathBuf,
    /// `models.json`.
    pub models: PathBuf,
    /// `models-store.json`: what is newer than the embedded catalogue.
    pub newer: PathBuf,
    /// `settings.json`, which names this installation.
    pub settings: PathBuf,
    /// Renews logins; one for the whole process.
    pub renewals: Renewals,
    /// The environment, for keys and for values that name variables.
    pub env: Env,
    /// Tells whether logins have ended.
    pub clock: Clock,
    /// Whether a wire API can be spoken; models of others are known but not offered.
    pub speaks: fn(&str) -> bool,
}

/// All models of this user, and the credentials for them. Cheap to make: the catalogue is read only as
/// far as a question needs. To take up changed files, make it anew with [`Registry::reload`].
#[derive(Debug, Clone)]
pub struct Registry {
    pub(in crate::config) sources: Sources,
    pub(in crate::config) auth: AuthFile,
    pub(super) custom: Vec<CustomProvider>,
    pub(super) keys: BTreeMap<String, ConfigValue>,
    pub(super) cache: CommandCache,
    pub(super) given: Given,
    pub(super) local: Memory,
    pub(super) catalogue: Arc<Catalogue>,
    /// Providers of `models.json` that are wrong; `None` where all of it is.
    pub(super) lost: Option<Vec<String>>,
}

impl Sources {
    /// The usual files, the system's clock, and every wire API.
    pub fn new(paths: &Paths, env: Env, clock: Clock) -> Self {
        Sources {
            auth: paths.auth(),
            models: paths.models(),
            newer: paths.models_store(),
            settings: paths.settings(),
            renewals: Renewals::default(),
            env,
            clock,
            speaks: |_| true,
        }
    }
}

impl Registry {
    /// Reads the files. What is wrong in them is returned beside what is right.
    pub fn load(sources: Sources) -> (Self, Vec<Problem>) {
        Self::load_over(sources, None)
    }

    /// The same with the files read again; keys of the command line and what commands of `auth.json`
    /// printed are kept. A provider or model of `models.json` that has become wrong stays as it was, and
    /// so does all of it when the file cannot be read any more.
    pub fn reload(&self) -> (Self, Vec<Problem>) {
        let (fresh, problems) = Self::load_over(self.sources.clone(), Some(&self.custom));
        let registry = Registry {
            keys: self.keys.clone(),
            cache: self.cache.clone(),
            given: self.given.clone(),
            local: self.local.clone(),
            ..fresh
        };
        (registry, problems)
    }

    fn load_over(sources: Sources, before: Option<&[CustomProvider]>) -> (Self, Vec<Problem>) {
        let (auth, mut problems) = AuthFile::load(&sources.auth);
        let before = before.unwrap_or_default();
        let read = custom::read_file(&sources.models, sources.speaks, before);
        let mut lost = None;
        let custom = match read {
            Ok(mut reading) => {
                lost = Some(reading.lost.clone());
                problems.append(&mut reading.problems);
                reading.providers
            }
            Err(mut problem) => {
                if !before.is_empty() {
                    problem.message += "; what was read from it before stays in force";
                }
                problems.push(problem);
                before.to_vec()
            }
        };
        // Of a file that cannot be read nobody knows whom it names.
        if let Some(lost) = &lost {
            let is_written = |name: &str| {
                custom.iter().any(|custom| custom.id == name)
                    || lost.iter().any(|lost| lost == name)
            };
            problems.extend(auth.strangers(is_written));
        }
        let registry = Registry {
            catalogue: Arc::new(Catalogue::new(sources.newer.clone())),
            sources,
            auth,
            custom,
            keys: BTreeMap::new(),
            cache: CommandCache::default(),
            given: Given::default(),
            local: Memory::default(),
            lost,
        };
        (registry, problems)
    }

    /// Uses a key (`--api-key`) for a provider, before all others. It is never stored.
    pub fn set_api_key(&mut self, provider: &str, key: &str) {
        let provider = catalog::present_id(provider).to_owned();
        // Literal, whatever it looks like: the shell has had its say.
        self.keys.insert(provider, ConfigValue::new(key));
    }

    /// The credentials file, to store and forget keys.
    pub fn auth_file(&mut self) -> &mut AuthFile {
        &mut self.auth
    }

    /// Whether a file cannot be read, or what it says of this provider is wrong. A warning is neither.
    pub fn is_broken(&self, provider: &str) -> bool {
        let provider = catalog::present_id(provider);
        let lost = |lost: &Vec<String>| lost.iter().any(|lost| lost == provider);
        self.auth.unreadable().is_some()
            || self.auth.is_broken(provider)
            || self.lost.as_ref().is_none_or(lost)
    }

    /// All providers with models: the catalogue's, those that only `models.json` has, local servers.
    pub fn providers(&self) -> Vec<String> {
        let mut providers = self.written_providers();
        providers.extend(self.local_providers().map(str::to_owned));
        providers
    }

    /// The same without local servers.
    pub fn written_providers(&self) -> Vec<String> {
        let mut providers: Vec<String> = catalog::providers().map(str::to_owned).collect();
        let own = self
            .custom
            .iter()
            .filter(|custom| !custom.models.is_empty());
        for custom in own {
            if !providers.contains(&custom.id) {
                providers.push(custom.id.clone());
            }
        }
        providers
    }

    /// All models of a provider: the catalogue's with the user's changes, then the user's own.
    pub fn models_of(&self, provider: &str) -> Vec<Arc<Model>> {
        let provider = catalog::present_id(provider);
        let custom = self.custom(provider);
        let listed = self.catalogue.models(provider);
        let mut models: Vec<Arc<Model>> = match custom {
            Some(custom) => listed
                .iter()
                .map(|model| merge::changed(model, custom))
                .collect(),
            None => listed.to_vec(),
        };
        if let Some(custom) = custom {
            let like = self.catalogue.first(provider);
            for definition in &custom.models {
                let Some(made) = merge::made(definition, custom, like.as_deref()) else {
                    continue;
                };
                match models.iter_mut().find(|model| model.id == made.id) {
                    Some(model) => *model = Arc::new(made),
                    None => models.push(Arc::new(made)),
                }
            }
        }
        models.extend(self.local_models(provider));
        models.into_iter().map(|model| self.placed(model)).collect()
    }

    /// The models of a provider as vendors' catalogues have them, without the person's changes.
    pub fn listed(&self, provider: &str) -> &[Arc<Model>] {
        self.catalogue.models(provider)
    }

    /// All models of all providers; this parses the whole catalogue.
    pub fn all(&self) -> Vec<Arc<Model>> {
        let providers = self.providers();
        providers
            .iter()
            .flat_map(|provider| self.models_of(provider))
            .collect()
    }

    /// The models that could be used now: with a credential (no command is run to find out) and with a
    /// wire API that can be spoken.
    pub fn available(&self) -> Vec<Arc<Model>> {
        let providers = self.providers().into_iter();
        let usable = providers.filter(|provider| self.auth_source(provider).is_some());
        let models = usable.flat_map(|provider| self.allowed_models_of(&provider));
        models
            .filter(|model| (self.sources.speaks)(&model.api))
            .collect()
    }

    /// Whether the wire API of a model can be spoken.
    pub fn speaks(&self, model: &Model) -> bool {
        (self.sources.speaks)(&model.api)
    }

    /// One model. A model of the user's own is found without a look at the catalogue.
    pub fn find(&self, provider: &str, id: &str) -> Option<Arc<Model>> {
        let provider = catalog::present_id(provider);
        let custom = self.custom(provider);
        let own = custom.and_then(|custom| {
            let definition = custom.models.iter().rev().find(|model| model.id == id)?;
            let made = |like: Option<&Model>| merge::made(definition, custom, like);
            made(None)
                .or_else(|| made(self.catalogue.first(provider).as_deref()))
                .map(Arc::new)
        });
        let listed = || {
            let model = self.catalogue.find(provider, id)?;
            Some(match custom {
                Some(custom) => merge::changed(&model, custom),
                None => model,
            })
        };
        let local = || self.find_local(provider, id);
        let found = own.or_else(listed).or_else(local);
        found.map(|model| self.placed(model))
    }

    pub(super) fn custom(&self, provider: &str) -> Option<&CustomProvider> {
        let provider = catalog::present_id(provider);
        self.custom
            .iter()
            .rev()
            .find(|custom| custom.id == provider)
    }

    /// The model with the placeholders of its base URL filled from the environment.
    fn placed(&self, model: Arc<Model>) -> Arc<Model> {
        if !model.base_url.contains('{') {
            return model;
        }
        let variables = self.variables_for(&model.provider);
        let lookup = |name: &str| variables.get(name).cloned();
        let mut model = Arc::unwrap_or_clone(model);
        model.base_url = catalog::fill_placeholders(&model.base_url, lookup);
        Arc::new(model)
    }
}
