//! `pi auth login`: with an account, or by storing a key.

use std::io::{self, IsTerminal};

use tokio_util::sync::CancellationToken;

use super::face::Lines;
use super::{Login, provider, secret};
use crate::ai::catalog;
use crate::ai::http::HttpClient;
use crate::ai::oauth::{self, Account, Method};
use crate::cli::world::{self, World};
use crate::cli::{CliError, print};
use crate::config::{LogInError, Registry};

impl Login {
    /// Asks until it is done, or `stop` says that the person gives up.
    pub(super) async fn run(
        &self,
        world: &World,
        stop: &CancellationToken,
    ) -> Result<u8, CliError> {
        let (mut registry, problems) = world.registry();
        if let Some(problem) = registry.auth_file().unreadable() {
            return Err(super::unreadable(problem));
        }
        world::report(&problems);
        let Some(id) = provider(&registry, &self.provider) else {
            let all = registry.providers().join(", ");
            let there_are = format!("there are {all}");
            return Err(super::nobody(&registry, &self.provider, &there_are));
        };
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Err(CliError::usage("pi auth login needs a terminal")
                .hint("without one, put a key into the environment or into auth.json"));
        }
        let account = oauth::account(&id).filter(|_| !self.api_key);
        if account.is_some() && world.env.offline() {
            return Err(CliError::usage(LogInError::Offline)
                .hint("leave out PI_OFFLINE; --api-key stores a key"));
        }
        let name = catalog::facts(&id).map_or(id.as_str(), |facts| facts.name.as_str());
        match account {
            Some(account) => {
                self.log_in(account, registry, world, stop).await?;
                print(&format!(
                    "Logged in to {name}; the login is in {}\n",
                    shown(world)
                ))
            }
            None => {
                self.store_key(&id, name, registry, stop).await?;
                print(&format!("Stored the key for {name} in {}\n", shown(world)))
            }
        }
    }

    async fn log_in(
        &self,
        account: &Account,
        registry: Registry,
        world: &World,
        stop: &CancellationToken,
    ) -> Result<(), CliError> {
        let face = Lines::new(world.env.clone(), !self.no_browser);
        let method = match self.method(account, &face).await {
            Some(method) => method,
            None => return Err(cancelled()),
        };
        let other = account.methods.iter().any(|other| *other != method);
        if other && !self.no_browser {
            face.say(&format!(
                "(pi auth login {} --no-browser logs in without a browser on this machine.)",
                account.provider
            ));
        }
        let http = HttpClient::new(world.proxies());
        let done = registry
            .log_in(account.provider, method, &http, &face, stop)
            .await;
        done.map_err(|error| match stop.is_cancelled() {
            true => cancelled(),
            false => CliError::usage(format!("not logged in to {}: {error}", account.name)),
        })
    }

    /// The usual way; without a browser another one, if there is any.
    async fn method(&self, account: &Account, face: &Lines) -> Option<Method> {
        let (usual, others) = account.methods.split_first()?;
        match others {
            [only] if self.no_browser => Some(*only),
            [_, ..] if self.no_browser => face.choose(others).await,
            _ => Some(*usual),
        }
    }

    async fn store_key(
        &self,
        id: &str,
        name: &str,
        mut registry: Registry,
        stop: &CancellationToken,
    ) -> Result<(), CliError> {
        if super::key::takes_no_key(id) {
            return Err(CliError::usage(format!("{name} takes no API key"))
                .hint(format!("pi auth login {id} logs in with an account")));
        }
        let key = secret::read(&format!("Key for {name} (it is not shown): "), stop).await?;
        let Some(key) = key.filter(|key| !key.trim().is_empty()) else {
            return Err(cancelled());
        };
        let provider = id.to_owned();
        // A login that is being renewed is waited for: not here, where signals are heard.
        let stored = tokio::task::spawn_blocking(move || {
            let auth = registry.auth_file();
            auth.set_api_key(&provider, key.trim())
        });
        match stored.await {
            Ok(stored) => stored.map_err(CliError::files),
            Err(broken) => Err(io::Error::other(broken).into()),
        }
    }
}

fn shown(world: &World) -> String {
    world.paths.auth().display().to_string()
}

fn cancelled() -> CliError {
    CliError::usage("the login was cancelled")
}
