//! Something wrong in a file that the user wrote: where it is and what is wrong with it. A problem is
//! a value, shown to the user by a face; pi goes on without the part that it names. It never carries a
//! secret: values are described by their kind, not repeated.

use std::fmt;
use std::path::{Path, PathBuf};

/// Something wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file; empty for text that came from elsewhere.
    pub file: PathBuf,
    /// Where in it, when that is known.
    pub place: Option<Place>,
    /// The field, such as `providers.local.baseUrl`; empty when the whole file is meant.
    pub field: String,
    /// What is wrong, in words.
    pub message: String,
}

/// A place in a text; both count from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Problem {
    /// A problem with a whole file.
    pub fn new(file: &Path, message: impl Into<String>) -> Self {
        Problem {
            file: file.to_path_buf(),
            place: None,
            field: String::new(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.as_os_str().is_empty() {
            write!(f, "{}", self.file.display())?;
            if let Some(place) = self.place {
                write!(f, ":{}:{}", place.line, place.column)?;
            }
            write!(f, ": ")?;
        }
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for Problem {}

impl Place {
    /// The place of a byte in a text. A byte inside a character counts as that character's.
    pub fn of(text: &str, byte: usize) -> Self {
        let bytes = text.as_bytes();
        let byte = byte.min(bytes.len());
        let before = &bytes[..byte];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        let is_char_start = |byte: &&u8| **byte & 0xC0 != 0x80;
        let column = 1 + before[line_start..].iter().filter(is_char_start).count();
        Place { line, column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        assert_eq!(Place::of("", 0), Place { line: 1, column: 1 });
        assert_eq!(Place::of("a\nbc", 3), Place { line: 2, column: 2 });
        assert_eq!(Place::of("äö\n", 4), Place { line: 1, column: 3 });
        assert_eq!(Place::of("x", 99), Place { line: 1, column: 2 });
    }
}
