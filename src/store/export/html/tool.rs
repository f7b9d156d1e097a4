//! A call and what it returned, each tool in a way of its own: the command, the diff, the file with its
//! line numbers.

use std::fmt::Write as _;

use serde_json::Value;

use super::Page;
use super::article::Sort;
use super::details::{self, is_short, lines, open};
use super::escape::{language, text};
use crate::ai::ToolCall;
use crate::ai::message::{ToolResultMessage, joined_text};
use crate::store::export::call::{argument, asked_diff, diff_of, summary_of};
use crate::store::export::clean::Clean;

/// Characters of a command or a path that a title shows.
const TITLE: usize = 160;

impl Page<'_> {
    /// Appends a call, with its result when it follows directly.
    pub fn call(
        &self,
        call: &ToolCall,
        result: Option<(u32, &ToolResultMessage)>,
        html: &mut String,
    ) {
        let failed = result.is_some_and(|(_, result)| result.is_error);
        let output = result.map(|(_, result)| joined_text(&result.content));
        let output = self.cleaner.clean(output.as_deref().unwrap_or_default());
        let arguments = &call.arguments;
        let is_open = match call.name.as_str() {
            "edit" => true,
            "write" => is_short(argument(arguments, &["content"])),
            _ => is_short(output.as_str()),
        };
        open(if failed { "tool failed" } else { "tool" }, is_open, html);
        self.title(call, html);
        match (result, failed) {
            (None, _) => html.push_str(" <small>no result</small>"),
            (_, true) => html.push_str(" <small>failed</small>"),
            _ => {}
        }
        html.push_str("</summary>");
        self.arguments(call, result.map(|(_, result)| result), html);
        if let Some((index, result)) = result {
            let says = format!("[{}] {}", call.name, summary_of(call));
            let says = self.cleaner.beginning(&says, 96);
            self.begin("div", index, Sort::Result, &says, false, html);
            self.result(call, result, &output, html);
            html.push_str("</div>");
        }
        html.push_str("</details>");
    }

    /// Appends a result whose call stands elsewhere.
    pub fn lone_result(&self, result: &ToolResultMessage, html: &mut String) {
        let output = joined_text(&result.content);
        let output = self.cleaner.clean(&output);
        let class = if result.is_error {
            "tool failed"
        } else {
            "tool"
        };
        open(class, is_short(output.as_str()), html);
        html.push_str("<b>");
        text(&self.cleaner.line(&result.tool_name), html);
        html.push_str("</b></summary>");
        if let Some(diff) = diff_of(result) {
            details::diff(&self.cleaner.clean(diff), html);
        }
        self.output(&output, "", None, html);
        details::images(&result.content, self.cleaner, html);
        html.push_str("</details>");
    }

    fn title(&self, call: &ToolCall, html: &mut String) {
        let sign = if call.name == "bash" { "$" } else { &call.name };
        html.push_str("<b>");
        text(&self.cleaner.beginning(sign, 40), html);
        html.push_str("</b> <code>");
        text(&self.cleaner.beginning(&summary_of(call), TITLE), html);
        html.push_str("</code>");
        if call.name == "write" {
            let lines = lines(argument(&call.arguments, &["content"]));
            let _ = write!(html, " <small>{lines}</small>");
        }
    }

    /// What the title does not say of the arguments.
    fn arguments(&self, call: &ToolCall, result: Option<&ToolResultMessage>, html: &mut String) {
        let arguments = &call.arguments;
        match call.name.as_str() {
            "bash" => {
                let command = argument(arguments, &["command"]);
                if command.contains('\n') || command.chars().nth(TITLE).is_some() {
                    details::code(&self.cleaner.clean(command), "sh", None, html);
                }
            }
            "write" => {
                let content = self.cleaner.clean(argument(arguments, &["content"]));
                details::code(&content, &language_of(arguments), Some(1), html);
            }
            "edit" if result.and_then(diff_of).is_none() => {
                details::diff(&self.cleaner.clean(&asked_diff(arguments)), html);
            }
            "read" | "edit" | "grep" | "find" | "ls" => {}
            _ if is_empty(arguments) => {}
            _ => details::code(&self.cleaner.json(arguments), "json", None, html),
        }
    }

    fn result(
        &self,
        call: &ToolCall,
        result: &ToolResultMessage,
        output: &Clean<'_>,
        html: &mut String,
    ) {
        match call.name.as_str() {
            "read" if !result.is_error => {
                let first = call.arguments["offset"].as_u64().unwrap_or(1).max(1);
                self.output(output, &language_of(&call.arguments), Some(first), html);
            }
            "edit" if !result.is_error => match diff_of(result) {
                Some(diff) => details::diff(&self.cleaner.clean(diff), html),
                None => self.output(output, "", None, html),
            },
            _ => self.output(output, "", None, html),
        }
        details::images(&result.content, self.cleaner, html);
    }

    fn output(
        &self,
        output: &Clean<'_>,
        language: &str,
        first_line: Option<u64>,
        html: &mut String,
    ) {
        if !output.as_str().trim().is_empty() {
            details::code(output, language, first_line, html);
        }
    }
}

fn is_empty(arguments: &Value) -> bool {
    arguments.is_null() || arguments.as_object().is_some_and(serde_json::Map::is_empty)
}

/// The language that a path's ending names.
fn language_of(arguments: &Value) -> String {
    let path = argument(arguments, &["path", "file_path"]);
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    match name.rsplit_once('.') {
        Some((_, ending)) => language(ending),
        None => language(name),
    }
}
