//! `write`: a whole file.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::arguments::{self, file_error};
use super::workspace::Workspace;
use crate::agent::{CallContext, Outcome, Tool};
use crate::ai::ToolSpec;

pub(super) struct Write {
    workspace: Arc<dyn Workspace>,
    spec: ToolSpec,
}

#[derive(Deserialize)]
struct Arguments {
    path: String,
    content: String,
}

impl Write {
    pub(super) fn new(workspace: Arc<dyn Workspace>) -> Self {
        let spec = arguments::spec(
            "write",
            "Create a file or replace all of it; makes missing directories.",
            json!({
                "type": "object",
                "properties": {
                    "path": { "type": "string", "description": "File, relative or absolute" },
                    "content": { "type": "string", "description": "All of its new content" },
                },
                "required": ["path", "content"],
            }),
        );
        Write { workspace, spec }
    }

    async fn write(&self, args: Arguments) -> Outcome {
        let path = self.workspace.resolve(&args.path);
        match self.workspace.write(&path, args.content.as_bytes()).await {
            Ok(()) => Outcome::text(format!(
                "Wrote {} bytes to {}.",
                args.content.len(),
                args.path
            )),
            Err(error) => file_error("write", &args.path, &error),
        }
    }
}

#[async_trait]
impl Tool for Write {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn snippet(&self) -> Option<&str> {
        Some("Make new files or replace whole ones")
    }

    fn guidelines(&self) -> &[&str] {
        &["Keep write for new files and complete rewrites."]
    }

    fn mutates(&self, args: &Value) -> Option<PathBuf> {
        let path = args.get("path")?.as_str()?;
        Some(self.workspace.identity(&self.workspace.resolve(path)))
    }

    async fn call(&self, args: Value, cx: CallContext) -> Outcome {
        match arguments::parse(args) {
            Ok(args) => arguments::until_stopped(&cx.stop, self.write(args)).await,
            Err(outcome) => outcome,
        }
    }
}
