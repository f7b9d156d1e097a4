//! The tree of a conversation: to other entries, other files, labels, entries, forks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use pi::agent::Hooks;
use pi::agent::hooks::{SessionChange, SessionDecision};
use pi::ai::Clock;
use pi::ai::script::{Gate, Turn};
use pi::session::{Command, Event, LeaveWith, Reply};
use pi::store::{Access, Filter, Store};
use serde_json::{Value, json};

use crate::support::talk::{Talk, words_of};

impl Talk {
    async fn entries(&self) -> Vec<Value> {
        match self.session.send(Command::Entries { since: None }).await {
            Reply::Entries { entries, .. } => entries,
            other => panic!("no entries: {other:?}"),
        }
    }

    /// The id of the message entry that says `words`.
    async fn entry(&self, words: &str) -> String {
        let entries = self.entries().await;
        let found = entries
            .iter()
            .find(|entry| entry["message"].to_string().contains(words));
        found.unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// What the screen would show, in words.
    fn shown(&self) -> Vec<String> {
        let history = self.session.view().history.clone();
        (0..history.len())
            .map(|index| words_of(&history.message(index).unwrap()))
            .collect()
    }

    fn file(&self) -> PathBuf {
        self.session.view().file.clone().unwrap()
    }

    async fn go(&self, entry: &str, summary: LeaveWith) -> Reply {
        let to = Command::Navigate {
            entry: entry.into(),
            summary,
            label: None,
        };
        self.session.send(to).await
    }

    async fn two_turns() -> Talk {
        let mut talk = Talk::new([Turn::text("one"), Turn::text("two"), Turn::text("three")]);
        for words in ["first", "second"] {
            talk.say(words);
            talk.settled().await;
        }
        talk
    }
}

fn text(reply: Reply) -> Option<String> {
    match reply {
        Reply::Text(text) => text,
        other => panic!("no text: {other:?}"),
    }
}

fn reopened(path: &Path) -> Store {
    let opened = Store::open(path, Access::Read, Clock::fixed(0)).unwrap();
    assert!(opened.damage.is_empty());
    opened.store
}

#[tokio::test]
async fn going_back_to_what_was_said_gives_the_words_back_and_keeps_everything() {
    let mut talk = Talk::two_turns().await;
    let second = talk.entry("second").await;
    assert_eq!(
        text(talk.go(&second, LeaveWith::Nothing).await).as_deref(),
        Some("second")
    );
    assert_eq!(talk.shown(), ["user first", "assistant one"]);
    talk.until(|event| matches!(event, Event::Switched)).await;
    talk.say("another second");
    talk.settled().await;
    assert_eq!(
        talk.asked(2),
        ["user first", "assistant one", "user another second"]
    );
    // The branch that was left is still there.
    assert_eq!(talk.kept().len(), 6);
    let two = talk.entry("two").await;
    assert_eq!(text(talk.go(&two, LeaveWith::Nothing).await), None);
    assert_eq!(talk.shown().last().unwrap(), "assistant two");
    let unknown = talk.go("nowhere", LeaveWith::Nothing).await;
    assert!(matches!(unknown, Reply::Refused(why) if why.contains("nowhere")));
}

#[tokio::test]
async fn the_leaf_does_not_move_while_the_model_is_at_work() {
    let gate = Gate::new();
    let mut talk = Talk::new([Turn::text("one"), Turn::new().say("two").wait(&gate)]);
    talk.say("first");
    talk.settled().await;
    talk.say("second");
    gate.reached().await;
    let first = talk.entry("first").await;
    let refused = talk.go(&first, LeaveWith::Nothing).await;
    assert!(matches!(refused, Reply::Refused(why) if why.contains("stop it first")));
    gate.open();
    talk.settled().await;
    assert_eq!(talk.shown().len(), 4);
}

#[tokio::test]
async fn labels_are_put_on_entries_and_taken_away() {
    let talk = Talk::two_turns().await;
    let one = talk.entry("one").await;
    let label = |label: Option<&str>| {
        talk.session.send(Command::SetLabel {
            entry: one.clone(),
            label: label.map(Into::into),
        })
    };
    assert!(matches!(label(Some(" here ")).await, Reply::Done));
    assert_eq!(reopened(&talk.file()).label(&one).unwrap().0, "here");
    assert!(matches!(label(None).await, Reply::Done));
    assert_eq!(reopened(&talk.file()).label(&one), None);
    // A label does not disturb the conversation.
    assert_eq!(talk.shown().len(), 4);
}

#[tokio::test]
async fn a_fork_begins_before_a_message_and_names_where_it_comes_from() {
    let mut talk = Talk::two_turns().await;
    let (before, second) = (talk.file(), talk.entry("second").await);
    let Reply::ForkPoints(points) = talk.session.send(Command::ForkPoints).await else {
        panic!("no points")
    };
    let said: Vec<&str> = points.iter().map(|point| point.text.as_str()).collect();
    assert_eq!(said, ["first", "second"]);
    let one = talk.entry("one").await;
    let refused = talk.session.send(Command::Fork { entry: one }).await;
    assert!(matches!(refused, Reply::Refused(_)));
    let forked = talk.session.send(Command::Fork { entry: second }).await;
    assert_eq!(text(forked).as_deref(), Some("second"));
    talk.until(|event| matches!(event, Event::Switched)).await;
    assert_ne!(talk.file(), before);
    assert_eq!(talk.shown(), ["user first", "assistant one"]);
    talk.say("differently");
    talk.settled().await;
    assert_eq!(
        talk.asked(2),
        ["user first", "assistant one", "user differently"]
    );
    let parent = reopened(&talk.file()).header().parent_session.clone();
    assert_eq!(parent.as_deref(), before.to_str());
    // The old session is whole, and free for others.
    let old = Store::open(&before, Access::Write, Clock::fixed(0)).unwrap();
    assert_eq!(old.store.branch().len(), 4);
}

#[tokio::test]
async fn a_clone_has_the_branch_and_grows_by_itself() {
    let mut talk = Talk::two_turns().await;
    let before = talk.file();
    assert!(matches!(
        talk.session.send(Command::Clone).await,
        Reply::Done
    ));
    assert_ne!(talk.file(), before);
    assert_eq!(talk.shown().len(), 4);
    talk.say("third");
    talk.settled().await;
    assert_eq!(talk.shown().len(), 6);
    assert_eq!(reopened(&before).branch().len(), 4);
}

#[tokio::test]
async fn a_session_is_left_for_another_and_come_back_to() {
    let mut talk = Talk::two_turns().await;
    let old = talk.file();
    let new = Command::NewSession {
        parent: Some("/some/parent.jsonl".into()),
    };
    assert!(matches!(talk.session.send(new).await, Reply::Done));
    assert!(talk.shown().is_empty());
    talk.say("third");
    talk.settled().await;
    let parent = reopened(&talk.file()).header().parent_session.clone();
    assert_eq!(parent.as_deref(), Some("/some/parent.jsonl"));
    let back = Command::SwitchSession { path: old.clone() };
    assert!(matches!(talk.session.send(back.clone()).await, Reply::Done));
    assert_eq!((talk.file(), talk.shown().len()), (old, 4));
    let refused = talk.session.send(back).await;
    assert!(matches!(refused, Reply::Refused(why) if why.contains("is open")));
    let nowhere = Command::SwitchSession {
        path: talk.home.path().join("nothing.jsonl"),
    };
    assert!(matches!(
        talk.session.send(nowhere).await,
        Reply::Refused(_)
    ));
    assert_eq!(talk.shown().len(), 4);
}

#[tokio::test]
async fn an_imported_file_is_copied_and_gone_on_with() {
    let mut talk = Talk::two_turns().await;
    let outside = talk.home.path().join("brought.jsonl");
    std::fs::copy(talk.file(), &outside).unwrap();
    let import = Command::Import {
        path: outside.clone(),
    };
    assert!(matches!(talk.session.send(import).await, Reply::Done));
    assert_ne!(talk.file(), outside);
    // The id is the one of the session that was left.
    assert_ne!(reopened(&talk.file()).id(), reopened(&outside).id());
    talk.say("third");
    talk.settled().await;
    assert_eq!(reopened(&outside).branch().len(), 4);
    assert_eq!(reopened(&talk.file()).branch().len(), 6);
}

#[tokio::test]
async fn a_session_of_a_directory_that_is_not_here_goes_on_in_this_one() {
    let mut talk = Talk::two_turns().await;
    let home = talk.session.view().cwd.clone();
    let text = std::fs::read_to_string(talk.file()).unwrap();
    let (header, entries) = text.split_once('\n').unwrap();
    let mut header: Value = serde_json::from_str(header).unwrap();
    header["id"] = "from-afar".into();
    header["cwd"] = "/does/not/exist".into();
    let path = talk.home.path().join("afar.jsonl");
    std::fs::write(&path, format!("{header}\n{entries}")).unwrap();
    let import = Command::Import { path };
    let reply = talk.session.send(import).await;
    assert!(matches!(reply, Reply::Done), "{reply:?}");
    assert!(talk.file().ends_with("sessions/afar.jsonl"));
    assert_eq!(talk.session.view().cwd, home);
    let copy = reopened(&talk.file());
    assert_eq!((copy.id(), copy.cwd()), ("from-afar", home.as_path()));
    let notice = loop {
        if let Event::Notice { text, .. } = &*talk.events.recv().await.unwrap() {
            break text.clone();
        }
    };
    let says = [
        "imported",
        "/does/not/exist",
        "not here",
        home.to_str().unwrap(),
    ];
    assert!(says.iter().all(|word| notice.contains(word)), "{notice}");
}

#[tokio::test]
async fn entries_behind_a_known_one_are_told() {
    let talk = Talk::two_turns().await;
    let all = talk.entries().await;
    let since = all[all.len() - 3]["id"].as_str().map(ToOwned::to_owned);
    let Reply::Entries { entries, leaf } = talk.session.send(Command::Entries { since }).await
    else {
        panic!("no entries")
    };
    assert_eq!(entries, all[all.len() - 2..]);
    assert_eq!(leaf.as_deref(), all.last().unwrap()["id"].as_str());
    let since = Some("nothing".into());
    let refused = talk.session.send(Command::Entries { since }).await;
    assert!(matches!(refused, Reply::Refused(_)));
}

#[tokio::test]
async fn an_extensions_own_facts_are_kept_and_told() {
    let mut talk = Talk::two_turns().await;
    let facts = Command::AppendCustom {
        custom_type: "mine".into(),
        data: Some(json!({"a": 1})),
    };
    assert!(matches!(talk.session.send(facts).await, Reply::Done));
    let seen = talk
        .until(|event| matches!(event, Event::EntryAppended(_)))
        .await;
    let Event::EntryAppended(entry) = &**seen.last().unwrap() else {
        unreachable!()
    };
    assert_eq!(
        (&entry["customType"], &entry["data"]),
        (&json!("mine"), &json!({"a": 1}))
    );
    assert_eq!(talk.entries().await.last().unwrap(), &**entry);
}

/// Is against leaving, and knows what to say of a branch.
struct Own;

#[async_trait]
impl Hooks for Own {
    async fn before_session(&self, change: SessionChange<'_>) -> SessionDecision {
        match change {
            SessionChange::Tree { .. } => SessionDecision::Supply(
                json!({"summary": {"summary": "we tried", "details": {"n": 1}}}),
            ),
            _ => SessionDecision::Cancel("stay".into()),
        }
    }
}

#[tokio::test]
async fn a_hook_keeps_the_conversation_here_or_tells_what_was_left() {
    let mut talk = Talk::with_hooks([Turn::text("one"), Turn::text("two")], Arc::new(Own));
    talk.say("first");
    talk.settled().await;
    let first = talk.entry("first").await;
    for away in [
        Command::Clone,
        Command::Fork {
            entry: first.clone(),
        },
        Command::NewSession { parent: None },
    ] {
        let kept = talk.session.send(away).await;
        assert!(matches!(kept, Reply::Cancelled(why) if why == "stay"));
    }
    let summary = LeaveWith::Summary {
        instructions: None,
        replace: false,
    };
    let said = talk.go(&first, summary).await;
    assert_eq!(text(said).as_deref(), Some("first"));
    let entries = talk.entries().await;
    let written = entries.last().unwrap();
    assert_eq!(written["type"], "branch_summary");
    assert_eq!(written["summary"], "we tried");
    assert_eq!(written["fromHook"], true);
    talk.say("again");
    talk.settled().await;
    assert!(talk.asked(1)[0].contains("we tried"));
}

#[tokio::test]
async fn the_outline_says_what_was_called_why_an_answer_ended_and_all_that_an_entry_says() {
    let words = "a long answer, ".repeat(40);
    let mut talk = Talk::new([
        Turn::new()
            .say("Let me look.")
            .call("call-1", "ls", json!({"path": "nowhere\nat all"})),
        Turn::text(&words),
    ]);
    talk.say("go");
    talk.settled().await;
    let Reply::Outline(rows) = talk.session.send(Command::Outline(Filter::Default)).await else {
        panic!("no rows");
    };
    let seen: Vec<_> = rows
        .iter()
        .map(|row| (row.kind.as_str(), row.note.as_deref()))
        .collect();
    assert_eq!(
        seen,
        [
            ("user", None),
            ("assistant", None),
            ("toolResult", Some("ls nowhere at all")),
            ("assistant", None)
        ]
    );
    assert_eq!(rows[1].text, "Let me look.");
    assert!(rows[3].text.ends_with('…') && rows[3].text.chars().count() == 201);
    let all = talk.session.send(Command::EntryText(rows[3].entry.clone()));
    assert_eq!(text(all.await), Some(words));
    let unknown = talk.session.send(Command::EntryText("nowhere".into()));
    assert_eq!(text(unknown.await), None);
}
