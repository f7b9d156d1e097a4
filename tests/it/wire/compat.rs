//! The departures of servers that models.json names, as the server sees them.

use std::sync::Arc;

use pi::ai::{
    AssistantMessage, CacheRetention, Content, Message, Model, StopReason, ThinkingLevel, ToolCall,
    ToolResultMessage, ToolSpec, Usage,
};
use serde_json::{Value, json};

use super::bodies::body;
use super::requests::seen;
use super::{ANTHROPIC, OPENAI, ask, ask_at, hello, model, request};
use crate::support::model_server::{ModelServer, Turn};

fn with(api: &str, compat: Value) -> Model {
    let mut model = model(api, "");
    model.compat = compat.as_object().unwrap().clone();
    model
}

fn tool(name: &str, parameters: Value) -> ToolSpec {
    ToolSpec {
        name: name.into(),
        description: "Does it.".into(),
        parameters: Arc::new(parameters),
    }
}

/// An answer that only calls, and the failed call's result with a picture.
fn called(api: &str, content: Vec<Content>) -> Vec<Message> {
    let mut content = content;
    content.push(Content::ToolCall(ToolCall {
        id: "call_1".into(),
        name: "bash".into(),
        arguments: json!({}),
        thought_signature: None,
    }));
    vec![
        Message::user("go", 1),
        Message::Assistant(AssistantMessage {
            content,
            api: api.into(),
            provider: "acme".into(),
            model: "m1".into(),
            provider_thinking_level: None,
            response_model: None,
            response_id: None,
            usage: Usage::default(),
            stop_reason: StopReason::ToolUse,
            error_message: None,
            failure: None,
            timestamp: 2,
        }),
        Message::ToolResult(ToolResultMessage {
            tool_call_id: "call_1".into(),
            tool_name: "bash".into(),
            content: vec![
                Content::text("broken"),
                Content::Image {
                    data: "aGk=".into(),
                    mime_type: "image/png".into(),
                },
            ],
            details: None,
            is_error: true,
            timestamp: 3,
        }),
    ]
}

#[tokio::test]
async fn thinking_is_switched_by_templates_and_limited_by_tokens() {
    let level = |compat: Value, level| {
        let mut request = hello();
        request.thinking = level;
        request.max_tokens = Some(10_000);
        async move {
            let mut body = body(&with(OPENAI, compat), request).await;
            let body = body.as_object_mut().unwrap();
            body.retain(|name, _| {
                name.contains("think") || name.contains("template") || name.contains("reasoning")
            });
            Value::Object(body.clone())
        }
    };
    let (off, low, high) = (ThinkingLevel::Off, ThinkingLevel::Low, ThinkingLevel::High);
    let template = json!({"thinkingFormat": "chat-template", "chatTemplateKwargs": {
        "thinking": {"$var": "thinking.enabled"}, "effort": {"$var": "thinking.effort"},
        "budget": {"$var": "thinking.budget", "omitWhenOff": true}, "always": 1}});
    assert_eq!(
        level(template.clone(), low).await,
        json!({"chat_template_kwargs":
            {"thinking": true, "effort": "low", "budget": 2048, "always": 1}})
    );
    assert_eq!(
        level(template, off).await,
        json!({"chat_template_kwargs": {"thinking": false, "always": 1}})
    );
    let baseten = json!({"thinkingFormat": "baseten", "supportsReasoningEffort": false,
        "chatTemplateArgs": {"enable_thinking": {"$var": "thinking.enabled"}}});
    assert_eq!(
        level(baseten, high).await,
        json!({"chat_template_args": {"enable_thinking": true}})
    );
    let words = json!({"thinkingFormat": "string-thinking"});
    assert_eq!(
        level(words.clone(), high).await,
        json!({"thinking": "high"})
    );
    assert_eq!(level(words, off).await, json!({"thinking": "none"}));
    let together = json!({"thinkingFormat": "together"});
    assert_eq!(
        level(together, low).await,
        json!({"reasoning": {"enabled": true}, "reasoning_effort": "low"})
    );
    // 16,384 do not fit under the limit of 10,000 with room for an answer.
    let limited = json!({"thinkingTokenBudgetField": "thinking_budget_tokens"});
    assert_eq!(
        level(limited.clone(), high).await,
        json!({"reasoning_effort": "high", "thinking_budget_tokens": 8_976})
    );
    assert_eq!(level(limited, off).await, json!({}));
    let vllm = json!({"supportsThinkingTokenBudget": true});
    assert_eq!(
        level(vllm, low).await,
        json!({"reasoning_effort": "low", "thinking_token_budget": 2_048})
    );
}

