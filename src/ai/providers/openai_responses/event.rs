//! One event of the Responses API, cut into its fields and no further: most events are a few letters of
//! text, and what is not needed is not read.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::ai::partial_json;

/// The fields of an event that say anything to us.
#[derive(Deserialize)]
pub struct Event<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    output_index: Option<&'a RawValue>,
    #[serde(borrow)]
    item_id: Option<&'a RawValue>,
    #[serde(borrow)]
    delta: Option<&'a RawValue>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    item: Option<&'a RawValue>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    code: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow, alias = "status_code")]
    status: Option<&'a RawValue>,
}

/// The fields of a response.
#[derive(Default, Deserialize)]
pub struct Response<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    #[serde(borrow)]
    incomplete_details: Option<&'a RawValue>,
    #[serde(borrow)]
    service_tier: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    output: Option<&'a RawValue>,
}

impl<'a> Event<'a> {
    /// The event's kind; empty when it has none.
    pub fn kind(&self) -> &'a str {
        let raw = self.kind.map(RawValue::get).unwrap_or_default();
        raw.trim_matches('"')
    }

    /// The place of the item that it is about.
    pub fn output_index(&self) -> Option<u64> {
        self.output_index?.get().parse().ok()
    }

    /// The id of the item that it is about.
    pub fn item_id(&self) -> Option<Cow<'a, str>> {
        text(self.item_id).filter(|id| !id.is_empty())
    }

    /// The piece that it adds.
    pub fn delta(&self) -> Option<Cow<'a, str>> {
        text(self.delta).filter(|delta| !delta.is_empty())
    }

    /// A call's arguments, whole.
    pub fn arguments(&self) -> Option<Cow<'a, str>> {
        text(self.arguments)
    }

    /// An item, whole.
    pub fn item(&self) -> Value {
        value(self.item)
    }

    /// The response as far as it is.
    pub fn response(&self) -> Response<'a> {
        let raw = self.response.map(RawValue::get).unwrap_or_default();
        serde_json::from_str(raw).unwrap_or_default()
    }

    /// The error of an event that is one. Over a socket, where there is no other, the status stands beside
    /// it; here it is inside.
    pub fn error(&self) -> Value {
        let mut error = match value(self.error) {
            Value::Null => serde_json::json!({
                "code": value(self.code),
                "message": value(self.message),
            }),
            Value::String(words) => serde_json::json!({"message": words}),
            error => error,
        };
        let status = value(self.status);
        if let (Value::Object(fields), true) = (&mut error, status.is_u64()) {
            fields.entry("status").or_insert(status);
        }
        error
    }

    /// Whether it has an `error` that says something.
    pub fn has_error(&self) -> bool {
        self.error.is_some()
    }
}

impl<'a> Response<'a> {
    /// The response's id; empty when it has none.
    pub fn id(&self) -> Cow<'a, str> {
        text(self.id).unwrap_or_default()
    }

    /// How it stands: `completed`, `incomplete`, `failed`, …
    pub fn status(&self) -> Option<Cow<'a, str>> {
        text(self.status)
    }

    /// Token counts.
    pub fn usage(&self) -> Value {
        value(self.usage)
    }

    /// Why it is not complete.
    pub fn incomplete_reason(&self) -> Option<String> {
        let details = value(self.incomplete_details);
        details["reason"].as_str().map(str::to_owned)
    }

    /// The tier of service that answered.
    pub fn service_tier(&self) -> Option<Cow<'a, str>> {
        text(self.service_tier)
    }

    /// What went wrong; `Null` when nothing is said of it.
    pub fn error(&self) -> Value {
        value(self.error)
    }

    /// All items, whole.
    pub fn output(&self) -> Vec<Value> {
        match value(self.output) {
            Value::Array(items) => items,
            _ => Vec::new(),
        }
    }
}

fn value(raw: Option<&RawValue>) -> Value {
    let raw = raw.map(RawValue::get).unwrap_or_default();
    serde_json::from_str(raw)
        .or_else(|_| serde_json::from_str(&partial_json::mended(raw)))
        .unwrap_or_default()
}

fn text<'a>(raw: Option<&'a RawValue>) -> Option<Cow<'a, str>> {
    let Text(text) = serde_json::from_str(raw?.get()).ok()?;
    Some(text)
}

/// A JSON string, borrowed where it has no escapes; half of a surrogate pair in it becomes U+FFFD.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl<'a> Visitor<'a> for Bytes {
            type Value = Text<'a>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_bytes<E>(self, bytes: &'a [u8]) -> Result<Text<'a>, E> {
                Ok(Text(String::from_utf8_lossy(bytes)))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Text<'a>, E> {
                let text = String::from_utf8_lossy(bytes).into_owned();
                Ok(Text(Cow::Owned(text)))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}
