//! Further attempts after a passing failure: the real binary, real files, real HTTP; and the conversation
//! itself, where somebody steps in during the pause.

mod fallback;
mod pauses;

use serde_json::{Value, json};

use crate::support::TestPi;
use crate::support::model_server::{End, Recorded, Turn};

/// The models at the scripted server, one for each wire API.
const BOTH: [&str; 2] = ["oai/scripted", "ant/scripted"];

/// Pauses that nobody notices.
const QUICK: &str = r#"{"retry": {"baseDelayMs": 1}, "httpIdleTimeoutMs": 300}"#;

fn quick(turns: impl IntoIterator<Item = Turn>) -> TestPi {
    let pi = TestPi::new(turns);
    pi.write_agent("settings.json", QUICK);
    pi
}

/// What a request carries besides the system prompt, as one text.
fn conversation(request: &Recorded) -> String {
    let messages = request.body["messages"].as_array().unwrap();
    let said = messages
        .iter()
        .filter(|message| message["role"] != "system");
    said.map(Value::to_string).collect()
}

#[test]
fn whatever_passes_is_tried_again_and_the_answer_is_printed() {
    for model in BOTH {
        let failures = [
            Turn::status(529, "overloaded"),
            Turn::status(429, "slow down").header("retry-after", "0"),
            Turn::text("half of an answer")
                .cut_at(600)
                .ending(End::HangUp),
            Turn::text("then nothing").cut_at(500).ending(End::Stall),
        ];
        for failure in failures {
            let pi = quick([failure.clone(), Turn::text("whole")]);
            let ran = pi.run(&["-p", "--model", model, "hi"]);
            assert_eq!(
                (ran.stdout.as_str(), ran.code),
                ("whole\n", 0),
                "{}",
                ran.stderr
            );
            let notes: Vec<&str> = ran.stderr.lines().collect();
            assert_eq!(notes.len(), 1, "{notes:?}");
            assert!(notes[0].starts_with("note: ") && notes[0].contains("attempt 1 of 3"));
            let requests = pi.server.requests();
            assert_eq!(requests.len(), 2);
            assert_eq!(conversation(&requests[0]), conversation(&requests[1]));
            let kept: Vec<Value> = pi.messages();
            assert_eq!(kept.len(), 3);
            assert_eq!(kept[1]["stopReason"], "error");
            assert_eq!(kept[2]["stopReason"], "stop");
        }
    }
}

#[test]
fn what_came_of_a_broken_answer_is_kept_but_not_said_again() {
    for model in BOTH {
        let broken = Turn::text("half of an answer")
            .cut_at(620)
            .ending(End::HangUp);
        let pi = quick([broken, Turn::text("whole"), Turn::text("more")]);
        pi.run(&["-p", "--model", model, "hi"]);
        let half = pi.messages()[1]["content"][0]["text"].clone();
        assert!(half.as_str().unwrap().starts_with("half"), "{half}");
        // Neither in the next attempt nor after the session was opened again.
        pi.run(&["-p", "-c", "--model", model, "go on"]);
        let requests = pi.server.requests();
        assert_eq!(requests.len(), 3);
        for request in &requests {
            assert!(!conversation(request).contains("half"));
        }
        assert!(conversation(&requests[2]).contains("whole"));
    }
}

#[test]
fn when_all_attempts_fail_there_is_one_error() {
    let pi = quick((0..9).map(|n| Turn::status(500, &format!("broken {n}"))));
    let ran = pi.run(&["-p", "--model", BOTH[0], "hi"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    assert_eq!(pi.server.requests().len(), 4);
    let (notes, errors): (Vec<&str>, Vec<&str>) = ran
        .stderr
        .lines()
        .partition(|line| line.starts_with("note: "));
    assert_eq!(notes.len(), 3, "{notes:?}");
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].starts_with("error: ") && errors[0].contains("broken 3"));
}

