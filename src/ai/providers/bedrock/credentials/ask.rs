//! How servers of credentials are asked: briefly, and with failures in words.

use std::time::Duration;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::super::place;
use super::{Keys, no_keys, sts};
use crate::ai::clock::Clock;
use crate::ai::failure::{self, Failure, Fault, Kind, Secrets};
use crate::ai::http::{HttpClient, HttpError, Method};
use crate::ai::provider::{Auth, Timeouts};
use crate::ai::tokens::Seen;

const MOST: usize = 64 * 1024;

/// Asks servers of credentials.
pub struct Asker {
    /// Carries the requests.
    http: HttpClient,
    /// For what ends, and for signatures.
    pub clock: Clock,
    /// The region of the request that the credentials are for.
    pub region: String,
    /// What no server is quoted with.
    secrets: Secrets,
    /// STS, where it is not AWS's own.
    sts: Option<String>,
}

impl Asker {
    /// For a request in `region` with these variables.
    pub fn new(http: &HttpClient, clock: &Clock, region: &str, auth: &Auth) -> Self {
        Asker {
            http: http.clone(),
            clock: clock.clone(),
            region: region.to_owned(),
            secrets: Secrets::of(auth),
            sts: place::set_endpoint(auth, "STS").map(str::to_owned),
        }
    }

    /// Notes keys that were had, for masking.
    pub fn note(&self, keys: &Keys) {
        let seen = self.http.remembered::<Seen>();
        seen.add(&keys.secret);
        if let Some(token) = &keys.token {
            seen.add(token);
        }
    }

    /// Where STS of a region is.
    pub fn sts_url(&self, region: &str) -> String {
        let own = || format!("https://sts.{region}.{}", place::suffix(region));
        let base = self.sts.clone().unwrap_or_else(own);
        format!("{}/", base.trim_end_matches('/'))
    }

    /// Posts a form.
    pub async fn post(
        &self,
        what: &str,
        url: &str,
        headers: &[(String, String)],
        form: String,
    ) -> Result<String, Fault> {
        let form = form.into_bytes();
        self.send(&self.http, Method::POST, what, url, headers, form)
            .await
    }

    /// Gets a body; `direct` passes by every proxy.
    pub async fn get(
        &self,
        what: &str,
        url: &str,
        headers: &[(String, String)],
        direct: bool,
    ) -> Result<String, Fault> {
        let http = match direct {
            true => HttpClient::default(),
            false => self.http.clone(),
        };
        self.send(&http, Method::GET, what, url, headers, Vec::new())
            .await
    }

    async fn send(
        &self,
        http: &HttpClient,
        method: Method,
        what: &str,
        url: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
    ) -> Result<String, Fault> {
        let timeouts = Timeouts {
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(20),
            ..Timeouts::default()
        };
        // An abort drops all of this.
        let stop = CancellationToken::new();
        let mut secrets = self.secrets.clone();
        secrets.add_headers(headers);
        // The token of a web identity is in the form.
        if let Some(token) = sts::token_in(&body) {
            secrets.add(token);
        }
        let response = http.send(method, url, headers, body, timeouts, &stop).await;
        let mut response = response.map_err(|error| unreachable(what, &error))?;
        let body = response.text_up_to(MOST).await;
        if (200..300).contains(&response.status) {
            return Ok(body);
        }
        let status = response.status;
        let said = said(&body);
        let fault = no_keys(format!(
            "asked for AWS credentials, {what} answered {status}: {said}"
        ));
        let mut fault = secrets.veiled_fault("", fault);
        if status == 429 || status >= 500 || said.contains("Throttling") {
            fault.failure = Failure::new(Kind::Busy);
        }
        Err(fault)
    }
}

fn unreachable(what: &str, error: &HttpError) -> Fault {
    Fault {
        words: format!("asking {what} for AWS credentials: {error}"),
        failure: failure::unreachable("", error).failure,
    }
}

/// The server's own words: STS's XML, a container host's JSON, or as they are.
fn said(body: &str) -> String {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let code = sts::element(body, "Code").or_else(|| json["code"].as_str());
    let message = sts::element(body, "Message").or_else(|| json["message"].as_str());
    match (code, message) {
        (Some(code), Some(message)) => format!("{message} ({code})"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => failure::vendor_message(body).unwrap_or_else(|| "(no body)".into()),
    }
}
