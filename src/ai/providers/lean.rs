//! Types for reading events without copying what is not kept: a stream of 20,000 events costs
//! milliseconds. What is no number is passed over where a count is expected.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// A string that is borrowed from the event unless it holds escapes. (serde borrows a `Cow` only where
/// it is a field's whole type, not inside an `Option`.)
#[derive(Debug, Default, serde::Deserialize)]
#[serde(transparent)]
pub struct Str<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl Deref for Str<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// A token count; `None` for what is no count, or more than can be: that is as if it were not said.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub Option<u64>);

/// The largest count that is believed: no model takes in or says as much at once.
const MOST: u64 = 100_000_000;

/// The count in a value that has been read already: whole, in fractions, or in quotes.
pub fn count(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => match number.as_u64() {
            Some(count) => believed(count),
            None => floor(number.as_f64()?),
        },
        Value::String(text) => spelled(text),
        _ => None,
    }
}

fn believed(count: u64) -> Option<u64> {
    (count <= MOST).then_some(count)
}

fn floor(count: f64) -> Option<u64> {
    (0.0..=MOST as f64).contains(&count).then_some(count as u64)
}

fn spelled(text: &str) -> Option<u64> {
    text.trim().parse().ok().and_then(floor)
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_u64<E>(self, count: u64) -> Result<Count, E> {
        Ok(Count(believed(count)))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Count, E> {
        Ok(Count(None))
    }

    fn visit_f64<E>(self, count: f64) -> Result<Count, E> {
        Ok(Count(floor(count)))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Count, E> {
        Ok(Count(None))
    }

    fn visit_str<E>(self, text: &str) -> Result<Count, E> {
        Ok(Count(spelled(text)))
    }

    fn visit_unit<E>(self) -> Result<Count, E> {
        Ok(Count(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Count, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Count(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Count, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Count(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_borrowed_and_counts_are_counts_or_nothing() {
        let plain: Option<Str<'_>> = serde_json::from_str("\"plain\"").unwrap();
        assert!(matches!(plain.unwrap().0, Cow::Borrowed("plain")));
        let escaped: Option<Str<'_>> = serde_json::from_str(r#""a\nb""#).unwrap();
        assert_eq!(&*escaped.unwrap(), "a\nb");
        for (json, count) in [
            ("7", Some(7)),
            ("100000000", Some(MOST)),
            ("100000001", None),
            ("18446744073709551615", None),
            ("1e18", None),
            ("-1", None),
            ("-1.5", None),
            ("1.5", Some(1)),
            ("\"x\"", None),
            ("\"-7\"", None),
            ("\"7.9\"", Some(7)),
            ("null", None),
            ("true", None),
            ("\"7\"", Some(7)),
            ("[[1], {}]", None),
            ("{\"a\": {\"b\": 1}}", None),
        ] {
            let read: Count = serde_json::from_str(json).unwrap();
            assert_eq!(read, Count(count), "{json}");
            let value: Value = serde_json::from_str(json).unwrap();
            assert_eq!(super::count(&value), count, "{json}");
        }
    }
}
