//! Every command, its response and what it changes.

use pi::modes::rpc::command::COMMANDS;
use serde_json::{Value, json};

use super::client::Client;
use crate::support::TestPi;
use crate::support::model_server::{Hold, Turn};

#[test]
fn every_command_of_the_table_is_answered() {
    let pi = TestPi::new([]);
    let mut client = Client::start_with(&pi, &["--model", "oai/scripted", "--no-session"]);
    for (name, fields) in COMMANDS {
        // Without its fields: an error that names one, or whatever it answers.
        let response = client.ask_for(name);
        assert_eq!(response["command"], *name, "{response}");
        let needs = fields.iter().any(|field| !field.ends_with('?'));
        if needs {
            assert_eq!(response["success"], false, "{response}");
        }
    }
}

#[test]
fn the_state_is_that_of_the_conversation() {
    let pi = TestPi::new([Turn::text("Hello.")]);
    let mut client =
        Client::start_with(&pi, &["--model", "oai/thinker:low", "--name", "the first"]);
    let state = client.data(json!({"type": "get_state"}));
    let names: Vec<&str> = state
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        names,
        [
            "model",
            "thinkingLevel",
            "isStreaming",
            "isCompacting",
            "steeringMode",
            "followUpMode",
            "sessionFile",
            "sessionId",
            "sessionName",
            "autoCompactionEnabled",
            "messageCount",
            "pendingMessageCount",
        ]
    );
    assert_eq!(state["model"]["id"], "thinker");
    for field in [
        "name",
        "api",
        "provider",
        "baseUrl",
        "reasoning",
        "input",
        "cost",
        "contextWindow",
        "maxTokens",
    ] {
        assert!(state["model"].get(field).is_some(), "{field}");
    }
    assert_eq!(
        (&state["thinkingLevel"], &state["sessionName"]),
        (&json!("low"), &json!("the first"))
    );
    assert_eq!(
        (&state["isStreaming"], &state["messageCount"]),
        (&json!(false), &json!(0))
    );
    assert_eq!(state["steeringMode"], "one-at-a-time");
    client.prompt("hi");
    client.data(json!({"type": "set_session_name", "name": "  the second "}));
    client.data(json!({"type": "set_steering_mode", "mode": "all"}));
    client.data(json!({"type": "set_follow_up_mode", "mode": "all"}));
    client.data(json!({"type": "set_auto_compaction", "enabled": false}));
    let state = client.data(json!({"type": "get_state"}));
    assert_eq!(state["sessionName"], "the second");
    assert_eq!(
        (&state["steeringMode"], &state["followUpMode"]),
        (&json!("all"), &json!("all"))
    );
    assert_eq!(
        (&state["autoCompactionEnabled"], &state["messageCount"]),
        (&json!(false), &json!(2))
    );
    assert_eq!(state["sessionFile"], pi.sessions()[0].display().to_string());
    assert_eq!(
        client.error(json!({"type": "set_session_name", "name": " "})),
        "Session name cannot be empty"
    );
}

#[test]
fn messages_and_figures_are_there_as_soon_as_they_are_said() {
    let gate = Hold::new();
    let pi = TestPi::new([
        Turn::tool("bash", json!({"command": "echo 1"})).usage(100, 10),
        Turn::text("two three").usage(300, 20).hold_at(1, &gate),
    ]);
    let mut client = Client::start(&pi);
    assert_eq!(
        client.data(json!({"type": "get_last_assistant_text"})),
        json!({"text": null})
    );
    client.data(json!({"type": "prompt", "message": "go"}));
    gate.wait_until_reached();
    // The run is going on: what it has finished can be read.
    let state = client.data(json!({"type": "get_state"}));
    assert_eq!(
        (&state["isStreaming"], &state["messageCount"]),
        (&json!(true), &json!(3))
    );
    let messages = client.data(json!({"type": "get_messages"}))["messages"].clone();
    let roles: Vec<&Value> = messages
        .as_array()
        .unwrap()
        .iter()
        .map(|message| &message["role"])
        .collect();
    assert_eq!(roles, ["user", "assistant", "toolResult"]);
    gate.open();
    client.event("agent_settled");
    let messages = client.data(json!({"type": "get_messages"}))["messages"].clone();
    assert_eq!(messages.as_array().unwrap(), &pi.messages());
    assert_eq!(
        client.data(json!({"type": "get_last_assistant_text"}))["text"],
        "two three"
    );
    let stats = client.data(json!({"type": "get_session_stats"}));
    assert_eq!(
        stats["tokens"],
        json!({"input": 400, "output": 30, "cacheRead": 0, "cacheWrite": 0, "total": 430})
    );
    let window = stats["contextUsage"]["contextWindow"].as_u64().unwrap();
    assert_eq!(stats["contextUsage"]["tokens"], 320);
    assert_eq!(
        stats["contextUsage"]["percent"],
        320.0 / window as f64 * 100.0
    );
    let counts = [
        "userMessages",
        "assistantMessages",
        "toolCalls",
        "toolResults",
        "totalMessages",
    ]
    .map(|name| stats[name].clone());
    assert_eq!(counts, [1, 2, 1, 1, 4].map(Value::from));
    assert_eq!(stats["sessionFile"], pi.sessions()[0].display().to_string());
    assert!(stats["cost"].is_number() && stats["sessionId"].is_string());
}

