//! Responses as lines.

use serde_json::{Value, json};

/// What a command is answered: its data as JSON text, when there are any, or why it was not done.
pub(super) type Answer = Result<Option<String>, String>;

/// Done, and nothing to tell.
pub(super) const DONE: Answer = Ok(None);

/// Done, with data.
pub(super) fn data(data: &Value) -> Answer {
    Ok(Some(data.to_string()))
}

/// A response line. `id` is left out when the command had none.
pub(super) fn line(id: &Value, command: &str, answer: &Answer) -> Vec<u8> {
    let mut head = json!({});
    if !id.is_null() {
        head["id"] = id.clone();
    }
    head["type"] = "response".into();
    head["command"] = command.into();
    head["success"] = answer.is_ok().into();
    if let Err(why) = answer {
        head["error"] = why.as_str().into();
    }
    let mut line = head.to_string();
    if let Ok(Some(data)) = answer {
        // The data may be long and deep: put in as they are.
        line.pop();
        line.push_str(",\"data\":");
        line.push_str(data);
        line.push('}');
    }
    line.push('\n');
    line.into_bytes()
}

/// A line for something else than a response.
pub(super) fn record(json: &Value) -> Vec<u8> {
    let mut line = json.to_string();
    line.push('\n');
    line.into_bytes()
}
