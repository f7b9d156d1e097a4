//! A server that answers fixed things at fixed paths, and keeps what it was asked.
//!
//! The answers follow the public pages of the servers: docs.ollama.com/api (tags, ps, show-model-details),
//! lmstudio.ai/docs/api/rest-api (`GET /api/v0/models`), `tools/server/README.md` of
//! github.com/ggml-org/llama.cpp (`/v1/models`, `/props`, router mode), docs.vllm.ai (OpenAI-compatible server).

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// A fake server. It ends with its value.
pub struct Fake {
    pub url: String,
    asked: Arc<Mutex<Vec<(String, String)>>>,
    shown: Arc<Mutex<Vec<Option<String>>>>,
    over: Arc<Mutex<bool>>,
    address: std::net::SocketAddr,
}

/// What it says at a path.
#[derive(Clone)]
pub enum Say {
    Json(Value),
    /// For whoever shows this key.
    Locked(&'static str, Value),
    Text(String),
    /// This status.
    Failure(u16),
    /// By the `model` of the request.
    ByModel(BTreeMap<String, Value>),
    /// A chat answer in OpenAI's stream.
    Chat(String),
    /// This, but not at once.
    Late(Duration, Value),
    /// Nothing, for ever.
    Nothing,
}

impl Fake {
    pub fn start(routes: impl IntoIterator<Item = (&'static str, Say)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let routes: Arc<BTreeMap<&str, Say>> = Arc::new(routes.into_iter().collect());
        let (asked, over) = (
            Arc::new(Mutex::new(Vec::new())),
            Arc::new(Mutex::new(false)),
        );
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (kept, is_over, seen) = (asked.clone(), over.clone(), shown.clone());
        thread::spawn(move || {
            for socket in listener.incoming() {
                if *is_over.lock().unwrap() {
                    return;
                }
                let (routes, kept, seen) = (routes.clone(), kept.clone(), seen.clone());
                if let Ok(socket) = socket {
                    thread::spawn(move || serve(&socket, &routes, &kept, &seen));
                }
            }
        });
        Fake {
            url: format!("http://{address}"),
            asked,
            shown,
            over,
            address,
        }
    }

    /// The paths that were asked for, and the bodies.
    pub fn asked(&self) -> Vec<(String, String)> {
        self.asked.lock().unwrap().clone()
    }

    /// What each request showed as its key.
    pub fn shown(&self) -> Vec<Option<String>> {
        self.shown.lock().unwrap().clone()
    }

    /// The bodies of the requests for answers.
    pub fn chats(&self) -> Vec<Value> {
        let asked = self.asked();
        let chats = asked
            .iter()
            .filter(|(path, _)| path.ends_with("/chat/completions"));
        chats
            .map(|(_, body)| serde_json::from_str(body).unwrap())
            .collect()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        *self.over.lock().unwrap() = true;
        // Wakes the accepting thread.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(
    mut socket: &TcpStream,
    routes: &BTreeMap<&str, Say>,
    kept: &Mutex<Vec<(String, String)>>,
    seen: &Mutex<Vec<Option<String>>>,
) -> Option<()> {
    let mut reader = BufReader::new(socket.try_clone().ok()?);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let path = line.split_whitespace().nth(1)?.to_owned();
        let (mut length, mut key) = (0, None);
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            let Some((name, value)) = header.trim_end().split_once(':') else {
                break;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok()?;
            }
            if name.eq_ignore_ascii_case("authorization") {
                key = Some(value.trim().to_owned());
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let body = String::from_utf8(body).ok()?;
        kept.lock().unwrap().push((path.clone(), body.clone()));
        seen.lock().unwrap().push(key.clone());
        let json = "application/json";
        let (status, kind, text) = match routes.get(path.as_str()) {
            None => (404, json, "{}".to_owned()),
            Some(Say::Json(value)) => (200, json, value.to_string()),
            Some(Say::Locked(wanted, value)) => match key {
                Some(key) if key == format!("Bearer {wanted}") => (200, json, value.to_string()),
                _ => (401, json, "{}".to_owned()),
            },
            Some(Say::Failure(status)) => (*status, json, "{}".to_owned()),
            Some(Say::Text(text)) => (200, "text/html", text.clone()),
            Some(Say::ByModel(models)) => {
                let asked: Value = serde_json::from_str(&body).ok()?;
                match models.get(asked["model"].as_str()?) {
                    Some(value) => (200, json, value.to_string()),
                    None => (404, json, r#"{"error":"model not found"}"#.to_owned()),
                }
            }
            Some(Say::Chat(text)) => (200, "text/event-stream", chat(text)),
            Some(Say::Late(wait, value)) => {
                thread::sleep(*wait);
                (200, json, value.to_string())
            }
            Some(Say::Nothing) => {
                // Until the other side has had enough.
                let _ = reader.read_exact(&mut [0]);
                return None;
            }
        };
        let head = format!(
            "HTTP/1.1 {status} Fake\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            text.len()
        );
        socket.write_all(head.as_bytes()).ok()?;
        socket.write_all(text.as_bytes()).ok()?;
    }
}

fn chat(text: &str) -> String {
    let chunk = |delta: Value, end: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": end});
        format!(
            "data: {}\n\n",
            json!({"id": "c", "object": "chat.completion.chunk", "choices": [choice]})
        )
    };
    let words = chunk(json!({"role": "assistant", "content": text}), Value::Null);
    format!("{words}{}data: [DONE]\n\n", chunk(json!({}), json!("stop")))
}

/// Ollama with a coder that takes tools, a poet that does not, and an embedder.
pub fn ollama() -> Vec<(&'static str, Say)> {
    let tag = |name: &str| json!({"name": name, "model": name, "size": 1, "digest": "d", "details": {"family": "f"}});
    let tags = json!({"models": [tag("coder:7b"), tag("poet:latest"), tag("embedder:latest")]});
    let ps =
        json!({"models": [{"name": "coder:7b", "model": "coder:7b", "context_length": 16384}]});
    let shown = |capabilities: &[&str], parameters: &str| {
        json!({"capabilities": capabilities, "parameters": parameters, "template": "t",
            "model_info": {"general.architecture": "f", "f.context_length": 131_072}})
    };
    let shows = [
        (
            "coder:7b",
            shown(&["completion", "tools", "thinking", "vision"], "stop \"x\""),
        ),
        (
            "poet:latest",
            shown(
                &["completion"],
                "num_ctx                        9000\nstop \"x\"",
            ),
        ),
        ("embedder:latest", shown(&["embedding"], "")),
    ];
    let shows = shows.map(|(name, value)| (name.to_owned(), value));
    vec![
        ("/api/tags", Say::Json(tags)),
        ("/api/ps", Say::Json(ps)),
        ("/api/show", Say::ByModel(shows.into())),
        ("/v1/chat/completions", Say::Chat("I am local.".into())),
    ]
}
