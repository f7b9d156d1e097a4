//! The index follows the session files, whatever happens to either.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::json;

use super::{append, found, search, session, stamped, tool, user};
use crate::support::TestPi;

fn index(pi: &TestPi) -> PathBuf {
    pi.agent().join("sessions-index.sqlite")
}

fn one_session() -> (TestPi, PathBuf) {
    let pi = TestPi::unconfigured([]);
    let path = session(&pi, "/proj", "s", 0, &[user("alpha beta")]);
    assert_eq!(found(&pi, &["alpha"]), ["s/0"]);
    (pi, path)
}

#[test]
fn a_session_that_grows_is_found_by_what_it_grew_by() {
    let (pi, path) = one_session();
    append(&path, &stamped(&user("gamma"), 1, 0));
    assert_eq!(found(&pi, &["gamma"]), ["s/1"]);
    assert_eq!(found(&pi, &["alpha"]), ["s/0"]);
    session(&pi, "/proj", "t", 1, &[user("delta alpha")]);
    assert_eq!(found(&pi, &["alpha"]), ["t/0", "s/0"]);
}

#[test]
fn a_line_that_is_still_being_written_waits() {
    let (pi, path) = one_session();
    let line = stamped(&user("gamma delta"), 1, 0);
    let (half, rest) = line.split_at(line.len() - 20);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}{half}")).unwrap();
    assert_eq!(found(&pi, &["gamma"]), Vec::<String>::new());
    fs::write(&path, format!("{text}{half}{rest}\n")).unwrap();
    assert_eq!(found(&pi, &["gamma"]), ["s/1"]);
}

#[test]
fn a_session_that_is_deleted_replaced_or_cut_is_found_as_it_is() {
    let (pi, path) = one_session();
    let before = fs::read_to_string(&path).unwrap();
    // Another file of the same name, longer than the one before.
    let replaced = before.replace("alpha beta", "epsilon zeta eta theta");
    fs::write(path.with_extension("new"), &replaced).unwrap();
    fs::rename(path.with_extension("new"), &path).unwrap();
    assert_eq!(found(&pi, &["alpha"]), Vec::<String>::new());
    assert_eq!(found(&pi, &["theta"]), ["s/0"]);
    // The same file with other bytes in it, and then with fewer.
    fs::write(
        &path,
        replaced.replace("epsilon", "another, longer one: kappa"),
    )
    .unwrap();
    assert_eq!(found(&pi, &["epsilon"]), Vec::<String>::new());
    assert_eq!(found(&pi, &["kappa"]), ["s/0"]);
    fs::write(&path, before.lines().next().unwrap().to_owned() + "\n").unwrap();
    assert_eq!(found(&pi, &["kappa"]), Vec::<String>::new());
    fs::remove_file(&path).unwrap();
    let ran = pi.run(&["search", "theta"]);
    assert_eq!(
        (ran.stderr.as_str(), ran.code),
        ("there are no sessions yet\n", 1)
    );
}

#[test]
fn a_moved_session_is_found_where_it_is() {
    let (pi, path) = one_session();
    let moved = pi.agent().join("sessions/--elsewhere--/moved.jsonl");
    fs::create_dir_all(moved.parent().unwrap()).unwrap();
    fs::rename(&path, &moved).unwrap();
    let hits = super::search(&pi, &["alpha"]).json_lines();
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0]["path"], json!(moved));
}

#[test]
fn the_index_may_be_deleted_at_any_time_and_is_the_owners_alone() {
    let (pi, _) = one_session();
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{ending}", index(&pi).display()));
        assert_eq!(found(&pi, &["alpha"]), ["s/0"]);
    }
    for entry in fs::read_dir(pi.agent()).unwrap().map(Result::unwrap) {
        if entry
            .file_name()
            .to_str()
            .unwrap()
            .starts_with("sessions-index")
        {
            let mode = entry.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{entry:?}");
        }
    }
}

