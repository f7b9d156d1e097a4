//! `bash`: a shell command, its output as it comes.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ToolOptions;
use super::arguments;
use super::shell::{ShellProgress, ShellReport, run_shell};
use super::workspace::{Exit, ShellCommand, Workspace};
use crate::agent::{CallContext, Outcome, Tool};
use crate::ai::ToolSpec;

pub(super) struct Bash {
    workspace: Arc<dyn Workspace>,
    options: ToolOptions,
    spec: ToolSpec,
}

#[derive(Deserialize)]
struct Arguments {
    command: String,
    timeout: Option<f64>,
}

impl Bash {
    pub(super) fn new(workspace: Arc<dyn Workspace>, options: ToolOptions) -> Self {
        let spec = arguments::spec(
            "bash",
            "Run a bash command in the working directory. Returns stdout and stderr: the last 2000 \
             lines or 50KB, with the path of a file that holds all of it when it is more.",
            json!({
                "type": "object",
                "properties": {
                    "command": { "type": "string", "description": "Command to run" },
                    "timeout": { "type": "number", "description": "Seconds until it is killed; default: never" },
                },
                "required": ["command"],
            }),
        );
        Bash {
            workspace,
            options,
            spec,
        }
    }

    fn command(&self, args: &Arguments) -> ShellCommand {
        let line = match &self.options.command_prefix {
            Some(prefix) => format!("{prefix}\n{}", args.command),
            None => args.command.clone(),
        };
        let timeout = args
            .timeout
            .filter(|seconds| *seconds > 0.0)
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        ShellCommand {
            line,
            timeout,
            env: (self.options.env)(),
        }
    }
}

#[async_trait]
impl Tool for Bash {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn snippet(&self) -> Option<&str> {
        Some("Run shell commands (ls, rg, git, tests)")
    }

    async fn call(&self, args: Value, cx: CallContext) -> Outcome {
        let args: Arguments = match arguments::parse(args) {
            Ok(args) => args,
            Err(outcome) => return outcome,
        };
        cx.progress.report(Outcome::default());
        let progress = cx.progress.clone();
        let report = run_shell(
            self.workspace.as_ref(),
            self.command(&args),
            cx.stop.clone(),
            move |so_far| progress.report(partial(so_far)),
        );
        match report.await {
            Ok(report) => outcome(report, args.timeout),
            Err(error) => Outcome::error(format!("Cannot run the command: {error}.")),
        }
    }
}

fn partial(so_far: ShellProgress) -> Outcome {
    Outcome {
        details: details(
            so_far.truncation.map(|facts| json!(facts)),
            so_far
                .full_output_path
                .map(|path| path.to_string_lossy().into_owned()),
        ),
        ..Outcome::text(so_far.output)
    }
}

fn outcome(report: ShellReport, timeout: Option<f64>) -> Outcome {
    let status = match report.exit {
        Exit::Code(0) => None,
        Exit::Code(code) => Some(format!("Command failed with exit code {code}.")),
        Exit::Signal(signal) => Some(format!("Command was ended by signal {signal}.")),
        Exit::TimedOut => Some(format!(
            "Command was killed: it timed out after {} seconds.",
            timeout.unwrap_or_default()
        )),
        Exit::Stopped => Some("Command was stopped by the user.".to_string()),
    };
    let mut parts = Vec::new();
    if !report.output.is_empty() {
        parts.push(report.output.clone());
    } else if matches!(report.exit, Exit::Code(_)) {
        parts.push("(no output)".to_string());
    }
    parts.extend(report.truncation_notice());
    let is_error = status.is_some();
    parts.extend(status);
    Outcome {
        details: details(
            report.truncation.as_ref().map(|facts| json!(facts)),
            report
                .full_output_path
                .map(|path| path.to_string_lossy().into_owned()),
        ),
        is_error,
        ..Outcome::text(parts.join("\n\n"))
    }
}

fn details(truncation: Option<Value>, full_output_path: Option<String>) -> Option<Value> {
    let mut details = serde_json::Map::new();
    if let Some(truncation) = truncation {
        details.insert("truncation".into(), truncation);
    }
    if let Some(path) = full_output_path {
        details.insert("fullOutputPath".into(), path.into());
    }
    (!details.is_empty()).then_some(Value::Object(details))
}
