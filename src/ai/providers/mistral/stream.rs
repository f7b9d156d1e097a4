//! Mistral's event stream: chunks with a `delta` of text, thinking and calls, a `finish_reason`, the
//! usage in the last chunk, and `[DONE]`.
//!
//! Empty pieces open no block: an answer's thinking must come back to Mistral in one piece.

use serde_json::Value;
use serde_json::value::RawValue;

use super::super::exchange::{self, Decoder, Step, early_end, odd_end, stream_error};
use super::super::lean;
use super::super::told::Told;
use super::chunk::{Call, Chunk, Item};
use super::ids;
use crate::ai::answer::Answer;
use crate::ai::failure::{Failure, Fault, Kind};
use crate::ai::message::{StopReason, Usage};
use crate::ai::model::Model;
use crate::ai::partial_json;
use crate::ai::sse::SseEvent;

/// Reads the chunks of one answer.
pub struct Chunks {
    model: Model,
    stop_reason: Option<StopReason>,
    // A reason that is a failure; told at the end, so that usage still arrives.
    failure: Option<Fault>,
    // The block that is being filled, and whether it is thinking.
    open: Option<(usize, bool)>,
    calls: Vec<Known>,
}

/// A call that has begun.
struct Known {
    index: Option<u64>,
    id: String,
    place: usize,
}

impl Chunks {
    /// For an answer of `model`.
    pub fn new(model: &Model) -> Self {
        Chunks {
            model: model.clone(),
            stop_reason: None,
            failure: None,
            open: None,
            calls: Vec::new(),
        }
    }

    fn take(&mut self, chunk: Chunk<'_>, answer: &mut Answer) -> Result<(), serde_json::Error> {
        answer.set_response_id(chunk.id.as_deref().unwrap_or_default());
        answer.set_response_model(chunk.model.as_deref().unwrap_or_default());
        if let Some(counts) = &chunk.usage {
            *answer.usage_mut() = usage(counts, &self.model);
        }
        let Some(choice) = chunk.choices.into_iter().flatten().next() else {
            return Ok(());
        };
        if let Some(delta) = choice.delta {
            if let Some(content) = delta.content {
                self.content(content.get(), answer)?;
            }
            for call in delta.tool_calls.into_iter().flatten() {
                self.call(&call, answer)?;
            }
        }
        if let Some(reason) = choice.finish_reason.as_deref() {
            self.finish_reason(reason);
        }
        Ok(())
    }

