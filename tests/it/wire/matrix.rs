//! The fault matrix: every API that is spoken × everything that can go wrong between pi and a vendor.
//! A whole conversation stands on each: it ends in another attempt that answers, or in one clear
//! message; it never hangs, and nothing that was said is lost.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::stream::BoxStream;
use pi::agent::{AgentEvent, Lane};
use pi::ai::http::HttpClient;
use pi::ai::providers::{provider_for, spoken};
use pi::ai::{
    Auth, Clock, Delta, Message, Model, Provider, Request, SharedMessage, StopReason, Timeouts,
    Transport,
};
use pi::config::settings::RetrySettings;
use pi::session::{Command, Event, Session, Setup};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::model;
use crate::support::model_server::{End, ModelServer, Turn};

/// What no conversation of these may take.
const HANGS: Duration = Duration::from_secs(30);
/// After which a server counts as silent.
const IDLE: Duration = Duration::from_secs(1);

pub(super) const WHOLE: &str = "the whole answer";

/// What must become of a fault.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Outcome {
    /// It is none: the first answer counts.
    Answered,
    /// The second attempt answers.
    Retried,
    /// One message, and no further attempt.
    Told,
}

use Outcome::{Answered, Retried, Told};

/// The faults. Half an answer is cut where the bytes of that API hold the word.
fn faults(api: &str) -> Vec<(&'static str, Turn, Outcome)> {
    let path = path_of(api);
    let cut = |turn: Turn, word: &str, end: End| {
        let bytes = turn.bytes_at(path);
        let at = bytes
            .windows(word.len())
            .rposition(|w| w == word.as_bytes());
        let at = at.unwrap_or_else(|| panic!("{api}: {word:?} is not in its bytes"));
        turn.cut_at(at + 2).ending(end)
    };
    let text = || Turn::text("one two three four");
    let call = || Turn::text("one").call("call_1", "ls", json!({"path": "somewhere"}));
    let ten_megabytes = "x".repeat(10 * 1024 * 1024);
    let page = "<html><head><title>Please log in</title></head><body>sorry</body></html>";
    let behind = |end: End| match said_why(api) {
        Some(mark) => {
            let turn = Turn::text(WHOLE);
            let bytes = turn.bytes_at(path);
            (
                turn.cut_at(end_of_event(&bytes, mark)).ending(end),
                Answered,
            )
        }
        // Nothing says why before the last event.
        None => (cut(text(), "three", end), Retried),
    };
    let (hung_up_behind, then) = behind(End::HangUp);
    let (silence_behind, _) = behind(End::Stall);
    // Amazon's is none that could be taken for text.
    let misnamed = match api {
        "bedrock-converse-stream" => Turn::text(WHOLE),
        _ => Turn::raw(Turn::text(WHOLE).bytes_at(path)).header("content-type", "application/json"),
    };
    let garbage = [b"data: {\"oops\n\n".repeat(3), vec![0xff, 0, 7, 200]].concat();
    vec![
        ("no fault", Turn::text(WHOLE), Answered),
        ("429", Turn::status(429, "slow down"), Retried),
        (
            "429 and a short wait",
            Turn::status(429, "slow down").header("retry-after", "0"),
            Retried,
        ),
        (
            "429 and a wait of an hour",
            Turn::status(429, "slow down").header("retry-after", "3600"),
            Told,
        ),
        ("500", Turn::status(500, ""), Retried),
        ("529", Turn::status(529, "overloaded"), Retried),
        (
            "reset before the head",
            Turn::text(WHOLE).ending(End::ResetAtOnce),
            Retried,
        ),
        (
            "hung up in the middle of text",
            cut(text(), "three", End::HangUp),
            Retried,
        ),
        (
            "reset in the middle of text",
            cut(text(), "three", End::Reset),
            Retried,
        ),
        (
            "ended in the middle of text",
            cut(text(), "three", End::Whole),
            Retried,
        ),
        (
            "reset in the middle of a call",
            cut(call(), "some", End::Reset),
            Retried,
        ),
        (
            "ended in the middle of a call",
            cut(call(), "some", End::Whole),
            Retried,
        ),
        ("silence before the head", Turn::silent(), Retried),
        (
            "silence in the middle of text",
            cut(text(), "three", End::Stall),
            Retried,
        ),
        ("hung up behind the reason", hung_up_behind, then),
        ("silence behind the reason", silence_behind, then),
        ("a stream that is called JSON", misnamed, Answered),
        (
            "a page of another name",
            Turn::raw(page).header("content-type", "Text/Html"),
            Told,
        ),
        ("an empty stream", Turn::raw(""), Retried),
        ("garbage", Turn::raw(garbage), Retried),
        (
            "another content type",
            Turn::json(200, json!({"message": "hello"})),
            Told,
        ),
        ("a page in place of a stream", Turn::html(200, page), Told),
        ("a page of errors", Turn::html(502, page), Retried),
        ("a page of refusal", Turn::html(403, page), Told),
        ("gzip", Turn::text(WHOLE).gzip(), Answered),
        ("zstd", Turn::text(WHOLE).zstd(), Answered),
        // Made beforehand: a slow server is another fault.
        (
            "an event of 10 MB",
            Turn::raw(Turn::text(&ten_megabytes).bytes_at(path)),
            Answered,
        ),
    ]
}

