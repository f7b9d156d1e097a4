//! The JSON that programs see: one object per event, the reference's names and order.
//!
//! Used by JSON mode and RPC (and later HTTP and extensions); nothing else knows these names.
//! `message_update` is delta-only, so that a stream's size stays linear in the answer's.
//! Reference: `docs/json.md`.

mod ask;
mod fallback;
mod state;

use std::time::Duration;

use serde_json::{Value, json};

use super::command::Compacted;
use super::event::{Amount, BudgetScope, Event, Level, Spent, SummaryRetry};
use crate::agent::{AgentEvent, Outcome};
use crate::ai::{Delta, Message};

pub use state::{
    fork_points_to_json, last_answer_to_json, messages_to_json, model_to_json, outline_to_json,
    shell_to_json, shell_update_to_json, state_to_json, stats_to_json,
};

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
        Event::Ask {
            id,
            question,
            timeout,
        } => ask::question(*id, question, *timeout),
        Event::Ui { id, note } => ask::note(*id, note),
        Event::CompactionStart { reason } => {
            json!({"type": "compaction_start", "reason": reason.as_str()})
        }
        Event::CompactionEnd {
            reason,
            result,
            aborted,
            will_retry,
            error,
        } => {
            let mut json = json!({"type": "compaction_end", "reason": reason.as_str()});
            if let Some(result) = result {
                json["result"] = compacted_to_json(result);
            }
            json["aborted"] = (*aborted).into();
            json["willRetry"] = (*will_retry).into();
            if let Some(error) = error {
                json["errorMessage"] = error.as_str().into();
            }
            json
        }
        Event::RetryStart {
            attempt,
            max_attempts,
            delay,
            error,
        } => json!({
            "type": "auto_retry_start", "attempt": attempt, "maxAttempts": max_attempts,
            "delayMs": millis(*delay), "errorMessage": error,
        }),
        Event::RetryEnd {
            success,
            attempt,
            error,
        } => {
            let mut json =
                json!({"type": "auto_retry_end", "success": success, "attempt": attempt});
            if let Some(error) = error {
                json["finalError"] = error.as_str().into();
            }
            json
        }
        Event::Fallback(fallback) => self::fallback::to_json(fallback),
        Event::SummaryRetry(retry) => summary_retry(retry),
        Event::EntryAppended(entry) => json!({"type": "entry_appended", "entry": entry}),
        Event::Budget { spent, exceeded } => budget(spent, *exceeded),
        Event::Switched
        | Event::AskOver { .. }
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
        AgentEvent::AgentEnd {
            messages,
            will_retry,
        } => {
            json!({"type": "agent_end", "messages": messages, "willRetry": will_retry})
        }
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
        AgentEvent::ToolEnd {
            id,
            name,
            outcome,
            duration,
        } => {
            let mut json = json!({
                "type": "tool_execution_end", "toolCallId": id, "toolName": name,
                "result": outcome_to_json(outcome), "isError": outcome.is_error,
            });
            if let Some(duration) = duration {
                json["durationMs"] = millis(*duration);
            }
            json
        }
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

/// What a compaction came to, as programs see it.
pub fn compacted_to_json(compacted: &Compacted) -> Value {
    let mut json = json!({
        "summary": compacted.summary, "firstKeptEntryId": compacted.first_kept,
        "tokensBefore": compacted.tokens_before, "estimatedTokensAfter": compacted.tokens_after,
    });
    if let Some(usage) = &compacted.usage {
        json["usage"] = json!(usage);
    }
    json["details"] = compacted.details.clone().unwrap_or_else(|| json!({}));
    json
}

fn summary_retry(retry: &SummaryRetry) -> Value {
    match retry {
        SummaryRetry::Scheduled {
            attempt,
            max_attempts,
            delay,
            error,
        } => json!({
            "type": "summarization_retry_scheduled", "attempt": attempt, "maxAttempts": max_attempts,
            "delayMs": millis(*delay), "errorMessage": error,
        }),
        SummaryRetry::Attempt {
            reason: Some(reason),
        } => json!({
            "type": "summarization_retry_attempt_start", "source": "compaction",
            "reason": reason.as_str(),
        }),
        SummaryRetry::Attempt { reason: None } => {
            json!({"type": "summarization_retry_attempt_start", "source": "branchSummary"})
        }
        SummaryRetry::Finished => json!({"type": "summarization_retry_finished"}),
    }
}

fn budget(spent: &Spent, exceeded: bool) -> Value {
    let scope = match spent.scope {
        BudgetScope::Run => "run",
        BudgetScope::Session => "session",
        BudgetScope::Day => "day",
    };
    let (unit, used, limit) = match spent.amount {
        Amount::Money { used, limit } => ("usd", json!(used), json!(limit)),
        Amount::Tokens { used, limit } => ("tokens", json!(used), json!(limit)),
        Amount::Time { used, limit } => ("ms", millis(used), millis(limit)),
    };
    let kind = match exceeded {
        true => "budget_exceeded",
        false => "budget_warning",
    };
    json!({"type": kind, "scope": scope, "unit": unit, "used": used, "limit": limit})
}

fn millis(duration: Duration) -> Value {
    u64::try_from(duration.as_millis())
        .unwrap_or(u64::MAX)
        .into()
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}
