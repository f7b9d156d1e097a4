//! Tools in the form of the Responses API: a list of its own, or the first item of the conversation, for
//! models that may be given more tools on the way. pi gives them all at once.

use serde_json::{Value, json};

use super::compat::Compat;
use crate::ai::provider::{Request, ToolSpec};

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

/// The first item of the conversation, for models that are told of their tools in it.
pub fn item(request: &Request, compat: &Compat, strict: Strict) -> Option<Value> {
    let tools = (compat.tools_as_item && !request.tools.is_empty())
        .then(|| tools(&request.tools, strict))?;
    Some(json!({"type": "additional_tools", "role": "developer", "tools": tools}))
}

/// The list of tools, for all other models.
pub fn list(request: &Request, compat: &Compat, strict: Strict) -> Option<Value> {
    let is_wanted = !compat.tools_as_item && !request.tools.is_empty();
    is_wanted.then(|| tools(&request.tools, strict))
}

fn tools(specs: &[ToolSpec], strict: Strict) -> Value {
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
