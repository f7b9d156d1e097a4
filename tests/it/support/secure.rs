//! Any vendor's `https:` on this machine: a proxy that takes `CONNECT`, ends TLS itself with a
//! certificate for whatever host was asked for, and answers by a closure.
//!
//! The program under test is told of it as a user would tell it: `HTTPS_PROXY` and `SSL_CERT_FILE`.
//! Connections that begin with TLS at once are served as well, for servers that are asked directly.
//!
//! ```ignore
//! let vendors = Vendors::start(|asked| match asked.path.as_str() {
//!     "/oauth/token" => Reply::json(200, json!({"access_token": "…"})),
//!     _ => Reply::status(404),
//! });
//! vendors.surround(&mut command);
//! vendors.asked()[0].host
//! ```

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

/// A running proxy; it stops when dropped.
pub struct Vendors {
    address: SocketAddr,
    shared: Arc<Shared>,
    ca: tempfile::NamedTempFile,
}

/// A request as a vendor sees it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Without the port.
    pub host: String,
    pub method: String,
    /// With the query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// What it answers.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

type Answer = Box<dyn Fn(&Asked) -> Reply + Send + Sync>;

struct Shared {
    answer: Answer,
    issuer: Issuer<'static, KeyPair>,
    expired: bool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    asked: Vec<Asked>,
    over: bool,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `Null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

impl Reply {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Reply {
            status,
            headers: vec![("content-type".into(), content_type.into())],
            body: body.into(),
        }
    }

    pub fn json(status: u16, body: Value) -> Self {
        Reply::new(status, "application/json", body.to_string())
    }

    pub fn status(status: u16) -> Self {
        Reply::new(status, "text/plain", "")
    }

    /// None: the connection is closed in its place.
    pub fn hang_up() -> Self {
        Reply::status(0)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

impl Vendors {
    /// Answers every request to every host by `answer`.
    pub fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Vendors::with(Box::new(answer), false)
    }

    /// A server whose certificates ended years ago.
    pub fn expired() -> Self {
        Vendors::with(Box::new(|_| Reply::status(200)), true)
    }

    fn with(answer: Answer, expired: bool) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        let mut ca = tempfile::NamedTempFile::new().unwrap();
        ca.write_all(certificate.pem().as_bytes()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            answer,
            issuer: Issuer::new(params, key),
            expired,
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let accepting = shared.clone();
        thread::spawn(move || {
            for socket in listener.incoming() {
                if accepting.state.lock().unwrap().over {
                    return;
                }
                let shared = accepting.clone();
                if let Ok(socket) = socket {
                    // A client that does not trust us hangs up in the middle: its affair.
                    thread::spawn(move || serve(socket, &shared));
                }
            }
        });
        Vendors {
            address,
            shared,
            ca,
        }
    }

    /// For `HTTPS_PROXY`.
    pub fn proxy_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Asked directly, without a proxy between.
    pub fn direct_url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The certificate of the authority that signs all others, for `SSL_CERT_FILE`.
    pub fn ca_file(&self) -> &Path {
        self.ca.path()
    }

    /// Lets a program find the vendors here.
    pub fn surround(&self, command: &mut Command) {
        command
            .env("HTTPS_PROXY", self.proxy_url())
            .env("SSL_CERT_FILE", self.ca_file());
    }

    /// The requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.state.lock().unwrap().asked.clone()
    }

    /// Waits until there have been `count` requests.
    pub fn wait_for(&self, count: usize) -> Vec<Asked> {
        let state = self.shared.state.lock().unwrap();
        let enough = |state: &mut State| state.asked.len() < count;
        let state = self.shared.changed.wait_while(state, enough).unwrap();
        state.asked.clone()
    }
}

impl Drop for Vendors {
    fn drop(&mut self) {
        self.shared.state.lock().unwrap().over = true;
        // Wakes the accepting thread.
        drop(TcpStream::connect(self.address));
    }
}

/// One connection: perhaps `CONNECT`, then TLS, then requests.
fn serve(mut socket: TcpStream, shared: &Shared) -> Option<()> {
    const TLS_HANDSHAKE: u8 = 22;
    let mut first = [0];
    socket.peek(&mut first).ok()?;
    let mut host = "127.0.0.1".to_owned();
    if first[0] != TLS_HANDSHAKE {
        host = tunnel(&mut socket)?;
    }
    let connection = ServerConnection::new(shared.config_for(&host)).ok()?;
    let mut stream = BufReader::new(StreamOwned::new(connection, socket));
    loop {
        let asked = read(&mut stream, &host)?;
        let reply = (shared.answer)(&asked);
        {
            let mut state = shared.state.lock().unwrap();
            state.asked.push(asked);
            shared.changed.notify_all();
        }
        if reply.status == 0 {
            return None;
        }
        let mut head = format!("HTTP/1.1 {} Scripted\r\n", reply.status);
        for (name, value) in &reply.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", reply.body.len()));
        let out = stream.get_mut();
        out.write_all(head.as_bytes()).ok()?;
        out.write_all(&reply.body).ok()?;
        out.flush().ok()?;
    }
}

/// Takes `CONNECT host:port`, byte by byte so that nothing of TLS is swallowed.
fn tunnel(socket: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        socket.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let place = head.strip_prefix("CONNECT ")?.split_whitespace().next()?;
    let (host, _) = place.rsplit_once(':')?;
    socket.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").ok()?;
    Some(host.to_owned())
}

fn read(stream: &mut impl BufRead, host: &str) -> Option<Asked> {
    let mut line = String::new();
    if stream.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Asked {
        host: host.to_owned(),
        method,
        path,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

impl Shared {
    fn config_for(&self, host: &str) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        if self.expired {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}
