//! The credentials of the machine itself, where it is one of Google's: asked of the metadata server,
//! which answers at once or is not there.
//!
//! Source: "About VM metadata" of Compute Engine's pages.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::grant;
use crate::ai::failure::{self, Fault};
use crate::ai::http::{HttpClient, Proxies};
use crate::ai::provider::{Request, Timeouts};
use crate::ai::tokens::{Fetched, Seen, Tokens};

/// Where the server is unless `GCE_METADATA_HOST` says it.
const HOST: &str = "metadata.google.internal";
const PATH: &str = "computeMetadata/v1/instance/service-accounts/default/token";
/// How long it is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// The machine's own token; `None` where nobody answers.
pub async fn token(http: &HttpClient, request: &Request) -> Result<Option<String>, Fault> {
    let host = request.auth.variable("GCE_METADATA_HOST").unwrap_or(HOST);
    let url = format!("http://{host}/{PATH}");
    let name = format!("metadata {host}");
    let fetch = fetch(&url, request);
    match http
        .remembered::<Tokens<String, String>>()
        .get(&name, &request.clock, fetch)
        .await
    {
        Ok(token) => {
            http.remembered::<Seen>().add(&token);
            Ok(Some(token))
        }
        Err(None) => Ok(None),
        Err(Some(fault)) => Err(fault),
    }
}

/// `Err(None)` where nobody answers.
async fn fetch(url: &str, request: &Request) -> Result<Fetched<String>, Option<Fault>> {
    let flavor = ("metadata-flavor".to_owned(), "Google".to_owned());
    let timeouts = Timeouts {
        connect: PATIENCE,
        idle: PATIENCE,
        head: Some(PATIENCE),
        ..request.timeouts
    };
    let asked_at = request.clock.now();
    // The server is beside the machine: no proxy knows the way to it.
    let direct = HttpClient::new(Proxies::default());
    let stop = CancellationToken::new();
    let mut response = direct
        .get(url, std::slice::from_ref(&flavor), timeouts, &stop)
        .await
        .map_err(|_| None)?;
    // Whoever answers for unknown names in a network is not it.
    let is_google = response.header(&flavor.0) == Some(flavor.1.as_str());
    let body = response.text_up_to(failure::MAX_BODY).await;
    match response.status {
        200 if is_google => grant::received(&body, asked_at).map_err(Some),
        404 if is_google => Err(Some(super::credentials::closed(
            "this machine has no service account that may be used",
        ))),
        _ if is_google => Err(Some(failure::refused(
            "the metadata server",
            &response,
            &body,
            asked_at,
        ))),
        _ => Err(None),
    }
}
