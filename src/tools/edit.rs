//! `edit`: exact replacements in one file, several at once.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::arguments::{self, file_error};
use super::diff;
use super::locate::{self, Edit as Replacement, LocateError};
use super::truncate::human_size;
use super::workspace::{FileKind, Workspace};
use crate::agent::{CallContext, Outcome, Tool};
use crate::ai::ToolSpec;

/// The largest file that is edited: it is held in memory a few times over.
const LARGEST: u64 = 64 * 1024 * 1024;

pub(super) struct Edit {
    workspace: Arc<dyn Workspace>,
    spec: ToolSpec,
}

#[derive(Deserialize)]
struct Arguments {
    path: String,
    edits: Vec<OneEdit>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OneEdit {
    old_text: String,
    new_text: String,
}

impl Edit {
    pub(super) fn new(workspace: Arc<dyn Workspace>) -> Self {
        let spec = arguments::spec(
            "edit",
            "Replace exact pieces of one file. Every oldText must occur once in the file as it is now, \
             and the pieces must not overlap; merge neighbouring changes into one.",
            json!({
                "type": "object",
                "properties": {
                    "path": { "type": "string", "description": "File, relative or absolute" },
                    "edits": {
                        "type": "array",
                        "description": "Replacements, all matched against the original",
                        "items": {
                            "type": "object",
                            "properties": {
                                "oldText": { "type": "string", "description": "Exact text, unique in the file" },
                                "newText": { "type": "string", "description": "What takes its place" },
                            },
                            "required": ["oldText", "newText"],
                        },
                    },
                },
                "required": ["path", "edits"],
            }),
        );
        Edit { workspace, spec }
    }

    async fn edit(&self, args: Arguments, stop: &CancellationToken) -> Outcome {
        let name = &args.path;
        if args.edits.is_empty() {
            return Outcome::error("edits must hold at least one replacement.");
        }
        let path = self.workspace.resolve_existing(name);
        match self.workspace.stat(&path).await {
            Err(error) => return file_error("edit", name, &error),
            Ok(stat) if stat.kind != FileKind::File => {
                return Outcome::error(format!("Cannot edit {name}: not a regular file."));
            }
            Ok(stat) if stat.size > LARGEST => {
                return Outcome::error(format!(
                    "Cannot edit {name}: it is larger than {}. Change it with bash.",
                    human_size(LARGEST)
                ));
            }
            Ok(_) => {}
        }
        let bytes = match self.workspace.read(&path).await {
            Ok(bytes) => bytes,
            Err(error) => return file_error("edit", name, &error),
        };
        let Ok(file) = String::from_utf8(bytes) else {
            return Outcome::error(format!(
                "Cannot edit {name}: it is not UTF-8 text, and other bytes would be lost."
            ));
        };
        let edits: Vec<Replacement> = args
            .edits
            .into_iter()
            .map(|edit| Replacement {
                old: edit.old_text,
                new: edit.new_text,
            })
            .collect();
        let count = edits.len();
        let worked = tokio::task::spawn_blocking(move || {
            locate::apply(&file, &edits).map(|edited| {
                let (diff, first) = diff::numbered(&edited.before, &edited.after);
                (edited.file, diff, first)
            })
        });
        let (file, diff, first_changed) = match worked.await {
            Ok(Ok(edited)) => edited,
            Ok(Err(error)) => return refused(name, count, &error),
            Err(error) => return Outcome::error(format!("The tool failed: {error}")),
        };
        if stop.is_cancelled() {
            return Outcome::error("Stopped by the user.");
        }
        if let Err(error) = self.workspace.write(&path, file.as_bytes()).await {
            return file_error("edit", name, &error);
        }
        let places = if count == 1 { "place" } else { "places" };
        Outcome::text(format!("Replaced {count} {places} in {name}."))
            .with_details(json!({ "diff": diff, "firstChangedLine": first_changed }))
    }
}

#[async_trait]
impl Tool for Edit {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn snippet(&self) -> Option<&str> {
        Some("Change exact pieces of a file, several in one call")
    }

    fn guidelines(&self) -> &[&str] {
        &[
            "Change files with edit; several places of one file go into one call's edits[].",
            "Keep each oldText short, but unique in the file.",
        ]
    }

    fn mutates(&self, args: &Value) -> Option<PathBuf> {
        let path = args.get("path")?.as_str()?;
        let path = self.workspace.resolve_existing(path);
        Some(self.workspace.identity(&path))
    }

    /// Takes what models trained on other tools send: `edits` as a JSON string, a single object in its
    /// place, and `oldText`/`newText` beside `path`.
    fn prepare(&self, mut args: Value) -> Value {
        let Some(object) = args.as_object_mut() else {
            return args;
        };
        if let Some(Value::String(text)) = object.get("edits")
            && let Ok(edits @ Value::Array(_)) = serde_json::from_str(text)
        {
            object.insert("edits".into(), edits);
        }
        if let Some(edit @ Value::Object(_)) = object.get("edits") {
            let edits = json!([edit]);
            object.insert("edits".into(), edits);
        }
        let text_of = |name| object.get(name).is_some_and(Value::is_string);
        if !text_of("oldText") || !text_of("newText") {
            return args;
        }
        let edit = json!({
            "oldText": object.remove("oldText"),
            "newText": object.remove("newText"),
        });
        match object.get_mut("edits") {
            Some(Value::Array(edits)) => edits.push(edit),
            _ => {
                object.insert("edits".into(), json!([edit]));
            }
        }
        args
    }

    async fn call(&self, args: Value, cx: CallContext) -> Outcome {
        match arguments::parse(args) {
            Ok(args) => arguments::until_stopped(&cx.stop, self.edit(args, &cx.stop)).await,
            Err(outcome) => outcome,
        }
    }
}

/// Why nothing was changed, so that the model can do better.
fn refused(name: &str, count: usize, error: &LocateError) -> Outcome {
    let which = |index: usize| match count {
        1 => "oldText".to_string(),
        _ => format!("edits[{index}].oldText"),
    };
    Outcome::error(match error {
        LocateError::Empty { index } => format!("{} must not be empty.", which(*index)),
        LocateError::NotFound { index } => format!(
            "{} was not found in {name}. It must be the file's text exactly, with its whitespace and \
             newlines; read the file again if it may have changed. Nothing was changed.",
            which(*index)
        ),
        LocateError::NotUnique { index, count } => format!(
            "{} occurs {count} times in {name}. Add lines around it until it is unique. Nothing was \
             changed.",
            which(*index)
        ),
        LocateError::Overlap { first, second } => format!(
            "edits[{first}] and edits[{second}] overlap in {name}. Merge them into one. Nothing was \
             changed."
        ),
        LocateError::NoChange => {
            format!("Nothing to change in {name}: the new text is the same as the old.")
        }
    })
}
