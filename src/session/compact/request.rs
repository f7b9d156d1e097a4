//! One request for a summary, from its first byte to its answer; and its further attempts.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use tokio_util::sync::CancellationToken;

use super::Compactor;
use super::words;
use crate::agent::Choice;
use crate::ai::delta::failed_message;
use crate::ai::{
    ABORTED, AssistantMessage, CacheRetention, Delta, Message, Request, StopReason, overflow,
};
use crate::session::event::{Event, Reason, SummaryRetry};

/// How long a provider may take to end its stream after an abort before it is left behind.
const GRACE: Duration = Duration::from_millis(100);

/// Asks for summaries.
pub(super) struct Asker<'a> {
    pub compactor: &'a Compactor,
    /// Who writes.
    pub choice: Choice,
    /// For which compaction; `None` for a branch.
    pub reason: Option<Reason>,
    /// Tokens of output.
    pub output: u64,
    pub stop: &'a CancellationToken,
}

impl Asker<'_> {
    /// The answer to `prompt`, after as many attempts as the settings allow. Its usage counts, whatever
    /// became of it.
    pub async fn ask(&self, prompt: String) -> AssistantMessage {
        let ledger = &self.compactor.ledger;
        let mut attempt = 0;
        loop {
            let answer = self.once(prompt.clone()).await;
            if answer.usage.context_tokens() > 0 {
                self.compactor.budget.spend(&answer.usage, ledger);
            }
            let pause = self.pause_after(&answer, attempt);
            let Some(delay) = pause.filter(|_| !self.stop.is_cancelled()) else {
                if attempt > 0 {
                    ledger.publish(Event::SummaryRetry(SummaryRetry::Finished));
                }
                return answer;
            };
            attempt += 1;
            ledger.publish(Event::SummaryRetry(SummaryRetry::Scheduled {
                attempt,
                max_attempts: self.most_attempts(),
                delay,
                error: answer.error_message.clone().unwrap_or_default(),
            }));
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = self.stop.cancelled() => {}
            }
            if !self.stop.is_cancelled() {
                let reason = self.reason;
                ledger.publish(Event::SummaryRetry(SummaryRetry::Attempt { reason }));
            }
        }
    }

    fn most_attempts(&self) -> u32 {
        let retry = &self.compactor.settings.retry;
        u32::try_from(retry.max_retries).unwrap_or(u32::MAX)
    }

    /// The pause before another attempt; `None` when there is to be none.
    fn pause_after(&self, answer: &AssistantMessage, attempt: u32) -> Option<Duration> {
        let is_passing = answer.stop_reason == StopReason::Error
            && !overflow::is_overflow(answer, 0)
            && answer.error_message.as_deref().is_some_and(sounds_passing);
        let is_on = self.compactor.retry.auto.load(Ordering::Relaxed);
        if !is_on || attempt >= self.most_attempts() || !is_passing {
            return None;
        }
        let retry = &self.compactor.settings.retry;
        let doubled = retry.base_delay.saturating_mul(1 << attempt.min(16));
        Some(doubled.min(retry.max_agent_delay))
    }

    async fn once(&self, prompt: String) -> AssistantMessage {
        let model = &self.choice.model;
        let clock = self.compactor.request.clock.clone();
        let begun = clock.now();
        let failed = |reason, why: &str| failed_message(model, begun, reason, why);
        if self.stop.is_cancelled() {
            return failed(StopReason::Aborted, ABORTED);
        }
        let request = Request {
            system: words::SYSTEM.into(),
            messages: vec![Message::user(prompt, begun).into()],
            tools: Vec::new(),
            thinking: self.choice.thinking,
            max_tokens: Some(self.output),
            // Nobody will send this prompt again.
            cache: CacheRetention::None,
            session_id: None,
            tap: None,
            ..self.compactor.request.clone()
        };
        let provider = &self.compactor.provider;
        let answer = async {
            let mut stream = provider.stream(model, request, self.stop.clone());
            while let Some(delta) = stream.next().await {
                if let Delta::Done(message) = delta {
                    return Some((*message).clone());
                }
            }
            None
        };
        let overdue = async {
            self.stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            biased;
            answer = AssertUnwindSafe(answer).catch_unwind() => match answer {
                Ok(Some(message)) => message,
                Ok(None) => failed(StopReason::Error, "The stream ended without a final message."),
                Err(_) => failed(
                    StopReason::Error,
                    "The provider's code crashed. This is a defect in pi.",
                ),
            },
            () = overdue => failed(StopReason::Aborted, ABORTED),
        }
    }
}

/// Whether a failure may be gone in a moment.
fn sounds_passing(error: &str) -> bool {
    const SIGNS: &[&str] = &[
        "overloaded",
        "answered 408",
        "answered 409",
        "answered 429",
        "answered 5",
        "rate limit",
        "timed out",
        "timeout",
        "connect",
        "stream ended",
    ];
    let error = error.to_lowercase();
    SIGNS.iter().any(|sign| error.contains(sign))
}
