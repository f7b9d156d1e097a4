//! What the conversation does by itself, for the status row: further attempts after a failure, and
//! making room.

use super::App;
use crate::ai::Millis;
use crate::session::{Compacted, Event, Level, SummaryRetry};
use crate::tui::footer::short_count;

/// Milliseconds of one step of the spinner.
pub const STEP: Millis = 100;

/// What is going on by itself.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// When compacting began, while it goes on.
    pub compacting: Option<Millis>,
    /// When the summary of a branch that is left was begun, while it is written.
    pub summarising: Option<Millis>,
    /// The attempt that is waited for.
    retry: Option<Retry>,
    /// Whether the end of a compaction was told since the person last asked for one.
    pub has_told: bool,
}

/// A further attempt.
#[derive(Debug)]
struct Retry {
    attempt: u32,
    most: u32,
    due: Millis,
    why: String,
}

impl Activity {
    /// The words for the attempt that is waited for at `now`, and why there has to be one.
    pub fn waiting(&self, now: Millis) -> Option<(String, &str)> {
        let retry = self.retry.as_ref().filter(|retry| retry.due > now)?;
        let seconds = (retry.due - now + 999) / 1000;
        let words = format!("retry {}/{} in {seconds} s", retry.attempt, retry.most);
        Some((words, retry.why.lines().next().unwrap_or_default()))
    }

    /// How long until the words above change.
    fn next(&self, now: Millis) -> Option<Millis> {
        let retry = self.retry.as_ref().filter(|retry| retry.due > now)?;
        Some(match (retry.due - now) % 1000 {
            0 => 1000,
            rest => rest,
        })
    }
}

impl App {
    /// Whether something on the screen moves by itself, so that ticks are needed.
    pub fn is_moving(&self) -> bool {
        self.step().is_some()
    }

    /// After how many milliseconds the next tick is needed, if any.
    pub fn step(&self) -> Option<Millis> {
        // In a session that is watched, what runs runs elsewhere.
        let is_busy = self.transcript.is_busy() && self.view.watching.is_none();
        let is_quick = self.shell || self.flash.is_some() || is_busy || self.hand.is_moving();
        let is_working = self.is_at_work();
        let next = self.activity.next(self.now);
        let next = next.into_iter().chain(self.next_second()).min();
        match next {
            Some(next) if !is_quick => Some(next),
            _ => (is_quick || is_working).then_some(STEP),
        }
    }

    /// Whether something goes on that Escape stops: a run, or a summary that is written.
    pub(super) fn is_at_work(&self) -> bool {
        let activity = &self.activity;
        self.since.is_some() || activity.compacting.is_some() || activity.summarising.is_some()
    }

    /// Takes what the conversation tells of its own doings.
    pub(super) fn told_activity(&mut self, event: &Event) {
        match event {
            Event::CompactionStart { .. } => self.activity.compacting = Some(self.now),
            Event::CompactionEnd {
                result, aborted, ..
            } => {
                self.activity.compacting = None;
                self.activity.retry = None;
                self.activity.has_told = true;
                if self.since.is_none() {
                    self.stopping = false;
                }
                match result {
                    Some(result) => self.flash(Level::Info, compacted(result)),
                    None if *aborted => {
                        self.flash(Level::Info, "compacting was stopped; nothing has changed");
                    }
                    // The transcript says why it failed.
                    None => {}
                }
            }
            Event::RetryStart {
                attempt,
                max_attempts,
                delay,
                error,
            }
            | Event::SummaryRetry(SummaryRetry::Scheduled {
                attempt,
                max_attempts,
                delay,
                error,
            }) => {
                // It takes the whole row: what it hides is not to come back, old, behind it.
                self.flash = None;
                let delay = Millis::try_from(delay.as_millis()).unwrap_or(Millis::MAX);
                self.activity.retry = Some(Retry {
                    attempt: *attempt,
                    most: *max_attempts,
                    due: self.now.saturating_add(delay),
                    why: error.clone(),
                });
            }
            // Why the last attempt failed is what the answer says.
            Event::RetryEnd { .. }
            | Event::SummaryRetry(SummaryRetry::Attempt { .. } | SummaryRetry::Finished) => {
                self.activity.retry = None;
            }
            _ => {}
        }
    }

    /// A new attempt, or the end of all of them.
    pub(super) fn wait_no_more(&mut self) {
        self.activity.retry = None;
    }
}

fn compacted(result: &Compacted) -> String {
    let (before, after) = (result.tokens_before, result.tokens_after);
    format!(
        "compacted: {} → {} tokens",
        short_count(before),
        short_count(after)
    )
}
