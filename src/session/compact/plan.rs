//! What a compaction is to do, worked out from the current branch before any request is made.

use serde_json::Value;

use super::cut::{Cut, Step, cut, halved};
use super::estimate::{context_tokens, of_text, tokens_of};
use super::files::Files;
use super::limits::Limits;
use crate::ai::{SharedMessage, StopReason};
use crate::session::event::Reason;
use crate::store::{Growth, Kind, Range, Seen};

/// What a compaction is to do.
pub(super) struct Plan {
    /// The first entry that stays.
    pub first_kept: String,
    /// What is summarised.
    pub history: Vec<SharedMessage>,
    /// The beginning of the turn that is split, summarised by itself; empty when none is.
    pub turn_start: Vec<SharedMessage>,
    /// The summary that is brought up to date.
    pub previous: Option<String>,
    /// Files of everything that is summarised, now and before.
    pub files: Files,
    /// Tokens of the context before.
    pub tokens_before: u64,
    /// How many bytes of this conversation are a token, as far as the last usage tells.
    pub density: f64,
}

/// Bytes of text in a token where nothing better is known; rather too few.
pub(super) const DENSITY: f64 = 3.0;

/// Why there is nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nothing {
    /// Nothing was said since the last compaction.
    Compacted,
    /// All there is would stay.
    Small,
}

impl Nothing {
    pub fn as_str(self) -> &'static str {
        match self {
            Nothing::Compacted => "nothing was said since the last compaction",
            Nothing::Small => "there is nothing to compact: the conversation is still too short",
        }
    }
}

/// Reads the branch and cuts it. `system` is the length of the system prompt in bytes.
pub(super) fn plan(
    seen: &Seen,
    growth: &Growth,
    limits: &Limits,
    reason: Reason,
    system: usize,
) -> Result<Plan, Nothing> {
    let entries = &seen.entries;
    let messages: Vec<Option<SharedMessage>> =
        (0..entries.len()).map(|at| shown(entries, at)).collect();
    let steps: Vec<(Step, u64)> = (0..entries.len())
        .map(|at| step(entries.kind(at), messages[at].as_ref()))
        .collect();
    let is_new = |(step, _): &(Step, u64)| !matches!(step, Step::Hidden | Step::Wall);
    if seen.compaction.is_some() && !steps[seen.kept..].iter().any(is_new) {
        return Err(Nothing::Compacted);
    }
    let total: u64 = steps.iter().map(|(_, tokens)| tokens).sum();
    let room = match reason {
        Reason::Overflow => limits.room(),
        Reason::Manual | Reason::Threshold => None,
    };
    let mut found = cut(&steps, limits.keep, room);
    if found.is_none() && reason != Reason::Manual {
        found = cut(&steps, total / 2, room).map(|found| unsplit(found, &steps, total));
    }
    if reason == Reason::Overflow {
        found = found.map(|found| halved(found, &steps));
    }
    let Cut {
        first_kept,
        turn_start,
    } = found.ok_or(Nothing::Small)?;
    let id = entries.id(first_kept).ok_or(Nothing::Small)?;
    let split = turn_start.unwrap_or(first_kept);
    let between = |from: usize, to: usize| -> Vec<SharedMessage> {
        messages[from..to].iter().flatten().cloned().collect()
    };
    let (history, turn_start) = (between(0, split), between(split, first_kept));
    let mut files = Files::default();
    if let Some(compaction) = &seen.compaction {
        files.add_entry(compaction);
    }
    for message in history.iter().chain(&turn_start) {
        files.add_calls(message);
    }
    let previous = seen.compaction.as_ref().and_then(summary_of);
    let before = of_text(previous.as_ref().map_or(0, String::len));
    let all: Vec<SharedMessage> = messages.iter().flatten().cloned().collect();
    let tokens_before = match growth.usage {
        Some(_) => context_tokens(&all, growth, system),
        None => before + context_tokens(&all, growth, system),
    };
    let estimated = of_text(system) + before + all.iter().map(|m| tokens_of(m)).sum::<u64>();
    let density = match growth.usage {
        // Four bytes are estimated to be one. The tools' descriptions make it a little less than it is.
        Some(_) => (4.0 * estimated as f64 / tokens_before.max(1) as f64).clamp(1.0, 4.0),
        None => DENSITY,
    };
    Ok(Plan {
        density,
        first_kept: id.to_string(),
        history,
        turn_start,
        previous,
        files,
        tokens_before,
    })
}

impl Plan {
    /// Tokens that the summary is to stand for, about.
    pub fn goes(&self) -> u64 {
        let messages = self.history.iter().chain(&self.turn_start);
        let previous = of_text(self.previous.as_ref().map_or(0, String::len));
        previous + messages.map(|message| tokens_of(message)).sum::<u64>()
    }
}

/// Something has to go though the estimate says that all could stay: tokens may be far more than it
/// says. The cut is in the middle then; at the beginning of its turn if that is not far.
fn unsplit(found: Cut, steps: &[(Step, u64)], total: u64) -> Cut {
    let is_near = |start: &usize| {
        let before: u64 = steps[..*start].iter().map(|(_, tokens)| tokens).sum();
        before > 0 && before >= total / 3
    };
    match found.turn_start.filter(is_near) {
        Some(first_kept) => Cut {
            first_kept,
            turn_start: None,
        },
        None => found,
    }
}

fn shown(entries: &Range, at: usize) -> Option<SharedMessage> {
    let is_shown = entries.kind(at).is_some_and(Kind::is_shown);
    is_shown.then(|| entries.message(at)).flatten()
}

fn step(kind: Option<Kind>, message: Option<&SharedMessage>) -> (Step, u64) {
    let Some(message) = message else {
        let is_wall = kind == Some(Kind::Compaction);
        return (if is_wall { Step::Wall } else { Step::Hidden }, 0);
    };
    use crate::ai::Message;
    let step = match &**message {
        Message::Assistant(answer) => match answer.stop_reason {
            StopReason::Error | StopReason::Aborted => return (Step::Failed, 0),
            _ => Step::Answer,
        },
        Message::ToolResult(_) => Step::Result,
        Message::BashExecution(bash) if bash.exclude_from_context => Step::Hidden,
        _ => Step::Said,
    };
    (step, tokens_of(message))
}

fn summary_of(compaction: &Value) -> Option<String> {
    let summary = compaction["summary"].as_str()?;
    (!summary.trim().is_empty()).then(|| summary.to_owned())
}
