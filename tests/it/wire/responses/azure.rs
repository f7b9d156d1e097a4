//! Azure: where the models are, what they are called there, and what its answers leave for the end.

use pi::ai::failure::Kind;
use pi::ai::{AssistantMessage, CacheRetention, Content, Request, StopReason};
use serde_json::json;

use super::super::hello;
use super::bodies::conversation;
use super::{AZURE, answered, exchanged, model};
use crate::support::model_server::{ModelServer, Recorded, Turn};

/// Sends `request` for a model without a place, with these variables; `BASE` in them is the server's.
async fn with(
    api: &str,
    mut request: Request,
    variables: &[(&str, &str)],
) -> (Option<Recorded>, AssistantMessage) {
    let server = ModelServer::start([Turn::text("ok")]);
    for (name, value) in variables {
        let value = value.replace("BASE", &server.url());
        request.auth.variables.insert((*name).to_owned(), value);
    }
    let model = model(|model| {
        model.api = api.into();
        model.provider = "azure".into();
    });
    let provider = pi::ai::providers::provider_for(api, &Default::default()).unwrap();
    let stream = provider.stream(&model, request, Default::default());
    let deltas: Vec<_> = futures::StreamExt::collect(stream).await;
    (server.requests().pop(), super::super::done(&deltas))
}

#[tokio::test]
async fn a_request_goes_to_the_persons_own_place_under_its_own_name() {
    let mut request = conversation();
    request.cache = CacheRetention::Long;
    let variables = [
        ("AZURE_OPENAI_BASE_URL", "BASE/openai/v1/"),
        ("AZURE_OPENAI_DEPLOYMENT_NAME_MAP", "other=x,m1=mine"),
    ];
    let (seen, message) = with(AZURE, request, &variables).await;
    let seen = seen.unwrap();
    assert_eq!(seen.path, "/openai/v1/responses?api-version=v1");
    assert_eq!(seen.header("api-key"), Some("sk-secret"));
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(seen.body["model"], "mine");
    assert_eq!(seen.body["tools"][0]["strict"], false);
    assert_eq!(seen.body["prompt_cache_key"], "s1");
    assert_eq!(seen.body.get("prompt_cache_retention"), None);
    let reasoning = json!({"effort": "medium", "summary": "auto"});
    assert_eq!(seen.body["reasoning"], reasoning);
    assert_eq!(
        (message.model.as_str(), message.to_text().as_str()),
        ("m1", "ok")
    );
}

#[tokio::test]
async fn another_version_of_the_api_is_asked_for_by_name() {
    let variables = [
        ("AZURE_OPENAI_BASE_URL", "BASE"),
        ("AZURE_OPENAI_API_VERSION", "2026-04-01-preview"),
    ];
    let (seen, _) = with(AZURE, hello(), &variables).await;
    assert_eq!(
        seen.unwrap().path,
        "/responses?api-version=2026-04-01-preview"
    );
}

#[tokio::test]
async fn without_a_place_it_says_what_to_set() {
    for api in [AZURE, "openai-completions"] {
        let (seen, message) = with(api, hello(), &[]).await;
        assert!(seen.is_none());
        assert_eq!(message.stop_reason, StopReason::Error);
        assert_eq!(message.failure.unwrap().kind, Kind::Refused);
        let words = message.error_message.unwrap();
        assert!(words.starts_with("azure: "), "{words}");
        assert!(words.contains("AZURE_OPENAI_BASE_URL"), "{words}");
    }
}

#[tokio::test]
async fn models_of_foundry_answer_at_the_same_place() {
    let variables = [
        ("AZURE_OPENAI_BASE_URL", "BASE/openai/v1"),
        ("AZURE_OPENAI_DEPLOYMENT_NAME_MAP", "m1=mine"),
    ];
    let (seen, message) = with("openai-completions", hello(), &variables).await;
    let seen = seen.unwrap();
    assert_eq!(seen.path, "/openai/v1/chat/completions");
    assert_eq!(seen.header("authorization"), Some("Bearer sk-secret"));
    assert_eq!(seen.body["model"], "mine");
    assert_eq!(
        (message.model.as_str(), message.to_text().as_str()),
        ("m1", "ok")
    );
}

#[tokio::test]
async fn a_place_in_models_json_serves_too() {
    let placed = model(|model| {
        model.api = AZURE.into();
        model.provider = "azure".into();
        model.base_url = "/custom".into();
    });
    let (seen, _) = exchanged(placed, hello(), Turn::text("ok")).await;
    assert_eq!(seen.unwrap().path, "/custom/responses?api-version=v1");
}

#[tokio::test]
async fn the_encrypted_part_of_thinking_may_come_at_the_end() {
    let thought = json!({"type": "reasoning", "id": "rs_1", "summary": []});
    let mut sealed = thought.clone();
    sealed["encrypted_content"] = json!("c2VhbGVk");
    let events = [
        json!({"type": "response.output_item.done", "output_index": 0, "item": thought}),
        json!({"type": "response.completed", "response": {"status": "completed",
            "output": [sealed]}}),
    ];
    let message = answered(model(|model| model.api = AZURE.into()), &events).await;
    let Content::Thinking {
        thinking_signature: Some(kept),
        ..
    } = &message.content[0]
    else {
        panic!("{:?}", message.content);
    };
    assert_eq!(*kept, sealed.to_string());
}
