//! The Responses API behind a ChatGPT subscription (`openai-codex-responses`).
//!
//! Items, tools and events are those of `openai_responses`; the address, the headers, a few fields and
//! the web socket are this API's own. The login's token says which account asks.

mod caller;
mod place;
mod request;
mod socket;

use futures::future;
use futures::stream::BoxStream;
use tokio_util::sync::CancellationToken;

use super::exchange;
use super::openai_responses::{self, Events};
use crate::ai::delta::Delta;
use crate::ai::http::HttpClient;
use crate::ai::model::Model;
use crate::ai::provider::{Provider, Request, Transport};
use crate::ai::websocket::Kept;
use request::Wire;

/// Speaks `openai-codex-responses`.
pub struct OpenAiCodex {
    http: HttpClient,
}

impl OpenAiCodex {
    /// A provider that sends through `http`.
    pub fn new(http: HttpClient) -> Self {
        OpenAiCodex { http }
    }
}

impl Provider for OpenAiCodex {
    fn stream(
        &self,
        model: &Model,
        request: Request,
        stop: CancellationToken,
    ) -> BoxStream<'static, Delta> {
        let wire = match Wire::of(model, &request) {
            Ok(wire) => wire,
            Err(fault) => {
                let refused = future::ready(Err::<(_, Events), _>(fault));
                return exchange::prepared(&self.http, model, request, refused, stop);
            }
        };
        let is_given_up = || {
            let name = wire.name.as_deref();
            name.is_some_and(|name| self.http.remembered::<Kept>().is_given_up(name))
        };
        if request.transport == Transport::Sse || is_given_up() {
            let decoder = decoder(model);
            return exchange::run(&self.http, model, &request, wire.events, decoder, stop);
        }
        socket::run(&self.http, model, request, wire, stop)
    }
}

/// What reads an answer.
pub(super) fn decoder(model: &Model) -> Events {
    Events::new(model).priced(openai_responses::tier_factor)
}
