//! Which API a path belongs to, and how a turn is said in it. An API is one line here and its bytes in a
//! file of its own.

use super::turn::Turn;
use super::{bedrock, bytes, google, responses};

/// One API's way to say a turn.
pub(super) struct Dialect {
    pub path: fn(&str) -> bool,
    pub content_type: &'static str,
    pub events: fn(&Turn) -> Vec<u8>,
}

const SSE: &str = "text/event-stream";

/// Tried in order; the last one takes every path.
static DIALECTS: &[Dialect] = &[
    Dialect {
        path: |path| path.ends_with("/messages"),
        content_type: SSE,
        events: bytes::anthropic_events,
    },
    Dialect {
        path: |path| path.ends_with("/responses"),
        content_type: SSE,
        events: responses::responses_events,
    },
    Dialect {
        path: |path| path.ends_with(":streamGenerateContent"),
        content_type: SSE,
        events: google::google_events,
    },
    Dialect {
        path: |path| path.ends_with("/converse-stream"),
        content_type: "application/vnd.amazon.eventstream",
        events: bedrock::bedrock_events,
    },
    Dialect {
        path: |_| true,
        content_type: SSE,
        events: bytes::openai_events,
    },
];

/// The API of a request's path; its query does not count.
pub(super) fn of(path: &str) -> &'static Dialect {
    let path = path.split('?').next().unwrap_or(path);
    let found = DIALECTS.iter().find(|dialect| (dialect.path)(path));
    found.unwrap()
}
