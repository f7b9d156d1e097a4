//! What was written is made permanent, and what could not be written is tried again: both beside the
//! conversation, which waits for neither.
//!
//! A disk is asked (`fsync`) after each of the person's messages, at the end of each turn and of a run.
//! One request is under way at a time; what is asked for meanwhile is one more when it is over, so a slow
//! disk is not given a queue. A disk that refuses is tried again after two seconds, then four, up to
//! half a minute, besides every message that is written meanwhile.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::ledger::State;
use crate::store::{Disk, Store};

const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Asks the disk and tries again; its tasks end with it.
#[derive(Default)]
pub(super) struct Permanence {
    // Held to look at and to set what is wanted, never while the disk works.
    wish: Arc<Mutex<Wish>>,
    // Held to put a handle in.
    retry: Mutex<Option<AbortHandle>>,
}

/// What the disk is to do.
#[derive(Default)]
struct Wish {
    is_working: bool,
    next: Option<Disk>,
}

impl Permanence {
    /// Asks for what is in the session file now to be made permanent.
    pub fn sync(&self, state: &Arc<Mutex<State>>, store: &Store) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let mut wish = self.wish.lock().unwrap_or_else(PoisonError::into_inner);
        wish.next = Some(store.disk());
        if std::mem::replace(&mut wish.is_working, true) {
            return;
        }
        let (wish, state) = (self.wish.clone(), Arc::downgrade(state));
        // Ends by itself when nothing more is wanted; pi waits for the disk once more when it ends.
        drop(runtime.spawn_blocking(move || work(&wish, &state)));
    }

    /// Tries again from time to time until the disk gives in.
    pub fn retry(&self, state: &Arc<Mutex<State>>) {
        let mut retry = self.retry.lock().unwrap_or_else(PoisonError::into_inner);
        let is_trying = retry.as_ref().is_some_and(|task| !task.is_finished());
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if is_trying {
            return;
        }
        let state = Arc::downgrade(state);
        let task = runtime.spawn(async move {
            let mut wait = FIRST_WAIT;
            loop {
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
                let Some(state) = state.upgrade() else { return };
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                state.retry();
                if !state.is_failing() {
                    return;
                }
            }
        });
        *retry = Some(task.abort_handle());
    }
}

impl Drop for Permanence {
    fn drop(&mut self) {
        let retry = self.retry.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = retry.take() {
            task.abort();
        }
    }
}

fn work(wish: &Mutex<Wish>, state: &Weak<Mutex<State>>) {
    loop {
        let next = {
            let mut wish = wish.lock().unwrap_or_else(PoisonError::into_inner);
            let next = wish.next.take();
            wish.is_working = next.is_some();
            next
        };
        let Some(disk) = next else { return };
        if let Err(error) = disk.sync()
            && let Some(state) = state.upgrade()
        {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            state.doubt(&error);
        }
    }
}
