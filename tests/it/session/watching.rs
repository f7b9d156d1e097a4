//! A session that another process writes is watched: it is followed as it grows, nothing can be said
//! in it, and it goes on here when its writer has ended.

use std::path::{Path, PathBuf};
use std::time::Duration;

use pi::agent::AgentEvent;
use pi::ai::script::Turn;
use pi::ai::{Clock, Message};
use pi::session::{Command, Event, Reply};
use pi::store::{Access, Store, Summary};
use serde_json::{Value, json};

use crate::support::talk::{Talk, words_of};

fn clock() -> Clock {
    Clock::fixed(1_000)
}

fn user(text: &str) -> Message {
    Message::user(text, 1)
}

fn answer(content: Value) -> Message {
    let json = json!({
        "role": "assistant", "content": content, "api": "scripted", "provider": "scripted",
        "model": "scripted", "stopReason": "stop", "timestamp": 2,
    });
    serde_json::from_value(json).unwrap()
}

fn said(text: &str) -> Message {
    answer(json!([{"type": "text", "text": text}]))
}

fn called(id: &str) -> Message {
    answer(
        json!([{"type": "toolCall", "id": id, "name": "bash", "arguments": {"command": "true"}}]),
    )
}

fn result(id: &str, text: &str) -> Message {
    let json = json!({
        "role": "toolResult", "toolCallId": id, "toolName": "bash", "isError": false,
        "content": [{"type": "text", "text": text}], "timestamp": 3,
    });
    serde_json::from_value(json).unwrap()
}

/// A writer with these messages, and someone who watches it.
fn watched(messages: &[Message], turns: impl IntoIterator<Item = Turn>) -> (Store, Talk) {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("sessions");
    let mut writer = Store::create(&dir, home.path(), None, None, clock());
    for message in messages {
        writer.append_message(message).unwrap();
    }
    let path = writer.path().unwrap();
    let store = Store::open(&path, Access::Read, clock()).unwrap().store;
    let talk = Talk::over(home, store, turns);
    (writer, talk)
}

fn shown(talk: &Talk) -> Vec<String> {
    let history = talk.session.view().history.clone();
    let all = (0..history.len()).map(|index| words_of(&history.message(index).unwrap()));
    all.collect()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(dir).unwrap();
    files.map(|file| file.unwrap().path()).collect()
}

/// The messages that were told before the next event of another kind that `is_last` accepts.
async fn told(talk: &mut Talk, is_last: impl Fn(&Event) -> bool) -> Vec<String> {
    let events = talk.until(is_last).await;
    let ended = events.iter().filter_map(|event| match &**event {
        Event::Agent(AgentEvent::MessageEnd { message }) => Some(words_of(message)),
        _ => None,
    });
    ended.collect()
}

fn is_settled(event: &Event) -> bool {
    matches!(event, Event::Settled { .. })
}

fn is_switched(event: &Event) -> bool {
    matches!(event, Event::Switched)
}

fn is_notice(event: &Event) -> bool {
    matches!(event, Event::Notice { .. })
}

