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

#[test]
fn a_session_without_its_header_is_reached_by_every_way_there_is() {
    let pi = TestPi::new(["one", "two", "three", "four", "five"].map(Turn::text));
    answer(&pi, &["--session-id", "headless", "hi"]);
    let path = pi.sessions()[0].clone();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("{\"type", "{\"tyXpe", 1)).unwrap();
    let file = path.to_str().unwrap();
    let project = pi.project().display().to_string();
    let ways: [(&[&str], &str); 4] = [
        (&["--session", "headless"], "two\n"),
        (&["--session", file], "three\n"),
        (&["-c"], "four\n"),
        (&["--fork", "headless"], "five\n"),
    ];
    for (flags, said) in ways {
        let ran = pi.run(&[&MODEL as &[&str], flags, &["more"]].concat());
        assert_eq!((ran.stdout.as_str(), ran.code), (said, 0), "{}", ran.stderr);
        assert!(ran.stderr.contains("header"), "{}", ran.stderr);
        let goes_on_here = ran.stderr.contains(&format!("goes on in {project}"));
        assert_eq!(goes_on_here, flags[0] != "--fork", "{}", ran.stderr);
    }
    let ran = pi.run(&["--export", "headless", "page.html"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran = pi.run(&["session", "check", "--repair", "headless"]);
    assert_eq!((ran.stderr.as_str(), ran.code), ("", 1));
    let stem = path.file_stem().unwrap().to_str().unwrap();
    let copy = path.with_file_name(format!("{stem}.repaired.jsonl"));
    let header = &read_session(&copy)[0];
    assert_eq!(
        (&header["id"], &header["cwd"]),
        (&"headless".into(), &project.into())
    );
    assert!(stem.starts_with(&header["timestamp"].as_str().unwrap()[..13]));
}

#[test]
fn a_session_of_a_newer_pi_is_read_and_copied_and_not_gone_on_with() {
    let pi = TestPi::new([Turn::text("one"), Turn::text("two")]);
    answer(&pi, &["--session-id", "later", "hi"]);
    let path = pi.sessions()[0].clone();
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replacen("\"version\":3", "\"version\":99", 1);
    std::fs::write(&path, &text).unwrap();
    let ran = pi.run(&[&MODEL as &[&str], &["-c", "more"]].concat());
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    assert!(ran.stderr.contains("newer pi"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--fork"), "{}", ran.stderr);
    let ran = pi.run(&["session", "check", "later"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("version 99"), "{}", ran.stdout);
    let ran = pi.run(&["search", "hi"]);
    assert!(ran.stdout.contains("later"), "{}", ran.stdout);
    assert!(ran.stderr.contains("version 99"), "{}", ran.stderr);
    let ran = pi.run(&["--export", "later", "page.html"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("version 99"), "{}", ran.stderr);
    let ran = pi.run(&[&MODEL as &[&str], &["--fork", "later", "more"]].concat());
    assert_eq!((ran.stdout.as_str(), ran.code), ("two\n", 0));
    assert!(ran.stderr.contains("version 99"), "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn the_first_choices_of_a_session_are_gone_to_by_its_first_message() {
    let pi = TestPi::new([Turn::text("one"), Turn::text("two"), Turn::text("three")]);
    answer(&pi, &["--session-id", "chosen", "hi"]);
    for line in &pi.session()[1..3] {
        assert!(line["type"].as_str().unwrap().ends_with("_change"));
        // Not a word on standard error.
        answer(
            &pi,
            &[
                "--session",
                "chosen",
                "--at",
                line["id"].as_str().unwrap(),
                "more",
            ],
        );
    }
}

#[test]
fn a_session_file_that_was_emptied_gets_no_entries_without_a_header() {
    let pi = TestPi::new([]);
    let empty = "for f in $(find \"$HOME\" -name '*_emptied.jsonl'); do : > $f; done";
    let arguments = serde_json::json!({ "command": empty });
    pi.server.push(Turn::tool("bash", arguments));
    pi.server.push(Turn::text("done"));
    let ran = pi.run(&[&MODEL as &[&str], &["--session-id", "emptied", "hi"]].concat());
    assert_eq!(ran.stdout, "done\n");
    let told = ran.stderr.matches("changed by another program").count();
    assert_eq!(told, 1, "{}", ran.stderr);
    assert_eq!(std::fs::read(&pi.sessions()[0]).unwrap(), b"");
}
