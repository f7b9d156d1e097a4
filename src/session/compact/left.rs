//! What the summary of a branch that is left looks at: its newest part, as much as fits.

use super::estimate::tokens_of;
use super::files::Files;
use super::serialise::text_of;
use crate::ai::{Message, SharedMessage};
use crate::store::{Kind, Range};

/// The messages of a branch that its summary looks at, and the files of all of it.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// Oldest first, in words.
    pub parts: Vec<String>,
    pub files: Files,
}

/// Takes the newest messages of `range` up to `most` tokens. Results of tools are left out: what matters
/// of them is in the answers. A summary that does not fit is taken all the same while there is some room.
pub(super) fn left(range: &Range, most: u64) -> Left {
    let mut left = Left::default();
    for at in 0..range.len() {
        if range.kind(at) == Some(Kind::BranchSummary)
            && let Some(entry) = range.entry(at)
        {
            left.files.add_entry(&entry);
        }
    }
    let mut taken: Vec<SharedMessage> = Vec::new();
    let mut tokens = 0;
    for at in (0..range.len()).rev() {
        let kind = range.kind(at);
        if !kind.is_some_and(|kind| kind.is_shown() || kind == Kind::Compaction) {
            continue;
        }
        let Some(message) = range.message(at) else {
            continue;
        };
        if matches!(*message, Message::ToolResult(_)) {
            continue;
        }
        let own = tokens_of(&message);
        if tokens + own > most {
            let is_summary = matches!(kind, Some(Kind::Compaction | Kind::BranchSummary));
            if is_summary && tokens < most / 10 * 9 {
                taken.push(message);
            }
            break;
        }
        tokens += own;
        left.files.add_calls(&message);
        taken.push(message);
    }
    left.parts = taken.iter().rev().filter_map(text_of).collect();
    left
}
