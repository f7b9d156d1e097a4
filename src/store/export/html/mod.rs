//! One self-contained page: all branches, the active one shown; streamed, article by article.
//!
//! An entry is an element with the id `e<place>` and what the tree needs to know of it: `data-p` the
//! place of its parent, `data-k` its kind, `data-t` how it begins, `data-l` its label. Those off the
//! active branch are `hidden`. The page's program (`page.js`) builds the tree from that and nothing
//! else; without it the active branch can be read all the same.
//!
//! The page's policy lets two style sheets and one program run, told by their hashes, and pictures
//! that are in the page; whatever got past the escaping would neither run nor load.

mod article;
mod details;
mod escape;
mod head;
mod prose;
mod tool;

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

use super::clean::{Clean, Cleaner};
use super::palette::Colors;
use crate::ai::message::ToolResultMessage;
use crate::ai::{Message, SharedMessage};
use crate::store::{Role, Store};

pub(super) use escape::escape;

const STYLE: &str = include_str!("page.css");
const PROGRAM: &str = include_str!("page.js");

/// A page while it is written.
struct Page<'s> {
    store: &'s Store,
    cleaner: &'s Cleaner<'s>,
    /// Per entry: whether it is on the active branch.
    shown: Vec<bool>,
    /// Results that stand in the article of their call already.
    placed: HashSet<u32>,
}

/// Results by the id of their call.
type Results = HashMap<String, (u32, SharedMessage)>;

/// Writes the page; returns how many entries are in it.
pub(super) fn write(
    store: &Store,
    cleaner: &Cleaner<'_>,
    colors: &Colors,
    title: &Clean<'_>,
    out: &mut impl Write,
) -> io::Result<usize> {
    let leaf = store.leaf.filter(|_| !store.tree.is_empty());
    let mut page = Page {
        store,
        cleaner,
        shown: vec![false; store.tree.len()],
        placed: HashSet::new(),
    };
    for index in store.tree.ancestors(leaf) {
        page.shown[index as usize] = true;
    }
    let mut html = String::new();
    head::write(store, cleaner, colors, title, &mut html);
    out.write_all(html.as_bytes())?;
    let mut count = 0;
    for index in (0..).take(store.tree.len()) {
        count += 1;
        if page.placed.remove(&index) {
            continue;
        }
        html.clear();
        page.article(index, &mut html);
        out.write_all(html.as_bytes())?;
        // One huge entry does not hold its memory to the end.
        html.shrink_to(1024 * 1024);
    }
    html.clear();
    head::write_end(cleaner, leaf, &mut html);
    out.write_all(html.as_bytes())?;
    Ok(count)
}

impl Page<'_> {
    /// The results of the calls of the answer at `index`: those that follow it directly.
    fn results(&mut self, index: u32, calls: &HashSet<&str>) -> Results {
        let mut results = Results::new();
        let tree = &self.store.tree;
        let mut tip = index;
        for next in index + 1.. {
            let Some(node) = tree.node(next) else { break };
            if results.len() == calls.len() || node.parent() != Some(tip) {
                break;
            }
            tip = next;
            match node.role {
                // A label or the like.
                Role::None => continue,
                Role::ToolResult => {}
                _ => break,
            }
            let Some(message) = self.store.log.message_once(node.span()) else {
                break;
            };
            let Some(id) = result_of(&message).map(|result| result.tool_call_id.clone()) else {
                break;
            };
            if calls.contains(id.as_str()) && !results.contains_key(&id) {
                self.placed.insert(next);
                results.insert(id, (next, message));
            }
        }
        results
    }
}

fn result_of(message: &Message) -> Option<&ToolResultMessage> {
    match message {
        Message::ToolResult(result) => Some(result),
        _ => None,
    }
}