#[tokio::test]
async fn what_a_history_must_look_like_is_the_servers_to_say() {
    let asked = || {
        let mut request = request(called(OPENAI, vec![]));
        request.tools = Vec::new();
        request
    };
    let plain = body(&with(OPENAI, json!({})), asked()).await;
    assert_eq!(plain["messages"][2]["content"], Value::Null);
    assert_eq!(plain.get("tools"), None);
    let picky = json!({"requiresNonNullAssistantContent": true,
        "requiresToolsWithToolHistory": true, "vllmPriority": -5});
    let picky = body(&with(OPENAI, picky), asked()).await;
    assert_eq!(picky["messages"][2]["content"], "");
    assert_eq!(picky["tools"], json!([]));
    assert_eq!(picky["priority"], -5);
}

#[tokio::test]
async fn fields_of_the_model_go_into_every_body_and_those_of_a_level_over_them() {
    let mut model = with(OPENAI, json!({}));
    let map = |value: Value| value.as_object().unwrap().clone();
    model.sampling_params = map(json!({"temperature": 0.3, "store": true}));
    model.sampling_params_by_thinking_level =
        [(ThinkingLevel::High, map(json!({"temperature": 1})))].into();
    let mut request = hello();
    let sent = body(&model, request.clone()).await;
    assert_eq!(
        (&sent["temperature"], &sent["store"]),
        (&json!(0.3), &json!(true))
    );
    request.thinking = ThinkingLevel::High;
    assert_eq!(body(&model, request).await["temperature"], 1);
}

#[tokio::test]
async fn servers_that_never_say_why_they_end_are_believed_when_told_so() {
    let stream = |delta: Value| {
        let chunk = json!({"id": "c", "model": "m1", "choices": [{"index": 0, "delta": delta}]});
        format!("data: {chunk}\n\n")
    };
    let call = stream(json!({"tool_calls": [{"index": 0, "id": "c1",
        "function": {"name": "ls", "arguments": "{}"}}]}));
    let told = async |compat: Value, body: &str| {
        use futures::StreamExt;
        let server = ModelServer::start([Turn::raw(body)]);
        let mut model = with(OPENAI, compat);
        model.base_url = server.url();
        let http = pi::ai::http::HttpClient::default();
        let provider = pi::ai::providers::provider_for(OPENAI, &http).unwrap();
        let stream = provider.stream(&model, hello(), Default::default());
        super::done(&stream.collect::<Vec<_>>().await).stop_reason
    };
    let silent = json!({"supportsFinishReason": false});
    assert_eq!(told(silent.clone(), &call).await, StopReason::ToolUse);
    let text = stream(json!({"content": "hi"}));
    assert_eq!(told(silent, &text).await, StopReason::Stop);
    assert_eq!(told(json!({}), &text).await, StopReason::Error);
    // The mark at the end is not a reason: what stands in between puts it there, too.
    let ended = format!("{call}data: [DONE]\n\n");
    assert_eq!(told(json!({}), &ended).await, StopReason::Error);
    let silent = json!({"supportsFinishReason": false});
    assert_eq!(told(silent, &ended).await, StopReason::ToolUse);
}

