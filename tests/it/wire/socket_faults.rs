//! The fault matrix for web sockets: what can go wrong before one stands, before its first event and in
//! the middle of an answer. A whole conversation stands on each, as in [`super::matrix`]; nothing is said
//! twice, and no more is asked than has to be.

use futures::FutureExt;
use pi::ai::{StopReason, Transport};
use serde_json::{Value, json};

use super::matrix::{WHOLE, answers, begin, is_clear, key_for, say};
use super::sockets::{APIS, CODEX};
use super::{ask_at, hello};
use crate::support::model_server::{End, FRAME, ModelServer, Turn};

/// A fault, what is asked because of it, and what becomes of it.
struct Case {
    name: &'static str,
    fault: Turn,
    /// The handshake is a turn of the script, too: no socket stands there.
    is_refusal: bool,
    /// What is asked until the answer stands, in place of methods.
    asked: &'static [&'static str],
    outcome: Outcome,
}

#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    /// The fault is none: what it says is the answer.
    Answered,
    /// The next turn answers, within the same attempt.
    GotRound,
    /// The next turn answers the second attempt.
    Retried,
    /// One message, and no further attempt.
    Told,
}

use Outcome::{Answered, GotRound, Retried, Told};

const ONCE: &[&str] = &["GET", FRAME];
const OVER_EVENTS: &[&str] = &["GET", FRAME, "POST"];
const OVER_ANOTHER: &[&str] = &["GET", FRAME, "GET", FRAME];
const REFUSED: &[&str] = &["GET", "POST"];

/// The turn up to the event in which the word is.
fn cut(turn: Turn, word: &str, end: End) -> Turn {
    let bytes = turn.bytes_at("/codex/responses");
    let text = String::from_utf8(bytes).unwrap();
    let mut events = text.lines().filter(|line| line.starts_with("data: "));
    let at = events.position(|event| event.contains(word)).unwrap();
    turn.cut_at(at + 1).ending(end)
}

fn event(event: Value) -> Turn {
    Turn::raw(format!("data: {event}\n\n"))
}

/// The events of an answer up to its second word, then one more.
fn broken_by(last: &str) -> Turn {
    let bytes = Turn::text("one two three four").bytes_at("/codex/responses");
    let text = String::from_utf8(bytes).unwrap();
    let (before, _) = text.split_once("three").unwrap();
    let (before, _) = before.rsplit_once("\n\n").unwrap();
    Turn::raw(format!("{before}\n\ndata: {last}\n\n"))
}

fn cases() -> Vec<Case> {
    let text = || Turn::text("one two three four");
    let call = || Turn::text("one").call("call_1", "ls", json!({"path": "somewhere"}));
    let page = "<html><head><title>Please log in</title></head><body>sorry</body></html>";
    let busy =
        json!({"type": "error", "error": {"code": "rate_limit_exceeded", "message": "Wait"}});
    let refused = json!({"type": "error", "status": 400,
        "error": {"type": "invalid_request_error", "message": "no such model"}});
    let later = json!({"type": "error", "status": 503, "error": {"message": "try later"}});
    let expired = json!({"type": "error", "status": 401,
        "error": {"code": "token_expired", "message": "It has expired"}});
    let failed = json!({"type": "response.failed", "response": {"id": "r", "status": "failed",
        "error": {"code": "server_error", "message": "Oh dear"}}});
    let spoken = |name, fault, asked, outcome| Case {
        name,
        fault,
        is_refusal: false,
        asked,
        outcome,
    };
    let refusal = |name, fault| Case {
        name,
        fault,
        is_refusal: true,
        asked: REFUSED,
        outcome: GotRound,
    };
    vec![
        spoken("no fault", Turn::text(WHOLE), ONCE, Answered),
        refusal("upgrade refused with 429", Turn::status(429, "slow down")),
        refusal("upgrade refused with 500", Turn::status(500, "")),
        refusal("upgrade refused with 401", Turn::status(401, "who?")),
        refusal("upgrade refused with a page", Turn::html(403, page)),
        refusal("a page in place of the upgrade", Turn::html(200, page)),
        refusal(
            "reset in place of the upgrade",
            Turn::new().ending(End::ResetAtOnce),
        ),
        spoken("silence at first", Turn::silent(), OVER_EVENTS, GotRound),
        spoken(
            "reset at first",
            text().cut_at(0).ending(End::Reset),
            OVER_EVENTS,
            GotRound,
        ),
        spoken(
            "an odd frame at first",
            text().cut_at(0).ending(End::OddFrame),
            OVER_EVENTS,
            GotRound,
        ),
        spoken(
            "closed at first",
            text().cut_at(0).ending(End::Close(1013, "later")),
            OVER_EVENTS,
            GotRound,
        ),
        spoken(
            "garbage at first",
            Turn::raw("data: {\"oops\n\n"),
            OVER_ANOTHER,
            Retried,
        ),
        spoken(
            "garbage in the middle",
            broken_by("[{]"),
            OVER_ANOTHER,
            Retried,
        ),
        spoken(
            "an odd frame in the middle",
            cut(text(), "two", End::OddFrame),
            OVER_EVENTS,
            Retried,
        ),
        spoken(
            "silence in the middle",
            cut(text(), "two", End::Stall),
            OVER_EVENTS,
            Retried,
        ),
        spoken(
            "reset in the middle of text",
            cut(text(), "two", End::Reset),
            OVER_EVENTS,
            Retried,
        ),
        spoken(
            "hung up in the middle of text",
            cut(text(), "two", End::HangUp),
            OVER_EVENTS,
            Retried,
        ),
        spoken(
            "closed as if done in the middle of text",
            cut(text(), "two", End::Close(1000, "")),
            OVER_EVENTS,
            Retried,
        ),
        spoken(
            "reset in the middle of a call",
            cut(call(), "some", End::Reset),
            OVER_EVENTS,
            Retried,
        ),
        spoken(
            "closed in the middle of a call",
            cut(call(), "some", End::Close(1011, "oh dear")),
            OVER_EVENTS,
            Retried,
        ),
        spoken("a crowd", event(busy.clone()), OVER_ANOTHER, Retried),
        spoken(
            "a crowd in the middle",
            broken_by(&busy.to_string()),
            OVER_ANOTHER,
            Retried,
        ),
        spoken("a failure", event(failed.clone()), OVER_ANOTHER, Retried),
        spoken(
            "a failure in the middle",
            broken_by(&failed.to_string()),
            OVER_ANOTHER,
            Retried,
        ),
        spoken(
            "a status that passes",
            event(later.clone()),
            OVER_ANOTHER,
            Retried,
        ),
        spoken(
            "a status that passes in the middle",
            broken_by(&later.to_string()),
            OVER_ANOTHER,
            Retried,
        ),
        spoken("an expired token", event(expired), ONCE, Told),
        spoken("a refusal", event(refused.clone()), ONCE, Told),
        spoken(
            "a refusal in the middle",
            broken_by(&refused.to_string()),
            ONCE,
            Told,
        ),
    ]
}

