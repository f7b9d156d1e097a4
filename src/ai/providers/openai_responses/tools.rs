//! Tools in the form of the Responses API.

use serde_json::{Value, json};

use crate::ai::provider::ToolSpec;

/// What a tool says of whether its schema binds the model's every word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strict {
    /// Nothing: the server does not know the field.
    Unsaid,
    /// `false`: OpenAI's own default is `true`, which takes few schemas.
    No,
    /// `null`: as the server likes.
    Null,
}

/// The list of tools.
pub fn tools(specs: &[ToolSpec], strict: Strict) -> Value {
    let one = |tool: &ToolSpec| {
        let mut json = json!({
            "type": "function",
            "name": tool.name,
            "description": tool.description,
            "parameters": *tool.parameters,
        });
        match strict {
            Strict::Unsaid => {}
            Strict::No => json["strict"] = json!(false),
            Strict::Null => json["strict"] = Value::Null,
        }
        json
    };
    specs.iter().map(one).collect()
}
