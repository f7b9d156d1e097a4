//! JSON mode, end to end: the header, then every event, one object a line.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::model_server::{Hold, Turn};
use crate::support::{Running, TestPi};

/// What differs from run to run is replaced: ids, times, usage, the server's words about itself.
fn normal(mut value: Value, pi: &TestPi) -> Value {
    fn walk(value: &mut Value, home: &str) {
        match value {
            Value::Object(map) => {
                map.remove("usage");
                map.remove("responseId");
                for (name, value) in map.iter_mut() {
                    match name.as_str() {
                        "timestamp" | "durationMs" => *value = json!("<time>"),
                        _ => walk(value, home),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, home)),
            Value::String(text) => *text = text.replace(home, "~"),
            _ => {}
        }
    }
    walk(&mut value, &pi.home().display().to_string());
    value
}

#[test]
fn a_tool_turn_is_told_event_by_event() {
    for (model, api) in [
        ("oai/scripted", "openai-completions"),
        ("ant/scripted", "anthropic-messages"),
    ] {
        let pi = TestPi::new([
            Turn::new()
                .say("Let me look.")
                .call("call_1", "read", json!({"path": "a.txt"})),
            Turn::text("It says 42."),
        ]);
        pi.write("project/a.txt", "42\n");
        let ran = pi.run(&["--mode", "json", "--model", model, "what is in a.txt?"]);
        assert_eq!((ran.stderr.as_str(), ran.code), ("", 0));
        let lines = ran.json_lines();
        let header = normal(lines[0].clone(), &pi);
        let id = lines[0]["id"].clone();
        assert_eq!(
            header,
            json!({"type": "session", "version": 3, "id": id, "timestamp": "<time>", "cwd": "~/project"})
        );
        assert_eq!(lines[0], pi.session()[0]);

        let user = json!({"role": "user", "timestamp": "<time>",
            "content": [{"type": "text", "text": "what is in a.txt?"}]});
        let answer = |content: Value, reason: &str| {
            json!({"role": "assistant", "content": content, "api": api, "provider": &model[..3],
                "model": "scripted", "stopReason": reason, "timestamp": "<time>"})
        };
        let call = json!({"type": "toolCall", "id": "call_1", "name": "read", "arguments": {"path": "a.txt"}});
        let text = |text: &str| json!({"type": "text", "text": text});
        let asked = answer(json!([text("Let me look."), call]), "toolUse");
        let done = answer(json!([text("It says 42.")]), "stop");
        let empty = answer(json!([]), "stop");
        let result = json!({"role": "toolResult", "toolCallId": "call_1", "toolName": "read",
            "content": [text("42\n")], "isError": false, "timestamp": "<time>"});
        let update =
            |event: Value| json!({"type": "message_update", "assistantMessageEvent": event});
        let delta = |index: u32, text: &str| {
            update(json!({"type": "text_delta", "contentIndex": index, "delta": text}))
        };
        let start = |message: &Value| json!({"type": "message_start", "message": message});
        let end = |message: &Value| json!({"type": "message_end", "message": message});
        let expected = [
            json!({"type": "agent_start"}),
            json!({"type": "turn_start"}),
            start(&user),
            end(&user),
            start(&empty),
            update(json!({"type": "text_start", "contentIndex": 0})),
            delta(0, "Let "),
            delta(0, "me "),
            delta(0, "look."),
            update(json!({"type": "text_end", "contentIndex": 0, "content": "Let me look."})),
            update(
                json!({"type": "toolcall_start", "contentIndex": 1, "id": "call_1", "toolName": "read"}),
            ),
            update(json!({"type": "toolcall_delta", "contentIndex": 1, "delta": "{\"path\":"})),
            update(json!({"type": "toolcall_delta", "contentIndex": 1, "delta": "\"a.txt\"}"})),
            update(json!({"type": "toolcall_end", "contentIndex": 1, "toolCall": call})),
            end(&asked),
            json!({"type": "tool_execution_start", "toolCallId": "call_1", "toolName": "read", "args": {"path": "a.txt"}}),
            json!({"type": "tool_execution_end", "toolCallId": "call_1", "toolName": "read",
                "result": {"content": [text("42\n")], "details": {}}, "isError": false, "durationMs": "<time>"}),
            start(&result),
            end(&result),
            json!({"type": "turn_end", "message": asked, "toolResults": [result]}),
            json!({"type": "turn_start"}),
            start(&empty),
            update(json!({"type": "text_start", "contentIndex": 0})),
            delta(0, "It "),
            delta(0, "says "),
            delta(0, "42."),
            update(json!({"type": "text_end", "contentIndex": 0, "content": "It says 42."})),
            end(&done),
            json!({"type": "turn_end", "message": done, "toolResults": []}),
            json!({"type": "agent_end", "messages": [user, asked, result, done], "willRetry": false}),
            json!({"type": "agent_settled", "aborted": false}),
        ];
        let mut told: Vec<Value> = lines[1..]
            .iter()
            .map(|line| normal(line.clone(), &pi))
            .collect();
        // The text block may be told to be over before the call begins or at the end of the answer.
        let is_text_end = |event: &Value| {
            event["assistantMessageEvent"]["type"] == "text_end"
                && event["assistantMessageEvent"]["content"] == "Let me look."
        };
        let at = told.iter().position(is_text_end).unwrap();
        let text_end = told.remove(at);
        told.insert(9, text_end);
        for (told, expected) in told.iter().zip(&expected) {
            assert_eq!(told, expected);
        }
        assert_eq!(told.len(), expected.len());
    }
}

#[test]
fn lines_end_in_lf_alone_whatever_is_in_the_text() {
    let odd = "one\u{2028}two\u{2029}three\u{85}four\r\nfive";
    let pi = TestPi::new([Turn::text(odd)]);
    let ran = pi.run(&["--mode", "json", "--model", "oai/scripted", "hi"]);
    assert_eq!(ran.code, 0);
    let lines = ran.json_lines();
    assert!(!ran.stdout.contains('\r'), "{:?}", ran.stdout);
    let end = lines
        .iter()
        .rfind(|line| line["type"] == "message_end")
        .unwrap();
    assert_eq!(end["message"]["content"][0]["text"], odd);
}

#[test]
fn several_messages_are_one_stream() {
    let pi = TestPi::new([Turn::text("One."), Turn::text("Two.")]);
    let ran = pi.run(&[
        "--mode",
        "json",
        "--model",
        "oai/scripted",
        "first",
        "second",
    ]);
    let lines = ran.json_lines();
    let count = |kind: &str| lines.iter().filter(|line| line["type"] == kind).count();
    assert_eq!(
        (
            count("session"),
            count("agent_start"),
            count("agent_settled")
        ),
        (1, 2, 2)
    );
    assert_eq!(ran.code, 0);
}

#[test]
fn a_failed_answer_is_part_of_the_stream() {
    let pi = TestPi::new([Turn::status(503, "busy")]);
    let ran = pi.run(&["--mode", "json", "--model", "oai/scripted", "hi"]);
    assert_eq!((ran.stderr.as_str(), ran.code), ("", 0));
    let lines = ran.json_lines();
    let end = lines
        .iter()
        .rfind(|line| line["type"] == "message_end")
        .unwrap();
    assert_eq!(end["message"]["stopReason"], "error");
    assert_eq!(lines.last().unwrap()["type"], "agent_settled");
}

#[test]
fn notices_are_in_the_stream_too() {
    let look = || Turn::tool("bash", json!({"command": "date +%N"}));
    let pi = TestPi::new([look(), look()]);
    let ran = pi.run(&[
        "--mode",
        "json",
        "--model",
        "oai/scripted",
        "--max-turns",
        "1",
        "go",
    ]);
    let lines = ran.json_lines();
    let notice = lines.iter().find(|line| line["type"] == "notice").unwrap();
    assert_eq!(notice["level"], "warning");
    assert_eq!((ran.stderr.as_str(), ran.code), ("", 0));
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let gate = Hold::new();
    let pi = TestPi::new([Turn::text("one two three").hold_at(0, &gate)]);
    let mut command = pi.command(&["--mode", "json", "--model", "oai/scripted", "hi"]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut first = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut first).unwrap();
    gate.wait_until_reached();
    drop(stdout);
    gate.open();
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();
    assert_eq!(
        (stderr.as_str(), child.wait().unwrap().code()),
        ("", Some(0))
    );
    // What was said is on disk, and can be gone on with.
    assert_eq!(pi.messages()[0]["role"], "user");
    pi.server.push(Turn::text("again"));
    let ran = pi.run(&["-p", "-c", "again"]);
    assert_eq!(
        (ran.stdout.as_str(), ran.code),
        ("again\n", 0),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_reader_that_stalls_holds_the_run_and_loses_nothing() {
    let words: Vec<String> = (0..20_000).map(|n| format!("word{n} ")).collect();
    let pi = TestPi::new([
        Turn::new().say(&words.concat()).call(
            "c",
            "bash",
            json!({"command": "echo ran >> ran.txt"}),
        ),
        Turn::text("Done."),
    ]);
    let mut command = pi.command(&["--mode", "json", "--model", "oai/scripted", "hi"]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut lines = Vec::new();
    let mut line = String::new();
    // A reader that takes a line now and then: the pipe and pi's queue fill behind it.
    for _ in 0..100 {
        stdout.read_line(&mut line).unwrap();
        lines.push(std::mem::take(&mut line));
    }
    pi.server.wait_for_requests(1);
    assert!(!pi.project().join("ran.txt").exists());
    while stdout.read_line(&mut line).unwrap() > 0 {
        lines.push(std::mem::take(&mut line));
    }
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let text: String = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|event| event["assistantMessageEvent"]["type"] == "text_delta")
        .map(|event| {
            event["assistantMessageEvent"]["delta"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(text, format!("{}Done.", words.concat()));
    assert!(pi.project().join("ran.txt").exists());
}

#[test]
fn a_stalled_reader_does_not_keep_a_signal_from_ending_it() {
    let words = "word ".repeat(20_000);
    let pi = TestPi::new([Turn::text(&words)]);
    let mut command = pi.command(&["--mode", "json", "--model", "oai/scripted", "hi"]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    pi.server.wait_for_requests(1);
    // SAFETY: a plain system call on a child that has not been waited for.
    assert_eq!(unsafe { libc::kill(child.id() as i32, libc::SIGTERM) }, 0);
    assert_eq!(child.wait().unwrap().code(), Some(143));
}

#[test]
fn warnings_stay_out_of_the_stream() {
    let pi = TestPi::new([Turn::text("ok")]);
    pi.write_agent("settings.json", "{ not json");
    let mut running =
        Running::start(&mut pi.command(&["--mode", "json", "--model", "oai/scripted"]));
    running.say("hi");
    let ran = running.finish();
    assert!(ran.stderr.starts_with("warning: "), "{}", ran.stderr);
    assert_eq!(ran.json_lines()[0]["type"], "session");
    assert_eq!(ran.code, 0);
}
