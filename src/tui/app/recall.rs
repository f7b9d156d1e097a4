//! What was said in this session before pi was started, for the editor's history. Read from the file
//! when it is first asked for: most sittings never do.

use crate::ai::Message;
use crate::session::History;

/// How many prompts are recalled.
const MOST: usize = 100;

/// How many messages are read in search of them.
const REACH: usize = 4000;

/// The latest prompts of `history`, oldest first.
pub(super) fn prompts(history: &dyn History) -> Vec<String> {
    let mut found: Vec<String> = (0..history.len())
        .rev()
        .take(REACH)
        .filter_map(|index| match &*history.message(index)? {
            Message::User(user) => Some(user.content.to_text()),
            _ => None,
        })
        .take(MOST)
        .collect();
    found.reverse();
    found
}
