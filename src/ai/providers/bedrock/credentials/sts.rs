//! Keys for a role, from AWS's Security Token Service.
//!
//! Source: "AssumeRole" and "AssumeRoleWithWebIdentity" in the STS API Reference. Its answers are XML
//! of a few known elements; no parser is needed to find those.

use std::path::Path;

use super::super::place;
use super::super::sign::{self, Scope};
use super::ask::Asker;
use super::source::Role;
use super::{Keys, moment, no_keys};
use crate::ai::failure::Fault;

/// Takes a role with these keys.
pub async fn assume(role: &Role, keys: &Keys, asker: &Asker) -> Result<Keys, Fault> {
    ask("AssumeRole", role, &[], Some(keys), asker).await
}

/// Takes a role with the token in this file.
pub async fn assume_with_token(role: &Role, file: &Path, asker: &Asker) -> Result<Keys, Fault> {
    let token = tokio::fs::read_to_string(file).await.map_err(|error| {
        no_keys(format!(
            "cannot read the web identity token ({}): {error}",
            file.display()
        ))
    })?;
    let own = [("WebIdentityToken", token.trim())];
    ask("AssumeRoleWithWebIdentity", role, &own, None, asker).await
}

async fn ask(
    action: &str,
    role: &Role,
    own: &[(&str, &str)],
    keys: Option<&Keys>,
    asker: &Asker,
) -> Result<Keys, Fault> {
    let region = role.region.as_deref().unwrap_or(&asker.region);
    place::checked(region).map_err(no_keys)?;
    let url = asker.sts_url(region);
    let now = asker.clock.now();
    let session = role.session.clone().unwrap_or_else(|| format!("pi-{now}"));
    let mut form = format!(
        "Action={action}&Version=2011-06-15&RoleArn={}&RoleSessionName={}",
        sign::encoded(&role.arn),
        sign::encoded(&session)
    );
    let optional = [
        ("ExternalId", role.external_id.as_deref()),
        ("DurationSeconds", role.seconds.as_deref()),
    ];
    let optional = optional
        .iter()
        .filter_map(|(name, value)| Some((*name, (*value)?)));
    for (name, value) in optional.chain(own.iter().copied()) {
        form.push_str(&format!("&{name}={}", sign::encoded(value)));
    }
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    let mut headers = vec![("content-type".to_owned(), kind.to_owned())];
    if let Some(keys) = keys {
        let scope = Scope {
            region: region.to_owned(),
            service: "sts",
        };
        sign::sign(&url, &mut headers, form.as_bytes(), keys, &scope, now).map_err(no_keys)?;
    }
    let what = format!("STS (for the role {})", role.arn);
    let body = asker.post(&what, &url, &headers, form).await?;
    let text = |name: &str| element(&body, name).map(str::to_owned);
    let read = || {
        Some(Keys {
            id: text("AccessKeyId")?,
            secret: text("SecretAccessKey")?,
            token: text("SessionToken"),
            expires: text("Expiration").and_then(|time| moment(&time)),
        })
    };
    read().ok_or_else(|| no_keys(format!("{what} answered without AWS credentials")))
}

/// The web identity's token in a form; such tokens need no escapes.
pub fn token_in(form: &[u8]) -> Option<&str> {
    let form = std::str::from_utf8(form).ok()?;
    let mut fields = form.split('&');
    fields.find_map(|field| field.strip_prefix("WebIdentityToken="))
}

/// The text of the first element of that name.
pub fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, behind) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = behind.split_once("</")?;
    Some(text.trim())
}