#[test]
fn models_are_listed_chosen_and_cycled() {
    let pi = TestPi::new([]);
    let mut client = Client::start(&pi);
    let models = client.data(json!({"type": "get_available_models"}))["models"].clone();
    let names: Vec<String> = models
        .as_array()
        .unwrap()
        .iter()
        .map(|model| {
            format!(
                "{}/{}",
                model["provider"].as_str().unwrap(),
                model["id"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(names.len(), 4, "{names:?}");
    let set = client.data(json!({"type": "set_model", "provider": "ant", "modelId": "thinker"}));
    assert_eq!(
        &set,
        models
            .as_array()
            .unwrap()
            .iter()
            .find(|model| model["provider"] == "ant" && model["id"] == "thinker")
            .unwrap()
    );
    let error = client.error(json!({"type": "set_model", "provider": "ant", "modelId": "no"}));
    assert!(error.starts_with("Model not found: ant/no"), "{error}");
    let levels = client.data(json!({"type": "get_available_thinking_levels"}));
    assert_eq!(
        levels["levels"],
        json!(["off", "minimal", "low", "medium", "high"])
    );
    client.data(json!({"type": "set_thinking_level", "level": "high"}));
    let is_high =
        |record: &Value| record["type"] == "thinking_level_changed" && record["level"] == "high";
    client.next_that(is_high);
    assert_eq!(
        client.data(json!({"type": "cycle_thinking_level"})),
        json!({"level": "off"})
    );
    let cycled = client.data(json!({"type": "cycle_model"}));
    assert_eq!(cycled["isScoped"], false);
    let state = client.data(json!({"type": "get_state"}));
    assert_eq!(
        (&cycled["model"], &cycled["thinkingLevel"]),
        (&state["model"], &state["thinkingLevel"])
    );
    client.data(json!({"type": "set_model", "provider": "oai", "modelId": "scripted"}));
    assert_eq!(client.ask_for("cycle_thinking_level")["data"], Value::Null);
    assert_eq!(
        client.data(json!({"type": "get_available_thinking_levels"}))["levels"],
        json!(["off"])
    );
}

#[test]
fn what_is_chosen_is_for_the_next_start_unless_nothing_is_kept() {
    for (args, kept) in [(&["--no-session"][..], false), (&[], true)] {
        let pi = TestPi::new([]);
        let mut client = Client::start_with(&pi, &[&["--model", "oai/scripted"], args].concat());
        client.data(json!({"type": "set_model", "provider": "ant", "modelId": "thinker"}));
        client.data(json!({"type": "set_thinking_level", "level": "high"}));
        let text = std::fs::read_to_string(pi.agent().join("settings.json")).unwrap_or_default();
        assert_eq!(
            text.contains("thinker") && text.contains("high"),
            kept,
            "{text}"
        );
        assert_eq!(text.contains("default"), kept, "{text}");
    }
}

#[test]
fn cycling_keeps_to_the_models_that_were_chosen() {
    let pi = TestPi::new([]);
    let mut client = Client::start_with(&pi, &["--models", "oai/scripted,ant/scripted"]);
    let cycled = client.data(json!({"type": "cycle_model"}));
    assert_eq!(
        (&cycled["isScoped"], &cycled["model"]["provider"]),
        (&json!(true), &json!("ant"))
    );
    let mut client = Client::start_with(&pi, &["--models", "oai/scripted"]);
    let response = client.ask_for("cycle_model");
    assert_eq!(
        (&response["success"], &response["data"]),
        (&json!(true), &Value::Null)
    );
    assert!(response.as_object().unwrap().contains_key("data"));
}

#[test]
fn a_picture_reaches_the_model() {
    let pi = TestPi::new([Turn::text("A dot.")]);
    let mut client = Client::start_with(&pi, &["--model", "oai/thinker"]);
    let image = json!({"type": "image", "data": "R0lGODlhAQABAAAAACwAAAAAAQABAAA=", "mimeType": "image/gif"});
    client.data(json!({"type": "prompt", "message": "what is it?", "images": [image]}));
    client.event("agent_settled");
    assert_eq!(pi.messages()[0]["content"][1], image);
    let body = pi.server.requests()[0].raw_body.clone();
    assert!(body.contains("R0lGODlhAQABAAAAACwAAAAAAQABAAA="));
}

#[test]
fn a_page_is_written_where_it_is_wanted_and_secrets_stay_out_of_it() {
    let pi = TestPi::new([Turn::text("The key is key-of-models-json, keep it.")]);
    let mut client = Client::start(&pi);
    client.prompt("hi");
    let path = client.data(json!({"type": "export_html"}))["path"]
        .as_str()
        .unwrap()
        .to_owned();
    let session = pi.sessions()[0]
        .file_stem()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    assert_eq!(
        path,
        pi.project()
            .join(format!("pi-session-{session}.html"))
            .display()
            .to_string()
    );
    let page = std::fs::read_to_string(&path).unwrap();
    assert!(page.contains("keep it") && !page.contains("key-of-models-json"));
    let own = client.data(json!({"type": "export_html", "outputPath": "~/own.html"}));
    assert_eq!(
        own["path"],
        pi.home().join("own.html").display().to_string()
    );
    let nowhere = client.error(json!({"type": "export_html", "outputPath": "~/own.html/x.html"}));
    assert!(nowhere.contains("own.html/x.html"), "{nowhere}");
    let mut memory = Client::start_with(&pi, &["--model", "oai/scripted", "--no-session"]);
    pi.server.push(Turn::text("In memory."));
    memory.prompt("hi");
    let out = pi.home().join("memory.html");
    memory.data(json!({"type": "export_html", "outputPath": out}));
    assert!(std::fs::read_to_string(out).unwrap().contains("In memory."));
}
