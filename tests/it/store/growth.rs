//! How a session grows: when it reaches the disk, in what form, and who may write it.

use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use pi::ai::{Message, ThinkingLevel, Usage};
use pi::store::{Access, Error, Kind, Scope, Store, Summary};
use serde_json::{Value, json};

use super::{
    answer, clock, is_alone, limit_files, message, note, open, result, rich_session, shown,
};

#[test]
fn the_first_prompt_makes_the_file_and_brings_what_was_chosen_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("--work--");
    let mut store = Store::create(&folder, Path::new("/work"), None, None, clock());
    store.append_model_change("p", "m").unwrap();
    store.append_thinking_change(ThinkingLevel::Low).unwrap();
    assert!(!folder.exists());
    assert_eq!(store.unsaved(), 2);
    store.append_message(&Message::user("hi", 7)).unwrap();
    assert_eq!(store.unsaved(), 0);
    let path = store.path().unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    assert_eq!(
        name,
        format!("2024-12-03T14-00-00-000Z_{}.jsonl", store.id())
    );
    let lines: Vec<Value> = fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let at = "2024-12-03T14:00:00.000Z";
    let id = |index: usize| lines[index]["id"].clone();
    assert_eq!(
        lines,
        [
            json!({"type": "session", "version": 3, "id": store.id(), "timestamp": at, "cwd": "/work"}),
            json!({"type": "model_change", "id": id(1), "parentId": null, "timestamp": at, "provider": "p", "modelId": "m"}),
            json!({"type": "thinking_level_change", "id": id(2), "parentId": id(1), "timestamp": at, "thinkingLevel": "low"}),
            json!({"type": "message", "id": id(3), "parentId": id(2), "timestamp": at, "message": {"role": "user", "content": [{"type": "text", "text": "hi"}], "timestamp": 7}}),
        ]
    );
    for index in 1..4 {
        let id = id(index);
        let id = id.as_str().unwrap();
        assert!(
            id.len() == 8 && id.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{id}"
        );
    }
    store.sync().unwrap();
}

#[test]
fn a_session_in_which_nothing_was_said_leaves_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(dir.path(), Path::new("/work"), None, None, clock());
    store.append_model_change("p", "m").unwrap();
    drop(store);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn what_was_written_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let opened = open(&path);
    let store = opened.store;
    assert_eq!(opened.damage, []);
    assert_eq!(
        shown(&store),
        ["first \"quoted\" \u{1F600}", "one", "what was", "third"]
    );
    assert_eq!((store.id(), store.name()), ("rich", Some("A name")));
    assert_eq!(store.cwd(), Path::new("/work"));
    let context = store.context();
    assert_eq!(context.thinking.as_deref(), Some("high"));
    assert_eq!(context.model.map(|model| model.id), Some("claude".into()));
    assert_eq!(context.messages.len(), 4);
    assert_eq!(store.last_usage().unwrap().total_tokens, 10);
    let counts = store.totals().counts;
    assert_eq!(
        (
            counts.user,
            counts.assistant,
            counts.tool_calls,
            counts.tool_results
        ),
        (3, 1, 1, 1)
    );
    assert_eq!(store.totals().usage.cost.total, 0.5);
    let first = store
        .tree()
        .nodes()
        .iter()
        .position(|node| node.kind == Kind::Message);
    let first = store.tree().id(first.unwrap() as u32);
    assert_eq!(store.label(first.as_str()).unwrap().0, "start");
}

