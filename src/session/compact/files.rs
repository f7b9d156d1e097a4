//! The files that were read and changed, added up over all summaries of a conversation.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::ai::Message;

/// Files by what was done to them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Files {
    read: BTreeSet<String>,
    modified: BTreeSet<String>,
}

impl Files {
    /// Adds what the calls of an answer do.
    pub fn add_calls(&mut self, message: &Message) {
        let Some(answer) = message.as_assistant() else {
            return;
        };
        for call in answer.tool_calls() {
            let path = call.arguments.get("path").and_then(Value::as_str);
            let Some(path) = path.filter(|path| !path.is_empty()) else {
                continue;
            };
            match call.name.as_str() {
                "read" => self.read.insert(path.to_owned()),
                "write" | "edit" => self.modified.insert(path.to_owned()),
                _ => false,
            };
        }
    }

    /// Adds what an entry of an earlier summary knows, unless a hook wrote it: its details are its own.
    pub fn add_entry(&mut self, entry: &Value) {
        if entry["fromHook"].as_bool() == Some(true) {
            return;
        }
        for (name, files) in [
            ("readFiles", &mut self.read),
            ("modifiedFiles", &mut self.modified),
        ] {
            let known = entry["details"][name].as_array().into_iter().flatten();
            files.extend(known.filter_map(|path| Some(path.as_str()?.to_owned())));
        }
    }

    /// Files that were only read.
    pub fn read_only(&self) -> Vec<&str> {
        let only = self.read.difference(&self.modified);
        only.map(String::as_str).collect()
    }

    /// Files that were changed.
    pub fn modified(&self) -> Vec<&str> {
        self.modified.iter().map(String::as_str).collect()
    }

    /// As an entry keeps them.
    pub fn details(&self) -> Value {
        json!({"readFiles": self.read_only(), "modifiedFiles": self.modified()})
    }

    /// As the model sees them behind a summary: at most about `most` bytes of each list.
    pub fn to_text(&self, most: usize) -> String {
        let lists = [
            ("read-files", self.read_only()),
            ("modified-files", self.modified()),
        ];
        let mut text = String::new();
        for (tag, files) in lists {
            if files.is_empty() {
                continue;
            }
            text.push_str(&format!("\n\n<{tag}>\n"));
            let begin = text.len();
            for (at, file) in files.iter().enumerate() {
                if at > 0 && text.len() - begin + file.len() > most {
                    text.push_str(&format!("(and {} more)\n", files.len() - at));
                    break;
                }
                text.push_str(file);
                text.push('\n');
            }
            text.push_str(&format!("</{tag}>"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::delta::empty_message;
    use crate::ai::script::model;
    use crate::ai::{Content, ToolCall};

    fn calls(calls: &[(&str, &str)]) -> Message {
        let mut answer = empty_message(&model(), 0);
        for (name, path) in calls {
            answer.content.push(Content::ToolCall(ToolCall {
                id: "c".into(),
                name: (*name).into(),
                arguments: json!({"path": path}),
                thought_signature: None,
            }));
        }
        Message::Assistant(answer)
    }

    #[test]
    fn a_file_that_was_read_and_changed_counts_as_changed() {
        let mut files = Files::default();
        files.add_entry(&json!({"details": {"readFiles": ["old", 7], "modifiedFiles": ["done"]}}));
        files.add_entry(&json!({"fromHook": true, "details": {"readFiles": ["own"]}}));
        files.add_entry(&json!({"details": "nonsense"}));
        files.add_calls(&calls(&[
            ("read", "a"),
            ("read", "b"),
            ("edit", "a"),
            ("write", "c"),
            ("bash", "d"),
        ]));
        assert_eq!(
            files.details(),
            json!({"readFiles": ["b", "old"], "modifiedFiles": ["a", "c", "done"]})
        );
        assert_eq!(
            files.to_text(1000),
            "\n\n<read-files>\nb\nold\n</read-files>\n\n<modified-files>\na\nc\ndone\n</modified-files>"
        );
        assert!(files.to_text(2).contains("a\n(and 2 more)\n"));
        assert_eq!(Files::default().to_text(1000), "");
    }
}
