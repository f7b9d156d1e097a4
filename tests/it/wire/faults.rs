//! What goes wrong on the wire: statuses, pages, resets, silence, early ends, aborts. Each becomes a
//! message that keeps what came and says in words what happened.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use pi::ai::http::HttpClient;
use pi::ai::overflow::is_overflow;
use pi::ai::providers::provider_for;
use pi::ai::{Content, Delta, StopReason, Timeouts};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{ANTHROPIC, BOTH, OPENAI, ask, ask_at, done, hello, model};
use crate::support::model_server::{End, ModelServer, Turn, anthropic_events, openai_events};

async fn failure(api: &str, turn: Turn) -> String {
    let (deltas, message) = ask(api, turn).await;
    assert_eq!(message.stop_reason, StopReason::Error);
    assert_eq!(deltas.len(), 1, "nothing had begun");
    message.error_message.unwrap()
}

#[tokio::test]
async fn an_error_names_provider_status_and_cause() {
    let body = json!({"type": "error", "error":
        {"type": "authentication_error", "message": "invalid x-api-key"}});
    assert_eq!(
        failure(ANTHROPIC, Turn::json(401, body)).await,
        "acme answered 401 Unauthorized: invalid x-api-key (authentication_error). Check the API \
         key: the provider's environment variable, auth.json (/login in the terminal does it), \
         apiKey in models.json, or --api-key"
    );
    let turn = Turn::json(429, json!({"error": {"message": "slow down"}}));
    assert_eq!(
        failure(OPENAI, turn.header("retry-after", "3")).await,
        "acme answered 429 Too Many Requests: slow down (retry after 3 s). The provider limits how \
         much you may ask; wait, or choose another model"
    );
    let page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
    assert_eq!(
        failure(OPENAI, Turn::html(502, page)).await,
        "acme answered 502 Bad Gateway"
    );
    assert_eq!(
        failure(ANTHROPIC, Turn::status(500, "")).await,
        "acme answered 500 Internal Server Error (no body)"
    );
    let turn = Turn::status(307, "").header("location", "http://elsewhere/");
    assert_eq!(
        failure(OPENAI, turn).await,
        "acme answered 307 Temporary Redirect (no body) (redirects to http://elsewhere/, which is \
         not followed)"
    );
}

#[tokio::test]
async fn behind_the_reason_why_it_ended_silence_is_not_waited_for_as_long_as_within() {
    let bytes = openai_events(&Turn::text("all"));
    let text = String::from_utf8(bytes).unwrap();
    let (before, behind) = text.split_once("\"finish_reason\":\"stop\"").unwrap();
    let end = text.len() - behind.len() + behind.find("\n\n").unwrap() + 2;
    assert!(before.contains("all"));
    let turn = Turn::raw(text).cut_at(end).ending(End::Stall);
    // The usual patience is five minutes.
    let mut request = hello();
    request.timeouts.late = Duration::from_millis(20);
    let server = ModelServer::start([turn]);
    let url = server.url();
    let asked = ask_at(OPENAI, &url, request);
    let asked = tokio::time::timeout(Duration::from_secs(60), asked);
    let (_, message) = asked.await.unwrap();
    assert_eq!(message.to_text(), "all");
    assert_eq!(message.stop_reason, StopReason::Stop);
}

#[tokio::test]
async fn an_endless_error_page_is_read_to_a_bound() {
    let turn = Turn::html(500, &"<b>x".repeat(1_000_000)).ending(End::Stall);
    assert!(failure(OPENAI, turn).await.len() < 5000);
}

#[tokio::test]
async fn of_a_huge_error_a_few_lines_are_said_and_its_size() {
    let lines = "one line of it\n".repeat(380_000);
    for status in [400, 500] {
        let turns = [
            Turn::json(status, json!({"error": {"message": lines}})),
            Turn::json(status, json!({"odd": [lines]})),
            Turn::html(status, &lines),
        ];
        for turn in turns {
            let said = failure(OPENAI, turn).await;
            assert!(said.contains("one line of it"), "{said}");
            assert!(
                said.contains("… (cut: it is more than 64 KB long)"),
                "{said}"
            );
            assert!(said.len() < 1200 && said.lines().count() < 9, "{said}");
        }
        let page = format!("<title>Out of order</title><p>{lines}</p>");
        let said = failure(OPENAI, Turn::html(status, &page)).await;
        assert!(said.ends_with(": Out of order"), "{said}");
    }
}

