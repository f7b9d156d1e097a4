//! What a vendor can find in its cache: each request begins as the one before it ended.
//!
//! A cache holds a prefix of tools, system prompt and conversation, in the vendor's own order. So: all
//! that is not the conversation must be the same bytes from turn to turn, and the conversation's list
//! must go on where it ended. Markers of Anthropic's kind (`cache_control`, `cachePoint`) are no part of the
//! prompt and move; they are taken out first. So are limits on the answer.

use std::path::Path;
use std::sync::Arc;

use pi::ai::providers::spoken;
use pi::ai::{
    AssistantMessage, Body, CacheRetention, Clock, Content, Message, Model, Request, StopReason,
    ThinkingLevel, ToolCall, ToolResultMessage, ToolSpec, Usage, UserMessage,
};
use pi::store::{Access, Store};
use serde_json::{Value, json};

use super::bodies::{body, exchanged};
use super::requests::seen;
use super::{ANTHROPIC, OPENAI, done, hello, model, request};
use crate::support::model_server::Turn;

/// The fields that hold the conversation.
const LISTS: [&str; 3] = ["messages", "contents", "input"];
/// Fields that say how much may be answered, not what is asked.
const LIMITS: [&str; 3] = ["max_tokens", "max_completion_tokens", "max_output_tokens"];

fn image() -> Content {
    Content::Image {
        data: "aGk=".into(),
        mime_type: "image/png".into(),
    }
}

/// What the API's models sign their thinking with.
fn signature(api: &str) -> Option<String> {
    let item = json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"});
    Some(match api {
        "openai-completions" => "reasoning_content".into(),
        "mistral-conversations" => return None,
        api if api.contains("responses") => item.to_string(),
        _ => "c2ln".into(),
    })
}

fn answer(model: &Model, content: Vec<Content>) -> Message {
    let calls = content.iter().any(|block| block.as_tool_call().is_some());
    Message::Assistant(AssistantMessage {
        content,
        api: model.api.clone(),
        provider: model.provider.clone(),
        model: model.id.clone(),
        provider_thinking_level: None,
        response_model: None,
        response_id: Some("resp_1".into()),
        usage: Usage::default(),
        stop_reason: match calls {
            true => StopReason::ToolUse,
            false => StopReason::Stop,
        },
        error_message: None,
        failure: None,
        timestamp: 2,
    })
}

fn call(id: &str, arguments: Value) -> Content {
    Content::ToolCall(ToolCall {
        id: id.into(),
        name: "read".into(),
        arguments,
        thought_signature: None,
    })
}

fn result(id: &str, content: Vec<Content>, is_error: bool) -> Message {
    Message::ToolResult(ToolResultMessage {
        tool_call_id: id.into(),
        tool_name: "read".into(),
        content,
        details: Some(json!({"z": 1, "a": 2})),
        is_error,
        timestamp: 3,
    })
}

/// A conversation, and after how many of its messages a request goes out.
fn conversation(model: &Model) -> (Vec<Message>, [usize; 5]) {
    let thinking = || Content::Thinking {
        thinking: "hm".into(),
        thinking_signature: signature(&model.api),
        redacted: false,
    };
    let user = |content: Body| {
        Message::User(UserMessage {
            content,
            timestamp: 1,
        })
    };
    let (one, two) = match model.api.contains("responses") {
        true => ("call_1|fc_1", "call_2|fc_2"),
        false => ("call_1aaa", "call_2bbb"),
    };
    let messages = vec![
        user(Body::Blocks(vec![Content::text("look"), image()])),
        answer(
            model,
            vec![
                thinking(),
                Content::text("I look."),
                call(one, json!({"path": "z", "also": {"b": 1, "a": 2}})),
                call(two, json!({"path": "a.txt"})),
            ],
        ),
        result(one, vec![Content::text("one"), image()], false),
        result(two, vec![Content::text("no such file")], true),
        answer(model, vec![thinking(), Content::text("Done.")]),
        user(Body::Text("and now?".into())),
        answer(model, vec![Content::text("Nothing.")]),
        user(Body::Blocks(vec![Content::text("sure? 🙈")])),
        answer(model, vec![Content::text("Yes.")]),
        user(Body::Text("good".into())),
    ];
    (messages, [1, 4, 6, 8, 10])
}

fn tools() -> Vec<ToolSpec> {
    ["read", "write", "bash"]
        .map(|name| ToolSpec {
            name: name.into(),
            description: format!("To {name}."),
            parameters: Arc::new(json!({
                "type": "object",
                "properties": {"path": {"type": "string"}, "also": {"type": "object"}},
                "required": ["path"],
            })),
        })
        .into()
}

fn asked(messages: &[Message]) -> Request {
    let mut request = request(messages.to_vec());
    request.tools = tools();
    request.thinking = ThinkingLevel::High;
    request.session_id = Some("s1".into());
    request
}

