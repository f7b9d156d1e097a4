//! Errands: work that reads and writes files, beside the loop, one thing after the other. At the end it is
//! waited for: what the person has said or confirmed is on disk.

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Terminal;
use crate::tui::keyring;
use crate::tui::memory;
use crate::tui::msg::Msg;

type Errand = Box<dyn FnOnce() + Send>;

/// Runs errands in order.
pub(super) struct Errands {
    errands: Option<mpsc::UnboundedSender<Errand>>,
    work: Option<JoinHandle<()>>,
}

impl Errands {
    pub fn new() -> Self {
        let (errands, mut inbox) = mpsc::unbounded_channel::<Errand>();
        let work = tokio::spawn(async move {
            while let Some(errand) = inbox.recv().await {
                // A crash has been told by the panic hook; what follows is done all the same.
                let _ = tokio::task::spawn_blocking(errand).await;
            }
        });
        Errands {
            errands: Some(errands),
            work: Some(work),
        }
    }

    /// Does this when everything before it is done.
    pub fn run(&self, errand: impl FnOnce() + Send + 'static) {
        if let Some(errands) = &self.errands {
            // Only the end closes it.
            let _ = errands.send(Box::new(errand));
        }
    }

    /// Waits until everything is done.
    pub async fn finish(&mut self) {
        self.errands = None;
        if let Some(work) = self.work.take() {
            // As above.
            let _ = work.await;
        }
    }
}

impl Terminal {
    /// Brings what was sent from here in earlier sittings.
    pub(super) fn remember(&self) {
        let (prompts, shelf) = (self.sent.clone(), self.shelf.clone());
        let (cwd, now) = (self.session.view().cwd.clone(), self.clock.now());
        let replies = self.replies.clone();
        self.memory.run(move || {
            let remembered = memory::recall(&prompts, &*shelf, &cwd, now);
            // The loop may have ended.
            let _ = replies.send(Msg::Remembered(remembered));
        });
    }

    /// Keeps what was sent, behind what was sent before.
    pub(super) fn keep(&self, text: String) {
        let (prompts, cwd) = (self.sent.clone(), self.session.view().cwd.clone());
        let now = self.clock.now();
        // What it comes to is in the log.
        self.memory
            .run(move || memory::keep(&prompts, &cwd, now, text));
    }

    /// Asks for keys, or changes them.
    pub(super) fn ask_keys(&self, request: keyring::Request) {
        let (keyring, replies) = (self.keyring.clone(), self.replies.clone());
        self.keys.run(move || {
            // As above.
            let _ = replies.send(Msg::Keys(request.ask(&*keyring)));
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[tokio::test]
    async fn everything_is_done_in_order_before_the_end_even_behind_a_crash() {
        let done = Arc::new(Mutex::new(Vec::new()));
        let (go, wait) = std::sync::mpsc::channel();
        let mut errands = Errands::new();
        let first = done.clone();
        errands.run(move || {
            wait.recv().unwrap();
            first.lock().unwrap().push(0);
        });
        errands.run(|| panic!("an errand crashes"));
        for at in 1..5 {
            let done = done.clone();
            errands.run(move || done.lock().unwrap().push(at));
        }
        go.send(()).unwrap();
        errands.finish().await;
        assert_eq!(*done.lock().unwrap(), [0, 1, 2, 3, 4]);
    }
}
