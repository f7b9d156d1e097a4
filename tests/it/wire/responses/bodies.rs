//! Whole bodies, and the headers that matter.

use std::sync::Arc;

use pi::ai::{
    Body, CacheRetention, Content, Message, Model, Request, ThinkingLevel, ToolSpec, UserMessage,
};
use serde_json::{Map, Value, json};

use super::super::{hello, request};
use super::{RESPONSES, answer, call, image, model, result, seen, signed, thought};

const SEALED: &str = r#"{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"c2VhbGVk"}"#;

/// A conversation that has everything, with answers of `m1` of `acme`.
pub fn conversation() -> Request {
    let mut request = request(vec![
        Message::User(UserMessage {
            content: Body::Blocks(vec![Content::text("look"), image()]),
            timestamp: 1,
        }),
        answer(
            RESPONSES,
            "acme",
            "m1",
            vec![
                thought("hm", SEALED),
                signed("I look.", r#"{"v":1,"id":"msg_1","phase":"commentary"}"#),
                call("call_1|fc_1", json!({"path": "a.txt"})),
                call("call_2|fc_2", json!("{\"path\": ")),
            ],
        ),
        result("call_1|fc_1", vec![Content::text("one"), image()]),
        result("call_2|fc_2", vec![Content::text("bad JSON")]),
        answer(
            RESPONSES,
            "acme",
            "m1",
            vec![Content::text("So."), Content::text("Yes.")],
        ),
        Message::user("and now?", 5),
    ]);
    request.tools = vec![ToolSpec {
        name: "read".into(),
        description: "Reads a file.".into(),
        parameters: Arc::new(json!({
            "type": "object",
            "properties": {"path": {"type": "string"}},
            "required": ["path"],
        })),
    }];
    request.thinking = ThinkingLevel::Medium;
    request.session_id = Some("s1".into());
    request
}

fn picture() -> Value {
    json!({"type": "input_image", "detail": "auto", "image_url": "data:image/png;base64,aGk="})
}

fn said(text: &str, id: &str) -> Value {
    json!({"type": "message", "role": "assistant", "status": "completed", "id": id,
        "content": [{"type": "output_text", "text": text, "annotations": []}]})
}

fn input_text(text: &str) -> Value {
    json!({"type": "input_text", "text": text})
}

#[tokio::test]
async fn a_conversation_in_the_words_of_the_responses_api() {
    let seen = seen(
        model(|model| model.base_url = "/v1/".into()),
        conversation(),
    )
    .await;
    let mut commentary = said("I look.", "msg_1");
    commentary["phase"] = json!("commentary");
    assert_eq!(
        seen.body,
        json!({
            "model": "m1",
            "input": [
                {"role": "developer", "content": "Be good."},
                {"role": "user", "content": [input_text("look"), picture()]},
                {"type": "reasoning", "id": "rs_1", "encrypted_content": "c2VhbGVk",
                    "summary": [{"type": "summary_text", "text": "hm"}]},
                commentary,
                {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "read",
                    "arguments": "{\"path\":\"a.txt\"}"},
                {"type": "function_call", "id": "fc_2", "call_id": "call_2", "name": "read",
                    "arguments": "{}"},
                {"type": "function_call_output", "call_id": "call_1",
                    "output": [input_text("one"), picture()]},
                {"type": "function_call_output", "call_id": "call_2", "output": "bad JSON"},
                said("So.", "msg_pi_4"),
                said("Yes.", "msg_pi_4_1"),
                {"role": "user", "content": [input_text("and now?")]},
            ],
            "stream": true,
            "prompt_cache_key": "s1",
            "store": false,
            "max_output_tokens": 64000,
            "tools": [{"type": "function", "name": "read", "description": "Reads a file.",
                "parameters": {"type": "object", "required": ["path"],
                    "properties": {"path": {"type": "string"}}}}],
            "reasoning": {"effort": "medium", "summary": "auto"},
            "include": ["reasoning.encrypted_content"],
        })
    );
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("POST", "/v1/responses")
    );
    assert_eq!(seen.header("authorization"), Some("Bearer sk-secret"));
    assert_eq!(seen.header("session-id"), Some("s1"));
    assert_eq!(seen.header("x-client-request-id"), Some("s1"));
}

