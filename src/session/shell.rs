//! The person's own shell command (`!` and `!!`), and those of programs: run like the model's, kept as
//! a message of its own.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use tokio::sync::{mpsc, oneshot};
use tokio::task;
use tokio_util::sync::CancellationToken;

use super::actor::{Actor, Done, Task, Work};
use super::command::Reply;
use super::event::Event;
use super::ledger::Ledger;
use crate::agent::Outcome;
use crate::agent::hooks::{Hooks, ShellDecision, Unanswered, ask};
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
        match ask(&self.stop, self.hooks.user_bash(&line)).await {
            Ok(ShellDecision::Supply { output, exit_code }) => {
                message.output = output;
                message.exit_code = exit_code;
            }
            Err(Unanswered::Stopped) => message.cancelled = true,
            // A hook that crashed has no say.
            Ok(ShellDecision::Run) | Err(Unanswered::Crashed) => {
                self.run_here(line, &mut message).await;
            }
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

impl Actor {
    /// Runs the person's command, unless there is one.
    pub(super) fn bash(&mut self, line: String, excluded: bool) -> Reply {
        if !self.shells.is_empty() {
            return Reply::Refused("a shell command is running already; Escape stops it".into());
        }
        self.start_shell(line, excluded, None, None);
        Reply::Done
    }

    pub(super) fn start_shell(
        &mut self,
        line: String,
        excluded: bool,
        output: Option<mpsc::Sender<String>>,
        reply: Option<oneshot::Sender<Reply>>,
    ) {
        let stop = CancellationToken::new();
        let command = Shell {
            workspace: self.setup.workspace.clone(),
            hooks: self.runner.hooks.clone(),
            ledger: self.ledger.clone(),
            clock: self.runner.request.clock.clone(),
            prefix: self.setup.shell_prefix.clone(),
            stop: stop.clone(),
            output,
        };
        let report = self.report.clone();
        let handle = tokio::spawn(async move {
            let message = AssertUnwindSafe(command.run(line, excluded))
                .catch_unwind()
                .await;
            let _ = report.send(Done::Shell(task::id(), message.ok(), reply));
        });
        self.shells.push(Task {
            work: Work::Shell,
            stop,
            handle,
        });
    }

    pub(super) fn stop_shells(&self) {
        for shell in &self.shells {
            shell.stop.cancel();
        }
    }

    /// Keeps what a command came to: at once, or behind the run that is going on.
    pub(super) fn shell_ended(
        &mut self,
        id: task::Id,
        message: Option<SharedMessage>,
        reply: Option<oneshot::Sender<Reply>>,
    ) {
        self.shells.retain(|shell| shell.handle.id() != id);
        let Some(message) = message else { return };
        if self.run.is_some() {
            self.late.push(message.clone());
        } else {
            self.keep_shell(message.clone());
        }
        self.ledger.publish(Event::ShellEnd(message.clone()));
        if let Some(reply) = reply {
            // Whoever asked may have gone.
            let _ = reply.send(Reply::Shell(message));
        }
    }

    pub(super) fn keep_shell(&mut self, message: SharedMessage) {
        self.ledger.record_message(&message);
        if let Some(context) = &mut self.context {
            context.push(message);
        }
    }
}

fn with_prefix(prefix: Option<&str>, line: String) -> String {
    match prefix {
        Some(prefix) => format!("{prefix}\n{line}"),
        None => line,
    }
}
