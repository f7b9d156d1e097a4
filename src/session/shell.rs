//! The person's own shell command (`!` and `!!`): run like the model's, kept as a message of its own.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::event::Event;
use super::ledger::Ledger;
use crate::agent::Outcome;
use crate::agent::hooks::{Hooks, ShellDecision};
use crate::ai::message::BashExecutionMessage;
use crate::ai::{Clock, Message, SharedMessage};
use crate::tools::{ShellCommand, ShellProgress, Tap, Workspace, run_shell_with};

/// What a command runs with.
pub(super) struct Shell {
    pub workspace: Arc<dyn Workspace>,
    pub hooks: Arc<dyn Hooks>,
    pub ledger: Arc<Ledger>,
    pub clock: Clock,
    pub prefix: Option<String>,
    pub stop: CancellationToken,
    /// Takes all that is printed, as it comes.
    pub output: Option<mpsc::Sender<String>>,
}

impl Shell {
    /// Runs `line` and tells the audience; the message is for the record.
    pub async fn run(self, line: String, excluded: bool) -> SharedMessage {
        self.ledger.publish(Event::ShellStart {
            line: line.clone(),
            excluded,
        });
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
            ShellDecision::Run => self.run_here(line, &mut message).await,
        }
        Arc::new(Message::BashExecution(message))
    }

    async fn run_here(&self, line: String, message: &mut BashExecutionMessage) {
        let command = ShellCommand {
            line: with_prefix(self.prefix.as_deref(), line),
            timeout: None,
            env: self.ledger.view().environment(),
        };
        let progress = |so_far: ShellProgress| {
            let outcome = Outcome::text(so_far.output);
            self.ledger.publish(Event::ShellUpdate(Arc::new(outcome)));
        };
        let tap = self.output.clone().map(Tap::new);
        match run_shell_with(&*self.workspace, command, self.stop.clone(), progress, tap).await {
            Ok(report) => {
                message.exit_code = report.exit_code();
                message.cancelled = report.is_cancelled();
                message.truncated = report.is_truncated();
                let path = report.full_output_path.as_ref();
                message.full_output_path = path.map(|path| path.display().to_string());
                message.output = report.output;
            }
            Err(error) => message.output = format!("the command could not be started: {error}"),
        }
    }
}

fn with_prefix(prefix: Option<&str>, line: String) -> String {
    match prefix {
        Some(prefix) => format!("{prefix}\n{line}"),
        None => line,
    }
}
