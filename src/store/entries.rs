//! Entries for those who list them: programs that follow a session, and the list of what was said.

use serde_json::Value;

use crate::ai::{Body, Content, Message, Millis};

use super::Store;
use super::entry::{EntryId, Role};
use super::error::Result;
use super::tree::Node;

impl Store {
    /// The places of the entries behind `since`, or of all of them, in the order in which they were
    /// written. An id is a cursor that lasts: it means the same after a restart.
    pub fn places_after(&self, since: Option<&str>) -> Result<std::ops::Range<u32>> {
        let from = match since {
            Some(id) => self.index_of(id)? + 1,
            None => 0,
        };
        Ok(from..self.tree.len() as u32)
    }

    /// The entry at a place of the tree as it stands on disk.
    pub fn entry_at(&self, index: u32) -> Option<Value> {
        self.log.value(self.tree.node(index)?.span())
    }

    /// The label of the entry at a place of the tree, and since when it has it.
    pub fn label_at(&self, index: u32) -> Option<(&str, Millis)> {
        let (label, at) = self.labels.get(&index)?;
        Some((label, *at))
    }

    /// What the person said, on every branch, in the order in which it was said: where a fork can
    /// begin. Messages without text are left out.
    pub fn user_messages(&self) -> Vec<(EntryId, String)> {
        let nodes = (0u32..).zip(self.tree.nodes());
        let users = nodes.filter(|(_, node)| node.role == Role::User);
        let said = users.filter_map(|(index, node)| Some((self.tree.id(index), self.said(node)?)));
        said.filter(|(_, text)| !text.is_empty()).collect()
    }

    /// The text of a message of the person or of an extension, its blocks put together as they are.
    pub(super) fn said(&self, node: &Node) -> Option<String> {
        let message = self.log.message_once(node.span())?;
        let body = match &*message {
            Message::User(user) => &user.content,
            Message::Custom(custom) => &custom.content,
            _ => return None,
        };
        Some(match body {
            Body::Text(text) => text.clone(),
            Body::Blocks(blocks) => blocks.iter().filter_map(Content::as_text).collect(),
        })
    }
}
