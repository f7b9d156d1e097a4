//! Budgets end runs cleanly: the real binary, real files, real HTTP; and the conversation itself.

mod conversation;

use serde_json::{Value, json};

use crate::support::model_server::{End, Hold, Turn};
use crate::support::{Ran, TestPi};

const MODEL: [&str; 2] = ["--model", "ant/scripted"];

/// A turn of 150 tokens that calls a tool.
fn call() -> Turn {
    Turn::tool("bash", json!({"command": "echo ran"})).usage(100, 50)
}

/// A turn of 150 tokens that says something.
fn answer(text: &str) -> Turn {
    Turn::text(text).usage(100, 50)
}

fn pi(turns: impl IntoIterator<Item = Turn>, settings: Value) -> TestPi {
    let pi = TestPi::new(turns);
    pi.write_agent("settings.json", &settings.to_string());
    pi
}

fn ask(pi: &TestPi, args: &[&str]) -> Ran {
    let args: Vec<&str> = ["-p"].iter().chain(&MODEL).chain(args).copied().collect();
    pi.run(&args)
}

fn roles(pi: &TestPi) -> Vec<String> {
    let messages = pi.messages();
    let role = |message: &Value| message["role"].as_str().unwrap().to_owned();
    messages.iter().map(role).collect()
}

/// The lines that tell that a budget is used up.
fn told(ran: &Ran) -> Vec<&str> {
    let lines = ran.stderr.lines();
    lines.filter(|line| line.contains("is used up")).collect()
}

#[test]
fn tokens_end_a_run_after_the_response_whose_calls_get_their_results() {
    let pi = TestPi::new([call(), answer("never")]);
    let ran = ask(&pi, &["--budget-tokens", "150", "go"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 3), "{}", ran.stderr);
    assert_eq!(pi.server.requests().len(), 1);
    assert_eq!(roles(&pi), ["user", "assistant", "toolResult"]);
    assert_eq!(pi.messages()[2]["content"][0]["text"], "ran\n");
    assert_eq!(told(&ran).len(), 1, "{}", ran.stderr);
    assert!(
        told(&ran)[0].contains("150 of 150 tokens") && told(&ran)[0].contains("--budget-tokens")
    );
}

