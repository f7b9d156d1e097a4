//! One event of the stream (`GenerateContentResponse`), as far as it is read. Fields may be missing or
//! null; what is not named here is passed over without being kept, so that reading stays cheap.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::lean::{Count, Str};

/// One event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chunk<'a> {
    /// The answers under way; one is asked for.
    #[serde(borrow)]
    pub candidates: Option<Vec<Candidate<'a>>>,
    /// Tokens so far.
    pub usage_metadata: Option<UsageMetadata>,
    /// The server's id of the response.
    #[serde(borrow)]
    pub response_id: Option<Str<'a>>,
    /// The model that answers.
    #[serde(borrow)]
    pub model_version: Option<Str<'a>>,
    /// What became of the request before it was answered.
    pub prompt_feedback: Option<Value>,
    /// In place of all of this.
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
}

/// An answer under way.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate<'a> {
    /// The next parts.
    #[serde(borrow)]
    pub content: Option<Parts<'a>>,
    /// Why it ended.
    #[serde(borrow)]
    pub finish_reason: Option<Str<'a>>,
    /// The same in a sentence.
    #[serde(borrow)]
    pub finish_message: Option<Str<'a>>,
}

/// The parts of an answer.
#[derive(Deserialize)]
pub struct Parts<'a> {
    /// In order.
    #[serde(borrow)]
    pub parts: Option<Vec<Part<'a>>>,
}

/// A piece of text or of thinking, or a call.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part<'a> {
    /// Of the answer, or of the thinking.
    #[serde(borrow)]
    pub text: Option<Str<'a>>,
    /// Whether the text is thinking.
    pub thought: Option<bool>,
    /// To be sent back with this part.
    #[serde(borrow)]
    pub thought_signature: Option<Str<'a>>,
    /// A call, whole.
    #[serde(borrow)]
    pub function_call: Option<FunctionCall<'a>>,
}

/// A call.
#[derive(Deserialize)]
pub struct FunctionCall<'a> {
    /// Models before Gemini 3 give none.
    #[serde(borrow)]
    pub id: Option<Str<'a>>,
    /// The tool.
    #[serde(borrow)]
    pub name: Option<Str<'a>>,
    /// The arguments, as they were written.
    #[serde(borrow)]
    pub args: Option<&'a RawValue>,
}

/// Tokens so far.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UsageMetadata {
    /// Of the prompt, what was read from a cache included.
    pub prompt_token_count: Count,
    /// Of the prompt, read from a cache.
    pub cached_content_token_count: Count,
    /// Of the results of Google's own tools, read as a prompt.
    pub tool_use_prompt_token_count: Count,
    /// Of the answer.
    pub candidates_token_count: Count,
    /// Of the thinking; they are paid as the answer's are.
    pub thoughts_token_count: Count,
}
