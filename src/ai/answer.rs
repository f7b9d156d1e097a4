//! An answer while it is being received: blocks grow, deltas come out, and at the end a message.
//!
//! Every wire API and the scripted model build their messages here, so that the order of deltas and
//! what is kept of a broken answer are decided once: text and thinking are kept as far as they came,
//! a tool call that never became whole is left out. Time is linear in what was received.

use std::sync::Arc;

use serde_json::Value;

use super::clock::Clock;
use super::delta::{Delta, empty_message};
use super::failure::Failure;
use super::message::{AssistantMessage, Content, Millis, StopReason, ToolCall, Usage};
use super::model::Model;
use super::partial_json;

/// An answer while it is being received.
#[derive(Debug)]
pub struct Answer {
    message: AssistantMessage,
    blocks: Vec<Block>,
    deltas: Vec<Delta>,
}

#[derive(Debug)]
struct Block {
    kind: Kind,
    whole: bool,
}

#[derive(Debug)]
enum Kind {
    Text {
        text: String,
        signature: Option<String>,
    },
    Thinking {
        text: String,
        signature: Option<String>,
        redacted: bool,
    },
    Call {
        id: String,
        name: String,
        json: String,
        thought_signature: Option<String>,
        value: Value,
    },
}

impl Answer {
    /// An empty answer of `model`, begun now.
    pub fn new(model: &Model, clock: &Clock) -> Self {
        Answer {
            message: empty_message(model, clock.now()),
            blocks: Vec::new(),
            deltas: Vec::new(),
        }
    }

    /// When it was begun.
    pub fn begun(&self) -> Millis {
        self.message.timestamp
    }

    /// The server has begun to answer.
    pub fn start(&mut self) {
        self.deltas.push(Delta::Start);
    }

    /// Begins a text block and returns its place.
    pub fn start_text(&mut self) -> usize {
        let index = self.begin(Kind::Text {
            text: String::new(),
            signature: None,
        });
        self.deltas.push(Delta::TextStart { index });
        index
    }

    /// Begins a thinking block and returns its place.
    pub fn start_thinking(&mut self, signature: Option<String>) -> usize {
        let index = self.begin(Kind::Thinking {
            text: String::new(),
            signature,
            redacted: false,
        });
        self.deltas.push(Delta::ThinkingStart { index });
        index
    }

    /// Begins a thinking block whose text the vendor withholds: `payload` stands for it.
    pub fn start_redacted(&mut self, payload: String) -> usize {
        let index = self.begin(Kind::Thinking {
            text: String::new(),
            signature: Some(payload),
            redacted: true,
        });
        self.deltas.push(Delta::ThinkingStart { index });
        index
    }

    /// Begins a tool call and returns its place.
    pub fn start_call(&mut self, id: &str, name: &str) -> usize {
        let index = self.begin(Kind::Call {
            id: id.to_owned(),
            name: name.to_owned(),
            json: String::new(),
            thought_signature: None,
            value: Value::Null,
        });
        self.deltas.push(Delta::ToolCallStart {
            index,
            id: id.into(),
            name: name.into(),
        });
        index
    }

    /// Adds text to the block at `index`; nothing happens when that is not an open text block.
    pub fn push_text(&mut self, index: usize, piece: &str) {
        if let Some(Kind::Text { text, .. }) = self.open(index) {
            text.push_str(piece);
            let text = piece.into();
            self.deltas.push(Delta::Text { index, text });
        }
    }

    /// Adds thinking to the block at `index`.
    pub fn push_thinking(&mut self, index: usize, piece: &str) {
        if let Some(Kind::Thinking { text, .. }) = self.open(index) {
            text.push_str(piece);
            let text = piece.into();
            self.deltas.push(Delta::Thinking { index, text });
        }
    }

    /// Adds to the signature of the thinking block at `index`.
    pub fn push_signature(&mut self, index: usize, piece: &str) {
        if let Some(Kind::Thinking { signature, .. }) = self.open(index) {
            signature.get_or_insert_default().push_str(piece);
        }
    }

