//! Events, as they touch the transcript: each changes one cell or adds one.

use std::collections::HashMap;
use std::sync::Arc;

use super::assistant::{Assistant, Kind};
use super::cell::{Cell, CellBox};
use super::list::cell_of;
use super::shell::Shell;
use super::tool::ToolCall;
use super::view::Transcript;
use crate::agent::AgentEvent;
use crate::ai::message::{AssistantMessage, CompactionSummaryMessage, Content, Message};
use crate::ai::{Delta, SharedMessage};
use crate::session::{Compacted, Event, Fallback, Level};

/// What is going on.
#[derive(Default)]
pub(super) struct Live {
    /// The model's message that streams.
    streaming: Option<Streaming>,
    /// Where the cells of open calls are, by the call's id.
    calls: HashMap<String, (usize, usize)>,
    /// The slot of the person's running shell command.
    shell: Option<usize>,
}

struct Streaming {
    slot: usize,
    /// The cells of calls by the index of their block.
    calls: HashMap<usize, usize>,
}

impl Live {
    pub fn is_running(&self) -> bool {
        self.streaming.is_some() || !self.calls.is_empty() || self.shell.is_some()
    }
}

impl Live {
    /// Whether the message that this slot shows is being written.
    pub fn is_streaming(&self, slot: usize) -> bool {
        let streaming = self.streaming.as_ref();
        streaming.is_some_and(|streaming| streaming.slot == slot)
    }

    /// Whether what happens now may change a cell.
    pub fn is_open(&self, slot: usize, cell: usize) -> bool {
        self.is_streaming(slot)
            || self.shell == Some(slot)
            || self.calls.values().any(|place| *place == (slot, cell))
    }
}

impl Transcript {
    /// Takes an event of the session. True when something that is drawn has changed.
    pub fn apply(&mut self, event: &Event) -> bool {
        match event {
            Event::Agent(event) => self.apply_agent(event),
            Event::ShellStart { line, excluded } => {
                let shell = Shell::running(line, *excluded, self.now);
                self.live.shell = Some(self.list.push(vec![Cell::Shell(Box::new(shell)).into()]));
                true
            }
            Event::ShellUpdate(outcome) => {
                let Some(slot) = self.live.shell else {
                    return false;
                };
                let Some(Cell::Shell(shell)) = self.list.cell_mut(slot, 0) else {
                    return false;
                };
                shell.update(outcome);
                true
            }
            Event::ShellEnd(message) => self.end_shell(message),
            Event::Notice { level, text } => {
                self.push_notice(*level, text);
                true
            }
            Event::CompactionEnd { result, error, .. } => {
                if let Some(compacted) = result {
                    self.compacted(compacted);
                }
                if let Some(error) = error {
                    self.push_notice(Level::Warning, error);
                }
                result.is_some() || error.is_some()
            }
            Event::Fallback(fallback) => {
                let level = match fallback {
                    Fallback::To { .. } => Level::Warning,
                    Fallback::Exhausted { .. } => Level::Error,
                };
                self.push_notice(level, &fallback.to_string());
                true
            }
            Event::QueueUpdate { .. }
            | Event::Settled { .. }
            | Event::Switched
            | Event::InfoChanged { .. }
            | Event::ModelChanged(_)
            | Event::ThinkingChanged(_)
            | Event::CompactionStart { .. }
            | Event::RetryStart { .. }
            | Event::RetryEnd { .. }
            | Event::SummaryRetry(_)
            | Event::EntryAppended(_)
            | Event::Budget { .. }
            | Event::Ask { .. }
            | Event::AskOver { .. }
            | Event::Ui { .. } => false,
        }
    }

    /// The summary stands where it was made; what it is of stays to be looked at.
    fn compacted(&mut self, compacted: &Compacted) {
        let message = Arc::new(Message::CompactionSummary(CompactionSummaryMessage {
            summary: compacted.summary.clone(),
            tokens_before: compacted.tokens_before,
            timestamp: 0,
        }));
        let cells = cell_of(&message).map(CellBox::from).into_iter().collect();
        let slot = self.list.push(cells);
        self.list.keep(Some(slot), &message);
    }

