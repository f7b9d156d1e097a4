//! The bodies that were read last: enough for a screen, whatever the session's length.

use std::collections::VecDeque;

use crate::ai::SharedMessage;

use super::tree::Span;

const ENTRIES: usize = 64;
const BYTES: usize = 1024 * 1024;

/// Messages by where they are in the file, the one that was asked for last at the end.
#[derive(Default)]
pub(super) struct Recent {
    messages: VecDeque<(Span, SharedMessage)>,
    bytes: usize,
}

impl Recent {
    /// Takes a message out; whoever asked for it keeps it again.
    pub fn take(&mut self, span: Span) -> Option<SharedMessage> {
        let at = self.messages.iter().position(|(known, _)| *known == span)?;
        let (span, message) = self.messages.remove(at)?;
        self.bytes -= span.len as usize;
        Some(message)
    }

    /// Keeps a message, and forgets those that were not asked for the longest.
    pub fn keep(&mut self, span: Span, message: &SharedMessage) {
        // Two readers of one message: the later one brings it a second time.
        self.take(span);
        self.messages.push_back((span, message.clone()));
        self.bytes += span.len as usize;
        while self.messages.len() > ENTRIES || self.bytes > BYTES {
            let Some((span, _)) = self.messages.pop_front() else {
                break;
            };
            self.bytes -= span.len as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ai::Message;

    #[test]
    fn what_was_asked_for_last_stays_within_the_bounds() {
        let message = Arc::new(Message::user("x", 1));
        let span = |offset, len| Span { offset, len };
        let mut recent = Recent::default();
        for offset in 0..100 {
            recent.keep(span(offset, 10), &message);
        }
        assert_eq!((recent.messages.len(), recent.bytes), (64, 640));
        assert!(recent.take(span(35, 10)).is_none());
        assert!(recent.take(span(36, 10)).is_some());
        recent.keep(span(200, BYTES as u32 - 5), &message);
        assert_eq!(recent.messages.len(), 1);
        recent.keep(span(300, u32::MAX), &message);
        assert_eq!((recent.messages.len(), recent.bytes), (0, 0));
    }
}
