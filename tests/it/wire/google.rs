//! Google's Gemini API: request bodies whole, streams in any chunking, thinking by family, endings.
//! Bodies were compared with the reference's own for the same conversations.

use std::sync::Arc;
use std::time::Duration;

use pi::ai::failure::Kind;
use pi::ai::overflow::is_overflow;
use pi::ai::{
    AssistantMessage, Body, Content, Message, Model, Request, StopReason, ThinkingLevel, ToolCall,
    ToolSpec, UserMessage,
};
use serde_json::{Value, json};

use super::requests::{answer, call, image, result, seen};
use super::streams::{CHUNKS, told};
use super::{ask, ask_at, hello, model, request};
use crate::support::model_server::{ModelServer, Turn};

const GOOGLE: &str = "google-generative-ai";

fn gemini(id: &str) -> Model {
    let mut model = model(GOOGLE, "/v1beta");
    model.id = id.into();
    if id.starts_with("gemini-3") {
        for (level, word) in [
            (ThinkingLevel::Off, None),
            (ThinkingLevel::Minimal, None),
            (ThinkingLevel::Low, Some("low")),
            (ThinkingLevel::High, Some("HIGH")),
        ] {
            let word = word.map(str::to_owned);
            model.thinking_level_map.insert(level, word);
        }
    }
    model
}

/// What that very model answered.
fn own(id: &str, content: Vec<Content>) -> Message {
    let mut message = answer(GOOGLE, content);
    if let Message::Assistant(answer) = &mut message {
        answer.model = id.into();
    }
    message
}

fn conversation(id: &str) -> Request {
    let signature = || Some("c2ln".to_owned());
    let mut request = request(vec![
        Message::User(UserMessage {
            content: Body::Blocks(vec![Content::text("look"), image()]),
            timestamp: 1,
        }),
        own(
            id,
            vec![
                Content::Thinking {
                    thinking: "hm".into(),
                    thinking_signature: signature(),
                    redacted: false,
                },
                Content::Text {
                    text: "I look.".into(),
                    text_signature: Some("not base64!".into()),
                },
                Content::ToolCall(ToolCall {
                    id: "call_1".into(),
                    name: "read".into(),
                    arguments: json!({"path": "a.txt"}),
                    thought_signature: signature(),
                }),
                call("call_2", json!("{\"path\": ")),
                Content::Text {
                    text: String::new(),
                    text_signature: signature(),
                },
                Content::text(" "),
            ],
        ),
        result("call_1", vec![Content::text("one"), image()], false),
        result("call_2", vec![Content::text("bad JSON")], true),
        Message::User(UserMessage {
            content: Body::Text("and now?".into()),
            timestamp: 4,
        }),
    ]);
    request.tools = vec![ToolSpec {
        name: "read".into(),
        description: "Reads a file.".into(),
        parameters: Arc::new(json!({
            "type": "object",
            "properties": {"path": {"type": "string"}, "mode": {"const": "fast"}},
            "required": ["path"],
        })),
    }];
    request.thinking = ThinkingLevel::High;
    request
}

#[tokio::test]
async fn a_conversation_in_the_words_of_gemini_3() {
    let seen = seen(gemini("gemini-3-pro"), conversation("gemini-3-pro")).await;
    let picture = json!({"inlineData": {"mimeType": "image/png", "data": "aGk="}});
    assert_eq!(
        seen.body,
        json!({
            "systemInstruction": {"role": "user", "parts": [{"text": "Be good."}]},
            "tools": [{"functionDeclarations": [{
                "name": "read", "description": "Reads a file.",
                "parametersJsonSchema": {"type": "object", "required": ["path"], "properties":
                    {"path": {"type": "string"}, "mode": {"enum": ["fast"]}}},
            }]}],
            "contents": [
                {"role": "user", "parts": [{"text": "look"}, picture]},
                {"role": "model", "parts": [
                    {"text": "hm", "thought": true, "thoughtSignature": "c2ln"},
                    {"text": "I look."},
                    {"functionCall": {"name": "read", "args": {"path": "a.txt"}, "id": "call_1"},
                        "thoughtSignature": "c2ln"},
                    {"functionCall": {"name": "read", "args": {}, "id": "call_2"}},
                    {"text": "", "thoughtSignature": "c2ln"},
                ]},
                {"role": "user", "parts": [
                    {"functionResponse": {"name": "read", "id": "call_1",
                        "response": {"output": "one"}, "parts": [picture]}},
                    {"functionResponse": {"name": "read", "id": "call_2",
                        "response": {"error": "bad JSON"}}},
                ]},
                {"role": "user", "parts": [{"text": "and now?"}]},
            ],
            "generationConfig": {"maxOutputTokens": 64000,
                "thinkingConfig": {"includeThoughts": true, "thinkingLevel": "HIGH"}},
        })
    );
    assert_eq!(seen.method, "POST");
    let path = "/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse";
    assert_eq!(seen.path, path);
    assert_eq!(seen.header("x-goog-api-key"), Some("sk-secret"));
    assert_eq!(seen.header("authorization"), None);
}

