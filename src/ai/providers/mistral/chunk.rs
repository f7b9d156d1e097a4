//! One event of the stream (`CompletionChunk`), as far as it is read. Fields may be missing or null;
//! what is not named here is passed over without being kept, so that reading stays cheap.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::lean::Str;

/// One event.
#[derive(Deserialize)]
pub struct Chunk<'a> {
    /// The server's id of the response.
    #[serde(borrow)]
    pub id: Option<Str<'a>>,
    /// The model that answers.
    #[serde(borrow)]
    pub model: Option<Str<'a>>,
    /// `error` for what is no chunk.
    #[serde(borrow)]
    pub object: Option<Str<'a>>,
    /// The answers under way; one is asked for.
    #[serde(borrow)]
    pub choices: Option<Vec<Choice<'a>>>,
    /// Tokens, in the last one.
    pub usage: Option<Value>,
    /// In place of all of this.
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
}

/// An answer under way.
#[derive(Deserialize)]
pub struct Choice<'a> {
    /// What came.
    #[serde(borrow)]
    pub delta: Option<Piece<'a>>,
    /// Why it ended.
    #[serde(borrow)]
    pub finish_reason: Option<Str<'a>>,
}

/// What came.
#[derive(Deserialize)]
pub struct Piece<'a> {
    /// A text, or a list of texts and [`Item`]s.
    #[serde(borrow)]
    pub content: Option<&'a RawValue>,
    /// Calls, whole or in pieces.
    #[serde(borrow)]
    pub tool_calls: Option<Vec<Call<'a>>>,
}

/// A piece of text or of thinking; other kinds are passed over.
#[derive(Deserialize)]
pub struct Item<'a> {
    /// `text` or `thinking`.
    #[serde(rename = "type", borrow)]
    pub kind: Option<Str<'a>>,
    /// Of a text.
    #[serde(borrow)]
    pub text: Option<Str<'a>>,
    /// Of thinking.
    #[serde(borrow)]
    pub thinking: Option<Vec<Item<'a>>>,
}

/// A call, or a piece of one.
#[derive(Deserialize)]
pub struct Call<'a> {
    /// Which one of the answer's.
    pub index: Option<u64>,
    /// Mistral's id; the word `null` for none.
    #[serde(borrow)]
    pub id: Option<Str<'a>>,
    /// What is called.
    #[serde(borrow)]
    pub function: Option<Function<'a>>,
}

/// What is called.
#[derive(Deserialize)]
pub struct Function<'a> {
    /// The tool.
    #[serde(borrow)]
    pub name: Option<Str<'a>>,
    /// JSON in a string, or as it is.
    #[serde(borrow)]
    pub arguments: Option<&'a RawValue>,
}
