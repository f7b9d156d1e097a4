//! The models that can be chosen, now: the registry, made anew when its files have changed, and the demo
//! where there is nothing else.

use std::sync::{Arc, PoisonError, RwLock};

use crate::ai::{Model, demo};
use crate::config::{Problem, Registry};

/// The registry in force. Shared by the conversation and by what answers it.
pub struct Models(
    // Replaced whole; held for a pointer copy.
    RwLock<Arc<Registry>>,
);

impl Models {
    /// Begins with this one.
    pub fn new(registry: Registry) -> Self {
        Models(RwLock::new(Arc::new(registry)))
    }

    /// The registry in force.
    pub fn registry(&self) -> Arc<Registry> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Reads the files again; what is wrong in them is returned.
    pub fn reload(&self) -> Vec<Problem> {
        let (fresh, problems) = self.registry().reload();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        problems
    }

    /// The models that have credentials; the demo when there are none.
    pub fn choices(&self) -> Vec<Arc<Model>> {
        let available = self.registry().available();
        if available.is_empty() {
            return vec![Arc::new(demo::model())];
        }
        available
    }

    /// The model of that name.
    pub fn find(&self, provider: &str, id: &str) -> Option<Arc<Model>> {
        if provider == demo::PROVIDER {
            return Some(Arc::new(demo::model()));
        }
        self.registry().find(provider, id)
    }

    /// Whether a request to this provider would have a credential.
    pub fn is_connected(&self, provider: &str) -> bool {
        provider == demo::PROVIDER || self.registry().auth_source(provider).is_some()
    }
}
