//! The vocabulary of the whole house: messages, content blocks, usage, stop reasons.
//!
//! The JSON of these types is the session format, v3, as the reference writes it
//! (`docs/session-format.md`). Providers translate to and from it; nobody else does.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::failure::Failure;

/// Milliseconds since the Unix epoch.
pub type Millis = i64;

/// One message of a conversation, tagged by `role`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "camelCase")]
pub enum Message {
    /// What the person said.
    User(UserMessage),
    /// What the model answered.
    Assistant(AssistantMessage),
    /// What a tool returned.
    ToolResult(ToolResultMessage),
    /// A shell command that the person ran with `!` or `!!`.
    BashExecution(BashExecutionMessage),
    /// A message that an extension or a hook put in.
    Custom(CustomMessage),
    /// The summary of a branch that was left.
    BranchSummary(BranchSummaryMessage),
    /// The summary of what compaction cut away.
    CompactionSummary(CompactionSummaryMessage),
}

/// A message behind a shared pointer: history is shared, never copied.
pub type SharedMessage = Arc<Message>;

/// What the person said: text alone, or blocks of text and images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserMessage {
    /// The words and pictures.
    pub content: Body,
    /// When it was said.
    #[serde(default)]
    pub timestamp: Millis,
}

/// A message body that JSON writes as one string or as an array of blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Body {
    /// One string.
    Text(String),
    /// Typed blocks.
    Blocks(Vec<Content>),
}

/// One typed block of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Content {
    /// Plain text or Markdown.
    Text {
        /// The text.
        text: String,
        /// A vendor's opaque handle on this block, replayed to the same vendor.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text_signature: Option<String>,
    },
    /// The model's reasoning.
    Thinking {
        /// The readable part; empty when redacted.
        thinking: String,
        /// The vendor's signature or encrypted payload, replayed to the same vendor.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thinking_signature: Option<String>,
        /// True when the vendor withheld the text; the payload is the signature.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        redacted: bool,
    },
    /// A picture, base64.
    Image {
        /// Base64 of the file's bytes.
        data: String,
        /// Such as `image/png`.
        mime_type: String,
    },
    /// A request by the model to run a tool.
    ToolCall(ToolCall),
}

/// A request by the model to run a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolCall {
    /// The vendor's id; results refer to it.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// A JSON object, or whatever the model wrote in its place.
    #[serde(default)]
    pub arguments: Value,
    /// A vendor's opaque reasoning handle, replayed to the same vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thought_signature: Option<String>,
}

/// What the model answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssistantMessage {
    /// Text, thinking and tool calls in the order they were streamed.
    pub content: Vec<Content>,
    /// The wire API, such as `anthropic-messages`.
    #[serde(default)]
    pub api: String,
    /// The provider's id, such as `openrouter`.
    #[serde(default)]
    pub provider: String,
    /// The model's id that was asked for.
    #[serde(default)]
    pub model: String,
    /// How hard to think, in the vendor's word, where the conversation itself said so before this answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_thinking_level: Option<String>,
    /// The id that the server says answered, when it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_model: Option<String>,
    /// The server's id of this response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_id: Option<String>,
    /// Tokens and money.
    #[serde(default)]
    pub usage: Usage,
    /// Why it ended.
    pub stop_reason: StopReason,
    /// What went wrong, when the stop reason is `error` or `aborted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The same for programs; known only where the request was made, and never written.
    #[serde(skip)]
    pub failure: Option<Failure>,
    /// When it was begun.
    #[serde(default)]
    pub timestamp: Millis,
}

/// What a tool returned for one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolResultMessage {
    /// The call that this answers.
    pub tool_call_id: String,
    /// The tool's name.
    pub tool_name: String,
    /// Text and images for the model.
    pub content: Vec<Content>,
    /// Structured facts for the screen, such as a diff; the model never sees them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
    /// True when the call failed.
    #[serde(default)]
    pub is_error: bool,
    /// When it was finished.
    #[serde(default)]
    pub timestamp: Millis,
}

