//! What a stream says as it goes: deltas; and the draft that adds them up to a message.
//!
//! A stream is `Start`, then blocks (`…Start`, any number of pieces, `…End`) that carry the index of
//! their content block, then `Done` with the whole message. A stream that fails before its first
//! block may be `Done` alone. Pieces are shared, so that fanning out costs no copy.

use std::sync::Arc;

use super::message::{AssistantMessage, Content, Millis, StopReason, ToolCall, Usage};
use super::model::Model;

/// One step of a streamed answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Delta {
    /// The server has begun to answer.
    Start,
    /// A text block begins.
    TextStart {
        /// The block's place in the message.
        index: usize,
    },
    /// A piece of text.
    Text {
        /// The block's place in the message.
        index: usize,
        /// The piece.
        text: Arc<str>,
    },
    /// A text block is whole.
    TextEnd {
        /// The block's place in the message.
        index: usize,
        /// All of it.
        text: Arc<str>,
    },
    /// A thinking block begins.
    ThinkingStart {
        /// The block's place in the message.
        index: usize,
    },
    /// A piece of thinking.
    Thinking {
        /// The block's place in the message.
        index: usize,
        /// The piece.
        text: Arc<str>,
    },
    /// A thinking block is whole.
    ThinkingEnd {
        /// The block's place in the message.
        index: usize,
        /// All of it.
        text: Arc<str>,
    },
    /// A tool call begins.
    ToolCallStart {
        /// The block's place in the message.
        index: usize,
        /// The call's id, as far as known.
        id: Arc<str>,
        /// The tool's name, as far as known.
        name: Arc<str>,
    },
    /// A piece of a tool call's arguments, as JSON text.
    ToolCall {
        /// The block's place in the message.
        index: usize,
        /// The piece of JSON.
        json: Arc<str>,
    },
    /// A tool call is whole.
    ToolCallEnd {
        /// The block's place in the message.
        index: usize,
        /// The call.
        call: Arc<ToolCall>,
    },
    /// The end. Always the last delta, in failure too.
    Done(Arc<AssistantMessage>),
}

/// An empty message of `model`, to be filled while it streams.
pub fn empty_message(model: &Model, timestamp: Millis) -> AssistantMessage {
    AssistantMessage {
        content: Vec::new(),
        api: model.api.clone(),
        provider: model.provider.clone(),
        model: model.id.clone(),
        provider_thinking_level: None,
        response_model: None,
        response_id: None,
        usage: Usage::default(),
        stop_reason: StopReason::Stop,
        error_message: None,
        failure: None,
        timestamp,
    }
}

/// A message that says why there is no answer.
pub fn failed_message(
    model: &Model,
    timestamp: Millis,
    stop_reason: StopReason,
    error: impl Into<String>,
) -> AssistantMessage {
    AssistantMessage {
        stop_reason,
        error_message: Some(error.into()),
        ..empty_message(model, timestamp)
    }
}

/// The content of a message while it streams: deltas added up, in time linear in their size.
///
/// A tool call's arguments stay JSON text in here until the call is whole.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    blocks: Vec<DraftBlock>,
}

/// One block of a draft.
#[derive(Debug, Clone, PartialEq)]
pub enum DraftBlock {
    /// Text so far.
    Text(String),
    /// Thinking so far.
    Thinking(String),
    /// A tool call whose arguments are still arriving.
    ToolCall {
        /// The call's id.
        id: Arc<str>,
        /// The tool's name.
        name: Arc<str>,
        /// The JSON so far.
        json: String,
    },
    /// A whole tool call.
    Called(Arc<ToolCall>),
}

impl Draft {
    /// Adds one delta. Pieces for a block that was never begun are dropped.
    pub fn apply(&mut self, delta: &Delta) {
        match delta {
            Delta::Start | Delta::Done(_) => {}
            Delta::TextStart { index } => self.put(*index, DraftBlock::Text(String::new())),
            Delta::ThinkingStart { index } => self.put(*index, DraftBlock::Thinking(String::new())),
            Delta::ToolCallStart { index, id, name } => self.put(
                *index,
                DraftBlock::ToolCall {
                    id: id.clone(),
                    name: name.clone(),
                    json: String::new(),
                },
            ),
            Delta::Text { index, text } => {
                if let Some(DraftBlock::Text(so_far)) = self.blocks.get_mut(*index) {
                    so_far.push_str(text);
                }
            }
            Delta::Thinking { index, text } => {
                if let Some(DraftBlock::Thinking(so_far)) = self.blocks.get_mut(*index) {
                    so_far.push_str(text);
                }
            }
            Delta::ToolCall { index, json: piece } => {
                if let Some(DraftBlock::ToolCall { json, .. }) = self.blocks.get_mut(*index) {
                    json.push_str(piece);
                }
            }
            Delta::TextEnd { .. } | Delta::ThinkingEnd { .. } => {}
            Delta::ToolCallEnd { index, call } => {
                self.put(*index, DraftBlock::Called(call.clone()));
            }
        }
    }

    /// The blocks so far.
    pub fn blocks(&self) -> &[DraftBlock] {
        &self.blocks
    }

    /// The finished blocks as content; a tool call that is not whole is left out.
    pub fn to_content(&self) -> Vec<Content> {
        self.blocks
            .iter()
            .filter_map(|block| match block {
                DraftBlock::Text(text) => Some(Content::text(text.clone())),
                DraftBlock::Thinking(text) => Some(Content::thinking(text.clone())),
                DraftBlock::ToolCall { .. } => None,
                DraftBlock::Called(call) => Some(Content::ToolCall((**call).clone())),
            })
            .collect()
    }

    fn put(&mut self, index: usize, block: DraftBlock) {
        if index < self.blocks.len() {
            self.blocks[index] = block;
        } else {
            self.blocks.push(block);
        }
    }
}
