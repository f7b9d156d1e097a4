//! OpenAI's models at Azure (`azure-openai-responses`): the Responses API at a place of the person's
//! own, with a key of Azure's, and with the names that the models were deployed under. What else is
//! deployed there speaks `openai-completions`, at the same place ([`placed`]).

mod place;
mod request;

use futures::stream::BoxStream;
use tokio_util::sync::CancellationToken;

use super::exchange::{self, Outgoing};
use super::openai_responses::Events;
use crate::ai::delta::Delta;
use crate::ai::failure::Fault;
use crate::ai::http::HttpClient;
use crate::ai::model::Model;
use crate::ai::provider::{Provider, Request};

pub(super) use place::PROVIDER;

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

/// What another API makes of a request to a model of this provider, sent to the person's own place and
/// under the name that the model has there.
pub(super) fn placed(
    model: &Model,
    request: &Request,
    outgoing: fn(&Model, &Request) -> Outgoing,
) -> Result<Outgoing, Fault> {
    let mut placed = model.clone();
    placed.base_url = place::base_url(model, &request.auth)?;
    let mut outgoing = outgoing(&placed, request);
    outgoing.body["model"] = place::deployment(model, &request.auth).into();
    Ok(outgoing)
}
