//! One entry as an article, and what the tree is told of it.

use std::collections::HashSet;
use std::fmt::Write as _;

use serde_json::Value;

use super::details::{self, open};
use super::escape::{escape, text};
use super::prose::{self, Author};
use super::{Page, result_of};
use crate::ai::message::{AssistantMessage, BashExecutionMessage, Body};
use crate::ai::{Content, Message, StopReason};
use crate::store::entry::Kind;
use crate::store::export::clean::Clean;
use crate::store::time;
use crate::store::totals::grouped;

/// Characters of an entry that the tree shows.
const BEGINNING: usize = 96;

/// What the tree's filters tell apart; the names that `page.js` knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    User,
    Answer,
    /// An answer that only calls tools.
    Calls,
    Result,
    Shell,
    Note,
    Summary,
    Setting,
    Other,
}

impl Sort {
    fn name(self) -> &'static str {
        match self {
            Sort::User => "user",
            Sort::Answer => "answer",
            Sort::Calls => "calls",
            Sort::Result => "result",
            Sort::Shell => "shell",
            Sort::Note => "note",
            Sort::Summary => "summary",
            Sort::Setting => "setting",
            Sort::Other => "other",
        }
    }
}

impl Page<'_> {
    /// Appends the entry at `index`.
    pub fn article(&mut self, index: u32, html: &mut String) {
        let Some(node) = self.store.tree.node(index).copied() else {
            return;
        };
        let message = match node.kind {
            Kind::Message | Kind::CustomMessage | Kind::BranchSummary | Kind::Compaction => {
                self.store.log.message_once(node.span())
            }
            _ => None,
        };
        let Some(message) = message else {
            return self.other(index, node.kind, html);
        };
        let (sort, beginning) = sort_of(&message);
        let beginning = self.cleaner.beginning(&beginning, BEGINNING);
        self.begin(
            "article",
            index,
            sort,
            &beginning,
            is_unshown(&message),
            html,
        );
        self.heading(index, title(&message), html);
        match &*message {
            Message::User(user) => self.body(&user.content, Author::Person, html),
            Message::Assistant(answer) => self.answer(index, answer, html),
            Message::ToolResult(result) => self.lone_result(result, html),
            Message::BashExecution(run) => self.shell(run, html),
            Message::Custom(custom) => self.body(&custom.content, Author::Model, html),
            Message::BranchSummary(left) => self.prose(&left.summary, Author::Model, html),
            Message::CompactionSummary(cut) => {
                let tokens = grouped(cut.tokens_before);
                let _ = write!(html, "<p class=\"note\">In place of {tokens} tokens</p>");
                self.prose(&cut.summary, Author::Model, html);
            }
        }
        html.push_str("</article>\n");
    }

    /// Opens an element that stands for an entry; its tag and its class are literals.
    pub fn begin(
        &self,
        tag: &str,
        index: u32,
        sort: Sort,
        beginning: &Clean<'_>,
        is_unshown: bool,
        html: &mut String,
    ) {
        let parent = self.store.tree.node(index).and_then(|node| node.parent());
        let parent = parent.map_or("-1".into(), |parent| parent.to_string());
        let class = sort.name();
        let _ = write!(
            html,
            "<{tag} id=\"e{index}\" class=\"{class}\" data-k=\"{class}\" data-p=\"{parent}\" data-t=\""
        );
        text(beginning, html);
        html.push('"');
        if let Some((label, _)) = self.store.labels.get(&index) {
            html.push_str(" data-l=\"");
            text(&self.cleaner.line(label), html);
            html.push('"');
        }
        if is_unshown {
            html.push_str(" data-unshown");
        }
        if !self.shown[index as usize] {
            html.push_str(" hidden");
        }
        html.push('>');
    }

    fn heading(&self, index: u32, title: &str, html: &mut String) {
        let Some(node) = self.store.tree.node(index) else {
            return;
        };
        html.push_str("<h3><span>");
        escape(self.cleaner.line(title).as_str(), html);
        html.push_str("</span>");
        if let Some((label, _)) = self.store.labels.get(&index) {
            html.push_str("<mark>");
            text(&self.cleaner.line(label), html);
            html.push_str("</mark>");
        }
        let at = time::format(node.time);
        let id = self.store.tree.id(index);
        html.push_str("<time datetime=\"");
        escape(&at, html);
        html.push_str("\" title=\"entry ");
        text(&self.cleaner.line(id.as_str()), html);
        html.push_str("\">");
        escape(&at.get(..16).unwrap_or(&at).replace('T', " "), html);
        html.push_str("</time></h3>");
    }

    pub fn prose(&self, words: &str, author: Author, html: &mut String) {
        if !words.trim().is_empty() {
            prose::write(&self.cleaner.clean(words), author, self.cleaner, html);
        }
    }

    fn body(&self, body: &Body, author: Author, html: &mut String) {
        match body {
            Body::Text(words) => self.prose(words, author, html),
            Body::Blocks(blocks) => {
                for words in blocks.iter().filter_map(Content::as_text) {
                    self.prose(words, author, html);
                }
                details::images(blocks, self.cleaner, html);
            }
        }
    }

    fn answer(&mut self, index: u32, answer: &AssistantMessage, html: &mut String) {
        let calls: HashSet<&str> = answer.tool_calls().map(|call| call.id.as_str()).collect();
        let mut results = self.results(index, &calls);
        for block in &answer.content {
            match block {
                Content::Text { text, .. } => self.prose(text, Author::Model, html),
                Content::Thinking {
                    thinking, redacted, ..
                } => self.thinking(thinking, *redacted, html),
                Content::Image { .. } => {
                    details::images(std::slice::from_ref(block), self.cleaner, html);
                }
                Content::ToolCall(call) => {
                    let result = results.remove(&call.id);
                    let result = result.as_ref().and_then(|(index, message)| {
                        result_of(message).map(|result| (*index, result))
                    });
                    self.call(call, result, html);
                }
            }
        }
        let reason = match (answer.stop_reason, &answer.error_message) {
            (StopReason::Error, Some(why)) => why.as_str(),
            (StopReason::Error, None) => "the request failed",
            (StopReason::Aborted, _) => "stopped",
            (StopReason::Length, _) => "cut off at the output limit",
            _ => return,
        };
        html.push_str("<p class=\"failure\">");
        text(&self.cleaner.clean(reason), html);
        html.push_str("</p>");
    }

    fn thinking(&self, words: &str, is_withheld: bool, html: &mut String) {
        if words.trim().is_empty() && !is_withheld {
            return;
        }
        open("thinking", false, html);
        html.push_str("Thinking</summary>");
        match words.trim().is_empty() {
            true => html.push_str("<p class=\"note\">Withheld by the vendor</p>"),
            false => self.prose(words, Author::Model, html),
        }
        html.push_str("</details>");
    }

    fn shell(&self, run: &BashExecutionMessage, html: &mut String) {
        let output = self.cleaner.clean(&run.output);
        open("tool", details::is_short(output.as_str()), html);
        html.push_str("<b>$</b> <code>");
        text(&self.cleaner.line(&run.command), html);
        html.push_str("</code>");
        let ending = match (run.cancelled, run.exit_code) {
            (true, _) => "stopped".to_owned(),
            (false, Some(0)) => String::new(),
            (false, Some(code)) => format!("exit code {code}"),
            (false, None) => "killed".to_owned(),
        };
        let told = if run.exclude_from_context {
            "not told to the model"
        } else {
            ""
        };
        for note in [ending.as_str(), told]
            .into_iter()
            .filter(|n| !n.is_empty())
        {
            let _ = write!(html, " <small>{note}</small>");
        }
        html.push_str("</summary>");
        if run.command.contains('\n') {
            details::code(&self.cleaner.clean(&run.command), "sh", None, html);
        }
        details::code(&output, "", None, html);
        html.push_str("</details>");
    }

    /// What is no message: settings, facts of extensions, and what this version does not know.
    fn other(&mut self, index: u32, kind: Kind, html: &mut String) {
        let span = self.store.tree.node(index).map(|node| node.span());
        let entry = span.and_then(|span| self.store.log.value(span));
        let word = |name: &str| -> String {
            let word = entry.as_ref().map(|entry| &entry[name]);
            word.and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let (sort, says) = match kind {
            Kind::ModelChange => {
                let model = format!("Model: {}/{}", word("provider"), word("modelId"));
                (Sort::Setting, model)
            }
            Kind::ThinkingLevelChange => (
                Sort::Setting,
                format!("Thinking: {}", word("thinkingLevel")),
            ),
            Kind::SessionInfo => (Sort::Setting, format!("Name: {}", word("name"))),
            Kind::Label => (Sort::Setting, format!("Label: {}", word("label"))),
            Kind::Custom => (Sort::Setting, format!("Extension: {}", word("customType"))),
            _ if entry.is_none() => (Sort::Other, "This entry cannot be read".to_owned()),
            _ => (Sort::Other, format!("Entry: {}", word("type"))),
        };
        let says = self.cleaner.beginning(&says, BEGINNING * 2);
        self.begin("article", index, sort, &says, false, html);
        match &entry {
            Some(entry) if matches!(kind, Kind::Custom) => {
                details::json(&says, &entry["data"], self.cleaner, html);
            }
            Some(entry) if sort == Sort::Other => {
                details::json(&says, entry, self.cleaner, html);
            }
            _ => {
                html.push_str("<p class=\"note\">");
                text(&says, html);
                html.push_str("</p>");
            }
        }
        html.push_str("</article>\n");
    }
}

