//! A chunk that holds one piece of text, thinking or arguments and nothing else: nearly all of them. Read
//! without a tree of JSON; whatever has more in it, or anything of an unexpected kind, is left alone.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::lean::Str;

/// One piece.
pub enum Piece<'a> {
    /// Of the text.
    Text(Cow<'a, str>),
    /// Of the thinking, and the field that it came in.
    Thinking(&'static str, Cow<'a, str>),
    /// Of the arguments of the call of that index, which has a name already.
    Input(u64, Cow<'a, str>),
}

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    choices: [Choice<'a>; 1],
    #[serde(default)]
    usage: Option<IgnoredAny>,
    #[serde(default)]
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    delta: ChoiceDelta<'a>,
    #[serde(default)]
    finish_reason: Option<IgnoredAny>,
    #[serde(default)]
    usage: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct ChoiceDelta<'a> {
    #[serde(borrow, default)]
    content: Option<Str<'a>>,
    #[serde(borrow, default)]
    reasoning_content: Option<Str<'a>>,
    #[serde(borrow, default)]
    reasoning: Option<Str<'a>>,
    #[serde(borrow, default)]
    reasoning_text: Option<Str<'a>>,
    #[serde(default)]
    reasoning_details: Option<IgnoredAny>,
    #[serde(borrow, default)]
    tool_calls: Option<[Call<'a>; 1]>,
}

#[derive(Deserialize)]
struct Call<'a> {
    index: u64,
    #[serde(default)]
    id: Option<IgnoredAny>,
    #[serde(borrow)]
    function: Function<'a>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(default)]
    name: Option<IgnoredAny>,
    #[serde(borrow)]
    arguments: Str<'a>,
}

impl<'a> Piece<'a> {
    /// The piece that `data` is, if it is one and nothing else.
    pub fn of(data: &'a str) -> Option<Self> {
        let chunk: Chunk<'a> = serde_json::from_str(data).ok()?;
        let [choice] = chunk.choices;
        let more = chunk.usage.is_some() || chunk.error.is_some() || choice.usage.is_some();
        if more || choice.finish_reason.is_some() || choice.delta.reasoning_details.is_some() {
            return None;
        }
        let delta = choice.delta;
        let mut pieces = [
            some(delta.content).map(Piece::Text),
            some(delta.reasoning_content).map(|t| Piece::Thinking("reasoning_content", t)),
            some(delta.reasoning).map(|t| Piece::Thinking("reasoning", t)),
            some(delta.reasoning_text).map(|t| Piece::Thinking("reasoning_text", t)),
            match delta.tool_calls {
                Some([call]) if call.id.is_some() || call.function.name.is_some() => return None,
                Some([call]) => {
                    some(Some(call.function.arguments)).map(|json| Piece::Input(call.index, json))
                }
                None => None,
            },
        ]
        .into_iter()
        .flatten();
        let only = pieces.next()?;
        pieces.next().is_none().then_some(only)
    }
}

fn some(text: Option<Str<'_>>) -> Option<Cow<'_, str>> {
    text.map(|text| text.0).filter(|text| !text.is_empty())
}
