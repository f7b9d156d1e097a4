//! What a program may ask: a line → a command with its fields checked, or why it is none.
//!
//! Fields that are not known are ignored; one that is missing or of the wrong type is an error that
//! names it. `null` stands for a field that is not there.

use serde_json::Value;

use super::command::{COMMANDS, Command};

/// A line that was understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// A command, to be answered.
    Command(Box<Command>, Head),
    /// The answer to a question; not answered itself.
    Answer {
        /// Which question.
        id: u64,
        /// `None` when it was dismissed.
        answer: Option<String>,
    },
    /// An answer to nothing that could have been asked.
    Nothing,
}

/// What a response repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The id, a string or a number; `null` when there is none.
    pub id: Value,
    /// The command's name.
    pub command: String,
}

impl Head {
    /// Of a line that is no command.
    pub(super) fn unknown() -> Self {
        Head {
            id: Value::Null,
            command: "parse".into(),
        }
    }
}

/// A line that was not understood, and what is said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub Head, pub String);

/// Understands a line.
pub fn parse(line: &[u8]) -> Result<Request, Refusal> {
    let refuse = |id: Value, command: &str, why: String| {
        let command = command.to_owned();
        Err(Refusal(Head { id, command }, why))
    };
    let mut json: Value = match serde_json::from_slice(line) {
        Ok(json) => json,
        Err(why) => {
            return refuse(
                Value::Null,
                "parse",
                format!("Failed to parse command: {why}"),
            );
        }
    };
    let Some(fields) = json.as_object_mut() else {
        let why = "Failed to parse command: not a JSON object";
        return refuse(Value::Null, "parse", why.into());
    };
    let id = match fields.get("id") {
        Some(id @ (Value::String(_) | Value::Number(_))) => id.clone(),
        _ => Value::Null,
    };
    fields.retain(|_, value| !value.is_null());
    let Some(name) = fields.get("type").and_then(Value::as_str) else {
        let why = "Failed to parse command: \"type\" is not a string";
        return refuse(id, "parse", why.into());
    };
    if name == "extension_ui_response" {
        return Ok(answer(&json));
    }
    let name = name.to_owned();
    if !COMMANDS.iter().any(|(known, _)| *known == name) {
        return refuse(id, &name, format!("Unknown command: {name}"));
    }
    let command = serde_json::from_value(json).map_err(|why| why.to_string());
    match command.and_then(|command: Command| command.check().map(|()| command)) {
        Ok(command) => Ok(Request::Command(
            Box::new(command),
            Head { id, command: name },
        )),
        Err(why) => refuse(id, &name, format!("Invalid {name} command: {why}")),
    }
}

