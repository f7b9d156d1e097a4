//! The Chat Completions event stream: chunks with a `delta` of text, thinking and tool calls, a
//! `finish_reason`, the usage in a chunk of its own, and `[DONE]`.
//!
//! Text and thinking are one block each, wherever their pieces come; all blocks end with the stream.

use std::collections::HashMap;

use serde_json::Value;

use super::super::exchange::{self, Decoder, Step, early_end, event_json, odd_end, stream_error};
use crate::ai::answer::Answer;
use crate::ai::failure::Fault;
use crate::ai::message::{StopReason, Usage};
use crate::ai::model::Model;
use crate::ai::sse::SseEvent;

/// Where servers put thinking; the first that holds text counts.
const THINKING_FIELDS: [&str; 3] = ["reasoning_content", "reasoning", "reasoning_text"];

/// Reads the chunks of one answer.
pub struct Chunks {
    model: Model,
    stop_reason: Option<StopReason>,
    text: Option<usize>,
    thinking: Option<usize>,
    calls_by_index: HashMap<u64, usize>,
    calls_by_id: HashMap<String, usize>,
    // Where pieces go that name neither index nor id.
    last_call: Option<usize>,
    // A finish reason that is a failure; told at the end, so that usage still arrives.
    failure: Option<Fault>,
}

impl Chunks {
    /// For an answer of `model`.
    pub fn new(model: &Model) -> Self {
        Chunks {
            model: model.clone(),
            stop_reason: None,
            text: None,
            thinking: None,
            calls_by_index: HashMap::new(),
            calls_by_id: HashMap::new(),
            last_call: None,
            failure: None,
        }
    }

    fn finish_reason(&mut self, reason: &str) {
        let known = match reason {
            "stop" | "end" => StopReason::Stop,
            "length" => StopReason::Length,
            "tool_calls" | "function_call" => StopReason::ToolUse,
            other => {
                self.failure = Some(odd_end(other));
                return;
            }
        };
        self.stop_reason = Some(known);
    }

    fn delta(&mut self, delta: &Value, answer: &mut Answer) {
        if let Some(piece) = text_of(&delta["content"]) {
            let place = *self.text.get_or_insert_with(|| answer.start_text());
            answer.push_text(place, piece);
        }
        let thought = THINKING_FIELDS
            .iter()
            .find_map(|field| Some((*field, text_of(&delta[*field])?)));
        if let Some((field, piece)) = thought {
            let start = || answer.start_thinking(Some(field.to_owned()));
            let place = *self.thinking.get_or_insert_with(start);
            answer.push_thinking(place, piece);
        }
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            self.call(call, answer);
        }
        for detail in delta["reasoning_details"].as_array().into_iter().flatten() {
            if let (Some("reasoning.encrypted"), Some(id), Some(_)) = (
                detail["type"].as_str(),
                text_of(&detail["id"]),
                text_of(&detail["data"]),
            ) {
                answer.sign_call(id, detail.to_string());
            }
        }
    }

    fn call(&mut self, call: &Value, answer: &mut Answer) {
        let index = call["index"].as_u64();
        let id = text_of(&call["id"]).unwrap_or_default();
        let function = &call["function"];
        let name = text_of(&function["name"]).unwrap_or_default();
        let by_index = index.and_then(|index| self.calls_by_index.get(&index));
        let known = by_index.or_else(|| self.calls_by_id.get(id)).copied();
        let nameless = index.is_none() && id.is_empty() && name.is_empty();
        let place = match known.or(self.last_call.filter(|_| nameless)) {
            Some(place) => place,
            None => answer.start_call(id, name),
        };
        self.last_call = Some(place);
        if let Some(index) = index {
            self.calls_by_index.insert(index, place);
        }
        if !id.is_empty() {
            self.calls_by_id.insert(id.to_owned(), place);
        }
        answer.name_call(place, id, name);
        match &function["arguments"] {
            Value::String(piece) if !piece.is_empty() => answer.push_json(place, piece),
            // Some servers send the arguments whole, as an object.
            whole @ Value::Object(_) => answer.push_json(place, &whole.to_string()),
            _ => {}
        }
    }

    /// The stop reason, if the stream may end here.
    fn reason(&mut self) -> Result<Option<StopReason>, Fault> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => Ok(self.stop_reason),
        }
    }
}

impl Decoder for Chunks {
    fn event(&mut self, event: &SseEvent, answer: &mut Answer) -> Result<Step, Fault> {
        if event.data.trim() == "[DONE]" {
            let reason = self.reason()?;
            return Ok(Step::Whole(reason.unwrap_or(StopReason::Stop)));
        }
        let chunk = event_json(event)?;
        if event.event == "error" || chunk.get("error").is_some_and(|error| !error.is_null()) {
            return Err(stream_error(&event.data, answer));
        }
        answer.set_response_id(chunk["id"].as_str().unwrap_or_default());
        answer.set_response_model(chunk["model"].as_str().unwrap_or_default());
        let choice = &chunk["choices"][0];
        for counts in [&chunk["usage"], &choice["usage"]] {
            if counts.is_object() {
                *answer.usage_mut() = usage(counts, &self.model);
                break;
            }
        }
        if let Some(reason) = text_of(&choice["finish_reason"]) {
            self.finish_reason(reason);
        }
        self.delta(&choice["delta"], answer);
        Ok(Step::More)
    }

    fn end(&mut self, _answer: &mut Answer) -> Result<StopReason, Fault> {
        self.reason()?.ok_or_else(early_end)
    }
}

fn text_of(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

/// Prompt tokens are split into fresh, read from a cache and written to it; completion tokens hold
/// the reasoning tokens already. Servers that count writes as reads have them counted once.
fn usage(counts: &Value, model: &Model) -> Usage {
    let count = |value: &Value| exchange::count(value).unwrap_or_default();
    let details = &counts["prompt_tokens_details"];
    let cache_write = count(&details["cache_write_tokens"]);
    let cached = exchange::count(&details["cached_tokens"])
        .unwrap_or_else(|| count(&counts["prompt_cache_hit_tokens"]));
    let cache_read = cached.saturating_sub(cache_write);
    let prompt = count(&counts["prompt_tokens"]);
    let input = prompt
        .saturating_sub(cache_read)
        .saturating_sub(cache_write);
    let output = count(&counts["completion_tokens"]);
    let mut usage = Usage {
        input,
        output,
        cache_read,
        cache_write,
        total_tokens: input + output + cache_read + cache_write,
        ..Usage::default()
    };
    model.price(&mut usage);
    usage
}
