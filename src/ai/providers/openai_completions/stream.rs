//! The Chat Completions event stream: chunks with a `delta` of text, thinking and tool calls, a
//! `finish_reason`, the usage in a chunk of its own, and `[DONE]`.
//!
//! Text and thinking are one block each, wherever their pieces come; all blocks end with the stream.
//! Most chunks are a piece of one of them; those are read into borrowed fields ([`Piece`]). Every other
//! chunk, and a piece that looks in any way different, is read as JSON of unknown shape.

use serde_json::Value;

use super::super::billing;
use super::super::exchange::{Decoder, Step, early_end, event_json, odd_end, stream_error};
use super::super::lean;
use super::super::told::Told;
use super::compat::Compat;
use super::piece::Piece;
use super::reasoning::Details;
use crate::ai::answer::Answer;
use crate::ai::failure::Fault;
use crate::ai::message::{StopReason, Usage};
use crate::ai::model::Model;
use crate::ai::sse::SseEvent;

/// Where servers put thinking; the first that holds text counts.
pub const THINKING_FIELDS: [&str; 3] = ["reasoning_content", "reasoning", "reasoning_text"];

/// The field in which thinking goes back that came in `field`.
pub fn thinking_field<'a>(model: &Model, field: &'a str) -> &'a str {
    match field {
        "reasoning" if model.provider == "opencode-go" => "reasoning_content",
        field => field,
    }
}

/// Reads the chunks of one answer.
pub struct Chunks {
    model: Model,
    // The server says why it ended.
    told_reason: bool,
    stop_reason: Option<StopReason>,
    text: Option<usize>,
    thinking: Option<usize>,
    details: Details,
    calls: Vec<Call>,
    // Where pieces go that name neither index nor id: the place of a call.
    last_call: Option<usize>,
    // A finish reason that is a failure; told at the end, so that usage still arrives.
    failure: Option<Fault>,
    // Id and model of the response are known.
    introduced: bool,
}

/// A call that has begun.
struct Call {
    index: Option<u64>,
    // Empty for as long as nobody has said it.
    id: String,
    place: usize,
}

