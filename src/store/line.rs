//! The lines that entries are written as.
//!
//! Types, fields and their order are the reference's (`docs/session-format.md`, v3). These types are
//! for writing; reading goes through [`super::scan`] and [`super::read`], which take what they know
//! and leave the rest of a line alone.

use serde::Serialize;
use serde_json::Value;

use crate::ai::message::CustomMessage;
use crate::ai::{Body, Message, Usage};

use super::entry::Kind;
use super::error::{Error, Result};

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
        usage: Option<&'a Usage>,
        #[serde(skip_serializing_if = "Option::is_none")]
        from_hook: Option<bool>,
    },
    BranchSummary {
        from_id: &'a str,
        summary: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        details: Option<&'a Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        usage: Option<&'a Usage>,
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
