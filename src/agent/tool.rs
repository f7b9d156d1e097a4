//! A tool: something the model may call by name with JSON arguments.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::ai::model::ImageResize;
use crate::ai::{Content, ToolSpec};

/// Something the model may call. Failures are outcomes with `is_error`, never panics; a panic is
/// caught by the loop and shown to the model as an error all the same.
#[async_trait]
pub trait Tool: Send + Sync {
    /// What the model is told of it.
    fn spec(&self) -> &ToolSpec;

    /// One line for the system prompt's list of tools; `None` keeps it out of the list.
    fn snippet(&self) -> Option<&str> {
        None
    }

    /// Guidelines for the system prompt while this tool is on.
    fn guidelines(&self) -> &[&str] {
        &[]
    }

    /// Whether its calls may run beside others of the same message.
    fn concurrency(&self) -> Concurrency {
        Concurrency::Parallel
    }

    /// The file that a call with these arguments changes, absolute. Calls that change the same file
    /// run one after the other in the order the model wrote them.
    fn mutates(&self, _args: &Value) -> Option<PathBuf> {
        None
    }

    /// Brings arguments in an older or sloppier shape into the schema's, before they are checked.
    fn prepare(&self, args: Value) -> Value {
        args
    }

    /// Runs it. `args` have passed the schema, unless a hook has put others in their place.
    async fn call(&self, args: Value, cx: CallContext) -> Outcome;
}

/// Whether a tool's calls may run beside others of the same message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concurrency {
    /// They may.
    Parallel,
    /// One such call makes the whole batch run in order.
    Sequential,
}

/// What surrounds one call.
#[derive(Clone)]
pub struct CallContext {
    /// The call's id.
    pub id: String,
    /// Cancelled when the person aborts. A tool ends itself promptly then.
    pub stop: CancellationToken,
    /// Where partial results go while it runs.
    pub progress: Progress,
    /// How the model wants new pictures made smaller, where that is said.
    pub image_resize: Option<ImageResize>,
}

/// Takes partial results of a running call. Cheap to clone.
#[derive(Clone)]
pub struct Progress(Arc<dyn Fn(Outcome) + Send + Sync>);

impl Progress {
    /// Hands every report to `sink`.
    pub fn new(sink: impl Fn(Outcome) + Send + Sync + 'static) -> Self {
        Progress(Arc::new(sink))
    }

    /// Drops every report.
    pub fn none() -> Self {
        Progress::new(|_| {})
    }

    /// Reports the result so far; each report replaces the one before.
    pub fn report(&self, partial: Outcome) {
        (self.0)(partial);
    }
}

/// What a call came to, or has come to so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Text and images for the model.
    pub content: Vec<Content>,
    /// Structured facts for the screen and for programs; the model never sees them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
    /// Whether it failed.
    #[serde(skip)]
    pub is_error: bool,
    /// Asks the loop not to go back to the model after this batch; heeded when all of the batch ask.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub terminate: bool,
}

impl Outcome {
    /// A success that says `text`.
    pub fn text(text: impl Into<String>) -> Self {
        Outcome {
            content: vec![Content::text(text)],
            ..Outcome::default()
        }
    }

    /// A failure that says `text`.
    pub fn error(text: impl Into<String>) -> Self {
        Outcome {
            is_error: true,
            ..Outcome::text(text)
        }
    }

    /// The same with details.
    pub fn with_details(self, details: Value) -> Self {
        Outcome {
            details: Some(details),
            ..self
        }
    }
}
