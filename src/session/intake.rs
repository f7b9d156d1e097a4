//! The person's words on their way in: hooks look at them first, in the order in which they were said,
//! without keeping the conversation waiting; then they begin a run, or wait in a queue.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::FutureExt;
use tokio::sync::{Mutex, oneshot};

use super::actor::{Actor, Done};
use super::command::{BUSY, Disposition, Reply};
use super::event::{Event, Level};
use super::turn::user_message;
use crate::agent::Lane;
use crate::agent::hooks::{InputDecision, ask};
use crate::ai::{Body, Content, Message};

/// Words that the hooks have seen: the message, and where it waits while a run goes on. Without a
/// message a hook has dealt with them.
pub(super) struct Taken {
    pub message: Option<Message>,
    pub manner: Manner,
    /// For whoever said them.
    pub reply: Option<oneshot::Sender<Reply>>,
}

impl Taken {
    /// For words that came too late.
    pub fn refuse(self, why: &str) {
        let answer = match self.message {
            Some(_) => Reply::Refused(why.into()),
            None => Reply::Prompted(Disposition::Handled),
        };
        if let Some(reply) = self.reply {
            // Whoever said them may have gone.
            let _ = reply.send(answer);
        }
    }
}

/// What becomes of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// They begin a run, or wait in this queue of one.
    BeginOr(Lane),
    /// They begin a run, or are refused.
    Begin,
    /// They wait in this queue.
    Wait(Lane),
}

/// Keeps the order while hooks take their time: the lock is fair, and held while one prompt is looked at.
#[derive(Clone, Default)]
pub(super) struct Intake(Arc<Mutex<()>>);

impl Actor {
    pub(super) fn prompt(
        &mut self,
        text: String,
        images: Vec<Content>,
        manner: Manner,
        reply: oneshot::Sender<Reply>,
    ) {
        if manner == Manner::Begin && self.run.is_some() && !self.is_tidying() {
            // Whoever asked may have gone.
            let _ = reply.send(Reply::Refused(BUSY.into()));
            return;
        }
        let hooks = self.runner.hooks.clone();
        let clock = self.runner.request.clock.clone();
        let order = self.intake.0.clone();
        let stop = self.intake_stop.clone();
        let look = async move {
            let _turn = order.lock().await;
            // A hook that is not waited for, or crashed, has no say.
            let decision = ask(&stop, hooks.input(&text, &images)).await;
            let (text, images) = match decision {
                Ok(InputDecision::Handled) => {
                    return Taken {
                        message: None,
                        manner,
                        reply: Some(reply),
                    };
                }
                Ok(InputDecision::Replace { text, images }) => (text, images),
                Ok(InputDecision::Continue) | Err(_) => (text, images),
            };
            let message = user_message(text, images, clock.now());
            Taken {
                message: Some(message),
                manner,
                reply: Some(reply),
            }
        };
        let mut look: Pin<Box<dyn Future<Output = Taken> + Send>> = Box::pin(look);
        match (&mut look).now_or_never() {
            Some(taken) => self.taken(taken),
            None => {
                let report = self.report.clone();
                self.errands.spawn(async move {
                    // The actor is gone: the conversation has ended.
                    let _ = report.send(Done::Input(Box::new(look.await)));
                });
            }
        }
    }

    /// Whether the run has told its end, which programs take for leave to say more, and only makes room
    /// or counts what it cost.
    fn is_tidying(&self) -> bool {
        self.run.is_some() && self.runner.is_over.load(Ordering::Relaxed)
    }

    /// Begins a run with what was said while the last one was being stopped.
    pub(super) fn begin_next(&mut self) {
        let next = std::mem::take(&mut self.next);
        if next.is_empty() {
            return;
        }
        if self.runner.budget.forbids_a_run().is_none() {
            return self.begin(next);
        }
        // Nothing that was said is lost: it waits until it is taken back.
        for message in next {
            self.queues.push(Lane::FollowUp, message);
        }
        self.ledger.tell_queues(true);
    }

    /// Begins a run, or puts the words where they wait.
    pub(super) fn taken(&mut self, taken: Taken) {
        let Taken {
            message,
            manner,
            reply,
        } = taken;
        let begins = self.run.is_none() && !matches!(manner, Manner::Wait(_));
        if begins
            && message.is_some()
            && let Some(spent) = self.runner.budget.forbids_a_run()
        {
            self.ledger.publish(Event::Budget {
                spent,
                exceeded: true,
            });
            if let Some(reply) = reply {
                let _ = reply.send(Reply::Refused(spent.used_up()));
            }
            return;
        }
        let answer = match (&message, &self.run, manner) {
            (None, _, _) => Reply::Prompted(Disposition::Handled),
            // Another run has begun while the hooks looked.
            (Some(_), Some(_), Manner::Begin) if !self.is_tidying() => Reply::Refused(BUSY.into()),
            (Some(_), _, Manner::Begin) | (Some(_), None, Manner::BeginOr(_)) => {
                Reply::Prompted(Disposition::Started)
            }
            (Some(_), _, Manner::BeginOr(_) | Manner::Wait(_)) => {
                Reply::Prompted(Disposition::Queued)
            }
        };
        let is_taken = !matches!(answer, Reply::Refused(_));
        // Before anything is told of it; whoever said it may have gone.
        if let Some(reply) = reply {
            let _ = reply.send(answer);
        }
        if let Some(message) = message.as_ref().filter(|_| is_taken) {
            self.tell_of_unseen(message);
        }
        match (message, &self.run, manner) {
            (Some(message), None, Manner::Begin | Manner::BeginOr(_)) => self.begin(vec![message]),
            (Some(message), Some(_), Manner::Begin) if self.is_tidying() => self.next.push(message),
            (Some(_), Some(_), Manner::Begin) => {}
            // The run is being stopped: these words are for after it.
            (Some(message), Some(run), _) if run.stop.is_cancelled() => self.next.push(message),
            (Some(message), _, Manner::BeginOr(lane) | Manner::Wait(lane)) => {
                self.queues.push(lane, message);
                self.ledger.tell_queues(true);
            }
            // Who prompted waits for the end of it; who queued does not.
            (None, None, Manner::Wait(_)) | (None, Some(_), _) => {}
            (None, None, _) => self.ledger.publish(Event::Settled { aborted: false }),
        }
    }

    /// Tells the person of pictures that whoever answers cannot see.
    fn tell_of_unseen(&self, message: &Message) {
        let model = self.choice.borrow().model.clone();
        let Message::User(said) = message else {
            return;
        };
        let Body::Blocks(blocks) = &said.content else {
            return;
        };
        let is_picture = |block: &&Content| matches!(block, Content::Image { .. });
        let what = match blocks.iter().filter(is_picture).count() {
            0 => return,
            _ if model.reads_images() => return,
            1 => "the picture is".to_owned(),
            count => format!("the {count} pictures are"),
        };
        let id = model.full_id();
        self.notice(
            Level::Warning,
            &format!(
                "{id} reads no pictures: {what} not sent; /model or --model chooses one that does"
            ),
        );
    }
}
