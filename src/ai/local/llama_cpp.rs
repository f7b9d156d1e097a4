//! llama.cpp's server, with one model or as a router of several. Its API: `tools/server/README.md` in
//! github.com/ggml-org/llama.cpp (`/v1/models`, `/props`).

use futures::{StreamExt, stream};
use serde_json::Value;

use super::fetch::Fetch;
use super::sheet::{Said, has, listed, text};
use super::trouble::Trouble;

/// So many models are looked at at once.
const AT_ONCE: usize = 16;

/// Its models, or the one of this name.
pub(super) async fn ask(fetch: &Fetch<'_>, only: Option<&str>) -> Result<Vec<Said>, Trouble> {
    let (list, props) = futures::join!(fetch.get("/v1/models"), fetch.get("/props"));
    let list = list?;
    let props = props.unwrap_or_default();
    let models = models(&list).ok_or(Trouble::Alien)?;
    let loads_by_itself = props.get("models_autoload").and_then(Value::as_bool) == Some(true);
    let mut offered: Vec<Value> = Vec::new();
    for model in models {
        let id = model.get("id").and_then(Value::as_str);
        let is_meant = only.is_none_or(|only| id == Some(only));
        if is_meant && converses(model) && is_offered(model, loads_by_itself) {
            offered.push(model.clone());
        }
    }
    let props = &props;
    let looked_at = stream::iter(offered).map(|model| async move {
        // What a router would have to load or to wake is not asked about.
        let own = match status(&model) {
            None => props.clone(),
            Some("loaded") => of_routed(fetch, &model).await,
            Some(_) => Value::Null,
        };
        said(&model, &own)
    });
    let all: Vec<Option<Said>> = looked_at.buffered(AT_ONCE).collect().await;
    Ok(all.into_iter().flatten().collect())
}

/// OpenAI's list of models, which this and other servers at its port give.
pub(super) fn models(list: &Value) -> Option<Vec<&Value>> {
    if list.get("object")?.as_str()? != "list" {
        return None;
    }
    listed(list, "data")
}

async fn of_routed(fetch: &Fetch<'_>, model: &Value) -> Value {
    let Some(id) = model.get("id").and_then(Value::as_str) else {
        return Value::Null;
    };
    let query =
        reqwest::Url::parse_with_params("http://x/", [("model", id), ("autoload", "false")]);
    let query = query.ok().and_then(|url| url.query().map(str::to_owned));
    match query {
        Some(query) => fetch
            .get(&format!("/props?{query}"))
            .await
            .unwrap_or_default(),
        None => Value::Null,
    }
}

/// What a router says of a model's state; a server with one model says nothing.
fn status(model: &Value) -> Option<&str> {
    model.get("status")?.get("value")?.as_str()
}

fn is_offered(model: &Value, loads_by_itself: bool) -> bool {
    match status(model) {
        None | Some("loaded" | "sleeping") => true,
        Some("unloaded") => {
            let failed = model.get("status").and_then(|status| status.get("failed"));
            loads_by_itself
                && failed.and_then(Value::as_bool) != Some(true)
                && model.get("source").and_then(Value::as_str) == Some("preset")
        }
        Some(_) => false,
    }
}

/// Models that only decide or embed do not.
fn converses(model: &Value) -> bool {
    let outputs = model
        .get("architecture")
        .and_then(|it| it.get("output_modalities"));
    outputs.is_none_or(|outputs| !outputs.is_array() || has(Some(outputs), "text"))
}

fn said(model: &Value, props: &Value) -> Option<Said> {
    let number = |object: Option<&Value>, name: &str| object?.get(name)?.as_u64();
    let meta = model.get("meta");
    let settings = props.get("default_generation_settings");
    let caps = props.get("chat_template_caps");
    let cannot = |name: &str| caps.and_then(|caps| caps.get(name)?.as_bool()) == Some(false);
    let template = props.get("chat_template").and_then(Value::as_str);
    let inputs = model
        .get("architecture")
        .and_then(|it| it.get("input_modalities"));
    let modalities = props.get("modalities");
    let eyes = modalities.and_then(|it| it.get("vision")?.as_bool()) == Some(true);
    let in_force = number(settings, "n_ctx").or_else(|| number(meta, "n_ctx"));
    Some(Said {
        id: text(model, "id")?,
        window: in_force.filter(|n| *n > 0).or_else(|| configured(model)),
        widest: number(meta, "n_ctx_train"),
        no_tools: cannot("supports_tools") && cannot("supports_tool_calls"),
        sees: eyes || has(inputs, "image"),
        thinks: template.is_some_and(|template| template.contains("enable_thinking")),
    })
}

/// The context that a router starts a model with.
fn configured(model: &Value) -> Option<u64> {
    let args = model.get("status")?.get("args")?.as_array()?;
    let mut words = args.iter().filter_map(Value::as_str);
    words.find(|word| matches!(*word, "-c" | "--ctx-size" | "-ctx"))?;
    words.next()?.parse().ok().filter(|tokens| *tokens > 0)
}
