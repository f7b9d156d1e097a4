//! A string of an event, borrowed from it where it has no escapes: what the pieces of text, which
//! nearly all events of a stream are, are read into.

use std::borrow::Cow;

use serde::Deserialize;

/// A string that is borrowed where it can be. (An optional `Cow` by itself would always be a copy.)
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Borrowed<'a>(#[serde(borrow)] pub Cow<'a, str>);
