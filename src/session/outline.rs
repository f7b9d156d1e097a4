//! The tree as rows for the person: of every entry what it is and the beginning of what it says, read
//! beside the conversation as [`super::listing`] does; and all that one entry says.

use std::collections::HashMap;

use serde_json::Value;
use tokio::sync::oneshot;

use super::actor::Actor;
use super::command::{EntryWords, OutlineRow, Reply};
use crate::ai::ToolCall;
use crate::store::export::summary_of;
use crate::store::{Filter, Kind, Node, Role, Store};

/// As many letters of an entry are told.
const SHORT: usize = 200;

/// As many letters of a call are told.
const SHORT_CALL: usize = 60;

/// So many entries above a result its call is looked for.
const REACH: usize = 32;

impl Actor {
    /// The entries that `filter` shows, in the order of the tree.
    pub(super) fn outline(&self, filter: Filter, reply: oneshot::Sender<Reply>) {
        self.beside(reply, move |reader| {
            let (outline, leaf) = reader.look(|store| (store.outline(filter), store.leaf()))?;
            let mut rows = Vec::with_capacity(outline.rows().len());
            let mut calls = Calls::default();
            reader.each(outline.rows(), |store, row| {
                let tree = store.tree();
                let id = tree.id(row.index);
                let parent = row.parent().and_then(|above| outline.rows().get(above));
                let entry = store.entry_at(row.index);
                let entry = entry.unwrap_or_else(|| serde_json::json!({"type": "unreadable"}));
                let (kind, text) = in_short(&entry);
                let label = store.label_at(row.index);
                rows.push(OutlineRow {
                    parent: parent.map(|above| tree.id(above.index).to_string()),
                    indent: row.indent,
                    kind,
                    text,
                    note: calls.of(store, row.index, &entry).or_else(|| note(&entry)),
                    label: label.map(|(label, at)| (label.to_owned(), at)),
                    at: tree.node(row.index).map_or(0, |node| node.time),
                    is_active: row.is_active,
                    is_leaf: leaf.as_ref() == Some(&id),
                    is_read: true,
                    entry: id.to_string(),
                });
            })?;
            Ok(Reply::Outline(rows))
        });
    }

    /// All entries in the order of the tree; what they say is not read.
    pub(super) fn shape(&self, reply: oneshot::Sender<Reply>) {
        self.beside(reply, |reader| {
            let rows = reader.look(|store| {
                let outline = store.outline(Filter::All);
                let (tree, leaf) = (store.tree(), store.leaf());
                let rows = outline.rows().iter().map(|row| {
                    let id = tree.id(row.index);
                    let parent = row.parent().and_then(|above| outline.rows().get(above));
                    let node = tree.node(row.index);
                    let label = store.label_at(row.index);
                    OutlineRow {
                        parent: parent.map(|above| tree.id(above.index).to_string()),
                        indent: row.indent,
                        kind: node.map(kind_of).unwrap_or_default().to_owned(),
                        text: String::new(),
                        note: None,
                        label: label.map(|(label, at)| (label.to_owned(), at)),
                        at: node.map_or(0, |node| node.time),
                        is_active: row.is_active,
                        is_leaf: leaf.as_ref() == Some(&id),
                        is_read: false,
                        entry: id.to_string(),
                    }
                });
                rows.collect()
            })?;
            Ok(Reply::Outline(rows))
        });
    }

    /// What these entries say in short.
    pub(super) fn words(&self, entries: Vec<String>, reply: oneshot::Sender<Reply>) {
        self.beside(reply, move |reader| {
            let places: Vec<u32> = reader.look(|store| {
                let places = entries.iter().map(|id| store.tree().find(id));
                places.flatten().collect()
            })?;
            let mut words = Vec::with_capacity(places.len());
            let mut calls = Calls::default();
            reader.each(&places, |store, index| {
                let entry = store.entry_at(index);
                let entry = entry.unwrap_or_else(|| serde_json::json!({"type": "unreadable"}));
                let (kind, text) = in_short(&entry);
                words.push(EntryWords {
                    entry: store.tree().id(index).to_string(),
                    kind,
                    text,
                    note: calls.of(store, index, &entry).or_else(|| note(&entry)),
                });
            })?;
            Ok(Reply::Words(words))
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
}

/// The calls of the answer that was looked at last: results of one answer follow one another.
#[derive(Default)]
struct Calls {
    answer: Option<u32>,
    in_short: HashMap<String, String>,
}

impl Calls {
    /// The call that the entry at `index` is the result of, in short.
    fn of(&mut self, store: &Store, index: u32, entry: &Value) -> Option<String> {
        let id = entry["message"].get("toolCallId")?.as_str()?;
        let above = |index: &u32| store.tree().node(*index).and_then(Node::parent);
        let mut path = std::iter::successors(above(&index), above).take(REACH);
        let answer = path.find(|index| {
            let node = store.tree().node(*index);
            node.is_some_and(|node| node.role == Role::Assistant)
        })?;
        if self.answer != Some(answer) {
            self.answer = Some(answer);
            self.in_short.clear();
            let entry = store.entry_at(answer)?;
            let blocks = entry["message"]["content"].as_array();
            let calls = blocks.into_iter().flatten().filter_map(|block| {
                let call: ToolCall = serde_json::from_value(block.clone()).ok()?;
                let about = on_one_line(&summary_of(&call), SHORT_CALL);
                Some((call.id, format!("{} {about}", call.name).trim().to_owned()))
            });
            self.in_short.extend(calls);
        }
        self.in_short.get(id).cloned()
    }
}

/// What an entry is, as far as it is known without reading it: filters tell no more apart.
fn kind_of(node: &Node) -> &'static str {
    match (node.kind, node.role) {
        (_, Role::User) => "user",
        (_, Role::Assistant) => "assistant",
        (_, Role::ToolResult) => "toolResult",
        (Kind::Message | Kind::Unknown, _) => "message",
        (Kind::ModelChange, _) => "model_change",
        (Kind::ThinkingLevelChange, _) => "thinking_level_change",
        (Kind::Compaction, _) => "compaction",
        (Kind::BranchSummary, _) => "branch_summary",
        (Kind::Custom, _) => "custom",
        (Kind::CustomMessage, _) => "custom_message",
        (Kind::Label, _) => "label",
        (Kind::SessionInfo, _) => "session_info",
    }
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

/// The words of an entry; of an answer that has none, what it calls.
fn said(entry: &Value) -> String {
    let message = entry.get("message").unwrap_or(entry);
    let word = |name: &str| message.get(name).and_then(Value::as_str);
    match message.get("content") {
        Some(Value::Array(blocks)) => {
            let parts = |kind: &str, name: &str| {
                let blocks = blocks.iter().filter(|block| block["type"] == kind);
                let words = blocks.filter_map(|block| block[name].as_str());
                words.collect::<Vec<_>>().join("\n")
            };
            let text = parts("text", "text");
            match text.trim().is_empty() {
                true => parts("toolCall", "name"),
                false => text,
            }
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
    (kind.to_owned(), on_one_line(&said(entry), SHORT))
}

/// The beginning of a text, at most so many letters of it.
fn on_one_line(said: &str, most: usize) -> String {
    let mut text = String::new();
    for part in said.split_whitespace() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(part);
        if text.len() > most * 4 {
            break;
        }
    }
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
    }
    text
}
