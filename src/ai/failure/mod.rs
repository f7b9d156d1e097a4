//! Failures of requests: in words for the person (which provider, which status, what it said, what to do
//! next), and as a [`Failure`] for whoever decides whether to try again.
//!
//! The words become the `errorMessage` of the conversation; nothing of a request is in them. A message
//! that was read from a file, or comes from a provider of somebody else's, has words alone: those are
//! judged by [`Failure::of`].

mod judge;
mod plan;
mod secrets;
mod wait;
mod words;

use std::time::Duration;

use super::http::{HttpError, Response};
use super::message::{AssistantMessage, Millis, StopReason};
use super::overflow;

pub use secrets::Secrets;
pub use wait::in_words;
use words::words_of;
pub use words::{Size, vendor_message};

/// As much of an error's body as is read.
pub const MAX_BODY: usize = 64 * 1024;

/// Why a request failed, for whoever decides what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure.
    pub kind: Kind,
    /// How long the vendor asks to wait.
    pub wait: Option<Duration>,
    /// The vendor says that the request does not fit into the model's context. Its words may be too many
    /// to be shown; all of them are judged.
    pub is_overflow: bool,
}

/// What kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No connection came about, it broke, or nothing came for too long.
    Connection,
    /// The server on this machine is not running: somebody has to start it.
    Absent,
    /// The server is busy, broken for now, or asked too often.
    Busy,
    /// What came is no whole answer.
    Garbled,
    /// The key is missing, wrong, or not good for this.
    Credentials,
    /// The account has used up what it may use, or has no money.
    Quota,
    /// The server does not want this request, now or later.
    Refused,
}

impl Kind {
    /// Whether the same request may go well a little later.
    pub fn is_passing(self) -> bool {
        matches!(self, Kind::Connection | Kind::Busy | Kind::Garbled)
    }
}

/// A failure and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// For the person.
    pub words: String,
    /// For the program.
    pub failure: Failure,
}

impl Failure {
    /// A failure that nobody says how long to wait after.
    pub fn new(kind: Kind) -> Self {
        Failure {
            kind,
            wait: None,
            is_overflow: false,
        }
    }

    /// The same, by all the words in `body`, too.
    fn with_words(self, body: &str) -> Self {
        let words = words::all_of(body);
        let is_overflow = words.is_some_and(|words| overflow::is_said(&words, Some(self.kind)));
        Failure {
            is_overflow,
            ..self
        }
    }

    /// Why `answer` failed, when it did: as its provider said it, else as its words tell.
    pub fn of(answer: &AssistantMessage) -> Option<Self> {
        if answer.stop_reason != StopReason::Error {
            return None;
        }
        let words = answer.error_message.as_deref().unwrap_or_default();
        Some(answer.failure.unwrap_or_else(|| judge::words(words)))
    }
}

impl Fault {
    /// An answer that is not whole, or not what the API promises.
    pub fn garbled(words: impl Into<String>) -> Self {
        Fault::new(Kind::Garbled, words)
    }

    /// A request, or an answer to it, that there is no use in repeating.
    pub fn refused(words: impl Into<String>) -> Self {
        Fault::new(Kind::Refused, words)
    }

    /// A failure that nothing is known of but its words.
    pub fn told(words: impl Into<String>) -> Self {
        let words = words.into();
        Fault {
            failure: judge::words(&words),
            words,
        }
    }

    /// The same failure with `provider` in front of its words.
    pub fn of_provider(mut self, provider: &str) -> Self {
        self.words = format!("{provider}: {}", self.words);
        self
    }

    fn new(kind: Kind, words: impl Into<String>) -> Self {
        Fault {
            words: words.into(),
            failure: Failure::new(kind),
        }
    }
}

/// Says what a response with an error status means. `now` is for vendors that name a time of day.
pub fn refused(provider: &str, response: &Response, body: &str, now: Millis) -> Fault {
    if let Some(fault) = plan::used_up(body, now) {
        return fault.of_provider(provider);
    }
    let status = response.status;
    let failure = judge::response(status, &response.headers, body, now);
    let failure = match status {
        // It may speak of the tokens of a minute.
        429 => failure,
        _ => failure.with_words(body),
    };
    let mut text = format!("{provider} answered {status}{}", reason(status));
    if matches!(status, 404 | 405) {
        text.push_str(&format!(" ({})", response.place()));
    }
    match words_of(body, size_of(response, body)) {
        Some(message) if is_said(&message, status) => {}
        Some(message) => text.push_str(&format!(": {message}")),
        None => text.push_str(" (no body)"),
    }
    if let Some(wait) = failure.wait {
        text.push_str(&format!(" (retry after {})", in_words(wait)));
    }
    if (300..400).contains(&status)
        && let Some(place) = response.header("location")
    {
        text.push_str(&format!(" (redirects to {place}, which is not followed)"));
    }
    let astray = match status {
        404 | 405 => astray(&response.place()),
        _ => None,
    };
    if let Some(astray) = astray {
        text.push_str(&format!(". {astray}"));
    } else if let Some(hint) = plan::advice(body).or(hint(failure.kind, status)) {
        text.push_str(". ");
        text.push_str(hint);
    }
    Fault {
        words: text,
        failure,
    }
}

