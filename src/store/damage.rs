//! Damage as a value: where in the file, and what is wrong. Said once per opening, to whoever opened.

use std::fmt;

/// One place of a session file that could not be read as it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Counted from 1; 0 when it was found by its offset alone.
    pub line: usize,
    /// Bytes before it in the file.
    pub offset: u64,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a place of a session file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The first line is not a session header, though entries follow.
    Header,
    /// The file's last line was cut off before its end.
    Torn,
    /// A line that is not a whole JSON object; it is skipped.
    Unreadable,
    /// Several entries, or an entry and the rest of another, stand on one line; the whole ones count.
    Joined,
    /// A JSON object that has no type or no id; it is skipped.
    Anonymous,
    /// An entry whose parent is not in the file before it; it follows its nearest known ancestor.
    Orphan {
        /// The id that the entry names.
        parent: String,
    },
    /// An entry with the id of an earlier one; both stay, later entries refer to this one.
    Repeated {
        /// The id.
        id: String,
    },
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "byte {}: ", self.offset)?,
            line => write!(f, "line {line} (byte {}): ", self.offset)?,
        }
        match &self.fault {
            Fault::Header => write!(f, "the session header is unreadable"),
            Fault::Torn => write!(f, "the last line is cut off"),
            Fault::Unreadable => write!(f, "not a whole JSON object"),
            Fault::Joined => write!(f, "more than one entry on the line"),
            Fault::Anonymous => write!(f, "an object without type or id"),
            Fault::Orphan { parent } => write!(f, "its parent {parent:?} is missing"),
            Fault::Repeated { id } => write!(f, "the id {id:?} is used again"),
        }
    }
}
