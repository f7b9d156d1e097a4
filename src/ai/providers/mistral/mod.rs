//! Mistral's chat completions (`mistral-conversations`), in the form of Mistral's own API: thinking as
//! typed chunks, call ids of nine letters and digits, a header that keeps a conversation on one machine.

mod chunk;
mod ids;
mod messages;
mod request;
mod stream;

use futures::stream::BoxStream;
use tokio_util::sync::CancellationToken;

use super::exchange;
use crate::ai::delta::Delta;
use crate::ai::http::HttpClient;
use crate::ai::model::Model;
use crate::ai::provider::{Provider, Request};

pub(super) use stream::Chunks;

/// Speaks `mistral-conversations`.
pub struct Mistral {
    http: HttpClient,
}

impl Mistral {
    /// A provider that sends through `http`.
    pub fn new(http: HttpClient) -> Self {
        Mistral { http }
    }
}

impl Provider for Mistral {
    fn stream(
        &self,
        model: &Model,
        request: Request,
        stop: CancellationToken,
    ) -> BoxStream<'static, Delta> {
        let outgoing = request::outgoing(model, &request);
        let decoder = Chunks::new(model);
        exchange::run(&self.http, model, &request, outgoing, decoder, stop)
    }
}
