//! What everyone is told of a compaction: that it is under way, how it ended, and what to do where it
//! cannot help.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::plan::Nothing;
use super::{Compactor, NotCompacted};
use crate::session::command::Compacted;
use crate::session::event::{Event, Level, Reason};
use crate::session::ledger::Ledger;

const WAY_OUT: &str = "Choose a model with a larger context (/model), go back to an earlier entry \
(/tree), or begin a new session (/new).";

impl Compactor {
    /// Tells that room was made for a request, and that it was refused all the same.
    pub fn tell_refused_again(&self) {
        let why = "the context is still too long for the model after it was compacted";
        let failed = Err(NotCompacted::Failed(format!("{why}. {WAY_OUT}")));
        self.tell_end(Reason::Overflow, false, &failed);
    }

    /// Nothing can be done where something would have to be.
    pub(super) fn hopeless(&self, nothing: Nothing, reason: Reason) -> NotCompacted {
        let why = match reason {
            Reason::Overflow => format!(
                "the context is too long for the model, and {}. {WAY_OUT}",
                match nothing {
                    Nothing::Compacted => "it was compacted just now",
                    Nothing::Small => "there is nothing in it to summarise",
                }
            ),
            Reason::Manual | Reason::Threshold => nothing.as_str().to_owned(),
        };
        NotCompacted::Failed(why)
    }

    /// The summary is no shorter than what it would stand for.
    pub(super) fn no_shorter(&self) -> NotCompacted {
        let why = "its summary would be no shorter than what it stands for";
        NotCompacted::Failed(format!("{why}. {WAY_OUT}"))
    }

    /// Tells once that the context is full of what cannot be summarised.
    pub(super) fn tell_full(&self) {
        if !self.memory.has_told.swap(true, Ordering::Relaxed) {
            self.ledger.publish(Event::Notice {
                level: Level::Warning,
                text: format!(
                    "The context is nearly full, and what fills it cannot be summarised. {WAY_OUT}"
                ),
            });
        }
    }

    /// Tells that it is over, and what came of it.
    pub(super) fn tell_end(
        &self,
        reason: Reason,
        will_retry: bool,
        made: &Result<Arc<Compacted>, NotCompacted>,
    ) {
        let what = match reason {
            Reason::Manual => "Compaction failed",
            Reason::Threshold => "Automatic compaction failed",
            Reason::Overflow => "The context is too long and could not be compacted",
        };
        let error = match made {
            Err(NotCompacted::Failed(why)) => Some(format!("{what}: {why}")),
            _ => None,
        };
        self.ledger.publish(Event::CompactionEnd {
            reason,
            result: made.as_ref().ok().cloned(),
            aborted: matches!(
                made,
                Err(NotCompacted::Aborted | NotCompacted::Cancelled(_))
            ),
            will_retry: will_retry && made.is_ok(),
            error,
        });
    }
}

/// Shows in the view that a summary is being written, until it is dropped.
pub(super) struct Busy<'a>(&'a Ledger);

impl<'a> Busy<'a> {
    pub fn new(ledger: &'a Ledger) -> Self {
        ledger.update_view(|view| view.compacting = true);
        Busy(ledger)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.update_view(|view| view.compacting = false);
    }
}
