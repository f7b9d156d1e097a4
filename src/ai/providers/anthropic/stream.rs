//! The Messages API's event stream: `message_start`, blocks (`content_block_start`, `_delta`,
//! `_stop`), `message_delta` with the stop reason and the usage, `message_stop`.

use serde_json::Value;

use super::super::exchange::{Decoder, Step, count, early_end, event_json, odd_end, stream_error};
use crate::ai::answer::Answer;
use crate::ai::failure::Fault;
use crate::ai::message::StopReason;
use crate::ai::model::Model;
use crate::ai::sse::SseEvent;

/// Reads the events of one answer.
pub struct Events {
    model: Model,
    stop_reason: Option<StopReason>,
    blocks: Vec<Block>,
}

/// An open block.
struct Block {
    // The vendor's index and our place.
    index: u64,
    place: usize,
    // Arguments that came with the block's start.
    input: Option<Value>,
}

impl Events {
    /// For an answer of `model`.
    pub fn new(model: &Model) -> Self {
        Events {
            model: model.clone(),
            stop_reason: None,
            blocks: Vec::new(),
        }
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
                answer.start_call(text("id"), text("name"))
            }
            _ => return,
        };
        let index = json["index"].as_u64().unwrap_or_default();
        self.blocks.push(Block {
            index,
            place,
            input,
        });
    }

    fn block_delta(&mut self, json: &Value, answer: &mut Answer) {
        let Some(block) = self.at(json).and_then(|at| self.blocks.get_mut(at)) else {
            return;
        };
        let delta = &json["delta"];
        let text = |key: &str| delta[key].as_str().unwrap_or_default();
        match text("type") {
            "text_delta" => answer.push_text(block.place, text("text")),
            "thinking_delta" => answer.push_thinking(block.place, text("thinking")),
            "signature_delta" => answer.push_signature(block.place, text("signature")),
            "input_json_delta" => {
                let piece = text("partial_json");
                if !piece.is_empty() {
                    block.input = None;
                }
                answer.push_json(block.place, piece);
            }
            _ => {}
        }
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
    }

    fn at(&self, json: &Value) -> Option<usize> {
        let index = json["index"].as_u64().unwrap_or_default();
        self.blocks.iter().rposition(|block| block.index == index)
    }

    fn message_delta(&mut self, json: &Value, answer: &mut Answer) -> Result<(), Fault> {
        if let Some(reason) = json["delta"]["stop_reason"].as_str() {
            self.stop_reason = Some(match reason {
                "end_turn" | "stop_sequence" | "pause_turn" => StopReason::Stop,
                "max_tokens" => StopReason::Length,
                "tool_use" => StopReason::ToolUse,
                other => {
                    self.count(&json["usage"], answer);
                    return Err(odd_end(other));
                }
            });
        }
        self.count(&json["usage"], answer);
        Ok(())
    }

    /// Takes over the counts that are there; those that are not keep their value.
    fn count(&self, counts: &Value, answer: &mut Answer) {
        let usage = answer.usage_mut();
        let figures = [
            ("input_tokens", &mut usage.input),
            ("output_tokens", &mut usage.output),
            ("cache_read_input_tokens", &mut usage.cache_read),
            ("cache_creation_input_tokens", &mut usage.cache_write),
        ];
        for (name, figure) in figures {
            if let Some(count) = count(&counts[name]) {
                *figure = count;
            }
        }
        usage.total_tokens = usage.input + usage.output + usage.cache_read + usage.cache_write;
        self.model.price(usage);
    }
}

impl Decoder for Events {
    fn event(&mut self, event: &SseEvent, answer: &mut Answer) -> Result<Step, Fault> {
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
                answer.set_response_id(message["id"].as_str().unwrap_or_default());
                self.count(&message["usage"], answer);
            }
            "content_block_start" => self.block_start(&json, answer),
            "content_block_delta" => self.block_delta(&json, answer),
            "content_block_stop" => self.block_stop(&json, answer),
            "message_delta" => self.message_delta(&json, answer)?,
            "message_stop" => {
                return Ok(Step::Whole(self.stop_reason.unwrap_or(StopReason::Stop)));
            }
            "error" => return Err(stream_error(&event.data, answer)),
            _ => {}
        }
        Ok(Step::More)
    }

    fn end(&mut self, _answer: &mut Answer) -> Result<StopReason, Fault> {
        Err(early_end())
    }
}
