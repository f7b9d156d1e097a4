//! What programs are told when they ask: state, messages, figures, shell results, entries.

use serde_json::{Value, json};

use crate::agent::Drain;
use crate::ai::message::BashExecutionMessage;
use crate::ai::{Message, Model, SharedMessage, StopReason};
use crate::session::command::{ForkPoint, OutlineRow, Stats};
use crate::session::view::{History, View};
use crate::store::time;

/// The conversation's state.
pub fn state_to_json(view: &View) -> Value {
    let mut json = json!({
        "model": model_to_json(&view.model), "thinkingLevel": view.thinking.as_str(),
        "isStreaming": view.running, "isCompacting": view.compacting,
        "steeringMode": drain_name(view.drains.0), "followUpMode": drain_name(view.drains.1),
    });
    if let Some(file) = &view.file {
        json["sessionFile"] = file.display().to_string().into();
    }
    json["sessionId"] = view.id.as_str().into();
    if let Some(name) = &view.name {
        json["sessionName"] = name.as_str().into();
    }
    json["autoCompactionEnabled"] = view.auto_compaction.into();
    json["messageCount"] = view.so_far.len().into();
    json["pendingMessageCount"] = (view.steering.len() + view.follow_up.len()).into();
    json
}

/// A model, in full.
pub fn model_to_json(model: &Model) -> Value {
    json!(model)
}

/// The messages that can be read, oldest first.
pub fn messages_to_json(history: &dyn History) -> Value {
    let messages = (0..history.len()).filter_map(|index| history.message(index));
    messages.map(|message| json!(message)).collect()
}

/// The text of the last answer; `null` when there is none.
pub fn last_answer_to_json(history: &dyn History) -> Value {
    let is_answer = |message: &SharedMessage| match message.as_assistant() {
        // One that was stopped before it began says nothing.
        Some(answer) => answer.stop_reason != StopReason::Aborted || !answer.content.is_empty(),
        None => false,
    };
    let last = (0..history.len())
        .rev()
        .filter_map(|index| history.message(index))
        .find(is_answer);
    let text = last.as_deref().and_then(Message::as_assistant);
    let text = text.map(|answer| answer.to_text().trim().to_owned());
    json!({"text": text.filter(|text| !text.is_empty())})
}

/// The rows of the tree.
pub fn outline_to_json(rows: &[OutlineRow]) -> Value {
    let row = |row: &OutlineRow| {
        let mut json = json!({
            "entryId": row.entry, "parentId": row.parent, "indent": row.indent, "kind": row.kind,
            "text": row.text, "timestamp": time::format(row.at),
            "active": row.is_active, "leaf": row.is_leaf,
        });
        if let Some((label, at)) = &row.label {
            json["label"] = label.as_str().into();
            json["labelTimestamp"] = time::format(*at).into();
        }
        json
    };
    rows.iter().map(row).collect()
}

/// The session's figures.
pub fn stats_to_json(stats: &Stats) -> Value {
    let mut json = json!({});
    if let Some(file) = &stats.file {
        json["sessionFile"] = file.display().to_string().into();
    }
    json["sessionId"] = stats.id.as_str().into();
    json["userMessages"] = stats.user_messages.into();
    json["assistantMessages"] = stats.assistant_messages.into();
    json["toolCalls"] = stats.tool_calls.into();
    json["toolResults"] = stats.tool_results.into();
    json["totalMessages"] = stats.total_messages.into();
    let usage = &stats.usage;
    json["tokens"] = json!({
        "input": usage.input, "output": usage.output,
        "cacheRead": usage.cache_read, "cacheWrite": usage.cache_write,
        "total": usage.prompt_tokens().saturating_add(usage.output),
    });
    json["cost"] = usage.cost.total.into();
    if let Some(context) = &stats.context {
        json["contextUsage"] = json!({
            "tokens": context.tokens, "contextWindow": context.window, "percent": context.percent,
        });
    }
    json
}

/// What a shell command came to.
pub fn shell_to_json(message: &BashExecutionMessage) -> Value {
    let mut json = json!({"output": message.output});
    if let Some(code) = message.exit_code {
        json["exitCode"] = code.into();
    }
    json["cancelled"] = message.cancelled.into();
    json["truncated"] = message.truncated.into();
    if let Some(path) = &message.full_output_path {
        json["fullOutputPath"] = path.as_str().into();
    }
    json
}

/// Something that a shell command has printed; `id` is that of the request.
pub fn shell_update_to_json(id: &Value, delta: &str) -> Value {
    let mut json = json!({"type": "bash_execution_update"});
    if !id.is_null() {
        json["id"] = id.clone();
    }
    json["delta"] = delta.into();
    json
}

/// Where a branch can be forked.
pub fn fork_points_to_json(points: &[ForkPoint]) -> Value {
    let points = points.iter();
    let json = points.map(|point| json!({"entryId": point.entry, "text": point.text}));
    json!({"messages": json.collect::<Value>()})
}

fn drain_name(drain: Drain) -> &'static str {
    match drain {
        Drain::All => "all",
        Drain::OneAtATime => "one-at-a-time",
    }
}
