//! Where others may step in: every point at which a run or a conversation can be watched, changed,
//! blocked or fed. Every method has a default that does nothing.

use std::panic::AssertUnwindSafe;

use async_trait::async_trait;
use futures::FutureExt;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::tool::Outcome;
use crate::ai::{Content, Message, Model, SharedMessage, ThinkingLevel, ToolCall};

/// Steps in. Called in the order in which things happen; a hook that takes long makes the run wait.
#[async_trait]
pub trait Hooks: Send + Sync {
    /// The person has sent `text`; before templates, skills and files are expanded.
    async fn input(&self, _text: &str, _images: &[Content]) -> InputDecision {
        InputDecision::Continue
    }

    /// A run is about to begin: may add messages behind the prompt and change the system prompt.
    async fn before_agent_start(&self, _prompt: &str, _system: &str) -> AgentStartChange {
        AgentStartChange::default()
    }

    /// The messages of the next request; what is returned is sent, and not kept.
    async fn context(&self, messages: Vec<SharedMessage>) -> Vec<SharedMessage> {
        messages
    }

    /// The JSON body of the next request, in the vendor's own format.
    async fn before_provider_request(&self, body: Value) -> Value {
        body
    }

    /// The head of the response to it.
    async fn after_provider_response(&self, _status: u16, _headers: &[(String, String)]) {}

    /// A checked call is about to run.
    async fn before_call(&self, _call: &ToolCall, _args: &Value) -> CallDecision {
        CallDecision::Run
    }

    /// A call has run; what is returned is what the model and the screen see.
    async fn after_call(&self, _call: &ToolCall, _args: &Value, outcome: Outcome) -> Outcome {
        outcome
    }

    /// The person runs `command` in the shell with `!` or `!!`.
    async fn user_bash(&self, _command: &str) -> ShellDecision {
        ShellDecision::Run
    }

    /// The conversation is about to be left for another (`Switch`), forked, navigated or compacted.
    async fn before_session(&self, _change: SessionChange<'_>) -> SessionDecision {
        SessionDecision::Continue
    }

    /// Resources are being looked for: returns further skills, prompts and themes.
    async fn resources_discover(&self, _reason: &str) -> Resources {
        Resources::default()
    }

    /// The model was changed.
    async fn model_selected(&self, _model: &Model) {}

    /// The thinking level was changed.
    async fn thinking_selected(&self, _level: ThinkingLevel) {}
}

/// What to do with the person's input.
#[derive(Debug, Clone, PartialEq)]
pub enum InputDecision {
    /// Go on with it as it is.
    Continue,
    /// Go on with this in its place.
    Replace {
        /// The new text.
        text: String,
        /// The new images.
        images: Vec<Content>,
    },
    /// It has been dealt with: no run.
    Handled,
}

/// What a hook changes at the start of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AgentStartChange {
    /// Messages to put behind the prompt.
    pub messages: Vec<Message>,
    /// A system prompt for this run in place of the usual one.
    pub system: Option<String>,
}

/// What to do with a checked call.
#[derive(Debug, Clone, PartialEq)]
pub enum CallDecision {
    /// Run it.
    Run,
    /// Run it with these arguments.
    RunWith(Value),
    /// Do not run it; the model sees the reason as an error result.
    Block(String),
}

/// What to do with the person's shell command.
#[derive(Debug, Clone, PartialEq)]
pub enum ShellDecision {
    /// Run it.
    Run,
    /// It has been run elsewhere: this is what it printed and its exit code.
    Supply {
        /// What it printed.
        output: String,
        /// Its exit code.
        exit_code: Option<i32>,
    },
}

/// What is about to happen to the conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum SessionChange<'a> {
    /// Another session takes its place; `None` is a new one.
    Switch {
        /// The file.
        target: Option<&'a str>,
    },
    /// A new session is made from the path up to this entry.
    Fork {
        /// The entry.
        entry: &'a str,
    },
    /// The leaf moves to this entry.
    Tree {
        /// The entry.
        entry: &'a str,
    },
    /// The context is to be compacted.
    Compact {
        /// The person's own instructions.
        instructions: Option<&'a str>,
        /// What is about to be done.
        plan: &'a CompactionPlan<'a>,
    },
}

/// What a compaction is about to do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CompactionPlan<'a> {
    /// Why: `manual`, `threshold` or `overflow`.
    pub reason: &'a str,
    /// Whether a refused request is sent again afterwards.
    pub will_retry: bool,
    /// The first entry that stays as it is.
    pub first_kept: &'a str,
    /// The messages that are summarised.
    pub to_summarise: &'a [SharedMessage],
    /// The beginning of a turn whose end stays; summarised by itself, empty when no turn is split.
    pub turn_start: &'a [SharedMessage],
    /// The summary that is brought up to date.
    pub previous_summary: Option<&'a str>,
    /// Tokens of the context before.
    pub tokens_before: u64,
    /// Files that were only read.
    pub read_files: Vec<&'a str>,
    /// Files that were changed.
    pub modified_files: Vec<&'a str>,
    /// Tokens to keep free, as they come out for the model.
    pub reserve_tokens: u64,
    /// Tokens at the end that stay, as they come out for the model.
    pub keep_recent_tokens: u64,
}

/// What to do about it.
#[derive(Debug, Clone, PartialEq)]
pub enum SessionDecision {
    /// Go on.
    Continue,
    /// Do not; the person sees the reason.
    Cancel(String),
    /// Go on with this in place of pi's own: `{summary, firstKeptEntryId?, tokensBefore?, details?,
    /// usage?}` for a compaction, `{summary, details?, usage?}` for a branch.
    Supply(Value),
}

/// Further resources to load, as paths.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resources {
    /// Skill files or folders.
    pub skills: Vec<String>,
    /// Prompt template files or folders.
    pub prompts: Vec<String>,
    /// Theme files or folders.
    pub themes: Vec<String>,
}

/// Does nothing anywhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoHooks;

impl Hooks for NoHooks {}

/// Why a hook gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// The person did not wait for it.
    Stopped,
    /// It crashed.
    Crashed,
}

/// Waits for a hook's answer, but not longer than the person does; a crash is caught.
pub async fn ask<T>(
    stop: &CancellationToken,
    hook: impl Future<Output = T>,
) -> Result<T, Unanswered> {
    tokio::select! {
        biased;
        answer = AssertUnwindSafe(hook).catch_unwind() => answer.map_err(|_| Unanswered::Crashed),
        () = stop.cancelled() => Err(Unanswered::Stopped),
    }
}
