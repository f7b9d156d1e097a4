//! A session file of any size: questions, answers with tool calls and usage, results full of escapes.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Writes `session.jsonl` into `dir`: so many entries, about so many bytes.
pub fn session(dir: &Path, entries: usize, bytes: usize) -> PathBuf {
    let path = dir.join("session.jsonl");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    let header = r#"{"type":"session","version":3,"id":"bench","timestamp":"2026-01-01T00:00:00.000Z","cwd":"/tmp"}"#;
    writeln!(file, "{header}").unwrap();
    let code = "    let value = \\\"text\\\";\\n\\tif value.is_empty() { return; }\\n";
    let text = code.repeat((bytes / entries / code.len()).saturating_sub(3).max(1));
    let mut line = String::new();
    for index in 0..entries {
        entry(&mut line, index, &text);
        file.write_all(line.as_bytes()).unwrap();
    }
    file.flush().unwrap();
    path
}

fn entry(line: &mut String, index: usize, text: &str) {
    line.clear();
    let parent = match index {
        0 => "null".to_string(),
        _ => format!("\"{:08x}\"", index - 1),
    };
    write!(line, r#"{{"type":"message","id":"{index:08x}","parentId":{parent},"timestamp":"2026-01-01T00:00:00.000Z","message":"#).unwrap();
    match index % 3 {
        0 => write!(line, r#"{{"role":"user","content":[{{"type":"text","text":"{text}"}}],"timestamp":1}}"#),
        1 => write!(line, r#"{{"role":"assistant","content":[{{"type":"text","text":"{text}"}},{{"type":"toolCall","id":"c","name":"read","arguments":{{"path":"a"}}}}],"api":"a","provider":"p","model":"m","usage":{{"input":1,"output":2,"cacheRead":3,"cacheWrite":4,"totalTokens":10,"cost":{{"input":0.1,"output":0.2,"cacheRead":0,"cacheWrite":0,"total":0.3}}}},"stopReason":"toolUse","timestamp":1}}"#),
        _ => write!(line, r#"{{"role":"toolResult","toolCallId":"c","toolName":"read","content":[{{"type":"text","text":"{text}"}}],"isError":false,"timestamp":1}}"#),
    }
    .unwrap();
    line.push_str("}\n");
}

/// `VmRSS` of this process.
pub fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or("unknown".into(), |line| line.trim().to_string())
}
