//! `pi session check`: what it says of a file, and the copy that it repairs.

use super::{MODEL, answer, roles};
use crate::support::model_server::Turn;
use crate::support::{TestPi, messages_of, read_session};

fn damaged(pi: &TestPi) -> std::path::PathBuf {
    answer(pi, &["--session-id", "hurt", "hi"]);
    answer(pi, &["-c", "more"]);
    let path = pi.sessions()[0].clone();
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(String::from).collect();
    // In the middle of a body, which opening does not read; a line that is none; a torn end.
    let at = lines
        .iter()
        .position(|line| line.contains("\"one\""))
        .unwrap();
    lines[at] = lines[at].replacen("\"one\"", "\"one", 1);
    lines.insert(at + 1, "garbage \u{1b}[31m".into());
    lines[0] = lines[0].replacen('{', "{\"kept\":1,", 1);
    std::fs::write(&path, lines.join("\n") + "\n{\"type\":\"mess").unwrap();
    path
}

#[test]
fn a_healthy_session_is_told_from_a_damaged_one_line_by_line() {
    let pi = TestPi::new([Turn::text("one"), Turn::text("two"), Turn::text("three")]);
    let path = damaged(&pi);
    answer(&pi, &["--session-id", "whole", "hi"]);
    let ran = pi.run(&["session", "check", "whole"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.ends_with("no damage, 4 entries\n"),
        "{}",
        ran.stdout
    );

    let before = std::fs::read(&path).unwrap();
    let ran = pi.run(&[
        "session",
        "check",
        "whole",
        path.to_str().unwrap(),
        "nobody",
    ]);
    assert_eq!(ran.code, 1);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 5, "{}", ran.stdout);
    assert!(
        lines[1].ends_with("3 damaged places, 5 entries can be read"),
        "{}",
        lines[1]
    );
    assert!(lines[2].starts_with("  line 5 (byte "), "{}", lines[2]);
    assert!(lines[3].starts_with("  line 6 (byte "), "{}", lines[3]);
    assert!(
        lines[4].ends_with("the last line is cut off"),
        "{}",
        lines[4]
    );
    assert!(ran.stderr.contains("nobody"), "{}", ran.stderr);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(pi.sessions().len(), 2);
}

#[test]
fn a_repaired_copy_stands_beside_the_original_and_goes_on() {
    let pi = TestPi::new([Turn::text("one"), Turn::text("two"), Turn::text("three")]);
    let path = damaged(&pi);
    let before = std::fs::read(&path).unwrap();
    let ran = pi.run(&["session", "check", "--repair", "hurt"]);
    assert_eq!((ran.stderr.as_str(), ran.code), ("", 1));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let stem = path.file_stem().unwrap().to_str().unwrap();
    let copy = path.with_file_name(format!("{stem}.repaired.jsonl"));
    assert!(
        ran.stdout.contains(copy.to_str().unwrap()),
        "{}",
        ran.stdout
    );
    let lines = read_session(&copy);
    assert_eq!(
        (&lines[0]["kept"], &lines[0]["id"]),
        (&1.into(), &"hurt".into())
    );
    assert_eq!(roles(&messages_of(&lines)), ["user", "user", "assistant"]);
    let ran = pi.run(&["session", "check", copy.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert_eq!(
        answer(&pi, &["--session", copy.to_str().unwrap(), "go on"]),
        "three\n"
    );

    let again = pi.run(&["session", "check", path.to_str().unwrap(), "--repair"]);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("already"), "{}", again.stderr);
}

#[test]
fn any_other_words_are_said_to_the_model() {
    let pi = TestPi::new([Turn::text("yes"), Turn::text("yes")]);
    for words in [&["session"] as &[&str], &["session is over?"]] {
        let ran = pi.run(&[words, &MODEL].concat());
        assert_eq!(ran.stdout, "yes\n");
    }
    let ran = pi.run(&["session", "check"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    assert_eq!(pi.server.requests().len(), 2);
}
