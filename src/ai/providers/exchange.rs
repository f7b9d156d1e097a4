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

use super::told::{Told, Trust};
use crate::ai::answer::Answer;
use crate::ai::clock::Clock;
use crate::ai::delta::Delta;
use crate::ai::failure::{self, Fault, Kind, Secrets};
use crate::ai::http::{HttpClient, HttpError, Response};
use crate::ai::message::StopReason;
use crate::ai::model::Model;
use crate::ai::partial_json;
use crate::ai::provider::{Request, Timeouts, WireTap};
use crate::ai::sse::{SseEvent, SseReader};

/// How long the end of the body is waited for behind the last event, to keep the connection usable.
const LAST_BYTES: Duration = Duration::from_millis(20);

/// The first pause before a request is sent again within an exchange; each next one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Reads one vendor's events.
pub trait Decoder: Send + 'static {
    /// Takes one event. `Break` with the stop reason when it was the last one; `Err` when it says that
    /// the answer failed or makes no sense.
    fn event(&mut self, event: &SseEvent, answer: &mut Answer) -> Result<Step, Fault>;

    /// The stream ended without a last event: the stop reason if the answer is whole all the same.
    fn end(&mut self, answer: &mut Answer) -> Result<StopReason, Fault>;

    /// What the vendor has said about the end so far, where it says that before its last event.
    fn told(&self) -> Told {
        Told::Nothing
    }

    /// What cuts the body into events; server-sent events unless the vendor has a framing of its own.
    fn framing(&self) -> Box<dyn Framing> {
        Box::new(SseReader::default())
    }
}

/// Cuts a body into events, however its bytes arrive.
pub trait Framing: Send {
    /// Takes bytes and appends the events that they complete; `Err` in words when they make no sense.
    fn push(&mut self, bytes: &[u8], events: &mut Vec<SseEvent>) -> Result<(), String>;

    /// The body has ended: appends what is still held.
    fn finish(&mut self, events: &mut Vec<SseEvent>);
}

impl Framing for SseReader {
    fn push(&mut self, bytes: &[u8], events: &mut Vec<SseEvent>) -> Result<(), String> {
        SseReader::push(self, bytes, events).map_err(|error| error.to_string())
    }

    fn finish(&mut self, events: &mut Vec<SseEvent>) {
        SseReader::finish(self, events);
    }
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
    /// Adds what depends on the body's bytes, each time that it is sent.
    pub sign: Option<Sign>,
}

/// Adds headers that depend on the bytes that are sent: URL, headers so far, body.
pub type Sign =
    Box<dyn Fn(&str, &mut Vec<(String, String)>, &[u8]) -> Result<(), Fault> + Send + Sync>;