/// A shell command that the person ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BashExecutionMessage {
    /// The command line.
    pub command: String,
    /// What it printed, possibly truncated.
    pub output: String,
    /// Its exit code; absent when it was killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// True when the person stopped it.
    #[serde(default)]
    pub cancelled: bool,
    /// True when `output` is not all of it.
    #[serde(default)]
    pub truncated: bool,
    /// Where all of it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_output_path: Option<String>,
    /// True for `!!`: shown, but not told to the model.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exclude_from_context: bool,
    /// When it ran.
    #[serde(default)]
    pub timestamp: Millis,
}

/// A message that an extension or a hook put in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomMessage {
    /// Whose it is.
    pub custom_type: String,
    /// Told to the model as a user message.
    pub content: Body,
    /// Whether the screen shows it.
    pub display: bool,
    /// Its owner's own facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
    /// When it was put in.
    #[serde(default)]
    pub timestamp: Millis,
}

/// The summary of a branch that was left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BranchSummaryMessage {
    /// The summary, told to the model.
    pub summary: String,
    /// The entry that was left.
    pub from_id: String,
    /// When.
    #[serde(default)]
    pub timestamp: Millis,
}

/// The summary of what compaction cut away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompactionSummaryMessage {
    /// The summary, told to the model.
    pub summary: String,
    /// The size of the context before.
    #[serde(default)]
    pub tokens_before: u64,
    /// When.
    #[serde(default)]
    pub timestamp: Millis,
}

/// Why a model's message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StopReason {
    /// It was finished.
    Stop,
    /// The output limit was reached.
    Length,
    /// It waits for tool results.
    ToolUse,
    /// The request failed; `errorMessage` says how.
    Error,
    /// The person stopped it.
    Aborted,
}

/// Tokens of one or many messages, and what they cost in US dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Usage {
    /// Prompt tokens that were not read from a cache.
    pub input: u64,
    /// Generated tokens.
    pub output: u64,
    /// Prompt tokens read from a cache.
    pub cache_read: u64,
    /// Prompt tokens written to a cache.
    pub cache_write: u64,
    /// Those of `cache_write` that are kept for an hour, which some vendors bill by a price of its own.
    #[serde(rename = "cacheWrite1h", skip_serializing_if = "is_zero")]
    pub cache_write_1h: u64,
    /// All of the above.
    pub total_tokens: u64,
    /// US dollars.
    pub cost: Cost,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// US dollars, by kind of token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Cost {
    /// For `input`.
    pub input: f64,
    /// For `output`.
    pub output: f64,
    /// For `cacheRead`.
    pub cache_read: f64,
    /// For `cacheWrite`.
    pub cache_write: f64,
    /// All of the above.
    pub total: f64,
}

impl Usage {
    /// Adds another message's figures to these. Counts come from files, too, and may be anything.
    pub fn add(&mut self, other: &Usage) {
        let tokens = [
            (&mut self.input, other.input),
            (&mut self.output, other.output),
            (&mut self.cache_read, other.cache_read),
            (&mut self.cache_write, other.cache_write),
            (&mut self.cache_write_1h, other.cache_write_1h),
            (&mut self.total_tokens, other.total_tokens),
        ];
        for (sum, count) in tokens {
            *sum = sum.saturating_add(count);
        }
        self.cost.input += other.cost.input;
        self.cost.output += other.cost.output;
        self.cost.cache_read += other.cost.cache_read;
        self.cost.cache_write += other.cost.cache_write;
        self.cost.total += other.cost.total;
    }

    /// Tokens that the request carried.
    pub fn prompt_tokens(&self) -> u64 {
        let cached = self.cache_read.saturating_add(self.cache_write);
        self.input.saturating_add(cached)
    }

    /// Tokens that the next request will carry at least: everything this one read and wrote.
    pub fn context_tokens(&self) -> u64 {
        if self.total_tokens > 0 {
            self.total_tokens
        } else {
            self.prompt_tokens().saturating_add(self.output)
        }
    }
}

