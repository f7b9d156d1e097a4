//! Opening a web socket: a GET that asks for the upgrade, and what the server says to that.
//!
//! The request goes the way of every other one, so HTTP CONNECT and SOCKS proxies, TLS roots and
//! `NO_PROXY` work as they do there. Time is limited by [`Timeouts::websocket`] as a whole.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, Url};
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use tokio_util::sync::CancellationToken;

use super::socket::Socket;
use crate::ai::http::{
    HttpClient, HttpError, Speech, broken, header_list, header_map, host_of, within,
};
use crate::ai::provider::Timeouts;
use crate::ai::url;

/// What the key is digested with (RFC 6455, section 1.3).
const ACCEPT: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Why there is no socket.
#[derive(Debug)]
pub enum Unopened {
    /// There was no answer, or no valid one.
    Unreachable(HttpError),
    /// The server answered with another status than 101.
    Refused(u16),
}

impl HttpClient {
    /// Opens a web socket at `url` (`ws:`, `wss:`, `http:` or `https:`); with it come the headers of the
    /// server's answer, names in lower case.
    pub async fn open_socket(
        &self,
        url: &str,
        headers: &[(String, String)],
        timeouts: Timeouts,
        stop: &CancellationToken,
    ) -> Result<(Socket, Vec<(String, String)>), Unopened> {
        let url = target(url)?;
        let host = host_of(&url);
        let opening = self.upgraded(&url, headers, timeouts);
        let limit = timeouts.websocket;
        let opened = within(limit, &host, stop, opening).await;
        let (stream, answered) = opened.map_err(|error| late(error, limit))??;
        tracing::debug!(%host, "web socket opened");
        Ok((Socket::new(stream, host, timeouts.idle).await, answered))
    }

    async fn upgraded(
        &self,
        url: &Url,
        headers: &[(String, String)],
        timeouts: Timeouts,
    ) -> Result<(reqwest::Upgraded, Vec<(String, String)>), Unopened> {
        let host = host_of(url);
        let key = key()?;
        let client = self.client(url, timeouts.websocket, Speech::Http1).await?;
        let response = client
            .request(Method::GET, url.clone())
            .headers(header_map(headers)?)
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", &key)
            .send()
            .await
            .map_err(|error| broken(&host, error))?;
        let status = response.status().as_u16();
        if status != 101 {
            return Err(Unopened::Refused(status));
        }
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::trim)
        };
        let is_socket = header("upgrade").is_some_and(|u| u.eq_ignore_ascii_case("websocket"))
            && header("sec-websocket-accept") == Some(accept(&key).as_str());
        if !is_socket {
            let cause = "its answer to the web socket's handshake is not valid".to_owned();
            return Err(HttpError::Broken { host, cause }.into());
        }
        let headers = header_list(response.headers());
        let upgraded = response.upgrade().await;
        let upgraded = upgraded.map_err(|error| broken(&host, error))?;
        Ok((upgraded, headers))
    }
}

impl From<HttpError> for Unopened {
    fn from(error: HttpError) -> Self {
        Unopened::Unreachable(error)
    }
}

impl std::fmt::Display for Unopened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unopened::Unreachable(error) => error.fmt(f),
            Unopened::Refused(status) => {
                write!(
                    f,
                    "the server answered {status} to the web socket's handshake"
                )
            }
        }
    }
}

/// The URL as HTTP knows it.
fn target(url: &str) -> Result<Url, HttpError> {
    let http = match url.split_once("://") {
        Some(("ws", rest)) => format!("http://{rest}"),
        Some(("wss", rest)) => format!("https://{rest}"),
        _ => url.to_owned(),
    };
    url::parsed(&http).map_err(HttpError::Setup)
}

fn key() -> Result<String, HttpError> {
    let mut bytes = [0; 16];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| HttpError::Setup("the system has no random numbers".into()))?;
    Ok(STANDARD.encode(bytes))
}

fn accept(key: &str) -> String {
    let text = format!("{key}{ACCEPT}");
    STANDARD.encode(digest::digest(
        &digest::SHA1_FOR_LEGACY_USE_ONLY,
        text.as_bytes(),
    ))
}

fn late(error: HttpError, limit: Duration) -> HttpError {
    match error {
        HttpError::Idle { host, .. } => HttpError::Broken {
            host,
            cause: format!("no web socket came about within {} s", limit.as_secs_f64()),
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_answered_as_the_standard_says() {
        // The example of RFC 6455, section 1.3.
        assert_eq!(
            accept("dGhlIHNhbXBsZSBub25jZQ=="),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
        let key = key().unwrap();
        assert_eq!(STANDARD.decode(key).unwrap().len(), 16);
    }

    #[test]
    fn schemes_of_sockets_are_those_of_http() {
        let as_http = |url: &str| target(url).unwrap().to_string();
        assert_eq!(as_http("wss://a.example/x?y"), "https://a.example/x?y");
        assert_eq!(as_http("ws://a.example:8/"), "http://a.example:8/");
        assert_eq!(as_http("https://a.example/"), "https://a.example/");
        assert!(target("nonsense").is_err());
    }
}
