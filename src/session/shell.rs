//! The person's own shell command (`!` and `!!`): run like the model's, kept as a message of its own.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::event::Event;
use super::ledger::Ledger;
use crate::agent::hooks::{Hooks, ShellDecision};
use crate::agent::{Outcome, Progress};
use crate::ai::message::BashExecutionMessage;
use crate::ai::{Clock, Message, SharedMessage};
use crate::tools::{Workspace, run_for_person};

/// What a command runs with.
pub(super) struct Shell {
    pub workspace: Arc<dyn Workspace>,
    pub hooks: Arc<dyn Hooks>,
    pub ledger: Arc<Ledger>,
    pub clock: Clock,
    pub stop: CancellationToken,
}

impl Shell {
    /// Runs `line` and tells the audience; the message is for the record.
    pub async fn run(self, line: String, excluded: bool) -> SharedMessage {
        self.ledger.publish(Event::ShellStart { line: line.clone(), excluded });
        let mut message = BashExecutionMessage {
            command: line.clone(),
            output: String::new(),
            exit_code: None,
            cancelled: false,
            truncated: false,
            full_output_path: None,
            exclude_from_context: excluded,
            timestamp: self.clock.now(),
        };
        match self.hooks.user_bash(&line).await {
            ShellDecision::Supply { output, exit_code } => {
                message.output = output;
                message.exit_code = exit_code;
            }
            ShellDecision::Run => {
                let ledger = self.ledger.clone();
                let progress = Progress::new(move |partial: Outcome| {
                    ledger.publish(Event::ShellUpdate(Arc::new(partial)));
                });
                let ran = run_for_person(&*self.workspace, line, progress, self.stop).await;
                message.output = ran.output;
                message.exit_code = ran.exit_code;
                message.cancelled = ran.cancelled;
                message.truncated = ran.truncated;
                message.full_output_path = ran.full_output_path;
            }
        }
        Arc::new(Message::BashExecution(message))
    }
}
