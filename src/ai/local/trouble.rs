//! Why a server has no models to offer, and the words for it.

use std::time::Duration;

use reqwest::Url;

use super::address::Server;
use super::kind::Kind;

/// Why a server has no models to offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nobody listens at its address.
    Nobody,
    /// Its host is not found.
    Unknown,
    /// It did not answer within this time.
    Late(Duration),
    /// It answers nobody without a key, or not with this one.
    Locked,
    /// It answered with this status.
    Status(u16),
    /// A web page answered.
    Page,
    /// Something else answered.
    Alien,
    /// It runs and has no models.
    Empty,
}

impl Trouble {
    /// In words, for people, without a stop at the end.
    pub fn tell(self, server: &Server) -> String {
        let (name, url) = (server.kind.name(), &server.url);
        match self {
            Trouble::Nobody => format!(
                "{}: nobody answers at {url}. Start {name} ({})",
                server.kind.id(),
                server.kind.start()
            ),
            Trouble::Unknown => {
                let host = Url::parse(url).ok();
                let host = host.as_ref().and_then(Url::host_str).unwrap_or_default();
                format!("{name} at {url}: host not found: {host}")
            }
            Trouble::Late(wait) => format!(
                "{name} at {url} did not answer within {} ms",
                wait.as_millis()
            ),
            Trouble::Locked => match server.kind.key_variable() {
                Some(variable) => format!("{name} at {url} wants a key: set {variable}"),
                None => format!("{name} at {url} wants a key, which an entry in auth.json gives"),
            },
            Trouble::Status(status) => format!("{name} at {url} answered {status}"),
            Trouble::Page => format!("a web page answered at {url}, not {name}"),
            Trouble::Alien => format!("something else answered at {url}, not {name}"),
            Trouble::Empty => format!("{name} at {url} runs but has no models: {}", filled(server)),
        }
    }

    /// Whether this is worth a word to somebody who did not ask for this very server: they have said where it
    /// is, or it is there.
    pub fn is_news(self, server: &Server) -> bool {
        server.is_named || self == Trouble::Empty
    }

    /// Whether the server may well have what it is said to have.
    pub fn may_pass(self) -> bool {
        // 503 is llama.cpp's word while it loads a model.
        matches!(
            self,
            Trouble::Late(_) | Trouble::Locked | Trouble::Status(429 | 503)
        )
    }
}

/// How a server comes to a model.
fn filled(server: &Server) -> &'static str {
    match server.kind {
        Kind::Ollama => "ollama pull NAME",
        Kind::LlamaCpp => "llama-server -m model.gguf --jinja",
        Kind::LmStudio => "lms get NAME",
        Kind::Vllm => "vllm serve MODEL",
    }
}