#[test]
fn a_compaction_hides_what_it_summarised_until_everything_is_asked_for() {
    let mut store = Store::in_memory(Path::new("/work"), None, clock());
    store.append_message(&Message::user("old", 1)).unwrap();
    let kept = store.append_message(&answer("kept")).unwrap();
    store.append_message(&result("kept too")).unwrap();
    assert_eq!(store.last_usage().unwrap().total_tokens, 10);
    let before = store.branch();
    let summary = Summary {
        text: "sum".into(),
        ..Summary::default()
    };
    store
        .append_compaction(&summary, kept.as_str(), 50)
        .unwrap();
    store.append_custom_message(&note("new")).unwrap();
    assert_eq!(shown(&store), ["sum", "kept", "kept too", "new"]);
    assert_eq!(store.context().messages.len(), 4);
    assert_eq!(store.last_usage(), None);
    let all = store.branch_in(Scope::Everything);
    let roles: Vec<_> = (0..all.len())
        .map(|at| all.message(at).unwrap().role())
        .collect();
    assert_eq!(
        roles,
        [
            "user",
            "assistant",
            "toolResult",
            "compactionSummary",
            "custom"
        ]
    );
    assert_eq!(before.len(), 3, "a snapshot does not change");
    assert_eq!(store.path(), None);
}

#[test]
fn moving_the_leaf_branches_and_the_last_entry_is_the_leaf_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(dir.path(), Path::new("/work"), None, None, clock());
    let root = store.append_message(&Message::user("a", 1)).unwrap();
    store.append_message(&answer("b")).unwrap();
    let snapshot = store.branch();
    store.set_leaf(Some(root.as_str())).unwrap();
    store.append_message(&answer("c")).unwrap();
    assert_eq!(shown(&store), ["a", "c"]);
    assert_eq!(super::text(&snapshot.message(1).unwrap()), "b");
    store.set_leaf(None).unwrap();
    assert!(store.branch().is_empty());
    let missing = store.set_leaf(Some("ffffffff0")).unwrap_err();
    assert_eq!(missing.to_string(), "no entry ffffffff0 in this session");
    store.append_message(&Message::user("d", 1)).unwrap();
    let path = store.path().unwrap();
    drop(store);
    let store = open(&path).store;
    assert_eq!(shown(&store), ["d"]);
    assert_eq!(store.tree().children(None).len(), 2);
}

#[test]
fn unknown_entries_and_fields_stay_on_disk_and_in_the_tree() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new.jsonl");
    let content = concat!(
        r#"{"type":"session","version":3,"id":"a","timestamp":"2026-01-01T00:00:00.000Z","cwd":"/w","novel":[1]}"#,
        "\n",
        r#"{"type":"message","id":"00000001","parentId":null,"timestamp":"2026-01-01T00:00:00.000Z","novel":1,"message":{"role":"user","content":"x","mood":"fine","timestamp":1}}"#,
        "\n",
        r#"{"type":"context_edit","id":"00000002","parentId":"00000001","timestamp":"2026-01-01T00:00:00.000Z","what":{"deep":[null]}}"#,
        "\n",
        r#"{"timestamp":"2026-01-01T00:00:00.000Z","message":{"timestamp":2,"content":"late type","role":"user"},"parentId":"00000002","id":"LONG-ID-3","type":"message"}"#,
        "\n",
    );
    fs::write(&path, content).unwrap();
    let mut opened = open(&path);
    assert_eq!(opened.damage, []);
    assert_eq!(shown(&opened.store), ["x", "late type"]);
    opened.store.append_message(&Message::user("y", 3)).unwrap();
    drop(opened);
    let after = fs::read_to_string(&path).unwrap();
    let added = after.strip_prefix(content).unwrap();
    assert!(added.contains(r#""parentId":"LONG-ID-3""#), "{added}");
    let store = open(&path).store;
    assert_eq!(
        store.entry("00000002").unwrap()["what"],
        json!({"deep": [null]})
    );
    assert_eq!(store.entry("00000001").unwrap()["message"]["mood"], "fine");
}

#[test]
fn of_sixteen_writers_one_is_let_in_and_the_others_are_told_who_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let (start, refused) = (Barrier::new(16), AtomicUsize::new(0));
    let end = Barrier::new(16);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                start.wait();
                let opened = Store::open(&path, Access::Write, clock());
                match &opened {
                    Ok(_) => {}
                    Err(Error::InUse { path: busy, pid }) => {
                        assert_eq!(busy, &path);
                        assert!(pid.is_none_or(|pid| pid == std::process::id()));
                        refused.fetch_add(1, Ordering::SeqCst);
                    }
                    Err(other) => panic!("{other}"),
                }
                end.wait();
                drop(opened);
            });
        }
    });
    assert_eq!(refused.load(Ordering::SeqCst), 15);
    let reader = Store::open(&path, Access::Read, clock()).unwrap();
    drop(open(&path));
    assert_eq!(reader.store.branch().len(), 4);
}

