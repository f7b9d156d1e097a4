//! A conversation as Azure's Responses API wants it.

use serde_json::{Map, Value, json};

use super::super::exchange::Outgoing;
use super::super::headers::Headers;
use super::super::openai_responses::{
    Compat, LEAST_OUTPUT, Strict, cache_key, conversation, system, think, tools_item, tools_list,
};
use super::super::{limits, sampling};
use super::place;
use crate::ai::failure::Fault;
use crate::ai::model::Model;
use crate::ai::provider::Request;

/// The version of the API, unless AZURE_OPENAI_API_VERSION names another.
const VERSION: &str = "v1";

/// The request as it goes over the wire; `Err` when nobody says where to.
pub fn outgoing(model: &Model, request: &Request) -> Result<Outgoing, Fault> {
    let base = place::base_url(model, &request.auth)?;
    let version = request.auth.variable("AZURE_OPENAI_API_VERSION");
    let version = version.unwrap_or(VERSION);
    let mut headers = Headers::default();
    headers.set("accept", "application/json");
    headers.set("content-type", "application/json");
    if let Some(key) = request.auth.api_key.as_deref().filter(|k| !k.is_empty()) {
        headers.set("api-key", key);
    }
    Ok(Outgoing::new(
        format!("{base}/responses?api-version={version}"),
        headers.finish(model, request),
        body(model, request),
    ))
}

fn body(model: &Model, request: &Request) -> Value {
    let compat = Compat::of(model);
    let strict = match compat.strict_mode {
        Some(false) => Strict::Unsaid,
        _ => Strict::No,
    };
    let tools = tools_item(request, &compat, strict);
    let system = system(model, request, &compat);
    let before = tools.into_iter().chain(system);
    let history = conversation(model, request);
    let mut body = Map::new();
    let deployment = place::deployment(model, &request.auth);
    body.insert("model".into(), json!(deployment));
    body.insert("input".into(), before.chain(history).collect());
    body.insert("stream".into(), json!(true));
    if let Some(key) = cache_key(request, &compat) {
        body.insert("prompt_cache_key".into(), json!(key));
    }
    body.insert("store".into(), json!(false));
    let limit = limits::answer_tokens(model, request).max(LEAST_OUTPUT);
    body.insert("max_output_tokens".into(), json!(limit));
    if let Some(tools) = tools_list(request, &compat, strict) {
        body.insert("tools".into(), tools);
    }
    think(model, request, &mut body);
    sampling::merge(model, request.thinking, &mut body);
    Value::Object(body)
}