impl Content {
    /// A text block.
    pub fn text(text: impl Into<String>) -> Self {
        Content::Text {
            text: text.into(),
            text_signature: None,
        }
    }

    /// A thinking block without a signature.
    pub fn thinking(thinking: impl Into<String>) -> Self {
        Content::Thinking {
            thinking: thinking.into(),
            thinking_signature: None,
            redacted: false,
        }
    }

    /// The text of a text block.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Content::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The call of a tool-call block.
    pub fn as_tool_call(&self) -> Option<&ToolCall> {
        match self {
            Content::ToolCall(call) => Some(call),
            _ => None,
        }
    }
}

impl Body {
    /// The text blocks joined by newlines.
    pub fn to_text(&self) -> String {
        match self {
            Body::Text(text) => text.clone(),
            Body::Blocks(blocks) => joined_text(blocks),
        }
    }

    /// The body as blocks; a string becomes one text block.
    pub fn to_blocks(&self) -> Vec<Content> {
        match self {
            Body::Text(text) => vec![Content::text(text.clone())],
            Body::Blocks(blocks) => blocks.clone(),
        }
    }
}

impl Message {
    /// A user message of text alone.
    pub fn user(text: impl Into<String>, timestamp: Millis) -> Self {
        Message::User(UserMessage {
            content: Body::Blocks(vec![Content::text(text)]),
            timestamp,
        })
    }

    /// The assistant's message, when this is one.
    pub fn as_assistant(&self) -> Option<&AssistantMessage> {
        match self {
            Message::Assistant(message) => Some(message),
            _ => None,
        }
    }

    /// The `role` as JSON names it.
    pub fn role(&self) -> &'static str {
        match self {
            Message::User(_) => "user",
            Message::Assistant(_) => "assistant",
            Message::ToolResult(_) => "toolResult",
            Message::BashExecution(_) => "bashExecution",
            Message::Custom(_) => "custom",
            Message::BranchSummary(_) => "branchSummary",
            Message::CompactionSummary(_) => "compactionSummary",
        }
    }

    /// When it was said.
    pub fn timestamp(&self) -> Millis {
        match self {
            Message::User(m) => m.timestamp,
            Message::Assistant(m) => m.timestamp,
            Message::ToolResult(m) => m.timestamp,
            Message::BashExecution(m) => m.timestamp,
            Message::Custom(m) => m.timestamp,
            Message::BranchSummary(m) => m.timestamp,
            Message::CompactionSummary(m) => m.timestamp,
        }
    }
}

/// Messages are equal when what is written of them is.
impl PartialEq for AssistantMessage {
    fn eq(&self, other: &Self) -> bool {
        let AssistantMessage {
            content,
            api,
            provider,
            model,
            provider_thinking_level,
            response_model,
            response_id,
            usage,
            stop_reason,
            error_message,
            failure: _,
            timestamp,
        } = self;
        *content == other.content
            && *api == other.api
            && *provider == other.provider
            && *model == other.model
            && *provider_thinking_level == other.provider_thinking_level
            && *response_model == other.response_model
            && *response_id == other.response_id
            && *usage == other.usage
            && *stop_reason == other.stop_reason
            && *error_message == other.error_message
            && *timestamp == other.timestamp
    }
}

impl AssistantMessage {
    /// The tool calls, in order.
    pub fn tool_calls(&self) -> impl Iterator<Item = &ToolCall> {
        self.content.iter().filter_map(Content::as_tool_call)
    }

    /// The text blocks joined by newlines.
    pub fn to_text(&self) -> String {
        joined_text(&self.content)
    }

    /// Whether there is nothing in it: no block, or texts without a word, as some vendors send.
    pub fn is_blank(&self) -> bool {
        let blank = |text: &str| text.trim().is_empty();
        let mut blocks = self.content.iter();
        blocks.all(|block| block.as_text().is_some_and(blank))
    }
}

/// The text blocks among `blocks`, joined by newlines.
pub fn joined_text(blocks: &[Content]) -> String {
    let parts: Vec<&str> = blocks.iter().filter_map(Content::as_text).collect();
    parts.join("\n")
}