#[test]
fn a_server_that_is_not_there_is_looked_for_again() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let pi = TestPi::unconfigured([]);
    let models = json!({"providers": {"gone": {"baseUrl": format!("http://{address}/v1"),
        "api": "openai-completions", "apiKey": "k", "models": [{"id": "m"}]}}});
    pi.write_agent("models.json", &models.to_string());
    pi.write_agent("settings.json", QUICK);
    let ran = pi.run(&["-p", "--model", "gone/m", "hi"]);
    assert_eq!(ran.code, 1);
    let notes = ran.stderr.lines().filter(|line| line.starts_with("note: "));
    assert_eq!(notes.count(), 3, "{}", ran.stderr);
}

#[test]
fn what_does_not_pass_fails_at_once_with_the_reason_and_the_next_step() {
    let quota = json!({"error": {"message": "You exceeded your current quota",
        "code": "insufficient_quota"}});
    let hours = Turn::status(429, "slow down").header("retry-after", "7200");
    for (turn, words) in [
        (
            Turn::status(401, "bad key"),
            ["bad key", "Check the API key"],
        ),
        (Turn::status(400, "odd field"), ["400", "odd field"]),
        (
            Turn::json(429, quota),
            ["current quota", "credit, plan and limits"],
        ),
        (hours, ["(retry after 2 h)", "choose another model"]),
    ] {
        let pi = quick([turn, Turn::text("never")]);
        let ran = pi.run(&["-p", "--model", BOTH[0], "hi"]);
        assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
        assert_eq!(pi.server.requests().len(), 1, "{}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
        for word in words {
            assert!(ran.stderr.contains(word), "no {word:?} in {}", ran.stderr);
        }
    }
}

#[test]
fn json_mode_tells_of_attempts_in_the_references_order() {
    let turns = [
        Turn::status(503, "busy"),
        Turn::status(503, "busy"),
        Turn::text("ok"),
    ];
    let pi = quick(turns);
    let ran = pi.run(&["--mode", "json", "--model", BOTH[1], "hi"]);
    assert_eq!(ran.code, 0);
    let lines = ran.json_lines();
    let told: Vec<&str> = lines
        .iter()
        .map(|line| line["type"].as_str().unwrap())
        .filter(|name| !name.starts_with("message_") && !name.starts_with("turn_"))
        .collect();
    let expected = [
        "session",
        "agent_start",
        "agent_end",
        "auto_retry_start",
        "agent_start",
        "agent_end",
        "auto_retry_start",
        "agent_start",
        "auto_retry_end",
        "agent_end",
        "agent_settled",
    ];
    assert_eq!(told, expected);
    let of =
        |name: &str| -> Vec<&Value> { lines.iter().filter(|line| line["type"] == name).collect() };
    let goes_on: Vec<&Value> = of("agent_end")
        .iter()
        .map(|end| &end["willRetry"])
        .collect();
    assert_eq!(goes_on, [&json!(true), &json!(true), &json!(false)]);
    for (n, start) in of("auto_retry_start").into_iter().enumerate() {
        assert_eq!(start["attempt"], n + 1);
        assert_eq!(start["maxAttempts"], 3);
        assert!(start["delayMs"].is_u64());
        let error = start["errorMessage"].as_str().unwrap();
        assert!(error.starts_with("ant answered 503"), "{error}");
    }
    let end = of("auto_retry_end")[0].clone();
    assert_eq!(
        end,
        json!({"type": "auto_retry_end", "success": true, "attempt": 2})
    );
}

#[test]
fn attempts_can_be_switched_off() {
    let pi = TestPi::new([Turn::status(500, ""), Turn::text("never")]);
    pi.write_agent("settings.json", r#"{"retry": {"enabled": false}}"#);
    let ran = pi.run(&["-p", "--model", BOTH[0], "hi"]);
    assert_eq!((ran.code, pi.server.requests().len()), (1, 1));
}
