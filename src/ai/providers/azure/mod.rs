//! OpenAI's models at Azure (`azure-openai-responses`): the Responses API at a place of the person's
//! own, with a key of Azure's, and with the names that the models were deployed under. What else is
//! deployed there speaks `openai-completions`; [`Foundry`] tells where.

mod place;
mod request;

use futures::stream::BoxStream;
use tokio_util::sync::CancellationToken;

use super::exchange;
use super::openai_responses::Events;
use crate::ai::delta::Delta;
use crate::ai::http::HttpClient;
use crate::ai::model::Model;
use crate::ai::provider::{Provider, Request};

pub(super) use place::{PROVIDER, base_url, deployment};

/// Speaks `azure-openai-responses`.
pub struct AzureResponses {
    http: HttpClient,
}

impl AzureResponses {
    /// A provider that sends through `http`.
    pub fn new(http: HttpClient) -> Self {
        AzureResponses { http }
    }
}

impl Provider for AzureResponses {
    fn stream(
        &self,
        model: &Model,
        request: Request,
        stop: CancellationToken,
    ) -> BoxStream<'static, Delta> {
        let outgoing = request::outgoing(model, &request);
        let decoder = Events::new(model);
        let prepared = async { Ok((outgoing?, decoder)) };
        exchange::prepared(&self.http, model, request, prepared, stop)
    }
}
