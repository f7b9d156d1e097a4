//! Anthropic's Messages API (`anthropic-messages`), and servers that speak it.

mod compat;
mod identity;
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

/// Speaks `anthropic-messages`.
pub struct Anthropic {
    http: HttpClient,
}

impl Anthropic {
    /// A provider that sends through `http`.
    pub fn new(http: HttpClient) -> Self {
        Anthropic { http }
    }
}

impl Provider for Anthropic {
    fn stream(
        &self,
        model: &Model,
        request: Request,
        stop: CancellationToken,
    ) -> BoxStream<'static, Delta> {
        let outgoing = request::outgoing(model, &request);
        let decoder = stream::Events::to(model, &request);
        exchange::run(&self.http, model, &request, outgoing, decoder, stop)
    }
}

/// What reads this API's events.
pub(super) fn decoder(model: &Model) -> stream::Events {
    stream::Events::new(model)
}
