//! Sessions of the first and second version become sessions of the third; the original stays.

use std::fs;

use pi::ai::Message;
use pi::store::{Access, Store};

use super::{clock, open, shown};

const V1: &str = concat!(
    r#"{"type":"session","id":"one","timestamp":"2025-01-01T00:00:00.000Z","cwd":"/w","provider":"anthropic","modelId":"claude","thinkingLevel":"off"}"#,
    "\n",
    r#"{"type":"message","timestamp":"2025-01-01T00:00:01.000Z","message":{"role":"user","content":"a","timestamp":1},"extra":true}"#,
    "\n",
    "not json at all\n",
    r#"{"type":"message","timestamp":"2025-01-01T00:00:02.000Z","message":{"role":"assistant","content":[{"type":"text","text":"b"}],"api":"x","provider":"p","model":"m","usage":{"input":1,"output":1,"cacheRead":0,"cacheWrite":0,"cost":{"input":0,"output":0,"cacheRead":0,"cacheWrite":0,"total":0}},"stopReason":"stop","timestamp":2}}"#,
    "\n",
    r#"{"type":"message","timestamp":"2025-01-01T00:00:03.000Z","message":{"role":"hookMessage","customType":"h","content":"c","display":true,"timestamp":3}}"#,
    "\n",
    r#"{"type":"compaction","timestamp":"2025-01-01T00:00:04.000Z","summary":"sum","firstKeptEntryIndex":2,"tokensBefore":10}"#,
    "\n",
    r#"{"type":"message","timestamp":"2025-01-01T00:00:05.000Z","message":{"role":"user","content":"d","timestamp":5}}"#,
    "\n",
);

const V2: &str = concat!(
    r#"{"type":"session","version":2,"id":"two","timestamp":"2025-01-01T00:00:00.000Z","cwd":"/w"}"#,
    "\n",
    r#"{"type":"message","id":"0000000a","parentId":null,"timestamp":"2025-01-01T00:00:01.000Z","message":{"role":"user","content":"a","timestamp":1}}"#,
    "\n",
    r#"{"type":"message","id":"0000000b","parentId":"0000000a","timestamp":"2025-01-01T00:00:02.000Z","message":{"role":"hookMessage","customType":"h","content":"b","display":true,"timestamp":3}}"#,
    "\n",
);

#[test]
fn a_list_of_the_first_version_becomes_a_branch() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.jsonl");
    fs::write(&path, V1).unwrap();
    let mut opened = open(&path);
    assert_eq!(shown(&opened.store), ["sum", "b", "c", "d"]);
    let lines: Vec<usize> = opened.damage.iter().map(|damage| damage.line).collect();
    assert_eq!(
        lines,
        [3],
        "what was not readable is carried over and reported"
    );
    let original = opened.original.clone().unwrap();
    assert_eq!(original, dir.path().join("s.jsonl.v1"));
    assert_eq!(fs::read_to_string(&original).unwrap(), V1);
    let first = opened.store.tree().id(0);
    assert_eq!(opened.store.entry(first.as_str()).unwrap()["extra"], true);
    assert_eq!(opened.store.header().version, 3);
    opened.store.append_message(&Message::user("e", 6)).unwrap();
    drop(opened);
    let opened = open(&path);
    assert_eq!(opened.original, None);
    assert_eq!(shown(&opened.store), ["sum", "b", "c", "d", "e"]);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn hook_messages_of_the_second_version_become_custom_and_other_lines_keep_their_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.jsonl");
    fs::write(&path, V2).unwrap();
    let opened = open(&path);
    assert_eq!(opened.original, Some(dir.path().join("s.jsonl.v2")));
    assert_eq!(shown(&opened.store), ["a", "b"]);
    assert_eq!(opened.store.branch().message(1).unwrap().role(), "custom");
    let after = fs::read_to_string(&path).unwrap();
    assert_eq!(after.lines().nth(1), V2.lines().nth(1));
}

#[test]
fn reading_an_old_session_changes_nothing_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.jsonl");
    fs::write(&path, V1).unwrap();
    let mut opened = Store::open(&path, Access::Read, clock()).unwrap();
    assert_eq!(shown(&opened.store), ["sum", "b", "c", "d"]);
    opened
        .store
        .append_message(&Message::user("no", 1))
        .unwrap_err();
    assert_eq!(fs::read_to_string(&path).unwrap(), V1);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn migrating_twice_keeps_both_originals() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.jsonl");
    fs::write(&path, V1).unwrap();
    drop(open(&path));
    fs::write(&path, V1.replace("\"sum\"", "\"other\"")).unwrap();
    let opened = open(&path);
    assert_eq!(opened.original, Some(dir.path().join("s.jsonl.v1.2")));
    assert_eq!(shown(&opened.store)[0], "other");
    assert_eq!(
        fs::read_to_string(dir.path().join("s.jsonl.v1")).unwrap(),
        V1
    );
}
