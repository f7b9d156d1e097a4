//! The JSON that programs see: one object per event, the reference's names and order.
//!
//! Used by JSON mode (and later RPC, HTTP and extensions); nothing else knows these names.
//! `message_update` is delta-only, so that a stream's size stays linear in the answer's.
//! Reference: `docs/json.md`.

use serde_json::{Value, json};

use super::event::{Event, Level, Question};
use crate::agent::{AgentEvent, Outcome};
use crate::ai::{Delta, Message};

/// The event as programs see it; `None` for those that have no place in the protocol.
pub fn event_to_json(event: &Event) -> Option<Value> {
    let json = match event {
        Event::Agent(event) => return agent_event(event),
        Event::QueueUpdate {
            steering,
            follow_up,
        } => {
            json!({"type": "queue_update", "steering": steering, "followUp": follow_up})
        }
        Event::Settled { aborted } => json!({"type": "agent_settled", "aborted": aborted}),
        Event::InfoChanged { name: Some(name) } => {
            json!({"type": "session_info_changed", "name": name})
        }
        Event::InfoChanged { name: None } => json!({"type": "session_info_changed"}),
        Event::ThinkingChanged(level) => {
            json!({"type": "thinking_level_changed", "level": level.as_str()})
        }
        Event::Notice { level, text } => {
            json!({"type": "notice", "level": level_name(*level), "message": text})
        }
        Event::Ask { id, question } => ask(*id, question),
        Event::Switched
        | Event::ModelChanged(_)
        | Event::ShellStart { .. }
        | Event::ShellUpdate(_)
        | Event::ShellEnd(_) => return None,
    };
    Some(json)
}

fn agent_event(event: &AgentEvent) -> Option<Value> {
    let json = match event {
        AgentEvent::AgentStart => json!({"type": "agent_start"}),
        AgentEvent::AgentEnd { messages } => json!({"type": "agent_end", "messages": messages}),
        AgentEvent::TurnStart => json!({"type": "turn_start"}),
        AgentEvent::TurnEnd {
            message,
            tool_results,
        } => {
            json!({"type": "turn_end", "message": message, "toolResults": tool_results})
        }
        AgentEvent::MessageStart { message } => message_event("message_start", message),
        AgentEvent::MessageEnd { message } => message_event("message_end", message),
        AgentEvent::MessageUpdate { delta } => {
            json!({"type": "message_update", "assistantMessageEvent": delta_to_json(delta)?})
        }
        AgentEvent::ToolStart { id, name, args } => {
            json!({"type": "tool_execution_start", "toolCallId": id, "toolName": name, "args": args})
        }
        AgentEvent::ToolUpdate {
            id,
            name,
            args,
            partial,
        } => json!({
            "type": "tool_execution_update", "toolCallId": id, "toolName": name, "args": args,
            "partialResult": outcome_to_json(partial),
        }),
        AgentEvent::ToolEnd { id, name, outcome } => json!({
            "type": "tool_execution_end", "toolCallId": id, "toolName": name,
            "result": outcome_to_json(outcome), "isError": outcome.is_error,
        }),
    };
    Some(json)
}

fn message_event(kind: &str, message: &Message) -> Value {
    json!({"type": kind, "message": message})
}

/// A stream part; `None` for the frame around the parts, which the message events stand for.
fn delta_to_json(delta: &Delta) -> Option<Value> {
    let json = match delta {
        Delta::Start | Delta::Done(_) => return None,
        Delta::TextStart { index } => json!({"type": "text_start", "contentIndex": index}),
        Delta::Text { index, text } => {
            json!({"type": "text_delta", "contentIndex": index, "delta": text})
        }
        Delta::TextEnd { index, text } => {
            json!({"type": "text_end", "contentIndex": index, "content": text})
        }
        Delta::ThinkingStart { index } => json!({"type": "thinking_start", "contentIndex": index}),
        Delta::Thinking { index, text } => {
            json!({"type": "thinking_delta", "contentIndex": index, "delta": text})
        }
        Delta::ThinkingEnd { index, text } => {
            json!({"type": "thinking_end", "contentIndex": index, "content": text})
        }
        Delta::ToolCallStart { index, id, name } => {
            json!({"type": "toolcall_start", "contentIndex": index, "id": id, "toolName": name})
        }
        Delta::ToolCall { index, json } => {
            json!({"type": "toolcall_delta", "contentIndex": index, "delta": json})
        }
        Delta::ToolCallEnd { index, call } => {
            let mut call = serde_json::to_value(call).ok()?;
            call["type"] = "toolCall".into();
            json!({"type": "toolcall_end", "contentIndex": index, "toolCall": call})
        }
    };
    Some(json)
}

/// Programs expect `details` to be there, if only as an empty object.
fn outcome_to_json(outcome: &Outcome) -> Value {
    let mut json = json!({
        "content": outcome.content,
        "details": outcome.details.clone().unwrap_or_else(|| json!({})),
    });
    if outcome.terminate {
        json["terminate"] = true.into();
    }
    json
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

fn ask(id: u64, question: &Question) -> Value {
    let id = id.to_string();
    let head = |method: &str| json!({"type": "extension_ui_request", "id": id, "method": method});
    let mut json = match question {
        Question::Select { .. } => head("select"),
        Question::Confirm { .. } => head("confirm"),
        Question::Input { .. } => head("input"),
        Question::Editor { .. } => head("editor"),
    };
    match question {
        Question::Select { title, options } => {
            json["title"] = title.as_str().into();
            json["options"] = json!(options);
        }
        Question::Confirm { title, message } => {
            json["title"] = title.as_str().into();
            json["message"] = message.as_str().into();
        }
        Question::Input { title, placeholder } => {
            json["title"] = title.as_str().into();
            json["placeholder"] = placeholder.as_str().into();
        }
        Question::Editor { title, prefill } => {
            json["title"] = title.as_str().into();
            json["prefill"] = prefill.as_str().into();
        }
    }
    json
}
