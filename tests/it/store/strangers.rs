//! Another program writes to a session that is open here, without knowing of the lease.

use std::fs;
use std::io::Write;
use std::path::Path;

use pi::ai::Message;
use pi::store::{Error, Filter, Store};

use super::{answer, clock, is_alone, limit_files, open, rich_session, shown};

fn theirs(id: &str, parent: &str, text: &str) -> String {
    format!(
        r#"{{"type":"message","id":"{id}","parentId":"{parent}","timestamp":"2026-01-01T00:00:00.000Z","message":{{"role":"user","content":"{text}","timestamp":1}}}}"#
    )
}

fn append(path: &Path, text: &str) {
    let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn said(store: &Store, id: &str) -> String {
    let entry = store.entry(id).unwrap();
    entry["message"]["content"].as_str().unwrap().to_string()
}

#[test]
fn what_another_program_appended_is_a_branch_and_ours_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let mut store = open(&path).store;
    let ours = store.append_message(&Message::user("ours", 1)).unwrap();
    let first = theirs("0badf00d", ours.as_str(), "one of theirs");
    let second = theirs("0badf00e", "0badf00d", "another");
    // Their last line has no end.
    append(&path, &format!("{first}\n{second}"));
    let before = store.tree().len();
    store.append_message(&answer("ours again")).unwrap();
    assert_eq!(store.take_strangers(), 2);
    assert_eq!(store.tree().len(), before + 3);
    assert_eq!(shown(&store)[4..], ["ours", "ours again"]);
    assert_eq!(said(&store, "0badf00e"), "another");
    assert_eq!(store.outline(Filter::UserOnly).rows().len(), 6);
    store.set_leaf(Some("0badf00e")).unwrap();
    assert_eq!(shown(&store)[4..], ["ours", "one of theirs", "another"]);
    drop(store);
    let opened = open(&path);
    assert_eq!(opened.damage, []);
    assert_eq!(shown(&opened.store)[4..], ["ours", "ours again"]);
    assert_eq!(said(&opened.store, "0badf00d"), "one of theirs");
}

#[test]
fn entries_that_waited_for_room_go_behind_what_another_program_wrote_meanwhile() {
    if !is_alone(
        "store::strangers::entries_that_waited_for_room_go_behind_what_another_program_wrote_meanwhile",
    ) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let whole = fs::metadata(&path).unwrap().len();
    let mut store = open(&path).store;
    let branch = store.branch();
    for room in [0, 50] {
        let len = fs::metadata(&path).unwrap().len();
        limit_files(len + room);
        let ours = store.append_message(&Message::user("ours", 1)).unwrap_err();
        assert!(matches!(ours, Error::Write { .. }), "{ours}");
        store.append_message(&answer("ours too")).unwrap_err();
        let held = store.branch();
        limit_files(libc::RLIM_INFINITY);
        let leaf = open_leaf(&path);
        let id = format!("0badf0{room:02}");
        append(&path, &format!("{}\n", theirs(&id, &leaf, "theirs")));
        store.append_message(&answer("there is room")).unwrap();
        assert_eq!((store.unsaved(), store.take_strangers()), (0, 1));
        // Those who hold the branch from before read the same as ever.
        let last = held.message(held.len() - 1).unwrap();
        assert_eq!(super::text(&last), "ours too");
        assert_eq!(said(&store, &id), "theirs");
    }
    let ours = ["ours", "ours too", "there is room"];
    assert_eq!(shown(&store)[4..], [ours, ours].concat());
    assert_eq!(super::text(&branch.message(0).unwrap()), shown(&store)[0]);
    drop(store);
    let opened = open(&path);
    assert_eq!(shown(&opened.store)[4..], [ours, ours].concat());
    for id in ["0badf000", "0badf050"] {
        assert_eq!(said(&opened.store, id), "theirs");
    }
    assert!(fs::metadata(&path).unwrap().len() > whole);
}

/// The id of the last entry of the file that can be read.
fn open_leaf(path: &Path) -> String {
    let opened = Store::open(path, pi::store::Access::Read, clock()).unwrap();
    opened.store.leaf().unwrap().to_string()
}

#[test]
fn a_file_that_was_cut_or_removed_is_not_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let mut store = open(&path).store;
    store.append_message(&Message::user("ours", 1)).unwrap();
    fs::remove_file(&path).unwrap();
    let refused = store.append_message(&answer("more"));
    assert!(matches!(refused, Err(Error::Changed { .. })));
    assert_eq!(shown(&store)[4..], ["ours", "more"]);
    assert!(!path.exists());
}

#[test]
fn what_is_said_after_another_program_emptied_the_file_waits_and_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let mut store = open(&path).store;
    store.append_message(&Message::user("ours", 1)).unwrap();
    for content in ["", "{\"type\":\"session\"}\n"] {
        fs::write(&path, content).unwrap();
        let refused = store.append_message(&answer("more"));
        assert!(matches!(refused, Err(Error::Changed { .. })), "{refused:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
    assert_eq!(store.unsaved(), 2);
    assert_eq!(shown(&store).last().unwrap(), "more");
}

#[test]
fn what_is_said_to_a_file_that_was_cut_before_the_first_word_waits_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let mut store = open(&path).store;
    fs::write(&path, "").unwrap();
    let refused = store.append_message(&answer("more"));
    assert!(matches!(refused, Err(Error::Changed { .. })), "{refused:?}");
    assert_eq!(fs::read(&path).unwrap(), b"");
}