fn without_markers(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.remove("cache_control");
            map.values_mut().for_each(without_markers);
        }
        Value::Array(items) => {
            items.retain(|item| item.get("cachePoint").is_none());
            items.iter_mut().for_each(without_markers);
        }
        _ => {}
    }
}

/// The conversation as bytes, and all the rest as bytes.
fn parts(mut body: Value) -> (String, String) {
    without_markers(&mut body);
    let fields = body.as_object_mut().unwrap();
    fields.retain(|name, _| !LIMITS.contains(&name.as_str()));
    if let Some(Value::Object(config)) = fields.get_mut("generationConfig") {
        config.remove("maxOutputTokens");
    }
    if let Some(Value::Object(config)) = fields.get_mut("inferenceConfig") {
        config.remove("maxTokens");
    }
    let lists: Vec<Value> = LISTS
        .iter()
        .filter_map(|n| fields.shift_remove(*n))
        .collect();
    let [list] = lists.as_slice() else {
        panic!("one list of messages, not {}", lists.len());
    };
    (list.to_string(), body.to_string())
}

/// The bodies of all requests of the conversation, after `kept` has had its messages.
async fn bodies(model: &Model, kept: impl Fn(Vec<Message>) -> Vec<Message>) -> Vec<Value> {
    let (messages, ends) = conversation(model);
    let messages = kept(messages);
    let mut all = Vec::new();
    for end in ends {
        all.push(body(model, asked(&messages[..end])).await);
    }
    all
}

/// Through a session file, as a resumed conversation comes.
fn resumed(messages: Vec<Message>) -> Vec<Message> {
    let home = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(1);
    let mut store = Store::create(home.path(), Path::new("/work"), None, None, clock.clone());
    for message in &messages {
        store.append_message(message).unwrap();
    }
    let path = store.path().unwrap();
    drop(store);
    let opened = Store::open(&path, Access::Read, clock).unwrap();
    let read = opened.store.context().messages;
    read.iter().map(|message| Message::clone(message)).collect()
}

#[tokio::test]
async fn each_request_begins_with_the_bytes_of_the_one_before_it() {
    for api in spoken() {
        let model = model(api, "");
        let living = bodies(&model, |messages| messages).await;
        for (turn, pair) in living.windows(2).enumerate() {
            let (before, before_rest) = parts(pair[0].clone());
            let (after, after_rest) = parts(pair[1].clone());
            assert_eq!(before_rest, after_rest, "{api}: turn {turn}");
            let begin = before.strip_suffix(']').unwrap();
            assert!(
                after.starts_with(begin) && after.len() > before.len(),
                "{api}: turn {turn}\n{before}\n{after}"
            );
        }
        let resumed = bodies(&model, resumed).await;
        for (turn, (living, resumed)) in living.iter().zip(&resumed).enumerate() {
            assert_eq!(
                living.to_string(),
                resumed.to_string(),
                "{api}: turn {turn}"
            );
        }
    }
}

/// How hard to think, as often as the conversation says it.
fn told(body: &Value) -> Vec<&str> {
    let list = LISTS.iter().find_map(|name| body[*name].as_array());
    let effort = |message: &'_ Value| -> Option<&'static str> {
        let said = [&message["output_config"], &message["reasoning"]];
        let word = said.iter().find_map(|it| it["effort"].as_str())?;
        ["low", "medium", "high"].into_iter().find(|it| *it == word)
    };
    list.into_iter().flatten().filter_map(effort).collect()
}

#[tokio::test]
async fn another_level_leaves_what_is_cached_where_the_conversation_says_it() {
    for api in [ANTHROPIC, "openai-responses"] {
        let mut model = model(api, "");
        let flag = ("supportsMidConvoEffort".to_owned(), json!(true));
        model.compat = [flag].into_iter().collect();
        let turns = [
            (ThinkingLevel::Low, "low", Turn::tool("read", json!({}))),
            (ThinkingLevel::High, "high", Turn::text("Done.")),
            (ThinkingLevel::High, "high", Turn::text("Yes.")),
            (ThinkingLevel::Medium, "medium", Turn::text("Bye.")),
        ];
        let mut messages = vec![Message::user("look", 1)];
        let mut words = Vec::new();
        let mut before: Option<(String, String)> = None;
        for (level, word, turn) in turns {
            let mut request = asked(&messages);
            request.thinking = level;
            let (sent, deltas) = exchanged(&model, request.clone(), turn).await;
            words.push(word);
            assert_eq!(told(&sent), words, "{api}");
            request.messages = resumed(messages.clone())
                .into_iter()
                .map(Arc::new)
                .collect();
            let again = body(&model, request).await;
            assert_eq!(sent.to_string(), again.to_string(), "{api}: resumed");
            let now = parts(sent);
            if let Some((list, rest)) = before {
                assert_eq!(rest, now.1, "{api}");
                let begin = list.strip_suffix(']').unwrap();
                assert!(now.0.starts_with(begin), "{api}\n{list}\n{}", now.0);
            }
            before = Some(now);
            let answer = done(&deltas);
            messages.push(match answer.tool_calls().next() {
                Some(call) => result(&call.id, vec![Content::text("one")], false),
                None => Message::user("and?", 4),
            });
            messages.insert(messages.len() - 1, Message::Assistant(answer));
        }
        // What was said to another model is kept from OpenAI's, and is part of Anthropic's conversation.
        model.id = "m9".into();
        let sent = body(&model, asked(&messages)).await;
        words.push("high");
        let begin = if api == ANTHROPIC { 0 } else { words.len() - 1 };
        assert_eq!(told(&sent), words[begin..], "{api}");
    }
}