/// `{"id": …, "value": …}`, `{"id": …, "confirmed": …}` or `{"id": …, "cancelled": true}`.
fn answer(json: &Value) -> Request {
    let id = match &json["id"] {
        Value::String(id) => id.parse().ok(),
        id => id.as_u64(),
    };
    let Some(id) = id else {
        return Request::Nothing;
    };
    let answer = match (&json["cancelled"], &json["value"], &json["confirmed"]) {
        (Value::Bool(true), _, _) => None,
        (_, Value::String(value), _) => Some(value.clone()),
        (_, _, Value::Bool(true)) => Some("yes".into()),
        (_, _, Value::Bool(false)) => Some("no".into()),
        _ => None,
    };
    Request::Answer { id, answer }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(line: &str) -> (Value, String, String) {
        let Err(Refusal(head, why)) = parse(line.as_bytes()) else {
            panic!("{line} was understood");
        };
        (head.id, head.command, why)
    }

    /// Something that each field takes.
    fn sample(field: &str) -> Value {
        match field {
            "images" => json!([{"type": "image", "data": "AA==", "mimeType": "image/png"}]),
            "streamingBehavior" => json!("steer"),
            "mode" => json!("one-at-a-time"),
            "enabled" | "excludeFromContext" | "summarize" | "replaceInstructions" => json!(true),
            _ => json!("text"),
        }
    }

    #[test]
    fn every_command_of_the_table_has_the_fields_that_it_names() {
        for (name, fields) in COMMANDS {
            let mut whole = json!({"type": name});
            for field in *fields {
                let field = field.trim_end_matches('?');
                whole[field] = sample(field);
            }
            let understood = |json: &Value| parse(json.to_string().as_bytes()).is_ok();
            assert!(understood(&whole), "{whole}");
            for field in *fields {
                let optional = field.ends_with('?');
                let field = field.trim_end_matches('?');
                for absent in [None, Some(Value::Null)] {
                    let mut less = whole.clone();
                    match absent {
                        Some(null) => less[field] = null,
                        None => drop(less.as_object_mut().unwrap().remove(field)),
                    }
                    assert_eq!(understood(&less), optional, "{name} without {field}");
                }
                let mut wrong = whole.clone();
                wrong[field] = json!({"a": 1});
                assert!(!understood(&wrong), "{name} with an object for {field}");
            }
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_the_id() {
        let (id, command, why) = refusal(r#"{"id":7,"type":"fly"}"#);
        assert_eq!((id, command.as_str()), (json!(7), "fly"));
        assert_eq!(why, "Unknown command: fly");
        let (id, command, why) = refusal(r#"{"id":"a","type":"prompt","message":5}"#);
        assert_eq!((id, command.as_str()), (json!("a"), "prompt"));
        assert!(why.contains("expected a string"), "{why}");
        let (_, _, why) = refusal(r#"{"type":"set_model","provider":"x"}"#);
        assert!(why.contains("modelId"), "{why}");
    }

    #[test]
    fn words_that_are_none_and_pictures_that_are_none_are_refused_by_field() {
        for name in ["prompt", "steer", "follow_up"] {
            let said = |message: &str, images: Value| {
                json!({"type": name, "message": message, "images": images}).to_string()
            };
            let picture = |data: &str, kind: &str| {
                let good = json!({"type": "image", "data": "AA==", "mimeType": "image/png"});
                json!([good, {"type": "image", "data": data, "mimeType": kind}])
            };
            for (line, field) in [
                (
                    said("x", picture("no base64!", "image/png")),
                    "images[1].data",
                ),
                (said("x", picture("", "image/png")), "images[1].data"),
                (
                    said("x", picture("AA==", "text/plain")),
                    "images[1].mimeType",
                ),
                (said("x", picture("AA==", "image/")), "images[1].mimeType"),
                (said(" \n", json!([])), "message"),
                (said("", Value::Null), "message"),
            ] {
                let (_, command, why) = refusal(&line);
                assert_eq!(command, name);
                assert!(why.contains(field), "{line}: {why}");
            }
            let good = said("", picture("AAAA", "image/jpeg"));
            assert!(parse(good.as_bytes()).is_ok(), "pictures need no words");
        }
    }

    #[test]
    fn what_is_no_command_at_all_is_a_parse_error() {
        for line in ["{", "[1]", "\"x\"", "{\"type\":5}", "{}", "\u{feff}{}"] {
            let (id, command, why) = refusal(line);
            assert_eq!((id, command.as_str()), (Value::Null, "parse"), "{line}");
            assert!(why.starts_with("Failed to parse command: "), "{why}");
        }
        assert!(parse(b"{\"type\":\"prompt\",\"message\":\"\xff\"}").is_err());
        assert!(parse("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn answers_to_questions_are_read_in_all_three_shapes() {
        let answer = |line: Value| parse(line.to_string().as_bytes()).unwrap();
        let kind = "extension_ui_response";
        let given = |answer: Option<&str>| Request::Answer {
            id: 3,
            answer: answer.map(str::to_owned),
        };
        for (line, expected) in [
            (
                json!({"type": kind, "id": "3", "value": "x"}),
                given(Some("x")),
            ),
            (
                json!({"type": kind, "id": "3", "confirmed": true}),
                given(Some("yes")),
            ),
            (
                json!({"type": kind, "id": "3", "confirmed": false}),
                given(Some("no")),
            ),
            (
                json!({"type": kind, "id": "3", "cancelled": true}),
                given(None),
            ),
            (json!({"type": kind, "id": 3}), given(None)),
            (json!({"type": kind, "id": "other"}), Request::Nothing),
        ] {
            assert_eq!(answer(line), expected);
        }
    }
}
