//! Talk to a model: the vocabulary, the catalogue, and the wire APIs behind one trait.

pub mod answer;
pub mod catalog;
pub mod clock;
pub mod delta;
pub mod demo;
mod detour;
pub mod failure;
pub mod handoff;
pub mod http;
mod http_error;
mod jwt;
pub mod local;
pub mod message;
pub mod model;
pub mod oauth;
pub mod overflow;
pub mod partial_json;
pub mod provider;
pub mod providers;
pub mod remembered;
pub mod script;
pub mod sse;
pub mod tokens;
pub mod url;
pub mod websocket;

pub use clock::Clock;
pub use delta::{Delta, Draft};
pub use message::{
    AssistantMessage, Body, Content, Message, Millis, SharedMessage, StopReason, ToolCall,
    ToolResultMessage, Usage, UserMessage,
};
pub use model::{InputKind, Model, Price, PriceTier, ThinkingLevel};
pub use provider::{
    Auth, CacheRetention, Provider, Request, Timeouts, ToolSpec, Transport, WireTap,
};

/// What the message of an aborted request says.
pub const ABORTED: &str = "the request was aborted";