impl Chunks {
    /// For an answer of `model`.
    pub fn new(model: &Model) -> Self {
        Chunks {
            model: model.clone(),
            told_reason: Compat::of(model).finish_reason,
            stop_reason: None,
            text: None,
            thinking: None,
            details: Details::default(),
            calls: Vec::new(),
            last_call: None,
            failure: None,
            introduced: false,
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

    fn push_text(&mut self, piece: &str, answer: &mut Answer) {
        let place = *self.text.get_or_insert_with(|| answer.start_text());
        answer.push_text(place, piece);
    }

    fn push_thinking(&mut self, field: &str, piece: &str, answer: &mut Answer) {
        let field = thinking_field(&self.model, field);
        let start = || answer.start_thinking(Some(field.to_owned()));
        let place = *self.thinking.get_or_insert_with(start);
        answer.push_thinking(place, piece);
    }

    /// Thinking first: where both come in one piece, it was thought before it was said.
    fn delta(&mut self, delta: &Value, answer: &mut Answer) {
        let thought = THINKING_FIELDS
            .iter()
            .find_map(|field| Some((*field, text_of(&delta[*field])?)));
        if let Some((field, piece)) = thought {
            self.push_thinking(field, piece, answer);
        }
        for detail in delta["reasoning_details"].as_array().into_iter().flatten() {
            if self.details.push(detail) {
                let start = || answer.start_thinking(Some(String::new()));
                self.thinking.get_or_insert_with(start);
            }
        }
        if let Some(piece) = text_of(&delta["content"]) {
            self.push_text(piece, answer);
        }
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            self.call(call, answer);
        }
    }

    fn call(&mut self, call: &Value, answer: &mut Answer) {
        let index = call["index"].as_u64();
        let id = text_of(&call["id"]).unwrap_or_default();
        let function = &call["function"];
        let name = text_of(&function["name"]).unwrap_or_default();
        let place = match self.known(index, id, name) {
            Some(call) => {
                call.index = call.index.or(index);
                if call.id.is_empty() {
                    id.clone_into(&mut call.id);
                }
                call.place
            }
            None => {
                let place = answer.start_call(id, name);
                let id = id.to_owned();
                self.calls.push(Call { index, id, place });
                place
            }
        };
        self.last_call = Some(place);
        answer.name_call(place, id, name);
        match &function["arguments"] {
            Value::String(piece) if !piece.is_empty() => answer.push_json(place, piece),
            // Some servers send the arguments whole, as an object.
            whole @ Value::Object(_) => answer.push_json(place, &whole.to_string()),
            _ => {}
        }
    }

    /// The call that a piece belongs to; `None` when it begins one.
    fn known(&mut self, index: Option<u64>, id: &str, name: &str) -> Option<&mut Call> {
        let is_nameless = index.is_none() && id.is_empty() && name.is_empty();
        let last = self.last_call.filter(|_| is_nameless);
        self.calls.iter_mut().rfind(|call| {
            let same_id = !id.is_empty() && call.id == id;
            match (index, call.index) {
                // Some servers number every call 0: with a name, another id is another call.
                (Some(wanted), Some(index)) if wanted == index => {
                    same_id || name.is_empty() || id.is_empty() || call.id.is_empty()
                }
                // Others give every call the same id.
                (Some(_), Some(_)) => same_id && name.is_empty(),
                _ => same_id || last == Some(call.place),
            }
        })
    }

    /// A piece that says nothing new but its words; false when it is not that.
    fn piece(&mut self, piece: &Piece<'_>, answer: &mut Answer) -> bool {
        match piece {
            Piece::Text(text) => self.push_text(text, answer),
            Piece::Thinking(field, text) => self.push_thinking(field, text, answer),
            Piece::Input(index, json) => match self.known(Some(*index), "", "") {
                Some(call) => {
                    let place = call.place;
                    self.last_call = Some(place);
                    answer.push_json(place, json);
                }
                None => return false,
            },
        }
        true
    }

    /// The stop reason, if there is one. A stream that ends without one was cut off somewhere on its way, whatever mark
    /// is at its end; of servers that never give one it is guessed.
    fn reason(&mut self, answer: &mut Answer) -> Result<Option<StopReason>, Fault> {
        if let (Some(place), Some(signature)) = (self.thinking, self.details.signature()) {
            answer.sign(place, signature);
        }
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let guess = match answer.has_calls() {
            true => StopReason::ToolUse,
            false => StopReason::Stop,
        };
        Ok(self.stop_reason.or((!self.told_reason).then_some(guess)))
    }
}

impl Decoder for Chunks {
    fn event(&mut self, event: &SseEvent, answer: &mut Answer) -> Result<Step, Fault> {
        if self.introduced
            && event.event.is_empty()
            && let Some(piece) = Piece::of(&event.data)
            && self.piece(&piece, answer)
        {
            return Ok(Step::More);
        }
        if event.data.trim() == "[DONE]" {
            let reason = self.reason(answer)?;
            let cut = || Fault::garbled("the answer ended without finish_reason");
            return Ok(Step::Whole(reason.ok_or_else(cut)?));
        }
        let chunk = event_json(event)?;
        if event.event == "error" || chunk.get("error").is_some_and(|error| !error.is_null()) {
            return Err(stream_error(&event.data, answer));
        }
        let (id, model) = (text_of(&chunk["id"]), text_of(&chunk["model"]));
        answer.set_response_id(id.unwrap_or_default());
        answer.set_response_model(model.unwrap_or_default());
        self.introduced |= id.is_some() && model.is_some();
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

    fn told(&self) -> Told {
        Told::of(self.stop_reason.is_some(), self.failure.is_some())
    }

    fn end(&mut self, answer: &mut Answer) -> Result<StopReason, Fault> {
        self.reason(answer)?.ok_or_else(early_end)
    }
}

fn text_of(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

/// Prompt tokens are split into fresh, read from a cache and written to it; completion tokens hold
/// the reasoning tokens already.
fn usage(counts: &Value, model: &Model) -> Usage {
    let count = |value: &Value| lean::count(value).unwrap_or_default();
    let details = &counts["prompt_tokens_details"];
    let cache_write = count(&details["cache_write_tokens"]);
    let read = [
        &details["cached_tokens"],
        &counts["prompt_cache_hit_tokens"],
        &counts["cached_tokens"],
    ];
    let cache_read = read.into_iter().find_map(lean::count).unwrap_or(0);
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
    billing::reported(model, counts, &mut usage);
    usage
}
