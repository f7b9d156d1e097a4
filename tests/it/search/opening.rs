//! Opening a session at an entry.

use std::path::Path;

use pi::ai::{Clock, Message};
use pi::store::{Access, EntryId, Store};

use super::{session, tool, user};
use crate::support::TestPi;
use crate::support::pty::Pty;

fn text(store: &Store, place: usize) -> String {
    match &*store.branch().message(place).unwrap() {
        Message::User(user) => user.content.to_text(),
        Message::Assistant(answer) => answer.to_text(),
        other => other.role().to_owned(),
    }
}

#[test]
fn an_entry_of_this_branch_is_gone_to_and_the_leaf_stays() {
    let pi = TestPi::unconfigured([]);
    let entries = [
        user("one"),
        super::assistant("two", serde_json::json!({})),
        tool("three"),
        super::name("four"),
        user("five"),
    ];
    let path = session(&pi, "/proj", "s", 0, &entries);
    let mut store = Store::open(&path, Access::Read, Clock::fixed(0))
        .unwrap()
        .store;
    let mut visit = |id: &str| {
        let place = store.visit(id).unwrap().unwrap();
        assert_eq!(store.leaf(), Some(EntryId::from("00000004")));
        text(&store, place)
    };
    assert_eq!(visit("00000000"), "one");
    // A result is shown with its call; a name was given after a message.
    assert_eq!(visit("00000002"), "two");
    assert_eq!(visit("00000003"), "two");
    assert_eq!(visit("00000004"), "five");
    assert!(store.visit("deadbeef").is_err());
}

#[test]
fn an_entry_of_another_branch_brings_its_newest_end() {
    let pi = TestPi::unconfigured([]);
    let branch = |text: &str, parent: &str| {
        let mut entry = user(text);
        entry["parentId"] = parent.into();
        entry
    };
    let entries = [
        user("root"),
        user("left"),
        branch("right", "00000000"),
        branch("left, older end", "00000001"),
        branch("left, newer end", "00000001"),
        branch("right, end", "00000002"),
    ];
    let path = session(&pi, "/proj", "s", 0, &entries);
    let mut store = Store::open(&path, Access::Read, Clock::fixed(0))
        .unwrap()
        .store;
    assert_eq!(store.leaf(), Some(EntryId::from("00000005")));
    let place = store.visit("00000001").unwrap().unwrap();
    assert_eq!(store.leaf(), Some(EntryId::from("00000004")));
    assert_eq!(text(&store, place), "left");
    assert_eq!(text(&store, 2), "left, newer end");
}

#[test]
fn what_compaction_put_out_of_sight_is_not_shown() {
    let pi = TestPi::unconfigured([]);
    let compaction = serde_json::json!({"type": "compaction", "summary": "so far", "firstKeptEntryId": "00000001", "tokensBefore": 5});
    let path = session(
        &pi,
        "/proj",
        "s",
        0,
        &[user("gone"), user("kept"), compaction],
    );
    let mut store = Store::open(&path, Access::Read, Clock::fixed(0))
        .unwrap()
        .store;
    assert_eq!(store.visit("00000000").unwrap(), None);
    assert_eq!(store.visit("00000001").unwrap(), Some(1));
    assert_eq!(store.visit("00000002").unwrap(), Some(0));
}

#[test]
fn the_flag_goes_on_from_the_branch_of_the_entry() {
    let pi = TestPi::new([crate::support::model_server::Turn::text("the answer")]);
    let here = pi.project().display().to_string();
    let mut other = user("right");
    other["parentId"] = "00000000".into();
    let path = session(&pi, &here, "s", 0, &[user("root"), user("left"), other]);
    let args = [
        "-p",
        "--model",
        "oai/scripted",
        "--session",
        "s",
        "--at",
        "00000001",
        "go on",
    ];
    let ran = pi.run(&args);
    assert_eq!(
        (ran.stdout.as_str(), ran.code),
        ("the answer\n", 0),
        "{ran:?}"
    );
    let lines = crate::support::read_session(&path);
    let said = lines
        .iter()
        .find(|line| line["message"]["content"][0]["text"] == "go on")
        .unwrap();
    let mut parent = said["parentId"].as_str().unwrap().to_owned();
    // A change of model may stand between.
    while let Some(line) = lines
        .iter()
        .find(|line| line["id"] == parent && line["type"] != "message")
    {
        parent = line["parentId"].as_str().unwrap().to_owned();
    }
    assert_eq!(parent, "00000001");
    let ran = pi.run(&["-p", "--session", "s", "--at", "nothing", "go on"]);
    assert_eq!(
        (ran.stderr.lines().next(), ran.code),
        (Some("error: no entry nothing in this session"), 1)
    );
}

#[test]
fn the_terminal_opens_at_the_entry() {
    let pi = TestPi::new([]);
    let here = pi.project().display().to_string();
    let entries: Vec<_> = (0..60).map(|at| user(&format!("message {at}."))).collect();
    session(&pi, &here, "s", 0, &entries);
    let env = [
        ("HOME", pi.home().display().to_string()),
        ("TERM", "xterm-256color".to_owned()),
    ];
    let env = env.map(|(name, value)| (name.to_owned(), value));
    let args = [
        "--model",
        "oai/scripted",
        "--session",
        "s",
        "--at",
        "0000000b",
    ];
    let mut pty = Pty::spawn(
        Path::new(env!("CARGO_BIN_EXE_pi")),
        &args,
        env.into(),
        &pi.project(),
        80,
        24,
    );
    pty.wait_for_text("message 11.");
    let screen = pty.contents();
    assert!(
        !screen.contains("message 10.") && !screen.contains("message 59."),
        "{screen}"
    );
    pty.type_text("/quit\r");
    assert_eq!(pty.wait_exit(), 0);
}
