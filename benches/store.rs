//! Opening and growing a session of 50,000 entries and 100 MB.
//!
//! `cargo bench --bench store`. The file is made once per run, in a temporary folder.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on should stop loudly"
)]
#![expect(clippy::print_stdout, reason = "memory is reported beside the times")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::OnceLock;

use divan::Bencher;
use pi::ai::{Clock, Message};
use pi::store::{Access, Store};

const ENTRIES: usize = 50_000;
const BYTES: usize = 100 * 1024 * 1024;

fn main() {
    let before = resident();
    let opened = Store::open(session(), Access::Read, Clock::fixed(0)).unwrap();
    let entries = opened.store.tree().len();
    println!(
        "resident: {before} before, {} with {entries} entries open",
        resident()
    );
    drop(opened);
    divan::main();
    std::fs::remove_dir_all(session().parent().unwrap()).unwrap();
}

#[divan::bench(sample_count = 20)]
fn open(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| Store::open(session(), Access::Read, Clock::fixed(0)).unwrap());
}

#[divan::bench]
fn read_the_last_fifty_messages(bencher: Bencher<'_, '_>) {
    let store = Store::open(session(), Access::Read, Clock::fixed(0))
        .unwrap()
        .store;
    bencher.bench_local(|| {
        let branch = store.branch();
        let last = branch.len() - 50..branch.len();
        last.filter_map(|index| branch.message(index)).count()
    });
}

#[divan::bench]
fn append(bencher: Bencher<'_, '_>) {
    let copy = session().with_file_name("append.jsonl");
    std::fs::copy(session(), &copy).unwrap();
    let mut store = Store::open(&copy, Access::Write, Clock::fixed(0))
        .unwrap()
        .store;
    let message = Message::user("a question of the usual length, say", 0);
    bencher.bench_local(|| store.append_message(&message).unwrap());
}

/// A generated session: questions, answers with tool calls and usage, results full of escapes.
fn session() -> &'static PathBuf {
    static SESSION: OnceLock<PathBuf> = OnceLock::new();
    SESSION.get_or_init(|| {
        let dir = std::env::temp_dir().join(format!("pi-bench-store-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.join("session.jsonl");
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
        let header = r#"{"type":"session","version":3,"id":"bench","timestamp":"2026-01-01T00:00:00.000Z","cwd":"/tmp"}"#;
        writeln!(file, "{header}").unwrap();
        let mut line = String::new();
        for index in 0..ENTRIES {
            entry(&mut line, index);
            file.write_all(line.as_bytes()).unwrap();
        }
        path
    })
}

fn entry(line: &mut String, index: usize) {
    line.clear();
    let parent = match index {
        0 => "null".to_string(),
        _ => format!("\"{:08x}\"", index - 1),
    };
    let code = "    let value = \\\"text\\\";\\n\\tif value.is_empty() { return; }\\n";
    let text = code.repeat(BYTES / ENTRIES / code.len() - 3);
    write!(line, r#"{{"type":"message","id":"{index:08x}","parentId":{parent},"timestamp":"2026-01-01T00:00:00.000Z","message":"#).unwrap();
    match index % 3 {
        0 => write!(line, r#"{{"role":"user","content":[{{"type":"text","text":"{text}"}}],"timestamp":1}}"#),
        1 => write!(line, r#"{{"role":"assistant","content":[{{"type":"text","text":"{text}"}},{{"type":"toolCall","id":"c","name":"read","arguments":{{"path":"a"}}}}],"api":"a","provider":"p","model":"m","usage":{{"input":1,"output":2,"cacheRead":3,"cacheWrite":4,"totalTokens":10,"cost":{{"input":0.1,"output":0.2,"cacheRead":0,"cacheWrite":0,"total":0.3}}}},"stopReason":"toolUse","timestamp":1}}"#),
        _ => write!(line, r#"{{"role":"toolResult","toolCallId":"c","toolName":"read","content":[{{"type":"text","text":"{text}"}}],"isError":false,"timestamp":1}}"#),
    }
    .unwrap();
    line.push_str("}\n");
}

fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or("unknown".into(), |line| line.trim().to_string())
}
