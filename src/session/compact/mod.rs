//! Compaction: the older part of a conversation gives way to a summary of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::budget::Budget;
use super::command::Compacted;
use super::event::Reason;
use super::ledger::Ledger;
use super::retry::Retry;
use crate::agent::{Choice, Hooks};
use crate::ai::{Model, Provider, Request, SharedMessage};
use crate::config::settings::{BranchSummarySettings, CompactionSettings};
use crate::store::Summary;

/// Makes room in a conversation, and summarises branches.
#[derive(Clone)]
pub(super) struct Compactor {
    pub ledger: Arc<Ledger>,
    pub provider: Arc<dyn Provider>,
    pub hooks: Arc<dyn Hooks>,
    pub choice: watch::Receiver<Choice>,
    /// What a request carries besides messages, tools and thinking.
    pub request: Request,
    pub retry: Arc<Retry>,
    pub budget: Arc<Budget>,
    pub settings: CompactionSettings,
    pub branch_summary: BranchSummarySettings,
    /// Whether to compact without being asked.
    pub auto: Arc<AtomicBool>,
}

/// Why nothing was compacted; the audience has been told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotCompacted {
    /// The person stopped it.
    Aborted,
    /// A hook was against it.
    Cancelled(String),
    /// It failed, or there was nothing to do.
    Failed(String),
}

impl Compactor {
    /// Whether compaction happens without being asked.
    pub fn is_auto(&self) -> bool {
        self.auto.load(Ordering::Relaxed)
    }

    /// Whether `messages` nearly fill the model's context.
    pub fn is_due(&self, _model: &Model, _messages: &[SharedMessage]) -> bool {
        false
    }

    /// Compacts the current branch of the store. Publishes start and end; a failure changes nothing.
    pub async fn compact(
        &self,
        _reason: Reason,
        _instructions: Option<&str>,
        _will_retry: bool,
        _stop: &CancellationToken,
    ) -> Result<Arc<Compacted>, NotCompacted> {
        Err(NotCompacted::Failed("there is no compaction yet".into()))
    }

    /// A summary of the branch from where it parts from `target` to `leaf`; `None` when there is nothing
    /// on it.
    pub async fn summarise_branch(
        &self,
        _leaf: &str,
        _target: &str,
        _instructions: Option<&str>,
        _replace: bool,
        _stop: &CancellationToken,
    ) -> Result<Option<Summary>, NotCompacted> {
        Ok(None)
    }
}
