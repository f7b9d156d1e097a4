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
        tracing::trace!(event = event.name(), listeners = self.0.len(), "told");
        let event = Arc::new(event);
        self.0.retain(|listener| {
            // Counted before it is sent: the reader may be quicker than this thread.
            let waiting = listener
                .pacing
                .as_ref()
                .map(|pacing| pacing.waiting.fetch_add(1, Ordering::AcqRel));
            let heard = listener.sender.send(event.clone()).is_ok();
            if let Some(pacing) = listener.pacing.as_ref().filter(|_| heard)
                && waiting >= Some(FAR_BEHIND)
            {
                pacing.brake.set(true);
                // It may have caught up between the count and the brake.
                if pacing.waiting.load(Ordering::Acquire) <= FAR_BEHIND / 2 {
                    pacing.brake.set(false);
                }
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
            && pacing.waiting.fetch_sub(1, Ordering::AcqRel) <= FAR_BEHIND / 2
        {
            pacing.brake.set(false);
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        // Whoever has gone holds nobody, not even if the brake is being put on at this moment.
        if let Some(pacing) = &self.pacing {
            pacing.waiting.store(0, Ordering::Release);
            pacing.brake.set(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Level;

    fn notice() -> Event {
        Event::Notice {
            level: Level::Info,
            text: String::new(),
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_reader_that_keeps_up_never_holds_the_run_however_quick_it_is() {
        const EVENTS: usize = 50_000;
        let (brake, pace) = Brake::new();
        let (near, mut far) = listener(Some(Arc::new(brake)));
        let reader = tokio::spawn(async move {
            for _ in 0..EVENTS {
                far.recv().await.unwrap();
            }
            far
        });
        let mut audience = Audience::default();
        audience.add(near);
        for _ in 0..EVENTS {
            pace.wait().await;
            audience.tell(notice());
        }
        let far = reader.await.unwrap();
        assert!(!pace.is_held());
        drop(far);
    }

    #[tokio::test]
    async fn a_reader_far_behind_holds_the_run_until_it_has_caught_up_or_gone() {
        let (brake, pace) = Brake::new();
        let (near, mut far) = listener(Some(Arc::new(brake)));
        let mut audience = Audience::default();
        audience.add(near);
        for _ in 0..=FAR_BEHIND {
            audience.tell(notice());
        }
        assert!(pace.is_held());
        for _ in 0..FAR_BEHIND {
            far.recv().await.unwrap();
        }
        assert!(!pace.is_held());
        for _ in 0..=FAR_BEHIND {
            audience.tell(notice());
        }
        assert!(pace.is_held());
        drop(far);
        assert!(!pace.is_held());
    }
}
