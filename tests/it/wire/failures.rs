//! What kind of failure it was, told beside the words: whether it passes, and how long the vendor asks to
//! wait.

use std::time::Duration;

use pi::ai::failure::{Failure, Kind};
use pi::ai::{AssistantMessage, Message, StopReason, Timeouts};
use serde_json::json;

use super::{ANTHROPIC, BOTH, OPENAI, ask, ask_at, hello};
use crate::support::model_server::{End, ModelServer, Turn};

async fn failed(api: &str, turn: Turn) -> (Kind, Option<Duration>) {
    let (_, message) = ask(api, turn).await;
    told(&message)
}

fn told(message: &AssistantMessage) -> (Kind, Option<Duration>) {
    assert_eq!(message.stop_reason, StopReason::Error);
    let failure = message.failure.unwrap();
    (failure.kind, failure.wait)
}

fn overloaded() -> Turn {
    Turn::raw(
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\
         \"message\":\"Overloaded\"}}\n\n",
    )
}

#[tokio::test]
async fn a_crowded_server_says_so_by_status_header_date_or_event() {
    for api in BOTH {
        for status in [408, 409, 425, 429, 500, 502, 503, 504, 529] {
            let turn = Turn::status(status, "");
            assert_eq!(failed(api, turn).await, (Kind::Busy, None), "{status}");
        }
        let seconds = Turn::status(429, "").header("retry-after", "7");
        let asked = Some(Duration::from_secs(7));
        assert_eq!(failed(api, seconds).await, (Kind::Busy, asked));
        let date = Turn::status(503, "")
            .header("date", "Sun, 06 Nov 1994 08:49:30 GMT")
            .header("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(failed(api, date).await, (Kind::Busy, asked));
    }
    assert_eq!(failed(ANTHROPIC, overloaded()).await, (Kind::Busy, None));
    let chunk = Turn::raw("data: {\"error\":{\"message\":\"upstream died\",\"code\":502}}\n\n");
    assert_eq!(failed(OPENAI, chunk).await, (Kind::Busy, None));
}

#[tokio::test]
async fn a_connection_that_fails_stalls_or_breaks_passes() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for api in BOTH {
        let (_, message) = ask_at(api, &format!("http://{address}"), hello()).await;
        assert_eq!(told(&message).0, Kind::Connection);
        for end in [End::HangUp, End::Reset] {
            let turn = Turn::text("one two three").cut_at(300).ending(end);
            assert_eq!(failed(api, turn).await.0, Kind::Connection);
        }
        let mut request = hello();
        request.timeouts.idle = Duration::from_millis(200);
        request.timeouts.connect = Duration::from_millis(200);
        let server = ModelServer::start([Turn::text("one two").cut_at(200).ending(End::Stall)]);
        let (_, message) = ask_at(api, &server.url(), request).await;
        assert_eq!(told(&message).0, Kind::Connection);
    }
}

#[tokio::test]
async fn an_answer_that_is_not_whole_passes() {
    for api in BOTH {
        assert_eq!(failed(api, Turn::raw("")).await.0, Kind::Garbled);
        let turn = Turn::raw("data: {\"choices\": oops\n\n");
        assert_eq!(failed(api, turn).await.0, Kind::Garbled);
    }
}

#[tokio::test]
async fn a_refusal_stays_one() {
    let body = |message: &str| json!({"error": {"message": message, "type": "t"}});
    for (turn, kind) in [
        (Turn::json(401, body("bad key")), Kind::Credentials),
        (Turn::json(403, body("not yours")), Kind::Credentials),
        (Turn::json(400, body("timeout is no field")), Kind::Refused),
        (Turn::json(404, body("no such model")), Kind::Refused),
        (Turn::json(402, body("pay first")), Kind::Quota),
        (Turn::html(200, "<title>Log in</title>"), Kind::Refused),
        (Turn::json(200, body("no")), Kind::Refused),
    ] {
        assert_eq!(failed(OPENAI, turn).await.0, kind);
    }
    let spent = json!({"error": {"message": "You exceeded your current quota",
        "type": "insufficient_quota", "code": "insufficient_quota"}});
    let (_, message) = ask(OPENAI, Turn::json(429, spent)).await;
    assert_eq!(told(&message).0, Kind::Quota);
    let error = message.error_message.unwrap();
    assert!(error.ends_with("or choose another model"), "{error}");
}