/// What the event holds that says why an answer ended, where another one follows or nothing does.
fn said_why(api: &str) -> Option<&'static str> {
    Some(match api {
        "anthropic-messages" => "end_turn",
        "openai-completions" | "mistral-conversations" => "\"finish_reason\":\"stop\"",
        "google-generative-ai" | "google-vertex" => "finishReason",
        "bedrock-converse-stream" => "end_turn",
        _ => return None,
    })
}

/// Where the event ends in which the mark is.
fn end_of_event(bytes: &[u8], mark: &str) -> usize {
    let find = |from: usize, word: &[u8]| {
        let rest = bytes[from..].windows(word.len());
        from + rest.into_iter().position(|w| w == word).unwrap()
    };
    let at = find(0, mark.as_bytes());
    if bytes[0] != 0 {
        // Its line, and the blank one.
        return find(find(at, b"\n") + 1, b"\n") + 1;
    }
    // Amazon's frames begin with their lengths.
    let mut end = 0;
    while end < at {
        end += u32::from_be_bytes(bytes[end..end + 4].try_into().unwrap()) as usize;
    }
    end
}

/// A path that an API's requests have, as far as the scripted server looks.
fn path_of(api: &str) -> &'static str {
    match api {
        "anthropic-messages" => "/v1/messages",
        "openai-completions" | "mistral-conversations" => "/v1/chat/completions",
        "google-generative-ai" | "google-vertex" => "/v1beta/models/m1:streamGenerateContent",
        "bedrock-converse-stream" => "/model/m1/converse-stream",
        "openai-responses" | "azure-openai-responses" => "/v1/responses",
        "openai-codex-responses" => "/codex/responses",
        other => panic!("the matrix does not know {other}"),
    }
}

/// Answers through the API of the model, with a key that it accepts.
struct Wired(HttpClient);

impl Provider for Wired {
    fn stream(
        &self,
        model: &Model,
        mut request: Request,
        stop: CancellationToken,
    ) -> BoxStream<'static, Delta> {
        request.auth = Auth {
            api_key: Some(key_for(&model.api)),
            ..Auth::default()
        };
        let provider = provider_for(&model.api, &self.0).unwrap();
        provider.stream(model, request, stop)
    }
}

/// Codex reads the account out of its token.
pub(super) fn key_for(api: &str) -> String {
    match api {
        "openai-codex-responses" => {
            use base64::Engine;
            let claims = json!({"https://api.openai.com/auth": {"chatgpt_account_id": "acc"}});
            let encoded = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(claims.to_string());
            format!("e30.{encoded}.c2ln")
        }
        _ => "sk-secret".into(),
    }
}

pub(super) fn begin(api: &str, url: &str, transport: Transport) -> Session {
    begin_with(model(api, url), transport)
}

fn begin_with(model: Model, transport: Transport) -> Session {
    let provider = Arc::new(Wired(HttpClient::default()));
    let cwd = std::env::temp_dir();
    let mut setup = Setup::in_memory(&cwd, provider, model, Clock::fixed(1));
    setup.retry = RetrySettings {
        base_delay: Duration::from_millis(1),
        ..RetrySettings::default()
    };
    setup.timeouts = Timeouts {
        connect: IDLE,
        idle: IDLE,
        ..Timeouts::default()
    };
    setup.transport = transport;
    setup.place.tools.clear();
    Session::start(setup)
}

/// Says something and returns the messages that were ended until all is quiet.
pub(super) async fn say(session: &Session, text: &str, what: &str) -> Vec<SharedMessage> {
    let mut events = session.events();
    let prompt = Command::Prompt {
        text: text.into(),
        images: Vec::new(),
        while_running: Lane::Steering,
    };
    let talk = async {
        session.send(prompt).await;
        let mut ended = Vec::new();
        while let Some(event) = events.recv().await {
            match &*event {
                Event::Agent(AgentEvent::MessageEnd { message }) => ended.push(message.clone()),
                Event::Settled { .. } => return ended,
                _ => {}
            }
        }
        panic!("{what}: the session ended");
    };
    let settled = tokio::time::timeout(HANGS, talk).await;
    settled.unwrap_or_else(|_| panic!("{what} hangs"))
}

pub(super) fn answers(messages: &[SharedMessage]) -> Vec<&pi::ai::AssistantMessage> {
    let assistants = messages.iter().filter_map(|message| message.as_assistant());
    assistants.collect()
}