    /// Sets the vendor's handle on the block at `index`, whatever it holds: the signature of a text or
    /// of thinking, or the reasoning that a call stands on. Also on a block that is whole.
    pub fn sign(&mut self, index: usize, handle: impl Into<String>) {
        let Some(block) = self.blocks.get_mut(index) else {
            return;
        };
        let signature = match &mut block.kind {
            Kind::Text { signature, .. } | Kind::Thinking { signature, .. } => signature,
            Kind::Call {
                thought_signature, ..
            } => thought_signature,
        };
        *signature = Some(handle.into());
    }

    /// The text, thinking or JSON of the block at `index` so far; empty when there is none.
    pub fn so_far(&self, index: usize) -> &str {
        match self.blocks.get(index).map(|block| &block.kind) {
            Some(Kind::Text { text, .. } | Kind::Thinking { text, .. }) => text,
            Some(Kind::Call { json, .. }) => json,
            None => "",
        }
    }

    /// Brings the open block at `index` to what the vendor says all of it is. What is missing comes as a
    /// piece; where it is something else altogether, no piece tells, but the end does.
    pub fn settle(&mut self, index: usize, whole: &str) {
        let Some(missing) = whole.strip_prefix(self.so_far(index)) else {
            if let Some(kind) = self.open(index) {
                whole.clone_into(match kind {
                    Kind::Text { text, .. } | Kind::Thinking { text, .. } => text,
                    Kind::Call { json, .. } => json,
                });
            }
            return;
        };
        if missing.is_empty() {
            return;
        }
        match self.blocks.get(index).map(|block| &block.kind) {
            Some(Kind::Text { .. }) => self.push_text(index, missing),
            Some(Kind::Thinking { .. }) => self.push_thinking(index, missing),
            Some(Kind::Call { .. }) => self.push_json(index, missing),
            None => {}
        }
    }

    /// Adds to the arguments of the call at `index`.
    pub fn push_json(&mut self, index: usize, piece: &str) {
        if let Some(Kind::Call { json, .. }) = self.open(index) {
            json.push_str(piece);
            let json = piece.into();
            self.deltas.push(Delta::ToolCall { index, json });
        }
    }

    /// Fills in the id and the name of the call at `index` where they are still unknown.
    pub fn name_call(&mut self, index: usize, call_id: &str, call_name: &str) {
        if let Some(Kind::Call { id, name, .. }) = self.open(index) {
            if id.is_empty() {
                id.push_str(call_id);
            }
            if name.is_empty() {
                name.push_str(call_name);
            }
        }
    }

    /// The block at `index` is whole. A call without an id, or with another one's of this answer, gets one
    /// of its own: its result is found by it.
    pub fn end(&mut self, index: usize) {
        if let Some(fresh) = self.fresh_id(index)
            && let Some(Kind::Call { id, .. }) = self.open(index)
        {
            *id = fresh;
        }
        let Some(block) = self.blocks.get_mut(index).filter(|block| !block.whole) else {
            return;
        };
        block.whole = true;
        self.deltas.push(match &mut block.kind {
            Kind::Text { text, .. } => Delta::TextEnd {
                index,
                text: text.as_str().into(),
            },
            Kind::Thinking { text, .. } => Delta::ThinkingEnd {
                index,
                text: text.as_str().into(),
            },
            Kind::Call {
                id,
                name,
                json,
                thought_signature,
                value,
            } => {
                *value = partial_json::arguments(json);
                let call = ToolCall {
                    id: id.clone(),
                    name: name.clone(),
                    arguments: value.clone(),
                    thought_signature: thought_signature.clone(),
                };
                Delta::ToolCallEnd {
                    index,
                    call: Arc::new(call),
                }
            }
        });
    }

    /// Every block that is still open is whole.
    pub fn end_all(&mut self) {
        for index in 0..self.blocks.len() {
            self.end(index);
        }
    }