    /// Has everything drawn again that shows how long it has been running.
    pub(super) fn touch_running(&mut self) -> bool {
        let mut places: Vec<_> = self.live.calls.values().copied().collect();
        places.extend(self.live.shell.map(|slot| (slot, 0)));
        let mut touched = false;
        for (slot, cell) in places {
            match self.list.cell_mut(slot, cell) {
                Some(Cell::Tool(call)) => touched |= call.running_since().is_some(),
                Some(Cell::Shell(_)) => touched = true,
                _ => {}
            }
        }
        touched
    }

    fn apply_agent(&mut self, event: &AgentEvent) -> bool {
        match event {
            AgentEvent::MessageStart { message } => self.begin(message),
            AgentEvent::MessageUpdate { delta } => self.grow(delta),
            AgentEvent::MessageEnd { message } => self.end(message),
            AgentEvent::ToolStart { id, name, args } => {
                let now = self.now;
                let (slot, cell) = self.call_place(id, name);
                self.with_call(slot, cell, |call| call.start(args.clone(), now))
            }
            AgentEvent::ToolUpdate {
                id, name, partial, ..
            } => {
                let (slot, cell) = self.call_place(id, name);
                self.with_call(slot, cell, |call| call.update(partial.clone()))
            }
            AgentEvent::ToolEnd {
                id, name, outcome, ..
            } => {
                let now = self.now;
                let (slot, cell) = self.call_place(id, name);
                let mut took = None;
                let changed = self.with_call(slot, cell, |call| {
                    call.finish(outcome.clone(), now);
                    took = call.took();
                });
                if let Some(took) = took {
                    self.list.durations.insert(id.to_string(), took);
                }
                changed
            }
            AgentEvent::AgentEnd { .. } => {
                self.live.calls.clear();
                self.live.streaming = None;
                false
            }
            AgentEvent::AgentStart | AgentEvent::TurnStart | AgentEvent::TurnEnd { .. } => false,
        }
    }

    fn begin(&mut self, message: &SharedMessage) -> bool {
        if !matches!(**message, Message::Assistant(_)) {
            return false;
        }
        let cell = Cell::Assistant(Assistant::default());
        self.live.streaming = Some(Streaming {
            slot: self.list.push(vec![cell.into()]),
            calls: HashMap::new(),
        });
        true
    }

    fn grow(&mut self, delta: &Delta) -> bool {
        let Some(streaming) = &mut self.live.streaming else {
            return false;
        };
        let slot = streaming.slot;
        match delta {
            Delta::ToolCallStart { index, id, name } => {
                let Some(group) = self.list.group_mut(slot) else {
                    return false;
                };
                let at = group.cells.len();
                let call = ToolCall::writing(id, name);
                group.cells.push(Cell::Tool(Box::new(call)).into());
                streaming.calls.insert(*index, at);
                true
            }
            Delta::ToolCall { index, json } => {
                let cell = streaming.calls.get(index).copied();
                cell.is_some_and(|cell| self.with_call(slot, cell, |call| call.write(json)))
            }
            Delta::ToolCallEnd { index, call: whole } => {
                let Some(cell) = streaming.calls.get(index).copied() else {
                    return false;
                };
                self.live.calls.insert(whole.id.clone(), (slot, cell));
                self.with_call(slot, cell, |call| {
                    call.id = whole.id.clone();
                    call.written(&whole.name, Arc::new(whole.arguments.clone()));
                })
            }
            delta => match self.list.cell_mut(slot, 0) {
                Some(Cell::Assistant(assistant)) => say(assistant, delta),
                _ => false,
            },
        }
    }

