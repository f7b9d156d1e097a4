//! Why a request has no response, in words that show nothing of it but its host.

use std::time::Duration;

use thiserror::Error;

/// Why there is no response, or no more of it.
#[derive(Debug, Error)]
pub enum HttpError {
    /// The caller cancelled.
    #[error("the request was aborted")]
    Aborted,
    /// The URL, a header or a proxy setting makes no sense.
    #[error("{0}")]
    Setup(String),
    /// No connection came about.
    #[error("cannot connect to {host}: {cause}")]
    Connect {
        /// Host and port.
        host: String,
        /// In words.
        cause: String,
        /// Whether the other side refused.
        refused: bool,
    },
    /// Nothing came for too long.
    #[error("nothing came from {host} for {} s", idle.as_secs_f64())]
    Idle {
        /// Host and port.
        host: String,
        /// The limit.
        idle: Duration,
    },
    /// The connection broke.
    #[error("the connection to {host} broke: {cause}")]
    Broken {
        /// Host and port.
        host: String,
        /// In words.
        cause: String,
    },
}

impl HttpError {
    /// Whether there is no host of that name.
    pub fn is_unknown_host(&self) -> bool {
        // Resolvers' own words begin so, whatever the system.
        matches!(self, HttpError::Connect { cause, .. } if cause.contains("failed to lookup address"))
    }

    /// The same where a proxy was on the way: nobody else can have refused.
    pub(super) fn through(self, proxy: Option<&str>) -> Self {
        match (self, proxy) {
            (HttpError::Connect { host, cause, .. }, Some(proxy)) => HttpError::Connect {
                host: format!("{host} through the proxy {proxy}"),
                cause,
                refused: false,
            },
            (error, _) => error,
        }
    }
}
