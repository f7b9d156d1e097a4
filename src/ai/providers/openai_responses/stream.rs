//! The event stream of the Responses API: items are begun, grow, and are done; at the end comes the
//! response with its status and the token counts.
//!
//! A block is found by the place of its item in the output: some servers give the same item a new id
//! with every event. What an item is when it is done counts more than its pieces.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::super::exchange::{Decoder, Step, early_end, event_json, odd_end, stream_error};
use super::event::{Event, Response};
use super::ids;
use super::usage::{TierFactor, usage};
use crate::ai::answer::Answer;
use crate::ai::failure::Fault;
use crate::ai::message::StopReason;
use crate::ai::model::Model;
use crate::ai::sse::SseEvent;

/// Between the parts of a summary.
const GAP: &str = "\n\n";

/// Reads the events of one answer.
#[derive(Clone)]
pub struct Events {
    model: Model,
    factor: TierFactor,
    // How hard to think, where the conversation said so.
    effort: Option<String>,
    slots: Vec<Slot>,
    by_index: HashMap<u64, usize>,
    by_id: HashMap<String, usize>,
    // Thinking that came without its encrypted part, which may follow at the end.
    unsealed: HashMap<String, (usize, Value)>,
}

/// One item and the block that it became.
#[derive(Clone)]
struct Slot {
    place: usize,
    kind: Kind,
    name: String,
    // Its arguments are all there.
    whole: bool,
    // A part has ended; the next piece begins another.
    gap: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Thinking,
    Text,
    Call,
}

impl Events {
    /// For an answer of `model`, at its price whatever the tier of service.
    pub fn new(model: &Model) -> Self {
        Events {
            model: model.clone(),
            factor: |_, _| 1.0,
            effort: None,
            slots: Vec::new(),
            by_index: HashMap::new(),
            by_id: HashMap::new(),
            unsealed: HashMap::new(),
        }
    }

    /// The same with tiers of service that cost more or less.
    pub fn priced(mut self, factor: TierFactor) -> Self {
        self.factor = factor;
        self
    }

    /// The same for a conversation that said how hard to think.
    pub fn told(mut self, effort: Option<String>) -> Self {
        self.effort = effort;
        self
    }

