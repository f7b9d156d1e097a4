//! What was said last in a session, from the end of its file alone.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::unit::Voice;
use crate::ai::Message;
use crate::store::read;
use crate::tools::sanitize;

/// Bytes at the end of a file that are read.
const TAIL: u64 = 256 * 1024;
/// Characters of one message that are kept.
const KEPT: usize = 2000;

/// What the person and the model said last, at most `count` messages, the last one at the end. The
/// texts have no control sequences. Messages longer than what is read of the file are not among them.
pub fn last_said(path: &Path, count: usize) -> io::Result<Vec<(Voice, String)>> {
    let mut file = File::open(path)?;
    let start = file.metadata()?.len().saturating_sub(TAIL);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    let lines = bytes.split(|byte| *byte == b'\n');
    // The first of them has lost its beginning.
    let whole = lines.skip(usize::from(start > 0));
    let whole: Vec<&[u8]> = whole.collect();
    let said = whole.into_iter().rev().filter_map(said).take(count);
    let mut said: Vec<_> = said.collect();
    said.reverse();
    Ok(said)
}

fn said(line: &[u8]) -> Option<(Voice, String)> {
    let message = read::message(line).ok()??;
    let (voice, text) = match &message {
        Message::User(user) => (Voice::User, user.content.to_text()),
        Message::Assistant(answer) => (Voice::Assistant, answer.to_text()),
        _ => return None,
    };
    let text: String = text.trim().chars().take(KEPT).collect();
    let text = sanitize(&text);
    (!text.trim().is_empty()).then(|| (voice, text.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::Clock;
    use crate::store::Store;

    #[test]
    fn the_last_words_are_found_at_the_end_of_a_large_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.jsonl");
        let mut store = Store::create_at(&path, dir.path(), None, Clock::fixed(1));
        for n in 0..400 {
            let text = format!("word {n} \u{1b}[31m{}", "x".repeat(1000));
            store.append_message(&Message::user(&text, n)).unwrap();
        }
        store.append_session_info("a name").unwrap();
        let said = last_said(&path, 2).unwrap();
        let begins = |at: usize, with: &str| said[at].1.starts_with(with);
        assert_eq!(said.len(), 2);
        assert!(begins(0, "word 398 xxx") && begins(1, "word 399 xxx"));
        assert!(said.iter().all(|(voice, _)| *voice == Voice::User));
        std::fs::write(&path, "no json\n{\"type\":\"message\"}\n\u{0}").unwrap();
        assert_eq!(last_said(&path, 2).unwrap(), []);
        assert!(last_said(&dir.path().join("gone"), 2).is_err());
    }
}
