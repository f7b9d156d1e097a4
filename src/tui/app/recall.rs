//! What was said in this session before pi was started, for the editor's history. Read from the file
//! when it is first asked for: most sittings never do.

use crate::ai::Message;
use crate::session::History;

/// How many prompts are recalled.
const MOST: usize = 100;

/// How many messages are read in search of them.
const REACH: usize = 300;

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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::ai::SharedMessage;
    use crate::ai::message::{Body, UserMessage};

    /// Every so many messages one is a prompt; counts what is read.
    struct Prompts {
        every: usize,
        read: AtomicUsize,
    }

    impl History for Prompts {
        fn len(&self) -> usize {
            50_000
        }

        fn message(&self, index: usize) -> Option<SharedMessage> {
            self.read.fetch_add(1, Ordering::Relaxed);
            let content = Body::Text(index.to_string());
            let prompt = UserMessage {
                content,
                timestamp: 0,
            };
            index
                .is_multiple_of(self.every)
                .then(|| Arc::new(Message::User(prompt)))
        }
    }

    #[test]
    fn a_session_of_any_length_is_recalled_from_its_end_alone() {
        for (every, read, found) in [(1, 100, 100), (100, 300, 3), (50_000, 300, 0)] {
            let history = Prompts {
                every,
                read: AtomicUsize::new(0),
            };
            assert_eq!(prompts(&history).len(), found);
            assert_eq!(history.read.into_inner(), read);
        }
    }
}
