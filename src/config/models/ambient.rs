//! What connects a provider without a key: the credentials that its vendor's own tools have left on this
//! machine. One function a vendor; each says whether everything that a request needs is there, or what
//! is missing. Files are looked for, never read; nothing is run, nobody is asked.

use std::collections::BTreeMap;
use std::path::Path;

use super::{AuthError, AuthSource, Registry};
use crate::ai::providers::google_credential_files;

/// Variables that concern vendors, by name.
type Variables = BTreeMap<String, String>;

/// `Ok` names what connects a vendor, `Err` says what is missing.
type Look = fn(&Variables) -> Result<&'static str, String>;

/// The vendors whose tools connect them.
const VENDORS: &[(&str, Look)] = &[("google-vertex", vertex)];

/// Where Linux says who made the machine.
const MAKER: &str = "/sys/class/dmi/id/product_name";

impl Registry {
    /// What connects a provider without a key.
    pub(super) fn ambient_source(&self, provider: &str) -> Option<AuthSource> {
        let (_, of_vendor) = VENDORS.iter().find(|(name, _)| *name == provider)?;
        let source = of_vendor(&self.variables_for(provider)).ok()?;
        Some(AuthSource::Ambient(source))
    }

    /// What is missing for that.
    pub(super) fn ambient_missing(&self, provider: &str) -> Option<AuthError> {
        let (_, of_vendor) = VENDORS.iter().find(|(name, _)| *name == provider)?;
        let what = of_vendor(&self.variables_for(provider)).err()?;
        Some(AuthError::Ambient {
            provider: provider.to_owned(),
            what,
        })
    }
}

fn value<'a>(variables: &'a Variables, name: &str) -> Option<&'a str> {
    let value = variables.get(name)?.trim();
    (!value.is_empty()).then_some(value)
}

/// Google's application-default credentials, with a project and a location.
fn vertex(variables: &Variables) -> Result<&'static str, String> {
    let variable = |name: &str| value(variables, name);
    let mut missing = Vec::new();
    match variable("GOOGLE_APPLICATION_CREDENTIALS") {
        Some(file) if !Path::new(file).is_file() => missing.push(format!(
            "GOOGLE_APPLICATION_CREDENTIALS names {file}, which is not there"
        )),
        Some(_) => {}
        None if is_on_google(variables) => {}
        None => {
            let files = google_credential_files(variable);
            if !files.iter().any(|file| file.is_file()) {
                missing.push("log in with `gcloud auth application-default login`".into());
            }
        }
    }
    let project = variable("GOOGLE_CLOUD_PROJECT").or(variable("GCLOUD_PROJECT"));
    let unset: Vec<&str> = [
        (project, "GOOGLE_CLOUD_PROJECT"),
        (variable("GOOGLE_CLOUD_LOCATION"), "GOOGLE_CLOUD_LOCATION"),
    ]
    .into_iter()
    .filter_map(|(value, name)| value.is_none().then_some(name))
    .collect();
    if !unset.is_empty() {
        missing.push(format!("set {}", unset.join(" and ")));
    }
    match missing.is_empty() {
        true => Ok("Google's application-default credentials"),
        false => Err(format!(
            "{}; or set GOOGLE_CLOUD_API_KEY, which is enough by itself",
            missing.join(", and ")
        )),
    }
}

/// Whether a metadata server of Google's is at hand.
fn is_on_google(variables: &Variables) -> bool {
    let told = value(variables, "GCE_METADATA_HOST").is_some();
    told || std::fs::read_to_string(MAKER).is_ok_and(|maker| maker.starts_with("Google"))
}
