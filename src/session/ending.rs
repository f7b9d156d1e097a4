//! The end of a run, of a stay in a session, of the conversation: what is under way is stopped and waited
//! for, what was said is put on disk.

use std::time::Duration;

use super::actor::{Actor, Done, Task};
use super::command::Reply;
use super::event::{Event, Level};
use super::snapshot::Fresh;
use super::turn::Rest;
use crate::agent::{Ending, Lane};

/// How long a run may take to come to rest when the conversation ends.
const PATIENCE: Duration = Duration::from_secs(3);

impl Actor {
    pub(super) fn run_finished(&mut self, rest: Option<Rest>) {
        let stopped = self.run.take().is_some_and(|task| task.stop.is_cancelled());
        let ending = match rest {
            Some(rest) => {
                self.context = Some(rest.context);
                rest.ending
            }
            None => {
                self.notice(
                    Level::Error,
                    "the run crashed; this is a defect in pi. What was said is on disk.",
                );
                Ending::Failed
            }
        };
        self.keep_late();
        match &ending {
            Ending::Halted => {}
            Ending::TurnLimit(limit) => self.notice(
                Level::Warning,
                &format!("stopped after {limit} answers (--max-turns); say anything to go on"),
            ),
            Ending::Repeating { tools, rounds } => self.notice(
                Level::Warning,
                &format!(
                    "stopped: the model called {} {rounds} times in a row with the same arguments and the same result (maxRepeatedToolCalls)",
                    tools.join(", ")
                ),
            ),
            _ => {}
        }
        // What came in while the run was ending has not been seen by it.
        let is_broke = self.runner.budget.exceeded().is_some();
        let goes_on =
            matches!(ending, Ending::Finished | Ending::Terminated) && !stopped && !is_broke;
        if goes_on {
            let mut waiting = self.queues.take(Lane::Steering);
            if waiting.is_empty() {
                waiting = self.queues.take(Lane::FollowUp);
            }
            if !waiting.is_empty() {
                waiting.append(&mut self.next);
                return self.begin(waiting);
            }
        }
        self.refresh_view();
        let aborted = stopped || ending == Ending::Aborted;
        self.tell_damage();
        self.ledger.publish(Event::Settled { aborted });
        self.begin_next();
    }

    pub(super) fn refresh_view(&self) {
        let fresh = self.ledger.with_store(|store| Ok(Fresh::of(store)));
        self.ledger.update_view(|view| {
            view.running = false;
            if let Some(fresh) = fresh {
                fresh.put(view);
            }
        });
    }

    /// Tells what could not be read as it should, once.
    pub(super) fn tell_damage(&self) {
        let damage = self.ledger.with_store(|store| Ok(store.take_damage()));
        if let Some(first) = damage.unwrap_or_default().first() {
            let text = format!("the session file is damaged: {first}; all else was read");
            self.notice(Level::Warning, &text);
        }
    }

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
