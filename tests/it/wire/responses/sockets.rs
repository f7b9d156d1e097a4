//! `openai-responses` over a web socket: what a message is there, and when there is one. That faults of
//! sockets are got round is in `socket_faults`, for this API as well.

use pi::ai::{CacheRetention, Transport};
use serde_json::json;

use crate::support::model_server::{FRAME, ModelServer, Turn};
use crate::wire::sockets::{APIS, Talk, bodies, methods};

fn talk(server: &ModelServer) -> Talk {
    Talk::of(APIS[1], &server.url())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_the_request_without_what_is_for_events() {
    let server = ModelServer::with_sockets(["a", "b"].map(Turn::text));
    let mut talk = talk(&server);
    talk.ask().await;
    assert_eq!(talk.ask_more("more").await.to_text(), "b");
    let seen = server.requests();
    assert_eq!(seen[0].path, "/responses");
    assert_eq!(seen[0].header("authorization"), Some("Bearer sk-secret"));
    assert_eq!(seen[0].header("session-id"), Some("session-1"));
    assert_eq!(seen[0].header("content-type"), None);
    let [first, second] = &bodies(&server)[..] else {
        panic!("two messages");
    };
    assert_eq!(first["type"], "response.create");
    assert_eq!(first["store"], false);
    assert_eq!(first.get("stream"), None);
    assert_eq!(first["input"].as_array().map(Vec::len), Some(2));
    assert_eq!(second["previous_response_id"], "resp_1");
    let said = json!([{"role": "user", "content": [{"type": "input_text", "text": "more"}]}]);
    assert_eq!(second["input"], said);
    // The way of events has what it needs.
    talk.request.transport = Transport::Sse;
    server.push(Turn::text("c"));
    talk.ask_more("and more").await;
    let last = server.requests().pop().unwrap();
    assert_eq!(
        (last.method.as_str(), &last.body["stream"]),
        ("POST", &json!(true))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn how_hard_to_think_is_said_in_the_conversation_and_it_still_goes_on() {
    let server = ModelServer::with_sockets(["a", "b", "c"].map(Turn::text));
    let mut talk = talk(&server);
    let switch = ("supportsMidConvoEffort".to_owned(), json!(true));
    talk.model.compat.extend([switch]);
    talk.request.thinking = pi::ai::ThinkingLevel::High;
    talk.ask().await;
    talk.request.thinking = pi::ai::ThinkingLevel::Low;
    talk.ask_more("more").await;
    talk.ask_more("and more").await;
    let bodies = bodies(&server);
    for (body, effort) in bodies[1..].iter().zip(["low", "low"]) {
        assert_eq!(body["previous_response_id"], "resp_1");
        let input = body["input"].as_array().unwrap();
        assert_eq!(input.len(), 2);
        assert_eq!(input[1]["reasoning"]["effort"], effort);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_chosen_is_events_at_a_server_that_may_have_no_sockets() {
    let server = ModelServer::with_sockets([Turn::text("events")]);
    let mut talk = talk(&server);
    talk.request.transport = Transport::Auto;
    assert_eq!(talk.ask().await.to_text(), "events");
    assert_eq!(methods(&server), ["POST"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_sockets_is_asked_for_one_once() {
    let answers = ["a", "b", "c"].map(Turn::text);
    let server = ModelServer::start([Turn::status(404, "")].into_iter().chain(answers));
    let mut talk = talk(&server);
    // Even where no key for the cache is sent.
    let switch = ("promptCacheKeyMode".to_owned(), json!("disabled"));
    talk.model.compat.extend([switch]);
    talk.ask().await;
    talk.ask_more("more").await;
    assert_eq!(methods(&server), ["GET", "POST", "POST"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_for_one_key_and_what_is_not_to_be_cached_leaves_none() {
    let server = ModelServer::with_sockets(["a", "b", "c"].map(Turn::text));
    let mut talk = talk(&server);
    talk.ask().await;
    talk.request.auth.api_key = Some("sk-another".into());
    talk.ask_more("more").await;
    talk.request.cache = CacheRetention::None;
    talk.ask_more("and more").await;
    assert_eq!(methods(&server), ["GET", FRAME, "GET", FRAME, "GET", FRAME]);
    let whole = bodies(&server);
    assert!(
        whole
            .iter()
            .all(|body| body.get("previous_response_id").is_none())
    );
}
