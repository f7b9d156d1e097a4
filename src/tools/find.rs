//! `find`: files and directories by glob.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::arguments::{self, path_not_found, with_notices};
use super::truncate::{self, MAX_BYTES, human_size};
use super::workspace::{FileKind, Workspace};
use crate::agent::{CallContext, Outcome, Tool};
use crate::ai::ToolSpec;

/// Results that are returned when the model says nothing.
const LIMIT: usize = 1000;

pub(super) struct Find {
    workspace: Arc<dyn Workspace>,
    spec: ToolSpec,
}

#[derive(Deserialize)]
struct Arguments {
    pattern: String,
    path: Option<String>,
    limit: Option<f64>,
}

impl Find {
    pub(super) fn new(workspace: Arc<dyn Workspace>) -> Self {
        let spec = arguments::spec(
            "find",
            "Find files by glob. Gives paths relative to the directory searched, with / after \
             directories; honours .gitignore. At most 1000 results or 50KB.",
            json!({
                "type": "object",
                "properties": {
                    "pattern": { "type": "string", "description": "Glob such as '*.ts' or 'src/**/*.rs'" },
                    "path": { "type": "string", "description": "Directory; default: working directory" },
                    "limit": { "type": "number", "description": "Most results; default: 1000" },
                },
                "required": ["pattern"],
            }),
        );
        Find { workspace, spec }
    }

    async fn find(&self, args: Arguments, stop: CancellationToken) -> Outcome {
        let root = self
            .workspace
            .resolve_existing(args.path.as_deref().unwrap_or("."));
        match self.workspace.stat(&root).await {
            Ok(stat) if stat.kind == FileKind::Directory => {}
            Ok(_) => return Outcome::error(format!("Not a directory: {}", root.display())),
            Err(_) => return path_not_found(&root),
        }
        let wanted = match Wanted::new(&args.pattern) {
            Ok(wanted) => wanted,
            Err(error) => return Outcome::error(format!("Bad pattern: {error}")),
        };
        let limit = args.limit.map_or(LIMIT, arguments::count).max(1);
        let found = Arc::new(Mutex::new(Found::default()));
        let (base, sink) = (root.clone(), found.clone());
        let visit = Box::new(move |path: &Path, kind| {
            if !wanted.matches(path, &base) {
                return true;
            }
            let mut found = sink.lock().unwrap_or_else(PoisonError::into_inner);
            found.push(path.strip_prefix(&base).unwrap_or(path), kind, limit)
        });
        if let Err(error) = self.workspace.walk(&root, None, stop, visit).await {
            return Outcome::error(format!("Cannot search: {error}"));
        }
        let found = found.lock().unwrap_or_else(PoisonError::into_inner);
        found.outcome(limit)
    }
}

#[async_trait]
impl Tool for Find {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn snippet(&self) -> Option<&str> {
        Some("Find files by name (honours .gitignore)")
    }

    async fn call(&self, args: Value, cx: CallContext) -> Outcome {
        match arguments::parse(args) {
            Ok(args) => arguments::until_stopped(&cx.stop, self.find(args, cx.stop.clone())).await,
            Err(outcome) => outcome,
        }
    }
}

/// What to look for: a name, or with a `/` in it a path below any directory. Case counts when the
/// pattern has an upper-case letter.
struct Wanted {
    glob: GlobMatcher,
    of: Of,
}

enum Of {
    Name,
    RelativePath,
    AbsolutePath,
}

impl Wanted {
    fn new(pattern: &str) -> Result<Self, globset::Error> {
        let (of, glob) = if pattern.starts_with('/') {
            (Of::AbsolutePath, pattern.to_string())
        } else if !pattern.contains('/') {
            (Of::Name, pattern.to_string())
        } else if pattern.starts_with("**/") {
            (Of::RelativePath, pattern.to_string())
        } else {
            let below = pattern.strip_prefix("./").unwrap_or(pattern);
            (Of::RelativePath, format!("**/{below}"))
        };
        let glob = GlobBuilder::new(&glob)
            .literal_separator(true)
            .case_insensitive(!pattern.chars().any(char::is_uppercase))
            .build()?
            .compile_matcher();
        Ok(Wanted { glob, of })
    }

    fn matches(&self, path: &Path, base: &Path) -> bool {
        match self.of {
            Of::Name => path
                .file_name()
                .is_some_and(|name| self.glob.is_match(PathBuf::from(name))),
            Of::RelativePath => self.glob.is_match(path.strip_prefix(base).unwrap_or(path)),
            Of::AbsolutePath => self.glob.is_match(path),
        }
    }
}

#[derive(Default)]
struct Found {
    text: String,
    count: usize,
    more: bool,
}

impl Found {
    /// False when there is enough.
    fn push(&mut self, path: &Path, kind: FileKind, limit: usize) -> bool {
        if self.count == limit {
            self.more = true;
            return false;
        }
        if self.count > 0 {
            self.text.push('\n');
        }
        self.text.push_str(&path.to_string_lossy());
        if kind == FileKind::Directory {
            self.text.push('/');
        }
        self.count += 1;
        self.text.len() <= MAX_BYTES
    }

    fn outcome(&self, limit: usize) -> Outcome {
        if self.count == 0 {
            return Outcome::text("No files found matching the pattern");
        }
        let (text, facts) = truncate::head(&self.text, truncate::NO_LIMIT);
        let mut notices = Vec::new();
        let mut details = Map::new();
        if self.more {
            notices.push(format!(
                "Stopped at {limit} results. There are more: narrow the pattern or use limit={}",
                limit.saturating_mul(2)
            ));
            details.insert("resultLimitReached".into(), limit.into());
        }
        if facts.truncated {
            notices.push(format!("Cut at {}", human_size(MAX_BYTES as u64)));
            details.insert("truncation".into(), json!(facts));
        }
        Outcome {
            details: (!details.is_empty()).then_some(Value::Object(details)),
            ..Outcome::text(with_notices(text, &notices))
        }
    }
}
