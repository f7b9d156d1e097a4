//! Further attempts after a passing failure: which failures, how often, after which pauses; and the pause
//! itself, which everyone is told of and which the person can end.
//!
//! The failed attempt stays in the session file, with whatever it said; whoever tries again leaves it
//! out of the next request.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::event::Event;
use super::ledger::Ledger;
use crate::ai::failure::Failure;
use crate::ai::{AssistantMessage, overflow};
use crate::config::settings::RetrySettings;

/// A vendor's own wait is lengthened by at most this much.
const MOST_ADDED: Duration = Duration::from_secs(1);

/// What the audience is told when the person ends a pause.
const CANCELLED: &str = "the person did not want to wait for another attempt";

/// Decides whether and when a failed request is tried again.
pub(super) struct Retry {
    settings: RetrySettings,
    /// Whether to try again at all.
    pub auto: AtomicBool,
    /// Tells this conversation's pauses from those of others that failed at the same time.
    seed: u64,
    aborted: Notify,
}

/// The attempts at one answer.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    count: u32,
}

/// The pause before the next attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pause {
    /// Which attempt follows, from 1.
    pub attempt: u32,
    /// How many there are at most.
    pub max_attempts: u32,
    /// How long.
    pub delay: Duration,
    /// Why the last attempt failed.
    pub error: String,
}

impl Retry {
    /// The pauses differ a little from those of another `seed`.
    pub fn new(settings: RetrySettings, seed: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        Retry {
            auto: AtomicBool::new(settings.enabled),
            settings,
            seed: hasher.finish(),
            aborted: Notify::new(),
        }
    }

    /// The pause before another attempt; `None` when there is to be none: the failure does not pass, the
    /// vendor asks for too long a wait, there have been enough.
    pub fn pause_for(&self, answer: &AssistantMessage, attempts: &Attempts) -> Option<Pause> {
        let max_attempts = u32::try_from(self.settings.max_retries).unwrap_or(u32::MAX);
        if !self.auto.load(Ordering::Relaxed) || attempts.count >= max_attempts {
            return None;
        }
        let failure = Failure::of(answer).filter(|failure| failure.kind.is_passing())?;
        if overflow::is_overflow(answer, 0) {
            return None;
        }
        let delay = match failure.wait.filter(|wait| !wait.is_zero()) {
            Some(wait) if self.is_too_long(wait) => return None,
            Some(wait) => wait + (wait.min(MOST_ADDED * 10) / 10).mul_f64(self.chance(attempts)),
            None => self.backoff(attempts),
        };
        Some(Pause {
            attempt: attempts.count + 1,
            max_attempts,
            delay,
            error: answer.error_message.clone().unwrap_or_default(),
        })
    }

    /// Tells of the next attempt and waits for it; false when the person does not want to.
    pub async fn wait(
        &self,
        attempts: &mut Attempts,
        pause: Pause,
        ledger: &Ledger,
        stop: &CancellationToken,
    ) -> bool {
        let delay = pause.delay;
        // Heard from before it is told: whoever is told may answer at once.
        let over = self.sleep(delay, stop);
        attempts.count = pause.attempt;
        ledger.publish(Event::RetryStart {
            attempt: pause.attempt,
            max_attempts: pause.max_attempts,
            delay,
            error: pause.error,
        });
        let over = over.await;
        if !over {
            attempts.failed(Some(CANCELLED.into()), ledger);
        }
        over
    }

    /// Waits for `delay`; false when the person ends the wait, or everything. Listens from the call on.
    pub fn sleep<'a>(
        &'a self,
        delay: Duration,
        stop: &'a CancellationToken,
    ) -> impl Future<Output = bool> + 'a {
        let mut aborted = Box::pin(self.aborted.notified());
        aborted.as_mut().enable();
        async move {
            tokio::select! {
                biased;
                () = stop.cancelled() => false,
                () = aborted => false,
                () = tokio::time::sleep(delay) => true,
            }
        }
    }

    /// Ends the wait, if there is one.
    pub fn abort(&self) {
        self.aborted.notify_waiters();
    }

    fn is_too_long(&self, wait: Duration) -> bool {
        let longest = self.settings.provider_max_retry_delay;
        !longest.is_zero() && wait > longest
    }

    /// Twice as long each time, up to the limit, less up to a tenth: many that failed at the same time
    /// do not come back at the same time.
    fn backoff(&self, attempts: &Attempts) -> Duration {
        let settings = &self.settings;
        let doubled = settings
            .base_delay
            .saturating_mul(1u32.checked_shl(attempts.count).unwrap_or(u32::MAX));
        let most = doubled.min(settings.max_agent_delay);
        most - (most / 10).mul_f64(self.chance(attempts))
    }

    /// From 0 to 1; another one for each attempt.
    fn chance(&self, attempts: &Attempts) -> f64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, attempts.count).hash(&mut hasher);
        f64::from((hasher.finish() >> 32) as u32) / f64::from(u32::MAX)
    }
}

