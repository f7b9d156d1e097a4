//! Converse's event stream: `messageStart`, blocks (`contentBlockStart` for calls only,
//! `contentBlockDelta`, `contentBlockStop`), `messageStop` with the stop reason, `metadata` with the
//! usage; or an exception.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::super::exchange::{
    Decoder, Framing, Step, early_end, event_json, odd_end, stream_error,
};
use super::super::lean::count;
use super::super::told::Told;
use super::frames::{self, Frames};
use crate::ai::answer::Answer;
use crate::ai::failure::Fault;
use crate::ai::message::StopReason;
use crate::ai::model::Model;
use crate::ai::sse::SseEvent;

/// Reads the events of one answer.
pub struct Events {
    model: Model,
    // The reason in the API's words; the usage comes behind it.
    stopped: Option<String>,
    blocks: Vec<Block>,
}

/// An open block.
struct Block {
    // The vendor's index and our place.
    index: u64,
    place: usize,
    kind: Kind,
}

#[derive(PartialEq)]
enum Kind {
    Text,
    Thinking,
    // The bytes so far; pieces are base64 by themselves.
    Redacted(Vec<u8>),
    Call,
}

impl Events {
    /// For an answer of `model`.
    pub fn new(model: &Model) -> Self {
        Events {
            model: model.clone(),
            stopped: None,
            blocks: Vec::new(),
        }
    }

    fn start(&mut self, json: &Value, answer: &mut Answer) {
        let call = &json["start"]["toolUse"];
        if call.is_object() {
            let text = |key: &str| call[key].as_str().unwrap_or_default();
            let place = answer.start_call(text("toolUseId"), text("name"));
            self.open(json, place, Kind::Call);
        }
    }

    fn delta(&mut self, json: &Value, answer: &mut Answer) {
        let delta = &json["delta"];
        if let Some(text) = delta["text"].as_str() {
            let place = self.place(json, Kind::Text, answer);
            answer.push_text(place, text);
        } else if let Some(piece) = delta["toolUse"]["input"].as_str() {
            if let Some(block) = self.at(json).map(|at| &self.blocks[at]) {
                answer.push_json(block.place, piece);
            }
        } else if delta["reasoningContent"].is_object() {
            self.reasoning(json, &delta["reasoningContent"], answer);
        }
    }

    fn reasoning(&mut self, json: &Value, reasoning: &Value, answer: &mut Answer) {
        let text = |key: &str| reasoning[key].as_str().filter(|text| !text.is_empty());
        if let Some(payload) = text("redactedContent") {
            let bytes = BASE64_STANDARD.decode(payload).unwrap_or_default();
            self.place(json, Kind::Redacted(Vec::new()), answer);
            if let Some(at) = self.at(json)
                && let Kind::Redacted(all) = &mut self.blocks[at].kind
            {
                all.extend(bytes);
            }
            return;
        }
        let place = self.place(json, Kind::Thinking, answer);
        if let Some(piece) = text("text") {
            answer.push_thinking(place, piece);
        }
        if let Some(signature) = text("signature") {
            answer.push_signature(place, signature);
        }
    }

    fn stop(&mut self, json: &Value, answer: &mut Answer) {
        if let Some(at) = self.at(json) {
            close(self.blocks.remove(at), answer);
        }
    }

    /// The place of the open block of that kind; begins one where there is none.
    fn place(&mut self, json: &Value, kind: Kind, answer: &mut Answer) -> usize {
        if let Some(at) = self.at(json) {
            let same =
                std::mem::discriminant(&self.blocks[at].kind) == std::mem::discriminant(&kind);
            if same {
                return self.blocks[at].place;
            }
            // What is readable and what is withheld are blocks of their own.
            close(self.blocks.remove(at), answer);
        }
        let place = match &kind {
            Kind::Text => answer.start_text(),
            Kind::Thinking => answer.start_thinking(Some(String::new())),
            Kind::Redacted(_) => answer.start_redacted(String::new()),
            Kind::Call => answer.start_call("", ""),
        };
        self.open(json, place, kind);
        place
    }

    fn open(&mut self, json: &Value, place: usize, kind: Kind) {
        let index = index(json);
        self.blocks.push(Block { index, place, kind });
    }

