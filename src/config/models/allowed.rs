//! The models that a login is good for: Copilot's accounts differ, and their entries say it.

use std::sync::Arc;

use super::Registry;
use crate::ai::{Model, oauth};
use crate::config::login::COPILOT;

impl Registry {
    /// The models of a provider, without those that its login is not good for. The user's own stay.
    pub(super) fn allowed_models_of(&self, provider: &str) -> Vec<Arc<Model>> {
        let mut models = self.models_of(provider);
        if provider != COPILOT {
            return models;
        }
        let tokens = self.login_of(provider);
        if let Some(allowed) = tokens.as_ref().and_then(oauth::allowed_models) {
            let of_file = self.custom.iter().filter(|custom| custom.id == provider);
            let own: Vec<&str> = of_file
                .flat_map(|custom| &custom.models)
                .map(|model| model.id.as_str())
                .collect();
            models.retain(|model| {
                let id = model.id.as_str();
                own.contains(&id) || allowed.contains(&id)
            });
        }
        models
    }
}
