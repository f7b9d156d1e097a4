//! What all tools do with their arguments and with a stop.

use std::future::Future;
use std::io;
use std::path::Path;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::agent::Outcome;
use crate::ai::ToolSpec;

/// A tool as the model is told of it.
pub(super) fn spec(name: &str, description: &str, parameters: Value) -> ToolSpec {
    ToolSpec {
        name: name.into(),
        description: description.into(),
        parameters: Arc::new(parameters),
    }
}

/// The arguments as a type of the tool's own.
pub(super) fn parse<T: DeserializeOwned>(args: Value) -> Result<T, Outcome> {
    serde_json::from_value(args).map_err(|error| Outcome::error(format!("Bad arguments: {error}")))
}

/// A count that JSON writes as any number: rounded down, never below zero.
pub(super) fn count(number: f64) -> usize {
    // Out of range saturates, not-a-number becomes zero.
    number.floor() as usize
}

/// Runs `work` until the person stops it.
pub(super) async fn until_stopped(
    stop: &CancellationToken,
    work: impl Future<Output = Outcome>,
) -> Outcome {
    tokio::select! {
        biased;
        () = stop.cancelled() => Outcome::error("Stopped by the user."),
        outcome = work => outcome,
    }
}

/// Runs blocking work off the executor.
pub(super) async fn off_executor(work: impl FnOnce() -> Outcome + Send + 'static) -> Outcome {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => Outcome::error(format!("The tool failed: {error}")),
    }
}

/// A failure on a file, by the name that the model gave it.
pub(super) fn file_error(doing: &str, name: &str, error: &io::Error) -> Outcome {
    Outcome::error(match error.kind() {
        io::ErrorKind::NotFound => format!("Cannot {doing} {name}: no such file."),
        io::ErrorKind::PermissionDenied => format!("Cannot {doing} {name}: permission denied."),
        io::ErrorKind::IsADirectory => format!("Cannot {doing} {name}: it is a directory."),
        _ => format!("Cannot {doing} {name}: {error}."),
    })
}

/// Nothing is at the path that a search should start from.
pub(super) fn path_not_found(path: &Path) -> Outcome {
    Outcome::error(format!("Path not found: {}", path.display()))
}

/// Text for the model with notices below it, in brackets, when there are any.
pub(super) fn with_notices(text: &str, notices: &[String]) -> String {
    if notices.is_empty() {
        return text.to_string();
    }
    format!("{text}\n\n[{}]", notices.join(". "))
}
