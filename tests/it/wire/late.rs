//! What comes late: words behind the reason why an answer ended, damage behind it, and pages that do not
//! come at all.

use std::time::Duration;

use futures::StreamExt;
use pi::ai::failure::Kind;
use pi::ai::http::HttpClient;
use pi::ai::providers::provider_for;
use pi::ai::{Delta, Request, StopReason};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{OPENAI, ask_at, done, hello, model};
use crate::support::model_server::{End, Hold, ModelServer, Turn};

const GOOGLE: &str = "google-generative-ai";
const MISTRAL: &str = "mistral-conversations";

/// Those that give a reason in chunks of text.
const APIS: [&str; 3] = [OPENAI, GOOGLE, MISTRAL];

/// Nobody who waits for a server waits so shortly.
const SHORT: Duration = Duration::from_millis(1);

fn impatient() -> Request {
    let mut request = hello();
    request.timeouts.late = SHORT;
    request
}

/// A chunk with this text that says why the answer ended.
fn last(api: &str, text: &str) -> String {
    let chunk = match api {
        GOOGLE => {
            let parts: Vec<Value> = match text {
                "" => Vec::new(),
                text => vec![json!({"text": text})],
            };
            let content = json!({"role": "model", "parts": parts});
            json!({"candidates": [{"content": content, "finishReason": "STOP"}]})
        }
        _ => json!({"id": "c", "model": "m1", "choices":
            [{"index": 0, "delta": {"content": text}, "finish_reason": "stop"}]}),
    };
    format!("data: {chunk}\n\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn words_behind_the_reason_are_waited_for_where_the_reason_says_nothing() {
    for api in APIS {
        for before in [&[""][..], &["", "", ""], &["one ", "two "]] {
            let before = before.iter().map(|text| last(api, text));
            let before: String = before.collect();
            let hold = Hold::new();
            let body = format!("{before}{}", last(api, "three"));
            let server = ModelServer::start([Turn::raw(body).hold_at(before.len(), &hold)]);
            let provider = provider_for(api, &HttpClient::default()).unwrap();
            let stop = CancellationToken::new();
            let mut stream = provider.stream(&model(api, &server.url()), impatient(), stop);
            let mut deltas: Vec<Delta> = Vec::new();
            // For much longer than is waited for what is not missed.
            while let Ok(delta) = tokio::time::timeout(SHORT * 200, stream.next()).await {
                deltas.push(delta.unwrap_or_else(|| panic!("{api}: it ended: {deltas:?}")));
            }
            hold.open();
            let rest: Vec<Delta> = stream.collect().await;
            deltas.extend(rest);
            let answer = done(&deltas);
            assert_eq!(answer.stop_reason, StopReason::Stop, "{api}: {answer:?}");
            assert!(answer.to_text().ends_with("three"), "{api}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_break_among_chunks_that_all_give_a_reason_is_one() {
    for api in APIS {
        let body = [last(api, "one "), last(api, "two "), last(api, "three")].concat();
        let end = body.find("three").unwrap();
        for turn in [
            Turn::raw(&*body).cut_at(end).ending(End::HangUp),
            Turn::raw(format!("{}data: {{\"oops\n\n", &body)),
            Turn::raw(last(api, ""))
                .cut_at(usize::MAX)
                .ending(End::HangUp),
        ] {
            let server = ModelServer::start([turn]);
            let (_, answer) = ask_at(api, &server.url(), impatient()).await;
            assert_eq!(answer.stop_reason, StopReason::Error, "{api}: {answer:?}");
            assert!(answer.failure.unwrap().kind.is_passing(), "{api}");
        }
    }
}

#[tokio::test]
async fn damage_behind_the_reason_costs_nothing() {
    for api in APIS {
        let body = format!("{}data: {{\"oops\n\n", last(api, "all of it"));
        let server = ModelServer::start([Turn::raw(body)]);
        let (_, answer) = ask_at(api, &server.url(), impatient()).await;
        assert_eq!(answer.stop_reason, StopReason::Stop, "{api}: {answer:?}");
        assert_eq!(answer.to_text(), "all of it", "{api}");
    }
}

#[tokio::test]
async fn a_refusal_counts_however_the_connection_ends() {
    let body = last(GOOGLE, "").replace("STOP", "SAFETY");
    for end in [End::Stall, End::HangUp] {
        let turn = Turn::raw(&*body).cut_at(body.len()).ending(end);
        let server = ModelServer::start([turn]);
        let (_, answer) = ask_at(GOOGLE, &server.url(), impatient()).await;
        assert_eq!(answer.failure.unwrap().kind, Kind::Refused, "{answer:?}");
        assert!(answer.error_message.unwrap().contains("SAFETY"));
    }
}

#[tokio::test]
async fn a_page_that_never_comes_is_given_up_soon_and_tried_again() {
    for idle in [Duration::ZERO, Duration::from_secs(300)] {
        for (page, kind) in [("", Kind::Connection), ("<title>No", Kind::Refused)] {
            let turn = Turn::html(200, page).cut_at(page.len()).ending(End::Stall);
            let server = ModelServer::start([turn]);
            let mut request = impatient();
            request.timeouts.idle = idle;
            request.timeouts.late = Duration::from_millis(50);
            let url = server.url();
            let asked = ask_at(OPENAI, &url, request);
            let asked = tokio::time::timeout(Duration::from_secs(60), asked);
            let (_, answer) = asked.await.unwrap();
            let said = answer.error_message.unwrap();
            assert_eq!(answer.failure.unwrap().kind, kind, "{said}");
        }
    }
}
