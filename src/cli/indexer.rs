//! The thread that keeps the index of all sessions up to date while pi is open.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use super::library::Library;
use crate::session::{Event, Session};

/// How long the start is left alone.
const AFTER_START: Duration = Duration::from_secs(1);

/// A thread that keeps the index up to date, at low priority. It sleeps until it is nudged, and what it
/// is doing is given up when the last handle is dropped: nobody waits for it.
#[derive(Debug, Clone)]
pub(super) struct Indexer {
    nudges: SyncSender<()>,
    // Ends the work when the last handle goes.
    _leash: Arc<Leash>,
}

#[derive(Debug)]
struct Leash(Arc<AtomicBool>);

impl Drop for Leash {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Indexer {
    /// Starts the thread; `None` when the settings want no index, or the system no thread.
    pub fn start(library: Library) -> Option<Self> {
        if !library.is_indexed {
            return None;
        }
        let (nudges, inbox) = sync_channel(1);
        let is_over = Arc::new(AtomicBool::new(false));
        let leash = Arc::new(Leash(is_over.clone()));
        let thread = thread::Builder::new().name("indexer".into());
        let started = thread.spawn(move || keep_up(&library, &inbox, &is_over));
        started.ok().map(|_| Indexer {
            nudges,
            _leash: leash,
        })
    }

    /// Says that there is something new. Returns at once; nudges while it is at work become one.
    pub fn nudge(&self) {
        // Full: it will look anyway. Closed: it has ended.
        let _ = self.nudges.try_send(());
    }

    /// Nudges once the first paint is out of the way, and then whenever a conversation comes to rest,
    /// until it ends.
    pub async fn follow(self, session: Session) {
        let mut events = session.events();
        drop(session);
        tokio::time::sleep(AFTER_START).await;
        self.nudge();
        while let Some(event) = events.recv().await {
            if matches!(*event, Event::Settled { .. } | Event::Switched) {
                self.nudge();
            }
        }
    }
}

fn keep_up(library: &Library, inbox: &Receiver<()>, is_over: &AtomicBool) {
    yield_to_others();
    while inbox.recv().is_ok() {
        let watch = |_| match is_over.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        let opened = library.open();
        let updated = opened.and_then(|opened| match opened {
            Some((index, _)) => library.update(index, watch).map(|_| ()),
            None => Ok(()),
        });
        if let Err(error) = updated {
            tracing::warn!(%error, "the session index is not up to date");
        }
    }
}

/// On Linux a nice value belongs to a thread; elsewhere it would slow the whole program.
#[cfg(target_os = "linux")]
fn yield_to_others() {
    // SAFETY: plain system calls about this thread. A refusal changes nothing.
    unsafe {
        let thread = libc::syscall(libc::SYS_gettid);
        libc::setpriority(libc::PRIO_PROCESS, thread as libc::id_t, 10);
    }
}

#[cfg(not(target_os = "linux"))]
fn yield_to_others() {}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Instant;

    use super::*;
    use crate::store::index::{Filter, Query, Roots};

    const HEADER: &str = r#"{"type":"session","version":3,"id":"s","timestamp":"2026-01-01T00:00:00.000Z","cwd":"/w"}"#;

    /// Waits until the index says that a word is there.
    fn wait_for(library: &Library, word: &str) {
        let query = Query::parse(word).unwrap();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            let mut hits = 0;
            let (index, _) = library.open().unwrap().unwrap();
            let mut count = |_| {
                hits += 1;
                ControlFlow::Continue(())
            };
            let found = index.search(
                &library.roots,
                &query,
                &Filter::default(),
                &|| false,
                &mut count,
            );
            found.unwrap();
            if hits > 0 {
                return;
            }
            thread::yield_now();
        }
        panic!("{word} was never found");
    }

    #[test]
    fn a_nudge_brings_the_index_up_to_date_and_the_last_handle_ends_the_thread() {
        let root = tempfile::tempdir().unwrap();
        let library = Library {
            roots: Roots {
                projects: root.path().join("sessions"),
                flat: None,
            },
            index: root.path().join("index.sqlite"),
            is_indexed: true,
        };
        let file = library.roots.projects.join("--w--").join("s.jsonl");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let line = |id: &str, text: &str| {
            format!(
                r#"{{"type":"message","id":"{id}","parentId":null,"timestamp":"2026-01-01T00:00:00.000Z","message":{{"role":"user","content":"{text}","timestamp":1}}}}"#
            )
        };
        let indexer = Indexer::start(library.clone()).unwrap();
        let first = line("a", "alpha");
        fs::write(&file, format!("{HEADER}\n{first}\n")).unwrap();
        indexer.nudge();
        wait_for(&library, "alpha");
        fs::write(&file, format!("{HEADER}\n{first}\n{}\n", line("b", "beta"))).unwrap();
        indexer.clone().nudge();
        wait_for(&library, "beta");
        let leash = Arc::downgrade(&indexer._leash);
        drop(indexer);
        assert!(leash.upgrade().is_none());
        let off = Library {
            is_indexed: false,
            ..library
        };
        assert!(Indexer::start(off).is_none());
    }
}