#[tokio::test]
async fn gateways_to_anthropics_models_see_the_same_bytes_wherever_the_breakpoint_is() {
    let mut model = model(OPENAI, "");
    model.compat = [("cacheControlFormat".to_owned(), json!("anthropic"))]
        .into_iter()
        .collect();
    let bodies = bodies(&model, |messages| messages).await;
    for pair in bodies.windows(2) {
        let (before, _) = parts(pair[0].clone());
        let (after, _) = parts(pair[1].clone());
        assert!(
            after.starts_with(before.strip_suffix(']').unwrap()),
            "{before}\n{after}"
        );
    }
    // The last text is marked also where it is a tool's.
    let results = bodies[1]["messages"].as_array().unwrap();
    let marked = |message: &&Value| message.to_string().contains("cache_control");
    let marked: Vec<&str> = results
        .iter()
        .filter(marked)
        .map(|message| message["role"].as_str().unwrap())
        .collect();
    assert_eq!(marked, ["developer", "user"]);
    let mut blind = model.clone();
    blind.input.pop();
    let (messages, _) = conversation(&blind);
    let sent = body(&blind, asked(&messages[..4])).await;
    let last = sent["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(last["role"], "tool");
    assert_eq!(
        last["content"][0]["cache_control"],
        json!({"type": "ephemeral"})
    );
}

#[tokio::test]
async fn breakpoints_stand_behind_system_prompt_last_tool_and_last_words_of_the_user() {
    let model = model(ANTHROPIC, "");
    for (cache, marker) in [
        (CacheRetention::None, Value::Null),
        (CacheRetention::Short, json!({"type": "ephemeral"})),
        (
            CacheRetention::Long,
            json!({"type": "ephemeral", "ttl": "1h"}),
        ),
    ] {
        let (messages, _) = conversation(&model);
        let mut request = asked(&messages);
        request.cache = cache;
        let sent = body(&model, request).await;
        assert_eq!(sent["system"][0]["cache_control"], marker);
        assert_eq!(sent["tools"][2]["cache_control"], marker);
        let last = sent["messages"].as_array().unwrap().last().unwrap();
        assert_eq!(last["content"][0]["cache_control"], marker);
        let count = sent.to_string().matches("cache_control").count();
        assert_eq!(count, if marker.is_null() { 0 } else { 3 });
    }
}

#[tokio::test]
async fn the_session_routes_to_its_cache_only_where_there_is_caching() {
    let with = |provider: &str, compat: Value, cache| {
        let mut model = model(OPENAI, "");
        model.provider = provider.into();
        model.compat = compat.as_object().unwrap().clone();
        let mut request = hello();
        request.session_id = Some("s1".into());
        request.cache = cache;
        async move {
            let seen = seen(model, request).await;
            let names = [
                "session_id",
                "x-client-request-id",
                "x-session-affinity",
                "x-session-id",
            ];
            let sent: Vec<&str> = names
                .into_iter()
                .filter(|n| seen.header(n).is_some())
                .collect();
            (sent, seen.body["prompt_cache_key"].clone())
        }
    };
    let (short, none) = (CacheRetention::Short, CacheRetention::None);
    assert_eq!(
        with("openrouter", json!({}), short).await.0,
        ["x-session-id"]
    );
    assert_eq!(with("openrouter", json!({}), none).await.0, [""; 0]);
    let on = json!({"sendSessionAffinityHeaders": true});
    let openai = ["session_id", "x-client-request-id", "x-session-affinity"];
    assert_eq!(with("acme", on, short).await.0, openai);
    let quiet =
        json!({"sendSessionAffinityHeaders": true, "sessionAffinityFormat": "openai-nosession"});
    assert_eq!(with("acme", quiet, short).await.0, openai[1..]);
    let keyed = json!({"promptCacheKeyMode": "enabled"});
    assert_eq!(with("acme", keyed.clone(), short).await.1, "s1");
    assert_eq!(with("acme", keyed, none).await.1, Value::Null);
    let never = json!({"promptCacheKeyMode": "disabled"});
    assert_eq!(
        with("acme", never, CacheRetention::Long).await.1,
        Value::Null
    );
}