impl Outgoing {
    /// A request that needs no signature.
    pub fn new(url: String, headers: Vec<(String, String)>, body: Value) -> Self {
        Outgoing {
            url,
            headers,
            body,
            sign: None,
        }
    }
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
    let mut secrets = Secrets::of(&request.auth);
    secrets.add_headers(&outgoing.headers);
    let exchange = Exchange {
        http: http.clone(),
        secrets,
        provider: model.provider.clone(),
        clock: request.clock.clone(),
        timeouts: request.timeouts,
        tap: request.tap.clone(),
        answer: Answer::new(model, &request.clock),
        reader: decoder.framing(),
        decoder: Box::new(decoder),
        trust: Trust::default(),
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

/// The same for a request that has to be prepared first, such as one whose token must be fetched.
/// What goes wrong in that is the answer's failure; an abort ends it.
pub fn prepared<D: Decoder>(
    http: &HttpClient,
    model: &Model,
    request: Request,
    prepare: impl Future<Output = Result<(Outgoing, D), Fault>> + Send + 'static,
    stop: CancellationToken,
) -> BoxStream<'static, Delta> {
    let (http, model) = (http.clone(), model.clone());
    let begun = async move {
        let prepared = tokio::select! {
            biased;
            () = stop.cancelled() => None,
            prepared = prepare => Some(prepared),
        };
        let mut answer = Answer::new(&model, &request.clock);
        match prepared {
            Some(Ok((outgoing, decoder))) => {
                return run(&http, &model, &request, outgoing, decoder, stop);
            }
            Some(Err(fault)) => {
                let fault = fault.of_provider(&model.provider);
                let secrets = Secrets::of(&request.auth);
                fail(&mut answer, fault, &model.provider, &secrets, &stop);
            }
            None => answer.fail(StopReason::Aborted, crate::ai::ABORTED, None),
        }
        stream::iter(answer.take_deltas()).boxed()
    };
    stream::once(begun).flatten().boxed()
}

/// Ends an answer that failed, without a secret in the words. Whatever failed, an abort is what the person
/// asked for.
pub fn fail(
    answer: &mut Answer,
    fault: Fault,
    provider: &str,
    secrets: &Secrets,
    stop: &CancellationToken,
) {
    if stop.is_cancelled() {
        return answer.fail(StopReason::Aborted, crate::ai::ABORTED, None);
    }
    let fault = secrets.veiled_fault(provider, fault);
    answer.fail(StopReason::Error, fault.words, Some(fault.failure));
}

struct Exchange {
    http: HttpClient,
    // Nobody's words are quoted with these.
    secrets: Secrets,
    provider: String,
    clock: Clock,
    timeouts: Timeouts,
    tap: Option<Arc<dyn WireTap>>,
    answer: Answer,
    decoder: Box<dyn Decoder>,
    trust: Trust,
    reader: Box<dyn Framing>,
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
                    () = stop.cancelled() => Err(Fault::refused(crate::ai::ABORTED)),
                    result = self.open(*outgoing) => result,
                }
            }
            Phase::Reading(response) => self.read(response).await,
        };
        if let Err(fault) = result {
            self.phase = Phase::Over;
            fail(
                &mut self.answer,
                fault,
                &self.provider,
                &self.secrets,
                &self.stop,
            );
        }
        Some(self.answer.take_deltas())
    }

    async fn open(&mut self, outgoing: Outgoing) -> Result<(), Fault> {
        let mut body = outgoing.body;
        if let Some(tap) = &self.tap {
            body = tap.before_request(body).await;
        }
        let body = serde_json::to_vec(&body)
            .map_err(|error| self.says(Fault::refused(error.to_string())))?;
        let mut tries = 0;
        let mut response = loop {
            let mut headers = outgoing.headers.clone();
            if let Some(sign) = &outgoing.sign {
                sign(&outgoing.url, &mut headers, &body).map_err(|fault| self.says(fault))?;
                self.secrets.add_headers(&headers);
            }
            let fault = match self.send(&outgoing.url, &headers, &body).await {
                Ok(response) => break response,
                Err(fault) => fault,
            };
            let Some(pause) = self.pause_after(&fault, tries) else {
                return Err(fault);
            };
            tries += 1;
            tokio::time::sleep(pause).await;
        };
        let kind = response.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let kind = kind.to_ascii_lowercase();
        // Some servers call a stream so.
        if matches!(kind.as_str(), "text/html" | "application/json") {
            let beginning = response.beginning().await;
            let beginning = beginning.map_err(|error| self.unreachable(&error))?;
            if !begins_stream(&beginning) {
                let body = response.text_up_to(failure::MAX_BODY).await;
                let size = failure::size_of(&response, &body);
                let fault = failure::no_stream(&kind, &body, size, self.clock.now());
                return Err(self.says(fault));
            }
        }
        self.answer.start();
        self.phase = Phase::Reading(Box::new(response));
        Ok(())
    }

    /// Sends the request once; the response is one of success.
    async fn send(
        &mut self,
        url: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Response, Fault> {
        let mut response = self
            .http
            .post(url, headers, body.to_vec(), self.timeouts, &self.stop)
            .await
            .map_err(|error| self.unreachable(&error))?;
        if let Some(tap) = &self.tap {
            tap.after_response(response.status, &response.headers).await;
        }
        if (200..300).contains(&response.status) {
            return Ok(response);
        }
        let body = response.text_up_to(failure::MAX_BODY).await;
        let now = self.clock.now();
        Err(failure::refused(&self.provider, &response, &body, now))
    }

    /// The pause before the request is sent again within this exchange, if it is to be.
    fn pause_after(&self, fault: &Fault, tries: u32) -> Option<Duration> {
        let limits = &self.timeouts;
        if tries >= limits.retries || !fault.failure.kind.is_passing() {
            return None;
        }
        let own = FIRST_PAUSE.saturating_mul(1 << tries.min(4));
        let wait = fault.failure.wait.unwrap_or(own);
        (limits.longest_wait.is_zero() || wait <= limits.longest_wait).then_some(wait)
    }

    async fn read(&mut self, mut response: Box<Response>) -> Result<(), Fault> {
        let is_whole = self.is_whole();
        let chunk = match is_whole {
            // What may follow are counts.
            true => response.late_chunk().await,
            false => response.chunk().await,
        };
        let chunk = match chunk {
            Err(error) if is_whole && !matches!(error, HttpError::Aborted) => return self.end(),
            chunk => chunk.map_err(|error| self.unreachable(&error))?,
        };
        let mut events = Vec::new();
        let mut framed = Ok(());
        match &chunk {
            Some(bytes) => framed = self.reader.push(bytes, &mut events),
            None => self.reader.finish(&mut events),
        }
        for event in &events {
            let (told, is_whole) = (self.decoder.told(), self.is_whole());
            let known = self.answer.deltas().len();
            let step = self.decoder.event(event, &mut self.answer);
            let new = self.answer.deltas().get(known..).unwrap_or_default();
            self.trust.heard(told, new);
            match step {
                Ok(Step::More) => {}
                Ok(Step::Whole(reason)) => {
                    self.answer.finish(reason);
                    drain(&mut response).await;
                    return Ok(());
                }
                Err(fault) if is_whole && fault.failure.kind == Kind::Garbled => return self.end(),
                Err(fault) => return Err(self.says(fault)),
            }
        }
        // What came before the damage counts.
        match framed {
            Err(_) if self.is_whole() => return self.end(),
            framed => framed.map_err(|error| self.says(Fault::garbled(error)))?,
        }
        if chunk.is_none() {
            return self.end();
        }
        self.phase = Phase::Reading(response);
        Ok(())
    }

    /// Whether nothing of the answer can be missing any more, however the connection ends.
    fn is_whole(&self) -> bool {
        self.trust.is_whole(self.decoder.told())
    }

    /// Nothing more comes.
    fn end(&mut self) -> Result<(), Fault> {
        let reason = self.decoder.end(&mut self.answer);
        let reason = reason.map_err(|fault| self.says(fault))?;
        self.answer.finish(reason);
        Ok(())
    }

    fn says(&self, fault: Fault) -> Fault {
        fault.of_provider(&self.provider)
    }

    fn unreachable(&self, error: &HttpError) -> Fault {
        failure::unreachable(&self.provider, error)
    }
}

