//! All models of this user, and the credentials for them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use super::ambient;
use super::catalogue::Catalogue;
use super::custom::{self, CustomProvider};
use super::local::Memory;
use super::merge;
use crate::ai::http::HttpClient;
use crate::ai::{Auth, Clock, Model, catalog, oauth};
use crate::config::auth::{AuthFile, Credential};
use crate::config::jsonc::Document;
use crate::config::login;
use crate::config::paths::{Env, Paths};
use crate::config::problem::Problem;
use crate::config::renewal::Renewals;
use crate::config::value::{CommandCache, ConfigValue, ValueError};

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
    pub(super) local: Memory,
    pub(super) catalogue: Arc<Catalogue>,
}

/// Where a provider's credential comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthSource {
    /// `--api-key`.
    Flag,
    /// `auth.json`.
    File,
    /// This environment variable.
    Environment(String),
    /// `models.json`.
    Models,
    /// Nowhere: the provider of `models.json` takes requests without a key.
    Keyless,
    /// What the vendor's own tools have left on this machine, in words.
    Ambient(&'static str),
}

/// Why there is no credential for a request. No message holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AuthError {
    /// There is no key.
    #[error("no API key for {provider}: {}", how_to(.provider, .variables))]
    Missing {
        /// The provider.
        provider: String,
        /// The environment variables that could hold one.
        variables: Vec<String>,
    },
    /// There is no key, and what would do in its place is not complete.
    #[error("no credentials for {provider}: {what}")]
    Ambient {
        /// The provider.
        provider: String,
        /// What is missing.
        what: String,
    },
    /// The login has ended, and pi cannot renew logins of this provider.
    #[error("the login to {0} has ended: log in again, or set an API key")]
    Expired(String),
    /// The login has ended, and could not be renewed. It is kept.
    #[error("the login to {provider} could not be renewed: {why}; {}", what_now(.provider, *.is_final))]
    Renewal {
        /// The provider.
        provider: String,
        /// Why.
        why: String,
        /// Whether only a new login helps.
        is_final: bool,
    },
    /// A value could not be resolved.
    #[error("{what}: {reason}")]
    Value {
        /// Which.
        what: String,
        /// Why.
        reason: ValueError,
    },
    /// The base URL waits for these variables.
    #[error("{provider} needs the environment variable {}", .variables.join(" and "))]
    Unplaced {
        /// The provider.
        provider: String,
        /// The variables.
        variables: Vec<String>,
    },
}

fn what_now(provider: &str, is_final: bool) -> String {
    let login = format!("log in again with /login {provider} or pi auth login {provider}");
    match is_final {
        true => login,
        false => format!("try again, and if that does not help, {login}"),
    }
}

