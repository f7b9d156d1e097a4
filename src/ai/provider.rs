//! The one door to any model: a request in, a stream of deltas out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::clock::Clock;
use super::delta::Delta;
use super::message::SharedMessage;
use super::model::{Model, ThinkingLevel};

/// Anything that answers a conversation.
pub trait Provider: Send + Sync {
    /// Streams one answer. The stream always ends with [`Delta::Done`]; failures and aborts are stop
    /// reasons of its message, never a missing end. After `stop` is cancelled it ends within 100 ms.
    fn stream(
        &self,
        model: &Model,
        request: Request,
        stop: CancellationToken,
    ) -> BoxStream<'static, Delta>;
}

/// One request to a model, in pi's own words; each wire API translates it.
#[derive(Clone)]
pub struct Request {
    /// The system prompt; empty for none.
    pub system: String,
    /// The conversation. Only user, assistant and tool-result messages reach the wire;
    /// [`super::handoff`] turns the other roles into those first.
    pub messages: Vec<SharedMessage>,
    /// The tools that the model may call.
    pub tools: Vec<ToolSpec>,
    /// How hard to think; already clamped to the model.
    pub thinking: ThinkingLevel,
    /// Tokens of thinking per level, for APIs that count them.
    pub thinking_budgets: BTreeMap<ThinkingLevel, u64>,
    /// Overrides the model's own limit.
    pub max_tokens: Option<u64>,
    /// How long the vendor should keep the prompt cached.
    pub cache: CacheRetention,
    /// The conversation's id, for vendors that route by it.
    pub session_id: Option<String>,
    /// Key and headers.
    pub auth: Auth,
    /// Waiting limits.
    pub timeouts: Timeouts,
    /// How to reach vendors that offer more than one way.
    pub transport: Transport,
    /// For the message's timestamp.
    pub clock: Clock,
    /// Sees and may change what goes over the wire.
    pub tap: Option<Arc<dyn WireTap>>,
}

/// A tool as the model is told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolSpec {
    /// The name that the model calls.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// A JSON Schema object.
    pub parameters: Arc<Value>,
}

/// Credentials for one request. Its `Debug` shows no secret.
#[derive(Clone, Default)]
pub struct Auth {
    /// The key or token, if any.
    pub api_key: Option<String>,
    /// Where this credential is good, in place of the model's own base URL.
    pub base_url: Option<String>,
    /// Headers that come after the API's own and replace them.
    pub headers: BTreeMap<String, String>,
    /// What else the vendor must be told or found with: the variables of the environment that concern
    /// it (`AWS_REGION`, `AZURE_OPENAI_BASE_URL`, `GOOGLE_CLOUD_PROJECT`, `HOME`, …), with what the
    /// credential itself says of them over it.
    pub variables: BTreeMap<String, String>,
}

impl Auth {
    /// A variable that concerns the vendor, if it is set and says something.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Auth")
            .field("api_key", &self.api_key.as_ref().map(|_| "…"))
            .field("base_url", &self.base_url)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("variables", &self.variables.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// How long the vendor should keep the prompt cached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CacheRetention {
    /// No cache breakpoints.
    None,
    /// The vendor's short lifetime (minutes).
    #[default]
    Short,
    /// The vendor's long lifetime (an hour to a day).
    Long,
}

/// How to reach vendors that offer more than one way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Transport {
    /// As [`Transport::CachedWebSocket`] where the vendor has web sockets.
    #[default]
    Auto,
    /// Server-sent events.
    Sse,
    /// A web socket, kept open from one request to the next, over which every conversation goes whole;
    /// server-sent events where that fails.
    WebSocket,
    /// The same, over which only what is new goes.
    CachedWebSocket,
}

/// Waiting limits of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until a web socket stands; zero means for ever.
    pub websocket: Duration,
    /// Between two reads of the response; zero means for ever.
    pub idle: Duration,
    /// For what can be done without: what follows behind the reason why an answer ended, and the words of
    /// a response that is no answer; zero means no other limit than `idle`.
    pub late: Duration,
    /// Until the response begins, where that is not `connect` (no longer than `idle`) and `idle`
    /// together; zero means for ever.
    pub head: Option<Duration>,
    /// How often a request that failed before its response began is sent again, quietly, within the
    /// exchange. Those who ask have attempts of their own; this is for servers that are known to stumble.
    /// Requests over web sockets have no such response: a socket that cannot be had is made up for by
    /// server-sent events at once, to which this applies.
    pub retries: u32,
    /// The longest wait that a server may ask for before such a request is sent again; zero means any.
    pub longest_wait: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            connect: Duration::from_secs(30),
            websocket: Duration::from_secs(15),
            idle: Duration::from_secs(300),
            late: Duration::from_secs(5),
            head: None,
            retries: 0,
            longest_wait: Duration::from_secs(60),
        }
    }
}

/// Sees and may change what goes over the wire.
#[async_trait]
pub trait WireTap: Send + Sync {
    /// Called with the JSON body before it is sent; returns the body to send.
    async fn before_request(&self, body: Value) -> Value {
        body
    }

    /// Called when the response's head has arrived, before its body is read. Of a web socket that is the
    /// answer to its handshake, with the status 101; over one that was kept nothing of the kind arrives.
    async fn after_response(&self, _status: u16, _headers: &[(String, String)]) {}
}
