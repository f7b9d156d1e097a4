//! The whole session for programs: its entries, its tree. Read beside the conversation, a
//! handful of entries at a time, so that neither commands nor a run wait for a long session.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::oneshot;

use super::actor::Actor;
use super::command::Reply;
use super::ledger::Ledger;
use crate::store::{Families, Node, Step, Store, time};

/// Entries that are read before others may have the store.
const AT_ONCE: usize = 128;

/// Why a listing stops.
const GONE: &str = "the session was left meanwhile";

impl Actor {
    /// The entries behind `since`, in the order of the file.
    pub(super) fn entries(&self, since: Option<String>, reply: oneshot::Sender<Reply>) {
        self.beside(reply, move |reader| {
            let places = match reader.look(|store| store.places_after(since.as_deref()))? {
                Ok(places) => places,
                Err(error) => return Err(error.to_string()),
            };
            let places: Vec<u32> = places.collect();
            let mut entries = Vec::with_capacity(places.len());
            reader.each(&places, |store, index| {
                entries.extend(store.entry_at(index))
            })?;
            let leaf = reader.look(|store| store.leaf().map(|id| id.to_string()))?;
            Ok(Reply::Entries { entries, leaf })
        });
    }

    /// All entries as a tree. Its depth is the length of the conversation: written without recursion.
    pub(super) fn tree(&self, reply: oneshot::Sender<Reply>) {
        self.beside(reply, |reader| {
            let (steps, leaf) = reader.look(|store| {
                let steps: Vec<Step> = Families::of(store.tree()).walk().collect();
                (steps, store.leaf())
            })?;
            let mut json = String::from("{\"tree\":[");
            reader.each(&steps, |store, step| write_step(&mut json, store, step))?;
            let leaf = leaf.map_or(Value::Null, |id| id.to_string().into());
            // Writing to a string does not fail.
            let _ = write!(json, "],\"leafId\":{leaf}}}");
            Ok(Reply::Tree(json))
        });
    }

    /// Does `work` on a thread of its own and answers.
    pub(super) fn beside(
        &self,
        reply: oneshot::Sender<Reply>,
        work: impl FnOnce(Reader) -> Result<Reply, String> + Send + 'static,
    ) {
        let reader = Reader {
            id: self.ledger.view().id.clone(),
            ledger: self.ledger.clone(),
        };
        tokio::task::spawn_blocking(move || {
            // Whoever asked may have gone.
            let _ = reply.send(work(reader).unwrap_or_else(Reply::Refused));
        });
    }
}

/// Looks at one session as long as the conversation stays there.
pub(super) struct Reader {
    ledger: Arc<Ledger>,
    id: String,
}

impl Reader {
    pub fn look<T>(&self, look: impl FnOnce(&Store) -> T) -> Result<T, String> {
        let seen = self.ledger.with_store(|store| {
            let is_same = store.id() == self.id;
            Ok(is_same.then(|| look(store)))
        });
        seen.flatten().ok_or_else(|| GONE.into())
    }

    pub fn each<T: Copy>(
        &self,
        things: &[T],
        mut see: impl FnMut(&Store, T),
    ) -> Result<(), String> {
        for some in things.chunks(AT_ONCE) {
            self.look(|store| some.iter().for_each(|thing| see(store, *thing)))?;
        }
        Ok(())
    }
}

/// `{"entry": …, "children": […], "label": …, "labelTimestamp": …}`, a half at a time.
fn write_step(json: &mut String, store: &Store, step: Step) {
    match step {
        Step::Begin(index) => {
            if !json.ends_with('[') {
                json.push(',');
            }
            let entry = store
                .entry_at(index)
                .unwrap_or_else(|| missing(store, index));
            // Writing to a string does not fail; nor below.
            let _ = write!(json, "{{\"entry\":{entry},\"children\":[");
        }
        Step::End(index) => {
            json.push(']');
            if let Some((label, at)) = store.label_at(index) {
                let (label, at) = (Value::from(label), Value::from(time::format(at)));
                let _ = write!(json, ",\"label\":{label},\"labelTimestamp\":{at}");
            }
            json.push('}');
        }
    }
}

/// What stands for an entry that cannot be read any more: its children are there all the same.
fn missing(store: &Store, index: u32) -> Value {
    let tree = store.tree();
    let parent = tree.node(index).and_then(Node::parent);
    let parent = parent.map(|parent| tree.id(parent).to_string());
    serde_json::json!({"type": "unreadable", "id": tree.id(index).to_string(), "parentId": parent})
}
