//! What a login yields, and the entry of `auth.json` that it is: the names are the reference's, and fields
//! that pi knows nothing of stay.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::ai::message::Millis;

/// The tokens of a login. Its `Debug` shows none.
#[derive(Clone, PartialEq)]
pub struct Tokens {
    /// Opens the door.
    pub access: String,
    /// Renews the one above; empty where nothing has to be renewed.
    pub refresh: String,
    /// When `access` counts as ended.
    pub expires: Millis,
    /// What else the vendor's entry has: `accountId`, `enterpriseUrl`, `availableModelIds`, …
    pub extras: Map<String, Value>,
}

/// An end that never comes: the largest number that JavaScript counts with exactly.
pub(super) const NEVER: Millis = 9_007_199_254_740_991;

impl Tokens {
    /// The fields of an entry that belong to one login, and not to the next one.
    pub const FIELDS: [&str; 8] = [
        "access",
        "refresh",
        "expires",
        "accountId",
        "availableModelIds",
        "clientId",
        "enterpriseUrl",
        "scopes",
    ];

    /// Tokens without anything else.
    pub fn new(access: impl Into<String>, refresh: impl Into<String>, expires: Millis) -> Self {
        Tokens {
            access: access.into(),
            refresh: refresh.into(),
            expires,
            extras: Map::new(),
        }
    }

    /// Reads an entry of `auth.json`; `None` when it is no login or has no token.
    pub fn from_entry(entry: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        if text("type") != Some("oauth") {
            return None;
        }
        let access = text("access").filter(|access| !access.is_empty())?;
        let mut extras = entry.clone();
        for name in ["type", "access", "refresh", "expires"] {
            extras.shift_remove(name);
        }
        Some(Tokens {
            access: access.to_owned(),
            refresh: text("refresh").unwrap_or_default().to_owned(),
            expires: entry.get("expires").map_or(NEVER, millis),
            extras,
        })
    }

    /// The entry for `auth.json`.
    pub fn to_entry(&self) -> Map<String, Value> {
        let mut entry = Map::new();
        entry.insert("type".into(), json!("oauth"));
        entry.insert("access".into(), json!(self.access));
        entry.insert("refresh".into(), json!(self.refresh));
        entry.insert("expires".into(), json!(self.expires));
        entry.extend(self.extras.clone());
        entry
    }

    /// Adds something else of the entry.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extras.insert(name.to_owned(), value.into());
        self
    }

    /// A text of the entry that is not empty.
    pub fn extra(&self, name: &str) -> Option<&str> {
        let text = self.extras.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    }

    /// Whether they end within `margin` milliseconds.
    pub fn end_within(&self, margin: Millis, now: Millis) -> bool {
        now.saturating_add(margin) >= self.expires
    }
}

/// JavaScript has one kind of number; what is none ends at once, so that it is renewed.
fn millis(value: &Value) -> Millis {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, as it should")]
    let float = |value: f64| value as Millis;
    value
        .as_i64()
        .or_else(|| value.as_f64().map(float))
        .unwrap_or(0)
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("expires", &self.expires)
            .field("extras", &self.extras.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
