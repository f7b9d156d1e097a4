//! Sums over all entries of a session, every branch included: what footer and `/session` show.

use crate::ai::{Message, StopReason, Usage};

use super::entry::Role;

/// Tokens, money and messages of every branch of a session.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Totals {
    /// Tokens and money, those that summaries took among them.
    pub usage: Usage,
    /// Messages by kind.
    pub counts: Counts,
}

/// Messages of every branch of a session, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages of the person.
    pub user: usize,
    /// Messages of the model.
    pub assistant: usize,
    /// Calls that the model made.
    pub tool_calls: usize,
    /// Their results.
    pub tool_results: usize,
    /// All message entries.
    pub messages: usize,
}

impl Totals {
    /// Counts a message that was just written.
    pub(super) fn add_message(&mut self, message: &Message) {
        let facts = Facts {
            role: Role::of(message.role()),
            usage: message.as_assistant().map(|answer| answer.usage),
            tool_calls: message
                .as_assistant()
                .map_or(0, |answer| answer.tool_calls().count()),
            silent: is_silent(message),
        };
        self.add(&facts);
    }

    /// Counts what the summary in an entry took.
    pub(super) fn add_summary(&mut self, usage: Option<&Usage>) {
        if let Some(usage) = usage {
            self.usage.add(usage);
        }
    }

    /// Counts a message that was found in a file.
    pub(super) fn add(&mut self, facts: &Facts) {
        self.counts.messages += 1;
        self.counts.tool_calls += facts.tool_calls;
        match facts.role {
            Role::User => self.counts.user += 1,
            Role::Assistant => self.counts.assistant += 1,
            Role::ToolResult => self.counts.tool_results += 1,
            Role::None | Role::Other => {}
        }
        if let Some(usage) = &facts.usage {
            self.usage.add(usage);
        }
    }
}

/// What the sums need to know of a message; of a summary, what it took.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    pub role: Role,
    pub usage: Option<Usage>,
    pub tool_calls: usize,
    /// See [`super::Node::silent`].
    pub silent: bool,
}

/// Whether a message is an answer without words that did not end before its time.
pub(super) fn is_silent(message: &Message) -> bool {
    message.as_assistant().is_some_and(|answer| {
        let in_order = matches!(answer.stop_reason, StopReason::Stop | StopReason::ToolUse);
        in_order && answer.to_text().trim().is_empty()
    })
}

/// A number with its thousands apart.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let numbers = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "1,234,567"]);
    }
}
