//! The keys that open models, for the terminal: `auth.json`, and what else holds one.

use std::sync::Arc;

use crate::ai::{catalog, providers};
use crate::config::{AuthSource, Credential, Registry};
use crate::session::Models;
use crate::tui::keyring::{Held, Keyring, Provider, Secret, Way};

/// The keys of a conversation's models.
pub(super) struct Keys {
    pub models: Arc<Models>,
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
        // First those that a key connects, for all that is known.
        providers.sort_by_key(|it| (!it.answers, it.way != Way::Key));
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
}

fn present(name: &str) -> String {
    catalog::present_id(name).to_owned()
}

fn provider(registry: &mut Registry, id: String) -> Provider {
    let facts = catalog::facts(&id);
    let name = facts.map_or_else(|| id.clone(), |facts| facts.name.clone());
    let answers = match facts {
        Some(facts) => facts.apis.iter().any(|api| providers::is_spoken(api)),
        None => true,
    };
    Provider {
        held: held(registry, &id),
        way: way(registry, &id),
        name,
        answers,
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
            "Bedrock needs more than a key. Set one of these, then start pi again:",
            "",
            "  export AWS_PROFILE=…                  a profile of the AWS tools",
            "  export AWS_ACCESS_KEY_ID=…            with AWS_SECRET_ACCESS_KEY",
            "  export AWS_BEARER_TOKEN_BEDROCK=…     a Bedrock key",
            "",
            "and AWS_REGION where it is not us-east-1.",
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
            "Logging in with an account is not in this version yet.",
            "",
            "With a token of GitHub's, start pi again after",
            "",
            "  export COPILOT_GITHUB_TOKEN=…",
        ],
        "openai-codex" => &[
            "This is connected by logging in with an account, which is not in this version yet.",
            "",
            "A login that the other pi has stored in auth.json is used until it ends.",
        ],
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
