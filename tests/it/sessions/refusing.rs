//! Sessions that cannot be written, or are somebody else's.

use super::{MODEL, answer, roles};
use crate::support::model_server::{Hold, Turn};
use crate::support::pty::Pty;
use crate::support::{TestPi, messages_of, read_session};

#[test]
fn two_pis_cannot_write_one_session() {
    let gate = Hold::new();
    let pi = TestPi::new([Turn::text("slow").hold_at(0, &gate)]);
    let first = pi.spawn(&[&MODEL as &[&str], &["first"]].concat());
    gate.wait_until_reached();
    let before = std::fs::read(&pi.sessions()[0]).unwrap();
    let second = pi.run(&[&MODEL as &[&str], &["-c", "second"]].concat());
    assert_eq!((second.stdout.as_str(), second.code), ("", 1));
    assert!(second.stderr.contains("in use"), "{}", second.stderr);
    assert!(second.stderr.contains("hint: "), "{}", second.stderr);
    assert_eq!(std::fs::read(&pi.sessions()[0]).unwrap(), before);
    gate.open();
    assert_eq!(first.finish().stdout, "slow\n");
    assert_eq!(roles(&pi.messages()), ["user", "assistant"]);
    assert_eq!(pi.server.requests().len(), 1);
}

#[test]
fn an_answer_comes_even_where_no_session_can_be_written() {
    let pi = TestPi::new([Turn::text("here it is")]);
    // A file where the directory should be: unlike permissions, this holds for every user.
    let blocked = pi.write("blocked", "");
    let dir = blocked.join("sessions");
    let args = ["--session-dir", dir.to_str().unwrap(), "hi"];
    let ran = pi.run(&[&MODEL as &[&str], &args].concat());
    assert_eq!((ran.stdout.as_str(), ran.code), ("here it is\n", 0));
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("blocked"), "{}", ran.stderr);
}

#[test]
fn a_session_that_can_be_written_again_has_everything_and_says_so() {
    let pi = TestPi::new([]);
    let blocked = pi.write("blocked", "");
    let make_room = "rm ../blocked && mkdir ../blocked";
    pi.server.push(Turn::tool(
        "bash",
        serde_json::json!({ "command": make_room }),
    ));
    pi.server.push(Turn::text("done"));
    let dir = blocked.join("sessions");
    let args = ["--session-dir", dir.to_str().unwrap(), "hi"];
    let ran = pi.run(&[&MODEL as &[&str], &args].concat());
    assert_eq!((ran.stdout.as_str(), ran.code), ("done\n", 0));
    let words: Vec<&str> = ran
        .stderr
        .lines()
        .map(|l| l.split(':').next().unwrap())
        .collect();
    assert_eq!(words, ["error", "note"], "{}", ran.stderr);
    let file = std::fs::read_dir(&dir)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let messages = messages_of(&read_session(&file));
    assert_eq!(
        roles(&messages),
        ["user", "assistant", "toolResult", "assistant"]
    );
}

#[test]
fn what_is_no_session_is_refused_and_left_alone() {
    let pi = TestPi::new([]);
    let file = pi.write("project/notes.md", "# Notes\n");
    let ran = pi.run(&[&MODEL as &[&str], &["--session", "./notes.md", "hi"]].concat());
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    assert!(ran.stderr.contains("not a session"), "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(file).unwrap(), "# Notes\n");
}

#[test]
fn a_session_of_another_directory_is_not_gone_on_with_by_its_id() {
    let pi = TestPi::new([Turn::text("ok")]);
    answer(&pi, &["--session-id", "elsewhere-1", "hi"]);
    std::fs::create_dir(pi.home().join("other")).unwrap();
    let mut command = pi.command(&[&MODEL as &[&str], &["--session", "elsewhere", "hi"]].concat());
    let ran = crate::support::Running::start(command.current_dir(pi.home().join("other"))).finish();
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    let project = pi.project().display().to_string();
    assert!(ran.stderr.contains(&project), "{}", ran.stderr);
}

#[test]
fn what_could_not_be_written_is_written_when_there_is_room_though_nobody_says_anything() {
    let pi = TestPi::new([Turn::text("here it is")]);
    let blocked = pi.write("blocked", "");
    let dir = blocked.join("sessions");
    let args = [
        "--model",
        "oai/scripted",
        "--session-dir",
        dir.to_str().unwrap(),
        "hi",
    ];
    let home = ("HOME".to_owned(), pi.home().display().to_string());
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_pi"));
    let mut pty = Pty::spawn(binary, &args, vec![home], &pi.project(), 100, 24);
    pty.wait_for_text("until it succeeds");
    pty.wait_for_text("here it is");
    std::fs::remove_file(&blocked).unwrap();
    pty.wait_for_text("can be written again");
    let files = std::fs::read_dir(&dir).unwrap().flatten();
    let files: Vec<_> = files.map(|file| file.path()).collect();
    assert_eq!(files.len(), 1);
    assert_eq!(
        roles(&messages_of(&read_session(&files[0]))),
        ["user", "assistant"]
    );
    pty.send(b"\x04");
    assert_eq!(pty.wait_exit(), 0);
}