#[tokio::test]
async fn what_the_writer_adds_is_told_as_it_comes_and_the_file_is_left_alone() {
    let (mut writer, mut talk) = watched(&[user("first"), said("one")], []);
    let pid = std::process::id();
    let watching = talk.session.view().watching.clone().unwrap();
    assert_eq!(watching, format!("process {pid} writes it"));
    assert_eq!(shown(&talk), ["user first", "assistant one"]);
    writer.append_message(&user("second")).unwrap();
    writer.append_session_info("a name").unwrap();
    writer.append_message(&said("two")).unwrap();
    assert_eq!(
        told(&mut talk, is_settled).await,
        ["user second", "assistant two"]
    );
    let view = talk.session.view();
    assert_eq!(view.name.as_deref(), Some("a name"));
    assert_eq!(view.history.len(), 4);
    let path = writer.path().unwrap();
    let before = std::fs::read(&path).unwrap();
    talk.session.send(Command::Shutdown).await;
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn nothing_can_be_said_but_a_copy_can_be_gone_on_with() {
    let (writer, mut talk) = watched(&[user("first"), said("one")], [Turn::text("two")]);
    let prompt = Command::Prompt {
        text: "mine".into(),
        images: Vec::new(),
        while_running: pi::agent::Lane::Steering,
    };
    let bash = Command::Bash {
        line: "true".into(),
        excluded: false,
    };
    for command in [prompt, bash, Command::SetName("x".into())] {
        let Reply::Refused(why) = talk.session.send(command).await else {
            panic!("not refused")
        };
        assert!(
            why.contains("only being watched") && why.contains("/clone"),
            "{why}"
        );
    }
    assert!(matches!(
        talk.session.send(Command::Clone).await,
        Reply::Done
    ));
    talk.until(is_switched).await;
    let view = talk.session.view();
    assert_eq!(view.watching, None);
    assert_ne!(view.file, writer.path());
    talk.say("mine");
    talk.settled().await;
    let all = ["user first", "assistant one", "user mine", "assistant two"];
    assert_eq!(talk.kept(), all);
    assert_eq!(files(&talk.home.path().join("sessions")).len(), 2);
}

#[tokio::test]
async fn another_branch_and_a_compaction_are_shown_anew() {
    let (mut writer, mut talk) = watched(&[user("first"), said("one")], []);
    let one = writer.leaf().unwrap();
    writer.append_message(&user("second")).unwrap();
    writer.append_message(&said("two")).unwrap();
    talk.settled().await;
    writer.set_leaf(Some(one.as_str())).unwrap();
    writer.append_message(&user("instead")).unwrap();
    assert_eq!(told(&mut talk, is_switched).await, [""; 0]);
    assert_eq!(
        shown(&talk),
        ["user first", "assistant one", "user instead"]
    );
    let summary = Summary {
        text: "it began".into(),
        ..Summary::default()
    };
    let leaf = writer.leaf().unwrap();
    writer
        .append_compaction(&summary, leaf.as_str(), 100)
        .unwrap();
    talk.until(is_switched).await;
    assert_eq!(shown(&talk), ["compactionSummary", "user instead"]);
}

#[tokio::test]
async fn the_result_of_a_call_that_was_there_already_joins_its_call() {
    let (mut writer, mut talk) = watched(&[user("go"), called("a")], []);
    writer.append_message(&result("a", "done")).unwrap();
    assert_eq!(told(&mut talk, is_switched).await, [""; 0]);
    assert_eq!(shown(&talk), ["user go", "assistant ", "result done"]);
    writer.append_message(&called("b")).unwrap();
    writer.append_message(&result("b", "done too")).unwrap();
    writer.append_message(&said("ready")).unwrap();
    let all = ["assistant ", "result done too", "assistant ready"];
    assert_eq!(told(&mut talk, is_settled).await, all);
}

#[tokio::test]
async fn the_session_goes_on_here_when_its_writer_has_ended() {
    let (mut writer, mut talk) = watched(&[user("first"), said("one")], [Turn::text("three")]);
    writer.append_message(&user("second")).unwrap();
    writer.append_message(&said("two")).unwrap();
    talk.settled().await;
    drop(writer);
    let events = talk.until(is_notice).await;
    assert!(!events.iter().any(|event| is_switched(event)), "{events:?}");
    assert_eq!(talk.session.view().watching, None);
    talk.say("third");
    talk.settled().await;
    assert_eq!(talk.asked(0).len(), 5);
    assert_eq!(talk.kept()[4..], ["user third", "assistant three"]);
}

#[tokio::test]
async fn calls_that_the_writer_left_open_are_closed() {
    let (writer, mut talk) = watched(&[user("go"), called("a")], []);
    drop(writer);
    talk.until(is_notice).await;
    let shown = shown(&talk);
    assert!(shown[2].contains("interrupted"), "{shown:?}");
    assert_eq!(shown, talk.kept());
}

#[tokio::test]
async fn a_half_written_line_is_waited_for_and_a_replaced_file_is_read_again() {
    use std::io::Write;
    let (writer, mut talk) = watched(&[user("first"), said("one")], []);
    let path = writer.path().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let leaf = writer.leaf().unwrap();
    let line = format!(
        r#"{{"type":"message","id":"0000beef","parentId":"{leaf}","timestamp":"2026-01-01T00:00:00.000Z","message":{}}}"#,
        json!(said("two"))
    );
    let (half, rest) = line.split_at(100);
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap();
    file.write_all(half.as_bytes()).unwrap();
    file.write_all(rest.as_bytes()).unwrap();
    file.write_all(b"\n").unwrap();
    assert_eq!(told(&mut talk, is_settled).await, ["assistant two"]);
    // As a program does that writes a new file and renames it; the writer holds the old one.
    let other = path.with_extension("new");
    std::fs::write(&other, &text).unwrap();
    let lease = Store::open(&other, Access::Write, clock()).unwrap();
    std::fs::rename(&other, &path).unwrap();
    talk.until(is_switched).await;
    assert_eq!(shown(&talk), ["user first", "assistant one"]);
    drop((writer, lease));
}

#[tokio::test]
async fn a_session_that_was_killed_in_the_middle_of_a_call_begins_with_its_result() {
    let (writer, talk) = watched(&[user("go"), called("a")], []);
    let path = writer.path().unwrap();
    drop(writer);
    talk.session.send(Command::Shutdown).await;
    let home = tempfile::tempdir().unwrap();
    let copy = home.path().join("copy.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let killed = text.lines().filter(|line| !line.contains("interrupted"));
    let killed: String = killed.map(|line| format!("{line}\n")).collect();
    std::fs::write(&copy, killed).unwrap();
    let store = Store::open(&copy, Access::Write, clock()).unwrap().store;
    let talk = Talk::over(home, store, []);
    let shown = shown(&talk);
    assert!(shown[2].contains("interrupted"), "{shown:?}");
}

#[tokio::test]
async fn a_program_that_asks_all_the_time_does_not_keep_a_watched_session_from_being_followed() {
    let (mut writer, mut talk) = watched(&[user("first")], []);
    writer.append_message(&said("one")).unwrap();
    let session = talk.session.clone();
    let asking = async {
        loop {
            session.send(Command::Ping).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let followed = tokio::time::timeout(Duration::from_secs(3), told(&mut talk, is_settled));
    tokio::select! {
        () = asking => {}
        told = followed => assert_eq!(told.unwrap(), ["assistant one"]),
    }
}