#[tokio::test]
async fn before_gemini_3_calls_have_no_ids_and_pictures_follow_all_results() {
    let seen = seen(gemini("gemini-2.5-flash"), conversation("gemini-2.5-flash")).await;
    let contents = seen.body["contents"].as_array().unwrap();
    let picture = json!({"inlineData": {"mimeType": "image/png", "data": "aGk="}});
    assert_eq!(
        contents[2..4],
        [
            json!({"role": "user", "parts": [
                {"functionResponse": {"name": "read", "response": {"output": "one"}}},
                {"functionResponse": {"name": "read", "response": {"error": "bad JSON"}}},
            ]}),
            json!({"role": "user", "parts":
                [{"text": "Images from the tool results above:"}, picture]}),
        ]
    );
    assert!(!seen.raw_body.contains("call_1"), "{}", seen.raw_body);
    assert_eq!(
        seen.body["generationConfig"]["thinkingConfig"],
        json!({"includeThoughts": true, "thinkingBudget": 24576})
    );
}

#[tokio::test]
async fn what_another_model_said_comes_without_its_thinking_and_signatures() {
    let mut history = conversation("gemini-2.5-flash");
    let pictures = Message::ToolResult(pi::ai::ToolResultMessage {
        tool_call_id: "call_1|fc+/=".into(),
        tool_name: "read".into(),
        content: vec![image()],
        details: None,
        is_error: false,
        timestamp: 3,
    });
    let mut other = own(
        "m1",
        vec![
            Content::thinking("hm"),
            Content::ToolCall(ToolCall {
                id: "call_1|fc+/=".into(),
                name: "read".into(),
                arguments: json!({}),
                thought_signature: Some("c2ln".into()),
            }),
        ],
    );
    if let Message::Assistant(answer) = &mut other {
        answer.api = "openai-responses".into();
        answer.provider = "openai".into();
    }
    history.messages = super::shared(vec![other, pictures]);
    let seen = seen(gemini("gemini-3-pro"), history).await;
    assert_eq!(
        seen.body["contents"],
        json!([
            {"role": "model", "parts": [
                {"functionCall": {"name": "read", "args": {}, "id": "call_1_fc___"}},
            ]},
            {"role": "user", "parts": [{"functionResponse": {
                "name": "read", "id": "call_1_fc___",
                "response": {"output": "(the result is the attached image)"},
                "parts": [{"inlineData": {"mimeType": "image/png", "data": "aGk="}}],
            }}]},
        ])
    );
}

#[tokio::test]
async fn each_family_is_told_in_its_own_way_how_hard_to_think() {
    let config = |id: &str, level, budget: Option<u64>| {
        let mut request = hello();
        request.thinking = level;
        request.thinking_budgets = budget.map(|tokens| (level, tokens)).into_iter().collect();
        let model = gemini(id);
        async move { seen(model, request).await.body["generationConfig"]["thinkingConfig"].clone() }
    };
    let budget = |tokens: i64| json!({"includeThoughts": true, "thinkingBudget": tokens});
    let level = |word: &str| json!({"includeThoughts": true, "thinkingLevel": word});
    use ThinkingLevel::{High, Low, Max, Medium, Minimal, Off};
    for (id, at, set, expected) in [
        ("gemini-2.5-pro", Low, None, budget(2048)),
        ("gemini-2.5-pro", Max, None, budget(32768)),
        // It cannot do without thinking: as little as it can, and none of it shown.
        ("gemini-2.5-pro", Off, None, json!({"thinkingBudget": 128})),
        ("gemini-2.5-flash-lite", Minimal, None, budget(512)),
        ("gemini-2.5-flash", Minimal, None, budget(128)),
        ("gemini-2.5-flash", Minimal, Some(777), budget(777)),
        ("gemini-2.5-flash", Off, None, json!({"thinkingBudget": 0})),
        ("gemini-robotics", Medium, None, budget(-1)),
        ("gemini-3-pro", High, None, level("HIGH")),
        ("gemini-3-pro", Medium, None, level("MEDIUM")),
        ("gemini-3-pro", Off, None, json!({"thinkingLevel": "LOW"})),
        ("gemini-4-x", Minimal, None, level("MINIMAL")),
        ("gemini-4-x", Off, None, json!({"thinkingBudget": 0})),
    ] {
        assert_eq!(config(id, at, set).await, expected, "{id} {at:?}");
    }
    let mut plain = gemini("gemini-2.0");
    plain.reasoning = false;
    let body = seen(plain, hello()).await.body;
    assert_eq!(body["generationConfig"], json!({"maxOutputTokens": 64000}));
}

