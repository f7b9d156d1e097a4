//! The system prompt: who the model is here, the tools that are on, how to use them, what the person
//! has left in files, the date and the directory. Short: every request pays for it.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use super::files::ContextFile;
use crate::agent::Tool;

/// What the prompt is made of.
pub struct SystemPrompt<'a> {
    /// In place of pi's own words; files, date and directory still follow.
    pub custom: Option<&'a str>,
    /// Behind them.
    pub append: &'a [String],
    /// The tools that are on.
    pub tools: &'a [Arc<dyn Tool>],
    /// The person's instructions.
    pub context_files: &'a [ContextFile],
    /// `YYYY-MM-DD`.
    pub date: &'a str,
    /// The working directory.
    pub cwd: &'a Path,
    /// Where this program's documentation is, if it was installed.
    pub docs: Option<&'a Path>,
}

impl SystemPrompt<'_> {
    /// The prompt as one text.
    pub fn to_text(&self) -> String {
        let mut text = match self.custom {
            Some(custom) => custom.to_owned(),
            None => self.own_words(),
        };
        for addition in self.append {
            text.push_str("\n\n");
            text.push_str(addition);
        }
        if !self.context_files.is_empty() {
            text.push_str(
                "\n\n# Project instructions\n\nFrom files that the user keeps for you:\n",
            );
            for file in self.context_files {
                // Writing to a String cannot fail.
                let _ = write!(
                    text,
                    "\n## {}\n\n{}\n",
                    file.path.display(),
                    file.content.trim_end()
                );
            }
        }
        let _ = write!(
            text,
            "\n\nToday: {}\nWorking directory: {}",
            self.date,
            self.cwd.display()
        );
        text
    }

    fn own_words(&self) -> String {
        let mut text = String::from(
            "You are pi, a coding agent in the user's terminal. You work on their files with the tools \
             below until the task is done, then say briefly what you did.\n\nTools:\n",
        );
        let listed: Vec<_> = self
            .tools
            .iter()
            .filter_map(|tool| Some((tool, tool.snippet()?)))
            .collect();
        for (tool, snippet) in &listed {
            let _ = writeln!(text, "- {}: {snippet}", tool.spec().name);
        }
        if listed.is_empty() {
            text.push_str("(none)\n");
        }
        text.push_str("\nGuidelines:\n");
        for line in self.guidelines() {
            let _ = writeln!(text, "- {line}");
        }
        if let Some(docs) = self.docs {
            let _ = write!(
                text,
                "\nWhen asked about pi itself (settings, models, keys, sessions, themes), read its documentation first: {}",
                docs.display()
            );
        }
        text.truncate(text.trim_end().len());
        text
    }

    fn guidelines(&self) -> Vec<&str> {
        let has = |name: &str| self.tools.iter().any(|tool| tool.spec().name == name);
        let mut lines = Vec::new();
        if has("bash") {
            let searches = ["grep", "find", "ls"].iter().any(|name| has(name));
            lines.push(if searches {
                "Look around with grep, find and ls rather than bash: they are fast and skip ignored files."
            } else {
                "Look around with bash (ls, rg, find)."
            });
        }
        for tool in self.tools {
            for line in tool.guidelines() {
                if !lines.contains(line) {
                    lines.push(line);
                }
            }
        }
        lines.push("Be concise.");
        lines.push("Name the files you mean by their paths.");
        lines
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn prompt<'a>(
        custom: Option<&'a str>,
        append: &'a [String],
        files: &'a [ContextFile],
    ) -> String {
        SystemPrompt {
            custom,
            append,
            tools: &[],
            context_files: files,
            date: "2026-11-21",
            cwd: Path::new("/home/ada/engine"),
            docs: None,
        }
        .to_text()
    }

    #[test]
    fn a_custom_prompt_replaces_pis_words_but_not_files_date_and_directory() {
        let files = [ContextFile {
            path: PathBuf::from("/home/ada/AGENTS.md"),
            content: "Use tabs.\n".into(),
        }];
        assert_eq!(
            prompt(Some("You are terse."), &["Really.".into()], &files),
            "You are terse.\n\nReally.\n\n# Project instructions\n\nFrom files that the user keeps for you:\n\
             \n## /home/ada/AGENTS.md\n\nUse tabs.\n\n\nToday: 2026-11-21\nWorking directory: /home/ada/engine"
        );
    }

    #[test]
    fn says_so_when_no_tool_is_on() {
        let text = prompt(None, &[], &[]);
        assert!(text.contains("Tools:\n(none)\n"), "{text}");
        assert!(!text.contains("bash"), "{text}");
    }
}