#[tokio::test]
async fn results_without_words_say_so() {
    let mut request = conversation();
    let messages = &mut request.messages;
    messages[2] = Arc::new(result("call_1|fc_1", vec![image()]));
    messages[3] = Arc::new(result("call_2|fc_2", vec![Content::text(" \n")]));
    let body = seen(model(|_| {}), request).await.body;
    let outputs: Vec<&Value> = body["input"].as_array().unwrap()[6..8]
        .iter()
        .map(|item| &item["output"])
        .collect();
    let follows = input_text("(the result is the image that follows)");
    assert_eq!(
        outputs,
        [
            &json!([follows, picture()]),
            &json!("(the result is empty)")
        ]
    );
}

#[tokio::test]
async fn a_model_without_eyes_gets_a_note_in_place_of_a_picture() {
    let blind = model(|model| model.input = vec![pi::ai::InputKind::Text]);
    let body = seen(blind, conversation()).await.body;
    assert!(!body.to_string().contains("input_image"), "{body}");
    let note = body["input"][6]["output"].as_str().unwrap();
    assert!(note.starts_with("one\n("), "{note}");
}

/// The fields of a body that are not the same in every request, for "hello".
async fn variable(model: Model, request: Request) -> Value {
    let Value::Object(mut body) = seen(model, request).await.body else {
        panic!("no object");
    };
    for name in ["model", "input", "stream", "store", "max_output_tokens"] {
        body.remove(name);
    }
    Value::Object(body)
}

fn at(level: ThinkingLevel) -> Request {
    let mut request = hello();
    request.thinking = level;
    request
}

#[tokio::test]
async fn every_level_of_thinking_has_its_word() {
    let sealed = json!(["reasoning.encrypted_content"]);
    let with = |map: &[(ThinkingLevel, Option<&str>)], provider: &str, level| {
        let model = model(|model| {
            model.provider = provider.into();
            let own =
                |(level, word): &(ThinkingLevel, Option<&str>)| (*level, word.map(str::to_owned));
            model.thinking_level_map = map.iter().map(own).collect();
        });
        variable(model, at(level))
    };
    let thinks = |effort: &str| json!({"reasoning": {"effort": effort, "summary": "auto"}, "include": sealed});
    use ThinkingLevel::{High, Low, Max, Minimal, Off, Xhigh};
    for (level, word) in [
        (Minimal, "minimal"),
        (Low, "low"),
        (High, "high"),
        (Xhigh, "xhigh"),
    ] {
        assert_eq!(with(&[], "acme", level).await, thinks(word));
    }
    assert_eq!(
        with(&[(Max, Some("most"))], "acme", Max).await,
        thinks("most")
    );
    let off = json!({"reasoning": {"effort": "none"}});
    assert_eq!(with(&[], "acme", Off).await, off);
    let named = with(&[(Off, Some("minimal"))], "acme", Off).await;
    assert_eq!(named, json!({"reasoning": {"effort": "minimal"}}));
    assert_eq!(with(&[(Off, None)], "acme", Off).await, json!({}));
    assert_eq!(with(&[], "github-copilot", Off).await, json!({}));
    let xai = json!({"reasoning": {"effort": "none"}, "include": sealed});
    assert_eq!(with(&[], "xai", Off).await, xai);
    let plain = model(|model| model.reasoning = false);
    assert_eq!(variable(plain.clone(), at(Off)).await, json!({}));
    let system = &seen(plain, hello()).await.body["input"][0]["role"];
    assert_eq!(system, "system");
}

fn compat(switches: Value) -> Map<String, Value> {
    switches.as_object().unwrap().clone()
}

#[tokio::test]
async fn a_server_is_told_of_caching_in_the_way_that_it_knows() {
    let with = |switches: Value, cache| {
        let model = model(|model| {
            model.reasoning = false;
            model.compat = compat(switches);
        });
        let mut request = hello();
        request.session_id = Some("s".repeat(70));
        request.cache = cache;
        variable(model, request)
    };
    use CacheRetention::{Long, Short};
    let key = "s".repeat(64);
    let none = CacheRetention::None;
    assert_eq!(
        with(json!({}), Short).await,
        json!({"prompt_cache_key": key})
    );
    assert_eq!(
        with(json!({}), Long).await,
        json!({"prompt_cache_key": key, "prompt_cache_retention": "24h"})
    );
    assert_eq!(with(json!({}), none).await, json!({}));
    let short = json!({"supportsLongCacheRetention": false});
    assert_eq!(with(short, Long).await, json!({"prompt_cache_key": key}));
    let options = json!({"supportsExplicitPromptCacheMode": true});
    assert_eq!(
        with(options.clone(), Long).await,
        json!({"prompt_cache_key": key, "prompt_cache_options": {"ttl": "30m"}})
    );
    assert_eq!(
        with(options, none).await,
        json!({"prompt_cache_options": {"mode": "explicit"}})
    );
    let keyless = json!({"promptCacheKeyMode": "disabled"});
    assert_eq!(with(keyless, Short).await, json!({}));
}

