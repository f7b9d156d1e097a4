//! What a tool call is about, from its arguments and from what the tool left for the screen.

use serde_json::Value;

use crate::ai::ToolCall;
use crate::ai::message::ToolResultMessage;

/// What a call is about, in a line.
pub fn summary_of(call: &ToolCall) -> String {
    let arguments = &call.arguments;
    let path = argument(arguments, &["path", "file_path"]);
    match call.name.as_str() {
        "bash" => argument(arguments, &["command"]).to_owned(),
        "read" => {
            let (offset, limit) = (arguments["offset"].as_u64(), arguments["limit"].as_u64());
            match (offset, limit) {
                (None, None) => path.to_owned(),
                (from, None) => format!("{path}:{}", from.unwrap_or(1)),
                (from, Some(count)) => {
                    let from = from.unwrap_or(1);
                    let to = from.saturating_add(count).saturating_sub(1);
                    format!("{path}:{from}-{to}")
                }
            }
        }
        "write" | "edit" | "ls" => path.to_owned(),
        "grep" | "find" => {
            let pattern = argument(arguments, &["pattern"]);
            match path {
                "" => pattern.to_owned(),
                path => format!("{pattern} in {path}"),
            }
        }
        _ => String::new(),
    }
}

/// The first of these arguments that is a string.
pub(super) fn argument<'a>(arguments: &'a Value, names: &[&str]) -> &'a str {
    let mut found = names
        .iter()
        .filter_map(|name| arguments.get(*name)?.as_str());
    found.next().unwrap_or_default()
}

/// The diff that the tool left for the screen.
pub(super) fn diff_of(result: &ToolResultMessage) -> Option<&str> {
    result.details.as_ref()?.get("diff")?.as_str()
}

/// What an edit was to change, as a diff without places.
pub(super) fn asked_diff(arguments: &Value) -> String {
    let listed = arguments["edits"].as_array().map(Vec::as_slice);
    let edits = listed.unwrap_or(std::slice::from_ref(arguments));
    let mut diff = String::new();
    for edit in edits {
        if !diff.is_empty() {
            diff.push_str(" …\n");
        }
        for (sign, name) in [('-', "oldText"), ('+', "newText")] {
            for line in edit[name].as_str().unwrap_or_default().lines() {
                diff.push(sign);
                diff.push_str(line);
                diff.push('\n');
            }
        }
    }
    diff
}