impl Attempts {
    /// Whether there were any.
    pub fn any(&self) -> bool {
        self.count > 0
    }

    /// Counts the attempt that `pause` stands before.
    pub fn begin(&mut self, pause: &Pause) {
        self.count = pause.attempt;
    }

    /// Tells that an attempt went well, if there were any.
    pub fn succeeded(&mut self, ledger: &Ledger) {
        self.end(true, None, ledger);
    }

    /// Tells that the last attempt failed, if there were any.
    pub fn failed(&mut self, why: Option<String>, ledger: &Ledger) {
        self.end(false, why, ledger);
    }

    fn end(&mut self, success: bool, error: Option<String>, ledger: &Ledger) {
        let attempt = std::mem::take(&mut self.count);
        if attempt > 0 {
            ledger.publish(Event::RetryEnd {
                success,
                attempt,
                error,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::StopReason;
    use crate::ai::delta::failed_message;
    use crate::ai::failure::Kind;
    use crate::ai::script::model;

    fn failed(kind: Kind, wait: Option<u64>) -> AssistantMessage {
        let wait = wait.map(Duration::from_millis);
        AssistantMessage {
            failure: Some(Failure {
                wait,
                ..Failure::new(kind)
            }),
            ..failed_message(&model(), 0, StopReason::Error, "it failed")
        }
    }

    fn after(count: u32) -> Attempts {
        Attempts { count }
    }

    fn within(delay: Duration, least: u64, most: u64) -> bool {
        (u128::from(least)..=u128::from(most)).contains(&delay.as_millis())
    }

    #[test]
    fn pauses_double_up_to_the_limit_and_differ_a_little_between_conversations() {
        let settings = RetrySettings {
            max_retries: 100,
            ..RetrySettings::default()
        };
        let retry = Retry::new(settings, 1);
        let busy = failed(Kind::Busy, None);
        let delay = |retry: &Retry, count| retry.pause_for(&busy, &after(count)).unwrap().delay;
        let expected = [2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000];
        for (count, most) in (0..).zip(expected) {
            assert!(within(delay(&retry, count), most * 9 / 10, most), "{count}");
        }
        assert!(within(delay(&retry, 99), 54_000, 60_000));
        assert_eq!(delay(&retry, 0), delay(&Retry::new(settings, 1), 0));
        assert_ne!(delay(&retry, 0), delay(&Retry::new(settings, 2), 0));
    }

    #[test]
    fn what_the_vendor_asks_for_is_what_it_gets_unless_it_is_too_long() {
        let retry = Retry::new(RetrySettings::default(), 1);
        let pause = |wait| retry.pause_for(&failed(Kind::Busy, Some(wait)), &after(1));
        assert!(within(pause(5000).unwrap().delay, 5000, 5500));
        assert!(within(pause(60_000).unwrap().delay, 60_000, 61_000));
        assert_eq!(pause(60_001), None);
        // Nothing is no wait.
        assert!(within(pause(0).unwrap().delay, 3600, 4000));
        let endless = RetrySettings {
            provider_max_retry_delay: Duration::ZERO,
            ..RetrySettings::default()
        };
        let patient = Retry::new(endless, 1);
        let day = failed(Kind::Busy, Some(86_400_000));
        assert!(patient.pause_for(&day, &after(0)).is_some());
    }

    #[test]
    fn nothing_is_tried_again_in_vain() {
        let retry = Retry::new(RetrySettings::default(), 1);
        let tried = |answer: &AssistantMessage, count| retry.pause_for(answer, &after(count));
        for kind in [Kind::Connection, Kind::Busy, Kind::Garbled] {
            let pause = tried(&failed(kind, None), 2).unwrap();
            assert_eq!((pause.attempt, pause.max_attempts), (3, 3));
            assert_eq!(tried(&failed(kind, None), 3), None);
        }
        for kind in [Kind::Credentials, Kind::Quota, Kind::Refused] {
            assert_eq!(tried(&failed(kind, None), 0), None);
        }
        let aborted = failed_message(&model(), 0, StopReason::Aborted, "429");
        assert_eq!(tried(&aborted, 0), None);
        let words = |error: &str| failed_message(&model(), 0, StopReason::Error, error);
        assert!(tried(&words("503"), 0).is_some());
        assert_eq!(tried(&words("429: prompt is too long"), 0), None);
        retry.auto.store(false, Ordering::Relaxed);
        assert_eq!(tried(&words("503"), 0), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_ends_by_itself_or_when_the_person_wants_it_to() {
        let retry = Retry::new(RetrySettings::default(), 1);
        let stop = CancellationToken::new();
        assert!(retry.sleep(Duration::from_secs(60), &stop).await);
        let pause = retry.sleep(Duration::from_secs(60), &stop);
        retry.abort();
        assert!(!pause.await);
        // An end that nobody waited for is no end of the next pause.
        assert!(retry.sleep(Duration::from_secs(60), &stop).await);
        stop.cancel();
        assert!(!retry.sleep(Duration::from_secs(60), &stop).await);
    }
}
