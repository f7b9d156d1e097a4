//! Fetches catalogues: one document about all providers, or one for each where the address has
//! `{provider}` in it. Encrypted, unless it is this machine; nothing is sent but the question.

use std::time::Duration;

use futures::{StreamExt, stream};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{MOST, providers};
use crate::ai::Timeouts;
use crate::ai::http::{HttpClient, Response};
use crate::cli::CliError;
use crate::cli::world::World;
use crate::config::models::refresh::Tags;

/// Questions at the same time.
const AT_ONCE: usize = 6;
/// The longest that one may take in all.
const WHOLE: Duration = Duration::from_secs(60);
const CONNECT: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_secs(15);

/// Stands for a provider in an address.
const PLACE: &str = "{provider}";

/// What came of one question.
pub(super) struct Fetched {
    /// Whom it was about; `None` for all.
    pub provider: Option<String>,
    /// What came, or why nothing did.
    pub outcome: Result<Outcome, String>,
}

pub(super) enum Outcome {
    New {
        document: Value,
        /// Milliseconds since 1970.
        made_at: Option<u64>,
        tag: Option<String>,
    },
    /// As it was when it was asked for last.
    Unchanged,
    /// The server has nothing about this provider.
    Absent,
}

/// Asks one server.
pub(super) struct Fetcher<'a> {
    http: HttpClient,
    address: &'a str,
    /// What is here already.
    tags: Tags,
}

impl<'a> Fetcher<'a> {
    /// Asks at this address, if it is one to trust.
    pub(super) fn new(world: &'a World, address: &'a str) -> Result<Self, CliError> {
        if !is_safe(address) {
            return Err(CliError::usage(format!(
                "{address:?} is not an address to take a catalogue from"
            ))
            .hint("it should begin with https:// (or be on this machine): a catalogue says where keys are sent"));
        }
        Ok(Fetcher {
            http: HttpClient::new(world.proxies()),
            address,
            tags: Tags::read(&world.paths.models_store(), address),
        })
    }

    /// Everything that there is.
    pub(super) async fn fetch(&self) -> Vec<Fetched> {
        if !self.address.contains(PLACE) {
            return vec![Fetched {
                provider: None,
                outcome: self.ask(self.address, None).await,
            }];
        }
        let questions = providers().map(|provider| async move {
            let url = self.address.replace(PLACE, provider);
            Fetched {
                provider: Some(provider.to_owned()),
                outcome: self.ask(&url, Some(provider)).await,
            }
        });
        stream::iter(questions).buffered(AT_ONCE).collect().await
    }

    /// One question, about one provider or all.
    async fn ask(&self, url: &str, of: Option<&str>) -> Result<Outcome, String> {
        tokio::time::timeout(WHOLE, self.exchange(url, of))
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {} seconds", WHOLE.as_secs())))
    }

    async fn exchange(&self, url: &str, of: Option<&str>) -> Result<Outcome, String> {
        let timeouts = Timeouts {
            connect: CONNECT,
            idle: IDLE,
            ..Timeouts::default()
        };
        let mut headers = vec![("accept".to_owned(), "application/json".to_owned())];
        let tag = self.tags.of(of);
        headers.extend(tag.map(|tag| ("if-none-match".to_owned(), tag.to_owned())));
        let stop = CancellationToken::new();
        let response = self.http.get(url, &headers, timeouts, &stop).await;
        let mut response = response.map_err(|error| error.to_string())?;
        match response.status {
            200 => {}
            304 => return Ok(Outcome::Unchanged),
            404 | 501 if self.address.contains(PLACE) => return Ok(Outcome::Absent),
            status @ 300..400 => {
                let place = response.header("location").unwrap_or("elsewhere");
                let place = match of {
                    // As an address that may be named, the same for all.
                    Some(provider) => place.replace(provider, PLACE),
                    None => place.to_owned(),
                };
                return Err(format!(
                    "the server answers {status}, go to {place}: name that address"
                ));
            }
            status => return Err(format!("the server answers {status}")),
        }
        let made_at = response.header("last-modified").and_then(millis);
        let tag = response.header("etag").map(str::to_owned);
        let bytes = whole(&mut response).await?;
        Ok(Outcome::New {
            document: json(&bytes)?,
            made_at,
            tag,
        })
    }
}

/// The body, if it is not too long.
async fn whole(response: &mut Response) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| error.to_string())? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > MOST {
            return Err("the answer is too long for a catalogue".to_owned());
        }
    }
    Ok(bytes)
}

/// The JSON in `bytes`.
pub(super) fn json(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("it is not valid JSON: {error}"))
}

fn millis(date: &str) -> Option<u64> {
    let zoned = jiff::fmt::rfc2822::parse(date).ok()?;
    u64::try_from(zoned.timestamp().as_millisecond()).ok()
}

/// Whether nobody on the way can change what comes from an address.
fn is_safe(address: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(&address.replace(PLACE, "provider")) else {
        return false;
    };
    match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => true,
        ("http", Some(host)) => {
            let host = host.trim_matches(['[', ']']);
            let ip = host.parse::<std::net::IpAddr>();
            host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_catalogue_comes_encrypted_or_from_this_machine() {
        for safe in [
            "https://pi.dev/api/models/providers/{provider}",
            "http://127.0.0.1:80/x",
            "http://[::1]/x",
            "http://localhost/{provider}",
        ] {
            assert!(is_safe(safe), "{safe}");
        }
        for unsafe_ in [
            "http://pi.dev/x",
            "http://127.0.0.1.evil.example/",
            "http://localhost.evil.example/",
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
            "https://",
            "nonsense",
        ] {
            assert!(!is_safe(unsafe_), "{unsafe_}");
        }
    }
}