#[test]
fn money_ends_it_and_what_was_answered_is_printed() {
    let pi = TestPi::new([answer("an answer"), answer("never")]);
    let models = json!({"providers": {"ant": {"baseUrl": pi.server.url(),
        "api": "anthropic-messages", "apiKey": "k", "models": [{"id": "scripted",
        "cost": {"input": 1000, "output": 2000, "cacheRead": 0, "cacheWrite": 0}}]}}});
    pi.write_agent("models.json", &models.to_string());
    let ran = ask(&pi, &["--budget", "0.20", "one", "two"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("an answer\n", 3));
    assert_eq!(pi.server.requests().len(), 1);
    assert_eq!(told(&ran).len(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("$0.20 of $0.20"), "{}", ran.stderr);
}

#[test]
fn time_ends_it_when_the_calls_are_done() {
    let slow = Turn::tool("bash", json!({"command": "sleep 0.3; echo slept"}));
    let pi = TestPi::new([slow, answer("never")]);
    let ran = ask(&pi, &["--budget-time", "0.2s", "go"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert_eq!(pi.server.requests().len(), 1);
    assert_eq!(pi.messages()[2]["content"][0]["text"], "slept\n");
    assert_eq!(told(&ran).len(), 1, "{}", ran.stderr);
}

#[test]
fn a_budget_that_suffices_changes_nothing_and_warns_once_beyond_four_fifths() {
    let small = || call().usage(5, 5);
    let pi = TestPi::new([call(), small(), small(), answer("done").usage(5, 5)]);
    let ran = ask(&pi, &["--budget-tokens", "0.185k", "go"]);
    assert_eq!(
        (ran.stdout.as_str(), ran.code),
        ("done\n", 0),
        "{}",
        ran.stderr
    );
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("warning: more than 80 %"));
    assert!(lines[0].ends_with("150 of 185 tokens"), "{}", lines[0]);
}

#[test]
fn json_mode_tells_it_as_events_and_by_its_exit_code() {
    let pi = TestPi::new([call(), call(), answer("never")]);
    let mut args = vec!["--mode", "json", "--budget-tokens", "180", "go"];
    args.extend(MODEL);
    let ran = pi.run(&args);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let lines = ran.json_lines();
    let of =
        |name: &str| -> Vec<&Value> { lines.iter().filter(|line| line["type"] == name).collect() };
    let spent = |kind: &str, used: u64| json!({"type": kind, "scope": "session", "unit": "tokens", "used": used, "limit": 180});
    assert_eq!(of("budget_warning"), [&spent("budget_warning", 150)]);
    assert_eq!(of("budget_exceeded"), [&spent("budget_exceeded", 300)]);
    assert_eq!(of("tool_execution_end").len(), 2);
    assert_eq!(lines.last().unwrap()["type"], "agent_settled");
}

#[test]
fn a_session_goes_on_counting_after_a_restart_until_it_gets_more() {
    let pi = TestPi::new([answer("one"), answer("two"), answer("three")]);
    assert_eq!(ask(&pi, &["--budget-tokens", "200", "go"]).code, 0);
    let ran = ask(&pi, &["-c", "--budget-tokens", "200", "more"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("two\n", 3));
    let before = pi.messages();

    // Not even asked: one message, with the way to go on, and nothing in the session.
    let ran = ask(&pi, &["-c", "--budget-tokens", "200", "more"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 3));
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(told(&ran)[0].contains("300 of 200 tokens"));
    assert!(told(&ran)[0].contains("start pi with a larger --budget-tokens"));
    assert_eq!(pi.messages(), before);
    let json = pi.run(&["--mode", "json", "-c", "--budget-tokens", "200", "more"]);
    assert_eq!(json.code, 3);
    assert_eq!(json.json_lines().last().unwrap()["type"], "budget_exceeded");
    assert_eq!(pi.server.requests().len(), 2);

    let ran = ask(&pi, &["-c", "--budget-tokens", "2k", "more"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("three\n", 0));
}

#[test]
fn time_of_earlier_runs_counts_and_the_persons_own_does_not() {
    let entry = |id: &str, parent: Value, at: &str, message: Value| {
        json!({"type": "message", "id": id, "parentId": parent,
            "timestamp": format!("2026-01-01T{at}.000Z"), "message": message})
        .to_string()
    };
    let user = || json!({"role": "user", "content": "hi", "timestamp": 1});
    let assistant = || {
        json!({"role": "assistant", "content": [{"type": "text", "text": "x"}], "api": "a",
            "provider": "p", "model": "m", "usage": {"input": 1, "output": 1, "cacheRead": 0,
            "cacheWrite": 0, "totalTokens": 2, "cost": {"input": 0, "output": 0, "cacheRead": 0,
            "cacheWrite": 0, "total": 0}}, "stopReason": "stop", "timestamp": 1})
    };
    let pi = TestPi::new([answer("ok")]);
    let header = json!({"type": "session", "version": 3, "id": "0190-time",
        "timestamp": "2026-01-01T00:00:00.000Z", "cwd": pi.project()});
    // Twice a minute of work, three hours apart.
    let lines = [
        header.to_string(),
        entry("00000001", Value::Null, "00:00:00", user()),
        entry("00000002", json!("00000001"), "00:01:00", assistant()),
        entry("00000003", json!("00000002"), "03:00:00", user()),
        entry("00000004", json!("00000003"), "03:01:00", assistant()),
    ];
    let file = pi.write("old.jsonl", lines.join("\n") + "\n");
    let file = file.to_str().unwrap();
    let ran = ask(&pi, &["--session", file, "--budget-time", "2m", "more"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(told(&ran)[0].contains("2 min of 2 min"), "{}", ran.stderr);
    let ran = ask(&pi, &["--session", file, "--budget-time", "1h", "more"]);
    assert_eq!(
        (ran.stdout.as_str(), ran.code),
        ("ok\n", 0),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_day_is_shared_by_all_sessions_and_processes() {
    let hold = Hold::new();
    let slow = answer("slow").hold_at(200, &hold);
    let day = json!({"budget": {"day": {"tokens": 250}}});
    let pi = pi([slow, answer("quick"), answer("never")], day);
    let args = ["-p", MODEL[0], MODEL[1], "one"];
    let first = pi.spawn(&args);
    hold.wait_until_reached();
    let second = ask(&pi, &["two"]);
    assert_eq!((second.stdout.as_str(), second.code), ("quick\n", 0));
    hold.open();
    let first = first.finish();
    assert_eq!((first.stdout.as_str(), first.code), ("slow\n", 3));
    assert!(told(&first)[0].contains("today's budget is used up: 300 of 250 tokens"));
    // Another session is refused, too.
    let third = ask(&pi, &["three"]);
    assert_eq!(third.code, 3);
    assert!(
        told(&third)[0].contains("wait until midnight"),
        "{}",
        third.stderr
    );
    assert_eq!(pi.server.requests().len(), 2);
    let book = std::fs::read_to_string(pi.agent().join("budget.json")).unwrap();
    let book: Value = serde_json::from_str(&book).unwrap();
    assert_eq!(book["tokens"], 300);
    assert!(book["seconds"].as_f64().unwrap() > 0.0);
    // Yesterday's does not count.
    let old = json!({"day": "2020-01-01", "usd": 9, "tokens": 999, "seconds": 1});
    pi.write_agent("budget.json", &old.to_string());
    assert_eq!(ask(&pi, &["four"]).stdout, "never\n");
}

#[test]
fn failed_attempts_count() {
    let broken = answer("half").cut_at(420).ending(End::HangUp);
    let settings = json!({"retry": {"baseDelayMs": 1}, "budget": {"run": {"tokens": 90}}});
    let pi = pi([broken, answer("never")], settings);
    let ran = ask(&pi, &["go"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 3), "{}", ran.stderr);
    assert_eq!(pi.server.requests().len(), 1);
    assert!(
        told(&ran)[0].contains("the budget of this run"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_model_without_a_price_is_not_held_by_dollars_and_that_is_said_once() {
    let pi = TestPi::new([answer("one"), answer("two")]);
    let ran = ask(&pi, &["--budget", "0.01", "go", "on"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("two\n", 0));
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("note: ant/scripted has no price"));
}

#[test]
fn a_flag_wins_over_the_setting_and_nonsense_is_refused() {
    let session = json!({"budget": {"session": {"tokens": 10, "usd": 0, "time": "1h"}}});
    let pi = pi([answer("one")], session);
    assert_eq!(ask(&pi, &["--budget-tokens", "1M", "go"]).code, 0);
    for (flag, value) in [
        ("--budget", "0"),
        ("--budget", "free"),
        ("--budget-tokens", "0.1"),
        ("--budget-time", "soon"),
    ] {
        let ran = ask(&pi, &[flag, value, "go"]);
        assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
        assert!(ran.stderr.contains("such as"), "{}", ran.stderr);
    }
    pi.write_agent("settings.json", r#"{"budget": {"day": {"time": true}}}"#);
    let ran = ask(&pi, &["--version", "go"]);
    assert_eq!(ran.code, 0);
    pi.server.push(answer("ok"));
    let ran = ask(&pi, &["go"]);
    assert!(ran.stderr.contains("budget.day.time"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "ok\n");
}