    /// A string, or a list of strings and items.
    fn content(&mut self, json: &str, answer: &mut Answer) -> Result<(), serde_json::Error> {
        match json.as_bytes().first() {
            Some(b'"') => {
                let text: String = serde_json::from_str(json)?;
                self.fill(false, &text, answer);
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(json)?;
                for item in items {
                    self.item(item.get(), answer)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn item(&mut self, json: &str, answer: &mut Answer) -> Result<(), serde_json::Error> {
        if json.starts_with('"') {
            return self.content(json, answer);
        }
        let item: Item<'_> = serde_json::from_str(json)?;
        match item.kind.as_deref() {
            Some("text") => self.fill(false, item.text.as_deref().unwrap_or_default(), answer),
            Some("thinking") => {
                for part in item.thinking.iter().flatten() {
                    self.fill(true, part.text.as_deref().unwrap_or_default(), answer);
                }
            }
            // References and whatever else may come.
            _ => {}
        }
        Ok(())
    }

    /// Adds to the open block of this kind.
    fn fill(&mut self, thinking: bool, text: &str, answer: &mut Answer) {
        if text.is_empty() {
            return;
        }
        let place = match self.open {
            Some((place, kind)) if kind == thinking => place,
            _ => {
                self.close(answer);
                let place = match thinking {
                    true => answer.start_thinking(None),
                    false => answer.start_text(),
                };
                self.open = Some((place, thinking));
                place
            }
        };
        match thinking {
            true => answer.push_thinking(place, text),
            false => answer.push_text(place, text),
        }
    }

    fn close(&mut self, answer: &mut Answer) {
        if let Some((place, _)) = self.open.take() {
            answer.end(place);
        }
    }

    fn call(&mut self, call: &Call<'_>, answer: &mut Answer) -> Result<(), serde_json::Error> {
        self.close(answer);
        let id = call.id.as_deref().filter(|id| !matches!(*id, "" | "null"));
        let function = call.function.as_ref();
        let name = function.and_then(|function| function.name.as_deref());
        let name = name.unwrap_or_default();
        let is_same = |known: &&Known| match (call.index, id) {
            // Servers that number every call 0 tell them apart by id.
            (Some(_), Some(id)) => known.index == call.index && known.id == id,
            (Some(_), None) => known.index == call.index,
            (None, Some(id)) => known.id == id,
            (None, None) => name.is_empty(),
        };
        let place = match self.calls.iter().rev().find(is_same) {
            Some(known) => known.place,
            None => {
                let made = || ids::derived(&format!("{} {}", answer.begun(), self.calls.len()), 1);
                let id = id.map_or_else(made, str::to_owned);
                let place = answer.start_call(&id, name);
                let index = call.index;
                self.calls.push(Known { index, id, place });
                place
            }
        };
        let arguments = function.and_then(|function| function.arguments);
        match arguments.map(RawValue::get) {
            Some(json) if json.starts_with('"') => {
                let piece: String = serde_json::from_str(json)?;
                if !piece.is_empty() {
                    answer.push_json(place, &piece);
                }
            }
            Some(whole) if whole.starts_with('{') => answer.push_json(place, whole),
            _ => {}
        }
        Ok(())
    }

    fn finish_reason(&mut self, reason: &str) {
        let fault = match reason {
            "" => return,
            "stop" => return self.stop_reason = Some(StopReason::Stop),
            "length" | "model_length" => return self.stop_reason = Some(StopReason::Length),
            "tool_calls" => return self.stop_reason = Some(StopReason::ToolUse),
            // Mistral's word for a server that stumbled.
            "error" => Fault {
                failure: Failure::new(Kind::Busy),
                ..odd_end(reason)
            },
            other => odd_end(other),
        };
        self.failure = Some(fault);
    }

    /// The stop reason, if the stream may end here.
    fn reason(&mut self) -> Result<StopReason, Fault> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => self.stop_reason.ok_or_else(early_end),
        }
    }
}

impl Decoder for Chunks {
    fn event(&mut self, event: &SseEvent, answer: &mut Answer) -> Result<Step, Fault> {
        if event.data.trim() == "[DONE]" {
            return self.reason().map(Step::Whole);
        }
        let mended;
        let chunk: Chunk<'_> = match serde_json::from_str(&event.data) {
            Ok(chunk) => chunk,
            Err(error) => {
                mended = partial_json::mended(&event.data);
                serde_json::from_str(&mended)
                    .map_err(|_| exchange::unreadable(&event.data, &error))?
            }
        };
        let error = chunk.error.is_some_and(|error| error.get() != "null");
        if error || event.event == "error" || chunk.object.as_deref() == Some("error") {
            return Err(stream_error(&event.data, answer));
        }
        self.take(chunk, answer)
            .map_err(|error| exchange::unreadable(&event.data, &error))?;
        Ok(Step::More)
    }

    fn told(&self) -> Told {
        Told::of(self.stop_reason.is_some(), self.failure.is_some())
    }

    fn end(&mut self, _answer: &mut Answer) -> Result<StopReason, Fault> {
        self.reason()
    }
}

/// Prompt tokens are split into fresh ones and those that were read from a cache, which Mistral has
/// named in several ways.
fn usage(counts: &Value, model: &Model) -> Usage {
    let count = |pointer: &str| counts.pointer(pointer).and_then(lean::count);
    let prompt = count("/prompt_tokens").unwrap_or_default();
    let cached = [
        "/prompt_tokens_details/cached_tokens",
        "/prompt_token_details/cached_tokens",
        "/num_cached_tokens",
    ];
    let cached = cached.iter().find_map(|place| count(place));
    let cache_read = cached.unwrap_or_default().min(prompt);
    let output = count("/completion_tokens").unwrap_or_default();
    let mut usage = Usage {
        input: prompt - cache_read,
        output,
        cache_read,
        total_tokens: prompt + output,
        ..Usage::default()
    };
    model.price(&mut usage);
    usage
}
