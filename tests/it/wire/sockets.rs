//! Web sockets: what goes over them, which are kept, and how an answer comes where there are none.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use pi::ai::failure::Kind;
use pi::ai::http::{HttpClient, Proxies};
use pi::ai::providers::provider_for;
use pi::ai::{
    AssistantMessage, CacheRetention, Content, Delta, Message, Model, Request, StopReason,
    Timeouts, ToolResultMessage, Transport, WireTap,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::matrix::key_for;
use super::{done, model, request};
use crate::support::model_server::{End, FRAME, Hold, ModelServer, Turn, accept, responses_events};

pub(super) const CODEX: &str = "openai-codex-responses";

/// Those that have sockets, and the choice with which they are tried at any host.
pub(super) const APIS: [(&str, Transport); 2] = [
    (CODEX, Transport::Auto),
    ("openai-responses", Transport::CachedWebSocket),
];

/// A conversation with one server, over one client.
pub(super) struct Talk {
    http: HttpClient,
    pub(super) model: Model,
    pub(super) request: Request,
}

impl Talk {
    fn with(server: &ModelServer) -> Self {
        Talk::at(&server.url())
    }

    fn at(url: &str) -> Self {
        Talk::of(APIS[0], url)
    }

    pub(super) fn of((api, transport): (&str, Transport), url: &str) -> Self {
        let mut request = request(vec![Message::user("hello", 1)]);
        request.auth.api_key = Some(key_for(api));
        request.session_id = Some("session-1".into());
        request.transport = transport;
        let mut model = model(api, url);
        model.provider = api.trim_end_matches("-responses").into();
        Talk {
            http: HttpClient::default(),
            model,
            request,
        }
    }

    async fn deltas(&self, stop: &CancellationToken) -> Vec<Delta> {
        let provider = provider_for(&self.model.api, &self.http).unwrap();
        let stream = provider.stream(&self.model, self.request.clone(), stop.clone());
        stream.collect().await
    }

    /// Asks; the answer becomes part of the conversation.
    pub(super) async fn ask(&mut self) -> AssistantMessage {
        let message = done(&self.deltas(&CancellationToken::new()).await);
        self.add(Message::Assistant(message.clone()));
        message
    }

    pub(super) async fn ask_more(&mut self, text: &str) -> AssistantMessage {
        self.add(Message::user(text, 9));
        self.ask().await
    }

    fn add(&mut self, message: Message) {
        self.request.messages.push(Arc::new(message));
    }
}

/// Methods of all requests: `GET` opens a socket, `FRAME` goes over it.
pub(super) fn methods(server: &ModelServer) -> Vec<String> {
    let requests = server.requests().into_iter();
    requests.map(|request| request.method).collect()
}

pub(super) fn bodies(server: &ModelServer) -> Vec<Value> {
    let requests = server.requests().into_iter();
    let frames = requests.filter(|request| request.method == FRAME);
    frames.map(|frame| frame.body).collect()
}

fn said(text: &str) -> Value {
    json!({"role": "user", "content": [{"type": "input_text", "text": text}]})
}

fn error(code: &str) -> Turn {
    let event = json!({"type": "error", "status": 400, "error": {"code": code, "message": "no"}});
    Turn::raw(format!("data: {event}\n\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_comes_over_the_socket() {
    let turn = Turn::new().thinking("let me see").say("I look.").call(
        "call_1",
        "read",
        json!({"path": "a.txt"}),
    );
    let server = ModelServer::with_sockets([turn]);
    let mut talk = Talk::with(&server);
    let deltas = talk.deltas(&CancellationToken::new()).await;
    assert_eq!(deltas[0], Delta::Start);
    let message = done(&deltas);
    let kinds = ["thinking", "text", "toolCall"];
    let content = serde_json::to_value(&message.content).unwrap();
    for (block, kind) in content.as_array().unwrap().iter().zip(kinds) {
        assert_eq!(block["type"], kind);
    }
    assert_eq!(message.stop_reason, StopReason::ToolUse);
    assert_eq!(message.usage.output, 5);
    assert_eq!(methods(&server), ["GET", FRAME]);
    let frame = &bodies(&server)[0];
    assert_eq!(frame["type"], "response.create");
    assert_eq!(frame["input"], json!([said("hello")]));

    // The result goes the same way, alone: the server knows the rest.
    talk.add(Message::Assistant(message));
    talk.add(Message::ToolResult(ToolResultMessage {
        tool_call_id: "call_1|fc_2".into(),
        tool_name: "read".into(),
        content: vec![Content::text("one")],
        details: None,
        is_error: false,
        timestamp: 3,
    }));
    server.push(Turn::text("There is one."));
    assert_eq!(talk.ask().await.to_text(), "There is one.");
    assert_eq!(methods(&server), ["GET", FRAME, FRAME]);
    let frame = &bodies(&server)[1];
    assert_eq!(frame["previous_response_id"], "resp_1");
    let output = json!({"type": "function_call_output", "call_id": "call_1", "output": "one"});
    assert_eq!(frame["input"], json!([output]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_socket_hears_only_what_is_new_unless_it_is_to_be_a_plain_one() {
    for transport in [
        Transport::Auto,
        Transport::CachedWebSocket,
        Transport::WebSocket,
    ] {
        let server = ModelServer::with_sockets(["a", "b", "c"].map(Turn::text));
        let mut talk = Talk::with(&server);
        talk.request.transport = transport;
        talk.ask().await;
        talk.ask_more("more").await;
        talk.ask_more("and more").await;
        assert_eq!(methods(&server), ["GET", FRAME, FRAME, FRAME]);
        let bodies = bodies(&server);
        if transport == Transport::WebSocket {
            assert_eq!(bodies[2]["input"].as_array().unwrap().len(), 5);
            assert_eq!(bodies[2].get("previous_response_id"), None);
        } else {
            assert_eq!(bodies[1]["input"], json!([said("more")]));
            assert_eq!(bodies[2]["input"], json!([said("and more")]));
            assert_eq!(bodies[2]["previous_response_id"], "resp_1");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_room_that_is_left_for_the_answer_changes_nothing_about_a_conversation() {
    let server = ModelServer::with_sockets(["a", "b", "c"].map(Turn::text));
    let mut talk = Talk::of(APIS[1], &server.url());
    // As xAI's.
    talk.model.max_tokens = talk.model.context_window;
    talk.ask().await;
    talk.ask_more("more").await;
    talk.ask_more(&"and more ".repeat(9000)).await;
    assert_eq!(methods(&server), ["GET", FRAME, FRAME, FRAME]);
    let bodies = bodies(&server);
    let room = |at: usize| bodies[at]["max_output_tokens"].as_u64().unwrap();
    assert!(room(1) > room(2));
    for (body, known) in bodies.iter().zip([None, Some("resp_1"), Some("resp_1")]) {
        assert_eq!(body["previous_response_id"].as_str(), known);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_socket_goes_by_who_asks_and_not_by_what_is_asked() {
    let server = ModelServer::with_sockets(["a", "b", "c"].map(Turn::text));
    let mut talk = Talk::of(APIS[1], &server.url());
    talk.model.provider = "github-copilot".into();
    talk.ask().await;
    talk.add(Message::ToolResult(ToolResultMessage {
        tool_call_id: "call_1".into(),
        tool_name: "read".into(),
        content: vec![Content::Image {
            data: "iVBORw0KGgo=".into(),
            mime_type: "image/png".into(),
        }],
        details: None,
        is_error: false,
        timestamp: 3,
    }));
    talk.ask().await;
    assert_eq!(methods(&server), ["GET", FRAME, FRAME]);
    talk.request.auth.api_key = Some("another".into());
    talk.ask_more("more").await;
    assert_eq!(methods(&server), ["GET", FRAME, FRAME, "GET", FRAME]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_is_not_the_one_before_is_said_whole() {
    let server = ModelServer::with_sockets(["a", "b", "c"].map(Turn::text));
    let mut talk = Talk::with(&server);
    talk.ask().await;
    // As after a branch, or a compaction.
    talk.request.messages = vec![Arc::new(Message::user("anew", 1))];
    talk.ask().await;
    talk.request.system = "Be better.".into();
    talk.ask_more("more").await;
    assert_eq!(methods(&server), ["GET", FRAME, FRAME, FRAME]);
    let bodies = bodies(&server);
    assert_eq!(bodies[1]["input"], json!([said("anew")]));
    assert_eq!(bodies[2]["input"].as_array().unwrap().len(), 3);
    for body in bodies {
        assert_eq!(body.get("previous_response_id"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_to_be_cached_leaves_no_socket_behind() {
    for has_session in [false, true] {
        let server = ModelServer::with_sockets(["a", "b"].map(Turn::text));
        let mut talk = Talk::with(&server);
        match has_session {
            true => talk.request.cache = CacheRetention::None,
            false => talk.request.session_id = None,
        }
        talk.ask().await;
        server.wait_for_closes(1);
        talk.ask_more("more").await;
        server.wait_for_closes(2);
        assert_eq!(methods(&server), ["GET", FRAME, "GET", FRAME]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_are_kept_apart_by_session_and_account_and_close_with_the_client() {
    let server = ModelServer::with_sockets(["a", "b", "c"].map(Turn::text));
    let mut talk = Talk::with(&server);
    talk.ask().await;
    talk.request.session_id = Some("session-2".into());
    talk.ask().await;
    let claims = r#"{"https://api.openai.com/auth":{"chatgpt_account_id":"other"}}"#;
    let key = {
        use base64::Engine;
        base64::prelude::BASE64_STANDARD.encode(claims)
    };
    talk.request.auth.api_key = Some(format!("e30.{key}.c2ln"));
    talk.ask().await;
    let expected = ["GET", FRAME, "GET", FRAME, "GET", FRAME];
    assert_eq!(methods(&server), expected);
    drop(talk);
    server.wait_for_closes(3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_in_use_is_nobody_elses() {
    let hold = Hold::new();
    let server = ModelServer::with_sockets([Turn::text("slow").hold_at(3, &hold)]);
    let talk = Talk::with(&server);
    let stop = CancellationToken::new();
    let slow = talk.deltas(&stop);
    let quick = async {
        let reached = hold.clone();
        tokio::task::spawn_blocking(move || reached.wait_until_reached())
            .await
            .unwrap();
        server.push(Turn::text("quick"));
        let quick = done(&talk.deltas(&stop).await);
        hold.open();
        quick
    };
    let (slow, quick) = tokio::join!(slow, quick);
    assert_eq!(done(&slow).to_text(), "slow");
    assert_eq!(quick.to_text(), "quick");
    assert_eq!(methods(&server), ["GET", FRAME, "GET", FRAME]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_closed_while_it_waited_is_opened_again() {
    for end in [End::Close(1001, "bye"), End::HangUp, End::Reset] {
        let server = ModelServer::with_sockets([Turn::text("a").ending(end), Turn::text("b")]);
        let mut talk = Talk::with(&server);
        assert_eq!(talk.ask().await.to_text(), "a");
        assert_eq!(talk.ask_more("more").await.to_text(), "b", "{end:?}");
        assert_eq!(methods(&server), ["GET", FRAME, "GET", FRAME], "{end:?}");
        assert_eq!(bodies(&server)[1]["input"].as_array().unwrap().len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_waits_answers_pings_and_what_comes_unasked_is_not_the_next_answer() {
    let mut unasked = String::from_utf8(responses_events(&Turn::text("a"))).unwrap();
    unasked.push_str("data: {\"type\": \"codex.rate_limits\"}\n\n");
    unasked.push_str("data: {\"type\": \"response.output_text.delta\", \"delta\": \"x\"}\n\n");
    let server = ModelServer::with_sockets([Turn::raw(unasked).ending(End::Pinging)]);
    let mut talk = Talk::with(&server);
    assert_eq!(talk.ask().await.to_text(), "a");
    server.wait_for_pongs(1);
    server.push(Turn::text("b"));
    assert_eq!(talk.ask_more("more").await.to_text(), "b");
    assert_eq!(methods(&server), ["GET", FRAME, FRAME]);
}

/// A server that answers one handshake with what `head` says of its key, then with bytes.
fn odd_server(head: fn(&str) -> String, bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let lines = BufReader::new(socket.try_clone().unwrap()).lines();
        let lines: Vec<String> = lines
            .map_while(Result::ok)
            .take_while(|line| !line.is_empty())
            .collect();
        let key = lines
            .iter()
            .find_map(|line| line.strip_prefix("sec-websocket-key: "));
        let head = head(key.unwrap());
        socket.write_all(head.as_bytes()).unwrap();
        socket.write_all(bytes).unwrap();
        // Until the client has had enough.
        let _ = socket.read_to_end(&mut Vec::new());
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_break_the_rules_of_sockets_are_not_believed() {
    let valid = |key: &str| {
        format!(
            "HTTP/1.1 101 Yes\r\nconnection: Upgrade\r\nupgrade: WebSocket\r\n\
             sec-websocket-accept: {}\r\n\r\n",
            accept(key)
        )
    };
    let invalid = |_: &str| {
        "HTTP/1.1 101 Yes\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-accept: aGVsbG8=\r\n\r\n"
            .to_owned()
    };
    // A frame of 2^40 bytes, one that is masked, one of an unknown kind.
    let huge: &[u8] = &[0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0];
    let masked: &[u8] = &[0x81, 0x81, 1, 2, 3, 4, 5];
    let unknown: &[u8] = &[0x8f, 0];
    let servers = [
        (odd_server(invalid, b""), "handshake is not valid"),
        (
            odd_server(valid, huge),
            "a message of more than 67108864 bytes",
        ),
        (odd_server(valid, masked), "masked"),
        (odd_server(valid, unknown), "invalid opcode"),
    ];
    for (url, words) in servers {
        let http = HttpClient::default();
        let stop = CancellationToken::new();
        let opened = http.open_socket(&url, &[], Timeouts::default(), &stop);
        let error = match opened.await {
            Err(error) => error.to_string(),
            Ok((mut socket, _)) => socket.next(&stop).await.unwrap_err().to_string(),
        };
        assert!(error.contains(words), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_forgot_the_conversation_or_has_too_many_is_asked_anew() {
    for code in [
        "previous_response_not_found",
        "websocket_connection_limit_reached",
    ] {
        let server = ModelServer::with_sockets([Turn::text("a"), error(code), Turn::text("whole")]);
        let mut talk = Talk::with(&server);
        talk.ask().await;
        assert_eq!(talk.ask_more("more").await.to_text(), "whole", "{code}");
        assert_eq!(methods(&server), ["GET", FRAME, FRAME, "GET", FRAME]);
        let last = &bodies(&server)[2];
        assert_eq!(last["input"].as_array().unwrap().len(), 3, "{code}");
        assert_eq!(last.get("previous_response_id"), None);
    }
    // Too many still: the other way, for now.
    let limit = "websocket_connection_limit_reached";
    let turns = [error(limit), error(limit), Turn::text("events")];
    let server = ModelServer::with_sockets(turns);
    assert_eq!(Talk::with(&server).ask().await.to_text(), "events");
    let expected = ["GET", FRAME, "GET", FRAME, "POST"];
    assert_eq!(methods(&server), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_of_an_error_that_comes_over_a_socket_counts() {
    for (status, kind) in [
        (401, Kind::Credentials),
        (429, Kind::Busy),
        (503, Kind::Busy),
        (400, Kind::Refused),
    ] {
        for name in ["status", "status_code"] {
            for error in [json!({"code": "x", "message": "no"}), json!("no")] {
                let event = json!({"type": "error", name: status, "error": error});
                let turn = Turn::raw(format!("data: {event}\n\n"));
                let server = ModelServer::with_sockets([turn]);
                let said = Talk::with(&server).ask().await;
                assert_eq!(said.failure.unwrap().kind, kind, "{event}");
                assert!(said.error_message.unwrap().contains("no"), "{event}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abort_closes_the_socket() {
    for at in [None, Some(0), Some(3)] {
        let hold = Hold::new();
        let turn = match at {
            None => Turn::silent(),
            Some(at) => Turn::text("one two").hold_at(at, &hold),
        };
        let server = Arc::new(ModelServer::with_sockets([turn]));
        let talk = Talk::with(&server);
        let stop = CancellationToken::new();
        let (asked, ending) = (server.clone(), stop.clone());
        tokio::task::spawn_blocking(move || {
            match at {
                None => drop(asked.wait_for_requests(2)),
                Some(_) => hold.wait_until_reached(),
            }
            ending.cancel();
        });
        let message = done(&talk.deltas(&stop).await);
        assert_eq!(message.stop_reason, StopReason::Aborted);
        assert_eq!(message.error_message.as_deref(), Some(pi::ai::ABORTED));
        server.wait_for_closes(1);
        assert_eq!(methods(&server), ["GET", FRAME]);
        // That was the person's doing, and says nothing about sockets.
        server.push(Turn::text("b"));
        let message = done(&talk.deltas(&CancellationToken::new()).await);
        assert_eq!(message.to_text(), "b");
        assert_eq!(methods(&server), ["GET", FRAME, "GET", FRAME]);
    }
}

/// The answer comes as events, and the next one, too, without another try at a socket.
async fn falls_back(server: &ModelServer, tries: &[&str]) {
    let mut talk = Talk::with(server);
    server.push(Turn::text("events"));
    let deltas = talk.deltas(&CancellationToken::new()).await;
    let starts = deltas.iter().filter(|delta| **delta == Delta::Start);
    assert_eq!(starts.count(), 1);
    let message = done(&deltas);
    assert_eq!(message.to_text(), "events");
    talk.add(Message::Assistant(message));
    server.push(Turn::text("more events"));
    assert_eq!(talk.ask_more("more").await.to_text(), "more events");
    let expected: Vec<&str> = tries.iter().copied().chain(["POST", "POST"]).collect();
    assert_eq!(methods(server), expected);
    // Another session has a chance of its own.
    talk.request.session_id = Some("session-2".into());
    talk.ask().await;
    assert_eq!(methods(server)[expected.len()], "GET");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_sockets_are_refused_events_come() {
    for turn in [
        Turn::status(404, "no such thing"),
        Turn::html(200, "<p>hello"),
        Turn::json(426, json!({"error": "upgrade"})),
        Turn::new().ending(End::HangUp).cut_at(0),
        Turn::new().ending(End::ResetAtOnce),
    ] {
        falls_back(&ModelServer::start([turn]), &["GET"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_socket_closes_before_the_first_event_events_come() {
    for end in [
        End::HangUp,
        End::Reset,
        End::Close(1009, "too big"),
        End::Close(1008, ""),
    ] {
        let turn = Turn::text("never").cut_at(0).ending(end);
        falls_back(&ModelServer::with_sockets([turn]), &["GET", FRAME]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_handshake_is_not_answered_in_time_events_come() {
    let server = ModelServer::deaf_to_sockets([Turn::text("events"), Turn::text("more")]);
    let mut talk = Talk::with(&server);
    talk.request.timeouts.websocket = Duration::from_millis(50);
    assert_eq!(talk.ask().await.to_text(), "events");
    let before = methods(&server).len();
    talk.request.timeouts.websocket = Duration::ZERO;
    assert_eq!(talk.ask().await.to_text(), "more");
    assert_eq!(methods(&server)[before..], ["POST"]);
    // Zero is no limit, and not one that is over at once.
    let server = ModelServer::with_sockets([Turn::text("a")]);
    let mut talk = Talk::with(&server);
    talk.request.timeouts.websocket = Duration::ZERO;
    assert_eq!(talk.ask().await.to_text(), "a");
    assert_eq!(methods(&server), ["GET", FRAME]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_keeps_no_sockets_does_not_try_in_vain_each_time_either() {
    let server = ModelServer::start([Turn::status(404, ""), Turn::text("a"), Turn::text("b")]);
    let mut talk = Talk::with(&server);
    talk.request.cache = CacheRetention::None;
    assert_eq!(talk.ask().await.to_text(), "a");
    assert_eq!(talk.ask_more("more").await.to_text(), "b");
    assert_eq!(methods(&server), ["GET", "POST", "POST"]);
}

// On one thread, whose clock can be moved.
#[tokio::test]
async fn a_socket_that_died_without_a_word_while_it_waited_is_opened_again() {
    let silent = Turn::text("a").ending(End::Stall);
    let server = ModelServer::with_sockets([silent, Turn::text("b"), Turn::text("c")]);
    let mut talk = Talk::with(&server);
    talk.request.timeouts.idle = Duration::from_secs(5);
    assert_eq!(talk.ask().await.to_text(), "a");
    wait_for_a_minute().await;
    assert_eq!(talk.ask_more("more").await.to_text(), "b");
    // The new one lives, and is asked whether it does.
    wait_for_a_minute().await;
    assert_eq!(talk.ask_more("and more").await.to_text(), "c");
    assert_eq!(methods(&server), ["GET", FRAME, "GET", FRAME, FRAME]);
    assert_eq!(bodies(&server)[2]["previous_response_id"], "resp_1");
}

async fn wait_for_a_minute() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(60)).await;
    tokio::time::resume();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_will_pass_is_not_held_against_sockets() {
    let turns = [Turn::status(503, ""), Turn::text("events"), Turn::text("b")];
    let server = ModelServer::start(turns);
    let mut talk = Talk::with(&server);
    assert_eq!(talk.ask().await.to_text(), "events");
    talk.ask_more("more").await;
    assert_eq!(methods(&server)[..3], ["GET", "POST", "GET"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_all_that_is_asked_for_where_that_is_the_choice() {
    let server = ModelServer::with_sockets([Turn::text("events")]);
    let mut talk = Talk::with(&server);
    talk.request.transport = Transport::Sse;
    assert_eq!(talk.ask().await.to_text(), "events");
    assert_eq!(methods(&server), ["POST"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_break_in_the_middle_is_a_failure_that_passes_and_the_next_try_takes_events() {
    for (end, words) in [
        (
            End::Close(1011, "oh dear"),
            "the server closed the web socket with 1011 (internal error): oh dear",
        ),
        (End::HangUp, "the server closed"),
        (End::Reset, "the connection to 127.0.0.1"),
    ] {
        let turn = Turn::text("one two three").cut_at(5).ending(end);
        let server = ModelServer::with_sockets([turn, Turn::text("all of it")]);
        let talk = Talk::with(&server);
        let message = done(&talk.deltas(&CancellationToken::new()).await);
        assert_eq!(message.stop_reason, StopReason::Error);
        assert_eq!(message.to_text(), "one two ");
        assert_eq!(message.failure.unwrap().kind, Kind::Connection);
        let error = message.error_message.unwrap();
        assert!(error.starts_with("openai-codex: "), "{error}");
        assert!(error.contains(words), "{error}");
        let message = done(&talk.deltas(&CancellationToken::new()).await);
        assert_eq!(message.to_text(), "all of it");
        assert_eq!(methods(&server), ["GET", FRAME, "POST"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_in_the_middle_is_not_waited_for_for_ever() {
    let turn = Turn::text("one two").cut_at(4).ending(End::Stall);
    let server = ModelServer::with_sockets([turn]);
    let mut talk = Talk::with(&server);
    talk.request.timeouts.idle = Duration::from_millis(200);
    let message = talk.ask().await;
    let error = message.error_message.unwrap();
    assert!(error.contains("nothing came from 127.0.0.1"), "{error}");
    server.wait_for_closes(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_over_the_socket_is_the_answers_and_not_the_sockets() {
    let event = json!({"type": "response.failed", "response": {"error":
        {"code": "server_error", "message": "Try later."}}});
    let turn = Turn::raw(format!("data: {event}\n\n"));
    let server = ModelServer::with_sockets([turn, Turn::text("b")]);
    let mut talk = Talk::with(&server);
    let message = done(&talk.deltas(&CancellationToken::new()).await);
    assert_eq!(message.failure.unwrap().kind, Kind::Busy);
    assert_eq!(talk.ask().await.to_text(), "b");
    assert_eq!(methods(&server), ["GET", FRAME, "GET", FRAME]);
}

/// Counts what it is asked, and marks the body.
#[derive(Default)]
struct Tap(Mutex<Vec<String>>);

#[async_trait]
impl WireTap for Tap {
    async fn before_request(&self, mut body: Value) -> Value {
        self.0.lock().unwrap().push("before".into());
        body["marked"] = json!(true);
        body
    }

    async fn after_response(&self, status: u16, _headers: &[(String, String)]) {
        self.0.lock().unwrap().push(format!("after {status}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_is_asked_once_whichever_way_the_request_goes() {
    let server = ModelServer::with_sockets([Turn::text("a")]);
    let mut talk = Talk::with(&server);
    let tap = Arc::new(Tap::default());
    talk.request.tap = Some(tap.clone());
    talk.ask().await;
    assert_eq!(bodies(&server)[0]["marked"], true);
    assert_eq!(*tap.0.lock().unwrap(), ["before", "after 101"]);
    server.push(Turn::text("b"));
    talk.ask_more("more").await;
    let over_the_same = ["before", "after 101", "before"];
    assert_eq!(*tap.0.lock().unwrap(), over_the_same);

    let server = ModelServer::start([Turn::status(404, ""), Turn::text("events")]);
    let mut talk = Talk::with(&server);
    let tap = Arc::new(Tap::default());
    talk.request.tap = Some(tap.clone());
    assert_eq!(talk.ask().await.to_text(), "events");
    assert_eq!(server.requests()[1].body["marked"], true);
    assert_eq!(*tap.0.lock().unwrap(), ["before", "after 200"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_go_through_the_proxy() {
    let proxy = ModelServer::with_sockets([Turn::text("through the proxy")]);
    let mut talk = Talk::at("http://model.invalid");
    talk.http = HttpClient::new(Proxies {
        http: Some(proxy.url().replace("http://", "http://user:pass@")),
        ..Proxies::default()
    });
    assert_eq!(talk.ask().await.to_text(), "through the proxy");
    let seen = &proxy.requests()[0];
    assert_eq!(seen.path, "http://model.invalid/codex/responses");
    assert_eq!(
        seen.header("proxy-authorization"),
        Some("Basic dXNlcjpwYXNz")
    );
}
