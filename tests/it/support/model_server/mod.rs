//! A scripted model server: real HTTP on a loopback port, every wire format byte for byte, and faults.
//!
//! It runs on threads of its own, so that blocking tests and child processes can use it as well as
//! asynchronous ones. The path says in whose format a request is answered (`dialects`); one turn of the
//! script per request, in order. Every request is kept.
//!
//! ```ignore
//! let server = ModelServer::start(vec![
//!     Turn::tool("read", json!({"path": "notes.txt"})),
//!     Turn::text("The code is 42."),
//! ]);
//! // base URL for Anthropic models: server.url(); for OpenAI-compatible ones: server.url_v1()
//! server.requests()[1].body["messages"]
//! ```

mod bedrock;
mod bytes;
mod dialects;
mod google;
mod mistral;
mod packing;
mod responses;
mod sockets;
mod turn;

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use serde_json::Value;

pub use bedrock::{bedrock_event, bedrock_exception};
pub use bytes::{anthropic_events, openai_events};
pub use mistral::mistral_events;
pub use responses::responses_events;
pub use sockets::{FRAME, accept};
use turn::Coding;
pub use turn::{End, Hold, Turn};

/// A running server; it stops when dropped.
pub struct ModelServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub method: String,
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The JSON body; `Null` when it is none.
    pub body: Value,
    pub raw_body: String,
}

impl Recorded {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// What becomes of those who ask for a web socket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Sockets {
    /// They are asked like anybody else.
    #[default]
    Unknown,
    Served,
    Unanswered,
}

#[derive(Default)]
struct State {
    turns: VecDeque<Turn>,
    requests: Vec<Recorded>,
    hung_up: usize,
    sockets: Sockets,
    closed: usize,
    ponged: usize,
    over: bool,
}

impl ModelServer {
    /// Listens on a free loopback port and plays `turns`.
    pub fn start(turns: impl IntoIterator<Item = Turn>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        shared.state.lock().unwrap().turns.extend(turns);
        let accepting = shared.clone();
        thread::spawn(move || {
            for socket in listener.incoming() {
                if accepting.state.lock().unwrap().over {
                    return;
                }
                let shared = accepting.clone();
                if let Ok(socket) = socket {
                    thread::spawn(move || serve(socket, &shared));
                }
            }
        });
        ModelServer { address, shared }
    }

    /// The same for a server that speaks over web sockets, too: each message takes a turn.
    pub fn with_sockets(turns: impl IntoIterator<Item = Turn>) -> Self {
        let server = ModelServer::start(turns);
        server.shared.state.lock().unwrap().sockets = Sockets::Served;
        server
    }

    /// The same for a server that never answers those who ask for a web socket.
    pub fn deaf_to_sockets(turns: impl IntoIterator<Item = Turn>) -> Self {
        let server = ModelServer::start(turns);
        server.shared.state.lock().unwrap().sockets = Sockets::Unanswered;
        server
    }

    /// Waits until `count` web sockets are closed.
    pub fn wait_for_closes(&self, count: usize) {
        let state = self.shared.state.lock().unwrap();
        let enough = |state: &mut State| state.closed < count;
        drop(self.shared.changed.wait_while(state, enough).unwrap());
    }

    /// Waits until `count` of the pings after answers were answered.
    pub fn wait_for_pongs(&self, count: usize) {
        let state = self.shared.state.lock().unwrap();
        let enough = |state: &mut State| state.ponged < count;
        drop(self.shared.changed.wait_while(state, enough).unwrap());
    }

    /// `http://127.0.0.1:port`, the base URL for Anthropic's API.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same with `/v1`, the base URL for OpenAI's API.
    pub fn url_v1(&self) -> String {
        format!("{}/v1", self.url())
    }

    /// Adds a turn at the end of the script.
    pub fn push(&self, turn: Turn) {
        self.shared.state.lock().unwrap().turns.push_back(turn);
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.state.lock().unwrap().requests.clone()
    }

    /// Waits until there have been `count` requests.
    pub fn wait_for_requests(&self, count: usize) -> Vec<Recorded> {
        let state = self.shared.state.lock().unwrap();
        let enough = |state: &mut State| state.requests.len() < count;
        let state = self.shared.changed.wait_while(state, enough).unwrap();
        state.requests.clone()
    }

    /// Waits until `count` clients have hung up on a held answer.
    pub fn wait_for_hang_ups(&self, count: usize) {
        let state = self.shared.state.lock().unwrap();
        let enough = |state: &mut State| state.hung_up < count;
        drop(self.shared.changed.wait_while(state, enough).unwrap());
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.shared.state.lock().unwrap().over = true;
        self.shared.changed.notify_all();
        // Wakes the accepting thread.
        drop(TcpStream::connect(self.address));
    }
}

