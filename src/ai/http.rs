//! The HTTP client: one request, its head, its body piece by piece.
//!
//! Every wait ends at the caller's token within a poll, and at a deadline: connecting at `connect`,
//! reading at `idle`. Making a client costs nothing; TLS and its root certificates (the system's, or
//! Mozilla's where there are none) are loaded with the first `https:` request. Redirects are not
//! followed: a POST must not wander. What is logged is method, host, status and time, never a body,
//! a path or a header. Proxies come as a value ([`Proxies`]); loopback is never proxied unless told.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
pub use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, NoProxy, Proxy, Url, redirect};
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use super::provider::Timeouts;
use super::remembered::Remembered;
use super::url;

/// How long the body of an error is waited for.
const ERROR_BODY: Duration = Duration::from_secs(5);

/// As many letters tell what a body is; as many blanks in front of them are bearable.
const LETTERS: usize = 9;
const BLANKS: usize = 64 * 1024;

const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// Where requests go through, as the environment's `HTTP_PROXY` and its kin say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For `http:` URLs (`HTTP_PROXY`).
    pub http: Option<String>,
    /// For `https:` URLs (`HTTPS_PROXY`).
    pub https: Option<String>,
    /// For both, where the above are silent (`ALL_PROXY`).
    pub all: Option<String>,
    /// Hosts that are reached directly (`NO_PROXY`).
    pub none: Option<String>,
    /// Loopback goes through the proxies too.
    pub loopback: bool,
}

/// An HTTP client. Clones share connections.
#[derive(Clone, Default)]
pub struct HttpClient {
    shared: Arc<Shared>,
    speech: Speech,
}

#[derive(Default)]
struct Shared {
    proxies: Proxies,
    // A handful of clients, made on first use; held for a look-up only.
    clients: Mutex<Vec<(ClientKey, Client)>>,
    remembered: Remembered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ClientKey {
    tls: bool,
    connect: Duration,
    speech: Speech,
}

/// What a client offers a server to speak.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Speech {
    /// HTTP/2 or HTTP/1.1.
    #[default]
    Newest,
    /// HTTP/1.1 alone: for servers that cannot be offered more, and for what becomes a web socket.
    Http1,
}

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
}

/// A response whose head has arrived.
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    inner: reqwest::Response,
    // What was looked at already.
    ahead: Option<Bytes>,
    host: String,
    idle: Duration,
    stop: CancellationToken,
}

impl HttpClient {
    /// A client that goes through these proxies. Costs nothing until the first request.
    pub fn new(proxies: Proxies) -> Self {
        HttpClient {
            shared: Arc::new(Shared {
                proxies,
                ..Shared::default()
            }),
            speech: Speech::Newest,
        }
    }

    /// The same client for servers that cannot be offered HTTP/2.
    pub fn http1(&self) -> Self {
        HttpClient {
            shared: Arc::clone(&self.shared),
            speech: Speech::Http1,
        }
    }

