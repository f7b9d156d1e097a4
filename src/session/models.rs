//! The models that can be chosen, now: the registry, made anew when its files have changed, and the demo
//! where there is nothing else.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::local::LocalSearch;
use crate::ai::local::{Kind, Trouble};
use crate::ai::{Model, demo};
use crate::config::{LocalModels, Problem, Registry};

/// The registry in force. Shared by the conversation and by what answers it.
pub struct Models {
    // Replaced whole; held for a pointer copy.
    registry: RwLock<Arc<Registry>>,
    search: Option<LocalSearch>,
    // Complaints that were told already; held to look one up.
    told: Mutex<Vec<String>>,
}

impl Models {
    /// Begins with this one.
    pub fn new(registry: Registry) -> Self {
        Models {
            registry: RwLock::new(Arc::new(registry)),
            search: None,
            told: Mutex::default(),
        }
    }

    /// The same; local servers are asked in this way when somebody wants to know.
    pub fn with_local(self, search: LocalSearch) -> Self {
        Models {
            search: Some(search),
            ..self
        }
    }

    pub(super) fn search(&self) -> Option<&LocalSearch> {
        self.search.as_ref()
    }

    /// Puts what is known of local servers into the registry that is in force now.
    pub(super) fn set_local(&self, local: LocalModels) {
        self.replace(|registry| registry.set_local(local));
    }

    /// Takes a local model for known that was chosen once.
    pub(super) fn presume_local(&self, provider: &str, id: &str) {
        let registry = self.registry();
        if registry.local_kind(provider).is_some() && registry.find(provider, id).is_none() {
            self.replace(|registry| registry.presume_local(provider, id));
        }
    }

    fn replace(&self, change: impl FnOnce(&mut Registry)) {
        let mut held = self
            .registry
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let mut registry = Registry::clone(&held);
        change(&mut registry);
        *held = Arc::new(registry);
    }

    /// The registry in force.
    pub fn registry(&self) -> Arc<Registry> {
        self.registry
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Reads the files again; what is wrong in them is returned.
    pub fn reload(&self) -> Vec<Problem> {
        let (mut fresh, problems) = self.registry().reload();
        self.replace(|registry| {
            // What local servers said meanwhile is newer.
            fresh.share_local(registry);
            *registry = fresh;
        });
        problems
    }

    /// What keeps models out of a list, and was not told yet: variables that make no sense, catalogues that
    /// cannot be read. Reads a file.
    pub(super) fn complaints(&self) -> Vec<String> {
        let registry = self.registry();
        let unread = registry.catalogue_problem();
        let mut all: Vec<String> = unread.iter().map(Problem::to_string).collect();
        if self.search.is_some() {
            all.extend(registry.local_complaints(&Kind::ALL));
            let troubles = registry.local().troubles.iter();
            // A server that was stopped is no news; one that is there and does not do is.
            let named =
                troubles.filter(|(server, trouble)| server.is_named && *trouble != Trouble::Nobody);
            all.extend(named.map(|(server, trouble)| trouble.tell(server)));
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|complaint| !told.contains(complaint));
        told.extend(all.iter().cloned());
        all
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
