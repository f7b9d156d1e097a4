//! The end of a run, of a stay in a session, of the conversation: what is under way is stopped and waited
//! for, what was said is put on disk.

use std::time::Duration;

use super::actor::{Actor, Done};
use super::command::Reply;
use crate::agent::Lane;

/// How long a run may take to come to rest when the conversation ends.
const PATIENCE: Duration = Duration::from_secs(3);

impl Actor {
    /// Stops the run, or the summary; hooks that look at the input are not waited for.
    pub(super) fn abort_run(&mut self) -> Reply {
        if let Some(run) = &self.run {
            run.stop.cancel();
        }
        std::mem::take(&mut self.intake_stop).cancel();
        Reply::Done
    }

    /// Shell commands that ended during a run or a summary join the conversation.
    pub(super) fn keep_late(&mut self) {
        for message in std::mem::take(&mut self.late) {
            self.keep_shell(message);
        }
    }

    /// Stops what is under way and waits for it.
    pub(super) async fn rest(&mut self) {
        // What waits must not begin another run.
        for lane in [Lane::Steering, Lane::FollowUp] {
            self.queues.clear(lane);
        }
        self.next.clear();
        self.intake_stop.cancel();
        self.errands.shutdown().await;
        let shells = std::mem::take(&mut self.shells);
        for mut task in self.run.take().into_iter().chain(shells) {
            task.stop.cancel();
            if tokio::time::timeout(PATIENCE, &mut task.handle)
                .await
                .is_err()
            {
                task.handle.abort();
                // Aborted is what it was to be.
                let _ = (&mut task.handle).await;
            }
        }
        while let Ok(done) = self.done.try_recv() {
            self.ended(done);
        }
        self.keep_late();
        self.ledger.update_view(|view| view.running = false);
    }

    /// Stops the run, or the summary, and waits for its end.
    pub(super) async fn stop_run(&mut self) {
        let Some(task) = &self.run else { return };
        task.stop.cancel();
        let patience = tokio::time::sleep(PATIENCE);
        tokio::pin!(patience);
        while self.run.is_some() {
            tokio::select! {
                Some(done) = self.done.recv() => self.ended_or_summarised(done),
                () = &mut patience => {
                    if let Some(task) = self.run.take() {
                        task.handle.abort();
                    }
                }
            }
        }
    }

    fn ended_or_summarised(&mut self, done: Done) {
        match done {
            Done::Summary(answer, reply) => {
                self.run = None;
                let _ = reply.send(answer);
            }
            done => self.ended(done),
        }
    }

    /// Puts everything on disk; in words what could not be.
    pub(super) fn save(&self) -> Result<(), String> {
        let unsaved = self.ledger.with_store(|store| {
            if store.totals().counts.messages == 0 {
                // Nothing was said: there is to be no file.
                return Ok(None);
            }
            // What the disk refuses now is counted, not told twice.
            let _ = store.flush().and_then(|()| store.sync());
            Ok(store.path().map(|path| (store.unsaved(), path)))
        });
        match unsaved.flatten() {
            Some((count, path)) if count > 0 => Err(format!(
                "{count} entries could not be saved to {}",
                path.display()
            )),
            _ => Ok(()),
        }
    }

    pub(super) async fn end(&mut self) -> Reply {
        self.rest().await;
        match self.save() {
            Ok(()) => Reply::Done,
            Err(why) => Reply::Refused(why),
        }
    }
}
