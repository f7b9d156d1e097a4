//! `pi auth check`: whether requests to a provider would have a credential.

use serde_json::{Map, Value, json};

use super::{Check, key, provider};
use crate::ai::http::HttpClient;
use crate::cli::world::{self, World};
use crate::cli::{CliError, local, print};
use crate::config::{AuthError, AuthSource, Registry, resolve};

/// What there is to say.
enum Verdict {
    Ready(&'static str, Option<String>),
    NotReady(&'static str),
    Invalid,
}

impl Check {
    pub(super) async fn run(&self, world: &World) -> Result<u8, CliError> {
        if !self.whose.is_somebody() {
            return self.refuse("pi auth check needs --provider or --model");
        }
        let (mut registry, problems) = world.registry();
        world::report(&problems);
        let (provider, model) = (self.whose.provider(), self.whose.model());
        local::look_for_meant(provider, model, world, &mut registry).await;
        let (id, verdict) = match self.named(&registry) {
            Ok(id) if registry.is_broken(&id) => (id, Verdict::Invalid),
            Ok(id) => {
                let http = HttpClient::new(world.proxies());
                let verdict = self.judge(&id, &registry, &http, world.env.offline()).await;
                (id, verdict)
            }
            Err(why) => return self.refuse(&why),
        };
        self.tell(&id, verdict)
    }

    /// Says why there is nobody to check: on standard error, and to programs as JSON.
    fn refuse(&self, why: &str) -> Result<u8, CliError> {
        CliError::usage(why).report();
        if self.json {
            let mut told = Map::new();
            told.insert("status".into(), json!("invalid"));
            if let Some(said) = self.whose.provider() {
                told.insert("provider".into(), json!(said));
            }
            told.insert("error".into(), json!(why));
            print(&format!("{}\n", Value::Object(told)))?;
        }
        Ok(2)
    }

    /// The provider that is meant, known or not.
    fn named(&self, registry: &Registry) -> Result<String, String> {
        let said = self.whose.provider();
        let named = said.map(|said| provider(registry, said).unwrap_or_else(|| said.to_owned()));
        match self.whose.model() {
            Some(model) => resolve::resolve(registry, named.as_deref(), model)
                .map(|found| found.model.provider.clone()),
            None => Ok(named.unwrap_or_default()),
        }
    }

    async fn judge(
        &self,
        id: &str,
        registry: &Registry,
        http: &HttpClient,
        offline: bool,
    ) -> Verdict {
        let no_refresh = self.no_refresh || offline;
        if let Some(kind) = registry.local_kind(id)
            && registry.models_of(id).is_empty()
        {
            if let Some(why) = registry.local_trouble(kind) {
                CliError::usage(why).report();
            }
            return Verdict::NotReady("server_not_available");
        }
        if !registry.providers().iter().any(|known| known == id) {
            return Verdict::NotReady("provider_not_found");
        }
        if registry.local_kind(id).is_some()
            && registry.auth_source(id) == Some(AuthSource::Keyless)
        {
            return Verdict::Ready("none", None);
        }
        if registry.auth_source(id).is_none() {
            return Verdict::NotReady("credentials_not_configured");
        }
        let stored = registry.login_of(id);
        let kind = match stored {
            Some(_) => "oauth",
            None => "api_key",
        };
        let found = match stored {
            Some(tokens) if no_refresh => Ok(Some(tokens.access)),
            // Nobody asks for it, and finding it may run a command.
            None if self.no_refresh && !self.credentials => return Verdict::Ready(kind, None),
            _ => key::credential(registry, id, 0, http).await,
        };
        match found {
            Ok(credential) if !self.credentials => {
                drop(credential);
                Verdict::Ready(kind, None)
            }
            Ok(Some(credential)) => Verdict::Ready(kind, Some(credential)),
            Ok(None) => Verdict::NotReady("credential_not_available"),
            Err(AuthError::Missing { .. }) => Verdict::NotReady("credentials_not_configured"),
            Err(error) => {
                CliError::usage(error).report();
                Verdict::Invalid
            }
        }
    }

    fn tell(&self, id: &str, verdict: Verdict) -> Result<u8, CliError> {
        let mut told = Map::new();
        let (status, code) = match &verdict {
            Verdict::Ready(..) => ("ready", 0),
            Verdict::NotReady(_) => ("not_ready", 1),
            Verdict::Invalid => ("invalid", 2),
        };
        told.insert("status".into(), json!(status));
        told.insert("provider".into(), json!(id));
        let mut credential = None;
        match verdict {
            Verdict::Ready(kind, found) => {
                told.insert("authType".into(), json!(kind));
                if let Some(found) = &found {
                    told.insert("credentials".into(), json!(found));
                }
                credential = found;
            }
            Verdict::NotReady(reason) => {
                told.insert("reason".into(), json!(reason));
            }
            Verdict::Invalid => {
                told.insert("reason".into(), json!("invalid_state"));
            }
        }
        print(&match self.json {
            true => format!("{}\n", Value::Object(told)),
            false => format!("{}\n", credential.as_deref().unwrap_or(status)),
        })?;
        Ok(code)
    }
}