/// Answers the requests of one connection.
fn serve(socket: TcpStream, shared: &Shared) {
    let _ = socket.set_nodelay(true);
    let Ok(reading) = socket.try_clone() else {
        return;
    };
    let mut reader = BufReader::new(reading);
    while let Some(request) = read_request(&mut reader) {
        let path = request.path.clone();
        let turn = {
            let mut state = shared.state.lock().unwrap();
            state.requests.push(request.clone());
            let sockets = state.sockets;
            if sockets != Sockets::Unknown && sockets::is_asked_for(&request) {
                shared.changed.notify_all();
                drop(state);
                match sockets {
                    Sockets::Served => sockets::talk(socket, &request, shared),
                    _ => drop(hold(&socket, &Hold::default(), shared)),
                }
                return;
            }
            let turn = state.turns.pop_front();
            shared.changed.notify_all();
            turn.unwrap_or_else(|| Turn::status(410, "the script has no further turn"))
        };
        if !answer(&socket, &path, &turn, shared) {
            return;
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Recorded> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let raw_body = String::from_utf8_lossy(&body).into_owned();
    Some(Recorded {
        method,
        path,
        headers,
        body: serde_json::from_str(&raw_body).unwrap_or(Value::Null),
        raw_body,
    })
}

/// Writes one answer; false when the connection cannot be used again.
fn answer(mut socket: &TcpStream, path: &str, turn: &Turn, shared: &Shared) -> bool {
    if turn.end == End::NoAnswer {
        return hold(socket, &Hold::default(), shared);
    }
    if turn.end == End::ResetAtOnce {
        reset_on_close(socket);
        return false;
    }
    let mut body = turn.body_for(path);
    let mut head = format!("HTTP/1.1 {} Scripted\r\n", turn.status);
    for (name, value) in &turn.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !turn.headers.iter().any(|(n, _)| n == "content-type") {
        let kind = dialects::of(path).content_type;
        head.push_str(&format!("content-type: {kind}\r\n"));
    }
    if let Some(coding) = turn.coding {
        let (name, packed) = match coding {
            Coding::Gzip => ("gzip", packing::gzip(&body)),
            Coding::Zstd => ("zstd", packing::zstd(&body)),
        };
        body = packed;
        head.push_str(&format!("content-encoding: {name}\r\n"));
    }
    head.push_str("transfer-encoding: chunked\r\n\r\n");
    if socket.write_all(head.as_bytes()).is_err() {
        return false;
    }
    let cut = turn.cut_at.unwrap_or(body.len()).min(body.len());
    let held = turn.held.as_ref().map(|(at, hold)| ((*at).min(cut), hold));
    let mut sent = 0;
    while sent < cut {
        if let Some((at, gate)) = held
            && at == sent
            && !hold(socket, gate, shared)
        {
            return false;
        }
        let mut next = cut.min(sent + turn.chunk.unwrap_or(16 * 1024));
        if let Some((at, _)) = held
            && sent < at
        {
            next = next.min(at);
        }
        let piece = &body[sent..next];
        let mut framed = format!("{:x}\r\n", piece.len()).into_bytes();
        framed.extend_from_slice(piece);
        framed.extend_from_slice(b"\r\n");
        if socket.write_all(&framed).is_err() {
            return false;
        }
        sent = next;
    }
    match turn.end {
        End::Whole | End::Pinging => socket.write_all(b"0\r\n\r\n").is_ok(),
        End::HangUp | End::NoAnswer | End::ResetAtOnce | End::Close(..) | End::OddFrame => false,
        End::Reset => {
            reset_on_close(socket);
            false
        }
        End::Stall => hold(socket, &Hold::default(), shared),
    }
}

/// Waits until the gate is opened; false when the client hung up or the server is over first.
fn hold(socket: &TcpStream, gate: &Hold, shared: &Shared) -> bool {
    gate.reach();
    let mut byte = [0; 1];
    let _ = socket.set_read_timeout(Some(std::time::Duration::from_millis(2)));
    loop {
        if gate.is_open() {
            let _ = socket.set_read_timeout(None);
            return true;
        }
        let hung_up = match socket.peek(&mut byte) {
            Ok(0) => true,
            Ok(_) => false,
            Err(error) => !matches!(
                error.kind(),
                std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
            ),
        };
        let mut state = shared.state.lock().unwrap();
        if hung_up {
            state.hung_up += 1;
            shared.changed.notify_all();
        }
        if hung_up || state.over {
            return false;
        }
    }
}

/// Makes the close of the socket a reset.
fn reset_on_close(socket: &TcpStream) {
    let linger = libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    // SAFETY: the descriptor is open for as long as `socket` is borrowed, and `linger` outlives the
    // call, which reads exactly its size.
    let done = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            (&raw const linger).cast(),
            size_of::<libc::linger>() as libc::socklen_t,
        )
    };
    assert_eq!(done, 0);
}