    fn take(&mut self, event: &Event, answer: &mut Answer) -> Result<Step, Fault> {
        if let Some(effort) = self.effort.take() {
            answer.set_provider_thinking_level(&effort);
        }
        match event.kind() {
            "response.created" => answer.set_response_id(&event.response().id()),
            "response.output_item.added" => {
                self.begin(event.output_index(), &event.item(), answer);
            }
            "response.output_text.delta" | "response.refusal.delta" => {
                if let (Some(slot), Some(piece)) = (self.slot(event, Kind::Text), event.delta()) {
                    answer.push_text(slot.place, &piece);
                }
            }
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                if let (Some(slot), Some(piece)) = (self.slot(event, Kind::Thinking), event.delta())
                {
                    if std::mem::take(&mut slot.gap) && !answer.so_far(slot.place).is_empty() {
                        answer.push_thinking(slot.place, GAP);
                    }
                    answer.push_thinking(slot.place, &piece);
                }
            }
            "response.reasoning_summary_part.added"
            | "response.reasoning_summary_part.done"
            | "response.reasoning_text.done" => {
                if let Some(slot) = self.slot(event, Kind::Thinking) {
                    slot.gap = true;
                }
            }
            "response.function_call_arguments.delta" => {
                if let (Some(slot), Some(piece)) = (self.slot(event, Kind::Call), event.delta()) {
                    answer.push_json(slot.place, &piece);
                }
            }
            "response.function_call_arguments.done" => {
                if let (Some(slot), Some(all)) = (self.slot(event, Kind::Call), event.arguments()) {
                    slot.whole = true;
                    answer.settle(slot.place, &all);
                }
            }
            "response.output_item.done" => {
                self.done(event.output_index(), &event.item(), answer);
            }
            kind @ ("response.completed"
            | "response.incomplete"
            | "response.failed"
            | "response.cancelled"
            | "response.done") => return self.close(kind, &event.response(), answer),
            "error" => return Err(failed(&event.error(), answer)),
            _ if event.has_error() => return Err(failed(&event.error(), answer)),
            _ => {}
        }
        Ok(Step::More)
    }

    /// The slot that an event is about, when it is of this kind.
    fn slot(&mut self, event: &Event, kind: Kind) -> Option<&mut Slot> {
        let known = match event.output_index() {
            Some(index) => self.by_index.get(&index).copied(),
            None => match event.item_id() {
                Some(id) => self.by_id.get(id.as_ref()).copied(),
                None => self.slots.len().checked_sub(1),
            },
        };
        let slot = self.slots.get_mut(known?)?;
        (slot.kind == kind).then_some(slot)
    }

    /// Begins the block of an item; `None` for items that mean nothing to us.
    fn begin(&mut self, index: Option<u64>, item: &Value, answer: &mut Answer) -> Option<Slot> {
        let text = |field: &str| item[field].as_str().unwrap_or_default();
        let (kind, place) = match text("type") {
            "reasoning" => (Kind::Thinking, answer.start_thinking(None)),
            "message" => (Kind::Text, answer.start_text()),
            "function_call" => {
                let id = ids::of_call(text("call_id"), text("id"));
                let place = answer.start_call(&id, text("name"));
                answer.push_json(place, text("arguments"));
                (Kind::Call, place)
            }
            _ => return None,
        };
        let slot = Slot {
            place,
            kind,
            name: text("name").to_owned(),
            whole: false,
            gap: false,
        };
        if let Some(index) = index {
            self.by_index.insert(index, self.slots.len());
        }
        if !text("id").is_empty() {
            self.by_id.insert(text("id").to_owned(), self.slots.len());
        }
        self.slots.push(slot.clone());
        Some(slot)
    }

    /// Ends the block of an item, as the item says that it is.
    fn done(&mut self, index: Option<u64>, item: &Value, answer: &mut Answer) {
        let id = item["id"].as_str().unwrap_or_default();
        let known = match index {
            // Some servers give the next item the same place.
            Some(index) => self.by_index.remove(&index),
            None if !id.is_empty() => self.by_id.get(id).copied(),
            None => self.slots.len().checked_sub(1),
        };
        let known = known.and_then(|known| self.slots.get_mut(known));
        let slot = match known {
            Some(slot) => {
                slot.whole = true;
                slot.clone()
            }
            None => match self.begin(index, item, answer) {
                Some(slot) => {
                    if let Some(last) = self.slots.last_mut() {
                        last.whole = true;
                    }
                    if let Some(index) = index {
                        self.by_index.remove(&index);
                    }
                    slot
                }
                None => return,
            },
        };
        let place = slot.place;
        match (slot.kind, item["type"].as_str().unwrap_or_default()) {
            (Kind::Thinking, "reasoning") => {
                let summary = texts(&item["summary"], GAP);
                let told = if summary.is_empty() {
                    texts(&item["content"], GAP)
                } else {
                    summary
                };
                if !told.is_empty() {
                    answer.settle(place, &told);
                }
                answer.sign(place, item.to_string());
                if !is_sealed(item) && !id.is_empty() {
                    self.unsealed.insert(id.to_owned(), (place, item.clone()));
                }
            }
            (Kind::Text, "message") => {
                let told = texts(&item["content"], "");
                if !told.is_empty() {
                    answer.settle(place, &told);
                }
                if !id.is_empty() {
                    answer.sign(place, ids::text_signature(id, item["phase"].as_str()));
                }
            }
            (Kind::Call, "function_call") => {
                let told = item["arguments"].as_str().unwrap_or_default();
                if !told.is_empty() {
                    answer.settle(place, told);
                }
            }
            _ => return,
        }
        answer.end(place);
    }

    fn close(
        &mut self,
        kind: &str,
        response: &Response,
        answer: &mut Answer,
    ) -> Result<Step, Fault> {
        answer.set_response_id(&response.id());
        let counts = response.usage();
        if counts.is_object() {
            let tier = response.service_tier().unwrap_or_default();
            let factor = (self.factor)(&self.model, &tier);
            *answer.usage_mut() = usage(&counts, &self.model, factor);
        }
        let error = response.error();
        if !error.is_null() {
            return Err(failed(&error, answer));
        }
        let reason = response.incomplete_reason();
        let status = response.status();
        let status = match (status.as_deref(), kind) {
            (Some(status), _) => status,
            (None, "response.incomplete") => "incomplete",
            (None, "response.failed") => "failed",
            (None, "response.cancelled") => "cancelled",
            (None, _) => "completed",
        };
        match (status, reason.as_deref()) {
            ("completed" | "in_progress" | "queued", _) => {}
            ("incomplete", Some("max_output_tokens")) => {
                return Ok(Step::Whole(StopReason::Length));
            }
            (status, reason) => return Err(odd_end(reason.unwrap_or(status))),
        }
        self.take_output(response, answer);
        if !answer.has_calls() {
            return Ok(Step::Whole(StopReason::Stop));
        }
        // A call that was cut off must not be run.
        let cut = |slot: &&Slot| slot.kind == Kind::Call && !slot.whole;
        match self.slots.iter().find(cut) {
            Some(slot) => Err(Fault::garbled(format!(
                "the answer ended in the middle of its call of {}",
                slot.name
            ))),
            None => Ok(Step::Whole(StopReason::ToolUse)),
        }
    }

    /// What only the finished response says: all of it, from servers that do not stream; the encrypted
    /// part of thinking, from Azure.
    fn take_output(&mut self, response: &Response, answer: &mut Answer) {
        if self.slots.is_empty() {
            for (index, item) in (0..).zip(response.output()) {
                self.done(Some(index), &item, answer);
            }
        } else if !self.unsealed.is_empty() {
            for item in response.output().iter().filter(|item| is_sealed(item)) {
                let id = item["id"].as_str().unwrap_or_default();
                if let Some((place, mut whole)) = self.unsealed.remove(id) {
                    whole["encrypted_content"] = item["encrypted_content"].clone();
                    answer.sign(place, whole.to_string());
                }
            }
        }
    }
}

