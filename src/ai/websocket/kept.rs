//! Web sockets that wait for the next request, by name; and the names for which sockets do not work.
//!
//! A waiting socket is watched by a task that answers its pings and gives it up when the server leaves,
//! after [`WAIT`], or when the owner of them all is dropped. One that has waited for a while is pinged
//! before it is used again: its way may have ended without a word. One that is in use is not here:
//! nobody else can get at it.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::continuation::Continuation;
use super::socket::Socket;

/// How long a socket waits for its next request.
const WAIT: Duration = Duration::from_secs(5 * 60);

/// After which a socket is no longer taken to be good unasked.
const FRESH: Duration = Duration::from_secs(5);

/// How long the answer to a ping is waited for.
const PONG: Duration = Duration::from_secs(2);

/// How old a socket may become: vendors end them after an hour.
const LIFETIME: Duration = Duration::from_secs(55 * 60);

/// Sockets that wait.
#[derive(Default)]
pub struct Kept(Mutex<State>);

// Held for a look-up only.
#[derive(Default)]
struct State {
    waiting: HashMap<String, Waiting>,
    unusable: HashSet<String>,
}

/// A socket and what its server remembers.
pub struct Parked {
    /// The socket.
    pub socket: Socket,
    /// What was said over it, if the server can be reminded of it.
    pub said: Option<Continuation>,
    opened: Instant,
}

struct Waiting {
    wanted: oneshot::Sender<()>,
    watch: JoinHandle<Option<Parked>>,
}

impl Parked {
    /// A socket that was opened just now.
    pub fn new(socket: Socket) -> Self {
        Parked {
            socket,
            said: None,
            opened: Instant::now(),
        }
    }
}

impl Kept {
    /// Takes the socket that waits under `name`, if it is still good.
    pub async fn take(&self, name: &str) -> Option<Parked> {
        let waiting = self.state().waiting.remove(name)?;
        waiting.wanted.send(()).ok()?;
        waiting.watch.await.ok()?
    }

    /// Lets a socket wait under `name`, in the place of any other one.
    pub fn put(&self, name: &str, parked: Parked) {
        let age = parked.opened.elapsed();
        if age >= LIFETIME {
            return;
        }
        let limit = WAIT.min(LIFETIME - age);
        let (wanted, asked) = oneshot::channel();
        let watch = tokio::spawn(watch(parked, asked, Instant::now(), limit));
        let waiting = Waiting { wanted, watch };
        let mut state = self.state();
        state.waiting.retain(|_, other| !other.watch.is_finished());
        state.waiting.insert(name.to_owned(), waiting);
    }

    /// Remembers that sockets do not work for `name`.
    pub fn give_up(&self, name: &str) {
        self.state().unusable.insert(name.to_owned());
    }

    /// Whether [`Kept::give_up`] was called for `name`.
    pub fn is_given_up(&self, name: &str) -> bool {
        self.state().unusable.contains(name)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds a socket from `begun` until it is asked for; `None` when it is no good any more.
async fn watch(
    mut parked: Parked,
    asked: oneshot::Receiver<()>,
    begun: Instant,
    limit: Duration,
) -> Option<Parked> {
    let is_asked = tokio::select! {
        biased;
        () = parked.socket.until_closed() => false,
        // The sender is gone when the owner is.
        asked = asked => asked.is_ok(),
        () = tokio::time::sleep(limit) => false,
    };
    if is_asked && (begun.elapsed() < FRESH || parked.socket.answers(PONG).await) {
        return Some(parked);
    }
    parked.socket.close().await;
    None
}