fn title(message: &Message) -> &str {
    match message {
        Message::User(_) => "You",
        Message::Assistant(answer) if answer.model.is_empty() => "Model",
        Message::Assistant(answer) => &answer.model,
        Message::ToolResult(result) => &result.tool_name,
        Message::BashExecution(_) => "Shell",
        Message::Custom(custom) => &custom.custom_type,
        Message::BranchSummary(_) => "Summary of a branch that was left",
        Message::CompactionSummary(_) => "Summary of what was before",
    }
}

/// Messages that an extension told the model and not the person.
fn is_unshown(message: &Message) -> bool {
    matches!(message, Message::Custom(custom) if !custom.display)
}

/// The sort of a message, and the words that stand for it in the tree.
fn sort_of(message: &Message) -> (Sort, String) {
    match message {
        Message::User(user) => (Sort::User, user.content.to_text()),
        Message::Assistant(answer) => {
            let words = answer.to_text();
            let failed = matches!(
                answer.stop_reason,
                StopReason::Error | StopReason::Aborted | StopReason::Length
            );
            if !words.trim().is_empty() {
                (Sort::Answer, words)
            } else if failed {
                let why = answer.error_message.clone();
                (Sort::Answer, why.unwrap_or_else(|| "(stopped)".into()))
            } else {
                let calls: Vec<&str> = answer.tool_calls().map(|call| &*call.name).collect();
                (Sort::Calls, format!("[{}]", calls.join(", ")))
            }
        }
        Message::ToolResult(result) => (Sort::Result, format!("[{}]", result.tool_name)),
        Message::BashExecution(run) => (Sort::Shell, run.command.clone()),
        Message::Custom(custom) => {
            let words = custom.content.to_text();
            (Sort::Note, format!("[{}] {words}", custom.custom_type))
        }
        Message::BranchSummary(left) => (Sort::Summary, left.summary.clone()),
        Message::CompactionSummary(cut) => (Sort::Summary, cut.summary.clone()),
    }
}
