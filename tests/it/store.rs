//! Session files: format, damage, migration.

mod damage;
mod exchange;
mod finding;
mod forking;
mod growth;
mod interrupted;
mod migration;
mod outline;
mod strangers;

use std::path::{Path, PathBuf};

use pi::ai::message::CustomMessage;
use pi::ai::{Body, Clock, Message};
use pi::store::{Access, Opened, Store, Summary};
use serde_json::{Value, json};

const NOON: i64 = 1_733_234_400_000;

fn clock() -> Clock {
    Clock::fixed(NOON)
}

fn open(path: &Path) -> Opened {
    Store::open(path, Access::Write, clock()).unwrap()
}

fn message(json: Value) -> Message {
    serde_json::from_value(json).unwrap()
}

fn answer(text: &str) -> Message {
    message(json!({
        "role": "assistant",
        "content": [
            {"type": "text", "text": text},
            {"type": "toolCall", "id": "c1", "name": "ls", "arguments": {"path": "."}},
        ],
        "api": "anthropic-messages", "provider": "anthropic", "model": "claude",
        "usage": {
            "input": 1, "output": 2, "cacheRead": 3, "cacheWrite": 4, "totalTokens": 10,
            "cost": {"input": 0.25, "output": 0.25, "cacheRead": 0.0, "cacheWrite": 0.0, "total": 0.5},
        },
        "stopReason": "toolUse", "timestamp": 2,
    }))
}

fn result(text: &str) -> Message {
    message(json!({
        "role": "toolResult", "toolCallId": "c1", "toolName": "ls",
        "content": [{"type": "text", "text": text}], "isError": false, "timestamp": 3,
    }))
}

fn note(text: &str) -> CustomMessage {
    CustomMessage {
        custom_type: "ext".into(),
        content: Body::Text(text.into()),
        display: true,
        details: None,
        timestamp: NOON,
    }
}

/// A session with every kind of entry and two branches.
fn rich_session(dir: &Path) -> PathBuf {
    let mut store = Store::create(dir, Path::new("/work"), Some("rich".into()), None, clock());
    store.append_model_change("anthropic", "claude").unwrap();
    store
        .append_thinking_change(pi::ai::ThinkingLevel::High)
        .unwrap();
    let first = store
        .append_message(&Message::user("first \"quoted\" \u{1F600}", 1))
        .unwrap();
    let kept = store.append_message(&answer("one")).unwrap();
    store
        .append_message(&result("{\"type\":\"message\"}\n"))
        .unwrap();
    store
        .append_custom("ext", Some(&json!({"parentId": "x", "n": 1})))
        .unwrap();
    store.append_custom_message(&note("psst")).unwrap();
    let summary = Summary {
        text: "what was".into(),
        ..Summary::default()
    };
    store
        .append_compaction(&summary, kept.as_str(), 99)
        .unwrap();
    store.append_label(first.as_str(), Some("start")).unwrap();
    store.append_session_info("A name").unwrap();
    store.append_message(&Message::user("second", 4)).unwrap();
    store
        .append_branch_summary(Some(kept.as_str()), &summary)
        .unwrap();
    store.append_message(&Message::user("third", 5)).unwrap();
    store.path().unwrap()
}

/// The texts of what is shown, read from disk; `?` for what cannot be read.
fn shown(store: &Store) -> Vec<String> {
    let branch = store.branch();
    let texts =
        (0..branch.len()).map(|index| branch.message(index).map_or("?".into(), |m| text(&m)));
    texts.collect()
}

fn text(message: &Message) -> String {
    match message {
        Message::User(user) => user.content.to_text(),
        Message::Assistant(answer) => answer.to_text(),
        Message::ToolResult(result) => pi::ai::message::joined_text(&result.content),
        Message::BashExecution(run) => run.command.clone(),
        Message::Custom(custom) => custom.content.to_text(),
        Message::BranchSummary(left) => left.summary.clone(),
        Message::CompactionSummary(cut) => cut.summary.clone(),
    }
}

/// Whether this process runs one test only, as it must where limits of a process are changed. Else that
/// test has been run in a process of its own, and has passed.
fn is_alone(test: &str) -> bool {
    const CHILD: &str = "PI_TEST_ALONE";
    if std::env::var_os(CHILD).is_some() {
        return true;
    }
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let output = child
        .args(["--exact", test])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
    false
}

/// No file of this process may grow beyond so many bytes: writing further fails, as on a full disk.
fn limit_files(bytes: libc::rlim_t) {
    let limits = libc::rlimit {
        rlim_cur: bytes,
        rlim_max: libc::RLIM_INFINITY,
    };
    // SAFETY: plain system calls with a valid pointer; the process runs one test alone.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        assert_eq!(libc::setrlimit(libc::RLIMIT_FSIZE, &limits), 0);
    }
}
