//! Asks servers what they have, all at once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::address::Server;
use super::fetch::{Fetch, Silence};
use super::kind::Kind;
use super::sheet::sheet;
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
}

/// What became of a server.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// It is there and has these.
    Models(Vec<Arc<Model>>),
    /// Nobody listens at its address.
    Nobody,
    /// It did not answer in time, or is something else.
    Silent,
}

impl Survey {
    /// Asks all of these at once; the answers are in their order.
    pub async fn ask(&self, servers: &[Server], stop: &CancellationToken) -> Vec<Found> {
        join_all(
            servers
                .iter()
                .map(|server| self.ask_one(server, None, stop)),
        )
        .await
    }

    /// Asks one; of one model alone if it is named.
    pub async fn ask_one(
        &self,
        server: &Server,
        only: Option<&str>,
        stop: &CancellationToken,
    ) -> Found {
        let fetch = Fetch {
            http: &self.http,
            server,
            patience: self.patience,
            until: Instant::now() + self.patience.saturating_mul(QUESTIONS),
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
            () = stop.cancelled() => return Found::Silent,
            answer = asking => answer,
        };
        match answer {
            Ok(said) => {
                let sheets = said.into_iter().filter_map(|said| sheet(server, said));
                let mut models: Vec<Arc<Model>> = Vec::new();
                for model in sheets {
                    if models.iter().all(|known| known.id != model.id) {
                        models.push(Arc::new(model));
                    }
                }
                Found::Models(models)
            }
            Err(Silence::Refused) => Found::Nobody,
            Err(Silence::Locked | Silence::Nonsense) => Found::Silent,
        }
    }
}
