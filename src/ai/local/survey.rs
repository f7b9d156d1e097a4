//! Asks servers what they have, all at once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::address::Server;
use super::fetch::Fetch;
use super::kind::Kind;
use super::sheet::sheet;
use super::trouble::Trouble;
use super::{llama_cpp, lm_studio, ollama, vllm};
use crate::ai::http::HttpClient;
use crate::ai::model::Model;

/// All questions to one server together take at most so many times as long as one may; what is not known
/// by then is assumed.
const QUESTIONS: u32 = 4;

/// Asks servers.
#[derive(Clone)]
pub struct Survey {
    /// Carries the questions.
    pub http: HttpClient,
    /// How long one question waits for its answer.
    pub patience: Duration,
    /// The same in [`Survey::ask`] where the person has said where the server is.
    pub patience_with_named: Duration,
}

/// What a server has, or why that is not known.
pub type Found = Result<Vec<Arc<Model>>, Trouble>;

impl Survey {
    /// Asks all of these at once; the answers are in their order.
    pub async fn ask(&self, servers: &[Server], stop: &CancellationToken) -> Vec<Found> {
        let asking = servers.iter().map(|server| {
            let patience = match server.is_named {
                true => self.patience_with_named,
                false => self.patience,
            };
            self.ask_within(patience, server, None, stop)
        });
        join_all(asking).await
    }

    /// Asks one; of one model alone if it is named.
    pub async fn ask_one(
        &self,
        server: &Server,
        only: Option<&str>,
        stop: &CancellationToken,
    ) -> Found {
        self.ask_within(self.patience, server, only, stop).await
    }

    async fn ask_within(
        &self,
        patience: Duration,
        server: &Server,
        only: Option<&str>,
        stop: &CancellationToken,
    ) -> Found {
        let fetch = Fetch {
            http: &self.http,
            server,
            patience,
            until: Instant::now() + patience.saturating_mul(QUESTIONS),
            stop,
            wants_key: AtomicBool::new(false),
        };
        let asking = async {
            match server.kind {
                Kind::Ollama => ollama::ask(&fetch, only).await,
                Kind::LlamaCpp => llama_cpp::ask(&fetch, only).await,
                Kind::LmStudio => lm_studio::ask(&fetch, only).await,
                Kind::Vllm => vllm::ask(&fetch, only).await,
            }
        };
        let answer = tokio::select! {
            biased;
            () = stop.cancelled() => return Err(Trouble::Late(patience)),
            answer = asking => answer,
        };
        let sheets = answer?.into_iter();
        let mut models: Vec<Arc<Model>> = Vec::new();
        for model in sheets.filter_map(|said| sheet(server, said)) {
            if models.iter().all(|known| known.id != model.id) {
                models.push(Arc::new(model));
            }
        }
        Ok(models)
    }
}
