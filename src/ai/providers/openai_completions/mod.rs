//! OpenAI's Chat Completions API (`openai-completions`), and the many servers that speak it: Ollama,
//! llama.cpp, LM Studio, vLLM, OpenRouter, Groq, DeepSeek and others. Where they differ: [`compat`].

mod cache;
mod compat;
mod messages;
mod piece;
mod reasoning;
mod request;
mod stream;
mod thinking;

use futures::stream::BoxStream;
use tokio_util::sync::CancellationToken;

use super::{azure, exchange};
use crate::ai::delta::Delta;
use crate::ai::http::HttpClient;
use crate::ai::model::Model;
use crate::ai::provider::{Provider, Request};

/// Speaks `openai-completions`.
pub struct OpenAiCompletions {
    http: HttpClient,
}

impl OpenAiCompletions {
    /// A provider that sends through `http`.
    pub fn new(http: HttpClient) -> Self {
        OpenAiCompletions { http }
    }
}

impl Provider for OpenAiCompletions {
    fn stream(
        &self,
        model: &Model,
        request: Request,
        stop: CancellationToken,
    ) -> BoxStream<'static, Delta> {
        let decoder = decoder(model);
        if model.provider == azure::PROVIDER {
            let outgoing = azure::placed(model, &request, request::outgoing);
            let prepared = async { Ok((outgoing?, decoder)) };
            return exchange::prepared(&self.http, model, request, prepared, stop);
        }
        let outgoing = request::outgoing(model, &request);
        exchange::run(&self.http, model, &request, outgoing, decoder, stop)
    }
}

/// What reads this API's events.
pub(super) fn decoder(model: &Model) -> stream::Chunks {
    stream::Chunks::new(model)
}