#[tokio::test]
async fn what_programs_know_of_a_failure_is_not_written_and_is_known_again_by_its_words() {
    let (_, message) = ask(ANTHROPIC, overloaded()).await;
    let json = serde_json::to_value(Message::Assistant(message.clone())).unwrap();
    assert!(json.get("failure").is_none(), "{json}");
    let read: Message = serde_json::from_value(json).unwrap();
    let read = read.as_assistant().unwrap();
    assert_eq!(read.failure, None);
    // What is written is the same, so the messages are.
    assert_eq!(*read, message);
    assert_eq!(Failure::of(read), message.failure);
}

#[tokio::test]
async fn a_server_that_is_known_to_stumble_is_asked_again_quietly() {
    let mut request = hello();
    request.timeouts.retries = 2;
    let zero = || Turn::status(503, "").header("retry-after-ms", "1");
    for api in BOTH {
        let server = ModelServer::start([zero(), zero(), Turn::text("here")]);
        let (_, message) = ask_at(api, &server.url(), request.clone()).await;
        assert_eq!(message.to_text(), "here");
        assert_eq!(server.requests().len(), 3);

        // No more than that, nothing that does not pass, and no wait that is too long.
        let server = ModelServer::start([zero(), zero(), zero(), Turn::text("late")]);
        let (_, message) = ask_at(api, &server.url(), request.clone()).await;
        assert_eq!(told(&message).0, Kind::Busy);
        for turn in [
            Turn::status(401, ""),
            Turn::status(503, "").header("retry-after", "61"),
        ] {
            let server = ModelServer::start([turn, Turn::text("late")]);
            ask_at(api, &server.url(), request.clone()).await;
            assert_eq!(server.requests().len(), 1);
        }
    }
}

#[tokio::test]
async fn the_beginning_of_a_response_may_have_a_limit_of_its_own() {
    let mut request = hello();
    request.timeouts = Timeouts {
        head: Some(Duration::from_millis(100)),
        ..Timeouts::default()
    };
    let server = ModelServer::start([Turn::silent()]);
    let (_, message) = ask_at(OPENAI, &server.url(), request).await;
    assert_eq!(told(&message).0, Kind::Connection);
    assert!(message.error_message.unwrap().ends_with("for 0.1 s"));
}

#[tokio::test]
async fn what_is_not_there_is_told_with_its_address_and_what_may_be_wrong_with_it() {
    for (api, base, place, hint) in [
        (
            OPENAI,
            "/v1/chat/completions",
            "/v1/chat/completions/chat/completions",
            "The baseUrl ends in /chat/completions, which is added by itself",
        ),
        (
            OPENAI,
            "",
            "/chat/completions",
            "base URL, which usually ends in /v1",
        ),
        (
            OPENAI,
            "/v1",
            "/v1/chat/completions",
            "Check the model's id",
        ),
        (
            ANTHROPIC,
            "/v1",
            "/v1/v1/messages",
            "The baseUrl ends in /v1, which is added by itself",
        ),
    ] {
        let page = Turn::status(404, "<title>404 Not Found</title>");
        let server = ModelServer::start([page]);
        let secret = server.url().replace("http://", "http://user:hush@");
        let (_, message) = ask_at(api, &format!("{secret}{base}"), hello()).await;
        let said = message.error_message.unwrap();
        let words = format!("answered 404 Not Found ({}{place}). ", server.url());
        assert!(said.contains(&words) && said.contains(hint), "{said}");
        assert!(!said.contains("hush"), "{said}");
    }
}
