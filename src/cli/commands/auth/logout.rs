//! `pi auth logout`: forgets what is stored for a provider.

use super::{Logout, provider};
use crate::ai::catalog;
use crate::cli::world::World;
use crate::cli::{CliError, print};
use crate::config::Credential;

impl Logout {
    pub(super) async fn run(&self, world: &World) -> Result<u8, CliError> {
        let (mut registry, _) = world.registry();
        let known = provider(&registry, &self.provider);
        let id = known
            .clone()
            .unwrap_or_else(|| self.provider.trim().to_owned());
        let auth = registry.auth_file();
        if let Some(problem) = auth.unreadable() {
            return Err(super::unreadable(problem));
        }
        let all: Vec<String> = auth.providers().map(str::to_owned).collect();
        let stored: Vec<&String> = all
            .iter()
            .filter(|name| **name == id || catalog::present_id(name) == id)
            .collect();
        let name = catalog::facts(&id).map_or(id.as_str(), |facts| facts.name.as_str());
        if stored.is_empty() && known.is_none() {
            let stored = match all.is_empty() {
                true => "nothing is stored".to_owned(),
                false => format!("there is something stored for {}", all.join(", ")),
            };
            return Err(super::nobody(&registry, &self.provider, &stored));
        }
        if stored.is_empty() {
            return print(&format!("Nothing is stored for {name}. {ELSEWHERE}\n"));
        }
        let was_login = matches!(auth.credential(&id), Some(Credential::Login(_)));
        let stored: Vec<String> = stored.into_iter().cloned().collect();
        // A login that is being renewed is waited for: not here, where signals are heard.
        let removed = tokio::task::spawn_blocking(move || {
            let auth = registry.auth_file();
            stored.iter().try_for_each(|name| auth.remove(name))
        });
        let removed = removed.await.map_err(std::io::Error::other)?;
        removed.map_err(CliError::files)?;
        print(&match was_login {
            true => format!("Logged out of {name}.\n"),
            false => format!("The key for {name} is forgotten. {ELSEWHERE}\n"),
        })
    }
}

const ELSEWHERE: &str = "The environment and models.json are as they were.";
