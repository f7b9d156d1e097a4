//! Questions and notes for the person: the extension-UI records, in the reference's names.

use std::time::Duration;

use serde_json::{Value, json};

use super::{level_name, millis};
use crate::session::ask::{Placement, UiNote};
use crate::session::event::Question;

/// A question as a request.
pub(super) fn question(id: u64, question: &Question, timeout: Option<Duration>) -> Value {
    let mut json = match question {
        Question::Select { title, options } => {
            let mut json = head(id, "select");
            json["title"] = title.as_str().into();
            json["options"] = json!(options);
            json
        }
        Question::Confirm { title, message } => {
            let mut json = head(id, "confirm");
            json["title"] = title.as_str().into();
            json["message"] = message.as_str().into();
            json
        }
        Question::Input { title, placeholder } => {
            let mut json = head(id, "input");
            json["title"] = title.as_str().into();
            json["placeholder"] = placeholder.as_str().into();
            json
        }
        Question::Editor { title, prefill } => {
            let mut json = head(id, "editor");
            json["title"] = title.as_str().into();
            json["prefill"] = prefill.as_str().into();
            json
        }
    };
    if let Some(timeout) = timeout {
        json["timeout"] = millis(timeout);
    }
    json
}

/// A note as a request that wants no response; what is to be taken away is left out.
pub(super) fn note(id: u64, note: &UiNote) -> Value {
    match note {
        UiNote::Notify { level, text } => {
            let mut json = head(id, "notify");
            json["message"] = text.as_str().into();
            json["notifyType"] = level_name(*level).into();
            json
        }
        UiNote::Status { key, text } => {
            let mut json = head(id, "setStatus");
            json["statusKey"] = key.as_str().into();
            if let Some(text) = text {
                json["statusText"] = text.as_str().into();
            }
            json
        }
        UiNote::Widget {
            key,
            lines,
            placement,
        } => {
            let mut json = head(id, "setWidget");
            json["widgetKey"] = key.as_str().into();
            if let Some(lines) = lines {
                json["widgetLines"] = json!(lines);
            }
            json["widgetPlacement"] = match placement {
                Placement::AboveEditor => "aboveEditor",
                Placement::BelowEditor => "belowEditor",
            }
            .into();
            json
        }
        UiNote::Title(title) => {
            let mut json = head(id, "setTitle");
            json["title"] = title.as_str().into();
            json
        }
        UiNote::EditorText(text) => {
            let mut json = head(id, "set_editor_text");
            json["text"] = text.as_str().into();
            json
        }
    }
}

fn head(id: u64, method: &str) -> Value {
    json!({"type": "extension_ui_request", "id": id.to_string(), "method": method})
}
