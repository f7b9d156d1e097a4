//! A slot per message: light, so that a history of any length costs nothing until it is looked at.
//!
//! Slot 0 is the header; then the history, whose groups are made when they are laid out and dropped
//! when they are far from the window; then what has happened since, which stays until it is on disk
//! ([`List::settle`]). A tool's result is drawn in its call's cell: the slot of the result is empty.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use ratatui::text::Line;

use super::assistant::Assistant;
use super::cell::{Cell, CellBox};
use super::custom::Custom;
use super::folds::{Block, Folds};
use super::group::Group;
use super::notice::Notice;
use super::paint::Paint;
use super::scroll::Place;
use super::shell::Shell;
use super::summary::Summary;
use super::tool::ToolCall;
use super::user::User;
use crate::ai::SharedMessage;
use crate::ai::message::{AssistantMessage, Content, Message, Millis};
use crate::session::{History, Level};

/// Slots kept ready on either side of the window.
const AROUND: usize = 24;
/// Messages read behind a call, at most, in search of its result; and before a result for its call.
const REACH: usize = 128;

/// A slot per message.
pub(super) struct List {
    history: Arc<dyn History>,
    slots: Vec<Slot>,
    /// The slots that have been laid out and not been dropped.
    ready: BTreeSet<usize>,
    /// What has happened since the history was taken, and what it will be in the next.
    pending: Vec<Pending>,
    /// Messages in the history and since.
    stored: usize,
    /// The first slot that was changed since somebody asked.
    touched: usize,
    /// What the person folded block by block.
    pub folds: Folds,
    /// How long calls ran: the session does not keep it.
    pub durations: HashMap<String, Millis>,
}

struct Slot {
    /// Its place in the history.
    stored: Option<usize>,
    /// Whether it cannot be read from the history.
    pinned: bool,
    group: Option<Box<Group>>,
}

struct Pending {
    slot: usize,
    message: SharedMessage,
}

