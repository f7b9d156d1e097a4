//! The active branch as Markdown: a heading a message, calls as fenced blocks, results folded.
//!
//! What was said is Markdown itself and stands as it was said, but for raw HTML. What a fence holds cannot end it: the
//! fence is longer than any run of backticks inside.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::call::{argument, asked_diff, diff_of, summary_of};
use super::clean::{Clean, Cleaner};
use super::contained::contained;
use super::facts::facts;
use super::image;
use crate::ai::message::{
    AssistantMessage, BashExecutionMessage, Body, ToolResultMessage, joined_text,
};
use crate::ai::{Content, Message, StopReason, ToolCall};
use crate::store::entry::Kind;
use crate::store::{Store, time};
use crate::tools::human_size;

/// Writes the document; returns how many entries are in it.
pub(super) fn write(
    store: &Store,
    cleaner: &Cleaner<'_>,
    title: &Clean<'_>,
    out: &mut impl Write,
) -> io::Result<usize> {
    let mut text = format!("# {}\n\n", as_text(title));
    for (name, value) in facts(store, cleaner) {
        let _ = writeln!(text, "- **{name}**: {}", as_text(&value));
    }
    out.write_all(text.as_bytes())?;
    let path = store.tree.path(store.leaf);
    let mut document = Document {
        cleaner,
        text: String::new(),
    };
    for index in &path {
        let Some(node) = store.tree.node(*index) else {
            continue;
        };
        if !node.kind.is_shown() && node.kind != Kind::Compaction {
            continue;
        }
        document.text.clear();
        match store.log.message_once(node.span()) {
            Some(message) => document.message(&message, &time::format(node.time)),
            None => document.text.push_str("\n*This entry cannot be read.*\n"),
        }
        out.write_all(document.text.as_bytes())?;
        document.text.shrink_to(1024 * 1024);
    }
    Ok(path.len())
}

struct Document<'c> {
    cleaner: &'c Cleaner<'c>,
    text: String,
}

