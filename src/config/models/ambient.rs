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
const VENDORS: &[(&str, Look)] = &[("amazon-bedrock", bedrock), ("google-vertex", vertex)];

/// Variables that connect a vendor and are read with the request; one of them is no key by itself.
const NO_KEYS: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];

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

/// Whether a variable that a vendor lists is its key, all by itself.
pub(super) fn is_key(variable: &str) -> bool {
    !NO_KEYS.contains(&variable)
}

/// What a credential says of its own comes before the process's; what the process says of another one
/// goes.
pub(super) fn settle(provider: &str, own: &[String], variables: &mut Variables) {
    let says = |name: &str| own.iter().any(|own| own == name);
    if provider != "amazon-bedrock" || !(says("AWS_PROFILE") || says("AWS_ACCESS_KEY_ID")) {
        return;
    }
    let others = [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_BEARER_TOKEN_BEDROCK",
    ];
    variables.retain(|name, _| says(name) || !others.contains(&name.as_str()));
}

fn value<'a>(variables: &'a Variables, name: &str) -> Option<&'a str> {
    let value = variables.get(name)?.trim();
    (!value.is_empty()).then_some(value)
}

/// The credentials of AWS's tools: those that somebody has chosen, by name or by where they are.
fn bedrock(variables: &Variables) -> Result<&'static str, String> {
    let is_set = |name: &str| value(variables, name).is_some();
    let ways = [
        (
            is_set("AWS_BEARER_TOKEN_BEDROCK"),
            "the Bedrock API key of AWS_BEARER_TOKEN_BEDROCK",
        ),
        (
            is_set("AWS_ACCESS_KEY_ID") && is_set("AWS_SECRET_ACCESS_KEY"),
            "the AWS access key of AWS_ACCESS_KEY_ID",
        ),
        (is_set("AWS_PROFILE"), "the AWS profile of AWS_PROFILE"),
        (
            is_set("AWS_WEB_IDENTITY_TOKEN_FILE"),
            "the web identity of AWS_WEB_IDENTITY_TOKEN_FILE",
        ),
        (
            is_set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
                || is_set("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
            "the AWS role of this container",
        ),
    ];
    let found = ways.iter().find(|(is_there, _)| *is_there);
    found.map(|(_, what)| *what).ok_or_else(|| {
        "set AWS_PROFILE to a profile of AWS's tools, or AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY, or AWS_BEARER_TOKEN_BEDROCK to a Bedrock API key"
            .into()
    })
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
