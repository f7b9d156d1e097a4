//! The tree of one session: to another entry, with or without a summary of what is left; labels,
//! entries, and the places to fork from.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::actor::{Actor, Done, Task};
use super::command::{ForkPoint, LeaveWith, Reply};
use super::compact::NotCompacted;
use super::event::{Event, Reason};
use super::ledger::Ledger;
use crate::agent::Lane;
use crate::ai::Content;
use crate::store::{self, EntryId, Kind, Role, Store, Summary};

/// Where navigation ends.
struct Landing {
    /// The new leaf; `None` is before the first entry.
    leaf: Option<EntryId>,
    /// The words to edit and say again.
    text: Option<String>,
}

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
        let landing = self.ledger.try_store(|store| landing(store, &entry));
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
                if let Some(summary) = supplied.as_ref().and_then(supplied_summary) {
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
        self.run = Some(Task { stop, handle });
    }

    /// Summarises the older part of the conversation, as the person wants.
    pub(super) async fn compact(
        &mut self,
        instructions: Option<String>,
        reply: oneshot::Sender<Reply>,
    ) {
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
        self.run = Some(Task { stop, handle });
    }

    /// A summary has been written, or not: what was said meanwhile begins a run.
    pub(super) fn summarised(&mut self, answer: Reply, reply: oneshot::Sender<Reply>) {
        self.run = None;
        self.landed(answer, reply);
        let mut waiting = self.queues.take(Lane::Steering);
        if waiting.is_empty() {
            waiting = self.queues.take(Lane::FollowUp);
        }
        waiting.append(&mut self.next);
        if !waiting.is_empty() {
            self.ledger.tell_queues(false);
            self.begin(waiting);
        }
    }

    /// The conversation is another one now: faces rebuild, the model is told anew.
    fn landed(&mut self, answer: Reply, reply: oneshot::Sender<Reply>) {
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
            let tree = store.tree();
            let leaf = store.leaf().and_then(|id| tree.find(id.as_str()));
            let users = tree.path(leaf).into_iter().filter(|index| {
                tree.node(*index)
                    .is_some_and(|node| node.role == Role::User)
            });
            let points = users.filter_map(|index| {
                let entry = tree.id(index);
                let text = message_text(&store.entry(entry.as_str())?)?;
                (!text.is_empty()).then(|| ForkPoint {
                    entry: entry.to_string(),
                    text,
                })
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

/// Where going to `entry` ends: the person's words are taken back for editing.
fn landing(store: &mut Store, entry: &str) -> store::Result<Landing> {
    let unknown = || store::Error::NoSuchEntry { id: entry.into() };
    let tree = store.tree();
    let index = tree.find(entry).ok_or_else(unknown)?;
    let node = *tree.node(index).ok_or_else(unknown)?;
    let is_said = node.role == Role::User || node.kind == Kind::CustomMessage;
    if !is_said {
        return Ok(Landing {
            leaf: Some(tree.id(index)),
            text: None,
        });
    }
    let leaf = node.parent().map(|parent| tree.id(parent));
    let text = store.entry(entry).as_ref().and_then(message_text);
    Ok(Landing {
        leaf,
        text: Some(text.unwrap_or_default()),
    })
}

/// The words of a message or custom message entry.
pub(super) fn message_text(entry: &Value) -> Option<String> {
    let message = entry.get("message").unwrap_or(entry);
    match message.get("content")? {
        Value::String(text) => Some(text.clone()),
        content => {
            let blocks: Vec<Content> = serde_json::from_value(content.clone()).ok()?;
            Some(crate::ai::message::joined_text(&blocks))
        }
    }
}

/// A hook's summary: `{"summary": {"summary": …, "details": …}}`, or its inner object.
fn supplied_summary(value: &Value) -> Option<Summary> {
    let inner = value.get("summary").filter(|inner| inner.is_object());
    let inner = inner.unwrap_or(value);
    Some(Summary {
        text: inner.get("summary")?.as_str()?.to_owned(),
        details: inner.get("details").cloned(),
        from_hook: Some(true),
    })
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
