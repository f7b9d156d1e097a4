//! A summary that a hook wrote in pi's place.

use serde_json::Value;

use crate::ai::Usage;

/// What a hook supplied.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::session) struct Supplied {
    /// The summary.
    pub summary: String,
    /// The first entry to keep, when the hook chose one.
    pub first_kept: Option<String>,
    /// Its count of the context before.
    pub tokens_before: Option<u64>,
    /// Its own facts.
    pub details: Option<Value>,
    /// What writing it took.
    pub usage: Option<Usage>,
}

impl Supplied {
    /// Reads `{summary, firstKeptEntryId?, tokensBefore?, details?, usage?}`, bare or inside an object
    /// under `name`; `None` when there is no summary in it.
    pub fn read(value: &Value, name: &str) -> Option<Self> {
        let inner = value.get(name).filter(|inner| inner.is_object());
        let fields = inner.unwrap_or(value);
        let present = |name: &str| fields.get(name).filter(|value| !value.is_null());
        Some(Supplied {
            summary: fields.get("summary")?.as_str()?.to_owned(),
            first_kept: present("firstKeptEntryId")
                .and_then(Value::as_str)
                .map(str::to_owned),
            tokens_before: present("tokensBefore").and_then(Value::as_u64),
            details: present("details").cloned(),
            usage: present("usage").and_then(|usage| serde_json::from_value(usage.clone()).ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_summary_is_found_bare_or_wrapped_and_all_else_may_be_missing() {
        let bare = Supplied::read(&json!({"summary": "s"}), "compaction").unwrap();
        assert_eq!((bare.summary.as_str(), bare.first_kept), ("s", None));
        let full = json!({"compaction": {"summary": "s", "firstKeptEntryId": "a", "tokensBefore": 7,
            "details": {"x": 1}, "usage": {"input": 3}}});
        let full = Supplied::read(&full, "compaction").unwrap();
        assert_eq!(full.first_kept.as_deref(), Some("a"));
        assert_eq!(full.tokens_before, Some(7));
        assert_eq!(full.usage.unwrap().input, 3);
        assert_eq!(Supplied::read(&json!({"summary": 3}), "compaction"), None);
        assert_eq!(Supplied::read(&json!("s"), "compaction"), None);
    }
}