#[tokio::test]
async fn reasoning_details_come_in_pieces_and_go_back_whole() {
    let chunk = |delta: Value| {
        let chunk = json!({"id": "c", "model": "m1", "choices": [{"index": 0, "delta": delta}]});
        format!("data: {chunk}\n\n")
    };
    let mut stream: String = [
        json!({"reasoning": "Let me ", "reasoning_details": [
            {"type": "reasoning.text", "text": "Let me ", "index": 0, "format": "f-v1"}]}),
        json!({"reasoning": "see.", "reasoning_details": [
            {"type": "reasoning.text", "text": "see.", "index": 0}]}),
        json!({"reasoning_details": [
            {"type": "reasoning.text", "text": "", "signature": "sig", "index": 0}]}),
        json!({"reasoning_details": [{"type": "reasoning.encrypted", "data": "enc", "id": null}]}),
        json!({"reasoning_details": [{"type": "reasoning.unknown"}, 7, null]}),
        json!({"content": "Seen."}),
    ]
    .into_iter()
    .map(chunk)
    .collect();
    stream.push_str("data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    let (_, answer) = ask(OPENAI, Turn::raw(stream)).await;
    let mut request = hello();
    request.messages.push(Arc::new(Message::Assistant(answer)));
    request.messages.push(Arc::new(Message::user("and?", 3)));
    let sent = body(&with(OPENAI, json!({})), request).await;
    assert_eq!(
        sent["messages"][2],
        json!({"role": "assistant", "content": "Seen.", "reasoning_details": [
            {"type": "reasoning.text", "text": "Let me see.", "index": 0, "format": "f-v1",
                "signature": "sig"},
            {"type": "reasoning.encrypted", "data": "enc", "id": null}]})
    );
}

#[tokio::test]
async fn anthropics_subscriptions_are_asked_as_by_the_vendors_own_program() {
    let mut asked = request(called(ANTHROPIC, vec![]));
    asked.auth.api_key = Some("sk-ant-oat01-secret".into());
    asked.session_id = Some("s1".into());
    asked.tools = vec![tool("bash", json!({})), tool("look_up", json!({}))];
    let seen = seen(with(ANTHROPIC, json!({})), asked.clone()).await;
    assert_eq!(
        seen.header("authorization"),
        Some("Bearer sk-ant-oat01-secret")
    );
    assert_eq!(seen.header("x-api-key"), None);
    assert_eq!(seen.header("x-app"), Some("cli"));
    assert!(
        seen.header("user-agent")
            .unwrap()
            .starts_with("claude-cli/")
    );
    assert_eq!(
        seen.header("anthropic-beta"),
        Some("claude-code-20250219,oauth-2025-04-20")
    );
    let first = "You are Claude Code, Anthropic's official CLI for Claude.";
    assert_eq!(seen.body["system"][0]["text"], first);
    assert_eq!(seen.body["system"][1]["text"], "Be good.");
    assert_eq!(seen.body["tools"][0]["name"], "Bash");
    assert_eq!(seen.body["tools"][1]["name"], "look_up");
    assert_eq!(seen.body["messages"][1]["content"][0]["name"], "Bash");
    // As many breakpoints as the vendor takes.
    assert_eq!(seen.raw_body.matches("cache_control").count(), 4);

    let server = ModelServer::start([
        Turn::tool("Bash", json!({})),
        Turn::tool("Other", json!({})),
    ]);
    for expected in ["bash", "Other"] {
        let (_, answer) = ask_at(ANTHROPIC, &server.url(), asked.clone()).await;
        assert_eq!(answer.tool_calls().next().unwrap().name, expected);
    }
}

#[tokio::test]
async fn servers_of_anthropics_api_are_spared_what_they_do_not_take() {
    let compat = json!({"supportsEagerToolInputStreaming": false,
        "supportsCacheControlOnTools": false, "supportsLongCacheRetention": false,
        "sendSessionAffinityHeaders": true});
    let mut asked = hello();
    asked.session_id = Some("s1".into());
    asked.cache = CacheRetention::Long;
    let parameters = json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}},
        "$defs": {"b": {"type": "string"}}, "oneOf": []});
    asked.tools = vec![tool("t", parameters)];
    let seen = seen(with(ANTHROPIC, compat), asked).await;
    assert_eq!(
        seen.body["tools"],
        json!([{"name": "t", "description": "Does it.", "input_schema": {"type": "object",
            "properties": {"a": {"$ref": "#/$defs/b"}}, "required": [],
            "$defs": {"b": {"type": "string"}}}}])
    );
    assert_eq!(
        seen.body["system"][0]["cache_control"],
        json!({"type": "ephemeral"})
    );
    assert_eq!(
        seen.header("anthropic-beta"),
        Some("fine-grained-tool-streaming-2025-05-14")
    );
    assert_eq!(seen.header("x-session-affinity"), Some("s1"));
}

#[tokio::test]
async fn thinking_without_a_signature_goes_back_as_the_server_wants_it() {
    let thinking = |signature: &str| Content::Thinking {
        thinking: "hm".into(),
        thinking_signature: Some(signature.into()),
        redacted: false,
    };
    let first = async |compat: Value, block: Content| {
        let history = called(ANTHROPIC, vec![block]);
        let sent = body(&with(ANTHROPIC, compat), request(history)).await;
        sent["messages"][1]["content"][0].clone()
    };
    let text = json!({"type": "text", "text": "hm"});
    assert_eq!(first(json!({}), thinking("")).await, text);
    let empty = json!({"type": "thinking", "thinking": "hm", "signature": ""});
    assert_eq!(
        first(json!({"allowEmptySignature": true}), thinking("")).await,
        empty
    );
    // A signature alone stands for thinking that was not told.
    let untold = Content::Thinking {
        thinking: String::new(),
        thinking_signature: Some("sig".into()),
        redacted: false,
    };
    let signed = json!({"type": "thinking", "thinking": "", "signature": "sig"});
    assert_eq!(first(json!({}), untold).await, signed);
}

