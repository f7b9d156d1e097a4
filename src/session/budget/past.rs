//! What a session has cost so far, from its file alone.
//!
//! Money and tokens are the sums of its entries. Time is not written anywhere: it is what passed before
//! each answer, tool result and summary since the entry before it, so the person's own time does not
//! count, and neither does a night after which an interrupted session went on.

use std::time::Duration;

use crate::config::Sums;
use crate::store::{Kind, Role, Store};

/// A longer silence is no work.
const MOST: i64 = 60 * 60 * 1000;

/// The sums of all branches of `store`.
pub(super) fn sums(store: &Store) -> Sums {
    let usage = store.totals().usage;
    let nodes = store.tree().nodes();
    let worked = nodes.windows(2).filter_map(|pair| {
        let is_work = match pair[1].kind {
            Kind::Message => matches!(pair[1].role, Role::Assistant | Role::ToolResult),
            Kind::Compaction | Kind::BranchSummary => true,
            _ => false,
        };
        let gap = pair[1].time.saturating_sub(pair[0].time);
        (is_work && (0..=MOST).contains(&gap)).then_some(gap)
    });
    let millis = worked.fold(0i64, i64::saturating_add);
    Sums {
        usd: usage.cost.total,
        tokens: usage.total_tokens,
        time: Duration::from_millis(millis.unsigned_abs()),
    }
}
