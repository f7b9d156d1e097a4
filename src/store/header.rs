//! The first line of a session file.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version that is written.
pub const VERSION: u64 = 3;

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

    /// The header as it is written.
    pub(super) fn to_line(&self) -> Vec<u8> {
        self.to_value().to_string().into_bytes()
    }

    /// The header as JSON, as in the file.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
