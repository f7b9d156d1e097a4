//! The first line of a session file.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::encode::{id_in_name, time_in_name};

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

/// A line without the byte order mark that some editors put in front.
pub(super) fn without_mark(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
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

    /// Reads a line that is a session header. A byte order mark in front of it does not matter, and a
    /// field other than the id that is not what it should be is as if it were not there.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        Self::parse_strictly(line).or_else(|| Self::mend(without_mark(line)))
    }

    /// Reads a header in which everything that pi knows is as it should be.
    pub(super) fn parse_strictly(line: &[u8]) -> Option<Self> {
        let header: Header = serde_json::from_slice(without_mark(line)).ok()?;
        (header.r#type == "session").then_some(header)
    }

    fn mend(line: &[u8]) -> Option<Self> {
        let fields: Value = serde_json::from_slice(line).ok()?;
        let text = |name: &str| fields[name].as_str().map(String::from);
        Some(Header {
            r#type: text("type").filter(|kind| kind == "session")?,
            version: fields["version"].as_u64().unwrap_or(VERSION),
            id: text("id")?,
            timestamp: text("timestamp").unwrap_or_default(),
            cwd: text("cwd").unwrap_or_default(),
            parent_session: text("parentSession"),
        })
    }

    /// The header that a file's name stands for, when its own is lost.
    pub(super) fn of_name(path: &Path) -> Self {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let id = id_in_name(path).unwrap_or(&stem).to_string();
        let timestamp = time_in_name(path).unwrap_or_default();
        Header::new(id, timestamp, String::new(), None)
    }

    /// The version, when it is later than the one that this program writes.
    pub fn newer(&self) -> Option<u64> {
        (self.version > VERSION).then_some(self.version)
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