#[test]
fn of_sixteen_sessions_begun_with_one_id_one_gets_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let (start, made) = (Barrier::new(16), AtomicUsize::new(0));
    let end = Barrier::new(16);
    std::thread::scope(|scope| {
        for at in 0..16 {
            let (dir, start, end, made) = (dir.path(), &start, &end, &made);
            scope.spawn(move || {
                let clock = pi::ai::Clock::fixed(super::NOON + at);
                let id = Some("shared".to_string());
                let mut store = Store::create(dir, Path::new("/w"), id, None, clock);
                start.wait();
                match store.append_message(&Message::user("hi", 1)) {
                    Ok(_) => made.fetch_add(1, Ordering::SeqCst),
                    Err(Error::Exists { .. } | Error::InUse { .. }) => 0,
                    Err(other) => panic!("{other}"),
                };
                end.wait();
            });
        }
    });
    assert_eq!(made.load(Ordering::SeqCst), 1);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_session_open_for_reading_is_never_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let before = fs::read(&path).unwrap();
    let mut store = Store::open(&path, Access::Read, clock()).unwrap().store;
    let leaf = store.leaf();
    let refused = store.append_message(&Message::user("no", 1));
    assert!(matches!(refused, Err(Error::ReadOnly { .. })));
    assert_eq!(store.leaf(), leaf);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_place_that_cannot_be_written_is_named_and_the_conversation_goes_on_until_it_can() {
    let dir = tempfile::tempdir().unwrap();
    // A file where the folder should be: refused for every user, root included.
    let folder = dir.path().join("sessions");
    fs::write(&folder, "in the way").unwrap();
    let mut store = Store::create(&folder, Path::new("/work"), None, None, clock());
    let error = store.append_message(&Message::user("one", 1)).unwrap_err();
    assert!(
        matches!(error, Error::Write { .. }) && error.to_string().contains("sessions"),
        "{error}"
    );
    store.append_message(&answer("two")).unwrap_err();
    assert_eq!(store.unsaved(), 2);
    assert_eq!(shown(&store), ["one", "two"]);
    fs::remove_file(&folder).unwrap();
    store.append_message(&Message::user("three", 1)).unwrap();
    assert_eq!(store.unsaved(), 0);
    let path = store.path().unwrap();
    assert_eq!(shown(&store), ["one", "two", "three"]);
    drop(store);
    assert_eq!(shown(&open(&path).store), ["one", "two", "three"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_the_conversation_goes_on_in_memory() {
    let full = Path::new("/dev/full");
    let mut store = Store::create_at(full, Path::new("/work"), None, clock());
    for text in ["one", "two"] {
        match store.append_message(&Message::user(text, 1)) {
            Err(Error::Write { path, source }) => {
                assert_eq!(path, full);
                assert_eq!(source.kind(), std::io::ErrorKind::StorageFull);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(store.unsaved(), 2);
    assert_eq!(shown(&store), ["one", "two"]);
}

/// Runs in a process of its own: the limit on file sizes holds for all of a process.
#[cfg(unix)]
#[test]
fn a_line_of_which_the_disk_took_only_half_is_finished_when_there_is_room() {
    if !is_alone(
        "store::growth::a_line_of_which_the_disk_took_only_half_is_finished_when_there_is_room",
    ) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let whole = fs::metadata(&path).unwrap().len();
    let mut store = open(&path).store;
    limit_files(whole + 50);
    store.append_message(&Message::user("half", 1)).unwrap_err();
    assert_eq!(fs::metadata(&path).unwrap().len(), whole + 50);
    store.append_message(&Message::user("none", 1)).unwrap_err();
    assert_eq!(store.unsaved(), 2);
    assert_eq!(shown(&store)[4..], ["half", "none"]);
    limit_files(libc::RLIM_INFINITY);
    store.append_message(&Message::user("all", 1)).unwrap();
    assert_eq!(store.unsaved(), 0);
    assert_eq!(shown(&store)[4..], ["half", "none", "all"]);
    drop(store);
    let opened = open(&path);
    assert_eq!(opened.damage, []);
    assert_eq!(shown(&opened.store)[4..], ["half", "none", "all"]);
}

#[test]
fn a_branch_that_is_still_shown_does_not_hold_the_lease() {
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let store = open(&path).store;
    let branch = store.branch();
    assert!(matches!(
        Store::open(&path, Access::Write, clock()).err(),
        Some(Error::InUse { .. })
    ));
    drop(store);
    open(&path);
    assert_eq!(super::text(&branch.message(3).unwrap()), "third");
}

#[test]
fn an_empty_file_that_is_named_becomes_the_session_and_any_other_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mine.jsonl");
    fs::write(&path, "").unwrap();
    let mut store = Store::create_at(&path, Path::new("/work"), None, clock());
    store.append_message(&Message::user("hi", 1)).unwrap();
    drop(store);
    assert_eq!(shown(&open(&path).store), ["hi"]);
    let before = fs::read(&path).unwrap();
    let mut other = Store::create_at(&path, Path::new("/work"), None, clock());
    let refused = other.append_message(&Message::user("no", 1));
    assert!(matches!(refused, Err(Error::Exists { .. })));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn lines_that_another_program_appended_meanwhile_are_kept_apart() {
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let mut store = open(&path).store;
    store.append_message(&Message::user("ours", 1)).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend_from_slice(br#"{"type":"message","id":"0badf00d","parentId":null,"timestamp":"","message":{"role":"user","content":"theirs"}}"#);
    fs::write(&path, &bytes).unwrap();
    store
        .append_message(&Message::user("ours again", 1))
        .unwrap();
    assert_eq!(shown(&store).last().map(String::as_str), Some("ours again"));
    drop(store);
    let store = open(&path).store;
    assert_eq!(shown(&store)[4..], ["ours", "ours again"]);
    assert_eq!(
        store.entry("0badf00d").unwrap()["message"]["content"],
        "theirs"
    );
}

#[test]
fn summaries_are_not_appended_as_messages() {
    let mut store = Store::in_memory(Path::new("/work"), None, clock());
    let summary = message(json!({"role": "compactionSummary", "summary": "s"}));
    assert!(matches!(
        store.append_message(&summary),
        Err(Error::NotAMessage { .. })
    ));
    assert!(store.tree().is_empty());
}

#[test]
fn what_summaries_took_counts_in_the_totals_now_and_when_the_file_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(dir.path(), Path::new("/work"), None, None, clock());
    let first = store.append_message(&Message::user("one", 1)).unwrap();
    store.append_message(&answer("kept")).unwrap();
    let took = |input| Usage {
        input,
        total_tokens: input,
        ..Usage::default()
    };
    let summary = |input| Summary {
        text: "sum \"usage\":{".into(),
        details: Some(json!({"usage": {"input": 7}})),
        usage: Some(took(input)),
        from_hook: Some(false),
    };
    store
        .append_compaction(&summary(100), first.as_str(), 9)
        .unwrap();
    store
        .append_branch_summary(Some(first.as_str()), &summary(1_000))
        .unwrap();
    let totals = *store.totals();
    assert_eq!(totals.usage.total_tokens, 10 + 100 + 1_000);
    assert_eq!(totals.counts.messages, 2);
    let path = store.path().unwrap();
    drop(store);
    assert_eq!(*open(&path).store.totals(), totals);
}
