//! Files that the reference (0.73.1) wrote, opened; the order of fields that it is used to, written.

use std::fs;
use std::path::Path;

use pi::store::{Kind, Store};

use super::{clock, open, rich_session, shown};

/// Written by the reference through its own session manager, half a surrogate pair included.
const REFERENCE: &str = concat!(
    r#"{"type":"session","version":3,"id":"01a1fc7b-289f-7199-98e8-dd3a953762e9","timestamp":"2026-11-21T05:01:32.192Z","cwd":"/srv/proj"}"#,
    "\n",
    r#"{"type":"model_change","id":"53b041fc","parentId":null,"timestamp":"2026-11-21T05:01:32.193Z","provider":"anthropic","modelId":"claude"}"#,
    "\n",
    r#"{"type":"thinking_level_change","id":"6219afe4","parentId":"53b041fc","timestamp":"2026-11-21T05:01:32.193Z","thinkingLevel":"low"}"#,
    "\n",
    r#"{"type":"message","id":"cff784cc","parentId":"6219afe4","timestamp":"2026-11-21T05:01:32.193Z","message":{"role":"user","content":[{"type":"text","text":"hi \ud83d lone"}],"timestamp":1}}"#,
    "\n",
    r#"{"type":"message","id":"a4bccdd4","parentId":"cff784cc","timestamp":"2026-11-21T05:01:32.193Z","message":{"role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"yo"},{"type":"toolCall","id":"c1","name":"ls","arguments":{"usage":{"input":777}}}],"api":"anthropic-messages","provider":"anthropic","model":"claude","usage":{"input":1,"output":2,"cacheRead":3,"cacheWrite":4,"totalTokens":10,"cost":{"input":0.1,"output":0.2,"cacheRead":0,"cacheWrite":0,"total":0.3}},"stopReason":"toolUse","timestamp":2}}"#,
    "\n",
    r#"{"type":"message","id":"f70176ac","parentId":"a4bccdd4","timestamp":"2026-11-21T05:01:32.193Z","message":{"role":"toolResult","toolCallId":"c1","toolName":"ls","content":[{"type":"text","text":"x"}],"details":{},"isError":false,"timestamp":3}}"#,
    "\n",
    r#"{"type":"message","id":"6fc8bdcd","parentId":"f70176ac","timestamp":"2026-11-21T05:01:32.193Z","message":{"role":"bashExecution","command":"ls","output":"a","exitCode":0,"cancelled":false,"truncated":false,"timestamp":4}}"#,
    "\n",
    r#"{"type":"custom","customType":"ext","data":{"a":[1,2]},"id":"baef11fa","parentId":"6fc8bdcd","timestamp":"2026-11-21T05:01:32.193Z"}"#,
    "\n",
    r#"{"type":"custom_message","customType":"ext","content":"note","display":true,"details":{"d":1},"id":"d3da1bcb","parentId":"baef11fa","timestamp":"2026-11-21T05:01:32.193Z"}"#,
    "\n",
    r#"{"type":"label","id":"c8648a48","parentId":"d3da1bcb","timestamp":"2026-11-21T05:01:32.193Z","targetId":"cff784cc","label":"mark"}"#,
    "\n",
    r#"{"type":"session_info","id":"5395a3a6","parentId":"c8648a48","timestamp":"2026-11-21T05:01:32.194Z","name":"Ref name"}"#,
    "\n",
    r#"{"type":"compaction","id":"473eaef7","parentId":"5395a3a6","timestamp":"2026-11-21T05:01:32.194Z","summary":"summed","firstKeptEntryId":"a4bccdd4","tokensBefore":1234,"details":{"readFiles":[],"modifiedFiles":[]},"fromHook":false}"#,
    "\n",
    r#"{"type":"message","id":"dbd22dcb","parentId":"473eaef7","timestamp":"2026-11-21T05:01:32.194Z","message":{"role":"user","content":"after","timestamp":5}}"#,
    "\n",
    r#"{"type":"branch_summary","id":"11c53a51","parentId":"a4bccdd4","timestamp":"2026-11-21T05:01:32.194Z","fromId":"a4bccdd4","summary":"left it","details":{"readFiles":["x"]}}"#,
    "\n",
    r#"{"type":"message","id":"174255c9","parentId":"11c53a51","timestamp":"2026-11-21T05:01:32.194Z","message":{"role":"user","content":"other","timestamp":6}}"#,
    "\n",
);

#[test]
fn a_session_that_the_reference_wrote_opens_with_every_message() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("reference.jsonl");
    fs::write(&path, REFERENCE).unwrap();
    let opened = open(&path);
    assert_eq!(opened.damage, []);
    let mut store = opened.store;
    assert_eq!(
        shown(&store),
        ["hi \u{FFFD} lone", "yo", "left it", "other"]
    );
    assert_eq!(
        (store.name(), store.cwd()),
        (Some("Ref name"), Path::new("/srv/proj"))
    );
    assert_eq!(store.label("cff784cc").unwrap().0, "mark");
    assert_eq!(store.totals().usage.total_tokens, 10);
    assert_eq!(store.totals().counts.tool_calls, 1);
    assert_eq!(store.thinking().as_deref(), Some("low"));
    // The branch that was left has the compaction: its summary, what it kept, what came after.
    store.set_leaf(Some("dbd22dcb")).unwrap();
    assert_eq!(shown(&store), ["summed", "yo", "x", "ls", "note", "after"]);
    drop(store);
    assert_eq!(fs::read_to_string(&path).unwrap(), REFERENCE);
}

#[test]
fn entries_have_their_fields_in_the_order_of_the_reference() {
    let dir = tempfile::tempdir().unwrap();
    let written = fs::read_to_string(rich_session(dir.path())).unwrap();
    let mended = REFERENCE.replace("\\ud83d", "");
    let order = |text: &str, kind: &str| -> Vec<String> {
        let entries = text.lines().map(|line| serde_json::from_str(line).unwrap());
        let mut entries = entries.filter(|entry: &serde_json::Value| entry["type"] == kind);
        let entry = entries.next().unwrap();
        // Facts that an entry may have or not.
        let optional = ["details", "fromHook"];
        let names = entry.as_object().unwrap().keys().cloned();
        names
            .filter(|name| !optional.contains(&name.as_str()))
            .collect()
    };
    for kind in [
        "session",
        "message",
        "model_change",
        "thinking_level_change",
        "compaction",
        "branch_summary",
        "custom",
        "custom_message",
        "label",
        "session_info",
    ] {
        assert_eq!(order(&written, kind), order(&mended, kind), "{kind}");
    }
}

#[test]
fn every_type_of_entry_is_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&rich_session(dir.path()), pi::store::Access::Read, clock())
        .unwrap()
        .store;
    let kinds: Vec<Kind> = store.tree().nodes().iter().map(|node| node.kind).collect();
    use Kind::*;
    assert_eq!(
        kinds,
        [
            ModelChange,
            ThinkingLevelChange,
            Message,
            Message,
            Message,
            Custom,
            CustomMessage,
            Compaction,
            Label,
            SessionInfo,
            Message,
            BranchSummary,
            Message,
        ]
    );
}
