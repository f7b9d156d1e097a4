//! A limit on what runs may cost: money, tokens, time; per run, session and day.

use super::event::Spent;
use super::ledger::Ledger;
use crate::ai::Usage;

/// Counts what is spent and says when it is enough.
#[derive(Debug, Default)]
pub(super) struct Budget {}

impl Budget {
    /// A run begins.
    pub fn begin_run(&self) {}

    /// Counts the usage of one answer, of the model in a run or of a summary. Warns at 80 %.
    pub fn spend(&self, _usage: &Usage, _ledger: &Ledger) {}

    /// The budget that is used up, if any.
    pub fn exceeded(&self) -> Option<Spent> {
        None
    }
}
