//! Whether a vendor's word that the answer has ended can be relied on. Some translators and gateways put
//! a reason into chunks that others follow: before the first content it says nothing, and once content
//! came behind it, it says nothing for the rest of the answer.

use crate::ai::delta::Delta;

/// What the vendor has said about the end of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Nothing.
    Nothing,
    /// Why it ended.
    Reason,
    /// That it ended for a reason that makes it no answer.
    Failure,
}

impl Told {
    /// By what is known of either.
    pub fn of(has_reason: bool, has_failure: bool) -> Self {
        match (has_failure, has_reason) {
            (true, _) => Told::Failure,
            (false, true) => Told::Reason,
            (false, false) => Told::Nothing,
        }
    }
}

/// What the content that came says about the vendor's word.
#[derive(Debug, Default)]
pub struct Trust {
    has_content: bool,
    is_lost: bool,
}

impl Trust {
    /// An event brought `deltas`; before it the vendor had said `told`.
    pub fn heard(&mut self, told: Told, deltas: &[Delta]) {
        if deltas.iter().any(is_content) {
            self.has_content = true;
            self.is_lost |= told == Told::Reason;
        }
    }

    /// Whether nothing of the answer can be missing when the vendor has said `told`.
    pub fn is_whole(&self, told: Told) -> bool {
        match told {
            Told::Nothing => false,
            Told::Reason => self.has_content && !self.is_lost,
            Told::Failure => true,
        }
    }
}

fn is_content(delta: &Delta) -> bool {
    match delta {
        Delta::Text { text, .. } | Delta::Thinking { text, .. } => !text.is_empty(),
        Delta::ToolCallStart { .. } => true,
        Delta::ToolCall { json, .. } => !json.is_empty(),
        _ => false,
    }
}
