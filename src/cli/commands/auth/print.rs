//! `pi auth print-api-key` and `pi auth print-bearer-token`: one credential on standard output, for other
//! programs.

use super::{PrintApiKey, PrintBearerToken, Whose, failed, key, provider};
use crate::ai::http::HttpClient;
use crate::ai::message::Millis;
use crate::cli::world::{self, World};
use crate::cli::{CliError, print};
use crate::config::Registry;

/// What is to be printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Key,
    Token,
}

impl PrintApiKey {
    pub(super) async fn run(&self, world: &World) -> Result<u8, CliError> {
        run(&self.whose, Kind::Key, 0, world).await
    }
}

impl PrintBearerToken {
    pub(super) async fn run(&self, world: &World) -> Result<u8, CliError> {
        let margin = Millis::try_from(self.min_expiry.as_millis()).unwrap_or(Millis::MAX);
        run(&self.whose, Kind::Token, margin, world).await
    }
}

async fn run(whose: &Whose, kind: Kind, margin: Millis, world: &World) -> Result<u8, CliError> {
    if !whose.is_somebody() {
        return Err(CliError::usage("say whose: --provider or --model"));
    }
    let (mut registry, problems) = world.registry();
    world::report(&problems);
    let id = one(whose, kind, &mut registry)?;
    let is_login = registry.login_of(&id).is_some();
    match kind {
        Kind::Key if is_login => {
            return Err(CliError::usage(format!(
                "{id} has a login, not an API key; print-bearer-token prints its token"
            )));
        }
        Kind::Token if !is_login => {
            return Err(CliError::usage(format!("{id} has no login"))
                .hint(format!("pi auth login {id}, or print-api-key for its key")));
        }
        Kind::Key | Kind::Token => {}
    }
    let http = HttpClient::new(world.proxies());
    let offline = world.env.offline();
    let found = match registry.login_of(&id) {
        Some(tokens) if offline => Some(tokens.access),
        _ => {
            let found = key::credential(&registry, &id, margin, &http).await;
            found.map_err(|error| failed(&error))?
        }
    };
    if kind == Kind::Token && registry.reload().0.ends_within(&id, margin) {
        if offline {
            return Err(CliError::usage(format!(
                "the token of {id} ends sooner than in {} s, and pi is offline: it is not renewed",
                margin / 1000
            ))
            .hint("leave out PI_OFFLINE"));
        }
        return Err(CliError::usage(format!(
            "the token of {id} ends sooner than in {} s, also when it is new",
            margin / 1000
        )));
    }
    let what = match kind {
        Kind::Key => "API key",
        Kind::Token => "token",
    };
    let found = found.ok_or_else(|| CliError::usage(format!("{id} has no {what} to print")))?;
    print(&format!("{found}\n"))
}

/// The one provider that is meant.
fn one(whose: &Whose, kind: Kind, registry: &mut Registry) -> Result<String, CliError> {
    let none = |what: String| {
        CliError::usage(what).hint("--list-models shows the models that have credentials")
    };
    if let Some(said) = whose.provider() {
        let id = provider(registry, said);
        let id = id.ok_or_else(|| none(format!("there is no provider {said:?}")))?;
        return match whose.model() {
            Some(model) => crate::config::resolve::resolve(registry, Some(&id), model)
                .map(|found| found.model.provider.clone())
                .map_err(CliError::usage),
            None => Ok(id),
        };
    }
    let model = whose.model().unwrap_or_default();
    let fits = |registry: &Registry, id: &String| {
        registry.auth_source(id).is_some()
            && registry.login_of(id).is_some() == (kind == Kind::Token)
    };
    let all = registry.providers();
    let usable: Vec<String> = all.into_iter().filter(|id| fits(registry, id)).collect();
    let mut serving = key::serving(registry, model, usable);
    // What is stored was meant for this; the environment may hold keys for anything.
    let auth = registry.auth_file();
    let is_stored = |id: &String| auth.credential(id).is_some();
    if serving.iter().any(is_stored) {
        serving.retain(is_stored);
    }
    match serving.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(none(format!(
            "no provider with a fitting credential serves {model:?}"
        ))),
        several => Err(CliError::usage(format!(
            "several providers serve {model:?}: {}; name one with --provider",
            several.join(", ")
        ))),
    }
}
