//! One request for a summary, from its first byte to its answer; and its further attempts.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use tokio_util::sync::CancellationToken;

use super::Compactor;
use super::words;
use crate::agent::Choice;
use crate::ai::delta::failed_message;
use crate::ai::{ABORTED, AssistantMessage, CacheRetention, Delta, Message, Request, StopReason};
use crate::session::event::{Event, Reason, SummaryRetry};
use crate::session::retry::Attempts;

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
        let retry = &self.compactor.retry;
        let mut attempts = Attempts::default();
        loop {
            let answer = self.once(prompt.clone()).await;
            if answer.usage.context_tokens() > 0 {
                self.compactor.budget.spend(&answer.usage, ledger);
            }
            let pause = retry.pause_for(&answer, &attempts);
            let Some(pause) = pause.filter(|_| !self.stop.is_cancelled()) else {
                if attempts.any() {
                    ledger.publish(Event::SummaryRetry(SummaryRetry::Finished));
                }
                return answer;
            };
            attempts.begin(&pause);
            let over = retry.sleep(pause.delay, self.stop);
            ledger.publish(Event::SummaryRetry(SummaryRetry::Scheduled {
                attempt: pause.attempt,
                max_attempts: pause.max_attempts,
                delay: pause.delay,
                error: pause.error,
            }));
            let over = over.await;
            if self.stop.is_cancelled() {
                continue;
            }
            if !over {
                ledger.publish(Event::SummaryRetry(SummaryRetry::Finished));
                return answer;
            }
            let reason = self.reason;
            ledger.publish(Event::SummaryRetry(SummaryRetry::Attempt { reason }));
        }
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
