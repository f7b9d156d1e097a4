//! What a login works with: the network, the time, and what the environment says about logins.

use std::net::IpAddr;
use std::time::Duration;

use super::tokens::NEVER;
use crate::ai::clock::Clock;
use crate::ai::http::HttpClient;
use crate::ai::message::Millis;
use crate::ai::provider::Timeouts;

/// What a login works with.
#[derive(Clone)]
pub struct Means {
    /// Carries the requests.
    pub http: HttpClient,
    /// Tells when tokens end.
    pub clock: Clock,
    /// Where to listen for the browser (`PI_OAUTH_CALLBACK_HOST`); the vendors' redirects lead to
    /// this machine, so this is another of its addresses, or one of a container.
    pub callback_host: String,
    /// In place of Kimi's own server (`KIMI_CODE_OAUTH_HOST`, `KIMI_OAUTH_HOST`).
    pub kimi_host: Option<String>,
    /// Names this installation towards OpenAI (`deviceId` of the settings), a UUID; only the login with
    /// ChatGPT needs it.
    pub device_id: Option<String>,
}

impl Means {
    /// The usual ones.
    pub fn new(http: HttpClient, clock: Clock) -> Self {
        Means {
            http,
            clock,
            callback_host: LOOPBACK.to_owned(),
            kimi_host: None,
            device_id: None,
        }
    }

    /// Where to listen for the browser, as the system wants it said.
    pub(super) fn listens_at(&self) -> &str {
        let host = self.callback_host.trim();
        let inner = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        inner.unwrap_or(host)
    }

    /// The host at which a browser of this machine finds whoever listens there, as addresses have it. Who
    /// listens everywhere also listens on the loopback, which is where tokens may come to.
    pub(super) fn heard_at(&self) -> String {
        let host = self.listens_at();
        match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) if ip.is_unspecified() => LOOPBACK.to_owned(),
            Ok(IpAddr::V6(ip)) if ip.is_unspecified() => "[::1]".to_owned(),
            Ok(IpAddr::V6(ip)) => format!("[{ip}]"),
            _ => host.to_owned(),
        }
    }

    /// When something that lasts for `seconds` counts as ended, `margin` before it does.
    pub(super) fn end_of(&self, seconds: f64, margin: Millis) -> Millis {
        #[expect(clippy::cast_possible_truncation, reason = "saturates, as it should")]
        let lasts = (seconds * 1000.0) as Millis;
        self.clock
            .now()
            .saturating_add(lasts)
            .saturating_sub(margin)
            .min(NEVER)
    }
}

/// Where to listen unless told otherwise.
const LOOPBACK: &str = "127.0.0.1";

/// How long a vendor may take. All of it together stays within what the exit waits for.
pub(super) const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(5),
    websocket: Duration::ZERO,
    idle: Duration::from_secs(5),
    late: Duration::from_secs(5),
    head: Some(Duration::from_secs(12)),
    retries: 0,
    longest_wait: Duration::ZERO,
};
