//! The Messages API's event stream: `message_start`, blocks (`content_block_start`, `_delta`,
//! `_stop`), `message_delta` with the stop reason and the usage, `message_stop`.
//!
//! Most events are pieces of text; those are read into borrowed fields. Every other event, and a piece
//! that looks in any way different, is read as JSON of unknown shape.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use super::super::billing;
use super::super::exchange::{Decoder, Step, early_end, event_json, odd_end, stream_error};
use super::super::lean::{Str, count};
use super::super::told::Told;
use super::compat::Compat;
use super::identity;
use super::thinking;
use crate::ai::answer::Answer;
use crate::ai::failure::Fault;
use crate::ai::message::StopReason;
use crate::ai::model::Model;
use crate::ai::provider::{Request, ToolSpec};
use crate::ai::sse::SseEvent;

/// Reads the events of one answer.
pub struct Events {
    model: Model,
    // Whose names the calls are turned back to; empty where they are told as they are.
    tools: Vec<ToolSpec>,
    // How hard to think, where the conversation said so.
    effort: Option<String>,
    stop_reason: Option<StopReason>,
    // A stop reason that is a failure; told at the end, so that usage still arrives.
    failure: Option<Fault>,
    blocks: Vec<Block>,
    // A block was whole.
    has_block: bool,
}

/// An open block.
struct Block {
    // The vendor's index and our place.
    index: u64,
    place: usize,
    // Arguments that came with the block's start.
    input: Option<Value>,
}

/// A piece of a block, as nearly all events are.
#[derive(Deserialize)]
struct Piece<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    index: u64,
    #[serde(borrow)]
    delta: PieceDelta<'a>,
}

#[derive(Deserialize)]
struct PieceDelta<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow)]
    text: Option<Str<'a>>,
    #[serde(borrow)]
    thinking: Option<Str<'a>>,
    #[serde(borrow)]
    partial_json: Option<Str<'a>>,
}

/// What a piece adds, and to what kind of block.
enum Words<'a> {
    Text(Cow<'a, str>),
    Thinking(Cow<'a, str>),
    Input(Cow<'a, str>),
}

impl<'a> Piece<'a> {
    /// The piece in `data`, if it looks like one in every way.
    fn of(data: &'a str) -> Option<(u64, Words<'a>)> {
        let piece: Piece<'a> = serde_json::from_str(data).ok()?;
        if piece.kind != "content_block_delta" {
            return None;
        }
        let delta = piece.delta;
        let words = match delta.kind {
            "text_delta" => Words::Text(delta.text?.0),
            "thinking_delta" => Words::Thinking(delta.thinking?.0),
            "input_json_delta" => Words::Input(delta.partial_json?.0),
            _ => return None,
        };
        Some((piece.index, words))
    }
}

impl Events {
    /// For an answer of `model`.
    pub fn new(model: &Model) -> Self {
        Events {
            model: model.clone(),
            tools: Vec::new(),
            effort: None,
            stop_reason: None,
            failure: None,
            blocks: Vec::new(),
            has_block: false,
        }
    }

    /// For the answer to `request`.
    pub fn to(model: &Model, request: &Request) -> Self {
        let mut events = Events::new(model);
        events.effort = thinking::in_conversation(model, request, &Compat::of(model));
        if identity::is_subscription(request) {
            events.tools.clone_from(&request.tools);
        }
        events
    }

    fn block_start(&mut self, json: &Value, answer: &mut Answer) {
        let block = &json["content_block"];
        let text = |key: &str| block[key].as_str().unwrap_or_default();
        let mut input = None;
        let place = match text("type") {
            "text" => {
                let place = answer.start_text();
                if !text("text").is_empty() {
                    answer.push_text(place, text("text"));
                }
                place
            }
            "thinking" => {
                let place = answer.start_thinking(Some(text("signature").to_owned()));
                if !text("thinking").is_empty() {
                    answer.push_thinking(place, text("thinking"));
                }
                place
            }
            "redacted_thinking" => answer.start_redacted(text("data").to_owned()),
            "tool_use" => {
                let whole = block["input"].as_object().filter(|input| !input.is_empty());
                input = whole.map(|_| block["input"].clone());
                let name = identity::unspelled(text("name"), &self.tools);
                answer.start_call(text("id"), name)
            }
            // Searches and the like that the vendor's side does; what it says of them is text.
            _ => return,
        };
        let index = json["index"].as_u64().unwrap_or_default();
        self.blocks.push(Block {
            index,
            place,
            input,
        });
    }

    fn piece(&mut self, index: u64, words: &Words<'_>, answer: &mut Answer) {
        let Some(block) = self.blocks.iter_mut().rfind(|block| block.index == index) else {
            return;
        };
        match words {
            Words::Text(text) => answer.push_text(block.place, text),
            Words::Thinking(text) => answer.push_thinking(block.place, text),
            Words::Input(json) => {
                if !json.is_empty() {
                    block.input = None;
                }
                answer.push_json(block.place, json);
            }
        }
    }

    fn block_delta(&mut self, json: &Value, answer: &mut Answer) {
        let delta = &json["delta"];
        let text = |key: &str| Cow::Borrowed(delta[key].as_str().unwrap_or_default());
        let words = match delta["type"].as_str().unwrap_or_default() {
            "text_delta" => Words::Text(text("text")),
            "thinking_delta" => Words::Thinking(text("thinking")),
            "input_json_delta" => Words::Input(text("partial_json")),
            "signature_delta" => {
                if let Some(at) = self.at(json) {
                    answer.push_signature(self.blocks[at].place, &text("signature"));
                }
                return;
            }
            _ => return,
        };
        self.piece(json["index"].as_u64().unwrap_or_default(), &words, answer);
    }

    fn block_stop(&mut self, json: &Value, answer: &mut Answer) {
        let Some(at) = self.at(json) else {
            return;
        };
        let block = self.blocks.remove(at);
        if let Some(input) = block.input {
            answer.push_json(block.place, &input.to_string());
        }
        answer.end(block.place);
        self.has_block = true;
    }

    fn at(&self, json: &Value) -> Option<usize> {
        let index = json["index"].as_u64().unwrap_or_default();
        self.blocks.iter().rposition(|block| block.index == index)
    }

    fn message_delta(&mut self, json: &Value, answer: &mut Answer) {
        self.count(&json["usage"], answer);
        billing::reported(&self.model, &json["usage"], answer.usage_mut());
        let delta = &json["delta"];
        let Some(reason) = delta["stop_reason"].as_str() else {
            return;
        };
        self.stop_reason = match reason {
            "end_turn" | "stop_sequence" | "pause_turn" => Some(StopReason::Stop),
            "max_tokens" | "model_context_window_exceeded" => Some(StopReason::Length),
            "tool_use" => Some(StopReason::ToolUse),
            "refusal" => {
                let why = delta["stop_details"]["explanation"].as_str();
                self.failure = Some(Fault::refused(match why {
                    Some(why) if !why.trim().is_empty() => format!("declined to answer: {why}"),
                    _ => "declined to answer".to_owned(),
                }));
                return;
            }
            other => {
                self.failure = Some(odd_end(other));
                return;
            }
        };
    }

    /// Takes over the counts that are there; those that are not keep their value.
    fn count(&self, counts: &Value, answer: &mut Answer) {
        let usage = answer.usage_mut();
        let for_an_hour = &counts["cache_creation"]["ephemeral_1h_input_tokens"];
        let figures = [
            (&counts["input_tokens"], &mut usage.input),
            (&counts["output_tokens"], &mut usage.output),
            (&counts["cache_read_input_tokens"], &mut usage.cache_read),
            (
                &counts["cache_creation_input_tokens"],
                &mut usage.cache_write,
            ),
            (for_an_hour, &mut usage.cache_write_1h),
        ];
        for (counted, figure) in figures {
            if let Some(count) = count(counted) {
                *figure = count;
            }
        }
        usage.total_tokens = usage.input + usage.output + usage.cache_read + usage.cache_write;
        self.model.price(usage);
    }

    /// Some servers end a message without a reason. When all that it began is whole, the end is one.
    fn guess(&mut self, answer: &Answer) {
        if self.stop_reason.is_none() && self.has_block && self.blocks.is_empty() {
            self.stop_reason = Some(match answer.has_calls() {
                true => StopReason::ToolUse,
                false => StopReason::Stop,
            });
        }
    }

    /// The stop reason, if the answer may end here.
    fn whole(&mut self) -> Result<StopReason, Fault> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => self.stop_reason.ok_or_else(early_end),
        }
    }
}

