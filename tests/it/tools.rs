//! The tools on real files and processes.

mod commands;
mod death;
mod editing;
mod reading;
mod searching;
mod weight;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use pi::agent::{CallContext, Outcome, Progress, Tool};
use pi::ai::Content;
use pi::tools::{LocalPlace, LocalWorkspace, ToolOptions, Workspace, builtin};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::support::LifeLine;

/// A directory of its own with the seven tools at work in it.
struct Bench {
    directory: tempfile::TempDir,
    workspace: Arc<LocalWorkspace>,
    tools: Vec<Arc<dyn Tool>>,
    stop: CancellationToken,
}

impl Bench {
    fn new() -> Self {
        Bench::with(ToolOptions::default())
    }

    fn with(options: ToolOptions) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(directory.path().join("work")).unwrap();
        std::fs::create_dir_all(directory.path().join("scratch")).unwrap();
        let workspace = Arc::new(LocalWorkspace::new(LocalPlace {
            root: directory.path().join("work"),
            home: Some(directory.path().join("home")),
            shell: None,
            temporary: directory.path().join("scratch"),
        }));
        Bench {
            directory,
            tools: builtin(workspace.clone(), options),
            workspace,
            stop: CancellationToken::new(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.workspace.root().join(name)
    }

    /// Makes a file, with its directories.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    fn text_of(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn tool(&self, name: &str) -> &Arc<dyn Tool> {
        let found = self.tools.iter().find(|tool| tool.spec().name == name);
        found.unwrap()
    }

    async fn call(&self, name: &str, args: Value) -> Outcome {
        self.watched(name, args, |_| {}).await
    }

    /// Calls a tool and sees its partial results.
    async fn watched(
        &self,
        name: &str,
        args: Value,
        see: impl FnMut(Outcome) + Send + 'static,
    ) -> Outcome {
        let see = Mutex::new(see);
        let tool = self.tool(name);
        let args = tool.prepare(args);
        let cx = CallContext {
            id: "call".into(),
            stop: self.stop.clone(),
            progress: Progress::new(move |partial| (see.lock().unwrap())(partial)),
            image_resize: None,
        };
        tool.call(args, cx).await
    }

    /// Calls a tool that must succeed; returns its text.
    async fn ok(&self, name: &str, args: Value) -> String {
        let outcome = self.call(name, args).await;
        assert!(!outcome.is_error, "{}", text(&outcome));
        text(&outcome)
    }

    /// Calls a tool that must fail; returns its text.
    async fn err(&self, name: &str, args: Value) -> String {
        let outcome = self.call(name, args).await;
        assert!(outcome.is_error, "{}", text(&outcome));
        text(&outcome)
    }

    fn scratch_files(&self) -> Vec<PathBuf> {
        files_in(&self.directory.path().join("scratch"))
    }
}

fn text(outcome: &Outcome) -> String {
    let texts: Vec<&str> = outcome
        .content
        .iter()
        .filter_map(Content::as_text)
        .collect();
    texts.join("\n")
}

fn files_in(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}
