//! A conversation as the Gemini API wants it: URL, headers, and the body that Vertex takes too.

use serde_json::{Map, Value, json};

use super::super::exchange::{Outgoing, join};
use super::super::headers::Headers;
use super::super::limits;
use super::{KEY, STREAM, contents, schema, thinking};
use crate::ai::model::Model;
use crate::ai::provider::Request;

/// The request as it goes over the wire.
pub fn outgoing(model: &Model, request: &Request) -> Outgoing {
    // Tuned models are named with their collection.
    let name = match model.id.split_once('/') {
        Some(("models" | "tunedModels", _)) => model.id.clone(),
        _ => format!("models/{}", model.id),
    };
    let mut headers = Headers::default();
    headers.set("content-type", "application/json");
    if let Some(key) = request.auth.api_key.as_deref().filter(|k| !k.is_empty()) {
        headers.set(KEY, key);
    }
    Outgoing::new(
        join(&model.base_url, &format!("/{name}{STREAM}")),
        headers.finish(model, request),
        body(model, request),
    )
}

/// The body of a request, the same for both Google APIs. What came before stays in front from turn to
/// turn, so that Google's own caching of prompts finds it again.
pub fn body(model: &Model, request: &Request) -> Value {
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
    if !request.system.is_empty() {
        let system = json!({"role": "user", "parts": [{"text": request.system}]});
        set("systemInstruction", system);
    }
    if !request.tools.is_empty() {
        set("tools", schema::tools(&request.tools));
    }
    set("contents", contents::contents(model, request));
    set("generationConfig", generation(model, request));
    Value::Object(body)
}

fn generation(model: &Model, request: &Request) -> Value {
    let mut config = Map::new();
    let limit = limits::answer_tokens(model, request);
    config.insert("maxOutputTokens".into(), json!(limit));
    if let Some(thinking) = thinking::config(model, request) {
        config.insert("thinkingConfig".into(), thinking);
    }
    Value::Object(config)
}
