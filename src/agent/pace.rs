//! Lets a slow reader slow a run down: while the brake is on, the run neither reads on from the model
//! nor begins another request.

use tokio::sync::watch;

/// The reader's side. Dropping it releases the run.
#[derive(Debug)]
pub struct Brake(watch::Sender<bool>);

/// The run's side. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Pace(Option<watch::Receiver<bool>>);

impl Brake {
    /// A released brake and what it acts on.
    pub fn new() -> (Brake, Pace) {
        let (sender, receiver) = watch::channel(false);
        (Brake(sender), Pace(Some(receiver)))
    }

    /// Puts the brake on or releases it.
    pub fn set(&self, on: bool) {
        self.0
            .send_if_modified(|now| std::mem::replace(now, on) != on);
    }
}

impl Pace {
    /// Returns at once unless the brake is on, else when it is released.
    pub async fn wait(&self) {
        let Some(mut brake) = self.0.clone() else {
            return;
        };
        // An error means that the brake is gone, and with it the reader.
        let _ = brake.wait_for(|on| !on).await;
    }

    /// Whether the brake is on.
    pub fn is_held(&self) -> bool {
        self.0.as_ref().is_some_and(|brake| *brake.borrow())
    }
}
