//! vLLM, and what else gives OpenAI's list of models at its port. Its API: docs.vllm.ai, "OpenAI-Compatible
//! Server" (`/v1/models`, whose entries have `max_model_len`).

use serde_json::Value;

use super::fetch::Fetch;
use super::llama_cpp;
use super::sheet::{Said, text};
use super::trouble::Trouble;

/// Its models, or the one of this name.
pub(super) async fn ask(fetch: &Fetch<'_>, only: Option<&str>) -> Result<Vec<Said>, Trouble> {
    let answer = fetch.get("/v1/models").await?;
    let models = llama_cpp::models(&answer).ok_or(Trouble::Alien)?;
    let said = models.into_iter().filter_map(|model| {
        Some(Said {
            id: text(model, "id")?,
            window: model.get("max_model_len").and_then(Value::as_u64),
            ..Said::default()
        })
    });
    Ok(said
        .filter(|it| only.is_none_or(|only| it.id == only))
        .collect())
}
