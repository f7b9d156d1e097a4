//! The exchange over a web socket, and what happens where there is none to be had.
//!
//! ```text
//! a waiting socket, or a new one ── request ──▶ first event ──▶ … ──▶ last event ── it waits again
//!      ▲ stale, or the server            │ broken before it, or not opened:
//!      └── forgot: once more, anew ◀─────┴─▶ server-sent events, and so for the rest of the session
//! ```
//!
//! Once an event has come, a break is the answer's failure: whoever tries again gets server-sent events.
//! Over a socket that is kept, only what the server has not heard is sent, unless the transport is to
//! be a plain socket. Whatever asks again here does so at once: [`Timeouts::retries`] is for requests that
//! fail before their response begins, and of those there are none over a socket.

use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio_util::sync::CancellationToken;

use super::super::super::exchange::{self, Decoder, Outgoing, Step};
use super::super::Events;
use super::Wire;
use super::caller::{Caller, First};
use crate::ai::answer::Answer;
use crate::ai::delta::Delta;
use crate::ai::failure::{self, Fault, Secrets};
use crate::ai::http::HttpClient;
use crate::ai::model::Model;
use crate::ai::provider::{Request, WireTap};
use crate::ai::sse::SseEvent;
use crate::ai::websocket::Parked;

/// Sends `wire` over a web socket and streams what comes back.
pub fn run(
    http: &HttpClient,
    model: &Model,
    request: Request,
    wire: Wire,
    stop: CancellationToken,
) -> BoxStream<'static, Delta> {
    let mut secrets = Secrets::of(&request.auth);
    secrets.add_headers(&wire.socket_headers);
    let talk = Talk {
        answer: Answer::new(model, &request.clock),
        decoder: wire.decoder.clone(),
        caller: Caller {
            http: http.clone(),
            model: model.clone(),
            request,
            wire,
            stop,
            secrets,
        },
        phase: Phase::Ready,
        free: None,
    };
    stream::unfold(talk, |mut talk| async {
        let deltas = talk.next().await?;
        Some((stream::iter(deltas), talk))
    })
    .flatten()
    .boxed()
}

struct Talk {
    caller: Caller,
    answer: Answer,
    decoder: Events,
    phase: Phase,
    // The socket of an answer that is whole.
    free: Option<Box<Parked>>,
}

enum Phase {
    Ready,
    Reading(Box<Parked>),
    /// It goes on over server-sent events.
    Fallen(BoxStream<'static, Delta>),
    Over,
}

impl Talk {
    async fn next(&mut self) -> Option<Vec<Delta>> {
        let stop = self.caller.stop.clone();
        let result = match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Over => return None,
            Phase::Fallen(mut events) => {
                let delta = events.next().await?;
                self.phase = Phase::Fallen(events);
                return Some(vec![delta]);
            }
            Phase::Ready => tokio::select! {
                biased;
                () = stop.cancelled() => Err(Fault::refused(crate::ai::ABORTED)),
                result = self.begin() => result,
            },
            Phase::Reading(mut parked) => match parked.socket.next(&stop).await {
                Ok(text) => self.take(parked, text),
                Err(error) => {
                    self.caller.give_up(&error.to_string());
                    let provider = &self.caller.model.provider;
                    Err(failure::unreachable(provider, &error))
                }
            },
        };
        if let Err(fault) = result {
            self.phase = Phase::Over;
            let provider = &self.caller.model.provider;
            let secrets = &self.caller.secrets;
            exchange::fail(&mut self.answer, fault, provider, secrets, &stop);
        }
        let deltas = self.answer.take_deltas();
        if let (Some(parked), Some(Delta::Done(message))) = (self.free.take(), deltas.last()) {
            self.caller.keep(*parked, message).await;
        }
        Some(deltas)
    }

    /// Up to the first event, or to server-sent events.
    async fn begin(&mut self) -> Result<(), Fault> {
        let outgoing = &mut self.caller.wire.events;
        if let Some(tap) = &self.caller.request.tap {
            let body = std::mem::take(&mut outgoing.body);
            outgoing.body = tap.before_request(body).await;
        }
        match self.caller.first().await {
            First::Event(parked, text) => {
                self.answer.start();
                self.take(parked, text)
            }
            First::Nothing(why) => {
                let why = self.caller.secrets.veiled(&why);
                tracing::info!(%why, "no web socket: server-sent events instead");
                self.phase = Phase::Fallen(self.fall_back());
                Ok(())
            }
        }
    }

    /// Takes one event.
    fn take(&mut self, parked: Box<Parked>, text: String) -> Result<(), Fault> {
        let event = SseEvent {
            event: String::new(),
            data: text,
        };
        let step = self.decoder.event(&event, &mut self.answer);
        let provider = &self.caller.model.provider;
        match step.map_err(|fault| fault.of_provider(provider))? {
            Step::More => self.phase = Phase::Reading(parked),
            Step::Whole(reason) => {
                self.answer.finish(reason);
                self.free = Some(parked);
            }
        }
        Ok(())
    }

    /// The same request, as it is by now, over server-sent events.
    fn fall_back(&mut self) -> BoxStream<'static, Delta> {
        let caller = &mut self.caller;
        let outgoing = Outgoing::new(
            std::mem::take(&mut caller.wire.events.url),
            std::mem::take(&mut caller.wire.events.headers),
            std::mem::take(&mut caller.wire.events.body),
        );
        let mut request = caller.request.clone();
        let tap = request.tap.take();
        request.tap = tap.map(|tap| Arc::new(Asked(tap)) as Arc<dyn WireTap>);
        let decoder = caller.wire.decoder.clone();
        let stop = caller.stop.clone();
        exchange::run(
            &caller.http,
            &caller.model,
            &request,
            outgoing,
            decoder,
            stop,
        )
    }
}

/// A tap that was asked for the body already.
struct Asked(Arc<dyn WireTap>);

#[async_trait]
impl WireTap for Asked {
    async fn after_response(&self, status: u16, headers: &[(String, String)]) {
        self.0.after_response(status, headers).await;
    }
}
