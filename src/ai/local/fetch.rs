//! One question to one server: JSON of a limited size within a limited time.
//!
//! Whoever listens at a usual port may be something else. So nobody is shown the key who has not asked for
//! one (401 or 403); and there are no servers but those of loopback and those that the person's own variable
//! or `models.json` names.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::address::Server;
use super::trouble::Trouble;
use crate::ai::http::{HttpClient, HttpError, Method};
use crate::ai::provider::Timeouts;

/// A longer answer is none.
const LONGEST: usize = 4 * 1024 * 1024;

/// Asks a server, each time for at most this long.
pub(super) struct Fetch<'a> {
    pub http: &'a HttpClient,
    pub server: &'a Server,
    pub patience: Duration,
    /// When there is no time left for any question.
    pub until: Instant,
    pub stop: &'a CancellationToken,
    /// Whether the server has asked for its key.
    pub wants_key: AtomicBool,
}

impl Fetch<'_> {
    /// What is at this path.
    pub async fn get(&self, path: &str) -> Result<Value, Trouble> {
        self.ask(Method::GET, path, Vec::new()).await
    }

    /// What the server says to this.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Trouble> {
        self.ask(Method::POST, path, body.to_string().into_bytes())
            .await
    }

    async fn ask(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Value, Trouble> {
        let asking = async {
            let key = self.server.api_key.as_deref();
            let known = key.filter(|_| self.wants_key.load(Ordering::Relaxed));
            match self
                .exchange(method.clone(), path, body.clone(), known)
                .await
            {
                Err(Trouble::Locked) if known.is_none() && key.is_some() => {
                    self.wants_key.store(true, Ordering::Relaxed);
                    self.exchange(method, path, body, key).await
                }
                answer => answer,
            }
        };
        // One limit for everything: connecting, the head and all of the body.
        let left = self.until.saturating_duration_since(Instant::now());
        match tokio::time::timeout(self.patience.min(left), asking).await {
            Ok(answer) => answer,
            Err(_) => Err(Trouble::Late(self.patience)),
        }
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        key: Option<&str>,
    ) -> Result<Value, Trouble> {
        let url = format!("{}{path}", self.server.url);
        let mut headers = vec![("accept".to_owned(), "application/json".to_owned())];
        if !body.is_empty() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        if let Some(key) = key {
            headers.push(("authorization".to_owned(), format!("Bearer {key}")));
        }
        let timeouts = Timeouts {
            connect: self.patience,
            idle: self.patience,
            head: Some(self.patience),
            ..Timeouts::default()
        };
        let sent = self
            .http
            .send(method, &url, &headers, body, timeouts, self.stop)
            .await;
        let mut response = match sent {
            Ok(response) if response.status == 200 => response,
            Ok(response) if matches!(response.status, 401 | 403) => return Err(Trouble::Locked),
            Ok(response) => return Err(Trouble::Status(response.status)),
            Err(HttpError::Connect { refused: true, .. }) => return Err(Trouble::Nobody),
            Err(error) if error.is_unknown_host() => return Err(Trouble::Unknown),
            Err(HttpError::Idle { .. }) => return Err(Trouble::Late(self.patience)),
            Err(_) => return Err(Trouble::Alien),
        };
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| Trouble::Alien)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LONGEST {
                return Err(Trouble::Alien);
            }
        }
        let is_page = bytes.trim_ascii_start().starts_with(b"<");
        serde_json::from_slice(&bytes).map_err(|_| match is_page {
            true => Trouble::Page,
            false => Trouble::Alien,
        })
    }
}