#[test]
fn a_damaged_index_is_made_again_and_told_of_once() {
    let (pi, _) = one_session();
    let whole = fs::read(index(&pi)).unwrap();
    let mut holed = whole.clone();
    for byte in holed.iter_mut().skip(4096) {
        *byte = 0x5a;
    }
    let damages = [
        b"no database at all, but long enough to be one".repeat(200),
        holed,
        whole[..whole.len() / 2].to_vec(),
    ];
    for damaged in damages {
        fs::write(index(&pi), damaged).unwrap();
        let ran = super::search(&pi, &["alpha"]);
        assert_eq!((ran.json_lines().len(), ran.code), (1, 0), "{ran:?}");
        assert_eq!(ran.stderr.matches("is made again").count(), 1, "{ran:?}");
        let again = super::search(&pi, &["alpha"]);
        assert_eq!((again.json_lines().len(), again.stderr.as_str()), (1, ""));
    }
}

#[test]
fn the_index_of_another_version_is_made_again() {
    let (pi, _) = one_session();
    let db = rusqlite::Connection::open(index(&pi)).unwrap();
    db.execute_batch("PRAGMA user_version=99; DROP TABLE entry;")
        .unwrap();
    drop(db);
    let ran = super::search(&pi, &["alpha"]);
    assert_eq!((ran.json_lines().len(), ran.code), (1, 0), "{ran:?}");
    assert!(ran.stderr.contains("is made again"), "{ran:?}");
}

#[test]
fn rows_that_lie_show_nothing_that_is_not_there() {
    let (pi, _) = one_session();
    let db = rusqlite::Connection::open(index(&pi)).unwrap();
    db.execute_batch("UPDATE entry SET offset = offset + 1;")
        .unwrap();
    assert_eq!(found(&pi, &["alpha"]), Vec::<String>::new());
    db.execute_batch(
        "UPDATE entry SET offset = offset - 1; UPDATE session SET path = '/etc/passwd';",
    )
    .unwrap();
    drop(db);
    // Its own file is not known any more, and is read again; the other is no session of ours.
    let hits = super::search(&pi, &["alpha"]).json_lines();
    assert_eq!(hits.len(), 1);
    assert!(hits[0]["path"].as_str().unwrap().ends_with("_s.jsonl"));
}

#[test]
fn several_processes_may_search_at_once() {
    let pi = TestPi::unconfigured([]);
    for number in 0..40 {
        let entries: Vec<_> = (0..10)
            .map(|at| user(&format!("shared word{at}")))
            .collect();
        session(&pi, "/proj", &format!("s{number}"), number, &entries);
    }
    let running: Vec<_> = (0..6)
        .map(|_| pi.spawn(&["search", "--json", "--limit", "0", "shared"]))
        .collect();
    for ran in running.into_iter().map(crate::support::Running::finish) {
        let complete = ran.json_lines().len() == 400 && ran.stderr.is_empty();
        let behind = ran
            .stderr
            .contains("another pi is bringing the index up to date");
        assert!(
            complete || behind,
            "{} {}",
            ran.json_lines().len(),
            ran.stderr
        );
    }
    assert_eq!(found(&pi, &["shared", "--limit", "0"]).len(), 400);
}

#[test]
fn damaged_lines_cost_themselves_and_nothing_else() {
    let (pi, path) = one_session();
    append(
        &path,
        "{\"type\":\"message\",\"id\":\"0000000a\",\"parentId\":null,\"timest",
    );
    append(&path, &stamped(&user("gamma"), 2, 0));
    // Two lines run together.
    let joined = stamped(&user("delta"), 3, 0) + &stamped(&tool("epsilon"), 4, 0);
    append(&path, &joined);
    append(&path, "\u{0}\u{0}\u{0}");
    append(&path, &stamped(&user("zeta"), 5, 0));
    for (word, entry) in [
        ("gamma", "s/2"),
        ("delta", "s/3"),
        ("epsilon", "s/4"),
        ("zeta", "s/5"),
    ] {
        assert_eq!(found(&pi, &[word]), [entry]);
    }
}

#[test]
fn a_lost_header_does_not_hide_a_session() {
    let pi = TestPi::unconfigured([]);
    let path = session(&pi, "/proj", "s", 0, &[user("alpha")]);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("{\"type\":\"session\"", "{\"typ", 1)).unwrap();
    assert_eq!(found(&pi, &["alpha"]), ["s/0"]);
}