#[tokio::test]
async fn the_next_turn_begins_with_the_bytes_of_this_one() {
    let first = seen(gemini("gemini-3-pro"), conversation("gemini-3-pro")).await;
    let mut longer = conversation("gemini-3-pro");
    let said = own("gemini-3-pro", vec![Content::text("done")]);
    longer.messages.push(Arc::new(said));
    longer.messages.push(Arc::new(Message::user("thanks", 9)));
    let second = seen(gemini("gemini-3-pro"), longer).await;
    let (start, _) = first.raw_body.split_once("],\"generationConfig\"").unwrap();
    assert!(second.raw_body.starts_with(start));
}

/// ai.google.dev: "Gemini thinking", "Function calling", "Thought signatures", `GenerateContentResponse`.
const STREAM: &str = concat!(
    r#"data: {"candidates": [{"content": {"parts": [{"text": "Let me see… ","thought": true}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 400,"totalTokenCount": 410,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 400}],"thoughtsTokenCount": 10},"modelVersion": "m1-002","responseId": "resp_1"}"#,
    "\r\n\r\n",
    r#"data: {"candidates": [{"content": {"parts": [{"text": "🙈","thought": true}],"role": "model"},"index": 0}],"modelVersion": "m1-002","responseId": "resp_1"}"#,
    "\r\n\r\n",
    r#"data: {"candidates": [{"content": {"parts": [{"text": "Two "}],"role": "model"},"index": 0,"safetyRatings": [{"category": "HARM_CATEGORY_HARASSMENT","probability": "NEGLIGIBLE"}]}],"responseId": "resp_1"}"#,
    "\r\n\r\n",
    r#"data: {"candidates": [{"content": {"parts": [{"text": "calls.","thoughtSignature": "VGV4dA=="}],"role": "model"},"index": 0}]}"#,
    "\r\n\r\n",
    r#"data: {"candidates": [{"content": {"parts": [{"functionCall": {"name": "read","args": {"path": "Zürich.txt"}},"thoughtSignature": "Q2FsbA=="},{"functionCall": {"name": "ls","args": {},"id": "call-7"}},{"functionCall": {"name": "ls","id": "call-7"}}],"role": "model"},"index": 0}]}"#,
    "\r\n\r\n",
    r#"data: {"candidates": [{"content": {"parts": [{"text": ""}],"role": "model"},"finishReason": "STOP","index": 0}],"usageMetadata": {"promptTokenCount": 400,"cachedContentTokenCount": 300,"toolUsePromptTokenCount": 20,"candidatesTokenCount": 30,"thoughtsTokenCount": 20,"totalTokenCount": 470},"modelVersion": "m1-002","responseId": "resp_1"}"#,
    "\r\n\r\n",
);

#[tokio::test]
async fn an_answer_is_read_in_any_chunking() {
    for size in CHUNKS {
        let (deltas, message) = ask(GOOGLE, Turn::raw(STREAM).in_chunks(size)).await;
        assert_eq!(
            serde_json::to_value(&message).unwrap(),
            json!({
                "content": [
                    {"type": "thinking", "thinking": "Let me see… 🙈"},
                    {"type": "text", "text": "Two calls.", "textSignature": "VGV4dA=="},
                    {"type": "toolCall", "id": "read_7_1", "name": "read",
                        "arguments": {"path": "Zürich.txt"}, "thoughtSignature": "Q2FsbA=="},
                    {"type": "toolCall", "id": "call-7", "name": "ls", "arguments": {}},
                    {"type": "toolCall", "id": "ls_7_3", "name": "ls", "arguments": {}},
                ],
                "api": GOOGLE, "provider": "acme", "model": "m1", "responseModel": "m1-002",
                "responseId": "resp_1",
                "usage": {"input": 120, "output": 50, "cacheRead": 300, "cacheWrite": 0,
                    "totalTokens": 470, "cost": {"input": 0.00012, "output": 0.0001,
                        "cacheRead": 0.00015, "cacheWrite": 0.0, "total": 0.00037}},
                "stopReason": "toolUse", "timestamp": 7,
            }),
            "in chunks of {size}"
        );
        assert_eq!(
            told(&deltas),
            "start think0 think0+ think0+ think0. text1 text1+ text1+ text1. call2:read call2+ \
             call2. call3:ls call3+ call3. call4:ls call4+ call4. done"
        );
    }
}

