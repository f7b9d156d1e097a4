//! Keeps what is typed and not sent on disk, beside the loop: a moment after the last key, never in its
//! way.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::session::View;
use crate::store::drafts::{Drafts, Left, Owner};

/// How long after the last change it is written.
const CALM: Duration = Duration::from_millis(300);

/// How long after the first change it is written at the latest.
const LATEST: Duration = Duration::from_secs(2);

/// Keeps what is typed and not sent.
pub(super) struct Keeper {
    // Held while one small file is written, by one thread at a time.
    kept: Option<Arc<Mutex<Kept>>>,
    revision: u64,
    since: Option<Instant>,
    due: Option<Instant>,
    count: u64,
}

struct Kept {
    drafts: Drafts,
    /// Which text was written last: an older one that comes late is not.
    count: u64,
}

impl Keeper {
    /// Without drafts nothing is kept.
    pub fn new(drafts: Option<Drafts>) -> Self {
        let kept = drafts.map(|drafts| Kept { drafts, count: 0 });
        Keeper {
            kept: kept.map(|kept| Arc::new(Mutex::new(kept))),
            revision: 0,
            since: None,
            due: None,
            count: 0,
        }
    }

    /// Takes what was left behind for this conversation, at one of these places.
    pub fn take(&mut self, view: &View, places: &[Left]) -> Option<String> {
        let kept = self.kept.as_ref()?;
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let owner = owner(view)?;
        let mut places = places.iter();
        let text = places.find_map(|place| kept.drafts.take(owner, *place))?;
        // What is on its way to the file was said before.
        self.count += 1;
        kept.count = self.count;
        Some(text)
    }

    /// What is typed may have changed: this is the number of its last change.
    pub fn follow(&mut self, revision: u64) {
        if self.kept.is_none() || revision == self.revision {
            return;
        }
        self.revision = revision;
        let now = Instant::now();
        let since = *self.since.get_or_insert(now);
        self.due = Some((now + CALM).min(since + LATEST));
    }

    /// When it is to be written, if it is.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Writes it, beside the loop.
    pub fn keep(&mut self, view: Arc<View>, text: String) {
        if let Some(write) = self.write(view, text) {
            // What it comes to is in the log.
            drop(tokio::task::spawn_blocking(write));
        }
    }

    /// Writes it and waits for it: the end has come.
    pub fn finish(&mut self, view: Arc<View>, text: String) {
        if let Some(write) = self.write(view, text) {
            write();
        }
    }

    fn write(&mut self, view: Arc<View>, text: String) -> Option<impl FnOnce() + Send + 'static> {
        self.since = None;
        self.due = None;
        self.count += 1;
        let (kept, count) = (self.kept.clone()?, self.count);
        Some(move || {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            if count < kept.count {
                return;
            }
            kept.count = count;
            let written = match owner(&view) {
                Some(owner) => kept.drafts.keep(owner, &text),
                // A conversation in memory leaves nothing on disk.
                None => {
                    kept.drafts.clear();
                    Ok(())
                }
            };
            if let Err(error) = written {
                tracing::warn!(%error, "what is typed is not kept");
            }
        })
    }
}

/// Whose draft it is; nobody's when the conversation is never on disk.
fn owner(view: &View) -> Option<Owner<'_>> {
    let file = view.file.as_ref()?;
    Some(Owner {
        session: &view.id,
        cwd: &view.cwd,
        is_saved: file.exists(),
    })
}
