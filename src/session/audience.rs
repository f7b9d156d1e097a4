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

/// One that has no more than this releases it.
const NEAR: usize = FAR_BEHIND / 2;

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
            // Counted before it can be read: a quick reader must not take away what is not there yet.
            let before = listener.pacing.as_ref().map(Pacing::one_more);
            let heard = listener.sender.send(event.clone()).is_ok();
            if let (Some(pacing), Some(FAR_BEHIND..), true) = (&listener.pacing, before, heard) {
                pacing.hold();
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
        if let Some(pacing) = &self.pacing {
            pacing.one_less();
        }
    }
}

impl Pacing {
    /// Returns how many were waiting before.
    fn one_more(&self) -> usize {
        self.waiting.fetch_add(1, Ordering::SeqCst)
    }

    fn one_less(&self) {
        if self.waiting.fetch_sub(1, Ordering::SeqCst) <= NEAR {
            self.brake.set(false);
        }
    }

    /// Holds the run, unless the reader has caught up in the meantime: then nobody else would release
    /// it.
    fn hold(&self) {
        self.brake.set(true);
        if self.waiting.load(Ordering::SeqCst) < NEAR {
            self.brake.set(false);
        }
    }

    /// Whoever has gone holds nobody.
    fn gone(&self) {
        self.waiting.store(0, Ordering::SeqCst);
        self.brake.set(false);
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        if let Some(pacing) = &self.pacing {
            pacing.gone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tells `events` events from one thread to a paced listener in another, and `waits` whenever that
    /// holds the run; whether it is held when all have been read.
    fn follow(events: usize, waits: bool) -> bool {
        let (brake, pace) = Brake::new();
        let (near, mut far) = listener(Some(Arc::new(brake)));
        let mut audience = Audience::default();
        audience.add(near);
        let reader = std::thread::spawn(move || {
            for _ in 0..events {
                far.receiver.blocking_recv().unwrap();
                far.was_read();
            }
            far
        });
        for _ in 0..events {
            audience.tell(Event::Switched);
            let mut tries = 0;
            while waits && pace.is_held() {
                assert!(tries < 1_000_000, "held for ever");
                tries += 1;
                std::thread::yield_now();
            }
        }
        let far = reader.join().unwrap();
        let held = pace.is_held();
        drop(far);
        held
    }

    #[test]
    fn a_reader_that_keeps_up_never_leaves_the_run_held() {
        assert!(!follow(100_000, true));
    }

    #[test]
    fn a_reader_that_has_caught_up_releases_the_run() {
        assert!((0..20).all(|_| !follow(3 * FAR_BEHIND, false)));
    }

    #[test]
    fn a_reader_that_falls_behind_holds_the_run_until_it_goes() {
        let (brake, pace) = Brake::new();
        let (near, far) = listener(Some(Arc::new(brake)));
        let mut audience = Audience::default();
        audience.add(near);
        for _ in 0..FAR_BEHIND {
            audience.tell(Event::Switched);
        }
        assert!(!pace.is_held());
        audience.tell(Event::Switched);
        assert!(pace.is_held());
        drop(far);
        audience.tell(Event::Switched);
        assert!(!pace.is_held());
    }
}
