//! Calls that a killed pi left without results.

use std::path::Path;

use pi::ai::Message;
use pi::store::{Access, Error, Store};
use serde_json::{Value, json};

use super::{clock, message, open, result, shown};

fn calls(ids: &[&str], stop: &str) -> Message {
    let call = |id: &&str| json!({"type": "toolCall", "id": id, "name": "ls", "arguments": {}});
    let content: Vec<Value> = ids.iter().map(call).collect();
    message(json!({
        "role": "assistant", "content": content, "api": "a", "provider": "p", "model": "m",
        "usage": {}, "stopReason": stop, "timestamp": 2,
    }))
}

fn store(dir: &Path) -> Store {
    let mut store = Store::create(dir, Path::new("/work"), None, None, clock());
    store.append_message(&Message::user("q", 1)).unwrap();
    store
}

#[test]
fn calls_without_results_get_results_that_say_so_and_only_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut one = store(dir.path());
    one.append_message(&calls(&["c1", "c2", "c3"], "toolUse"))
        .unwrap();
    one.append_message(&result("done")).unwrap();
    one.append_label(one.leaf().unwrap().as_str(), Some("x"))
        .unwrap();
    let path = one.path().unwrap();
    drop(one);

    let mut again = open(&path).store;
    assert_eq!(again.close_interrupted_calls().unwrap(), 2);
    assert_eq!(again.close_interrupted_calls().unwrap(), 0);
    again.append_message(&Message::user("go on", 1)).unwrap();
    let entries: Vec<Value> = (4..6).map(|at| again.entry_at(at).unwrap()).collect();
    for (entry, id) in entries.iter().zip(["c2", "c3"]) {
        let said = &entry["message"];
        assert_eq!(
            (&said["toolCallId"], &said["toolName"]),
            (&json!(id), &json!("ls"))
        );
        assert_eq!(said["isError"], true);
        let text = said["content"][0]["text"].as_str().unwrap();
        assert!(text.contains("interrupted"), "{text}");
    }
    assert_eq!(shown(&again).last().map(String::as_str), Some("go on"));
}

#[test]
fn an_answer_that_failed_and_a_round_that_is_history_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let mut aborted = store(dir.path());
    aborted.append_message(&calls(&["c1"], "aborted")).unwrap();
    assert_eq!(aborted.close_interrupted_calls().unwrap(), 0);
    let mut past = store(dir.path());
    past.append_message(&calls(&["c1"], "toolUse")).unwrap();
    past.append_message(&Message::user("never mind", 1))
        .unwrap();
    assert_eq!(past.close_interrupted_calls().unwrap(), 0);
    let mut fresh = Store::in_memory(Path::new("/work"), None, clock());
    assert_eq!(fresh.close_interrupted_calls().unwrap(), 0);

    let path = past.path().unwrap();
    drop(past);
    let mut reader = Store::open(&path, Access::Read, clock()).unwrap().store;
    let refused = reader.close_interrupted_calls();
    assert!(matches!(refused, Err(Error::ReadOnly { .. })));
}
