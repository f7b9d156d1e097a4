//! `ls`: what is in a directory.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::arguments::{self, file_error, path_not_found, with_notices};
use super::truncate::{self, MAX_BYTES, human_size};
use super::workspace::{FileKind, Workspace};
use crate::agent::{CallContext, Outcome, Tool};
use crate::ai::ToolSpec;

/// Entries that are returned when the model says nothing.
const LIMIT: usize = 500;

pub(super) struct Ls {
    workspace: Arc<dyn Workspace>,
    spec: ToolSpec,
}

#[derive(Deserialize)]
struct Arguments {
    path: Option<String>,
    limit: Option<f64>,
}

impl Ls {
    pub(super) fn new(workspace: Arc<dyn Workspace>) -> Self {
        let spec = arguments::spec(
            "ls",
            "List a directory, dotfiles too, sorted, with / after directories. At most 500 entries \
             or 50KB.",
            json!({
                "type": "object",
                "properties": {
                    "path": { "type": "string", "description": "Directory; default: working directory" },
                    "limit": { "type": "number", "description": "Most entries; default: 500" },
                },
            }),
        );
        Ls { workspace, spec }
    }

    async fn ls(&self, args: Arguments) -> Outcome {
        let path = self
            .workspace
            .resolve_existing(args.path.as_deref().unwrap_or("."));
        match self.workspace.stat(&path).await {
            Ok(stat) if stat.kind == FileKind::Directory => {}
            Ok(_) => return Outcome::error(format!("Not a directory: {}", path.display())),
            Err(_) => return path_not_found(&path),
        }
        let mut entries = match self.workspace.list(&path).await {
            Ok(entries) => entries,
            Err(error) => return file_error("list", &path.to_string_lossy(), &error),
        };
        if entries.is_empty() {
            return Outcome::text("(empty directory)");
        }
        entries.sort_by_cached_key(|(name, _)| (dictionary_key(name), name.clone()));
        let limit = args.limit.map_or(LIMIT, arguments::count).max(1);
        let names: Vec<String> = entries
            .iter()
            .take(limit)
            .map(|(name, stat)| match stat.kind {
                FileKind::Directory => format!("{name}/"),
                _ => name.clone(),
            })
            .collect();
        let text = names.join("\n");
        let (text, facts) = truncate::head(&text, truncate::NO_LIMIT);
        let mut notices = Vec::new();
        let mut details = Map::new();
        if entries.len() > limit {
            notices.push(format!(
                "Stopped at {limit} of {} entries. Use limit={} for more",
                entries.len(),
                limit.saturating_mul(2)
            ));
            details.insert("entryLimitReached".into(), limit.into());
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

#[async_trait]
impl Tool for Ls {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn snippet(&self) -> Option<&str> {
        Some("List directories")
    }

    async fn call(&self, args: Value, cx: CallContext) -> Outcome {
        match arguments::parse(args) {
            Ok(args) => arguments::until_stopped(&cx.stop, self.ls(args)).await,
            Err(outcome) => outcome,
        }
    }
}

/// Sorts names as a dictionary does (the root order of the Unicode collation, as far as ASCII and
/// accents go): punctuation, digits, letters; case and accents only between names that are else equal.
fn dictionary_key(name: &str) -> Vec<(u8, u32)> {
    const PUNCTUATION: &str = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";
    name.nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| match PUNCTUATION.find(c) {
            Some(at) => (0, at as u32),
            None if c.is_ascii_digit() => (1, c as u32),
            None => (2, c as u32),
        })
        .collect()
}
