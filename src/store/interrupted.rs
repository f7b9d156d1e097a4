//! Tool calls that have no result because pi was killed: they are given one that says so.

use std::collections::HashSet;

use crate::ai::message::{ToolCall, ToolResultMessage};
use crate::ai::{Content, Message, StopReason};

use super::Store;
use super::entry::{Kind, Role};
use super::error::Result;

const TEXT: &str = "This call was interrupted: pi ended before it finished. What it did until then stands; \
look before doing it again.";

impl Store {
    /// Gives each call of the last answer that has no result one that says that it was interrupted, and
    /// returns how many there were. Only where the conversation stands in the middle of such a round:
    /// with anything said after the answer, its calls are history. To be called before the next append.
    pub fn close_interrupted_calls(&mut self) -> Result<usize> {
        self.log.check_writable()?;
        let open = self.interrupted_calls();
        let mut outcome = Ok(open.len());
        for call in open {
            let message = Message::ToolResult(ToolResultMessage {
                tool_call_id: call.id,
                tool_name: call.name,
                content: vec![Content::text(TEXT)],
                details: None,
                is_error: true,
                timestamp: self.clock.now(),
            });
            // What is not on disk is in memory all the same: the next call's result follows it.
            if let Err(error) = self.append_message(&message) {
                outcome = Err(error);
            }
        }
        outcome
    }

    fn interrupted_calls(&self) -> Vec<ToolCall> {
        let mut answered = HashSet::new();
        for index in self.tree.ancestors(self.leaf) {
            let Some(node) = self.tree.node(index) else {
                break;
            };
            match (node.kind, node.role) {
                (Kind::Message, Role::ToolResult) => {
                    if let Some(message) = self.log.message_once(node.span())
                        && let Message::ToolResult(result) = &*message
                    {
                        answered.insert(result.tool_call_id.clone());
                    }
                }
                (Kind::Message, Role::Assistant) => {
                    let message = self.log.message_once(node.span());
                    let answer = message.as_ref().and_then(|message| message.as_assistant());
                    // The calls of an answer that failed were never made, and are not sent again.
                    let made = answer.filter(|answer| {
                        !matches!(answer.stop_reason, StopReason::Error | StopReason::Aborted)
                    });
                    let calls = made.into_iter().flat_map(|answer| answer.tool_calls());
                    let open = calls.filter(|call| !answered.contains(&call.id));
                    return open.cloned().collect();
                }
                (kind, _) if kind.is_shown() || kind == Kind::Compaction => break,
                _ => {}
            }
        }
        Vec::new()
    }
}