    /// What is remembered under this type from one request to the next, by all clones together.
    pub fn remembered<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        self.shared.remembered.of()
    }

    /// Posts `body` and returns when the head of the response is there.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
        timeouts: Timeouts,
        stop: &CancellationToken,
    ) -> Result<Response, HttpError> {
        self.send(Method::POST, url, headers, body, timeouts, stop)
            .await
    }

    /// Asks for `url`; otherwise as [`HttpClient::post`].
    pub async fn get(
        &self,
        url: &str,
        headers: &[(String, String)],
        timeouts: Timeouts,
        stop: &CancellationToken,
    ) -> Result<Response, HttpError> {
        let nothing = Vec::new();
        self.send(Method::GET, url, headers, nothing, timeouts, stop)
            .await
    }

    /// Sends one request of any method and returns when the head of the response is there.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
        timeouts: Timeouts,
        stop: &CancellationToken,
    ) -> Result<Response, HttpError> {
        let url = url::parsed(url).map_err(HttpError::Setup)?;
        let host = host_of(&url);
        let begun = Instant::now();
        let sending = async {
            let client = self.client(&url, timeouts.connect, self.speech).await?;
            let request = client.request(method.clone(), url);
            let request = request.headers(header_map(headers)?).body(body);
            request.send().await.map_err(|error| broken(&host, error))
        };
        let response = within(wait_for_head(timeouts), &host, stop, sending).await??;
        let status = response.status().as_u16();
        tracing::debug!(%method, %host, status, elapsed = ?begun.elapsed(), "response");
        Ok(Response {
            status,
            headers: header_list(response.headers()),
            inner: response,
            ahead: None,
            host,
            idle: timeouts.idle,
            stop: stop.clone(),
        })
    }

    /// A client for `url`; `connect` of zero waits for ever.
    pub(super) async fn client(
        &self,
        url: &Url,
        connect: Duration,
        speech: Speech,
    ) -> Result<Client, HttpError> {
        let tls = url.scheme() == "https" || self.shared.proxies.need_tls();
        let key = ClientKey {
            tls,
            connect,
            speech,
        };
        if let Some(client) = self.known(key) {
            return Ok(client);
        }
        let proxies = self.shared.proxies.clone();
        let client = if tls {
            // Reading the system's certificates is file work.
            tokio::task::spawn_blocking(move || build(&proxies, system_roots(), key))
                .await
                .map_err(|error| HttpError::Setup(error.to_string()))??
        } else {
            build(&proxies, RootCertStore::empty(), key)?
        };
        let mut clients = self.clients();
        clients.push((key, client.clone()));
        Ok(client)
    }

    fn known(&self, key: ClientKey) -> Option<Client> {
        let clients = self.clients();
        let found = clients.iter().find(|(k, _)| *k == key);
        found.map(|(_, client)| client.clone())
    }

    fn clients(&self) -> std::sync::MutexGuard<'_, Vec<(ClientKey, Client)>> {
        self.shared
            .clients
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Response {
    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The next piece of the body; `None` at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, HttpError> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead));
        }
        let chunk = self.inner.chunk();
        within(self.idle, &self.host, &self.stop, chunk)
            .await?
            .map_err(|error| broken(&self.host, error))
    }

    /// From here on a piece is waited for no longer than `limit`.
    pub fn hasten(&mut self, limit: Duration) {
        if self.idle.is_zero() || self.idle > limit {
            self.idle = limit;
        }
    }

    /// The beginning of the body, which is still to be read: blanks, and a few letters where there are so
    /// many.
    pub async fn beginning(&mut self) -> Bytes {
        let mut bytes = Vec::new();
        while bytes.len() < BLANKS && bytes.trim_ascii_start().len() < LETTERS {
            match self.chunk().await {
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) | Err(_) => break,
            }
        }
        let bytes = Bytes::from(bytes);
        self.ahead = (!bytes.is_empty()).then(|| bytes.clone());
        bytes
    }

    /// The body as text, at most `limit` bytes and a few seconds of it; what came before a failure
    /// counts.
    pub async fn text_up_to(&mut self, limit: usize) -> String {
        let mut bytes = Vec::new();
        let reading = async {
            while bytes.len() < limit {
                match self.chunk().await {
                    Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                    Ok(None) | Err(_) => break,
                }
            }
        };
        // Late: what has come must do.
        let _ = tokio::time::timeout(ERROR_BODY, reading).await;
        bytes.truncate(limit);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Proxies {
    fn need_tls(&self) -> bool {
        let all = [&self.http, &self.https, &self.all];
        all.into_iter()
            .flatten()
            .any(|url| url.starts_with("https:"))
    }

    fn direct(&self) -> Option<NoProxy> {
        let listed = self.none.as_deref().unwrap_or_default();
        let list = match (self.loopback, listed) {
            (true, listed) => listed.to_owned(),
            (false, "") => LOOPBACK.to_owned(),
            (false, listed) => format!("{listed},{LOOPBACK}"),
        };
        NoProxy::from_string(&list)
    }
}

fn build(proxies: &Proxies, roots: RootCertStore, key: ClientKey) -> Result<Client, HttpError> {
    let setup = |error: &dyn std::error::Error| HttpError::Setup(causes(error));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| setup(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = match key.speech {
        Speech::Newest => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        Speech::Http1 => vec![b"http/1.1".to_vec()],
    };
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .tcp_nodelay(true)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("pi/", env!("CARGO_PKG_VERSION")));
    if !key.connect.is_zero() {
        builder = builder.connect_timeout(key.connect);
    }
    if key.speech == Speech::Http1 {
        builder = builder.http1_only();
    }
    let kinds = [
        (&proxies.http, Proxy::http as fn(String) -> _),
        (&proxies.https, Proxy::https),
        (&proxies.all, Proxy::all),
    ];
    for (url, make) in kinds {
        let Some(url) = url.as_ref().filter(|url| !url.is_empty()) else {
            continue;
        };
        let proxy = make(url.clone())
            .map_err(|_| HttpError::Setup("the proxy's URL is not valid".into()))?;
        builder = builder.proxy(proxy.no_proxy(proxies.direct()));
    }
    builder.build().map_err(|error| setup(&error))
}

/// The system's root certificates, or Mozilla's where the system has none.
fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

/// Waits for `work`, for the token and for the clock; zero is for ever.
pub(super) async fn within<T>(
    limit: Duration,
    host: &str,
    stop: &CancellationToken,
    work: impl Future<Output = T>,
) -> Result<T, HttpError> {
    let timed = async {
        if limit.is_zero() {
            return Ok(work.await);
        }
        let late = |_| HttpError::Idle {
            host: host.to_owned(),
            idle: limit,
        };
        tokio::time::timeout(limit, work).await.map_err(late)
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => Err(HttpError::Aborted),
        result = timed => result,
    }
}

/// The head may take as long as connecting and one wait for bytes together; who waits for bytes less long
/// than for a connection does not wait longer for the connection either.
fn wait_for_head(timeouts: Timeouts) -> Duration {
    if let Some(head) = timeouts.head {
        return head;
    }
    if timeouts.idle.is_zero() {
        return Duration::ZERO;
    }
    timeouts.connect.min(timeouts.idle) + timeouts.idle
}

pub(super) fn broken(host: &str, error: reqwest::Error) -> HttpError {
    let host = host.to_owned();
    if error.is_builder() {
        return HttpError::Setup(causes(&error.without_url()));
    }
    let refused = io_kind(&error) == Some(std::io::ErrorKind::ConnectionRefused);
    let connect = error.is_connect();
    let late = connect && error.is_timeout();
    let cause = if late {
        "the connection took too long".to_owned()
    } else {
        causes(&error.without_url())
    };
    match connect {
        true => HttpError::Connect {
            host,
            cause,
            refused,
        },
        false => HttpError::Broken { host, cause },
    }
}

fn io_kind(error: &reqwest::Error) -> Option<std::io::ErrorKind> {
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
        }
        next = error.source();
    }
    None
}

/// The innermost cause, which is the one that says something.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

pub(super) fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, HttpError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| HttpError::Setup(format!("{name:?} is no name for a header")))?;
        let mut value = HeaderValue::from_str(value.trim()).map_err(|_| {
            HttpError::Setup(format!("the value of the header {name} is not valid"))
        })?;
        value.set_sensitive(true);
        map.insert(name, value);
    }
    Ok(map)
}

pub(super) fn header_list(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), text(value)))
        .collect()
}
