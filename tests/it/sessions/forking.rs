//! `--fork`: a session of one's own that begins where another one is.

use super::{MODEL, answer, roles};
use crate::support::model_server::{Hold, Turn};
use crate::support::{TestPi, messages_of, read_session};

/// The session file that is not `source`.
fn fork_of(pi: &TestPi, source: &std::path::Path) -> std::path::PathBuf {
    let mut others = pi.sessions();
    others.retain(|path| path != source);
    assert_eq!(others.len(), 1);
    others.remove(0)
}

#[test]
fn a_fork_by_id_goes_on_in_a_file_of_its_own_that_names_its_source() {
    let pi = TestPi::new([Turn::text("one"), Turn::text("two")]);
    answer(&pi, &["--session-id", "first-1", "hi"]);
    let source = pi.sessions()[0].clone();
    let before = std::fs::read(&source).unwrap();
    assert_eq!(answer(&pi, &["--fork", "first", "more"]), "two\n");
    assert_eq!(std::fs::read(&source).unwrap(), before);
    let lines = read_session(&fork_of(&pi, &source));
    assert_eq!(lines[0]["parentSession"], source.to_str().unwrap());
    assert_ne!(lines[0]["id"], "first-1");
    assert_eq!(
        roles(&messages_of(&lines)),
        ["user", "assistant", "user", "assistant"]
    );
    let request = pi.server.requests().pop().unwrap();
    let said = request.body["messages"].to_string();
    assert!(said.contains("\"one\"") && said.contains("more"), "{said}");
}

#[test]
fn a_session_that_another_pi_is_writing_can_be_forked() {
    let gate = Hold::new();
    let pi = TestPi::new([Turn::text("slow").hold_at(0, &gate), Turn::text("quick")]);
    let first = pi.spawn(&[&MODEL as &[&str], &["first"]].concat());
    gate.wait_until_reached();
    let source = pi.sessions()[0].clone();
    let refused = pi.run(&[&MODEL as &[&str], &["-c", "second"]].concat());
    let hint = format!("--fork {}", source.display());
    assert!(refused.stderr.contains(&hint), "{}", refused.stderr);
    let said = answer(&pi, &["--fork", source.to_str().unwrap(), "second"]);
    assert_eq!(said, "quick\n");
    gate.open();
    assert_eq!(first.finish().stdout, "slow\n");
    assert_eq!(
        roles(&messages_of(&read_session(&fork_of(&pi, &source)))),
        ["user", "user", "assistant"]
    );
    assert_eq!(
        roles(&messages_of(&read_session(&source))),
        ["user", "assistant"]
    );
}

#[test]
fn a_fork_of_another_directory_works_here_and_can_be_given_an_id() {
    let pi = TestPi::new([Turn::text("one"), Turn::text("two")]);
    answer(&pi, &["--session-id", "first-1", "hi"]);
    let other = pi.home().join("other");
    std::fs::create_dir(&other).unwrap();
    let args = ["--fork", "first-1", "--session-id", "mine", "more"];
    let fork = || {
        let mut command = pi.command(&[&MODEL as &[&str], &args].concat());
        crate::support::Running::start(command.current_dir(&other)).finish()
    };
    let ran = fork();
    assert_eq!((ran.stdout.as_str(), ran.code), ("two\n", 0), "{ran:?}");
    let source = pi
        .sessions()
        .into_iter()
        .find(|path| path.to_str().unwrap().contains("first-1"));
    let lines = read_session(&fork_of(&pi, &source.unwrap()));
    assert_eq!(lines[0]["id"], "mine");
    assert_eq!(lines[0]["cwd"], other.to_str().unwrap());
    let again = fork();
    assert_eq!((again.stdout.as_str(), again.code), ("", 1));
    assert!(again.stderr.contains("already"), "{}", again.stderr);
    assert_eq!(pi.sessions().len(), 2);
}

#[test]
fn flags_that_name_two_sessions_and_words_that_name_none_are_refused() {
    let pi = TestPi::new([]);
    for flags in [
        &["--fork", "x", "--session", "y"] as &[&str],
        &["--fork", "x", "-c"],
        &["--fork", "x", "--no-session"],
        &["--session-id", "x", "-c"],
        &["--fork", "nowhere"],
        &["--fork", "./nowhere.jsonl"],
    ] {
        let ran = pi.run(&[&MODEL as &[&str], flags, &["hi"]].concat());
        assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{flags:?}");
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
    }
    assert_eq!(pi.sessions().len(), 0);
}

#[test]
fn a_conversation_in_memory_can_be_given_an_id() {
    let pi = TestPi::new([Turn::text("ok")]);
    let args = [
        "--mode",
        "json",
        "--no-session",
        "--session-id",
        "mine",
        "hi",
    ];
    let ran = pi.run(&[&MODEL[1..], &args].concat());
    assert_eq!(ran.json_lines()[0]["id"], "mine");
    assert_eq!(pi.sessions().len(), 0);
}
