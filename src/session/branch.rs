//! The tree of one session: to another entry, with or without a summary of what is left; labels,
//! entries, and the places to fork from.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::actor::{Actor, Done, Task, Work};
use super::command::{ForkPoint, LeaveWith, Reply};
use super::compact::NotCompacted;
use super::compact::supplied::Supplied;
use super::event::{Event, Reason};
use super::ledger::Ledger;
use crate::agent::Lane;
use crate::store::{self, EntryId, Landing, Summary};

impl Actor {
    /// The current leaf's id.
    pub(super) fn leaf(&self) -> Option<String> {
        let leaf = self.ledger.with_store(|store| Ok(store.leaf()));
        leaf.flatten().map(|id| id.to_string())
    }

    /// Moves the leaf, with a summary when it is wanted or supplied by a hook.
    pub(super) async fn navigate(
        &mut self,
        entry: String,
        summary: LeaveWith,
        label: Option<String>,
        supplied: Option<Value>,
        reply: oneshot::Sender<Reply>,
    ) {
        if self.run.is_some() {
            let why = "the model is at work; stop it first, then go to another entry";
            let _ = reply.send(Reply::Refused(why.into()));
            return;
        }
        let landing = self.ledger.try_store(|store| store.landing(&entry));
        let landing = match landing {
            Ok(landing) => landing,
            Err(error) => {
                let _ = reply.send(Reply::Refused(error.to_string()));
                return;
            }
        };
        let leaf = self.leaf();
        if leaf.as_deref() == Some(entry.as_str()) {
            let _ = reply.send(Reply::Text(None));
            return;
        }
        let (instructions, replace) = match (summary, leaf) {
            (
                LeaveWith::Summary {
                    instructions,
                    replace,
                },
                Some(leaf),
            ) => {
                let supplied = supplied.and_then(|value| Supplied::read(&value, "summary"));
                if let Some(supplied) = supplied {
                    let summary = Summary {
                        text: supplied.summary,
                        details: supplied.details,
                        usage: supplied.usage,
                        from_hook: Some(true),
                    };
                    let answer = land(&self.ledger, landing, &entry, Some(summary), label);
                    self.landed(answer, reply);
                    return;
                }
                ((instructions, leaf), replace)
            }
            _ => {
                let answer = land(&self.ledger, landing, &entry, None, label);
                self.landed(answer, reply);
                return;
            }
        };
        let (instructions, leaf) = instructions;
        let stop = CancellationToken::new();
        let (compactor, ledger) = (self.runner.compactor.clone(), self.ledger.clone());
        let (report, token) = (self.report.clone(), stop.clone());
        let handle = tokio::spawn(async move {
            let write = async {
                let written = compactor
                    .summarise_branch(&leaf, &entry, instructions.as_deref(), replace, &token)
                    .await;
                match written {
                    Ok(summary) => land(&ledger, landing, &entry, summary, label),
                    Err(why) => why.into_reply(),
                }
            };
            let answer = AssertUnwindSafe(write).catch_unwind().await;
            let crashed = |_| Reply::Refused("writing the summary crashed; a defect in pi".into());
            // The actor is gone: nobody wants to know.
            let _ = report.send(Done::Summary(answer.unwrap_or_else(crashed), reply));
        });
        self.run = Some(Task {
            work: Work::Branch,
            stop,
            handle,
        });
    }

    /// Summarises the older part of the conversation, as the person wants.
    pub(super) async fn compact(
        &mut self,
        instructions: Option<String>,
        reply: oneshot::Sender<Reply>,
    ) {
        if self.is_compacting() {
            let why = "the conversation is being compacted already";
            // Whoever asked may have gone.
            let _ = reply.send(Reply::Refused(why.into()));
            return;
        }
        self.stop_run().await;
        let stop = CancellationToken::new();
        let compactor = self.runner.compactor.clone();
        let (report, token) = (self.report.clone(), stop.clone());
        let handle = tokio::spawn(async move {
            let work = compactor.compact(Reason::Manual, instructions.as_deref(), false, &token);
            let answer = match AssertUnwindSafe(work).catch_unwind().await {
                Ok(Ok(compacted)) => Reply::Compacted(compacted),
                Ok(Err(why)) => why.into_reply(),
                Err(_) => Reply::Refused("compacting crashed; a defect in pi".into()),
            };
            // The actor is gone: nobody wants to know.
            let _ = report.send(Done::Summary(answer, reply));
        });
        self.run = Some(Task {
            work: Work::Compaction,
            stop,
            handle,
        });
    }