#[tokio::test]
async fn a_context_overflow_is_recognised_behind_the_words() {
    let body = json!({"error": {"type": "invalid_request_error",
        "message": "prompt is too long: 213462 tokens > 200000 maximum"}});
    let (_, message) = ask(ANTHROPIC, Turn::json(400, body)).await;
    assert!(is_overflow(&message, 200_000));
}

#[tokio::test]
async fn a_context_overflow_is_recognised_in_words_that_are_too_many_to_be_shown() {
    let frame = "  File \"server.py\", line 7, in answer\n    return self.engine.check(request)\n";
    let trace = format!("Traceback (most recent call last):\n{}", frame.repeat(30));
    let last = "ValueError: The input (9000 tokens) exceeds the maximum allowed input length of 8192 tokens.";
    for status in [400, 500] {
        for (last, overflows) in [(last, true), ("ValueError: no", false)] {
            let body = json!({"error": {"message": format!("{trace}{last}")}});
            let (_, message) = ask(OPENAI, Turn::json(status, body)).await;
            let said = message.error_message.as_deref().unwrap();
            assert!(!said.contains("ValueError"), "{said}");
            assert_eq!(is_overflow(&message, 8192), overflows, "{status}: {last}");
        }
    }
    let body = json!({"error": {"message":
        format!("{trace}maximum context length is 9 tokens a minute")}});
    let (_, message) = ask(OPENAI, Turn::json(429, body)).await;
    assert!(!is_overflow(&message, 8192));
}

#[tokio::test]
async fn success_that_is_no_event_stream_is_an_error() {
    assert_eq!(
        failure(OPENAI, Turn::html(200, "<title>Log in</title>")).await,
        "acme: answered text/html, not an event stream: Log in"
    );
    assert_eq!(
        failure(ANTHROPIC, Turn::json(200, json!({"error": "no"}))).await,
        "acme: answered application/json, not an event stream: no"
    );
}

#[tokio::test]
async fn nobody_listening_is_told_with_advice() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (_, message) = ask_at(OPENAI, &format!("http://{address}/v1"), hello()).await;
    let error = message.error_message.unwrap();
    assert!(
        error.starts_with(&format!("acme: cannot connect to {address}: ")),
        "{error}"
    );
    assert!(error.ends_with("Is the server running, and is the base URL right?"));
}

#[tokio::test]
async fn a_url_or_a_header_that_makes_no_sense_is_told() {
    let (_, message) = ask_at(OPENAI, "not a url", hello()).await;
    let error = message.error_message.unwrap();
    assert!(error.starts_with("acme: the URL"), "{error}");
    let mut request = hello();
    request.auth.api_key = Some("sk\u{7}secret".into());
    let (_, message) = ask_at(OPENAI, "http://127.0.0.1:1", request).await;
    let error = message.error_message.unwrap();
    assert_eq!(
        error,
        "acme: the value of the header authorization is not valid"
    );
}

#[tokio::test]
async fn what_came_before_the_connection_broke_is_kept() {
    for api in BOTH {
        for end in [End::HangUp, End::Reset] {
            let (_, message) = ask(api, half_way(api).ending(end)).await;
            assert_eq!(message.stop_reason, StopReason::Error);
            let error = message.error_message.unwrap();
            assert!(
                error.starts_with("acme: the connection to 127.0.0.1:"),
                "{error}"
            );
            // A reset may overtake what was sent before it.
            if end == End::HangUp {
                assert_eq!(message.content, [Content::text("one two three")]);
            }
        }
    }
}

/// An answer that stops in the middle of a call's arguments.
fn half_way(api: &str) -> Turn {
    let turn = Turn::text("one two three").call("c", "ls", json!({"path": "somewhere"}));
    let bytes = match api {
        ANTHROPIC => anthropic_events(&turn),
        _ => openai_events(&turn),
    };
    let bytes = String::from_utf8(bytes).unwrap();
    let at = bytes.rfind("somewhe").unwrap();
    turn.cut_at(at)
}

#[tokio::test]
async fn a_stream_that_ends_too_early_is_an_error_with_the_part_that_came() {
    let early = concat!(
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",",
        "\"usage\":{\"input_tokens\":9}}}\n\n",
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,",
        "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,",
        "\"delta\":{\"type\":\"text_delta\",\"text\":\"half\"}}\n\n",
    );
    let (_, message) = ask(ANTHROPIC, Turn::raw(early)).await;
    assert_eq!(message.content, [Content::text("half")]);
    assert_eq!(message.usage.input, 9);
    let error = "acme: the stream ended before the answer did";
    assert_eq!(message.error_message.as_deref(), Some(error));

    let early = "data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n";
    let (_, message) = ask(OPENAI, Turn::raw(early)).await;
    assert_eq!(message.content, [Content::text("half")]);
    assert_eq!(message.error_message.as_deref(), Some(error));

    let (_, message) = ask(OPENAI, Turn::raw("")).await;
    assert_eq!(message.stop_reason, StopReason::Error);
}

