//! What names and sorts the entries of a session: ids, kinds, roles.

use std::fmt;
use std::sync::Arc;

/// The id of an entry: 8 hex digits when written here, any string when found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(Arc<str>);

impl EntryId {
    /// The id as written in the file.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for EntryId {
    fn from(id: &str) -> Self {
        EntryId(id.into())
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The type of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// A message of the conversation.
    Message,
    /// Another model from here on.
    ModelChange,
    /// Another thinking level from here on.
    ThinkingLevelChange,
    /// A summary in place of what is before.
    Compaction,
    /// The summary of a branch that was left.
    BranchSummary,
    /// An extension's own facts.
    Custom,
    /// A message that an extension put in.
    CustomMessage,
    /// A bookmark on an entry.
    Label,
    /// The session's name.
    SessionInfo,
    /// A type that this version does not know.
    Unknown,
}

impl Kind {
    /// The kind that `type` names.
    pub fn of(name: &str) -> Self {
        match name {
            "message" => Kind::Message,
            "model_change" => Kind::ModelChange,
            "thinking_level_change" => Kind::ThinkingLevelChange,
            "compaction" => Kind::Compaction,
            "branch_summary" => Kind::BranchSummary,
            "custom" => Kind::Custom,
            "custom_message" => Kind::CustomMessage,
            "label" => Kind::Label,
            "session_info" => Kind::SessionInfo,
            _ => Kind::Unknown,
        }
    }

    /// Whether the model sees it, and so the screen.
    pub fn is_shown(self) -> bool {
        matches!(
            self,
            Kind::Message | Kind::CustomMessage | Kind::BranchSummary
        )
    }
}

/// The role of a message entry, as far as the tree needs it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Role {
    /// Not a message.
    #[default]
    None,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// A tool.
    ToolResult,
    /// Anything else.
    Other,
}

impl Role {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "toolResult" => Role::ToolResult,
            _ => Role::Other,
        }
    }
}