    /// Whether a compaction is under way, asked for or not, that nobody has stopped.
    fn is_compacting(&self) -> bool {
        let Some(task) = self.run.as_ref().filter(|task| !task.stop.is_cancelled()) else {
            return false;
        };
        match task.work {
            // Its start may not be told yet.
            Work::Compaction => true,
            Work::Run => self.ledger.view().compacting,
            Work::Branch | Work::Shell => false,
        }
    }

    /// A summary has been written, or not: what was said meanwhile begins a run.
    pub(super) fn summarised(&mut self, answer: Reply, reply: oneshot::Sender<Reply>) {
        self.run = None;
        self.keep_late();
        self.landed(answer, reply);
        let mut waiting = self.queues.take(Lane::Steering);
        if waiting.is_empty() {
            waiting = self.queues.take(Lane::FollowUp);
        }
        waiting.append(&mut self.next);
        if !waiting.is_empty() {
            self.ledger.tell_queues(false);
            self.next = waiting;
            self.begin_next();
        }
    }

    /// The conversation is another one now: faces rebuild, the model is told anew.
    pub(super) fn landed(&mut self, answer: Reply, reply: oneshot::Sender<Reply>) {
        if matches!(answer, Reply::Text(_) | Reply::Compacted(_)) {
            self.context = None;
            self.refresh_view();
            if matches!(answer, Reply::Text(_)) {
                self.ledger.publish(Event::Switched);
            }
        }
        // Whoever asked may have gone.
        let _ = reply.send(answer);
    }

    /// Labels an entry.
    pub(super) fn set_label(&mut self, entry: &str, label: Option<String>) -> Reply {
        let label = label.as_deref().map(str::trim);
        let written = self
            .ledger
            .try_store(|store| store.append_label(entry, label));
        match written {
            Err(error @ store::Error::NoSuchEntry { .. }) => Reply::Refused(error.to_string()),
            // A full disk has been told; the label holds all the same.
            Ok(_) | Err(_) => Reply::Done,
        }
    }

    /// Keeps an extension's facts and tells everyone.
    pub(super) fn append_custom(&mut self, custom_type: &str, data: Option<Value>) -> Reply {
        let entry = self.ledger.with_store(|store| {
            let id = store.append_custom(custom_type, data.as_ref())?;
            Ok(store.entry(id.as_str()))
        });
        if let Some(entry) = entry.flatten() {
            self.ledger.publish(Event::EntryAppended(Arc::new(entry)));
        }
        Reply::Done
    }

    /// The person's messages on the current branch.
    pub(super) async fn fork_points(&mut self) -> Reply {
        let points = self.ledger.with_store(|store| {
            let said = store.user_messages().into_iter();
            let points = said.map(|(entry, text)| ForkPoint {
                entry: entry.to_string(),
                text,
            });
            Ok(points.collect())
        });
        Reply::ForkPoints(points.unwrap_or_default())
    }
}

impl NotCompacted {
    pub(super) fn into_reply(self) -> Reply {
        match self {
            NotCompacted::Aborted => Reply::Cancelled("aborted".into()),
            NotCompacted::Cancelled(why) => Reply::Cancelled(why),
            NotCompacted::Failed(why) => Reply::Refused(why),
        }
    }
}

/// Moves the leaf and writes what goes with it.
fn land(
    ledger: &Ledger,
    landing: Landing,
    entry: &str,
    summary: Option<Summary>,
    label: Option<String>,
) -> Reply {
    let moved = ledger.try_store(|store| {
        let leaf = landing.leaf.as_ref().map(EntryId::as_str);
        let labelled = match &summary {
            Some(summary) => store.append_branch_summary(leaf, summary)?.to_string(),
            None => {
                store.set_leaf(leaf)?;
                entry.to_owned()
            }
        };
        if let Some(label) = &label {
            store.append_label(&labelled, Some(label))?;
        }
        Ok(())
    });
    match moved {
        Err(error @ (store::Error::NoSuchEntry { .. } | store::Error::ReadOnly { .. })) => {
            Reply::Refused(error.to_string())
        }
        // A full disk has been told; the move holds all the same.
        Ok(()) | Err(_) => Reply::Text(landing.text),
    }
}
