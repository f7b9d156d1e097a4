//! Whether an object of a text has the same name twice: asked of a whole file before it is looked where.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::plain_json;

/// Whether there may be twins in a text. Of a text that is not plainly JSON nobody knows.
pub(super) fn are_in(text: &str) -> bool {
    plain_json::read::<Twins>(text).is_none_or(|Twins(found)| found)
}

/// Whether there are twins in a value.
struct Twins(bool);

impl<'de> Deserialize<'de> for Twins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Search)
    }
}

struct Search;

impl<'de> Visitor<'de> for Search {
    type Value = Twins;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Twins, A::Error> {
        let mut names = HashSet::new();
        let mut found = false;
        while let Some(name) = map.next_key::<String>()? {
            found |= !names.insert(name);
            match found {
                true => {
                    map.next_value::<IgnoredAny>()?;
                }
                false => found = map.next_value::<Twins>()?.0,
            }
        }
        Ok(Twins(found))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Twins, A::Error> {
        let mut found = false;
        while let Some(Twins(one)) = seq.next_element()? {
            found |= one;
        }
        Ok(Twins(found))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Twins, E> {
        Ok(Twins(false))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Twins, E> {
        Ok(Twins(false))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Twins, E> {
        Ok(Twins(false))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Twins, E> {
        Ok(Twins(false))
    }

    fn visit_str<E>(self, _: &str) -> Result<Twins, E> {
        Ok(Twins(false))
    }

    fn visit_unit<E>(self) -> Result<Twins, E> {
        Ok(Twins(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_twice_in_one_object_is_seen_wherever_it_is() {
        for twins in [
            r#"{"a": 1, "a": 2}"#,
            r#"{"a": [1, "x", {"b": {"c": null, "c": true}}]}"#,
            r#"{"a": {"b": 1, "b": 1}, "c": 1.5} // why"#,
        ] {
            assert!(are_in(twins), "{twins}");
        }
        assert!(!are_in(r#"{"a": {"a": 1}, "b": [{"a": 1}, {"a": -2}]}"#));
    }
}
