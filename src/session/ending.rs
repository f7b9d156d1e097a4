//! The end of a run, of a stay in a session, of the conversation: what is under way is stopped and waited
//! for, what was said is put on disk.

use std::time::Duration;

use super::actor::{Actor, Done, Task};
use super::command::Reply;
use super::turn::Rest;
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

    /// Answers those who wait for the end of a run, once there is none that is being stopped.
    pub(super) fn tell_rested(&mut self) {
        if self.run.as_ref().is_some_and(|run| run.stop.is_cancelled()) {
            return;
        }
        for reply in self.resting.drain(..) {
            // Whoever asked may have gone.
            let _ = reply.send(Reply::Done);
        }
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
        let mut tasks = std::mem::take(&mut self.shells);
        tasks.extend(self.run.take());
        for task in &tasks {
            task.stop.cancel();
        }
        for task in &mut tasks {
            come_to_rest(task).await;
        }
        while let Ok(done) = self.done.try_recv() {
            self.ended(done);
        }
        self.keep_late();
        self.ledger.update_view(|view| view.running = false);
    }

    /// Stops the run, or the summary, and waits for its end. What was said for after it is kept for after
    /// what follows now.
    pub(super) async fn stop_run(&mut self) {
        let Some(task) = &mut self.run else { return };
        task.stop.cancel();
        come_to_rest(task).await;
        let mut later = Vec::new();
        while self.run.is_some() {
            match self.done.try_recv() {
                Ok(done @ Done::Decided(_)) => later.push(done),
                Ok(Done::Input(taken)) => self.taken(*taken),
                Ok(Done::Run(rest)) => self.run_stopped(rest),
                Ok(done) => self.ended(done),
                // It did not heed the stop and was cut off.
                Err(_) => self.run_stopped(None),
            }
        }
        for done in later {
            // Sent to itself: it listens.
            let _ = self.report.send(done);
        }
    }

    fn run_stopped(&mut self, rest: Option<Rest>) {
        let next = std::mem::take(&mut self.next);
        self.run_finished(rest);
        self.next = next;
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

/// Waits for work that was told to stop; cuts it off when it does not heed that.
async fn come_to_rest(task: &mut Task) {
    let ended = tokio::time::timeout(PATIENCE, &mut task.handle).await;
    if ended.is_err() {
        task.handle.abort();
        // Aborted is what it was to be.
        let _ = (&mut task.handle).await;
    }
}