/// A failure's words: one line that names the vendor, in readable letters, of bearable length.
pub(super) fn is_clear(words: &str) -> bool {
    words.starts_with("acme") && words.len() < 1000 && !words.chars().any(|c| c.is_control())
}

async fn stands(api: &str, name: &str, fault: Turn, outcome: Outcome) {
    let what = format!("{api}: {name}");
    let server = ModelServer::start([fault]);
    let url = server.url();
    if outcome == Retried {
        server.push(Turn::text(WHOLE));
    }
    server.push(Turn::text("and more"));
    let session = begin(api, &url, Transport::Sse);
    let first = say(&session, "hello", &what).await;
    let said = answers(&first);
    let last = said.last().unwrap_or_else(|| panic!("{what}: no answer"));
    match outcome {
        Answered | Retried => {
            assert_eq!(last.error_message, None, "{what}");
            assert_eq!(last.stop_reason, StopReason::Stop, "{what}");
            assert!(!last.to_text().is_empty(), "{what}");
        }
        Told => assert_eq!(last.stop_reason, StopReason::Error, "{what}"),
    }
    let attempts = if outcome == Retried { 2 } else { 1 };
    let words = said[0].error_message.as_deref();
    assert_eq!(said.len(), attempts, "{what}: {words:?}");
    assert_eq!(server.requests().len(), attempts, "{what}");
    let failed = said
        .iter()
        .filter_map(|answer| answer.error_message.as_ref());
    for words in failed {
        assert!(is_clear(words), "{what}: {words:?}");
    }
    if name.contains("middle of text") && !name.starts_with("reset") {
        // A reset may overtake what was sent before it.
        assert!(said[0].to_text().starts_with("one two"), "{what}");
    }
    let called = |answer: &&pi::ai::AssistantMessage| answer.tool_calls().next().is_some();
    assert!(!said.iter().any(called), "{what}: half a call was kept");
    // The conversation goes on, and what was said is in it once.
    let second = say(&session, "go on", &what).await;
    assert_eq!(
        answers(&second).last().unwrap().to_text(),
        "and more",
        "{what}"
    );
    let request = server.requests().pop().unwrap();
    assert_eq!(request.raw_body.matches("\"hello\"").count(), 1, "{what}");
    session.send(Command::Shutdown).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_every_vendor_ends_in_an_answer_or_in_one_clear_message() {
    // All of them, so that one run shows all that is wrong.
    let mut wrong = Vec::new();
    for api in spoken() {
        let each = faults(api).into_iter().map(async |(name, fault, outcome)| {
            let stands = std::panic::AssertUnwindSafe(stands(api, name, fault, outcome));
            stands
                .catch_unwind()
                .await
                .is_err()
                .then(|| format!("{api}: {name}"))
        });
        let ended = futures::future::join_all(each).await;
        wrong.extend(ended.into_iter().flatten());
    }
    assert_eq!(wrong, [""; 0]);
}

#[tokio::test]
async fn every_api_tells_that_nobody_listens() {
    for api in spoken() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let session = begin(api, &format!("http://{address}"), Transport::Sse);
        let said = say(&session, "hello", api).await;
        let said = answers(&said);
        assert_eq!(said.len(), 4, "{api}: one attempt and three more");
        let words = said[3].error_message.as_ref().unwrap();
        assert!(
            words.starts_with(&format!("acme: cannot connect to {address}")),
            "{api}: {words}"
        );
        assert!(is_clear(words), "{api}: {words}");
        session.send(Command::Shutdown).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_api_keeps_what_was_said_when_it_is_aborted_in_silence() {
    for api in spoken() {
        let server = ModelServer::start([Turn::silent(), Turn::text("and more")]);
        let session = begin(api, &server.url(), Transport::Sse);
        let aborting = async {
            tokio::task::block_in_place(|| server.wait_for_requests(1));
            session.send(Command::Abort).await;
        };
        let (said, ()) = tokio::join!(say(&session, "hello", api), aborting);
        let last = answers(&said).pop().unwrap().stop_reason;
        assert_eq!(last, StopReason::Aborted, "{api}");
        assert!(
            said.iter()
                .any(|message| matches!(&**message, Message::User(_)))
        );
        session.send(Command::Shutdown).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_the_program_around_brings_is_asked_where_it_says() {
    // The catalogue has a model of this name, elsewhere.
    let known = pi::ai::catalog::models("openai")[0].clone();
    let server = ModelServer::start(["a", "b"].map(Turn::text));
    let own = Model {
        provider: known.provider.clone(),
        id: known.id.clone(),
        ..model("openai-completions", &server.url())
    };
    let session = begin_with(own, Transport::Auto);
    for answer in ["a", "b"] {
        let said = say(&session, "hello", "a model of one's own").await;
        assert_eq!(answers(&said).last().unwrap().to_text(), answer);
    }
    assert_eq!(server.requests().len(), 2);
    assert_eq!(session.view().model.context_window, 200_000);
    session.send(pi::session::Command::Shutdown).await;
}
