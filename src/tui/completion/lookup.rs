//! A question to the finder, and its answer.

use std::path::PathBuf;

use super::{Item, Then};
use crate::tools::shell_quoted;

/// Something that is looked for on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Grows with every question; the newest wins.
    pub id: u64,
    /// The working directory.
    pub root: PathBuf,
    /// The home directory, for `~`.
    pub home: Option<PathBuf>,
    /// Whether the list of files is looked at anew when it has aged.
    pub is_first: bool,
    /// What is looked for.
    pub what: What,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Files and folders below the working directory, or below the folder that the words begin with, by
    /// their likeness to the words.
    Files(String, Style),
    /// What is in a folder and begins with the last part of this path.
    Folder(String, Style),
}

/// How a path is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// An `@` stands before it.
    pub is_attached: bool,
    /// When it stands between quotes.
    pub quoting: Quoting,
}

/// When a path stands between quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    /// When it has blanks.
    ForBlanks,
    /// Always: a quote was typed.
    Always,
    /// As a shell needs it.
    Shell,
}

/// The answer, or a part of it that came early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which question it answers.
    pub id: u64,
    /// What was found, best first.
    pub items: Vec<Item>,
    /// Whether nothing better will come.
    pub is_whole: bool,
}

impl What {
    /// What is typed of it.
    pub(super) fn words(&self) -> &str {
        match self {
            What::Files(words, _) | What::Folder(words, _) => words,
        }
    }
}

impl Style {
    /// The entry for a path, which ends with a slash when it is a folder's.
    pub(super) fn item(self, path: &str, label: String, detail: String) -> Item {
        let is_folder = path.ends_with('/');
        let sign = if self.is_attached { "@" } else { "" };
        let value = match self.quoting {
            Quoting::Shell => quoted_for_shell(path),
            Quoting::ForBlanks if !path.contains(char::is_whitespace) => format!("{sign}{path}"),
            Quoting::ForBlanks | Quoting::Always => format!("{sign}\"{path}\""),
        };
        let then = match (is_folder, self.is_attached) {
            (true, _) => Then::Folder,
            (false, true) => Then::Attach,
            (false, false) => Then::Path,
        };
        Item {
            value,
            label,
            detail,
            then,
        }
    }
}

/// The shell reads `~/` only outside quotes.
fn quoted_for_shell(path: &str) -> String {
    match path.strip_prefix("~/") {
        Some("") => path.to_owned(),
        Some(rest) => format!("~/{}", shell_quoted(rest.as_ref())),
        None => shell_quoted(path.as_ref()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_as_the_place_needs_it() {
        let value = |is_attached, quoting, path: &str| {
            let style = Style {
                is_attached,
                quoting,
            };
            style.item(path, String::new(), String::new()).value
        };
        assert_eq!(value(true, Quoting::ForBlanks, "a/b"), "@a/b");
        assert_eq!(value(true, Quoting::ForBlanks, "a b/"), "@\"a b/\"");
        assert_eq!(value(false, Quoting::Always, "a"), "\"a\"");
        assert_eq!(value(false, Quoting::Shell, "a/b.rs"), "a/b.rs");
        assert_eq!(value(false, Quoting::Shell, "$(rm x)"), "'$(rm x)'");
        assert_eq!(value(false, Quoting::Shell, "~/my dir/"), "~/'my dir/'");
        assert_eq!(value(false, Quoting::Shell, "~/"), "~/");
    }
}
