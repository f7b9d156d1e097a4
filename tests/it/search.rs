//! Searching and listing all sessions: the real program over real session files.

mod asking;
mod keeping;
mod listing;
mod opening;

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Ran, TestPi};

/// Writes a session of the project `cwd` that began at this minute of 2026-11-20.
fn session(pi: &TestPi, cwd: &str, id: &str, minute: usize, entries: &[Value]) -> PathBuf {
    let folder = format!("--{}--", cwd.trim_start_matches('/').replace('/', "-"));
    let at = format!("2026-11-20T12-{minute:02}-00-000Z");
    let header = json!({"type": "session", "version": 3, "id": id, "timestamp": time(minute, 0), "cwd": cwd});
    let name = format!(".pi/agent/sessions/{folder}/{at}_{id}.jsonl");
    let path = pi.write(&name, format!("{header}\n"));
    for (at, entry) in entries.iter().enumerate() {
        append(&path, &stamped(entry, at, minute));
    }
    path
}

fn stamped(entry: &Value, at: usize, minute: usize) -> String {
    let parent = at.checked_sub(1).map(|parent| format!("{parent:08x}"));
    let mut line = json!({"type": "message", "id": format!("{at:08x}"), "parentId": parent, "timestamp": time(minute, at)});
    for (name, value) in entry.as_object().unwrap() {
        line[name] = value.clone();
    }
    line.to_string()
}

fn time(minute: usize, second: usize) -> String {
    format!("2026-11-20T12:{minute:02}:{second:02}.000Z")
}

fn append(path: &PathBuf, line: &str) {
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    writeln!(file, "{line}").unwrap();
}

fn user(text: &str) -> Value {
    json!({"message": {"role": "user", "content": [{"type": "text", "text": text}], "timestamp": 1}})
}

fn assistant(text: &str, arguments: Value) -> Value {
    json!({"message": {"role": "assistant", "content": [
        {"type": "thinking", "thinking": "pondering"},
        {"type": "text", "text": text},
        {"type": "toolCall", "id": "c", "name": "bash", "arguments": arguments},
    ], "api": "x", "provider": "x", "model": "x", "usage": {"input": 5, "output": 2, "totalTokens": 7, "cost": {"total": 0.5}},
    "stopReason": "toolUse", "timestamp": 1}})
}

fn tool(text: &str) -> Value {
    json!({"message": {"role": "toolResult", "toolCallId": "c", "toolName": "bash",
        "content": [{"type": "text", "text": text}], "isError": false, "timestamp": 1}})
}

fn name(name: &str) -> Value {
    json!({"type": "session_info", "name": name})
}

/// What was found: session and entry, in order.
#[track_caller]
fn found(pi: &TestPi, words: &[&str]) -> Vec<String> {
    let ran = search(pi, words);
    assert!(matches!(ran.code, 0 | 1), "{ran:?}");
    let hits = ran.json_lines();
    assert_eq!(ran.code, i32::from(hits.is_empty()), "{ran:?}");
    let place = |hit: &Value| {
        let entry = hit["entry"]
            .as_str()
            .unwrap_or("-")
            .trim_start_matches("0000000");
        format!("{}/{entry}", hit["session"].as_str().unwrap())
    };
    hits.iter().map(place).collect()
}

fn search(pi: &TestPi, words: &[&str]) -> Ran {
    pi.run(&[&["search", "--json"], words].concat())
}
