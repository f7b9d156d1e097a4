//! The variables of the environment that concern vendors: where their clouds are, which account and
//! which region. A credential's own `env` comes first.

use std::collections::BTreeMap;

use super::{Registry, ambient};

/// What the names of such variables begin with.
const FAMILIES: [&str; 8] = [
    "ANTHROPIC_",
    "AWS_",
    "AZURE_",
    "CLOUDFLARE_",
    "CLOUDSDK_",
    "GCE_",
    "GCLOUD_",
    "GOOGLE_",
];
/// Where files of the vendors' own tools are.
const PLACES: [&str; 2] = ["HOME", "XDG_CONFIG_HOME"];

impl Registry {
    /// What a request to `provider` may have to know of the environment.
    pub(super) fn variables_for(&self, provider: &str) -> BTreeMap<String, String> {
        let env = &self.sources.env;
        let concerns = |name: &str| {
            PLACES.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family))
        };
        let of_process = env.iter().filter(|(name, _)| concerns(name));
        let mut variables: BTreeMap<String, String> = of_process
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut own = Vec::new();
        for (name, value) in self.auth.variables(provider) {
            if let Some(value) = value.resolve_quietly(env) {
                own.push(name.clone());
                variables.insert(name, value);
            }
        }
        ambient::settle(provider, &own, &mut variables);
        variables
    }
}
