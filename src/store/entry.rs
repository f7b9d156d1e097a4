//! The entries of a session file and the lines they are written as.
//!
//! Types, fields and their order are the reference's (`docs/session-format.md`, v3). These types are
//! for writing; reading goes through [`super::scan`] and [`super::read`], which take what they know
//! and leave the rest of a line alone.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ai::message::CustomMessage;
use crate::ai::{Body, Message};

use super::error::{Error, Result};

/// The version that is written.
pub const VERSION: u64 = 3;

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

/// The first line of a session file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// Always `session`.
    pub r#type: String,
    /// The format's version; files of the first version do not say.
    #[serde(default = "first_version")]
    pub version: u64,
    /// The session's id.
    pub id: String,
    /// When it was begun, ISO 8601.
    #[serde(default)]
    pub timestamp: String,
    /// The working directory.
    #[serde(default)]
    pub cwd: String,
    /// The session that this one was forked from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_session: Option<String>,
}

fn first_version() -> u64 {
    1
}

impl Header {
    /// The header of a new session.
    pub(super) fn new(id: String, timestamp: String, cwd: String, parent: Option<String>) -> Self {
        Header {
            r#type: "session".into(),
            version: VERSION,
            id,
            timestamp,
            cwd,
            parent_session: parent,
        }
    }

    /// Reads a line that is a session header.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let header: Header = serde_json::from_slice(line).ok()?;
        (header.r#type == "session").then_some(header)
    }

    /// The header as JSON, as in the file.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
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

/// The fields that every entry has besides its type.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stem<'a> {
    pub id: &'a str,
    #[serde(rename = "parentId")]
    pub parent: Option<&'a str>,
    pub timestamp: &'a str,
}

/// What an entry says beyond its stem.
#[derive(Debug, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub(super) enum Content<'a> {
    Message {
        message: &'a Message,
    },
    ModelChange {
        provider: &'a str,
        model_id: &'a str,
    },
    ThinkingLevelChange {
        thinking_level: &'a str,
    },
    Compaction {
        summary: &'a str,
        first_kept_entry_id: &'a str,
        tokens_before: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        details: Option<&'a Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        from_hook: Option<bool>,
    },
    BranchSummary {
        from_id: &'a str,
        summary: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        details: Option<&'a Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        from_hook: Option<bool>,
    },
    Custom {
        custom_type: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<&'a Value>,
    },
    CustomMessage {
        custom_type: &'a str,
        content: &'a Body,
        display: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        details: Option<&'a Value>,
    },
    Label {
        target_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        label: Option<&'a str>,
    },
    SessionInfo {
        name: &'a str,
    },
}

impl<'a> From<&'a CustomMessage> for Content<'a> {
    fn from(message: &'a CustomMessage) -> Self {
        Content::CustomMessage {
            custom_type: &message.custom_type,
            content: &message.content,
            display: message.display,
            details: message.details.as_ref(),
        }
    }
}

impl Content<'_> {
    pub fn kind(&self) -> Kind {
        match self {
            Content::Message { .. } => Kind::Message,
            Content::ModelChange { .. } => Kind::ModelChange,
            Content::ThinkingLevelChange { .. } => Kind::ThinkingLevelChange,
            Content::Compaction { .. } => Kind::Compaction,
            Content::BranchSummary { .. } => Kind::BranchSummary,
            Content::Custom { .. } => Kind::Custom,
            Content::CustomMessage { .. } => Kind::CustomMessage,
            Content::Label { .. } => Kind::Label,
            Content::SessionInfo { .. } => Kind::SessionInfo,
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Content::Message { .. } => "message",
            Content::ModelChange { .. } => "model_change",
            Content::ThinkingLevelChange { .. } => "thinking_level_change",
            Content::Compaction { .. } => "compaction",
            Content::BranchSummary { .. } => "branch_summary",
            Content::Custom { .. } => "custom",
            Content::CustomMessage { .. } => "custom_message",
            Content::Label { .. } => "label",
            Content::SessionInfo { .. } => "session_info",
        }
    }

    /// The entry as one line without its newline, its fields in the order that the reference has.
    pub fn to_line(&self, stem: Stem<'_>) -> Result<Vec<u8>> {
        let (r#type, content) = (self.type_name(), self);
        let line = match self {
            Content::Custom { .. } | Content::CustomMessage { .. } => {
                serde_json::to_vec(&StemLast {
                    r#type,
                    content,
                    stem,
                })
            }
            _ => serde_json::to_vec(&StemFirst {
                r#type,
                stem,
                content,
            }),
        };
        line.map_err(|source| Error::Unwritable { source })
    }
}

#[derive(Serialize)]
struct StemFirst<'a> {
    r#type: &'a str,
    #[serde(flatten)]
    stem: Stem<'a>,
    #[serde(flatten)]
    content: &'a Content<'a>,
}

#[derive(Serialize)]
struct StemLast<'a> {
    r#type: &'a str,
    #[serde(flatten)]
    content: &'a Content<'a>,
    #[serde(flatten)]
    stem: Stem<'a>,
}
