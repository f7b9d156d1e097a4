//! Google's Gemini API (`google-generative-ai`). Its conversation, thinking and stream are Vertex's too
//! ([`super::vertex`]): the two differ in where requests go and who may send them.

mod chunk;
mod contents;
mod family;
mod request;
mod schema;
mod stream;
mod thinking;

use futures::stream::BoxStream;
use tokio_util::sync::CancellationToken;

use super::exchange;
use crate::ai::delta::Delta;
use crate::ai::http::HttpClient;
use crate::ai::model::Model;
use crate::ai::provider::{Provider, Request};

pub(super) use request::body;
pub(super) use stream::Chunks;

/// The method of a model that streams its answer as server-sent events.
pub(super) const STREAM: &str = ":streamGenerateContent?alt=sse";

/// The header of an API key.
pub(super) const KEY: &str = "x-goog-api-key";

/// Speaks `google-generative-ai`.
pub struct Google {
    http: HttpClient,
}

impl Google {
    /// A provider that sends through `http`.
    pub fn new(http: HttpClient) -> Self {
        Google { http }
    }
}

impl Provider for Google {
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
