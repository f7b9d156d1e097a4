//! One exchange with a model server: the request out, the event stream in, deltas on the way, and a
//! finished message at the end whatever happens.
//!
//! What every wire API shares lives here (the tap, cancellation, deadlines, error bodies, early ends);
//! what an event means is the [`Decoder`]'s business. The exchange runs inside the stream that it
//! feeds: dropping the stream ends it.

use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, BoxStream, StreamExt};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::ai::answer::Answer;
use crate::ai::delta::Delta;
use crate::ai::failure;
use crate::ai::http::{HttpClient, HttpError, Response};
use crate::ai::message::StopReason;
use crate::ai::model::Model;
use crate::ai::partial_json;
use crate::ai::provider::{Request, Timeouts, WireTap};
use crate::ai::sse::{SseEvent, SseReader};

/// How long the end of the body is waited for behind the last event, to keep the connection usable.
const LAST_BYTES: Duration = Duration::from_millis(20);

/// Reads one vendor's events.
pub trait Decoder: Send + 'static {
    /// Takes one event. `Break` with the stop reason when it was the last one; `Err` in words when it
    /// says that the answer failed or makes no sense.
    fn event(&mut self, event: &SseEvent, answer: &mut Answer) -> Result<Step, String>;

    /// The stream ended without a last event: the stop reason if the answer is whole all the same.
    fn end(&mut self, answer: &mut Answer) -> Result<StopReason, String>;
}

/// What follows an event.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// More events.
    More,
    /// Nothing: the answer is whole.
    Whole(StopReason),
}

/// A request in the vendor's words.
pub struct Outgoing {
    /// Where it goes.
    pub url: String,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Value,
}

/// Sends `outgoing` and streams what `decoder` makes of the answer.
pub fn run(
    http: &HttpClient,
    model: &Model,
    request: &Request,
    outgoing: Outgoing,
    decoder: impl Decoder,
    stop: CancellationToken,
) -> BoxStream<'static, Delta> {
    let exchange = Exchange {
        http: http.clone(),
        provider: model.provider.clone(),
        timeouts: request.timeouts,
        tap: request.tap.clone(),
        answer: Answer::new(model, &request.clock),
        decoder: Box::new(decoder),
        reader: SseReader::default(),
        phase: Phase::Ready(Box::new(outgoing)),
        stop,
    };
    stream::unfold(exchange, |mut exchange| async {
        let deltas = exchange.next().await?;
        Some((stream::iter(deltas), exchange))
    })
    .flatten()
    .boxed()
}

struct Exchange {
    http: HttpClient,
    provider: String,
    timeouts: Timeouts,
    tap: Option<Arc<dyn WireTap>>,
    answer: Answer,
    decoder: Box<dyn Decoder>,
    reader: SseReader,
    phase: Phase,
    stop: CancellationToken,
}

enum Phase {
    Ready(Box<Outgoing>),
    Reading(Box<Response>),
    Over,
}

impl Exchange {
    async fn next(&mut self) -> Option<Vec<Delta>> {
        let result = match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Over => return None,
            Phase::Ready(outgoing) => {
                let stop = self.stop.clone();
                tokio::select! {
                    biased;
                    () = stop.cancelled() => Err(String::new()),
                    result = self.open(*outgoing) => result,
                }
            }
            Phase::Reading(response) => self.read(response).await,
        };
        if let Err(error) = result {
            self.phase = Phase::Over;
            // Whatever failed, an abort is what the person asked for.
            match self.stop.is_cancelled() {
                true => self.answer.fail(StopReason::Aborted, crate::ai::ABORTED),
                false => self.answer.fail(StopReason::Error, error),
            }
        }
        Some(self.answer.take_deltas())
    }

    async fn open(&mut self, outgoing: Outgoing) -> Result<(), String> {
        let mut body = outgoing.body;
        if let Some(tap) = &self.tap {
            body = tap.before_request(body).await;
        }
        let body = serde_json::to_vec(&body).map_err(|error| self.says(&error))?;
        let (url, headers) = (&outgoing.url, &outgoing.headers);
        let mut response = self
            .http
            .post(url, headers, body, self.timeouts, &self.stop)
            .await
            .map_err(|error| self.unreachable(&error))?;
        if let Some(tap) = &self.tap {
            tap.after_response(response.status, &response.headers).await;
        }
        if !(200..300).contains(&response.status) {
            let body = response.text_up_to(failure::MAX_BODY).await;
            return Err(failure::refused(&self.provider, &response, &body));
        }
        let kind = response.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if matches!(kind, "text/html" | "application/json") {
            let kind = kind.to_owned();
            let body = response.text_up_to(failure::MAX_BODY).await;
            let said = failure::vendor_message(&body).unwrap_or_else(|| "nothing".into());
            return Err(self.says(&format!("answered {kind}, not an event stream: {said}")));
        }
        self.answer.start();
        self.phase = Phase::Reading(Box::new(response));
        Ok(())
    }

    async fn read(&mut self, mut response: Box<Response>) -> Result<(), String> {
        let chunk = response.chunk().await;
        let chunk = chunk.map_err(|error| self.unreachable(&error))?;
        let mut events = Vec::new();
        match &chunk {
            Some(bytes) => self
                .reader
                .push(bytes, &mut events)
                .map_err(|error| self.says(&error))?,
            None => self.reader.finish(&mut events),
        }
        for event in &events {
            let step = self.decoder.event(event, &mut self.answer);
            if let Step::Whole(reason) = step.map_err(|error| self.says(&error))? {
                self.answer.finish(reason);
                drain(&mut response).await;
                return Ok(());
            }
        }
        if chunk.is_none() {
            let reason = self.decoder.end(&mut self.answer);
            self.answer
                .finish(reason.map_err(|error| self.says(&error))?);
            return Ok(());
        }
        self.phase = Phase::Reading(response);
        Ok(())
    }

    fn says(&self, what: &dyn std::fmt::Display) -> String {
        format!("{}: {what}", self.provider)
    }

    fn unreachable(&self, error: &HttpError) -> String {
        failure::unreachable(&self.provider, error)
    }
}

/// Reads a body to its end when that is at hand, so that the connection can be used again.
async fn drain(response: &mut Response) {
    let rest = async { while let Ok(Some(_)) = response.chunk().await {} };
    // Late: the connection is closed instead.
    let _ = tokio::time::timeout(LAST_BYTES, rest).await;
}

/// An event's data as JSON; slips inside strings are mended.
pub fn event_json(event: &SseEvent) -> Result<Value, String> {
    serde_json::from_str(&event.data).or_else(|error| {
        serde_json::from_str(&partial_json::mended(&event.data)).map_err(|_| {
            let start: String = event.data.chars().take(200).collect();
            format!("sent an event that is not JSON ({error}): {start}")
        })
    })
}

/// What went wrong in the words of an `error` object.
pub fn stream_error(data: &str) -> String {
    let said = failure::vendor_message(data).unwrap_or_else(|| "no reason given".into());
    format!("failed while answering: {said}")
}

/// The URL of `path` below a base URL.
pub fn join(base_url: &str, path: &str) -> String {
    format!("{}{path}", base_url.trim_end_matches('/'))
}

/// Arguments as a vendor accepts them back: an object, always.
pub fn object(arguments: &Value) -> Value {
    match arguments {
        Value::Object(_) => arguments.clone(),
        _ => Value::Object(serde_json::Map::new()),
    }
}

/// A token count. Nonsense is bounded, so that sums of many never overflow.
pub fn count(value: &Value) -> Option<u64> {
    const MOST: u64 = 1 << 40;
    value.as_u64().map(|count| count.min(MOST))
}
