//! The keys that open models, for the terminal: `auth.json`, and what else holds one.

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::browser;
use crate::ai::catalog;
use crate::ai::http::HttpClient;
use crate::ai::oauth::{self, Face, Method};
use crate::config::{AuthSource, Credential, Env, Registry};
use crate::session::Models;
use crate::tui::keyring::{Held, Keyring, Provider, Secret, Way};

/// The keys of a conversation's models.
pub(super) struct Keys {
    pub models: Arc<Models>,
    /// Carries the requests of logins.
    pub http: HttpClient,
    pub env: Env,
}

impl Keyring for Keys {
    fn providers(&self) -> Vec<Provider> {
        // What is wrong in the files is told when models are asked for.
        self.models.reload();
        let mut registry = Registry::clone(&self.models.registry());
        let mut ids = registry.providers();
        // Also those that pi knows nothing of but that have an entry.
        let stored: Vec<String> = registry.auth_file().providers().map(present).collect();
        for id in stored {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let each = ids.into_iter().map(|id| provider(&mut registry, id));
        let mut providers: Vec<Provider> = each.collect();
        // First those that a key or an account connects, for all that is known.
        providers.sort_by_key(|it| it.way != Way::Key && it.account.is_none());
        providers
    }

    fn store(&self, provider: &str, key: &Secret) -> Result<(), String> {
        let mut registry = Registry::clone(&self.models.registry());
        let stored = registry.auth_file().set_api_key(provider, key.expose());
        self.models.reload();
        stored.map_err(|problem| problem.to_string())
    }

    fn forget(&self, provider: &str) -> Result<Held, String> {
        let mut registry = Registry::clone(&self.models.registry());
        let auth = registry.auth_file();
        let names: Vec<String> = auth
            .providers()
            .filter(|name| catalog::present_id(name) == provider)
            .map(str::to_owned)
            .collect();
        let removed = names.iter().try_for_each(|name| auth.remove(name));
        self.models.reload();
        removed.map_err(|problem| problem.to_string())?;
        let mut registry = Registry::clone(&self.models.registry());
        Ok(held(&mut registry, provider))
    }

    fn log_in(
        &self,
        provider: &str,
        method: Method,
        face: Arc<dyn Face>,
        stop: CancellationToken,
    ) -> BoxFuture<'static, Result<(), String>> {
        let (models, http) = (self.models.clone(), self.http.clone());
        let provider = provider.to_owned();
        Box::pin(async move {
            let registry = models.registry();
            let done = registry
                .log_in(&provider, method, &http, &*face, &stop)
                .await;
            models.reload();
            done.map_err(|error| error.to_string())
        })
    }

    fn open_page(&self, url: &str) {
        // Without a browser the page is on the screen all the same.
        browser::open(&self.env, url);
    }
}

fn present(name: &str) -> String {
    catalog::present_id(name).to_owned()
}

fn provider(registry: &mut Registry, id: String) -> Provider {
    let facts = catalog::facts(&id);
    let name = facts.map_or_else(|| id.clone(), |facts| facts.name.clone());
    Provider {
        held: held(registry, &id),
        account: oauth::account(&id),
        way: way(registry, &id),
        name,
        id,
    }
}

/// What is stored comes first, also where it cannot be used.
fn held(registry: &mut Registry, id: &str) -> Held {
    match registry.auth_file().credential(id) {
        Some(Credential::ApiKey(_)) => return Held::Stored,
        Some(Credential::Login(_)) => return Held::Login,
        None => {}
    }
    let is_it = |name: &str| catalog::present_id(name) == id;
    if registry.auth_file().providers().any(is_it) {
        return Held::Stored;
    }
    match registry.auth_source(id) {
        None => Held::Nothing,
        Some(AuthSource::Flag) => Held::Flag,
        Some(AuthSource::File) => Held::Stored,
        Some(AuthSource::Environment(variable)) => Held::Environment(variable),
        Some(AuthSource::Ambient(what)) => Held::Ambient(what.to_owned()),
        Some(AuthSource::Models | AuthSource::Keyless) => Held::Models,
    }
}