    /// Whether a block holds a tool call.
    pub fn has_calls(&self) -> bool {
        let is_call = |block: &Block| matches!(block.kind, Kind::Call { .. });
        self.blocks.iter().any(is_call)
    }

    /// Tokens and money so far.
    pub fn usage_mut(&mut self) -> &mut Usage {
        &mut self.message.usage
    }

    /// The server's id of this response, set once.
    pub fn set_response_id(&mut self, id: &str) {
        if self.message.response_id.is_none() && !id.is_empty() {
            self.message.response_id = Some(id.to_owned());
        }
    }

    /// The model that the server says answers, set once, when it is not the one that was asked.
    pub fn set_response_model(&mut self, id: &str) {
        if self.message.response_model.is_none() && !id.is_empty() && id != self.message.model {
            self.message.response_model = Some(id.to_owned());
        }
    }

    /// How hard to think, in the vendor's word, as the conversation itself said before this answer.
    pub fn set_provider_thinking_level(&mut self, level: &str) {
        self.message.provider_thinking_level = Some(level.to_owned());
    }

    /// The deltas that nobody has taken yet.
    pub fn deltas(&self) -> &[Delta] {
        &self.deltas
    }

    /// Takes the deltas since the last time.
    pub fn take_deltas(&mut self) -> Vec<Delta> {
        std::mem::take(&mut self.deltas)
    }

    /// The end: all blocks are whole. Call once, then [`Answer::take_deltas`].
    pub fn finish(&mut self, stop_reason: StopReason) {
        self.end_all();
        self.close(stop_reason);
    }

    /// The end, too early: what came is kept, except calls that are not whole. `failure` is what a
    /// program should know about `error`.
    pub fn fail(
        &mut self,
        stop_reason: StopReason,
        error: impl Into<String>,
        failure: Option<Failure>,
    ) {
        self.blocks
            .retain(|block| block.whole || !matches!(block.kind, Kind::Call { .. }));
        self.message.error_message = Some(error.into());
        self.message.failure = failure;
        self.close(stop_reason);
    }

    fn close(&mut self, stop_reason: StopReason) {
        self.message.stop_reason = stop_reason;
        self.message.content = std::mem::take(&mut self.blocks)
            .into_iter()
            .map(|block| block.kind.into_content())
            .collect();
        self.deltas
            .push(Delta::Done(Arc::new(self.message.clone())));
    }

    fn begin(&mut self, kind: Kind) -> usize {
        self.blocks.push(Block { kind, whole: false });
        self.blocks.len() - 1
    }

    /// The id that the call at `index` needs; `None` when it has one, or is whole.
    fn fresh_id(&self, index: usize) -> Option<String> {
        let own = self.blocks.get(index).filter(|block| !block.whole)?;
        let own = own.kind.call_id()?;
        let mut others = self.blocks.iter().filter(|block| block.whole);
        let is_used = others.any(|other| other.kind.call_id() == Some(own));
        // The time parts it from those of other answers.
        (own.is_empty() || is_used).then(|| format!("call_{}_{}", self.begun(), index + 1))
    }

    fn open(&mut self, index: usize) -> Option<&mut Kind> {
        let block = self.blocks.get_mut(index)?;
        (!block.whole).then_some(&mut block.kind)
    }
}

impl Kind {
    fn call_id(&self) -> Option<&str> {
        match self {
            Kind::Call { id, .. } => Some(id),
            _ => None,
        }
    }

    fn into_content(self) -> Content {
        match self {
            Kind::Text { text, signature } => Content::Text {
                text,
                text_signature: signature,
            },
            Kind::Thinking {
                text,
                signature,
                redacted,
            } => Content::Thinking {
                thinking: text,
                thinking_signature: signature,
                redacted,
            },
            Kind::Call {
                id,
                name,
                thought_signature,
                value,
                ..
            } => Content::ToolCall(ToolCall {
                id,
                name,
                arguments: value,
                thought_signature,
            }),
        }
    }
}
