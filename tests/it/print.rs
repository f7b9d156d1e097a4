//! Print mode, end to end: the real binary, real files, real HTTP.

mod answers;
mod choices;
mod instructions;
mod limits;
mod log;
mod nobody;
mod saved;
mod tools;
mod trouble;

use serde_json::Value;

use crate::support::model_server::Recorded;

/// The models at the scripted server, one for each wire API.
const BOTH: [&str; 2] = ["oai/scripted", "ant/scripted"];

/// What a request says to the model before the conversation.
fn system(request: &Recorded) -> String {
    match &request.body["system"] {
        Value::Null => text(&request.body["messages"][0]["content"]),
        system => text(system),
    }
}

/// The conversation: role and words of each message, without the system prompt.
fn conversation(request: &Recorded) -> Vec<(String, String)> {
    let messages = request.body["messages"].as_array().unwrap().iter();
    messages
        .map(|message| {
            let role = message["role"].as_str().unwrap().to_owned();
            (role, text(&message["content"]))
        })
        .filter(|(role, _)| role != "system" && role != "developer")
        .collect()
}

/// The words of a message's content, in either API's form.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts = blocks.iter().filter_map(|block| block["text"].as_str());
            texts.collect()
        }
        _ => String::new(),
    }
}

/// The names of the tools in a request.
fn tools(request: &Recorded) -> Vec<String> {
    let tools = request.body["tools"].as_array();
    let name = |tool: &Value| {
        let name = tool["name"].as_str().or(tool["function"]["name"].as_str());
        name.unwrap().to_owned()
    };
    tools.into_iter().flatten().map(name).collect()
}
