//! The Responses API behind a ChatGPT subscription (`openai-codex-responses`).
//!
//! Items, tools and events are those of `openai_responses`; the address, the headers, a few fields and
//! the web socket are this API's own. The login's token says which account asks.

mod place;
mod request;

use futures::future;
use futures::stream::BoxStream;
use tokio_util::sync::CancellationToken;

use super::exchange;
use super::openai_responses::socket::{self, Wire};
use super::openai_responses::{self, Events};
use crate::ai::delta::Delta;
use crate::ai::http::HttpClient;
use crate::ai::model::Model;
use crate::ai::provider::{Provider, Request, Transport};

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
        let wire = match request::wire(model, &request) {
            Ok(wire) => wire,
            Err(fault) => {
                let refused = future::ready(Err::<(_, Events), _>(fault));
                return exchange::prepared(&self.http, model, request, refused, stop);
            }
        };
        if request.transport == Transport::Sse || wire.is_given_up(&self.http) {
            let Wire {
                events, decoder, ..
            } = wire;
            return exchange::run(&self.http, model, &request, events, decoder, stop);
        }
        socket::run(&self.http, model, request, wire, stop)
    }
}

/// What reads an answer.
pub(super) fn decoder(model: &Model) -> Events {
    Events::new(model).priced(openai_responses::tier_factor)
}
