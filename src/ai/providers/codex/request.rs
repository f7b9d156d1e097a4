//! A request as this API wants it: the body, and the headers of either way to send it.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::exchange::Outgoing;
use super::super::headers::Headers;
use super::super::openai_responses::socket::Wire;
use super::super::openai_responses::{self, Compat, Strict};
use super::super::switches::Switches;
use super::place;
use crate::ai::failure::{Failure, Fault, Kind};
use crate::ai::jwt;
use crate::ai::model::{Model, ThinkingLevel};
use crate::ai::provider::Request;

/// What the server is told when there is no system prompt: it insists on one.
const INSTRUCTIONS: &str = "You are a helpful assistant.";

/// The revision of the protocol, for either way.
const BETA_EVENTS: &str = "responses=experimental";
const BETA_SOCKET: &str = "responses_websockets=2026-02-06";

/// The request in this API's words.
pub fn wire(model: &Model, request: &Request) -> Result<Wire, Fault> {
    let token = request.auth.api_key.as_deref().unwrap_or_default();
    let account = jwt::chatgpt_account(token).ok_or_else(no_account)?;
    let url = place::url(&model.base_url);
    let session = openai_responses::cache_key(request, &Compat::of(model));
    let body = body(model, request, session.as_deref());
    let name = session.as_ref().map(|s| format!("{url} {account} {s}"));
    let common = Common {
        model,
        request,
        token,
        account: &account,
    };
    Ok(Wire {
        socket_headers: common.socket_headers(session.as_deref()),
        events: Outgoing::new(url, common.event_headers(session.as_deref()), body),
        unsaid: &[],
        name,
        decoder: super::decoder(model),
    })
}

fn no_account() -> Fault {
    Fault {
        words: "the credential is no login with a ChatGPT account; log in with /login, or use the \
                provider openai with an API key"
            .into(),
        failure: Failure::new(Kind::Credentials),
    }
}

fn body(model: &Model, request: &Request, session: Option<&str>) -> Value {
    let set = Switches::of(model);
    let on = |name: &str| set.on(name);
    let strict = match on("supportsStrictMode") {
        Some(false) => Strict::Unsaid,
        _ => Strict::Null,
    };
    let compat = Compat::of(model);
    let first = openai_responses::tools_item(request, &compat, strict);
    let history = openai_responses::conversation(model, request);
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
    set("model", json!(model.id));
    set("store", json!(false));
    set("stream", json!(true));
    set(
        "instructions",
        match request.system.as_str() {
            "" => json!(INSTRUCTIONS),
            system => json!(system),
        },
    );
    set("input", first.into_iter().chain(history).collect());
    set("text", json!({"verbosity": "low"}));
    set("include", json!(["reasoning.encrypted_content"]));
    if let Some(session) = session {
        set("prompt_cache_key", json!(session));
    }
    set("tool_choice", json!("auto"));
    set("parallel_tool_calls", json!(true));
    if let Some(tools) = openai_responses::tools_list(request, &compat, strict) {
        set("tools", tools);
    }
    if let Some(reasoning) = reasoning(model, request.thinking) {
        set("reasoning", reasoning);
    }
    Value::Object(body)
}

fn reasoning(model: &Model, level: ThinkingLevel) -> Option<Value> {
    if !model.reasoning {
        return None;
    }
    let effort = openai_responses::effort(model, level)?;
    Some(match level {
        ThinkingLevel::Off => json!({"effort": effort}),
        _ => json!({"effort": effort, "summary": "auto"}),
    })
}

/// What the headers of both ways are made of.
struct Common<'a> {
    model: &'a Model,
    request: &'a Request,
    token: &'a str,
    account: &'a str,
}

impl Common<'_> {
    fn event_headers(&self, session: Option<&str>) -> Vec<(String, String)> {
        let mut own = vec![
            ("openai-beta", BETA_EVENTS),
            ("accept", "text/event-stream"),
            ("content-type", "application/json"),
        ];
        if let Some(session) = session {
            own.extend([("session-id", session), ("x-client-request-id", session)]);
        }
        self.headers(&own)
    }

    fn socket_headers(&self, session: Option<&str>) -> Vec<(String, String)> {
        let some = || Uuid::new_v4().to_string();
        let id = session.map_or_else(some, str::to_owned);
        let mut headers = self.headers(&[
            ("openai-beta", BETA_SOCKET),
            ("session-id", &id),
            ("x-client-request-id", &id),
        ]);
        headers.retain(|(name, _)| !matches!(name.as_str(), "accept" | "content-type"));
        headers
    }

    /// Who asks, what the model and the caller add, and over that what the API must be told.
    fn headers(&self, own: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut headers = Headers::default();
        headers.set("originator", "pi");
        let mut headers = headers.finish(self.model, self.request);
        let bearer = format!("Bearer {}", self.token);
        let login = [
            ("authorization", bearer.as_str()),
            ("chatgpt-account-id", self.account),
        ];
        for (name, value) in login.iter().chain(own) {
            headers.retain(|(known, _)| known != name);
            headers.push(((*name).to_owned(), (*value).to_owned()));
        }
        headers
    }
}