impl Document<'_> {
    fn message(&mut self, message: &Message, at: &str) {
        let at = at.get(..16).unwrap_or(at).replace('T', " ");
        match message {
            Message::User(user) => {
                self.heading("You", &at);
                self.body(&user.content);
            }
            Message::Assistant(answer) => self.answer(answer, &at),
            Message::ToolResult(result) => self.result(result),
            Message::BashExecution(run) => self.shell(run, &at),
            Message::Custom(custom) if !custom.display => {}
            Message::Custom(custom) => {
                self.heading(&custom.custom_type, &at);
                self.body(&custom.content);
            }
            Message::BranchSummary(left) => {
                self.heading("Summary of a branch that was left", &at);
                self.words(&left.summary);
            }
            Message::CompactionSummary(cut) => {
                let title = format!("Summary of what was before ({} tokens)", cut.tokens_before);
                self.heading(&title, &at);
                self.words(&cut.summary);
            }
        }
    }

    fn heading(&mut self, title: &str, at: &str) {
        let title = self.cleaner.line(title);
        let _ = write!(self.text, "\n## {} · {at}\n", as_text(&title));
    }

    fn words(&mut self, words: &str) {
        let clean = self.cleaner.clean(words);
        let words = contained(clean.as_str().trim_matches('\n'));
        if !words.trim().is_empty() {
            let _ = write!(self.text, "\n{words}\n");
        }
    }

    fn body(&mut self, body: &Body) {
        match body {
            Body::Text(words) => self.words(words),
            Body::Blocks(blocks) => {
                for block in blocks {
                    match block {
                        Content::Text { text, .. } => self.words(text),
                        Content::Image { data, mime_type } => self.image(data, mime_type),
                        _ => {}
                    }
                }
            }
        }
    }

    fn answer(&mut self, answer: &AssistantMessage, at: &str) {
        let model = match answer.model.as_str() {
            "" => "Model",
            model => model,
        };
        self.heading(model, at);
        for block in &answer.content {
            match block {
                Content::Text { text, .. } => self.words(text),
                Content::Thinking { thinking, .. } if thinking.trim().is_empty() => {}
                Content::Thinking { thinking, .. } => {
                    self.text
                        .push_str("\n<details><summary>Thinking</summary>\n");
                    self.fence("text", thinking);
                    self.text.push_str("\n</details>\n");
                }
                Content::ToolCall(call) => self.call(call),
                Content::Image { data, mime_type } => self.image(data, mime_type),
            }
        }
        let ending = match (answer.stop_reason, &answer.error_message) {
            (StopReason::Error, Some(why)) => format!("Failed: {why}"),
            (StopReason::Error, None) => "Failed.".to_owned(),
            (StopReason::Aborted, _) => "Stopped.".to_owned(),
            (StopReason::Length, _) => "Cut off at the output limit.".to_owned(),
            _ => return,
        };
        let ending = self.cleaner.line(&ending);
        let _ = write!(self.text, "\n> {}\n", as_text(&ending));
    }

    fn call(&mut self, call: &ToolCall) {
        let name = self.cleaner.line(&call.name);
        let _ = write!(self.text, "\n**{}**", as_text(&name));
        match call.name.as_str() {
            "bash" => {
                self.text.push('\n');
                self.fence("sh", argument(&call.arguments, &["command"]));
            }
            "write" => {
                self.code_line(&summary_of(call));
                self.fence("", argument(&call.arguments, &["content"]));
            }
            "edit" => {
                self.code_line(&summary_of(call));
                self.fence("diff", &asked_diff(&call.arguments));
            }
            "read" | "grep" | "find" | "ls" => self.code_line(&summary_of(call)),
            _ => {
                self.text.push('\n');
                let arguments = self.cleaner.json(&call.arguments);
                self.clean_fence("json", arguments.as_str());
            }
        }
    }

    /// One line of code behind what stands there, whatever backticks are in it.
    fn code_line(&mut self, code: &str) {
        let code = self.cleaner.line(code);
        let ticks = "`".repeat(longest_run(code.as_str()) + 1);
        let _ = writeln!(self.text, " {ticks} {} {ticks}", code.as_str());
    }

    fn result(&mut self, result: &ToolResultMessage) {
        let output = joined_text(&result.content);
        let name = self.cleaner.line(&result.tool_name);
        let failed = if result.is_error { " (failed)" } else { "" };
        let mut title = String::new();
        super::html::escape(name.as_str(), &mut title);
        let _ = write!(
            self.text,
            "\n<details><summary>Result of {title}{failed}</summary>\n"
        );
        match diff_of(result) {
            Some(diff) if !result.is_error => self.fence("diff", diff),
            _ => self.fence("text", &output),
        }
        self.text.push_str("\n</details>\n");
        for block in &result.content {
            if let Content::Image { data, mime_type } = block {
                self.image(data, mime_type);
            }
        }
    }

    fn shell(&mut self, run: &BashExecutionMessage, at: &str) {
        self.heading("Shell", at);
        self.fence("sh", &run.command);
        self.fence("text", &run.output);
        let ending = match (run.cancelled, run.exit_code) {
            (true, _) => "Stopped.".to_owned(),
            (false, Some(0)) => return,
            (false, Some(code)) => format!("Exit code {code}."),
            (false, None) => "Killed.".to_owned(),
        };
        let _ = write!(self.text, "\n> {ending}\n");
    }

    fn image(&mut self, data: &str, mime: &str) {
        let mime = self.cleaner.line(mime);
        let size = human_size(image::size(data));
        let _ = write!(self.text, "\n*A picture ({}, {size})*\n", as_text(&mime));
    }

    fn fence(&mut self, language: &str, content: &str) {
        let clean = self.cleaner.clean(content);
        self.clean_fence(language, clean.as_str());
    }

    fn clean_fence(&mut self, language: &str, content: &str) {
        if content.trim().is_empty() {
            return;
        }
        let fence = "`".repeat(longest_run(content).max(2) + 1);
        let end = if content.ends_with('\n') { "" } else { "\n" };
        let _ = write!(self.text, "\n{fence}{language}\n{content}{end}{fence}\n");
    }
}

/// A line that stands among the document's own: HTML in it is text.
fn as_text(line: &Clean<'_>) -> String {
    line.as_str().replace('<', "&lt;")
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for byte in text.bytes() {
        run = if byte == b'`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_longer_than_any_run_of_backticks_inside() {
        let cleaner = Cleaner::new(None);
        let mut document = Document {
            cleaner: &cleaner,
            text: String::new(),
        };
        document.fence("sh", "a ```` b");
        assert_eq!(document.text, "\n`````sh\na ```` b\n`````\n");
        document.text.clear();
        document.code_line("a``b");
        assert_eq!(document.text, " ``` a``b ```\n");
    }

    #[test]
    fn html_in_names_of_models_and_in_failures_is_text() {
        let cleaner = Cleaner::new(None);
        let mut document = Document {
            cleaner: &cleaner,
            text: String::new(),
        };
        document.heading("<img src=x>", "now");
        document.image("AAAA", "<b>");
        assert_eq!(
            document.text,
            "\n## &lt;img src=x> · now\n\n*A picture (&lt;b>, 3B)*\n"
        );
    }
}
