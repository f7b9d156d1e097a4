//! Application-default credentials, found as Google's own libraries find them: the file that
//! `GOOGLE_APPLICATION_CREDENTIALS` names, the one that `gcloud auth application-default login` writes,
//! the machine's own. Read at each request, so that a new login counts at once.
//!
//! Source: "How Application Default Credentials works" of Google Cloud's pages.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::{grant, metadata};
use crate::ai::failure::{Failure, Fault, Kind};
use crate::ai::http::HttpClient;
use crate::ai::provider::{Auth, Request};

const FILE: &str = "application_default_credentials.json";
const LOGIN: &str = "log in with `gcloud auth application-default login`";

/// What opens one request.
pub struct Pass {
    /// The bearer token.
    pub token: String,
    /// The project that is billed, where the credentials name one.
    pub billed: Option<String>,
}

/// What a file of credentials holds.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Credentials {
    /// A person, logged in with gcloud.
    AuthorizedUser(User),
    /// An account of a program's own.
    ServiceAccount(Account),
}

/// A person, logged in with gcloud.
#[derive(Deserialize, PartialEq, Eq)]
pub struct User {
    /// Of gcloud.
    pub client_id: String,
    /// Of gcloud.
    pub client_secret: String,
    /// Of the login.
    pub refresh_token: String,
    /// Where tokens are had.
    pub token_uri: Option<String>,
    /// The project that is billed.
    pub quota_project_id: Option<String>,
}

/// An account of a program's own.
#[derive(Deserialize, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub client_email: String,
    /// PEM.
    pub private_key: String,
    /// Which of its keys that is.
    pub private_key_id: Option<String>,
    /// Where tokens are had.
    pub token_uri: Option<String>,
    /// The project that is billed.
    pub quota_project_id: Option<String>,
}

/// A pass for `request`: from the tokens that are kept, else a new one.
pub async fn pass(http: &HttpClient, request: &Request) -> Result<Pass, Fault> {
    let auth = &request.auth;
    let billed = auth.variable("GOOGLE_CLOUD_QUOTA_PROJECT");
    let Some((file, text)) = find(auth).await? else {
        let token = metadata::token(http, request).await?;
        let token = token.ok_or_else(|| closed(format!("no credentials found: {LOGIN}")))?;
        let billed = billed.map(str::to_owned);
        return Ok(Pass { token, billed });
    };
    let credentials = read(&file, &text)?;
    let named = match &credentials {
        Credentials::AuthorizedUser(user) => user.quota_project_id.as_deref(),
        Credentials::ServiceAccount(account) => account.quota_project_id.as_deref(),
    };
    let billed = billed.or(named).map(str::to_owned);
    let token = grant::token(http, request, &file, &text, &credentials).await?;
    Ok(Pass { token, billed })
}

/// The file that counts, and its text.
async fn find(auth: &Auth) -> Result<Option<(PathBuf, String)>, Fault> {
    if let Some(named) = auth.variable("GOOGLE_APPLICATION_CREDENTIALS") {
        let file = PathBuf::from(named);
        return match tokio::fs::read_to_string(&file).await {
            Ok(text) => Ok(Some((file, text))),
            Err(error) => Err(closed(format!(
                "GOOGLE_APPLICATION_CREDENTIALS names {named}, which cannot be read ({error})"
            ))),
        };
    }
    for file in usual_places(|name| auth.variable(name)) {
        match tokio::fs::read_to_string(&file).await {
            Ok(text) => return Ok(Some((file, text))),
            Err(error) if is_absent(error.kind()) => {}
            Err(error) => {
                let file = file.display();
                return Err(closed(format!("{file} cannot be read ({error})")));
            }
        }
    }
    Ok(None)
}

/// Where gcloud keeps its file, in the order in which it is looked for.
pub fn usual_places<'a>(variable: impl Fn(&str) -> Option<&'a str>) -> Vec<PathBuf> {
    if let Some(own) = variable("CLOUDSDK_CONFIG") {
        return vec![Path::new(own).join(FILE)];
    }
    let home = variable("HOME").map(|home| Path::new(home).join(".config"));
    let configured = variable("XDG_CONFIG_HOME").map(PathBuf::from);
    let below = |folder: PathBuf| folder.join("gcloud").join(FILE);
    home.into_iter().chain(configured).map(below).collect()
}

fn is_absent(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// No message holds anything of the file but the name of its kind.
fn read(file: &Path, text: &str) -> Result<Credentials, Fault> {
    let file = file.display();
    let value: Value = serde_json::from_str(text)
        .map_err(|_| closed(format!("{file} is not JSON; {LOGIN} again")))?;
    let kind = value["type"].as_str().unwrap_or_default().to_owned();
    match kind.as_str() {
        "authorized_user" | "service_account" => serde_json::from_value(value).map_err(|error| {
            let error = error.to_string();
            let what = missing_field(&error);
            closed(format!(
                "{file} is not a whole file of credentials ({what})"
            ))
        }),
        "" => Err(closed(format!("{file} is no file of credentials"))),
        other => Err(closed(format!(
            "{file} holds credentials of the kind {other:?}, which pi does not support; {LOGIN}, use \
             a key file of a service account, or set GOOGLE_CLOUD_API_KEY"
        ))),
    }
}

/// What the reader says of a missing field; of others it might tell the value.
fn missing_field(error: &str) -> &str {
    match error.starts_with("missing field") {
        true => error,
        false => "a field is not of its type",
    }
}

/// Why there is no way in.
pub fn closed(words: impl Into<String>) -> Fault {
    Fault {
        words: words.into(),
        failure: Failure::new(Kind::Credentials),
    }
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("client_email", &self.client_email)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gclouds_file_is_looked_for_where_gcloud_writes_it() {
        let places = |set: &[(&str, &'static str)]| {
            let find = |name: &str| {
                set.iter()
                    .find(|(n, _)| *n == name)
                    .map(|(_, value)| *value)
            };
            let places = usual_places(find).into_iter();
            let texts: Vec<String> = places.map(|place| place.display().to_string()).collect();
            texts
        };
        let file = "gcloud/application_default_credentials.json";
        assert_eq!(
            places(&[("HOME", "/h"), ("XDG_CONFIG_HOME", "/x")]),
            [format!("/h/.config/{file}"), format!("/x/{file}")]
        );
        assert_eq!(
            places(&[("HOME", "/h"), ("CLOUDSDK_CONFIG", "/c/gcloud")]),
            [format!("/c/{file}")]
        );
        assert_eq!(places(&[]), [] as [&str; 0]);
    }

    #[test]
    fn a_file_that_is_of_no_use_is_named_without_its_secrets() {
        let fails = |text: &str| read(Path::new("adc.json"), text).unwrap_err().words;
        assert!(fails("{").contains("adc.json is not JSON"));
        assert!(fails("{}").contains("no file of credentials"));
        assert!(fails(r#"{"type": "external_account"}"#).contains("external_account"));
        let partial = r#"{"type": "authorized_user", "client_id": "a", "client_secret": "hush"}"#;
        assert!(fails(partial).contains("missing field `refresh_token`"));
        let odd = r#"{"type": "authorized_user", "client_id": "a", "client_secret": {"hush": 1}}"#;
        assert!(!fails(odd).contains("hush"));
    }
}
