//! Secrets that this process was given on its way, and that no file says: what commands of `models.json`
//! printed, and what was fetched by those who send requests. Kept for masking.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::secrets::without_scheme;
use crate::ai::http::HttpClient;
use crate::ai::tokens::Seen;
use crate::config::value::ConfigValue;

/// Secrets of this process. Clones are the same.
#[derive(Clone, Default)]
pub(super) struct Given(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    printed: BTreeSet<String>,
    /// What each client has fetched; there is hardly ever more than one.
    fetched: Vec<Arc<Seen>>,
}

impl Given {
    /// Notes what a value has come to, where nobody else could tell.
    pub fn resolved(&self, written: &ConfigValue, value: &str) {
        if written.is_command() {
            self.lock().printed.insert(without_scheme(value));
        }
    }

    /// Notes who sends a request, for what it may fetch.
    pub fn through(&self, http: &HttpClient) {
        let seen = http.remembered::<Seen>();
        let mut known = self.lock();
        if !known.fetched.iter().any(|held| Arc::ptr_eq(held, &seen)) {
            known.fetched.push(seen);
        }
    }

    /// All of them.
    pub fn secrets(&self) -> Vec<String> {
        let known = self.lock();
        let fetched = known.fetched.iter().flat_map(|seen| seen.all());
        known.printed.iter().cloned().chain(fetched).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Given(…)")
    }
}
