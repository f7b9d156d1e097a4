//! Logins with accounts, from the vendors' servers to `pi auth`: the real binary, a vendor behind a proxy
//! of our own, a browser that is a socket.

mod browser;
mod commands;
mod device;
mod file;
mod renewal;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU8, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use serde_json::{Value, json};

use crate::support::pty::Pty;
use crate::support::secure::{Asked, Reply, Vendors};
use crate::support::{Ran, Running, TestPi};

/// A home, its vendors, and an address of this machine that no other test listens on.
struct Desk {
    pi: TestPi,
    vendors: Vendors,
    host: String,
}

impl Desk {
    fn new(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        static NEXT: AtomicU8 = AtomicU8::new(1);
        let pid = std::process::id();
        let (high, low) = (pid / 250 % 250 + 2, pid % 250 + 1);
        Desk {
            pi: TestPi::unconfigured([]),
            vendors: Vendors::start(answer),
            host: format!("127.{high}.{low}.{}", NEXT.fetch_add(1, Ordering::Relaxed)),
        }
    }

    fn variables(&self) -> Vec<(String, String)> {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        vec![
            ("HOME".into(), text(&self.pi.home())),
            ("HTTPS_PROXY".into(), self.vendors.proxy_url()),
            ("SSL_CERT_FILE".into(), text(self.vendors.ca_file())),
            ("PI_OAUTH_CALLBACK_HOST".into(), self.host.clone()),
        ]
    }

    /// pi in a wide terminal.
    fn terminal(&self, args: &[&str]) -> Pty {
        let binary = Path::new(env!("CARGO_BIN_EXE_pi"));
        Pty::spawn(binary, args, self.variables(), &self.pi.project(), 200, 60)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.pi.command(args);
        command.envs(self.variables());
        command
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.spawn(args).finish()
    }

    fn spawn(&self, args: &[&str]) -> Running {
        let mut running = Running::start(&mut self.command(args));
        running.end_input();
        running
    }

    /// `auth.json`.
    fn auth(&self) -> Value {
        let text = std::fs::read_to_string(self.pi.agent().join("auth.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn store(&self, auth: &Value) {
        let text = serde_json::to_string_pretty(auth).unwrap();
        self.pi.write_agent("auth.json", &text);
    }

    /// What the browser gets at the loopback port.
    fn visit(&self, port: u16, target: &str) -> (u16, String) {
        let head = format!("GET {target} HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n");
        knock(&self.host, port, head.as_bytes())
    }
}

/// Sends bytes and reads the response to its end; its status and all of it.
fn knock(host: &str, port: u16, bytes: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect((host, port)).unwrap();
    stream.write_all(bytes).unwrap();
    let mut response = Vec::new();
    // The listener may close while there is more to say.
    let _ = stream.read_to_end(&mut response);
    let response = String::from_utf8_lossy(&response).into_owned();
    let status = response
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok());
    (status.unwrap_or_default(), response)
}

/// The page that pi wants opened, once it is shown.
fn page(pty: &Pty) -> Url {
    let find = |raw: &[u8]| {
        let text = String::from_utf8_lossy(raw).into_owned();
        let mut lines = text.split_inclusive('\n');
        let line = lines.find(|line| line.starts_with("  http") && line.ends_with('\n'));
        line.map(|line| Url::parse(line.trim()).unwrap())
    };
    pty.wait_for_raw(|raw| find(raw).is_some());
    find(&pty.raw()).unwrap()
}

/// A field of a query.
fn field(url: &Url, name: &str) -> String {
    let mut pairs = url.query_pairs();
    let found = pairs.find(|(known, _)| known == name);
    found
        .unwrap_or_else(|| panic!("no {name} in {url}"))
        .1
        .into_owned()
}

/// A field of a form.
fn form(asked: &Asked, name: &str) -> String {
    let url = Url::parse(&format!("http://form/?{}", asked.body)).unwrap();
    field(&url, name)
}

/// Whether this is the verifier of that challenge.
fn is_verifier(verifier: &str, challenge: &str) -> bool {
    let sum = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    URL_SAFE_NO_PAD.encode(sum) == challenge
}

/// An access token of OpenAI's that names an account.
fn openai_token(account: &str) -> String {
    let claims = json!({"https://api.openai.com/auth": {"chatgpt_account_id": account}});
    format!(
        "header.{}.signature",
        URL_SAFE_NO_PAD.encode(claims.to_string())
    )
}

/// Milliseconds since 1970.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_millis()).unwrap()
}

/// Whether a time is so many seconds from now, give or take two minutes.
fn is_in(expires: &Value, seconds: i64) -> bool {
    (expires.as_i64().unwrap() - now() - seconds * 1000).abs() < 120_000
}
