//! Who is told: listeners with queues of their own, in one order, without loss.
//!
//! A listener may be *paced*: when it falls far behind, the run is held until it has caught up, so that
//! a program that stops reading does not make pi hoard what it has not read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

use super::event::Event;
use crate::agent::Brake;

/// A paced listener that has this many events before it holds the run.
const FAR_BEHIND: usize = 1024;

/// The listeners of one conversation.
#[derive(Default)]
pub(super) struct Audience(Vec<Listener>);

/// The near end of a listener's queue.
pub(crate) struct Listener {
    sender: mpsc::UnboundedSender<Arc<Event>>,
    pacing: Option<Pacing>,
}

/// Events in order, without loss. Ends with the conversation.
pub struct Events {
    receiver: mpsc::UnboundedReceiver<Arc<Event>>,
    pacing: Option<Pacing>,
}

/// How far behind a listener is, and what holds the run.
#[derive(Clone)]
struct Pacing {
    waiting: Arc<AtomicUsize>,
    brake: Arc<Brake>,
}

/// A listener and its events; with a brake it is paced.
pub(super) fn listener(brake: Option<Arc<Brake>>) -> (Listener, Events) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let pacing = brake.map(|brake| Pacing {
        waiting: Arc::default(),
        brake,
    });
    (
        Listener {
            sender,
            pacing: pacing.clone(),
        },
        Events { receiver, pacing },
    )
}

impl Audience {
    pub fn add(&mut self, listener: Listener) {
        self.0.push(listener);
    }

    /// Tells everyone; forgets those that have gone.
    pub fn tell(&mut self, event: Event) {
        let event = Arc::new(event);
        self.0.retain(|listener| {
            let heard = listener.sender.send(event.clone()).is_ok();
            if let Some(pacing) = listener.pacing.as_ref().filter(|_| heard)
                && pacing.waiting.fetch_add(1, Ordering::Relaxed) >= FAR_BEHIND
            {
                pacing.brake.set(true);
            }
            heard
        });
    }
}

impl Events {
    /// The next event; `None` when the conversation has ended.
    pub async fn recv(&mut self) -> Option<Arc<Event>> {
        let event = self.receiver.recv().await?;
        self.was_read();
        Some(event)
    }

    /// An event that is there already.
    pub fn try_recv(&mut self) -> Option<Arc<Event>> {
        let event = self.receiver.try_recv().ok()?;
        self.was_read();
        Some(event)
    }

    fn was_read(&self) {
        if let Some(pacing) = &self.pacing
            && pacing.waiting.fetch_sub(1, Ordering::Relaxed) <= FAR_BEHIND / 2
        {
            pacing.brake.set(false);
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        // Whoever has gone holds nobody.
        if let Some(pacing) = &self.pacing {
            pacing.brake.set(false);
        }
    }
}
