//! Web sockets of the real binary: through a proxy's tunnel with TLS in it, and an answer that breaks
//! off in the middle.

use serde_json::json;

use super::matrix::key_for;
use super::sockets::CODEX;
use crate::support::TestPi;
use crate::support::model_server::{End, FRAME, ModelServer, Turn, accept, responses_events};
use crate::support::secure::{Asked, Reply, Vendors};

/// A home whose one provider is at `url`.
fn home(url: &str) -> TestPi {
    let pi = TestPi::unconfigured([]);
    let models = json!({"providers": {"acme": {
        "baseUrl": url, "api": CODEX, "apiKey": key_for(CODEX), "models": [{"id": "m1"}],
    }}});
    pi.write_agent("models.json", &models.to_string());
    pi.write_agent("settings.json", r#"{"retry": {"baseDelayMs": 1}}"#);
    pi
}

/// A socket over which this is said at once.
fn socket(asked: &Asked, turn: &Turn) -> Reply {
    let body = String::from_utf8(responses_events(turn)).unwrap();
    let mut frames = Vec::new();
    for event in body.lines().filter_map(|line| line.strip_prefix("data: ")) {
        let length = u16::try_from(event.len()).unwrap().to_be_bytes();
        frames.extend_from_slice(&[0x81, 126, length[0], length[1]]);
        frames.extend_from_slice(event.as_bytes());
    }
    let key = asked.header("sec-websocket-key").unwrap();
    Reply {
        status: 101,
        headers: Vec::new(),
        body: frames,
    }
    .header("connection", "Upgrade")
    .header("upgrade", "websocket")
    .header("sec-websocket-accept", &accept(key))
}

#[test]
fn a_socket_goes_through_a_proxys_tunnel() {
    let vendors = Vendors::start(|asked| match asked.header("upgrade") {
        Some(_) => socket(asked, &Turn::text("through the tunnel")),
        None => Reply::status(500),
    });
    let pi = home("https://model.invalid/backend-api");
    let proxy = vendors.proxy_url();
    let ca = vendors.ca_file().to_str().unwrap();
    let env = [("HTTPS_PROXY", proxy.as_str()), ("SSL_CERT_FILE", ca)];
    let ran = pi.run_with_env(&["-p", "hello"], &env);
    assert_eq!(ran.stdout, "through the tunnel\n", "{}", ran.stderr);
    let asked = vendors.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].host, "model.invalid");
    assert_eq!(asked[0].path, "/backend-api/codex/responses");
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again_and_nothing_is_said_twice() {
    let broken = Turn::text("one two three").cut_at(5).ending(End::HangUp);
    let server = ModelServer::with_sockets([broken, Turn::text("one two three")]);
    let pi = home(&server.url());
    let ran = pi.run(&["-p", "hello"]);
    assert_eq!(ran.stdout, "one two three\n", "{}", ran.stderr);
    let requests = server.requests();
    let methods: Vec<&str> = requests.iter().map(|r| r.method.as_str()).collect();
    assert_eq!(methods, ["GET", FRAME, "POST"]);
    // The second try holds nothing of the first.
    assert_eq!(requests[1].body["input"], requests[2].body["input"]);
}

#[test]
fn tool_calls_go_over_one_socket_of_a_session() {
    let call = Turn::tool("ls", json!({"path": "."}));
    let server = ModelServer::with_sockets([call, Turn::text("It is empty.")]);
    let pi = home(&server.url());
    let ran = pi.run(&["-p", "what is here?"]);
    assert_eq!(ran.stdout, "It is empty.\n", "{}", ran.stderr);
    let requests = server.requests();
    let methods: Vec<&str> = requests.iter().map(|r| r.method.as_str()).collect();
    assert_eq!(methods, ["GET", FRAME, FRAME]);
    let second = &requests[2].body;
    assert_eq!(second["previous_response_id"], "resp_1");
    let input = second["input"].as_array().unwrap();
    assert_eq!(input.len(), 1);
    assert_eq!(input[0]["type"], "function_call_output");
}
