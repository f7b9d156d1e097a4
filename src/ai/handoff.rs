//! History made acceptable: pi's own roles become user messages, and what one vendor's model said is
//! put so that another's accepts it.
//!
//! Messages that need no change are shared, not copied, so that a long history costs a pointer a
//! message. What a vendor's JSON looks like is left to `providers`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::message::{
    AssistantMessage, BashExecutionMessage, Body, Content, Message, SharedMessage, StopReason,
    ToolResultMessage, UserMessage,
};
use super::model::Model;

const IMAGE_LEFT_OUT: &str = "(an image was left out here: this model reads no images)";
const TOOL_IMAGE_LEFT_OUT: &str =
    "(an image in this result was left out: this model reads no images)";
const NO_RESULT: &str = "(this call has no result: it was interrupted)";

/// As many calls of one id are told apart.
const MOST_ALIKE: usize = 10_000;

/// What the model is told of `message`; `None` for what is kept from it.
pub fn to_model_message(message: &SharedMessage) -> Option<SharedMessage> {
    let (content, timestamp) = match &**message {
        Message::User(_) | Message::Assistant(_) | Message::ToolResult(_) => {
            return Some(message.clone());
        }
        Message::BashExecution(bash) if bash.exclude_from_context => return None,
        Message::BashExecution(bash) => (one_text(bash_text(bash)), bash.timestamp),
        Message::Custom(custom) => (Body::Blocks(custom.content.to_blocks()), custom.timestamp),
        Message::BranchSummary(branch) => {
            let text = format!(
                "This conversation went another way for a while and then came back to this point. \
                 What happened on the way that was left:\n\n<summary>\n{}\n</summary>",
                branch.summary
            );
            (one_text(text), branch.timestamp)
        }
        Message::CompactionSummary(compaction) => {
            let text = format!(
                "The conversation before this point was replaced by a summary to save room:\n\n\
                 <summary>\n{}\n</summary>",
                compaction.summary
            );
            (one_text(text), compaction.timestamp)
        }
    };
    Some(Arc::new(Message::User(UserMessage { content, timestamp })))
}

/// The same for a whole history.
pub fn to_model_messages(messages: &[SharedMessage]) -> Vec<SharedMessage> {
    messages.iter().filter_map(to_model_message).collect()
}

/// The longest call id that most vendors take.
const LONGEST_ID: usize = 64;

/// A call id in the form that most vendors take: letters, digits, `_` and `-`, at most 64.
pub fn plain_id(id: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let chars = id.chars().map(|c| if fits(c) { c } else { '_' });
    chars.take(LONGEST_ID).collect()
}

/// A history that `model` accepts. `tool_id` brings another vendor's call id into this one's form.
///
/// Images that the model cannot read become a note; another model's thinking and its opaque parts go,
/// since thinking that is sent as text reads as if it had been said; errored and aborted answers are left
/// out, and so are empty ones and results that answer no call; a call without a result is given one. No
/// two calls have one id, whatever `tool_id` makes of them. What stands in front of a message alone
/// decides what becomes of it, so that a history that grows keeps its beginning.
pub fn for_model(
    messages: &[SharedMessage],
    model: &Model,
    tool_id: impl Fn(&str) -> String,
) -> Vec<SharedMessage> {
    for_model_by(messages, model, |id, _| tool_id(id))
}

/// The same where the form of an id depends on the answer that it is in.
pub fn for_model_by(
    messages: &[SharedMessage],
    model: &Model,
    tool_id: impl Fn(&str, &AssistantMessage) -> String,
) -> Vec<SharedMessage> {
    let mut handoff = Handoff {
        model,
        tool_id,
        new_ids: HashMap::new(),
        taken: HashSet::new(),
        waiting: Vec::new(),
        out: Vec::with_capacity(messages.len()),
    };
    for message in messages {
        if let Some(message) = to_model_message(message) {
            handoff.take(message);
        }
    }
    handoff.answer_waiting();
    handoff.out
}

struct Handoff<'a, F> {
    model: &'a Model,
    tool_id: F,
    // Of other models' calls: what was made of the last id of that name.
    new_ids: HashMap<String, String>,
    taken: HashSet<String>,
    // Id and name of the last answer's calls that have no result yet.
    waiting: Vec<(String, String)>,
    out: Vec<SharedMessage>,
}

