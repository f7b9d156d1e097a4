//! Where the credential of a provider comes from, what a request is sent with, and why there is none.

use thiserror::Error;

use super::custom::CustomProvider;
use super::{Registry, ambient};
use crate::ai::http::HttpClient;
use crate::ai::{Auth, Model, catalog, oauth};
use crate::config::auth::Credential;
use crate::config::login;
use crate::config::value::ValueError;

/// The variable that holds Anthropic's bearer token.
const BEARER: &str = "ANTHROPIC_AUTH_TOKEN";

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
    #[error("no {} for {provider}: {}", credential(.provider, .variables), how_to(.provider, .variables))]
    Missing {
        /// The provider.
        provider: String,
        /// The environment variables that could hold one.
        variables: Vec<String>,
    },
    /// There is no such provider, or there is none any more.
    #[error(
        "there is no provider {0:?} any more: choose another model with /model, or put it back into models.json"
    )]
    Gone(String),
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

fn credential(provider: &str, variables: &[String]) -> &'static str {
    match variables.is_empty() && oauth::account(provider).is_some() {
        true => "login",
        false => "API key",
    }
}

fn how_to(provider: &str, variables: &[String]) -> String {
    // Where there are several, the plain key is the one that most people have.
    let plain = variables
        .iter()
        .find(|variable| variable.ends_with("_API_KEY"));
    let log_in = || format!("log in with /login {provider} or pi auth login {provider}");
    match (plain.or(variables.first()), oauth::account(provider)) {
        (Some(variable), None) => {
            format!("set {variable}, or put a key into auth.json (/login in the terminal does it)")
        }
        (Some(variable), Some(_)) => {
            format!("set {variable}, put a key into auth.json, or {}", log_in())
        }
        (None, Some(_)) => log_in(),
        (None, None) => format!(
            "put a key for {provider} into auth.json (/login in the terminal does it), or give it one in models.json"
        ),
    }
}

impl Registry {
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
        self.given.through(http);
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
        for (name, written) in custom.headers.iter().chain(of_model.into_iter().flatten()) {
            let value = written.resolve(&self.sources.env).await;
            let what = || format!("the header {name} of {}", model.full_id());
            let value = value.map_err(|reason| AuthError::Value {
                what: what(),
                reason,
            })?;
            self.given.resolved(written, &value);
            // HTTP does not tell `X-Key` from `x-key`: the later one replaces the earlier.
            auth.headers
                .retain(|known, _| !known.eq_ignore_ascii_case(name));
            auth.headers.insert(name.clone(), value);
        }
        if custom.auth_header {
            let is_it = |name: &str| name.eq_ignore_ascii_case("authorization");
            match &auth.api_key {
                Some(key) => {
                    let bearer = format!("Bearer {key}");
                    auth.headers.retain(|known, _| !is_it(known));
                    auth.headers.insert("Authorization".into(), bearer);
                }
                // A bearer token stands there by itself.
                None if auth.headers.keys().any(|known| is_it(known)) => {}
                None => return Err(self.missing(&model.provider)),
            }
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
                Some(written) => {
                    let key = written.resolve(env).await.map_err(failed)?;
                    self.given.resolved(written, &key);
                    Ok(Some(key))
                }
                None => Err(self.missing(provider)),
            },
            Some(AuthSource::Keyless | AuthSource::Ambient(_)) => Ok(None),
            None => Err(self.why_missing(provider, custom)),
        }
    }

    /// What to say when there is no source: a value that is there but empty-handed is worth naming.
    pub(super) fn why_missing(&self, provider: &str, custom: Option<&CustomProvider>) -> AuthError {
        let stored = match self.auth.credential(provider) {
            Some(Credential::Login(_)) => return AuthError::Expired(provider.to_owned()),
            Some(Credential::ApiKey(key)) => Some(key),
            None => custom.and_then(|custom| custom.api_key.clone()),
        };
        match stored.and_then(|key| key.unset_variable(&self.sources.env)) {
            Some(reason) => AuthError::Value {
                what: format!("the API key of {provider}"),
                reason,
            },
            None if custom.is_none() && !self.is_known(provider) => {
                AuthError::Gone(provider.to_owned())
            }
            None => self.missing(provider),
        }
    }

    fn is_known(&self, provider: &str) -> bool {
        catalog::has_provider(provider) || self.local_kind(provider).is_some()
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
}