#[tokio::test]
async fn a_signature_without_words_is_kept() {
    let body = concat!(
        r#"data: {"candidates":[{"content":{"parts":[{"text":"hm","thought":true}]}}]}"#,
        "\n\n",
        r#"data: {"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"c2ln"}]},"finishReason":"STOP"}]}"#,
        "\n\n",
    );
    let (_, message) = ask(GOOGLE, Turn::raw(body)).await;
    let signed = Content::Text {
        text: String::new(),
        text_signature: Some("c2ln".into()),
    };
    assert_eq!(message.content, [Content::thinking("hm"), signed]);
    assert_eq!(message.stop_reason, StopReason::Stop);
}

async fn ended(candidate: Value) -> AssistantMessage {
    let event = json!({"candidates": [candidate], "usageMetadata": {"promptTokenCount": 9}});
    let (_, message) = ask(GOOGLE, Turn::raw(format!("data: {event}\n\n"))).await;
    message
}

#[tokio::test]
async fn every_reason_to_end_is_told() {
    let text = json!({"parts": [{"text": "so far"}]});
    let with = |reason: &str| json!({"content": text, "finishReason": reason});
    let length = ended(with("MAX_TOKENS")).await;
    assert_eq!(length.stop_reason, StopReason::Length);
    for (reason, kind) in [
        ("SAFETY", Kind::Refused),
        ("RECITATION", Kind::Refused),
        // What the model wrote badly may come well the next time.
        ("MALFORMED_FUNCTION_CALL", Kind::Garbled),
    ] {
        let mut candidate = with(reason);
        candidate["finishMessage"] = json!("because");
        let message = ended(candidate).await;
        assert_eq!(message.stop_reason, StopReason::Error);
        assert_eq!(message.to_text(), "so far");
        assert_eq!(message.usage.input, 9);
        assert_eq!(message.failure.unwrap().kind, kind, "{reason}");
        assert_eq!(
            message.error_message.unwrap(),
            format!("acme: ended the answer with the reason {reason:?}: because")
        );
    }
    let message = ended(json!({"content": text})).await;
    assert_eq!(message.failure.unwrap().kind, Kind::Garbled);
}

#[tokio::test]
async fn a_request_that_is_blocked_is_no_answer() {
    let event = json!({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
        "usageMetadata": {"promptTokenCount": 9}});
    let (_, message) = ask(GOOGLE, Turn::raw(format!("data: {event}\n\n"))).await;
    assert_eq!(
        message.error_message.as_deref(),
        Some(
            "acme: did not answer: the request was blocked with the reason \"PROHIBITED_CONTENT\""
        )
    );
    assert_eq!(message.failure.unwrap().kind, Kind::Refused);
}

#[tokio::test]
async fn googles_errors_are_read_in_objects_and_in_lists() {
    let crowded = json!([{"error": {"code": 429, "message": "Resource has been exhausted",
        "status": "RESOURCE_EXHAUSTED", "details": [{
            "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "12s"}]}}]);
    let (_, message) = ask(GOOGLE, Turn::json(429, crowded.clone())).await;
    let failure = message.failure.unwrap();
    assert_eq!(
        (failure.kind, failure.wait),
        (Kind::Busy, Some(Duration::from_secs(12)))
    );
    let words = message.error_message.unwrap();
    assert!(
        words.starts_with(
            "acme answered 429 Too Many Requests: Resource has been exhausted (retry after 12 s)"
        ),
        "{words}"
    );
    // In the middle of a stream.
    let body = format!(
        "data: {}\n\ndata: {}\n\n",
        json!({"candidates": [{"content": {"parts": [{"text": "half"}]}}]}),
        crowded[0]
    );
    let (_, message) = ask(GOOGLE, Turn::raw(body)).await;
    assert_eq!(message.to_text(), "half");
    assert_eq!(message.failure.unwrap().kind, Kind::Busy);

    let unknown = json!({"error": {"code": 400, "status": "INVALID_ARGUMENT",
        "message": "API key not valid. Please pass a valid API key.", "details": [{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]}});
    let (_, message) = ask(GOOGLE, Turn::json(400, unknown)).await;
    assert_eq!(message.failure.unwrap().kind, Kind::Credentials);
    assert!(message.error_message.unwrap().contains("Check the API key"));

    let long = json!({"error": {"code": 400, "status": "INVALID_ARGUMENT", "message":
        "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575)."}});
    let (_, message) = ask(GOOGLE, Turn::json(400, long)).await;
    assert!(is_overflow(&message, 1_048_576));
}

#[tokio::test]
async fn a_key_is_never_in_the_url_and_no_key_is_no_header() {
    let server = ModelServer::start([Turn::text("ok"), Turn::text("ok")]);
    ask_at(GOOGLE, &server.url(), hello()).await;
    let mut open = hello();
    open.auth.api_key = None;
    ask_at(GOOGLE, &server.url(), open).await;
    let seen = server.requests();
    assert!(!seen[0].path.contains("sk-secret"));
    assert_eq!(seen[1].header("x-goog-api-key"), None);
}
