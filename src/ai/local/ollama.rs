//! Ollama. Its API: docs.ollama.com/api (`/api/tags`, `/api/ps`, `/api/show`).

use futures::{StreamExt, stream};
use serde_json::{Value, json};

use super::fetch::Fetch;
use super::sheet::{Said, has, listed, text};
use super::trouble::Trouble;

/// So many models are looked at at once.
const AT_ONCE: usize = 16;

/// Its models, or the one of this name.
pub(super) async fn ask(fetch: &Fetch<'_>, only: Option<&str>) -> Result<Vec<Said>, Trouble> {
    let (tags, loaded) = futures::join!(fetch.get("/api/tags"), fetch.get("/api/ps"));
    let tags = tags?;
    let names = names(&tags).ok_or(Trouble::Alien)?;
    let names = names.into_iter();
    let names: Vec<String> = names
        .filter(|name| only.is_none_or(|only| same(name, only)))
        .collect();
    let loaded = loaded.unwrap_or_default();
    let looked_at = stream::iter(names).map(|name| {
        let in_force = in_force(&loaded, &name);
        async move {
            let shown = fetch.post("/api/show", &json!({"model": name})).await;
            said(name, &shown.unwrap_or_default(), in_force)
        }
    });
    let all: Vec<Option<Said>> = looked_at.buffered(AT_ONCE).collect().await;
    Ok(all.into_iter().flatten().collect())
}

fn names(tags: &Value) -> Option<Vec<String>> {
    let models = listed(tags, "models")?;
    let names = models.into_iter();
    Some(
        names
            .filter_map(|it| text(it, "model").or_else(|| text(it, "name")))
            .collect(),
    )
}

/// `qwen3` is `qwen3:latest`.
fn same(name: &str, other: &str) -> bool {
    let bare = |name: &str| name.strip_suffix(":latest").unwrap_or(name).to_owned();
    bare(name) == bare(other)
}

/// The context that a loaded model was given.
fn in_force(loaded: &Value, name: &str) -> Option<u64> {
    let models = listed(loaded, "models")?;
    let it = models.into_iter().find(|it| {
        let of = text(it, "model").or_else(|| text(it, "name"));
        of.is_some_and(|of| same(&of, name))
    })?;
    it.get("context_length")?.as_u64()
}

/// `None` for a model that does not converse.
fn said(name: String, shown: &Value, in_force: Option<u64>) -> Option<Said> {
    let capabilities = shown.get("capabilities").filter(|list| list.is_array());
    let can = |word: &str| has(capabilities, word);
    // Older servers do not say what a model can.
    if capabilities.is_some() && !can("completion") {
        return None;
    }
    let facts = shown.get("model_info").and_then(Value::as_object);
    let widest = facts.and_then(|facts| {
        let mut lengths = facts
            .iter()
            .filter(|(key, _)| key.ends_with(".context_length"));
        lengths.find_map(|(_, value)| value.as_u64())
    });
    Some(Said {
        id: name,
        window: in_force.or_else(|| num_ctx(shown)),
        widest,
        no_tools: capabilities.is_some() && !can("tools"),
        sees: can("vision"),
        thinks: can("thinking"),
    })
}

/// What the model's own file says: lines such as `num_ctx 8192`.
fn num_ctx(shown: &Value) -> Option<u64> {
    let parameters = shown.get("parameters")?.as_str()?;
    let line = parameters
        .lines()
        .find_map(|line| line.trim().strip_prefix("num_ctx"))?;
    line.trim().parse().ok()
}