/// Says why there is no response, or no more of it.
pub fn unreachable(provider: &str, error: &HttpError) -> Fault {
    let mut words = format!("{provider}: {error}");
    let kind = match error {
        HttpError::Connect { refused: true, .. } => {
            words.push_str(". Is the server running, and is the base URL right?");
            Kind::Connection
        }
        // A certificate that is not trusted now will not be in a minute.
        HttpError::Connect { cause, .. } if cause.contains("certificate") => Kind::Refused,
        HttpError::Connect { .. } | HttpError::Idle { .. } | HttpError::Broken { .. } => {
            Kind::Connection
        }
        HttpError::Setup(_) | HttpError::Aborted => Kind::Refused,
    };
    Fault::new(kind, words)
}

/// What an `error` object means that came in place of an event, or of the whole stream.
pub fn in_stream(data: &str, now: Millis) -> Fault {
    if let Some(fault) = plan::used_up(data, now) {
        return fault;
    }
    let said = vendor_message(data).unwrap_or_else(|| "no reason given".into());
    let failure = judge::object(data, now).with_words(data);
    let mut words = format!("failed while answering: {said}");
    if let Some(hint) = hint(failure.kind, 200) {
        words.push_str(". ");
        words.push_str(hint);
    }
    Fault { words, failure }
}

/// How long a response's body is, of which this was read.
pub fn size_of(response: &Response, body: &str) -> Size {
    let read = body.len() as u64;
    if read < MAX_BODY as u64 {
        return Size::Of(read);
    }
    let told = response.header("content-length");
    let told = told.and_then(|told| told.trim().parse().ok());
    told.filter(|told| *told > read)
        .map_or(Size::Over(MAX_BODY as u64), Size::Of)
}

/// The same for a body of this size that is not an event stream.
pub fn no_stream(kind: &str, body: &str, size: Size, now: Millis) -> Fault {
    let said = words_of(body, size).unwrap_or_else(|| "nothing".into());
    Fault {
        words: format!("answered {kind}, not an event stream: {said}"),
        failure: judge::object(body, now).with_words(body),
    }
}

fn reason(status: u16) -> String {
    let known = reqwest::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason());
    known.map(|reason| format!(" {reason}")).unwrap_or_default()
}

/// Whether a message is no more than the status.
fn is_said(message: &str, status: u16) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    let plain = |text: &str| text.replace(|c| !is_word(c), "").to_ascii_lowercase();
    let reason = plain(&reason(status));
    let message = plain(message);
    !reason.is_empty() && (message == reason || message == format!("{status}{reason}"))
}

/// What is wrong with the base URL that led to such a place, where it shows.
fn astray(place: &str) -> Option<String> {
    const PATHS: [&str; 4] = [
        "/chat/completions",
        "/v1/messages",
        "/responses",
        "/messages",
    ];
    let ends_twice = |path: &&&str| {
        let base = place.strip_suffix(**path).unwrap_or_default();
        base.ends_with(**path)
    };
    if let Some(path) = PATHS.iter().find(ends_twice) {
        return Some(format!(
            "The baseUrl ends in {path}, which is added by itself"
        ));
    }
    if place.ends_with("/v1/v1/messages") {
        return Some("The baseUrl ends in /v1, which is added by itself".to_owned());
    }
    let path = place.split_once("://")?.1;
    let path = path.find('/').and_then(|at| path.get(at..))?;
    matches!(path, "/chat/completions" | "/responses").then(|| {
        "Check the provider's base URL, which usually ends in /v1, and the model's id".to_owned()
    })
}

fn hint(kind: Kind, status: u16) -> Option<&'static str> {
    match (kind, status) {
        (Kind::Quota, _) => Some(
            "Look at the account's credit, plan and limits at the provider, or choose another model",
        ),
        (Kind::Credentials, 403) => Some("Check that this API key may use this model"),
        (Kind::Credentials, _) => Some(
            "Check the API key: the provider's environment variable, auth.json (/login in the terminal does it), apiKey in models.json, or --api-key",
        ),
        (_, 404) => Some("Check the model's id and the provider's base URL"),
        (_, 429) => Some("The provider limits how much you may ask; wait, or choose another model"),
        _ => None,
    }
}