fn way(registry: &Registry, id: &str) -> Way {
    let lines: &[&str] = match id {
        "amazon-bedrock" => &[
            "Bedrock takes an API key of its own, or the credentials of AWS's tools:",
            "",
            "  export AWS_BEARER_TOKEN_BEDROCK=…     a Bedrock API key",
            "  export AWS_PROFILE=…                  a profile in ~/.aws",
            "  export AWS_ACCESS_KEY_ID=…            with AWS_SECRET_ACCESS_KEY",
            "",
            "After `aws sso login`, AWS's tool hands its credentials over:",
            "",
            "  eval \"$(aws configure export-credentials --format env)\"",
            "",
            "Set AWS_REGION where it is not us-east-1; then start pi again.",
        ],
        "google-vertex" => &[
            "Vertex takes the login of Google's own tools, and a place:",
            "",
            "  gcloud auth application-default login",
            "  export GOOGLE_CLOUD_PROJECT=…",
            "  export GOOGLE_CLOUD_LOCATION=global   or a region, as us-central1",
            "",
            "In place of the login, a service account's key file:",
            "",
            "  export GOOGLE_APPLICATION_CREDENTIALS=/path/to/key.json",
            "",
            "Or an API key, which is enough by itself:",
            "",
            "  export GOOGLE_CLOUD_API_KEY=…",
            "",
            "Then start pi again.",
        ],
        "azure" if !registry.has_place(id) => &[
            "Azure needs the key and where your models are:",
            "",
            "  export AZURE_OPENAI_API_KEY=…",
            "  export AZURE_OPENAI_BASE_URL=https://your-resource.openai.azure.com",
            "     or  AZURE_OPENAI_RESOURCE_NAME=your-resource",
            "",
            "Then start pi again. The key may be stored with /login too, once the place is known.",
        ],
        "github-copilot" => &[
            "With a token of GitHub's, start pi again after",
            "",
            "  export COPILOT_GITHUB_TOKEN=…",
        ],
        "openai-codex" => return Way::Account,
        _ => &[],
    };
    let owned = |line: &&str| (*line).to_owned();
    if !lines.is_empty() {
        return Way::Told(lines.iter().map(owned).collect());
    }
    // Where requests go may hang on variables, as Cloudflare's account does.
    let models = registry.models_of(id);
    let waiting = models
        .first()
        .map(|model| catalog::missing_variables(&model.base_url))
        .unwrap_or_default();
    if waiting.is_empty() {
        return Way::Key;
    }
    let variables = catalog::facts(id).map_or(&[][..], |facts| &facts.env);
    let mut told = vec![
        "Beside a key this needs to know where requests go. Set these, then start pi again:".into(),
        String::new(),
    ];
    let all = waiting.iter().copied();
    let all = all.chain(variables.iter().map(String::as_str));
    told.extend(all.map(|variable| format!("  export {variable}=…")));
    told.push(String::new());
    told.push("The key may be stored with /login too, once the others are set.".into());
    Way::Told(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::clock::Clock;
    use crate::config::{Paths, Sources};

    #[test]
    fn an_entry_that_only_says_whose_credentials_are_meant_can_be_forgotten() {
        let home = tempfile::tempdir().unwrap();
        let env: Env = [("HOME", home.path().to_str().unwrap())]
            .into_iter()
            .collect();
        let paths = Paths::new(&env, home.path());
        std::fs::create_dir_all(paths.agent_dir()).unwrap();
        let entry = r#"{"amazon-bedrock": {"type": "api_key", "env": {"AWS_PROFILE": "work"}}}"#;
        std::fs::write(paths.auth(), entry).unwrap();
        let (registry, _) = Registry::load(Sources::new(&paths, env.clone(), Clock::fixed(0)));
        let keys = Keys {
            models: Arc::new(Models::new(registry)),
            http: HttpClient::default(),
            env,
        };
        let held = keys.providers().into_iter();
        let held = held.filter(|it| it.id == "amazon-bedrock");
        assert_eq!(held.map(|it| it.held).collect::<Vec<_>>(), [Held::Stored]);
        assert_eq!(keys.forget("amazon-bedrock"), Ok(Held::Nothing));
        assert_eq!(std::fs::read_to_string(paths.auth()).unwrap().trim(), "{}");
    }
}