impl List {
    pub fn new(history: Arc<dyn History>) -> Self {
        let stored = history.len();
        let slot = |stored| Slot {
            stored: Some(stored),
            pinned: false,
            group: None,
        };
        let header = Slot {
            stored: None,
            pinned: true,
            group: Some(Box::default()),
        };
        List {
            slots: std::iter::once(header)
                .chain((0..stored).map(slot))
                .collect(),
            history,
            ready: BTreeSet::new(),
            pending: Vec::new(),
            stored,
            touched: usize::MAX,
            folds: Folds::default(),
            durations: HashMap::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Adds a slot of its own at the end.
    pub fn push(&mut self, cells: Vec<CellBox>) -> usize {
        self.slots.push(Slot {
            stored: None,
            pinned: true,
            group: Some(Box::new(cells.into())),
        });
        self.slots.len() - 1
    }

    /// The session has kept `message`, which `slot` shows; `None` for one that another slot shows.
    pub fn keep(&mut self, slot: Option<usize>, message: &SharedMessage) {
        let slot = slot.unwrap_or_else(|| self.push(Vec::new()));
        self.pending.push(Pending {
            slot,
            message: message.clone(),
        });
        self.stored += 1;
    }

    /// Takes a newer history of the same conversation, from which what has happened since can be read
    /// again. Refused when it is not the same messages.
    pub fn settle(&mut self, history: Arc<dyn History>) -> bool {
        if history.len() != self.stored {
            return false;
        }
        let Some(places) = self.places(&*history) else {
            return false;
        };
        self.history = history;
        self.pending.clear();
        for (at, stored) in places {
            if let Some(slot) = self.slots.get_mut(at) {
                slot.stored = Some(stored);
                slot.pinned = false;
                self.ready.insert(at);
            }
        }
        true
    }

    /// The slots of what has happened since, and where `history` has it; `None` when it is not there.
    fn places(&self, history: &dyn History) -> Option<Vec<(usize, usize)>> {
        let first = self.stored - self.pending.len();
        let is_shell = |pending: &Pending| matches!(*pending.message, Message::BashExecution(_));
        if !self.pending.iter().any(is_shell) {
            // In the order in which it happened: one look at the end of it is enough.
            if let Some(last) = self.pending.last() {
                let message = history.message(self.stored - 1)?;
                if stamp(&message) != stamp(&last.message) {
                    return None;
                }
            }
            let slots = self.pending.iter().map(|pending| pending.slot);
            return Some(slots.zip(first..).collect());
        }
        // A shell command that ended during a run is kept after it: the order may differ.
        let mut places = Vec::new();
        let mut open: Vec<&Pending> = self.pending.iter().collect();
        for stored in first..self.stored {
            let message = history.message(stored)?;
            let same = |pending: &&Pending| stamp(&pending.message) == stamp(&message);
            let at = open.iter().position(same)?;
            places.push((open.remove(at).slot, stored));
        }
        Some(places)
    }

    pub fn group(&self, slot: usize) -> Option<&Group> {
        self.slots.get(slot)?.group.as_deref()
    }

    /// Says that a slot is not as it was.
    pub fn touch(&mut self, slot: usize) {
        self.touched = self.touched.min(slot);
    }

    /// The first slot that was changed since this was last asked; `usize::MAX` for none.
    pub fn take_touched(&mut self) -> usize {
        std::mem::replace(&mut self.touched, usize::MAX)
    }

    /// Has a cell stay as it is drawn while it changes.
    pub fn hold(&mut self, slot: usize, cell: usize) {
        if let Some(cell) = self
            .group_mut(slot)
            .and_then(|group| group.cells.get_mut(cell))
        {
            cell.hold(true);
        }
    }

    /// Has a cell that was held drawn again.
    pub fn release(&mut self, slot: usize, cell: usize) {
        if let Some(cell) = self
            .group_mut(slot)
            .and_then(|group| group.cells.get_mut(cell))
        {
            cell.hold(false);
        }
    }

    pub fn group_mut(&mut self, slot: usize) -> Option<&mut Group> {
        self.touch(slot);
        self.slots.get_mut(slot)?.group.as_deref_mut()
    }

    /// A cell, to be changed: it will be drawn again.
    pub fn cell_mut(&mut self, slot: usize, cell: usize) -> Option<&mut Cell> {
        Some(self.group_mut(slot)?.cells.get_mut(cell)?.change())
    }

    /// Brings a slot up to date and counts its rows.
    pub fn layout(&mut self, at: usize, paint: &Paint<'_>) -> usize {
        let Some(stored) = self.slots.get(at).map(|slot| slot.stored) else {
            return 0;
        };
        if self.slots[at].group.is_none() {
            let cells = stored.map(|stored| self.load(stored)).unwrap_or_default();
            self.slots[at].group = Some(Box::new(cells.into()));
        }
        self.ready.insert(at);
        match &mut self.slots[at].group {
            Some(group) => group.layout(self.folds.slot(at), paint),
            None => 0,
        }
    }

    /// The rows that a slot had when it was last laid out, if it is still known.
    pub fn known_height(&self, at: usize) -> Option<usize> {
        let group = self.slots.get(at)?.group.as_ref()?;
        Some(group.height()).filter(|height| *height > 0)
    }

    /// Copies rows of a slot that has been laid out.
    pub fn copy(&self, at: usize, range: Range<usize>, rows: &mut Vec<Line<'static>>) {
        if let Some(group) = self.slots.get(at).and_then(|slot| slot.group.as_ref()) {
            group.copy(range, rows);
        }
    }

    /// A row of a slot that is laid out.
    pub fn row(&self, place: Place) -> Option<Line<'static>> {
        let mut rows = Vec::new();
        if self.ready.contains(&place.slot) {
            self.copy(place.slot, place.row..place.row + 1, &mut rows);
        }
        rows.pop()
    }

    /// All rows of a slot.
    pub fn rows_of(&mut self, slot: usize, paint: &Paint<'_>) -> Vec<(Place, Line<'static>)> {
        let height = self.layout(slot, paint);
        let mut rows = Vec::with_capacity(height);
        self.copy(slot, 0..height, &mut rows);
        let places = (0..).map(|row| Place { slot, row });
        places.zip(rows).collect()
    }

    /// Unfolds what is folded in a slot that is laid out; what that was.
    pub fn unfold(&mut self, slot: usize) -> Vec<Block> {
        let height = self.known_height(slot).unwrap_or(0);
        let mut opened: Vec<Block> = Vec::new();
        for row in 0..height {
            let found = self.group_mut(slot).and_then(|group| group.foldable(row));
            let Some((cell, found)) = found.filter(|(_, found)| !found.open) else {
                continue;
            };
            let part = found.part;
            let block = Block { slot, cell, part };
            if !opened.contains(&block) {
                self.folds.set(block, found.kind, true);
                opened.push(block);
            }
        }
        opened
    }

    /// Whether a slot is laid out.
    pub fn is_ready(&self, at: usize) -> bool {
        self.ready.contains(&at)
    }

    /// What is read from beside the window.
    pub fn history(&self) -> &Arc<dyn History> {
        &self.history
    }

    /// How many messages there are, in the history and since.
    pub fn messages(&self) -> usize {
        self.stored
    }

    /// A message and the slot that shows it: a result is shown with its call.
    pub fn said(&self, at: usize) -> Option<(usize, SharedMessage)> {
        let message = self.message(at)?;
        if !matches!(*message, Message::ToolResult(_)) {
            return Some((self.slot_of(at)?, message));
        }
        let before = (0..at).rev().take(REACH);
        let call = before
            .filter_map(|at| Some((at, self.message(at)?)))
            .find(|(_, message)| matches!(**message, Message::Assistant(_)));
        let (at, _) = call.unwrap_or((at, message.clone()));
        Some((self.slot_of(at)?, message))
    }

    fn message(&self, at: usize) -> Option<SharedMessage> {
        match at.checked_sub(self.stored - self.pending.len()) {
            Some(since) => Some(self.pending.get(since)?.message.clone()),
            None => self.history.message(at),
        }
    }

    /// The slot of a message.
    pub fn slot_of(&self, at: usize) -> Option<usize> {
        if let Some(since) = at.checked_sub(self.stored - self.pending.len()) {
            return Some(self.pending.get(since)?.slot);
        }
        // Slots are in the order of the messages, with some between that are of none.
        let behind = self.slots.iter().enumerate().skip(at + 1);
        let mut found = behind.filter(|(_, slot)| slot.stored == Some(at));
        let before = |at: usize| {
            let mut before = self.slots.iter().take(at + 1);
            before.rposition(|slot| slot.stored == Some(at))
        };
        found.next().map(|(slot, _)| slot).or_else(|| before(at))
    }

    /// Drops what is far from the window.
    pub fn evict(&mut self, window: Range<usize>) {
        let keep = window.start.saturating_sub(AROUND)..window.end + AROUND;
        let (slots, ready) = (&mut self.slots, &mut self.ready);
        ready.retain(|at| {
            if keep.contains(at) {
                return true;
            }
            match slots.get_mut(*at) {
                Some(slot) if !slot.pinned => slot.group = None,
                Some(slot) => slot.group.iter_mut().for_each(|group| group.evict()),
                None => {}
            }
            false
        });
    }

    /// Whether a slot shows a prompt of the person's.
    pub fn is_prompt(&self, at: usize) -> bool {
        let Some(slot) = self.slots.get(at) else {
            return false;
        };
        match (&slot.group, slot.stored) {
            (Some(group), _) => {
                let first = group.cells.first().map(CellBox::cell);
                matches!(first, Some(Cell::User(_)))
            }
            (None, Some(stored)) => {
                matches!(
                    self.history.message(stored).as_deref(),
                    Some(Message::User(_))
                )
            }
            (None, None) => false,
        }
    }

    /// How many groups are in memory; for tests of what memory follows.
    pub fn loaded(&self) -> usize {
        self.slots
            .iter()
            .filter(|slot| slot.group.is_some())
            .count()
    }

    fn load(&self, stored: usize) -> Vec<CellBox> {
        let Some(message) = self.history.message(stored) else {
            let notice = Notice::new(Level::Warning, "A message here could not be read.");
            return vec![Cell::Notice(notice).into()];
        };
        match &*message {
            Message::Assistant(assistant) => self.load_assistant(assistant, stored),
            Message::ToolResult(result) => {
                if self.is_called_before(stored, &result.tool_call_id) {
                    return Vec::new();
                }
                let call =
                    ToolCall::called(&result.tool_call_id, &result.tool_name, Arc::default());
                vec![Cell::Tool(Box::new(call.answered(message.clone()))).into()]
            }
            other => cell_of(other).map(CellBox::from).into_iter().collect(),
        }
    }

    fn load_assistant(&self, message: &AssistantMessage, stored: usize) -> Vec<CellBox> {
        let mut cells = vec![Cell::Assistant(Assistant::new(message)).into()];
        let calls = message.content.iter().filter_map(|content| match content {
            Content::ToolCall(call) => Some(call),
            _ => None,
        });
        let calls: Vec<_> = calls.collect();
        let mut results = self.results_behind(stored, calls.len());
        for call in calls {
            let mut cell = ToolCall::called(&call.id, &call.name, Arc::new(call.arguments.clone()));
            cell.set_took(self.durations.get(&call.id).copied());
            if let Some(result) = results.remove(&call.id) {
                cell = cell.answered(result);
            }
            cells.push(Cell::Tool(Box::new(cell)).into());
        }
        cells
    }

    /// The results that stand behind a message with so many calls, by call.
    fn results_behind(&self, stored: usize, calls: usize) -> HashMap<String, SharedMessage> {
        let mut results = HashMap::new();
        let behind = (stored + 1..self.history.len()).take(REACH.max(2 * calls));
        for at in behind {
            if results.len() == calls {
                break;
            }
            let Some(message) = self.history.message(at) else {
                continue;
            };
            match &*message {
                Message::ToolResult(result) => {
                    results.insert(result.tool_call_id.clone(), message.clone());
                }
                Message::Assistant(_) => break,
                _ => {}
            }
        }
        results
    }

    /// Whether the message before the results around `stored` has this call.
    fn is_called_before(&self, stored: usize, id: &str) -> bool {
        for at in (0..stored).rev().take(REACH) {
            let Some(message) = self.history.message(at) else {
                continue;
            };
            if let Message::Assistant(assistant) = &*message {
                return assistant
                    .content
                    .iter()
                    .any(|content| matches!(content, Content::ToolCall(call) if call.id == id));
            }
        }
        false
    }
}

/// The cell of a message that has just one.
pub(super) fn cell_of(message: &Message) -> Option<Cell> {
    match message {
        Message::User(message) => Some(Cell::User(User::new(&message.content, message.timestamp))),
        Message::BashExecution(message) => Some(Cell::Shell(Box::new(Shell::ended(message)))),
        Message::Custom(message) => Some(Cell::Custom(Custom::new(message))),
        Message::BranchSummary(message) => Some(Cell::Summary(Summary::of_branch(message))),
        Message::CompactionSummary(message) => Some(Cell::Summary(Summary::of_compaction(message))),
        Message::Assistant(_) | Message::ToolResult(_) => None,
    }
}

/// What tells one message from another without comparing all of it.
fn stamp(message: &Message) -> (u8, Millis) {
    match message {
        Message::User(message) => (0, message.timestamp),
        Message::Assistant(message) => (1, message.timestamp),
        Message::ToolResult(message) => (2, message.timestamp),
        Message::BashExecution(message) => (3, message.timestamp),
        Message::Custom(message) => (4, message.timestamp),
        Message::BranchSummary(message) => (5, message.timestamp),
        // Its event does not say when it was written; of two the order tells.
        Message::CompactionSummary(_) => (6, 0),
    }
}
