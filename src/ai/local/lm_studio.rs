//! LM Studio. Its API: lmstudio.ai/docs/api/rest-api (`/api/v0/models`).

use serde_json::Value;

use super::fetch::Fetch;
use super::llama_cpp;
use super::sheet::{Said, has, listed, text};
use super::trouble::Trouble;

/// Its models, or the one of this name.
pub(super) async fn ask(fetch: &Fetch<'_>, only: Option<&str>) -> Result<Vec<Said>, Trouble> {
    let is_meant = |it: &Said| only.is_none_or(|only| it.id == only);
    match fetch.get("/api/v0/models").await {
        Ok(answer) => {
            let models = listed(&answer, "data").ok_or(Trouble::Alien)?;
            let all = models.into_iter().filter_map(said);
            Ok(all.filter(is_meant).collect())
        }
        Err(why @ (Trouble::Nobody | Trouble::Unknown | Trouble::Late(_))) => Err(why),
        // Before 0.3.6 there was OpenAI's list alone.
        Err(_) => {
            let answer = fetch.get("/v1/models").await?;
            let models = llama_cpp::models(&answer).ok_or(Trouble::Alien)?;
            let ids = models.into_iter().filter_map(|model| text(model, "id"));
            let all = ids.filter(|id| !id.contains("embed")).map(|id| Said {
                id,
                ..Said::default()
            });
            Ok(all.filter(is_meant).collect())
        }
    }
}

/// `None` for a model that does not converse.
fn said(model: &Value) -> Option<Said> {
    let kind = model.get("type").and_then(Value::as_str).unwrap_or("llm");
    if !matches!(kind, "llm" | "vlm") {
        return None;
    }
    let number = |name: &str| model.get(name)?.as_u64();
    let capabilities = model.get("capabilities").filter(|list| list.is_array());
    Some(Said {
        id: text(model, "id")?,
        window: number("loaded_context_length"),
        widest: number("max_context_length"),
        // Older servers do not say what a model can.
        no_tools: capabilities.is_some() && !has(capabilities, "tool_use"),
        sees: kind == "vlm",
        thinks: false,
    })
}
