//! Talk to a model: the vocabulary, the catalogue, and the wire APIs behind one trait.

pub mod catalog;
pub mod clock;
pub mod delta;
pub mod message;
pub mod model;
pub mod provider;

pub use clock::Clock;
pub use delta::{Delta, Draft};
pub use message::{
    AssistantMessage, Body, Content, Message, Millis, SharedMessage, StopReason, ToolCall,
    ToolResultMessage, Usage, UserMessage,
};
pub use model::{InputKind, Model, Price, ThinkingLevel};
pub use provider::{Auth, CacheRetention, Provider, Request, Timeouts, ToolSpec, WireTap};
