//! Commands: first words that are done rather than said. Only a word with a verb that is known behind
//! it is one, so that any sentence can still be said.

mod auth;
mod session;

use std::ffi::OsString;

use super::{CliError, completions, search, sessions, update};

pub use auth::AuthArgs;
pub(super) use auth::SETTLE;
pub(super) use session::check_command;

/// Does what the words name, if they name a command.
pub(super) fn run(words: &[OsString]) -> Option<Result<u8, CliError>> {
    let word = |at: usize| words.get(at).and_then(|word| word.to_str());
    match (word(0), word(1)) {
        // As the reference has it: whatever follows.
        (Some("auth"), _) => Some(auth::main(&words[1..])),
        (Some("search"), _) => Some(search::main(&words[1..])),
        (Some("session"), Some("check")) => Some(session::check(&words[2..])),
        (Some("session"), Some("list")) => Some(sessions::list(&words[2..])),
        (Some("update"), _) if update::is_meant(&words[1..]) => Some(update::main(&words[1..])),
        (Some("completions"), shell) if words.len() <= 2 => {
            Some(completions::complete(shell.unwrap_or_default()))
        }
        (Some("man"), None) if words.len() == 1 => Some(completions::manual()),
        _ => None,
    }
}
