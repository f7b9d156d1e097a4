//! The last answer that says what its request took: what a vendor can have of the conversation in its
//! cache.

use super::Store;
use super::entry::{Kind, Role};
use crate::ai::SharedMessage;

impl Store {
    /// The last answer of the current branch that counts prompt tokens, failed ones among them. `None` when
    /// there is none since the context was last put together anew, by a compaction or by the summary of
    /// another branch.
    pub fn last_request(&self) -> Option<SharedMessage> {
        for index in self.tree.ancestors(self.leaf) {
            let node = self.tree.node(index)?;
            if matches!(node.kind, Kind::Compaction | Kind::BranchSummary) {
                return None;
            }
            if node.role != Role::Assistant {
                continue;
            }
            let message = self.log.message(node.span());
            let counts = |message: &SharedMessage| {
                let answer = message.as_assistant();
                answer.is_some_and(|answer| answer.usage.prompt_tokens() > 0)
            };
            if let Some(message) = message.filter(counts) {
                return Some(message);
            }
        }
        None
    }
}