async fn stands(api: &str, transport: Transport, case: Case) {
    let what = case.name;
    let server = match case.is_refusal {
        true => ModelServer::start([case.fault]),
        false => ModelServer::with_sockets([case.fault]),
    };
    if matches!(case.outcome, GotRound | Retried) {
        server.push(Turn::text(WHOLE));
    }
    let session = begin(api, &server.url(), transport);
    let first = say(&session, "hello", what).await;
    let said = answers(&first);
    let last = said.last().unwrap();
    let attempts = if case.outcome == Retried { 2 } else { 1 };
    let words: Vec<_> = said.iter().map(|answer| &answer.error_message).collect();
    assert_eq!(said.len(), attempts, "{what}: {words:?}");
    match case.outcome {
        Told => assert_eq!(last.stop_reason, StopReason::Error, "{what}"),
        _ => {
            assert_eq!(last.error_message, None, "{what}");
            assert_eq!(last.stop_reason, StopReason::Stop, "{what}");
        }
    }
    if case.outcome != Told {
        assert_eq!(last.to_text(), WHOLE, "{what}");
    }
    for words in words.into_iter().flatten() {
        assert!(is_clear(words), "{what}: {words:?}");
    }
    if what.contains("middle") && !what.contains("call") && !what.starts_with("reset") {
        // A reset may overtake what was sent before it.
        assert_eq!(said[0].to_text(), "one two ", "{what}");
    }
    let called = said
        .iter()
        .any(|answer| answer.tool_calls().next().is_some());
    assert!(!called, "{what}: half a call was kept");
    let asked: Vec<String> = server
        .requests()
        .into_iter()
        .map(|seen| seen.method)
        .collect();
    assert_eq!(asked, case.asked, "{what}");
    // The conversation goes on, and what was said is in it once.
    if what.ends_with(|last: char| last.is_ascii_digit()) {
        // Such statuses pass: it is asked for a socket once more.
        server.push(Turn::status(404, ""));
    }
    server.push(Turn::text("and more"));
    server.push(Turn::text("and more"));
    let second = say(&session, "go on", what).await;
    assert_eq!(
        answers(&second).last().unwrap().to_text(),
        "and more",
        "{what}"
    );
    let request = server.requests().pop().unwrap();
    let hellos = request.raw_body.matches("\"hello\"").count();
    let reminded = request.body.get("previous_response_id").is_some();
    assert_eq!(hellos, usize::from(!reminded), "{what}");
    assert_eq!(request.raw_body.matches("\"go on\"").count(), 1, "{what}");
    session.send(pi::session::Command::Shutdown).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_a_socket_ends_in_one_answer_or_in_one_clear_message() {
    // All of them, so that one run shows all that is wrong.
    let all = APIS.into_iter().flat_map(|(api, transport)| {
        let cases = cases().into_iter();
        cases.map(move |case| (api, transport, case))
    });
    let each = all.map(async |(api, transport, case)| {
        let name = format!("{api}: {}", case.name);
        let stands = std::panic::AssertUnwindSafe(stands(api, transport, case));
        stands.catch_unwind().await.is_err().then_some(name)
    });
    let ended = futures::future::join_all(each).await;
    let wrong: Vec<String> = ended.into_iter().flatten().collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_of_ten_megabytes_comes_over_a_socket() {
    // Without the limits of the others: a slow machine is another fault.
    let server = ModelServer::with_sockets([Turn::text(&"x".repeat(10 * 1024 * 1024))]);
    let mut request = hello();
    request.auth.api_key = Some(key_for(CODEX));
    let (_, said) = ask_at(CODEX, &server.url(), request).await;
    assert_eq!(said.error_message, None);
    assert_eq!(said.to_text().len(), 10 * 1024 * 1024);
    let seen = server.requests();
    assert_eq!(seen.last().unwrap().method, FRAME);
}
