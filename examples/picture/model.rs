//! A model that says what was written for it: an OpenAI-compatible server on this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};

/// The end of what it says.
pub const LAST: &str = "the build is green again.";

/// Serves until the process ends; returns the port.
pub fn serve() -> std::io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for peer in listener.incoming().flatten() {
            std::thread::spawn(move || answer(peer));
        }
    });
    Ok(port)
}

/// The `models.json` that leads there.
pub fn config(port: u16) -> String {
    let model = json!({
        "id": "claude-opus-4-5", "reasoning": true, "contextWindow": 200_000, "maxTokens": 32_000,
        "cost": { "input": 5, "output": 25, "cacheRead": 0.5, "cacheWrite": 6.25 },
    });
    let provider = json!({
        "baseUrl": format!("http://127.0.0.1:{port}/v1"), "api": "openai-completions", "apiKey": "none",
        "models": [model],
    });
    json!({ "providers": { "example": provider } }).to_string()
}

fn answer(peer: TcpStream) -> Option<()> {
    let mut lines = BufReader::new(peer.try_clone().ok()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).ok()?;
        let line = line.trim().to_ascii_lowercase();
        if let Some(count) = line.strip_prefix("content-length:") {
            length = count.trim().parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    lines.read_exact(&mut body).ok()?;
    let request: Value = serde_json::from_slice(&body).ok()?;
    let results = request["messages"].as_array()?;
    let results = results.iter().filter(|message| message["role"] == "tool");
    let events: String = turn(results.count())
        .into_iter()
        .map(|event| format!("data: {event}\n\n"))
        .collect();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let mut peer = peer;
    write!(peer, "{head}{events}data: [DONE]\n\n").ok()
}

/// What it says after so many results.
fn turn(results: usize) -> Vec<Value> {
    match results {
        0 => calls(
            "I look at the file that does not compile.",
            "read",
            json!({ "path": "src/lib.rs" }),
        ),
        1 => calls(
            "`to_strin` is a typing error for `to_string`.",
            "edit",
            json!({ "path": "src/lib.rs", "edits": [{ "oldText": "name.to_strin()", "newText": "name.to_string()" }] }),
        ),
        2 => calls("", "bash", json!({ "command": "sh check.sh" })),
        _ => vec![
            delta(
                json!({ "content": format!("**Mended.** The build failed because of one letter:\n\n1. `name.to_strin()` is now `name.to_string()`\n2. `check.sh` passes: {LAST}") }),
            ),
            end("stop"),
        ],
    }
}

fn calls(words: &str, tool: &str, arguments: Value) -> Vec<Value> {
    let call = json!({
        "index": 0, "id": format!("call_{tool}"), "type": "function",
        "function": { "name": tool, "arguments": arguments.to_string() },
    });
    vec![
        delta(json!({ "content": words })),
        delta(json!({ "tool_calls": [call] })),
        end("tool_calls"),
    ]
}

fn delta(delta: Value) -> Value {
    json!({ "choices": [{ "index": 0, "delta": delta }] })
}

fn end(reason: &str) -> Value {
    json!({
        "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }],
        "usage": { "prompt_tokens": 2100, "completion_tokens": 80, "total_tokens": 2180 },
    })
}