#[tokio::test]
async fn a_failed_calls_picture_comes_behind_the_results() {
    let sent = body(
        &with(ANTHROPIC, json!({})),
        request(called(ANTHROPIC, vec![])),
    )
    .await;
    let last = &sent["messages"][2]["content"];
    assert_eq!(last[0]["type"], "tool_result");
    assert!(
        last[0]["content"]
            .as_str()
            .unwrap()
            .starts_with("broken\n(an image")
    );
    assert_eq!(last[1]["type"], "text");
    assert_eq!(last[2]["type"], "image");
    assert_eq!(last[2]["cache_control"], json!({"type": "ephemeral"}));
}

#[tokio::test]
async fn a_result_without_a_word_says_that_it_is_empty() {
    for said in ["", " \n\t"] {
        let mut messages = called(OPENAI, vec![]);
        if let Some(Message::ToolResult(result)) = messages.last_mut() {
            result.content = vec![Content::text(said)];
        }
        let sent = body(&with(OPENAI, json!({})), request(messages)).await;
        let last = sent["messages"].as_array().unwrap().last().unwrap();
        assert_eq!(last["content"], "(the result is empty)", "{said:?}");
    }
}

/// After "Stop reasons" and "Web search tool" of Anthropic's API documentation.
#[tokio::test]
async fn no_words_are_lost_whatever_anthropics_model_ends_with() {
    let stream = |delta: Value| {
        let events = [
            json!({"type": "message_start", "message": {"id": "m", "model": "m1", "usage": {}}}),
            json!({"type": "content_block_start", "index": 0, "content_block":
                {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}}),
            json!({"type": "content_block_delta", "index": 0, "delta":
                {"type": "input_json_delta", "partial_json": "{\"query\":\"x\"}"}}),
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "content_block_start", "index": 1, "content_block":
                {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}}),
            json!({"type": "content_block_stop", "index": 1}),
            json!({"type": "content_block_start", "index": 2, "content_block":
                {"type": "text", "text": "", "citations": []}}),
            json!({"type": "content_block_delta", "index": 2, "delta":
                {"type": "text_delta", "text": "found \u{1F648}"}}),
            json!({"type": "content_block_delta", "index": 2, "delta":
                {"type": "citations_delta", "citation": {}}}),
            json!({"type": "content_block_stop", "index": 2}),
            json!({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 9}}),
            json!({"type": "message_stop"}),
        ];
        let text = events.iter().map(|event| format!("data: {event}\n\n"));
        Turn::raw(text.collect::<String>())
    };
    for (reason, expected) in [
        ("end_turn", StopReason::Stop),
        ("pause_turn", StopReason::Stop),
        ("model_context_window_exceeded", StopReason::Length),
        ("refusal", StopReason::Error),
        ("sensitive", StopReason::Error),
        ("something new", StopReason::Error),
    ] {
        let delta = json!({"stop_reason": reason, "stop_details": {"explanation": "not this"}});
        let (_, answer) = ask(ANTHROPIC, stream(delta)).await;
        assert_eq!(answer.stop_reason, expected, "{reason}");
        assert_eq!(
            answer.content,
            [Content::text("found \u{1F648}")],
            "{reason}"
        );
        assert_eq!(answer.usage.output, 9, "{reason}");
        if reason == "refusal" {
            let why = answer.error_message.unwrap();
            assert_eq!(why, "acme: declined to answer: not this");
        }
    }
}

#[tokio::test]
async fn half_characters_in_a_stream_cost_themselves_alone() {
    let chunk = r#"{"id":"c","model":"m1","choices":[{"index":0,"delta":{"content":"a\ud83d b \ud83d\ude48 \udE48."},"finish_reason":"stop"}]}"#;
    let body = format!("data: {chunk}\n\ndata: [DONE]\n\n");
    let (_, answer) = ask(OPENAI, Turn::raw(body)).await;
    assert_eq!(answer.to_text(), "a\u{fffd} b \u{1F648} \u{fffd}.");
}