    fn end(&mut self, message: &SharedMessage) -> bool {
        match &**message {
            Message::Assistant(assistant) => {
                let slot = self.end_assistant(assistant);
                self.list.keep(Some(slot), message);
            }
            Message::ToolResult(result) => {
                let (slot, cell) = self.call_place(&result.tool_call_id, &result.tool_name);
                if let Some(Cell::Tool(call)) = self.list.cell_mut(slot, cell)
                    && !call.is_done()
                {
                    call.answer(message.clone());
                }
                self.live.calls.remove(&result.tool_call_id);
                self.list.keep(None, message);
            }
            other => {
                let cells = cell_of(other).map(CellBox::from).into_iter().collect();
                let slot = self.list.push(cells);
                self.list.keep(Some(slot), message);
            }
        }
        true
    }

    /// The model's message is whole: its cells are what it says, in its order.
    fn end_assistant(&mut self, message: &AssistantMessage) -> usize {
        let slot = match self.live.streaming.take() {
            Some(streaming) => streaming.slot,
            None => {
                let cell = Cell::Assistant(Assistant::default());
                self.list.push(vec![cell.into()])
            }
        };
        let Some(group) = self.list.group_mut(slot) else {
            return slot;
        };
        let mut before = std::mem::take(&mut group.cells);
        let mut cells: Vec<CellBox> = Vec::with_capacity(before.len());
        if !before.is_empty() {
            cells.push(before.remove(0));
        }
        if let Some(Cell::Assistant(assistant)) = cells.first_mut().map(CellBox::change) {
            assistant.complete(message);
        }
        for content in &message.content {
            let Content::ToolCall(call) = content else {
                continue;
            };
            let same =
                |cell: &CellBox| matches!(cell.cell(), Cell::Tool(open) if open.id == call.id);
            let cell = match before.iter().position(same) {
                Some(at) => before.remove(at),
                None => {
                    let args = Arc::new(call.arguments.clone());
                    let open = ToolCall::called(&call.id, &call.name, args);
                    Cell::Tool(Box::new(open)).into()
                }
            };
            self.live.calls.insert(call.id.clone(), (slot, cells.len()));
            cells.push(cell);
        }
        group.cells = cells;
        slot
    }

    fn end_shell(&mut self, message: &SharedMessage) -> bool {
        let Message::BashExecution(bash) = &**message else {
            return false;
        };
        let slot = match self.live.shell.take() {
            Some(slot) => slot,
            None => {
                let shell = Shell::ended(bash);
                self.list.push(vec![Cell::Shell(Box::new(shell)).into()])
            }
        };
        if let Some(Cell::Shell(shell)) = self.list.cell_mut(slot, 0) {
            shell.complete(bash);
        }
        self.list.keep(Some(slot), message);
        true
    }

    /// Where a call's cell is. A call that no message announced gets a cell of its own.
    fn call_place(&mut self, id: &str, name: &str) -> (usize, usize) {
        if let Some(place) = self.live.calls.get(id) {
            return *place;
        }
        let call = ToolCall::called(id, name, Arc::default());
        let slot = self.list.push(vec![Cell::Tool(Box::new(call)).into()]);
        self.live.calls.insert(id.to_owned(), (slot, 0));
        (slot, 0)
    }

    fn with_call(&mut self, slot: usize, cell: usize, change: impl FnOnce(&mut ToolCall)) -> bool {
        match self.list.cell_mut(slot, cell) {
            Some(Cell::Tool(call)) => {
                change(call);
                true
            }
            _ => false,
        }
    }
}

/// What the model says and thinks, piece by piece.
fn say(assistant: &mut Assistant, delta: &Delta) -> bool {
    match delta {
        Delta::TextStart { index } => assistant.begin(*index, Kind::Text),
        Delta::ThinkingStart { index } => assistant.begin(*index, Kind::Thinking),
        Delta::Text { index, text } | Delta::Thinking { index, text } => {
            assistant.push(*index, text)
        }
        Delta::TextEnd { index, .. } | Delta::ThinkingEnd { index, .. } => assistant.end(*index),
        Delta::Start
        | Delta::Done(_)
        | Delta::ToolCallStart { .. }
        | Delta::ToolCall { .. }
        | Delta::ToolCallEnd { .. } => return false,
    }
    true
}
