//! Credentials exchanged for an access token, at the token endpoint that their file names.
//!
//! Sources: RFC 6749 section 6 (a login's refresh token), RFC 7523 (a service account's statement).

use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::credentials::{Credentials, closed};
use super::jwt;
use crate::ai::failure::{self, Fault, Secrets};
use crate::ai::http::{HttpClient, Response};
use crate::ai::provider::{Request, Timeouts};
use crate::ai::tokens::{Fetched, Seen, Tokens};
use crate::ai::url::form;

/// The endpoint of files that name none, as those of gcloud.
const ENDPOINT: &str = "https://oauth2.googleapis.com/token";
/// How long Google's server is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
const LOGIN: &str = "Log in again with `gcloud auth application-default login`";
const ACCOUNT: &str = "Look at the service account and its keys in Google Cloud";

/// A token for `credentials`, which are the `text` of `file`.
pub async fn token(
    http: &HttpClient,
    request: &Request,
    file: &Path,
    text: &str,
    credentials: &Credentials,
) -> Result<String, Fault> {
    // Of a file that was written anew the old token is not used.
    let name = URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()));
    let fetch = fetch(http, request, file, credentials);
    let token = http
        .remembered::<Tokens<String, String>>()
        .get(&name, &request.clock, fetch)
        .await?;
    http.remembered::<Seen>().add(&token);
    Ok(token)
}

async fn fetch(
    http: &HttpClient,
    request: &Request,
    file: &Path,
    credentials: &Credentials,
) -> Result<Fetched<String>, Fault> {
    let named = match credentials {
        Credentials::AuthorizedUser(user) => &user.token_uri,
        Credentials::ServiceAccount(account) => &account.token_uri,
    };
    let url = named.as_deref().unwrap_or(ENDPOINT);
    let mut secrets = Secrets::of(&request.auth);
    let fields = match credentials {
        Credentials::AuthorizedUser(user) => {
            secrets.add(&user.client_secret);
            secrets.add(&user.refresh_token);
            form(&[
                ("grant_type", "refresh_token"),
                ("client_id", &user.client_id),
                ("client_secret", &user.client_secret),
                ("refresh_token", &user.refresh_token),
            ])
        }
        Credentials::ServiceAccount(account) => {
            let statement = jwt::signed(account, url, request.clock.now() / 1000);
            let statement = statement.map_err(|why| {
                closed(format!(
                    "the private key in {} is of no use: {why}",
                    file.display()
                ))
            })?;
            secrets.add(&statement);
            form(&[
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("assertion", &statement),
            ])
        }
    };
    let headers = [(
        "content-type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    )];
    let timeouts = Timeouts {
        idle: PATIENCE,
        head: Some(PATIENCE),
        ..request.timeouts
    };
    // An abort of the request drops this whole future.
    let stop = CancellationToken::new();
    let asked_at = request.clock.now();
    let mut response = http
        .post(url, &headers, fields.into_bytes(), timeouts, &stop)
        .await
        .map_err(|error| failure::unreachable("Google's token server", &error))?;
    let body = response.text_up_to(failure::MAX_BODY).await;
    if !(200..300).contains(&response.status) {
        let hint = match credentials {
            Credentials::AuthorizedUser(_) => LOGIN,
            Credentials::ServiceAccount(_) => ACCOUNT,
        };
        let fault = refused(&response, &body, file, hint, asked_at);
        return Err(secrets.veiled_fault("", fault));
    }
    received(&body, asked_at)
}

/// What a token endpoint answers: the token, and the seconds that it holds.
pub fn received(body: &str, asked_at: i64) -> Result<Fetched<String>, Fault> {
    let value: Value = serde_json::from_str(body).unwrap_or_default();
    let text = value["access_token"].as_str().unwrap_or_default();
    if text.is_empty() {
        return Err(Fault::garbled("Google's token server answered no token"));
    }
    let seconds = value["expires_in"].as_f64().unwrap_or(3600.0);
    let millis = (seconds.clamp(0.0, 1e6) * 1000.0) as i64;
    Ok(Fetched {
        what: text.to_owned(),
        until: Some(asked_at.saturating_add(millis)),
    })
}

/// RFC 6749 section 5.2: `error` is a name, `error_description` a sentence.
fn refused(response: &Response, body: &str, file: &Path, hint: &str, now: i64) -> Fault {
    let value: Value = serde_json::from_str(body).unwrap_or_default();
    let name = value["error"].as_str();
    match name {
        Some(name) if response.status < 500 => {
            let said = value["error_description"].as_str().unwrap_or(name);
            let said: String = said.chars().take(500).collect();
            let name: String = name.chars().take(100).collect();
            closed(format!(
                "Google does not accept the credentials in {}: {said} ({name}). {hint}",
                file.display()
            ))
        }
        _ => failure::refused("Google's token server", response, body, now),
    }
}
