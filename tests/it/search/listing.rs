//! Lists of sessions, with and without an index.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{append, assistant, name, session, stamped, user};
use crate::support::TestPi;

/// Ten sessions of `/proj/a` and `/proj/b` in turn, the first the oldest.
fn ten_sessions() -> TestPi {
    let pi = TestPi::unconfigured([]);
    for number in 0..10 {
        let project = ["/proj/a", "/proj/b"][number % 2];
        let mut entries = vec![user(&format!("question number{number}")); number + 1];
        if number == 4 {
            entries.push(name("The fourth"));
        }
        let path = session(&pi, project, &format!("s{number}"), 20 - number, &entries);
        let then = SystemTime::now() - Duration::from_secs(100 - number as u64);
        let file = File::options().append(true).open(path).unwrap();
        file.set_modified(then).unwrap();
    }
    pi
}

fn list(pi: &TestPi, args: &[&str]) -> Vec<Value> {
    let ran = pi.run(&[&["session", "list", "--json"], args].concat());
    assert_eq!((ran.stderr.as_str(), ran.code), ("", 0));
    ran.json_lines()
}

fn ids(pi: &TestPi, args: &[&str]) -> String {
    let listed = list(pi, args);
    let ids = listed.iter().map(|row| row["session"].as_str().unwrap());
    ids.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_list_is_the_same_without_an_index_with_one_and_with_an_old_one() {
    let pi = ten_sessions();
    let check = || {
        assert_eq!(ids(&pi, &["--all"]), "s9 s8 s7 s6 s5 s4 s3 s2 s1 s0");
        assert_eq!(
            ids(&pi, &["--all", "--limit", "3", "--offset", "2"]),
            "s7 s6 s5"
        );
        assert_eq!(
            ids(&pi, &["--all", "--sort", "created", "--limit", "2"]),
            "s0 s1"
        );
        assert_eq!(
            ids(&pi, &["--all", "--sort", "length", "--limit", "2"]),
            "s9 s8"
        );
        assert_eq!(
            ids(&pi, &["--all", "--sort", "name", "--limit", "2"]),
            "s4 s0"
        );
        assert_eq!(ids(&pi, &["--all", "--named"]), "s4");
        assert_eq!(ids(&pi, &["--all", "quest", "number7"]), "s7");
        assert_eq!(ids(&pi, &["--all", "fourth"]), "s4");
        assert_eq!(ids(&pi, &[]), "");
    };
    check();
    assert_eq!(super::found(&pi, &["number3", "--limit", "1"]), ["s3/3"]);
    check();
    let path = pi
        .sessions()
        .into_iter()
        .find(|path| path.ends_with("2026-11-20T12-20-00-000Z_s0.jsonl"));
    append(&path.unwrap(), &stamped(&user("more"), 1, 20));
    assert_eq!(ids(&pi, &["--all", "--limit", "2"]), "s0 s9");
    assert_eq!(list(&pi, &["--all", "--limit", "1"])[0]["messageCount"], 2);
}

#[test]
fn a_session_is_listed_with_what_is_known_of_it() {
    let pi = TestPi::unconfigured([]);
    let here = pi.project().display().to_string();
    let entries = [
        user("  What\nis this?"),
        assistant("It.", json!({})),
        name("A name"),
        name("Another name"),
    ];
    let path = session(&pi, &here, "s", 1, &entries);
    for _ in 0..2 {
        let mut row = list(&pi, &[]).remove(0);
        row.as_object_mut().unwrap().remove("modified");
        assert_eq!(
            row,
            json!({
                "session": "s", "path": path, "name": "Another name", "cwd": here, "parentSession": null,
                "created": "2026-11-20T12:01:00.000Z", "lastActivity": "2026-11-20T12:01:03.000Z",
                "messageCount": 2, "firstMessage": "What is this?", "totalTokens": 7, "cost": 0.5,
            })
        );
        super::found(&pi, &["this"]);
    }
    let ran = pi.run(&["session", "list"]);
    assert!(
        ran.stdout.contains("Another name") && ran.stdout.starts_with("s  "),
        "{ran:?}"
    );
}

#[test]
fn a_session_whose_file_is_gone_is_not_listed() {
    let pi = ten_sessions();
    super::found(&pi, &["question"]);
    for path in pi.sessions() {
        if path.to_str().unwrap().ends_with("jsonl") {
            fs::remove_file(path).unwrap();
        }
    }
    assert_eq!(ids(&pi, &["--all"]), "");
    assert_eq!(pi.run(&["session", "list"]).stdout, "no sessions\n");
}

#[test]
fn what_is_no_session_is_not_listed() {
    let pi = TestPi::unconfigured([]);
    pi.write(".pi/agent/sessions/--x--/notes.jsonl", "{\"a\":1}\n");
    pi.write(".pi/agent/sessions/--x--/empty.jsonl", "");
    pi.write(".pi/agent/sessions/stray.jsonl", "{\"a\":1}\n");
    assert_eq!(ids(&pi, &["--all"]), "");
}