#[tokio::test]
async fn a_session_keeps_to_one_server_by_the_headers_that_it_knows() {
    let names = ["session-id", "x-client-request-id", "x-session-id"];
    let with = |provider: &str, switches: Value, cache| {
        let model = model(|model| {
            model.provider = provider.into();
            model.compat = compat(switches);
        });
        let mut request = hello();
        request.session_id = Some("s1".into());
        request.cache = cache;
        async move {
            let seen = seen(model, request).await;
            names.map(|name| seen.header(name).is_some())
        }
    };
    let short = CacheRetention::Short;
    let format = |name: &str| json!({"sessionAffinityFormat": name});
    assert_eq!(with("acme", json!({}), short).await, [true, true, false]);
    let nosession = with("acme", format("openai-nosession"), short).await;
    assert_eq!(nosession, [false, true, false]);
    assert_eq!(
        with("openrouter", json!({}), short).await,
        [false, false, true]
    );
    let openai = with("openrouter", format("openai"), short).await;
    assert_eq!(openai, [true, true, false]);
    let uncached = with("acme", json!({}), CacheRetention::None).await;
    assert_eq!(uncached, [false, false, false]);
}

#[tokio::test]
async fn compat_switches_change_the_body() {
    let switched = model(|model| {
        model.compat = compat(json!({
            "supportsDeveloperRole": false, "supportsStrictMode": true,
            "supportsMaxOutputTokens": false,
        }));
    });
    let body = seen(switched, conversation()).await.body;
    assert_eq!(body["input"][0]["role"], "system");
    assert_eq!(body["tools"][0]["strict"], false);
    assert_eq!(body.get("max_output_tokens"), None);
    let mut request = hello();
    request.max_tokens = Some(3);
    let body = seen(model(|_| {}), request).await.body;
    assert_eq!(body["max_output_tokens"], 16, "OpenAI takes no less");
}

#[tokio::test]
async fn models_that_take_tools_on_the_way_are_told_of_all_in_the_first_item() {
    let later = model(|model| {
        model.compat = compat(json!({
            "supportsAdditionalTools": true, "supportsMidConvoSystemMessages": true,
        }));
    });
    let request = conversation();
    let usual = seen(model(|_| {}), request.clone()).await.body;
    let body = seen(later, request).await.body;
    assert_eq!(body.get("tools"), None);
    let tools = json!({"type": "additional_tools", "role": "developer", "tools": usual["tools"]});
    let items = body["input"].as_array().unwrap();
    assert_eq!(items[0], tools);
    assert_eq!(Value::from(items[1..].to_vec()), usual["input"]);
}

#[tokio::test]
async fn the_models_own_fields_come_last() {
    let model = model(|model| {
        model.sampling_params = compat(json!({"top_p": 0.9, "store": true}));
        let high = compat(json!({"top_p": 0.5, "service_tier": "flex"}));
        model.sampling_params_by_thinking_level = [(ThinkingLevel::High, high)].into();
    });
    let body = seen(model.clone(), at(ThinkingLevel::High)).await.body;
    let fields = ["top_p", "store", "service_tier"].map(|name| body[name].clone());
    assert_eq!(fields, [json!(0.5), json!(true), json!("flex")]);
    let body = seen(model, at(ThinkingLevel::Low)).await.body;
    assert_eq!(
        (&body["top_p"], body.get("service_tier")),
        (&json!(0.9), None)
    );
}

#[tokio::test]
async fn vendors_get_the_headers_that_they_want() {
    let at = |provider: &str| {
        let provider = provider.to_owned();
        seen(model(|model| model.provider = provider), conversation())
    };
    let seen = at("github-copilot").await;
    assert_eq!(seen.header("x-initiator"), Some("user"));
    assert_eq!(seen.header("openai-intent"), Some("conversation-edits"));
    assert_eq!(seen.header("copilot-vision-request"), Some("true"));
    let seen = at("cloudflare-ai-gateway").await;
    assert_eq!(
        seen.header("cf-aig-authorization"),
        Some("Bearer sk-secret")
    );
    assert_eq!(seen.header("authorization"), None);
    let seen = at("opencode-go").await;
    assert_eq!(seen.header("x-opencode-session"), Some("s1"));
}
