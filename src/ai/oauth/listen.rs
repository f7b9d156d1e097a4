//! Listens on this machine for the browser that comes back from a login. Whatever else knocks (other
//! paths, wrong states, half and huge requests, connections that browsers open in advance and never use)
//! is turned away and changes nothing: only the answer to this login ends the wait.

use std::io;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::LoginError;
use super::expected::Expected;
use super::page;
use super::pasted::Answer;

/// How large the head of a request may be; a code and a state take some hundred bytes.
const HEAD_LIMIT: usize = 16 * 1024;
/// How long a visitor may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many visitors are heard at once; others wait at the door.
const VISITORS: usize = 32;

/// A listener for one login. Dropping it closes the port and every connection.
pub(super) struct Listener {
    socket: TcpListener,
    port: u16,
    path: String,
    expected: Expected,
}

/// What a visitor was.
enum Visit {
    /// None of ours.
    Other,
    /// The answer.
    Answer(Result<Answer, LoginError>),
}

impl Listener {
    /// Listens on `host`:`port`; any free port for 0. Only what is `expected`, with its state, is an answer.
    pub async fn open(host: &str, port: u16, path: &str, expected: Expected) -> io::Result<Self> {
        let socket = TcpListener::bind((host, port)).await?;
        let port = socket.local_addr()?.port();
        Ok(Listener {
            socket,
            port,
            path: path.to_owned(),
            expected,
        })
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits for the answer.
    pub async fn answer(&self) -> Result<Answer, LoginError> {
        let mut visitors = FuturesUnordered::new();
        loop {
            let room = visitors.len() < VISITORS;
            tokio::select! {
                coming = self.socket.accept(), if room => match coming {
                    Ok((stream, _)) => visitors.push(self.receive(stream)),
                    // A connection that broke before it stood; out of descriptors, which passes.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
                Some(visit) = visitors.next() => {
                    if let Visit::Answer(answer) = visit {
                        return answer;
                    }
                }
            }
        }
    }

    async fn receive(&self, mut stream: TcpStream) -> Visit {
        let Ok(Some(head)) = timeout(PATIENCE, read_head(&mut stream)).await else {
            return Visit::Other;
        };
        let (visit, response) = self.judge(&head);
        let answering = async {
            stream.write_all(&response).await?;
            stream.shutdown().await?;
            // Until the other side has it: closing with unread bytes would take the page away.
            let mut rest = [0; 1024];
            while stream.read(&mut rest).await? > 0 {}
            io::Result::Ok(())
        };
        // The page is a courtesy; a browser that is gone has still answered.
        let _ = timeout(Duration::from_secs(1), answering).await;
        visit
    }

    fn judge(&self, head: &[u8]) -> (Visit, Vec<u8>) {
        let other = |status, sentence: &str| {
            (
                Visit::Other,
                page::response(status, "Not this one", sentence),
            )
        };
        if head.len() >= HEAD_LIMIT {
            return other(431, "The request is too large to be the answer of a login.");
        }
        let head = String::from_utf8_lossy(head);
        let mut words = head.lines().next().unwrap_or_default().split(' ');
        let (method, target) = (words.next(), words.next().unwrap_or_default());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != self.path {
            return other(404, "pi waits here for a login, at another address.");
        }
        if method != Some("GET") {
            return other(405, "The answer of a login comes with GET.");
        }
        let answer = Answer::from_query(query);
        if let Some(state) = &self.expected.state
            && answer.field("state") != Some(state)
        {
            return other(
                400,
                "This answer belongs to another login. Begin again with the newest address that pi shows.",
            );
        }
        match self.expected.code(&answer) {
            Ok(_) => (
                Visit::Answer(Ok(answer)),
                page::response(
                    200,
                    "Back to the terminal",
                    "pi has the answer and goes on there. This page can be closed.",
                ),
            ),
            Err(LoginError::NoCode) if self.expected.is_whole() => other(
                400,
                "This address lacks the code, or the client that it is for. Begin again with the newest address that pi shows.",
            ),
            Err(LoginError::NoCode) => other(400, "There is no code in this address."),
            Err(error) => {
                let page = page::response(400, "Not logged in", &error.to_string());
                (Visit::Answer(Err(error)), page)
            }
        }
    }
}

/// The head of a request, at most [`HEAD_LIMIT`] bytes of it; `None` if it never came.
async fn read_head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut piece = [0; 2048];
    while head.len() < HEAD_LIMIT {
        let read = stream.read(&mut piece).await.ok()?;
        if read == 0 {
            return None;
        }
        head.extend_from_slice(&piece[..read]);
        if memchr::memmem::find(&head, b"\r\n\r\n").is_some() {
            break;
        }
    }
    Some(head)
}