impl Decoder for Events {
    fn event(&mut self, event: &SseEvent, answer: &mut Answer) -> Result<Step, Fault> {
        if event.data.trim() == "[DONE]" {
            return Ok(Step::More);
        }
        match serde_json::from_str::<Event>(&event.data) {
            Ok(event) => self.take(&event, answer),
            // What can be mended is no reason to stop.
            Err(_) => {
                let mended = event_json(event)?.to_string();
                match serde_json::from_str::<Event>(&mended) {
                    Ok(event) => self.take(&event, answer),
                    Err(_) => Ok(Step::More),
                }
            }
        }
    }

    fn end(&mut self, _answer: &mut Answer) -> Result<StopReason, Fault> {
        Err(early_end())
    }
}

fn failed(error: &Value, answer: &Answer) -> Fault {
    stream_error(&json!({"error": error}).to_string(), answer)
}

fn is_sealed(item: &Value) -> bool {
    let sealed = item["encrypted_content"].as_str();
    sealed.is_some_and(|sealed| !sealed.is_empty())
}

/// The words of an item's parts.
fn texts(parts: &Value, between: &str) -> String {
    let words = |part: &Value| {
        let told = part["text"].as_str().or_else(|| part["refusal"].as_str());
        told.map(str::to_owned)
    };
    let parts = parts.as_array().into_iter().flatten();
    let parts: Vec<String> = parts.filter_map(words).collect();
    parts.join(between)
}
