//! What was sent from this directory in earlier sittings, read and kept beside the loop.
//!
//! Where nothing was ever kept, it begins with what was said in the directory's latest sessions.

use std::path::Path;

use super::shelf::Shelf;
use crate::ai::Millis;
use crate::store::index::{Voice, Wanted};
use crate::store::prompts::Prompts;

/// How many prompts are remembered.
pub(super) const MOST: usize = 1000;

/// How many sessions are looked through, and how many of their last messages.
const SESSIONS: usize = 20;
const MESSAGES: usize = 100;

/// The shelf shortens what is longer: half a prompt is none.
const WHOLE: usize = 2000;

/// The prompts of a directory, oldest first.
pub(super) fn recall(prompts: &Prompts, shelf: &dyn Shelf, cwd: &Path, now: Millis) -> Vec<String> {
    if prompts.knows(cwd) {
        return prompts.latest(cwd, MOST);
    }
    let said = said(shelf, cwd);
    if let Err(error) = prompts.keep(cwd, now, &said) {
        tracing::warn!(%error, "what was said before is not kept");
    }
    said
}

/// Keeps a prompt.
pub(super) fn keep(prompts: &Prompts, cwd: &Path, now: Millis, text: String) {
    if let Err(error) = prompts.keep(cwd, now, &[text]) {
        tracing::warn!(%error, "what was sent is not kept");
    }
}

fn said(shelf: &dyn Shelf, cwd: &Path) -> Vec<String> {
    let wanted = Wanted {
        limit: SESSIONS,
        project: Some(cwd.to_path_buf()),
        ..Wanted::default()
    };
    let Ok(page) = shelf.page(&wanted) else {
        return Vec::new();
    };
    // The session that was written last comes first, what was said last in it at its end.
    let sessions = page.sessions.into_iter().rev();
    let here = sessions.filter(|listed| Path::new(&listed.digest.cwd) == cwd);
    let said = here.filter_map(|listed| shelf.said(&listed.path, MESSAGES).ok());
    let prompts = said.flatten().filter_map(|(voice, text)| {
        let is_whole = text.chars().nth(WHOLE - 1).is_none();
        (voice == Voice::User && is_whole).then_some(text)
    });
    prompts.collect()
}