fn how_to(provider: &str, variables: &[String]) -> String {
    // Where there are several, the plain key is the one that most people have.
    let plain = variables
        .iter()
        .find(|variable| variable.ends_with("_API_KEY"));
    match plain.or(variables.first()) {
        Some(variable) => {
            format!("set {variable}, or put a key into auth.json (/login in the terminal does it)")
        }
        None => format!(
            "put a key for {provider} into auth.json (/login in the terminal does it), or give it one in models.json"
        ),
    }
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
            local: self.local.clone(),
            ..fresh
        };
        (registry, problems)
    }

    fn load_over(sources: Sources, before: Option<&[CustomProvider]>) -> (Self, Vec<Problem>) {
        let (auth, mut problems) = AuthFile::load(&sources.auth);
        let document = Document::read(&sources.models);
        let read = document.and_then(|document| custom::read(&document));
        let custom = match read {
            Ok(mut reading) => {
                problems.append(&mut reading.problems);
                reading.keep_from(before.unwrap_or_default());
                reading.providers
            }
            Err(mut problem) => {
                if before.is_some_and(|before| !before.is_empty()) {
                    problem.message += "; what was read from it before stays in force";
                }
                problems.push(problem);
                before.unwrap_or_default().to_vec()
            }
        };
        let registry = Registry {
            catalogue: Arc::new(Catalogue::new(sources.newer.clone())),
            sources,
            auth,
            custom,
            keys: BTreeMap::new(),
            cache: CommandCache::default(),
            local: Memory::default(),
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

    /// All providers with models: the catalogue's, then those that only `models.json` has.
    pub fn providers(&self) -> Vec<String> {
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
        providers.extend(self.local_providers().map(str::to_owned));
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

    /// Where the credential of a provider would come from; `None` when there is none.
    pub fn auth_source(&self, provider: &str) -> Option<AuthSource> {
        let provider = catalog::present_id(provider);
        let env = &self.sources.env;
        if self.keys.contains_key(provider) {
            return Some(AuthSource::Flag);
        }
        match self.auth.credential(provider) {
            Some(Credential::ApiKey(key)) if key.is_configured(env) => {
                return Some(AuthSource::File);
            }
            // One that has ended is renewed when it is used.
            Some(Credential::Login(tokens))
                if oauth::account(provider).is_some()
                    || !tokens.end_within(0, self.sources.clock.now()) =>
            {
                return Some(AuthSource::File);
            }
            _ => {}
        }
        if let Some(variable) = self.variable(provider) {
            return Some(AuthSource::Environment(variable));
        }
        if let Some(source) = self.local_source(provider) {
            return Some(source);
        }
        let of_models = self
            .custom(provider)
            .and_then(|custom| match &custom.api_key {
                Some(key) => key.is_configured(env).then_some(AuthSource::Models),
                None => self.is_keyless(custom).then_some(AuthSource::Keyless),
            });
        of_models.or_else(|| self.ambient_source(provider))
    }

    /// Key and headers for one request. Commands of `models.json` run anew each time, those of
    /// `auth.json` once in a process; none runs longer than ten seconds. A login that is about to end is
    /// renewed, and whoever stops waiting for that does not stop it.
    pub async fn auth_for(&self, model: &Model, http: &HttpClient) -> Result<Auth, AuthError> {
        let waiting = catalog::missing_variables(&model.base_url);
        if !waiting.is_empty() {
            return Err(AuthError::Unplaced {
                provider: model.provider.clone(),
                variables: waiting.into_iter().map(str::to_owned).collect(),
            });
        }
        let custom = self.custom(&model.provider);
        let (api_key, base_url) = match self.login_of(&model.provider) {
            Some(_) => {
                let tokens = self.fresh_tokens(&model.provider, 0, http).await?;
                let base_url = login::base_url(&model.provider, &tokens);
                (Some(tokens.access), base_url)
            }
            None => (self.key_for(model, custom).await?, None),
        };
        let mut auth = Auth {
            api_key,
            base_url,
            headers: model.headers.clone(),
            variables: self.variables_for(&model.provider),
        };
        // Anthropic's bearer token is no API key.
        if self.auth_source(&model.provider) == Some(AuthSource::Environment(BEARER.to_owned()))
            && let Some(token) = auth.api_key.take()
        {
            auth.headers
                .insert("Authorization".into(), format!("Bearer {token}"));
        }
        let Some(custom) = custom else {
            return Ok(auth);
        };
        let own = custom
            .models
            .iter()
            .rev()
            .find(|definition| definition.id == model.id);
        let own = own.or_else(|| custom.overrides.get(&model.id));
        let of_model = own.map(|definition| &definition.headers);
        for (name, value) in custom.headers.iter().chain(of_model.into_iter().flatten()) {
            let value = value.resolve(&self.sources.env).await;
            let what = || format!("the header {name} of {}", model.full_id());
            let value = value.map_err(|reason| AuthError::Value {
                what: what(),
                reason,
            })?;
            // HTTP does not tell `X-Key` from `x-key`: the later one replaces the earlier.
            auth.headers
                .retain(|known, _| !known.eq_ignore_ascii_case(name));
            auth.headers.insert(name.clone(), value);
        }
        if custom.auth_header {
            let Some(key) = &auth.api_key else {
                return Err(self.missing(&model.provider));
            };
            let bearer = format!("Bearer {key}");
            auth.headers
                .retain(|known, _| !known.eq_ignore_ascii_case("authorization"));
            auth.headers.insert("Authorization".into(), bearer);
        }
        Ok(auth)
    }

    async fn key_for(
        &self,
        model: &Model,
        custom: Option<&CustomProvider>,
    ) -> Result<Option<String>, AuthError> {
        let provider = catalog::present_id(&model.provider);
        let env = &self.sources.env;
        let failed = |reason| AuthError::Value {
            what: format!("the API key of {provider}"),
            reason,
        };
        match self.auth_source(provider) {
            Some(AuthSource::Flag) => {
                let key = self.keys.get(provider);
                Ok(key.map(|key| key.as_written().to_owned()))
            }
            Some(AuthSource::File) => match self.auth.credential(provider) {
                Some(Credential::ApiKey(key)) => key
                    .resolve_once(env, &self.cache)
                    .await
                    .map(Some)
                    .map_err(failed),
                Some(Credential::Login(tokens)) => Ok(Some(tokens.access)),
                None => Err(self.missing(provider)),
            },
            Some(AuthSource::Environment(variable)) => Ok(env.get(&variable).map(str::to_owned)),
            Some(AuthSource::Models) => match custom.and_then(|custom| custom.api_key.as_ref()) {
                Some(key) => key.resolve(env).await.map(Some).map_err(failed),
                None => Err(self.missing(provider)),
            },
            Some(AuthSource::Keyless | AuthSource::Ambient(_)) => Ok(None),
            None => Err(self.why_missing(provider, custom)),
        }
    }

    /// What to say when there is no source: a value that is there but empty-handed is worth naming.
    fn why_missing(&self, provider: &str, custom: Option<&CustomProvider>) -> AuthError {
        let stored = match self.auth.credential(provider) {
            Some(Credential::Login(_)) => return AuthError::Expired(provider.to_owned()),
            Some(Credential::ApiKey(key)) => Some(key),
            None => custom.and_then(|custom| custom.api_key.clone()),
        };
        match stored.and_then(|key| key.unset_variable(&self.sources.env)) {
            Some(variable) => AuthError::Value {
                what: format!("the API key of {provider}"),
                reason: ValueError::Unset(variable),
            },
            None => self.missing(provider),
        }
    }

    pub(in crate::config) fn missing(&self, provider: &str) -> AuthError {
        if let Some(missing) = self.ambient_missing(provider) {
            return missing;
        }
        let variables = catalog::facts(provider).map(|facts| facts.env.clone());
        AuthError::Missing {
            provider: provider.to_owned(),
            variables: variables.unwrap_or_default(),
        }
    }

    fn variable(&self, provider: &str) -> Option<String> {
        let env = &self.sources.env;
        let is_set = |variable: &&String| env.get(variable).is_some() && ambient::is_key(variable);
        catalog::facts(provider)?.env.iter().find(is_set).cloned()
    }

    fn is_keyless(&self, custom: &CustomProvider) -> bool {
        !custom.models.is_empty() && !custom.auth_header && !catalog::has_provider(&custom.id)
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

/// The variable that holds Anthropic's bearer token.
const BEARER: &str = "ANTHROPIC_AUTH_TOKEN";