impl<F: Fn(&str, &AssistantMessage) -> String> Handoff<'_, F> {
    fn take(&mut self, message: SharedMessage) {
        match &*message {
            Message::User(user) => {
                self.answer_waiting();
                let message = match &user.content {
                    Body::Blocks(blocks) if self.must_drop_images(blocks) => {
                        Arc::new(Message::User(UserMessage {
                            content: Body::Blocks(without_images(blocks, IMAGE_LEFT_OUT)),
                            timestamp: user.timestamp,
                        }))
                    }
                    _ => message.clone(),
                };
                self.out.push(message);
            }
            Message::Assistant(assistant) => self.take_assistant(assistant, &message),
            Message::ToolResult(result) => self.take_result(result, &message),
            // `to_model_message` leaves no other role.
            _ => {}
        }
    }

    fn take_assistant(&mut self, assistant: &AssistantMessage, shared: &SharedMessage) {
        self.answer_waiting();
        if matches!(
            assistant.stop_reason,
            StopReason::Error | StopReason::Aborted
        ) {
            return;
        }
        let same = assistant.provider == self.model.provider
            && assistant.api == self.model.api
            && assistant.model == self.model.id;
        if same && !assistant.content.iter().any(is_empty_thinking) {
            if assistant.content.is_empty() {
                return;
            }
            for call in assistant.tool_calls() {
                self.new_ids.remove(&call.id);
                self.taken.insert(call.id.clone());
            }
            self.wait_for(&assistant.content);
            self.out.push(shared.clone());
            return;
        }
        let content: Vec<Content> = assistant
            .content
            .iter()
            .filter_map(|block| self.block(block, same, assistant))
            .collect();
        if content.is_empty() {
            return;
        }
        self.wait_for(&content);
        self.out.push(Arc::new(Message::Assistant(AssistantMessage {
            content,
            ..assistant.clone()
        })));
    }

    fn block(&mut self, block: &Content, same: bool, source: &AssistantMessage) -> Option<Content> {
        if is_empty_thinking(block) {
            return None;
        }
        if same {
            return Some(block.clone());
        }
        match block {
            Content::Thinking { .. } => None,
            Content::Text { text, .. } => Some(Content::text(text.clone())),
            Content::ToolCall(call) => {
                let mut call = call.clone();
                call.thought_signature = None;
                let new = self.new_id(&call.id, source);
                let old = std::mem::replace(&mut call.id, new.clone());
                self.new_ids.insert(old, new);
                Some(Content::ToolCall(call))
            }
            Content::Image { .. } => Some(block.clone()),
        }
    }

    /// The id of another model's call. Vendors want ids that differ, and what makes one fit may make two
    /// the same; some servers begin to count again with every answer.
    fn new_id(&mut self, old: &str, source: &AssistantMessage) -> String {
        let mut new = (self.tool_id)(old, source);
        let mut count = 2;
        while self.taken.contains(&new) && count < MOST_ALIKE {
            new = (self.tool_id)(&format!("{count}_{old}"), source);
            count += 1;
        }
        self.taken.insert(new.clone());
        new
    }

    fn take_result(&mut self, result: &ToolResultMessage, shared: &SharedMessage) {
        let new_id = self.new_ids.get(&result.tool_call_id);
        let id = new_id.unwrap_or(&result.tool_call_id).clone();
        let Some(place) = self.waiting.iter().position(|(waiting, _)| *waiting == id) else {
            return;
        };
        self.waiting.remove(place);
        let must_drop_images = self.must_drop_images(&result.content);
        if id == result.tool_call_id && !must_drop_images {
            return self.out.push(shared.clone());
        }
        let mut result = result.clone();
        result.tool_call_id = id;
        if must_drop_images {
            result.content = without_images(&result.content, TOOL_IMAGE_LEFT_OUT);
        }
        self.out.push(Arc::new(Message::ToolResult(result)));
    }

    fn wait_for(&mut self, content: &[Content]) {
        let mut seen = HashSet::new();
        self.waiting = content
            .iter()
            .filter_map(Content::as_tool_call)
            .filter(|call| seen.insert(&call.id))
            .map(|call| (call.id.clone(), call.name.clone()))
            .collect();
    }

    fn answer_waiting(&mut self) {
        for (id, name) in std::mem::take(&mut self.waiting) {
            self.out
                .push(Arc::new(Message::ToolResult(ToolResultMessage {
                    tool_call_id: id,
                    tool_name: name,
                    content: vec![Content::text(NO_RESULT)],
                    details: None,
                    is_error: true,
                    timestamp: 0,
                })));
        }
    }

    fn must_drop_images(&self, blocks: &[Content]) -> bool {
        let is_image = |block: &Content| matches!(block, Content::Image { .. });
        !self.model.reads_images() && blocks.iter().any(is_image)
    }
}

/// Thinking that says nothing and that no vendor could recognise again.
fn is_empty_thinking(block: &Content) -> bool {
    match block {
        Content::Thinking {
            thinking,
            thinking_signature,
            redacted: false,
        } => {
            let unsigned = thinking_signature.as_deref().unwrap_or_default().is_empty();
            unsigned && thinking.trim().is_empty()
        }
        _ => false,
    }
}

/// Every run of images becomes one note.
pub fn without_images(blocks: &[Content], note: &str) -> Vec<Content> {
    let mut out: Vec<Content> = Vec::with_capacity(blocks.len());
    for block in blocks {
        match block {
            Content::Image { .. } if out.last().and_then(Content::as_text) == Some(note) => {}
            Content::Image { .. } => out.push(Content::text(note)),
            other => out.push(other.clone()),
        }
    }
    out
}

fn one_text(text: String) -> Body {
    Body::Blocks(vec![Content::text(text)])
}

/// What the model is told of a command that the person ran.
pub fn bash_text(bash: &BashExecutionMessage) -> String {
    let mut text = format!("I ran this in the shell: `{}`\n", bash.command);
    if bash.output.is_empty() {
        text.push_str("It printed nothing.");
    } else {
        text.push_str("```\n");
        text.push_str(&bash.output);
        text.push_str("\n```");
    }
    if bash.cancelled {
        text.push_str("\n\nI stopped it before its end.");
    } else if let Some(code) = bash.exit_code.filter(|code| *code != 0) {
        text.push_str(&format!("\n\nIt ended with exit code {code}."));
    }
    if let Some(path) = bash.full_output_path.as_ref().filter(|_| bash.truncated) {
        text.push_str(&format!(
            "\n\nThis is not all of it; all of it is in {path}"
        ));
    }
    text
}
