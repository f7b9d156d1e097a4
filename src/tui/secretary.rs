//! Takes what is asked of the settings one thing after the other, beside the loop, so that changes are
//! made in the order of the keys.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::msg::Msg;
use super::preferences::{Preferences, Request};

/// Asks in order.
pub(super) struct Secretary {
    requests: Option<mpsc::UnboundedSender<Request>>,
    work: Option<JoinHandle<()>>,
}

impl Secretary {
    /// Answers go to `replies`.
    pub fn new(preferences: Arc<dyn Preferences>, replies: mpsc::UnboundedSender<Msg>) -> Self {
        let (requests, mut inbox) = mpsc::unbounded_channel::<Request>();
        let work = tokio::spawn(async move {
            while let Some(request) = inbox.recv().await {
                let preferences = preferences.clone();
                let answer = tokio::task::spawn_blocking(move || request.ask(&*preferences));
                // What crashed has no answer; what follows has.
                if let Ok(answer) = answer.await {
                    // The loop has ended: nobody wants to know.
                    let _ = replies.send(Msg::Preferred(answer));
                }
            }
        });
        Secretary {
            requests: Some(requests),
            work: Some(work),
        }
    }

    /// Asks.
    pub fn ask(&self, request: Request) {
        if let Some(requests) = &self.requests {
            // As above.
            let _ = requests.send(request);
        }
    }

    /// Waits until everything that was asked is done.
    pub async fn finish(&mut self) {
        self.requests = None;
        if let Some(work) = self.work.take() {
            // A crash has been told by the panic hook.
            let _ = work.await;
        }
    }
}
