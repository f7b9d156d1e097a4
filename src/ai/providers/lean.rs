//! Types for reading events without copying what is not kept: a stream of 20,000 events costs
//! milliseconds. What is of another type than it should be is passed over where a count is expected.

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

/// A token count; `None` for what is no count. Nonsense is bounded, so that sums never overflow.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub Option<u64>);

/// The largest count that is believed.
const MOST: u64 = 1 << 40;

/// The count in a value that has been read already.
pub fn count(value: &Value) -> Option<u64> {
    value.as_u64().map(|count| count.min(MOST))
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
        Ok(Count(Some(count.min(MOST))))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Count, E> {
        Ok(Count(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Count, E> {
        Ok(Count(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Count, E> {
        Ok(Count(None))
    }

    fn visit_str<E>(self, _: &str) -> Result<Count, E> {
        Ok(Count(None))
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
            ("18446744073709551615", Some(MOST)),
            ("-1", None),
            ("1.5", None),
            ("null", None),
            ("true", None),
            ("\"7\"", None),
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