impl Decoder for Events {
    fn event(&mut self, event: &SseEvent, answer: &mut Answer) -> Result<Step, Fault> {
        if matches!(event.event.as_str(), "content_block_delta" | "")
            && let Some((index, words)) = Piece::of(&event.data)
        {
            self.piece(index, &words, answer);
            return Ok(Step::More);
        }
        if event.event == "error" {
            return Err(stream_error(&event.data, answer));
        }
        let known = ["message_", "content_block_"];
        let named = known.iter().any(|prefix| event.event.starts_with(prefix));
        if !event.event.is_empty() && !named {
            return Ok(Step::More);
        }
        let json = event_json(event)?;
        match json["type"].as_str().unwrap_or(&event.event) {
            "message_start" => {
                let message = &json["message"];
                if let Some(effort) = self.effort.take() {
                    answer.set_provider_thinking_level(&effort);
                }
                answer.set_response_id(message["id"].as_str().unwrap_or_default());
                answer.set_response_model(message["model"].as_str().unwrap_or_default());
                self.count(&message["usage"], answer);
            }
            "content_block_start" => self.block_start(&json, answer),
            "content_block_delta" => self.block_delta(&json, answer),
            "content_block_stop" => self.block_stop(&json, answer),
            "message_delta" => self.message_delta(&json, answer),
            "message_stop" => {
                self.guess(answer);
                return self.whole().map(Step::Whole);
            }
            "error" => return Err(stream_error(&event.data, answer)),
            _ => {}
        }
        Ok(Step::More)
    }

    fn told(&self) -> Told {
        Told::of(self.stop_reason.is_some(), self.failure.is_some())
    }

    fn end(&mut self, _answer: &mut Answer) -> Result<StopReason, Fault> {
        // Its last event says nothing but that it is the last.
        match self.blocks.is_empty() {
            true => self.whole(),
            false => Err(self.failure.take().unwrap_or_else(early_end)),
        }
    }
}