/// Whether server-sent events begin so: with a field, or a comment.
fn begins_stream(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let body = body.trim_ascii_start();
    let begins: [&[u8]; 5] = [b"data:", b"event:", b"id:", b"retry:", b":"];
    begins.iter().any(|field| body.starts_with(field))
}

/// Reads a body to its end when that is at hand, so that the connection can be used again.
async fn drain(response: &mut Response) {
    let rest = async { while let Ok(Some(_)) = response.chunk().await {} };
    // Late: the connection is closed instead.
    let _ = tokio::time::timeout(LAST_BYTES, rest).await;
}

/// An event's data as JSON; slips inside strings are mended.
pub fn event_json(event: &SseEvent) -> Result<Value, Fault> {
    serde_json::from_str(&event.data).or_else(|error| {
        serde_json::from_str(&partial_json::mended(&event.data)).map_err(|_| {
            let start: String = event.data.chars().take(200).collect();
            Fault::garbled(format!("sent an event that is not JSON ({error}): {start}"))
        })
    })
}

/// What is wrong with an event that cannot be read.
pub fn unreadable(data: &str, error: &serde_json::Error) -> Fault {
    let start: String = data.chars().take(200).collect();
    let is = match error.is_data() {
        true => "makes no sense",
        false => "is not JSON",
    };
    Fault::garbled(format!("sent an event that {is} ({error}): {start}"))
}

/// What went wrong by the `error` object of an event.
pub fn stream_error(data: &str, answer: &Answer) -> Fault {
    failure::in_stream(data, answer.begun())
}

/// The answer ended for a reason that makes it no answer.
pub fn odd_end(reason: &str) -> Fault {
    Fault::told(format!("ended the answer with the reason {reason:?}"))
}

/// The stream ended before its last event.
pub fn early_end() -> Fault {
    Fault::garbled("the stream ended before the answer did")
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