#[test]
fn sessions_of_the_first_version_are_found() {
    let pi = TestPi::unconfigured([]);
    let header = json!({"type": "session", "id": "first", "timestamp": "2025-01-01T00:00:00.000Z", "cwd": "/proj"});
    let message = json!({"type": "message", "timestamp": "2025-01-01T00:00:01.000Z", "message": {"role": "user", "content": "alpha", "timestamp": 1}});
    pi.write(
        ".pi/agent/sessions/--proj--/first.jsonl",
        format!("{header}\n{message}\n"),
    );
    assert_eq!(found(&pi, &["alpha"]), ["first/-"]);
}

#[test]
fn without_an_index_the_files_themselves_are_searched() {
    let pi = TestPi::unconfigured([]);
    session(&pi, "/proj", "s", 0, &[user("alpha beta"), user("beta")]);
    pi.write_agent("settings.json", r#"{"sessionIndex": false}"#);
    assert_eq!(found(&pi, &["beta"]), ["s/1", "s/0"]);
    assert!(!index(&pi).exists());
    // Nor where it cannot be made.
    pi.write_agent("settings.json", "{}");
    fs::create_dir(index(&pi)).unwrap();
    let ran = super::search(&pi, &["alpha"]);
    assert_eq!((ran.json_lines().len(), ran.code), (1, 0), "{ran:?}");
    assert!(
        ran.stderr.contains("the session files are read instead"),
        "{ran:?}"
    );
}

#[test]
fn a_directory_of_sessions_that_was_chosen_is_searched_too() {
    let (pi, path) = one_session();
    let flat = pi.home().join("flat");
    fs::create_dir(&flat).unwrap();
    let text = fs::read_to_string(&path).unwrap().replace("\"s\"", "\"f\"");
    fs::write(flat.join("f.jsonl"), text).unwrap();
    assert_eq!(found(&pi, &["alpha"]), ["s/0"]);
    let flag = ["alpha", "--session-dir", flat.to_str().unwrap()];
    let mut both = found(&pi, &flag);
    both.sort();
    assert_eq!(both, ["f/0", "s/0"]);
    // It is not searched when it was not asked for.
    assert_eq!(found(&pi, &["alpha"]), ["s/0"]);
}

#[test]
fn entries_that_all_claim_one_moment_are_all_found() {
    let pi = TestPi::unconfigured([]);
    let path = session(&pi, "/proj", "s", 0, &[]);
    let lines: Vec<String> = (0..2_000)
        .map(|at| stamped(&user("same moment"), at, 0))
        .collect();
    let one = lines[0].split("\"timestamp\":").nth(1).unwrap()[..26].to_owned();
    let same = lines.iter().map(|line| {
        let at = line.find("\"timestamp\":").unwrap() + "\"timestamp\":".len();
        let end = at + line[at..].find(',').unwrap();
        format!("{}{one}{}", &line[..at], &line[end..])
    });
    append(&path, &same.collect::<Vec<_>>().join("\n"));
    assert_eq!(found(&pi, &["same", "--limit", "0"]).len(), 2_000);
}

#[test]
fn a_question_of_many_words_and_projects_does_not_break_the_index() {
    let pi = TestPi::unconfigured([]);
    let words: Vec<String> = (0..400).map(|at| format!("word{at}")).collect();
    for number in 0..150 {
        session(
            &pi,
            &format!("/proj/p{number}"),
            &format!("s{number}"),
            0,
            &[user("alpha")],
        );
    }
    session(&pi, "/proj", "long", 1, &[user(&words.join(" "))]);
    let all: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(found(&pi, &all), ["long/0"]);
    let below = found(
        &pi,
        &[
            "alpha",
            "--limit",
            "0",
            "--project",
            "/proj",
            "--role",
            "user,tool",
        ],
    );
    assert_eq!(below.len(), 150);
    assert_eq!(search(&pi, &["a*"]).stderr, "");
}
