//! The whole session for programs: its entries, its tree. Read beside the conversation, a
//! handful of entries at a time, so that neither commands nor a run wait for a long session.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::oneshot;

use super::actor::Actor;
use super::command::{OutlineRow, Reply};
use super::ledger::Ledger;
use crate::store::{Families, Filter, Node, Step, Store, time};

/// Entries that are read before others may have the store.
const AT_ONCE: usize = 128;

/// As many letters of an entry are told in an outline.
const SHORT: usize = 200;

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

    /// The entries that `filter` shows, in the order of the tree.
    pub(super) fn outline(&self, filter: Filter, reply: oneshot::Sender<Reply>) {
        self.beside(reply, move |reader| {
            let (outline, leaf) = reader.look(|store| (store.outline(filter), store.leaf()))?;
            let mut rows = Vec::with_capacity(outline.rows().len());
            reader.each(outline.rows(), |store, row| {
                let tree = store.tree();
                let id = tree.id(row.index);
                let parent = row.parent().and_then(|above| outline.rows().get(above));
                let entry = store.entry_at(row.index).unwrap_or_else(unreadable);
                let (kind, text) = in_short(&entry);
                let label = store.label_at(row.index);
                rows.push(OutlineRow {
                    parent: parent.map(|above| tree.id(above.index).to_string()),
                    indent: row.indent,
                    kind,
                    text,
                    note: note(&entry),
                    label: label.map(|(label, at)| (label.to_owned(), at)),
                    at: tree.node(row.index).map_or(0, |node| node.time),
                    is_active: row.is_active,
                    is_leaf: leaf.as_ref() == Some(&id),
                    entry: id.to_string(),
                });
            })?;
            Ok(Reply::Outline(rows))
        });
    }

    /// All that an entry says.
    pub(super) fn entry_text(&self, entry: String, reply: oneshot::Sender<Reply>) {
        self.beside(reply, move |reader| {
            let entry = reader.look(|store| store.entry(&entry))?;
            let text = entry.as_ref().map(said);
            Ok(Reply::Text(text.filter(|text| !text.trim().is_empty())))
        });
    }

    /// Does `work` on a thread of its own and answers.
    fn beside(
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
struct Reader {
    ledger: Arc<Ledger>,
    id: String,
}

impl Reader {
    fn look<T>(&self, look: impl FnOnce(&Store) -> T) -> Result<T, String> {
        let seen = self.ledger.with_store(|store| {
            let is_same = store.id() == self.id;
            Ok(is_same.then(|| look(store)))
        });
        seen.flatten().ok_or_else(|| GONE.into())
    }

    fn each<T: Copy>(&self, things: &[T], mut see: impl FnMut(&Store, T)) -> Result<(), String> {
        for some in things.chunks(AT_ONCE) {
            self.look(|store| some.iter().for_each(|thing| see(store, *thing)))?;
        }
        Ok(())
    }
}

/// What stands for an entry whose line cannot be read.
fn unreadable() -> Value {
    serde_json::json!({"type": "unreadable"})
}

/// What there is to say of an entry besides its words.
fn note(entry: &Value) -> Option<String> {
    let message = entry.get("message").unwrap_or(entry);
    let word = |name: &str| Some(message.get(name)?.as_str()?.to_owned());
    match word("stopReason").as_deref() {
        Some("aborted") => Some("aborted".into()),
        Some("error") => word("errorMessage").or(Some("failed".into())),
        _ => word("toolName").or_else(|| word("customType")),
    }
}

/// The words of an entry; of calls, the names.
fn said(entry: &Value) -> String {
    let message = entry.get("message").unwrap_or(entry);
    let word = |name: &str| message.get(name).and_then(Value::as_str);
    match message.get("content") {
        Some(Value::Array(blocks)) => {
            let says = |block: &Value| {
                let name = match block["type"].as_str()? {
                    "text" => "text",
                    "toolCall" => "name",
                    _ => return None,
                };
                Some(block[name].as_str()?.to_owned())
            };
            let parts = blocks.iter().filter_map(says);
            parts.collect::<Vec<_>>().join("\n")
        }
        Some(Value::String(text)) => text.clone(),
        _ => [
            "summary",
            "command",
            "name",
            "label",
            "modelId",
            "thinkingLevel",
            "customType",
        ]
        .into_iter()
        .find_map(word)
        .unwrap_or_default()
        .to_owned(),
    }
}

/// What an entry is, and the beginning of what it says.
fn in_short(entry: &Value) -> (String, String) {
    let message = entry.get("message").unwrap_or(entry);
    let kind = message.get("role").or(entry.get("type"));
    let kind = kind.and_then(Value::as_str).unwrap_or_default();
    let mut text = String::new();
    for part in said(entry).split_whitespace() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(part);
        if text.len() > SHORT {
            break;
        }
    }
    if let Some((end, _)) = text.char_indices().nth(SHORT) {
        text.truncate(end);
        text.push('…');
    }
    (kind.to_owned(), text)
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
