//! Why a provider cannot be used, in the words of a request that finds out.

use super::Registry;

impl Registry {
    /// Why a request to this provider would have no credential; `None` when it would have one.
    pub fn why_locked(&self, provider: &str) -> Option<String> {
        if self.auth_source(provider).is_some() {
            return None;
        }
        let why = self.why_missing(provider, self.custom(provider));
        Some(why.to_string())
    }
}
