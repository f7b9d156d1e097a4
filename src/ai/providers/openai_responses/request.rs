//! A conversation as the Responses API wants it: body and headers.

use serde_json::{Map, Value, json};

use super::super::exchange::{Outgoing, join};
use super::super::headers::Headers;
use super::super::{limits, sampling};
use super::compat::{Affinity, Compat};
use super::socket::{self, Wire};
use super::tools::Strict;
use super::{cache, input, think, tools};
use crate::ai::model::{Model, ThinkingLevel};
use crate::ai::provider::{CacheRetention, Request, Transport};

/// OpenAI takes no lower limit of the answer.
pub const LEAST_OUTPUT: u64 = 16;

/// The request as it goes over the wire, either way.
pub fn wire(model: &Model, request: &Request) -> Wire {
    let compat = Compat::of(model);
    let url = join(&model.base_url, "/responses");
    let headers = headers(model, request, &compat);
    let mut socket_headers = headers.clone();
    socket_headers.retain(|(name, _)| !matches!(name.as_str(), "accept" | "content-type"));
    let session = request.session_id.as_ref();
    let kept = session.filter(|_| request.cache != CacheRetention::None);
    let name = kept.map(|session| format!("{url} {session} {:?}", who_asks(&socket_headers)));
    let effort = effort_in_conversation(model, request);
    Wire {
        events: Outgoing::new(url, headers, body(model, request, &compat)),
        socket_headers,
        unsaid: &["stream"],
        name,
        decoder: super::decoder(model).told(effort),
    }
}

/// The headers that say who asks; others change within a conversation.
fn who_asks(headers: &[(String, String)]) -> Vec<&(String, String)> {
    const PARTS: [&str; 8] = [
        "auth",
        "key",
        "token",
        "secret",
        "cookie",
        "organization",
        "project",
        "account",
    ];
    let says_who = |name: &str| {
        let name = name.to_ascii_lowercase();
        PARTS.iter().any(|part| name.contains(part))
    };
    headers.iter().filter(|(name, _)| says_who(name)).collect()
}

/// Whether the request goes over a web socket, if there is one to be had. With a ChatGPT login nobody says
/// that there is.
pub fn wants_socket(model: &Model, request: &Request) -> bool {
    let unsaid = request.transport == Transport::Auto;
    socket::is_wanted(model, request.transport) && !(unsaid && is_chatgpt_login(model, request))
}

fn headers(model: &Model, request: &Request, compat: &Compat) -> Vec<(String, String)> {
    let mut headers = Headers::default();
    headers.set("accept", "application/json");
    headers.set("content-type", "application/json");
    if let Some(key) = request.auth.api_key.as_deref().filter(|k| !k.is_empty()) {
        let name = match model.provider.as_str() {
            "cloudflare-ai-gateway" => "cf-aig-authorization",
            _ => "authorization",
        };
        headers.set(name, format!("Bearer {key}"));
    }
    session_headers(request, compat, &mut headers);
    headers.finish(model, request)
}

/// Keeps a session with one server, where its prompts are cached.
fn session_headers(request: &Request, compat: &Compat, headers: &mut Headers) {
    let Some(id) = request.session_id.as_deref() else {
        return;
    };
    if request.cache == CacheRetention::None {
        return;
    }
    let names: &[&str] = match compat.affinity {
        Affinity::OpenAi => &["session-id", "x-client-request-id"],
        Affinity::NoSession => &["x-client-request-id"],
        Affinity::OpenRouter => &["x-session-id"],
    };
    for name in names {
        headers.set(name, id);
    }
}

fn body(model: &Model, request: &Request, compat: &Compat) -> Value {
    let by_account = is_chatgpt_login(model, request);
    let strict = match compat.strict_mode {
        Some(true) => Strict::No,
        _ => Strict::Unsaid,
    };
    let tools = tools::item(request, compat, strict);
    let system = input::system(model, request, compat);
    let before = tools.into_iter().chain(system);
    let effort = effort_in_conversation(model, request);
    let history = input::items(model, request, effort.as_deref());
    let mut body = Map::new();
    body.insert("model".into(), json!(model.id));
    body.insert("input".into(), before.chain(history).collect());
    body.insert("stream".into(), json!(true));
    if let Some(key) = cache::key(request, compat) {
        body.insert("prompt_cache_key".into(), json!(key));
    }
    if !by_account {
        cache::keep(request, compat, &mut body);
    }
    body.insert("store".into(), json!(false));
    if compat.output_limit && !by_account {
        let limit = limits::answer_tokens(model, request).max(LEAST_OUTPUT);
        body.insert("max_output_tokens".into(), json!(limit));
    }
    if let Some(tools) = tools::list(request, compat, strict) {
        body.insert("tools".into(), tools);
    }
    think::think(model, request, &mut body);
    if effort.is_some() {
        body["reasoning"]["effort"] = json!(think::STEADY);
    }
    sampling::merge(model, request.thinking, &mut body);
    Value::Object(body)
}

/// How hard to think, where that is said in the conversation and not beside it.
pub fn effort_in_conversation(model: &Model, request: &Request) -> Option<String> {
    let wanted = request.thinking != ThinkingLevel::Off
        && model.reasoning
        && Compat::of(model).effort_as_item
        && !is_chatgpt_login(model, request);
    wanted.then(|| think::effort(model, request.thinking))?
}

/// OpenAI's own keys begin with `sk-`; anything else is a login with a ChatGPT account, whose requests
/// may hold fewer fields.
fn is_chatgpt_login(model: &Model, request: &Request) -> bool {
    let key = request.auth.api_key.as_deref().unwrap_or_default();
    model.provider == "openai"
        && model.base_url == "https://api.openai.com/v1"
        && !key.is_empty()
        && !key.starts_with("sk-")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ai::clock::Clock;
    use crate::ai::provider::{Auth, Timeouts};

    #[test]
    fn a_login_with_an_account_is_asked_for_less_than_a_key_of_openais() {
        let model = Model {
            provider: "openai".into(),
            base_url: "https://api.openai.com/v1".into(),
            ..Model::default()
        };
        let body = |key: &str| {
            let request = Request {
                system: String::new(),
                messages: Vec::new(),
                tools: Vec::new(),
                thinking: ThinkingLevel::Off,
                thinking_budgets: BTreeMap::new(),
                max_tokens: None,
                cache: CacheRetention::Long,
                session_id: Some("s1".into()),
                auth: Auth {
                    api_key: Some(key.into()),
                    ..Auth::default()
                },
                timeouts: Timeouts::default(),
                transport: Transport::Sse,
                clock: Clock::fixed(0),
                tap: None,
            };
            body(&model, &request, &Compat::of(&model))
        };
        let (by_key, by_account) = (body("sk-1"), body("eyJ.x.y"));
        for name in ["max_output_tokens", "prompt_cache_retention"] {
            assert!(by_key.get(name).is_some(), "{name}");
            assert_eq!(by_account.get(name), None, "{name}");
        }
        assert_eq!(by_account["prompt_cache_key"], "s1");
    }
}