#[tokio::test]
async fn an_error_inside_the_stream_is_the_message_of_the_failure() {
    let body = concat!(
        "event: error\n",
        "data: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
    );
    let (_, message) = ask(ANTHROPIC, Turn::raw(body)).await;
    assert_eq!(
        message.error_message.as_deref(),
        Some("acme: failed while answering: Overloaded (overloaded_error)")
    );
    let body = "data: {\"error\":{\"message\":\"upstream died\",\"code\":502}}\n\n";
    let (_, message) = ask(OPENAI, Turn::raw(body)).await;
    assert_eq!(
        message.error_message.as_deref(),
        Some("acme: failed while answering: upstream died")
    );
    let body = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\ndata: [DONE]\n\n";
    let (_, message) = ask(OPENAI, Turn::raw(body)).await;
    assert_eq!(
        message.error_message.as_deref(),
        Some("acme: ended the answer with the reason \"content_filter\"")
    );
}

#[tokio::test]
async fn an_event_that_is_no_json_is_an_error_unless_it_can_be_mended() {
    let (_, message) = ask(OPENAI, Turn::raw("data: {\"choices\": oops\n\n")).await;
    let error = message.error_message.unwrap();
    assert!(error.contains("sent an event that is not JSON"), "{error}");
    let body = "data: {\"choices\":[{\"delta\":{\"content\":\"a\tb \\d\"},\"finish_reason\":\"stop\"}]}\n\n";
    let (_, message) = ask(OPENAI, Turn::raw(body)).await;
    assert_eq!(message.content, [Content::text("a\tb \\d")]);
    assert_eq!(message.stop_reason, StopReason::Stop);
}

#[tokio::test]
async fn silence_ends_at_the_idle_limit() {
    let mut request = hello();
    request.timeouts = Timeouts {
        idle: Duration::from_millis(200),
        ..Timeouts::default()
    };
    for api in BOTH {
        let server = ModelServer::start([Turn::silent()]);
        let (_, message) = ask_at(api, &server.url(), request.clone()).await;
        let error = message.error_message.unwrap();
        assert!(
            error.starts_with("acme: nothing came from 127.0.0.1:") && error.contains(" for 0.4 s"),
            "{error}"
        );

        let server = ModelServer::start([Turn::text("one two").cut_at(200).ending(End::Stall)]);
        let (deltas, message) = ask_at(api, &server.url(), request.clone()).await;
        assert_eq!(deltas[0], Delta::Start);
        let error = message.error_message.unwrap();
        assert!(error.ends_with("for 0.2 s"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_abort_ends_the_request_at_every_stage_and_keeps_what_came() {
    for api in BOTH {
        let provider = provider_for(api, &HttpClient::default()).unwrap();

        // Before anything.
        let stop = CancellationToken::new();
        stop.cancel();
        let stream = provider.stream(&model(api, "http://127.0.0.1:1"), hello(), stop);
        let deltas: Vec<Delta> = stream.collect().await;
        assert_eq!(done(&deltas).stop_reason, StopReason::Aborted);

        // While waiting for the head.
        let server = Arc::new(ModelServer::start([Turn::silent()]));
        let stop = CancellationToken::new();
        let stream = provider.stream(&model(api, &server.url()), hello(), stop.clone());
        let collecting = tokio::spawn(stream.collect::<Vec<_>>());
        let waiting = server.clone();
        let waited = tokio::task::spawn_blocking(move || waiting.wait_for_requests(1).len());
        assert_eq!(waited.await.unwrap(), 1);
        stop.cancel();
        let deltas = collecting.await.unwrap();
        assert_eq!(done(&deltas).stop_reason, StopReason::Aborted);
        assert_eq!(deltas.len(), 1);
        server.wait_for_hang_ups(1);

        // In the middle of the body, of the arguments of a call even.
        let turn = half_way(api).ending(End::Stall);
        let server = ModelServer::start([turn]);
        let stop = CancellationToken::new();
        let mut stream = provider.stream(&model(api, &server.url()), hello(), stop.clone());
        while !matches!(stream.next().await, Some(Delta::ToolCall { .. })) {}
        stop.cancel();
        let deltas: Vec<Delta> = stream.collect().await;
        let message = done(&deltas);
        assert_eq!(message.stop_reason, StopReason::Aborted);
        assert_eq!(message.content, [Content::text("one two three")]);
        server.wait_for_hang_ups(1);
    }
}
