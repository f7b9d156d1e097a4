//! A request as Converse wants it.

use serde_json::{Map, Value, json};

use super::super::exchange::{Outgoing, join};
use super::super::headers::Headers;
use super::family::Family;
use super::place::Place;
use super::{messages, sign, thinking};
use crate::ai::model::Model;
use crate::ai::provider::{CacheRetention, Request, ToolSpec};

/// The request as it goes over the wire, but for what says who asks.
pub fn outgoing(model: &Model, request: &Request, place: &Place) -> Outgoing {
    let path = format!("/model/{}/converse-stream", sign::encoded(&model.id));
    Outgoing::new(
        join(&place.base_url, &path),
        headers(model, request),
        body(model, request, place),
    )
}

/// Headers that belong to a signature are nobody else's.
fn headers(model: &Model, request: &Request) -> Vec<(String, String)> {
    let mut headers = Headers::default();
    headers.set("accept", "application/vnd.amazon.eventstream");
    headers.set("content-type", "application/json");
    let mut headers = headers.finish(model, request);
    headers.retain(|(name, _)| {
        !name.starts_with("x-amz-") && !matches!(name.as_str(), "authorization" | "host")
    });
    headers
}

fn body(model: &Model, request: &Request, place: &Place) -> Value {
    let family = Family::of(model, &request.auth);
    let cache = cache_point(request.cache).filter(|_| family.caches);
    let asked = thinking::asked(model, request, family, &place.region);
    let said = messages::messages(model, request, family, cache.as_ref());
    let mut body = Map::new();
    if !request.system.is_empty() {
        let mut system = vec![json!({"text": request.system})];
        system.extend(cache);
        body.insert("system".into(), Value::Array(system));
    }
    if let Some(tools) = tools(&request.tools, &said) {
        body.insert("toolConfig".into(), json!({"tools": tools}));
    }
    body.insert("messages".into(), Value::Array(said));
    let config = json!({"maxTokens": asked.max_tokens});
    body.insert("inferenceConfig".into(), config);
    if let Some(fields) = asked.fields {
        body.insert("additionalModelRequestFields".into(), fields);
    }
    Value::Object(body)
}

fn cache_point(retention: CacheRetention) -> Option<Value> {
    match retention {
        CacheRetention::None => None,
        CacheRetention::Short => Some(json!({"cachePoint": {"type": "default"}})),
        CacheRetention::Long => Some(json!({"cachePoint": {"type": "default", "ttl": "1h"}})),
    }
}

/// The tools. A conversation in which there were calls is refused without any: those that were called
/// are named, then, and nothing is said of them.
fn tools(tools: &[ToolSpec], said: &[Value]) -> Option<Vec<Value>> {
    let spec = |name: &Value, description: &str, schema: &Value| {
        json!({"toolSpec": {
            "name": name, "description": description, "inputSchema": {"json": schema},
        }})
    };
    let mut specs: Vec<Value> = tools
        .iter()
        .map(|tool| spec(&json!(tool.name), &tool.description, &tool.parameters))
        .collect();
    if specs.is_empty() {
        let blocks = said
            .iter()
            .filter_map(|message| message["content"].as_array());
        let mut names: Vec<&Value> = Vec::new();
        for block in blocks.flatten() {
            let name = &block["toolUse"]["name"];
            if name.is_string() && !names.contains(&name) {
                names.push(name);
            }
        }
        let gone = "Not available any more.";
        let schema = json!({"type": "object"});
        specs.extend(names.into_iter().map(|name| spec(name, gone, &schema)));
    }
    (!specs.is_empty()).then_some(specs)
}