    fn at(&self, json: &Value) -> Option<usize> {
        let index = index(json);
        self.blocks.iter().rposition(|block| block.index == index)
    }

    fn count(&self, counts: &Value, answer: &mut Answer) {
        let usage = answer.usage_mut();
        let figure = |name: &str| count(&counts[name]).unwrap_or_default();
        usage.input = figure("inputTokens");
        usage.output = figure("outputTokens");
        usage.cache_read = figure("cacheReadInputTokens");
        usage.cache_write = figure("cacheWriteInputTokens");
        let written = counts["cacheDetails"].as_array().into_iter().flatten();
        let for_an_hour = written.filter(|detail| detail["ttl"] == "1h");
        let tokens = for_an_hour.filter_map(|detail| count(&detail["inputTokens"]));
        usage.cache_write_1h = tokens.fold(0, u64::saturating_add);
        let sum = usage.input + usage.output + usage.cache_read + usage.cache_write;
        usage.total_tokens = count(&counts["totalTokens"])
            .filter(|n| *n > 0)
            .unwrap_or(sum);
        self.model.price(usage);
    }

    /// The stop reason, if the answer has come to its end.
    fn whole(&mut self, answer: &mut Answer) -> Result<Option<StopReason>, Fault> {
        let Some(reason) = self.stopped.take() else {
            return Ok(None);
        };
        for block in self.blocks.drain(..) {
            close(block, answer);
        }
        match stop_reason(&reason) {
            None => Err(odd_end(&reason)),
            known => Ok(known),
        }
    }
}

/// What a reason means; `None` where it makes the answer none.
fn stop_reason(reason: &str) -> Option<StopReason> {
    match reason {
        "end_turn" | "stop_sequence" => Some(StopReason::Stop),
        "max_tokens" | "model_context_window_exceeded" => Some(StopReason::Length),
        "tool_use" => Some(StopReason::ToolUse),
        _ => None,
    }
}

fn index(json: &Value) -> u64 {
    json["contentBlockIndex"].as_u64().unwrap_or_default()
}

fn close(block: Block, answer: &mut Answer) {
    if let Kind::Redacted(bytes) = &block.kind {
        answer.sign(block.place, BASE64_STANDARD.encode(bytes));
    }
    answer.end(block.place);
}

/// What an exception says; it names itself beside its words.
fn exception(name: &str, json: &Value, answer: &Answer) -> Fault {
    let text = |key: &str| json[key].as_str().filter(|text| !text.is_empty());
    let message = text("message")
        .or(text("Message"))
        .or(text("originalMessage"));
    let message = message.unwrap_or("no reason given");
    let error = json!({"error": {"type": name, "message": message}});
    stream_error(&error.to_string(), answer)
}

impl Decoder for Events {
    fn framing(&self) -> Box<dyn Framing> {
        Box::new(Frames::default())
    }

    fn event(&mut self, event: &SseEvent, answer: &mut Answer) -> Result<Step, Fault> {
        match event.event.as_str() {
            "contentBlockStart" => self.start(&event_json(event)?, answer),
            "contentBlockDelta" => self.delta(&event_json(event)?, answer),
            "contentBlockStop" => self.stop(&event_json(event)?, answer),
            "messageStop" => {
                let json = event_json(event)?;
                let reason = json["stopReason"].as_str().unwrap_or("none");
                self.stopped = Some(reason.to_owned());
            }
            "metadata" => {
                self.count(&event_json(event)?["usage"], answer);
                if let Some(reason) = self.whole(answer)? {
                    return Ok(Step::Whole(reason));
                }
            }
            frames::ERROR => {
                let json = event_json(event)?;
                let name = json["type"].as_str().unwrap_or_default();
                return Err(exception(name, &json, answer));
            }
            name if name.ends_with("Exception") => {
                let json = serde_json::from_str(&event.data).unwrap_or_default();
                return Err(exception(name, &json, answer));
            }
            _ => {}
        }
        Ok(Step::More)
    }

    fn told(&self) -> Told {
        let reason = self.stopped.as_deref().map(stop_reason);
        Told::of(reason.is_some(), reason == Some(None))
    }

    fn end(&mut self, answer: &mut Answer) -> Result<StopReason, Fault> {
        // Some gateways leave the usage out.
        self.whole(answer)?.ok_or_else(early_end)
    }
}
